"""The house keeps its shape: arrows run one way, no circle, a question has one name on its floors, only commands print."""

import ast
import re
import tomllib
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path, PurePath

import pytest

from house import FILES, FLOORS, MODULES, PACKAGE, arrows, floor, nodes
from places import ROOT, TOP, ours
from shared import over
from t2v_capacity.cli.app import COMMANDS
from t2v_capacity.formulas import FIGURES

# Lines of Python that a room may have. The numbers go down: a change that needs more takes as much out of it, or of another room.
ROOMS = {
    "engine": 332,
    "formulas": 3485,
    "assumptions": 1839,
    "catalogue": 1005,
    "scenario": 1438,
    "files": 835,
    "plan": 3484,
    "questions": 6785,
    "answers": 4706,
    "forms tables": 1590,
    "handover": 2071,
    "schema api cli": 2639,
    "": 326,  # the ground
}
# What the rooms may have beyond their numbers together, for what is still to be built; docs/contributing.md says how it is used.
SPARE = 300
# Commands that show what no question has to find.
_NO_QUESTION = {"export", "init", "schema", "list"}


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
    reached = {other for others in arrows().values() for other in others}
    started = {"__main__", "cli.app", *(f"cli.{name}" for name in COMMANDS)}
    rooms = {name for name, path in MODULES.items() if path.name == "__init__.py"}

    assert set(MODULES) - reached - started - rooms == set()


@over(("command", COMMANDS))
def test_a_question_has_one_name_on_its_floors(command: str) -> None:
    """A command, the question that it asks and what its answer looks like are files of one name."""
    stems = {
        folder: {path.stem for path in MODULES.values() if path.is_relative_to(PACKAGE / folder)}
        for folder in ("cli", "questions", "answers", "handover")
    }

    assert command in stems["cli"]
    assert command in stems["answers"] | stems["handover"] | {"schema"}
    assert (command in stems["questions"]) != (command in _NO_QUESTION)


def test_an_answer_is_named_as_its_command() -> None:
    """What an answer looks like stands in a file of its command's name, or of that and a word more; likewise a command's files."""
    for folder in ("answers", "cli"):
        named = {path.stem for path in MODULES.values() if path.parent == PACKAGE / folder} - {
            "__init__",
            "app",
            "command_options",
            "flags",
            "output",
            "usage",
        }
        assert [
            stem for stem in named if not any(stem == command or stem.startswith(f"{command}_") for command in COMMANDS)
        ] == []


def test_only_commands_print() -> None:
    """No floor below the command line writes to standard output or error, reads the arguments or exits; reports print on a terminal."""
    for name, path in MODULES.items():
        if floor(name) <= FLOORS.index("cli") or name == "tables.terminal":
            continue
        for node in nodes(path):
            assert not (isinstance(node, ast.Name) and node.id == "print"), name
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "sys":
                assert node.attr not in {"stdout", "stderr", "exit", "argv"}, name


def test_an_answer_asks_nothing() -> None:
    """An answer shows a record: it calls no function of a question, and what writes any answer imports none."""
    called = [
        f"{name} calls {node.func.id} of {asked[node.func.id]}"
        for name, path in MODULES.items()
        if name.startswith("answers.")
        for asked in (_asked(path),)
        for node in nodes(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in asked
    ]
    imported_by_forms = [
        f"{name} -> {other}"
        for name, others in arrows().items()
        if name.startswith("forms.")
        for other in others
        if other.startswith("questions.")
    ]

    assert called == []
    assert imported_by_forms == []


def _asked(path: Path) -> dict[str, str]:
    """Return the functions that a file imports from questions, and from which; what begins with a capital is a type."""
    found = (
        node
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("t2v_capacity.questions.")
    )
    return {
        alias.asname or alias.name: node.module or ""
        for node in found
        for alias in node.names
        if alias.name[0].islower()
    }


def test_the_engine_names_no_figure() -> None:
    """The engine evaluates whatever figures there are: none of its texts is the name of one."""
    named = {
        f"{name}: {node.value}"
        for name, path in MODULES.items()
        if name.startswith("engine.")
        for node in nodes(path)
        if isinstance(node, ast.Constant) and node.value in FIGURES
    }

    assert named == set()


def test_each_library_has_its_floor() -> None:
    """Typer is imported by commands alone, rich by the terminal's form and the commands' bar, matplotlib by the form of plots."""
    at_home = {"typer": ("cli.",), "rich": ("tables.terminal", "cli.output"), "matplotlib": ("forms.plot",)}
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
    modules = [path for path in ours("tests") if path.match("test_*.py")]
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


def test_a_long_file_answers_why() -> None:
    """The files of the package with more than 300 lines are those for which docs/contributing.md says why."""
    page = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
    section = page.partition("## Long files")[2].partition("\n## ")[0]
    long = {
        path.relative_to(PACKAGE).as_posix()
        for path in MODULES.values()
        if len(path.read_text(encoding="utf-8").splitlines()) > 300
    }

    assert set(re.findall(r"`(\S+\.py)`", section)) == long


def test_no_room_grows() -> None:
    """Each room has at most its lines, all together have at most the spare ones beyond that, and every module is in a room."""
    lines = Counter[str]()
    for path in FILES:
        if path.suffix == ".py":
            top = path.relative_to(PACKAGE).parts
            room = top[0] if len(top) > 1 else ""
            lines[next(one for one in ROOMS if room in one.split() or room == one)] += len(
                path.read_text(encoding="utf-8").splitlines()
            )

    beyond = {room: count - ROOMS[room] for room, count in lines.items() if count > ROOMS[room]}
    assert sum(beyond.values()) <= SPARE, beyond


def test_every_kind_of_file_travels() -> None:
    """Whatever lies in the package is of a kind that the wheel takes: one that is left behind is missed only where it is installed."""
    taken = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]["include"]
    kinds = {path.suffix for path in FILES if path.name != "py.typed"}

    assert kinds == {PurePath(pattern).suffix for pattern in taken if "*" in pattern}


def test_the_top_level_is_fixed() -> None:
    """The top level holds what it was given, besides dot files; what else lies in a clone is its owner's."""
    assert {name for path in ours() if not (name := path.relative_to(ROOT).parts[0]).startswith(".")} == TOP
