"""What a start imports and opens: time is lost there first. tests/benchmarks/goals.py measures the time itself."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from goldens import asked
from places import ROOT
from shared import Program, some, write
from t2v_capacity.catalogue import KINDS
from t2v_capacity.cli.app import COMMANDS
from texts import Recorded

pytestmark = pytest.mark.wide

MOCHI = "scenarios/mochi.yaml"

# Runs the program, and tells on standard error how it ends, which modules are loaded and which files were opened.
PROBE = """
import json, sys
opened = []
sys.addaudithook(lambda event, details: opened.append(str(details[0])) if event == "open" else None)
from t2v_capacity.cli.app import run
code = run(sys.argv[1:])
sys.stderr.write(json.dumps([code, sorted(sys.modules), opened]))
"""
# Runs the program, and tells on standard error of which kinds it parsed entries of the package's catalogue.
PARSED = """
import json, sys
from t2v_capacity.catalogue import compiled
parse, kinds = compiled._compiled_entry, set()
compiled._compiled_entry = lambda kind, own_id: kinds.add(kind) or parse(kind, own_id)
from t2v_capacity.cli.app import run
code = run(sys.argv[1:])
sys.stderr.write(json.dumps([code, sorted(kinds)]))
"""
# The first question of each command that the golden matrix asks.
CALLS = {"accuracy": ["accuracy"], **{command: [command, *line] for command, _name, line in reversed([*asked()])}}
CALLS["calibrate"][1] = "scenarios/wan2.2-h100.yaml"  # whose runs the model can explain
WITHOUT_FORMAT = {"init", "schema", "export"}
ON_ARRAYS = {"forecast", "actuals", "calibrate"}  # the latter draws the ranges of the plan, before and after


class Start(NamedTuple):
    """What one start loaded, and the catalogue files that it opened."""

    modules: set[str]
    catalogues: set[str]


@cache
def start(*arguments: str) -> Start:
    """Return what a start with these arguments loads and opens, its output piped."""
    modules, opened = probed(PROBE, *arguments)
    paths = [Path(path) for path in opened]
    return Start(
        set(modules), {path.name for path in paths if path.parent.name == "catalogue" and path.suffix == ".yaml"}
    )


@cache
def read(*arguments: str) -> set[str]:
    """Return the catalogue files of which a start with these arguments parses compiled entries."""
    (kinds,) = probed(PARSED, *arguments)
    return {KINDS[kind].file for kind in kinds}


def probed(probe: str, *arguments: str) -> list[list[str]]:
    """Return what a probe tells of a start with these arguments, which ends well."""
    done = subprocess.run(
        [sys.executable, "-c", probe, *arguments], cwd=ROOT, capture_output=True, check=True, text=True
    )
    code: int
    lists: list[list[str]]
    code, *lists = json.loads(done.stderr.splitlines()[-1])
    assert code == 0
    return lists


@pytest.mark.parametrize("command", some(CALLS, 6))
@pytest.mark.parametrize("form", ["table", pytest.param("json", marks=pytest.mark.slow)])
def test_no_command_loads_what_it_does_not_show(command: str, form: str, tmp_path: Path) -> None:
    """A command whose answer is piped loads nothing that it does not show.

    It never loads rich, what plots or workbooks need, numpy unless it computes on arrays, another command's module, or
    what only mistakes, shells and tests need.
    """
    call = [str(tmp_path / argument) if argument.startswith("OUT.") else argument for argument in CALLS[command]]
    modules = start(*call, *([] if command in WITHOUT_FORMAT else ["--format", form])).modules
    others = {f"t2v_capacity.cli.{name}" for name in COMMANDS if name != command}

    assert modules.isdisjoint({"rich", "matplotlib", "xlsxwriter", "pint", "hypothesis", "pytest", *others})
    assert modules.isdisjoint({"t2v_capacity.assumptions.synonyms"})
    assert ("numpy" in modules) == (command in ON_ARRAYS)


def test_every_command_is_started() -> None:
    """No command is left out of these tests."""
    assert set(CALLS) == set(COMMANDS)


def test_version_loads_no_domain() -> None:
    """The program's version is told without pydantic, yaml or a formula."""
    assert start("--version").modules.isdisjoint({"pydantic", "yaml", "rich", "numpy", "t2v_capacity.formulas"})


def test_a_start_opens_what_it_shows(tmp_path: Path) -> None:
    """Lists read their own catalogue alone, and none opens its YAML but to print an entry.

    A scenario that chooses nothing reads no model and no fact. Where its warnings are shown, the options that it could
    choose are tried, with the format that the model's VAE then has. Prices are read by an estimate alone.
    """
    scenario = write("dau: 1M\nduration: 6 s\n", tmp_path / "plain.yaml")
    # Of each choice, the tiers of egress, and the GPU, whose generation says which published runs are near.
    options = {"efficiencies.yaml", "gpus.yaml", "models.yaml", "options.yaml"}
    prices = {*options, "prices.yaml"}  # others of the GPU, which an estimate advises on

    assert "models.yaml" not in read("list", "gpus")
    assert "gpus.yaml" not in read("list", "models")
    assert read("list", "figures") == start("list", "figures").catalogues == set()
    assert read("sweep", scenario, "--over", "dau=1M,2M", "--format", "json") == options
    assert read("explain", scenario, "trps", "--format", "json") == set()
    assert read("estimate", scenario, "--format", "json") == read("estimate", scenario) == prices
    as_json = start("estimate", scenario, "--format", "json")
    assert as_json.catalogues == start("estimate", scenario).catalogues == set()
    assert start("list", "gpus", "h100-sxm").catalogues == {"gpus.yaml"}
    # The last one reads syntax trees for people.
    assert as_json.modules.isdisjoint({"rich", "numpy", "t2v_capacity.forms.formula_text"})
    assert "models.yaml" in read(
        "estimate", write("model: mochi-1-preview\n", tmp_path / "chosen.yaml"), "--format", "json"
    )


def test_completion_loads_nothing_heavy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Completing loads neither rich nor numpy, nor a command that isn't on the line."""
    monkeypatch.setenv("_T2V_CAP_COMPLETE", "complete_zsh")
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", "t2v-cap estimate --da")

    modules = start().modules

    assert modules.isdisjoint(
        {"rich", "numpy", *(f"t2v_capacity.cli.{name}" for name in COMMANDS if name != "estimate")}
    )


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("numpy", ("forecast", MOCHI)),
        ("numpy", ("estimate", MOCHI, "--dau", "1M to 2M")),
        ("numpy", ("actuals", MOCHI, "tests/golden/october.yaml")),
        ("xlsxwriter", ("export", MOCHI, "plan.xlsx")),
        ("matplotlib", ("compare", MOCHI, "--gpu", "h100-sxm", "--plot", "plan.svg")),
    ],
)
def test_a_library_that_is_missing_is_named(
    module: str,
    line: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    t2v_cap: Program,
    tmp_path: Path,
    recorded: Recorded,
) -> None:
    """A question that takes a library that is not installed says which extra installs it, and writes nothing."""
    for name in [
        name
        for name in sys.modules
        if name.split(".")[0] == module or name.startswith("t2v_capacity.handover.workbook")
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    arguments = [str(tmp_path / part) if part.startswith("plan.") else part for part in line]

    recorded(t2v_cap(*arguments, code=2).err)
    assert list(tmp_path.iterdir()) == []
