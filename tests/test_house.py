"""The house keeps its shape: arrows run one way, no circle, a question has one name on its floors, only commands print."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path, PurePath

import pytest

from places import ROOT, TESTS
from t2v_capacity.commands.app import COMMANDS

PACKAGE = ROOT / "src" / "t2v_capacity"
# From the top floor down: a room imports from those below it, and from its own.
FLOORS = (
    "__main__",
    "commands",
    "api",
    "reports.handover",
    "reports.answers",
    "reports.schema",
    "reports.forms",
    "questions.change",
    "questions.review",
    "questions.search",
    "questions.what_if",
    "questions.measured",
    "questions.plan",
    "scenario",
    "catalogue",
    "files",
    "vocabulary",
    "formulas",
    "engine",
    "errors",
    "",
)
# Commands that show what no question has to find.
_NO_QUESTION = {"export", "init", "schema", "list"}


def modules() -> dict[str, Path]:
    """Return every module of the package by its name below it."""
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").rstrip("."): path
        for path in sorted(PACKAGE.rglob("*.py"))
    }


MODULES = modules()


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return all of a file's syntax, read once."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def imported(path: Path) -> Iterator[str]:
    """Yield the modules of the package that a file imports, within functions too."""
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "t2v_capacity":
            base = (node.module or "").partition(".")[2]
            for alias in node.names:
                inner = f"{base}.{alias.name}".lstrip(".")
                yield inner if inner in MODULES else base
        elif isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[2] for alias in node.names if alias.name.startswith("t2v_capacity"))


def arrows() -> dict[str, set[str]]:
    """Return what each module imports of the package; its face, which imports lazily what it offers, draws none."""
    return {name: {other for other in imported(path) if other != name} for name, path in MODULES.items() if name}


def floor(module: str) -> int:
    """Return a module's floor, counted from the top."""
    return next(index for index, room in enumerate(FLOORS) if module == room or (room and module.startswith(f"{room}.")) or not room)


def test_arrows_run_one_way() -> None:
    """Nothing imports from a floor above its own, not within a function either."""
    up = [f"{name} -> {other}" for name, others in arrows().items() for other in others if floor(other) < floor(name)]

    assert up == []


def test_no_files_of_a_folder_import_each_other_in_a_circle() -> None:
    """There is an order in which the modules of every folder, and of the whole, can be read."""
    try:
        list(TopologicalSorter(arrows()).static_order())
    except CycleError as error:
        pytest.fail(f"a circle: {' -> '.join(error.args[1])}")


def test_every_module_is_reached() -> None:
    """Each module is imported by another, but for the two that people start."""
    reached = {other for others in arrows().values() for other in others} | set(imported(PACKAGE / "__init__.py"))
    started = {"__main__", "commands.app", *(module.partition(".")[2] for module in COMMANDS.values())}
    rooms = {name for name, path in MODULES.items() if path.name == "__init__.py"}

    assert set(MODULES) - reached - started - rooms == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_question_has_one_name_on_its_floors(command: str) -> None:
    """A command, the question that it asks and what its answer looks like are files of one name."""
    stems = {folder: {path.stem for path in (PACKAGE / folder).rglob("*.py")} for folder in ("commands", "questions", "reports")}
    folders = {path.name for path in (PACKAGE / "reports").iterdir() if path.is_dir()}

    assert command in stems["commands"]
    assert command in stems["reports"] | folders
    assert (command in stems["questions"]) != (command in _NO_QUESTION)


def test_an_answer_is_named_as_its_command() -> None:
    """What an answer looks like stands in a file of its command's name, or of that and a word more; likewise a command's files."""
    for folder in ("reports/answers", "commands"):
        named = {path.stem for path in (PACKAGE / folder).glob("*.py")} - {
            "__init__",
            "app",
            "completion",
            "door",
            "flags",
            "output",
            "usage",
        }
        assert [stem for stem in named if not any(stem == command or stem.startswith(f"{command}_") for command in COMMANDS)] == []


def test_only_commands_print() -> None:
    """No floor below the commands writes to standard output or error, reads the arguments or exits; reports print on a terminal."""
    for name, path in MODULES.items():
        if floor(name) <= FLOORS.index("commands") or name == "reports.forms.terminal":
            continue
        for node in nodes(path):
            said = ast.unparse(node) if isinstance(node, (ast.Call, ast.Attribute)) else ""
            assert not said.startswith(("print(", "sys.stdout", "sys.stderr", "sys.exit", "sys.argv")), f"{name}: {said}"


def test_each_library_has_its_floor() -> None:
    """Typer is imported by commands alone, rich by the terminal's form and the commands' bar."""
    at_home = {"typer": ("commands.",), "rich": ("reports.forms.terminal", "commands.output")}
    for name, path in MODULES.items():
        for node in nodes(path):
            names = (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else []
            )
            for library, homes in at_home.items():
                if any(one.split(".")[0] == library for one in names):
                    assert name.startswith(homes), f"{name} imports {library}"


def test_no_test_module_imports_another() -> None:
    """What several test modules need stands in none of them: each can be moved, and run, alone."""
    modules = sorted(TESTS.rglob("test_*.py"))
    stems = {path.stem for path in modules}
    found = [
        str(path.relative_to(ROOT))
        for path in modules
        for node in nodes(path)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        if not stems.isdisjoint(name.split("."))
    ]

    assert len(modules) > 40
    assert found == []


if __name__ == "__main__":
    drawn = arrows()
    rooms = {tuple(name.split(".")[:-1]) for name in drawn}
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES.values())
    sys.stdout.write(f"{len(MODULES)} modules in {len(rooms)} rooms, {lines} lines, {sum(map(len, drawn.values()))} arrows\n")


def test_a_long_file_answers_why() -> None:
    """The files of the package with more than 300 lines are those for which docs/contributing.md says why."""
    page = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
    section = page.partition("## Long files")[2].partition("\n## ")[0]
    long = {path.relative_to(PACKAGE).as_posix() for path in MODULES.values() if len(path.read_text(encoding="utf-8").splitlines()) > 300}

    assert set(re.findall(r"`(\S+\.py)`", section)) == long


def test_every_kind_of_file_travels() -> None:
    """Whatever lies in the package is of a kind that the wheel takes: one that is left behind is missed only where it is installed."""
    package = ROOT / "src" / "t2v_capacity"
    taken = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]["include"]
    kinds = {path.suffix for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts and path.name != "py.typed"}

    assert kinds == {PurePath(pattern).suffix for pattern in taken if "*" in pattern}


def test_the_top_level_is_fixed() -> None:
    """Beside dot files, and what a build leaves, the top level holds what it was given and nothing that a test wrote there."""
    fixed = {"LICENSE", "README.md", "docs", "pyproject.toml", "scenarios", "src", "tests"}

    assert {path.name for path in ROOT.iterdir() if not path.name.startswith(".")} - {"build", "dist"} == fixed
