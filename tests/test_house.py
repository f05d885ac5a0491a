"""The house keeps its shape: arrows run one way, a question has one name on its floors, only commands print."""

import ast
import io
import re
import tokenize
import tomllib
from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path, PurePath

import pytest

from house import FILES, FLOORS, MODULES, PACKAGE, arrows, floor, nodes
from places import ROOT, TOP, ours
from shared import over
from t2v_capacity.cli.app import COMMANDS
from t2v_capacity.formulas import FIGURES

# Tokens of code that a room may have: without comments, docstrings, brackets and commas, so that packing lines is no
# saving. A commit that raises a limit says what it buys.
ROOMS = {
    "engine": 1_389,
    "formulas": 12_197,
    "assumptions": 7_876,
    "catalogue": 6_782,
    "scenario": 10_470,
    "files": 4_161,
    "plan": 24_432,
    "questions": 38_854,
    "answers": 27_080,
    "forms": 7_625,
    "tables": 888,
    "handover": 14_502,
    "measured": 24_007,
    "schema": 1_154,
    "api": 4_713,
    "cli": 6_775,
    "": 1_187,  # the ground
}
MOST_TOKENS = 194_092  # of all rooms
MOST_OF_THE_CORE = 170_085  # of all but the measured wing
MOST_LISTED, TABLES_OF_FIGURES = 6, 3  # figures that a module names in one list, and longer lists: those of screens
LONG, MOST_LONG = 420, 8  # lines of a long file, and how many files may be longer
MOST_COLUMNS = 120
LAYOUT = {"COMMENT", "NL", "NEWLINE", "INDENT", "DEDENT", "ENDMARKER"}
BRACKETS = {*"()[]{},"}
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
        for folder in ("cli", "questions", "answers", "handover", "measured")
    }

    assert command in stems["cli"]
    if command in stems["measured"]:
        assert f"{command}_answer" in stems["measured"]
        return
    assert command in stems["answers"] | stems["handover"] | {"schema"}
    assert (command in stems["questions"]) != (command in _NO_QUESTION)


def test_only_doors_name_the_measured_wing() -> None:
    """A planner never walks through the wing of what was measured: only commands, Python and schemas name it."""
    naming = {name for name, others in arrows().items() if any(other.startswith("measured.") for other in others)}
    folders = {path.parent.name for path in MODULES.values() if path.is_relative_to(PACKAGE / "measured")}

    assert {name.partition(".")[0] for name in naming} <= {"cli", "api", "schema", "measured"}
    assert folders == {"measured", "runs", "formats", "logs", "months"}


def test_an_answer_is_named_as_its_command() -> None:
    """What an answer looks like stands in a file of its command's name, or of that and a word more.

    Likewise a command's files.
    """
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


def test_a_figure_is_listed_in_one_place() -> None:
    """A role belongs to the figure, or follows from the graph: a module lists at most six figures by hand.

    What a screen shows is chosen by hand: three tables have more.
    """
    listed = {}
    for name, path in MODULES.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body if not name.startswith("formulas.") else ():
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
                words = {
                    word
                    for text in ast.walk(node.value)
                    if isinstance(text, ast.Constant) and isinstance(text.value, str)
                    for word in text.value.split()
                }
                if len(figures := words & FIGURES.keys()) > MOST_LISTED:
                    listed[f"{name}:{node.lineno}"] = sorted(figures)

    assert len(listed) <= TABLES_OF_FIGURES, listed


def test_only_commands_print() -> None:
    """No floor below the command line writes to standard output or error, reads the arguments or exits.

    Reports print on a terminal.
    """
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
        if _is_answer(name)
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
    assert [*_asking_methods_called()] == []


def _asking_methods_called() -> Iterator[str]:
    """Yield the calls in answers of a record's method that asks a question: only what is read once may do so."""
    asking = {
        method.name
        for name, path in MODULES.items()
        if name.startswith(("questions.", "measured."))
        for kind in nodes(path)
        if isinstance(kind, ast.ClassDef)
        for method in kind.body
        if isinstance(method, ast.FunctionDef) and not method.decorator_list and _imports_a_question(method)
    }
    for name, path in MODULES.items():
        for node in nodes(path) if _is_answer(name) else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in asking:
                yield f"{name} calls {ast.unparse(node.func)}"


def _imports_a_question(function: ast.FunctionDef) -> bool:
    return any(
        isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_QUESTIONS) for node in ast.walk(function)
    )


def _asked(path: Path) -> dict[str, str]:
    """Return the functions that a file imports from questions, and from which; what begins with a capital is a type."""
    found = (
        node for node in nodes(path) if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_QUESTIONS)
    )
    return {
        alias.asname or alias.name: node.module or ""
        for node in found
        for alias in node.names
        if alias.name[0].islower()
    }


_QUESTIONS = ("t2v_capacity.questions.", "t2v_capacity.measured.")


def _is_answer(module: str) -> bool:
    return module.startswith("answers.") or module.endswith("_answer")


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
    """Commands alone import Typer; the terminal's form and the commands' bar Rich; the form of plots Matplotlib."""
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


def test_no_room_grows() -> None:
    """Each room has at most its tokens, all rooms together have at most theirs, and every module is in a room."""
    tokens = Counter[str]()
    for path in MODULES.values():
        folder = path.relative_to(PACKAGE).parts[:-1]
        tokens[folder[0] if folder else ""] += code_tokens(path.read_text(encoding="utf-8"))

    assert set(tokens) == set(ROOMS)
    assert {room: count for room, count in tokens.items() if count > ROOMS[room]} == {}
    assert sum(tokens.values()) <= MOST_TOKENS
    assert sum(tokens.values()) - tokens["measured"] <= MOST_OF_THE_CORE


def test_tokens_are_of_code_alone() -> None:
    """Comments, docstrings, brackets, commas and line breaks count nothing; a text counts once."""
    code = 'def f(a, b):\n    """Add."""\n    return a + b  # a sum\n'
    packed = "def f(a,b): return a+b\n"

    assert code_tokens(code) == code_tokens(packed) == 9
    assert code_tokens('x = f"{a + b} of {c}"\n') == 3
    assert code_tokens('class A:\n    x: int\n    """Its place."""\n') == 6


def code_tokens(text: str) -> int:
    """Return how many tokens of code a text of Python has."""
    docstrings = {
        node.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }
    count, open_texts = 0, 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        kind = tokenize.tok_name[token.type]
        open_texts += (kind == "FSTRING_START") - (kind == "FSTRING_END")  # from Python 3.12 on a text of many tokens
        if open_texts or kind in LAYOUT or token.string in BRACKETS:
            continue
        count += not (kind == "STRING" and token.start[0] in docstrings)
    return count


def test_few_files_are_long() -> None:
    """The files of the package with more than 420 lines are few, and docs/contributing.md says why each is."""
    page = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
    section = page.partition("## Long files")[2].partition("\n## ")[0]
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES.values()}
    long = [path.relative_to(PACKAGE).as_posix() for path, length in lengths.items() if length > LONG]

    assert sorted(re.findall(r"`(\S+\.py)`", section)) == sorted(long)
    assert len(long) <= MOST_LONG


@over(("folder", ["src", "tests"]))
def test_lines_fit(folder: str) -> None:
    """No line of Python has more than 120 columns."""
    wide = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in ours(folder)
        if path.suffix in (".py", ".pyi")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > MOST_COLUMNS
    ]

    assert wide == []


def test_every_kind_of_file_travels() -> None:
    """Every file in the package is of a kind that the wheel takes."""
    taken = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]["include"]
    kinds = {path.suffix for path in FILES if path.name != "py.typed"}

    assert kinds == {PurePath(pattern).suffix for pattern in taken if "*" in pattern}


def test_the_top_level_is_fixed() -> None:
    """The top level holds what it was given, besides dot files; what else lies in a clone is its owner's."""
    assert {name for path in ours() if not (name := path.relative_to(ROOT).parts[0]).startswith(".")} == TOP
