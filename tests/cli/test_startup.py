"""What a start imports and opens: time is lost there first. tests/benchmarks/goals.py measures the time itself."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from places import ROOT
from shared import Program, some, write
from t2v_capacity.cli.app import COMMANDS
from texts import Recorded

pytestmark = pytest.mark.wide

MOCHI = "scenarios/mochi.yaml"

# Starts the program for each line of arguments that it reads, in a child of its own, which tells which modules the start has
# loaded and which files it has opened. What the child was born with, the modules that are named first, counts as loaded.
PROBE = """
import json, os, sys, traceback
from importlib import import_module
opened = []
sys.addaudithook(lambda event, details: opened.append(str(details[0])) if event == "open" else None)
for name in sys.argv[1:]:
    import_module(name)
for line in sys.stdin:
    reading, writing = os.pipe()
    if not (child := os.fork()):
        opened.clear()
        said = os.open(os.devnull, os.O_WRONLY)
        os.dup2(said, 1)
        try:
            from t2v_capacity.cli.app import run
            code = run(json.loads(line))
        except BaseException:
            code = traceback.format_exc()
        told = {"code": code, "modules": sorted(sys.modules), "opened": opened}
        with open(writing, "w") as out:
            json.dump(told, out)
        os._exit(0)
    os.close(writing)
    with open(reading) as told:
        sys.stdout.write(told.read() + "\\n")
    sys.stdout.flush()
    os.waitpid(child, 0)
"""
# What every command on a scenario loads of others' (a test holds it): loaded once, and not at each of these starts.
COMMON = ("typer", "pydantic", "yaml")
CALLS = {
    "estimate": ["estimate", MOCHI],
    "explain": ["explain", MOCHI, "trps"],
    "forecast": ["forecast", MOCHI, "--months", "3"],
    "total": ["total", MOCHI, "scenarios/mochi-bf16.yaml"],
    "sweep": ["sweep", MOCHI, "--over", "dau=10M..1B log 9"],
    "solve": ["solve", MOCHI, "--for", "dau", "--until", "gpus <= 10000"],
    "check": ["check", MOCHI, "--budget", "gpus <= 10M"],
    "sensitivity": ["sensitivity", MOCHI, "gpus"],
    "compare": ["compare", MOCHI, "--gpu", "h100-sxm,b200-hgx"],
    "export": ["export", MOCHI, "plan.html"],
    "accuracy": ["accuracy"],
    "calibrate": ["calibrate", MOCHI, "tests/authorities/runs_of_a_user.yaml"],
    "actuals": ["actuals", MOCHI, "tests/golden/october.yaml"],
    "fit": ["fit", "tests/authorities/requests.csv"],
    "diff": ["diff", MOCHI, "scenarios/mochi-bf16.yaml"],
    "init": ["init", "-"],
    "schema": ["schema", "diff"],
    "list": ["list", "gpus"],
}
WITHOUT_FORMAT = {"init", "schema", "export"}
ON_ARRAYS = {"forecast", "actuals"}


@dataclass(frozen=True)
class Start:
    """What one start loaded and opened."""

    modules: frozenset[str]
    opened: tuple[str, ...]

    @property
    def catalogues(self) -> set[str]:
        """The catalogue files that were opened."""
        paths = [Path(path) for path in self.opened]
        return {path.name for path in paths if path.parent.name == "catalogue" and path.suffix == ".yaml"}


class Starter:
    """A process that has loaded some modules, of which each start is a child."""

    def __init__(self, *loaded: str) -> None:
        """Load modules."""
        line = [sys.executable, "-c", PROBE, *loaded]
        self.process = subprocess.Popen(
            line, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1
        )

    def __call__(self, *arguments: str) -> Start:
        """Return what a start with these arguments loads and opens, its output piped."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{json.dumps(arguments)}\n")
        told = json.loads(self.process.stdout.readline())
        assert told["code"] == 0, told["code"]
        return Start(frozenset(told["modules"]), tuple(told["opened"]))

    def close(self) -> None:
        """Let the process end."""
        self.process.communicate()


def _starter(*loaded: str) -> Iterator[Starter]:
    starter = Starter(*loaded)
    yield starter
    starter.close()


@pytest.fixture(scope="module")
def bare() -> Iterator[Starter]:
    """Starts from nothing."""
    yield from _starter()


@pytest.fixture(scope="module")
def start() -> Iterator[Starter]:
    """Starts that find loaded what every command on a scenario loads."""
    yield from _starter(*COMMON)


@pytest.fixture(scope="module")
def as_json(bare: Starter) -> Start:
    """A start of an estimate that is written as JSON."""
    return bare("estimate", MOCHI, "--format", "json")


def test_what_is_loaded_before_is_loaded_by_each(start: Starter, as_json: Start) -> None:
    """A start that finds the common modules loaded tells of the same modules and catalogue files as one from nothing."""
    here = start("estimate", MOCHI, "--format", "json")

    assert here.modules == as_json.modules
    assert here.catalogues == as_json.catalogues


def test_json_imports_neither_rich_nor_numpy(as_json: Start) -> None:
    """An estimate as JSON loads neither rich nor numpy, nor what only tests use."""
    assert as_json.modules.isdisjoint({"rich", "numpy", "pint", "hypothesis", "pytest"})


def test_json_imports_no_ast_of_ours(as_json: Start) -> None:
    """No module of ours that JSON needs imports ast, nor inspect but for the commands' signatures.

    Typer itself imports inspect, and that imports ast, so neither can be kept out of sys.modules. What we can keep
    out is our own use: reading and walking the formulas' syntax trees, which the notation module does for people.
    """
    ours = sorted(name for name in as_json.modules if name.split(".")[0] == "t2v_capacity")

    assert "t2v_capacity.forms.formula_text" not in ours
    assert [name for name in ours if _imports(name) & {"ast", "inspect"}] == ["t2v_capacity.cli.app", "t2v_capacity.cli.command_options"]


def _imports(module: str) -> set[str]:
    """Return the top-level names of everything that a module imports anywhere in its source."""
    path = ROOT / "src" / Path(*module.split("."))
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    found = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("command", some(CALLS, 6))
@pytest.mark.parametrize("form", ["table", pytest.param("json", marks=pytest.mark.slow)])
def test_no_command_loads_what_it_does_not_show(command: str, form: str, start: Starter, tmp_path: Path) -> None:
    """A command whose answer is piped never loads rich or what plots, nor numpy unless it computes on arrays, nor another command's module, nor what only mistakes and shells need."""
    call = [str(tmp_path / argument) if argument == "plan.html" else argument for argument in CALLS[command]]
    started = start(*call, *([] if command in WITHOUT_FORMAT else ["--format", form]))
    others = {path for name, path in COMMANDS.items() if name != command}

    assert started.modules.isdisjoint({"rich", "matplotlib", "t2v_capacity.assumptions.synonyms", "t2v_capacity.cli.completion", *others})
    assert ("numpy" in started.modules) == (command in ON_ARRAYS)


@pytest.mark.parametrize(("ending", "needed"), [("html", set()), ("md", set()), ("xlsx", {"xlsxwriter"})])
def test_export_loads_what_its_file_needs(ending: str, needed: set[str], start: Starter, tmp_path: Path) -> None:
    """The writer of workbooks is loaded for a workbook alone, and nothing draws or computes on arrays where nothing has a range."""
    started = start("export", MOCHI, str(tmp_path / f"plan.{ending}"))

    assert started.modules & {"numpy", "xlsxwriter", "rich"} == needed


def test_every_command_is_started() -> None:
    """No command is left out of these tests."""
    assert set(CALLS) == set(COMMANDS)


def test_version_loads_no_domain(bare: Starter) -> None:
    """The program's version is told without pydantic, yaml or a formula."""
    assert bare("--version").modules.isdisjoint({"pydantic", "yaml", "rich", "numpy", "t2v_capacity.formulas"})


def test_lists_of_what_is_computed_parse_no_catalogue(start: Starter) -> None:
    """The list of figures opens no catalogue file."""
    assert start("list", "figures").catalogues == set()


def test_lists_open_their_own_catalogue_alone(start: Starter) -> None:
    """The list of GPUs doesn't open the models, nor the other way round."""
    assert "models.yaml" not in start("list", "gpus").catalogues
    assert "gpus.yaml" not in start("list", "models").catalogues


def test_scenario_without_choices_opens_no_catalogue(start: Starter, tmp_path: Path) -> None:
    """A scenario that chooses nothing opens no model and no fact; where its warnings are shown the options that it could choose are tried, and prices by an estimate alone."""
    scenario = tmp_path / "plain.yaml"
    write("dau: 1M\nduration: 6 s\n", scenario)
    gpu = {"efficiencies.yaml", "gpus.yaml"}  # whose generation says which published runs are near
    options = {*gpu, "options.yaml"}  # of each choice, and the tiers of egress
    prices = {*options, "prices.yaml"}  # others of the GPU, which an estimate advises on

    assert start("sweep", str(scenario), "--over", "dau=1M,2M", "--format", "json").catalogues == options
    assert start("explain", str(scenario), "trps", "--format", "json").catalogues == set()
    assert start("estimate", str(scenario), "--format", "json").catalogues == prices
    assert start("estimate", str(scenario)).catalogues == prices


def test_a_choice_opens_what_it_needs(start: Starter, tmp_path: Path) -> None:
    """A scenario that chooses a model opens the models: the probe sees what is opened."""
    scenario = tmp_path / "chosen.yaml"
    write("model: mochi-1-preview\n", scenario)

    assert "models.yaml" in start("estimate", str(scenario), "--format", "json").catalogues


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("numpy", ("forecast", MOCHI)),
        ("numpy", ("estimate", MOCHI, "--dau", "1M to 2M")),
        ("numpy", ("actuals", MOCHI, "tests/golden/october.yaml")),
        ("xlsxwriter", ("export", MOCHI, "plan.xlsx")),
    ],
)
def test_a_library_that_is_missing_is_named(
    module: str, line: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, t2v_cap: Program, tmp_path: Path, recorded: Recorded
) -> None:
    """A question that takes a library that is not installed says which extra installs it, and writes nothing."""
    for name in [name for name in sys.modules if name.split(".")[0] == module or name.startswith("t2v_capacity.handover.workbook")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    arguments = [str(tmp_path / part) if part == "plan.xlsx" else part for part in line]

    recorded(t2v_cap(*arguments, code=2).err)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [
        ("estimate", MOCHI),
        ("estimate", MOCHI, "--format", "json"),
        ("diff", MOCHI, "--dau", "2M"),
        ("check", MOCHI),
        ("explain", MOCHI, "gpus"),
    ],
    ids=" ".join,
)
def test_the_base_install_answers(line: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, t2v_cap: Program) -> None:
    """Without the extras a plan, a change, a check and an explanation are answered."""
    for module in ("numpy", "xlsxwriter"):
        monkeypatch.setitem(sys.modules, module, None)

    assert t2v_cap(*line).out
