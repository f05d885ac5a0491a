"""Code that one reads aloud: counts of what makes it a private idiom. Each limit may only sink."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from house import MODULES, nodes

# The most functions with a local of such a name, or with one of the words that stand in its place.
LOCALS = {"found": 0, "one": 0, "there": 0, "said": 0, "told": 0}
NO_MEANING = {"value": 3, "item": 0, "thing": 0, "result": 0, "data": 0, "it": 0}
# Names of functions that say neither what they return nor what they do.
PARTICIPLES = set(
    "told said held kept laid shown dressed asked found made met named given written ruled joined judged priced drawn "
    "cut put sized clustered".split()
)
MOST_PARTICIPLES = 0
MOST_NESTED, MOST_MULTIPLIED, MOST_DENSE = 0, 0, 0
# Public names that stand in two modules, but for those that answer one question on all floors: a question in Python is
# the function of the same name below, each command has one, and each measurement writes what it found as an overlay.
MOST_TWO_MEANINGS = 2
ONE_MEANING = set("accuracy calibrate check diff estimate fit forecast total command main overlay".split())
# Lines of a long function without its docstring, and how many may have more.
LONG, MOST_LONG = 45, 0

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions() -> Iterator[tuple[str, Function]]:
    """Yield every function of the package with its module."""
    for name, path in MODULES.items():
        for node in nodes(path):
            if isinstance(node, Function):
                yield name, node


def names_of(function: Function) -> set[str]:
    """Return the names that a function gives to its parameters and locals, those of its inner functions too."""
    inner = list(ast.walk(function))
    stored = {node.id for node in inner if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return stored | {node.arg for node in inner if isinstance(node, ast.arg)}


def public_names(path: Path) -> Iterator[str]:
    """Yield what a module defines, without the names that begin with an underscore."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [inner.id for target in targets for inner in ast.walk(target) if isinstance(inner, ast.Name)]
        else:
            names = []
        yield from (name for name in names if not name.startswith("_"))


def test_a_public_name_means_one_thing() -> None:
    """Few public names stand in two modules."""
    homes = defaultdict[str, set[str]](set)
    for module, path in MODULES.items():
        for name in public_names(path):
            homes[name].add(module)

    twice = {name: places for name, places in homes.items() if len(places) > 1 and name not in ONE_MEANING}
    assert len(twice) <= MOST_TWO_MEANINGS, twice
    assert all(len(homes[name]) > 1 for name in ONE_MEANING)


@pytest.mark.parametrize(("word", "most"), [*LOCALS.items(), *NO_MEANING.items()])
def test_locals_are_nouns_of_the_field(word: str, most: int) -> None:
    """Few functions have a local of a name that says nothing."""
    users = [f"{module}:{function.lineno}" for module, function in functions() if word in names_of(function)]
    assert len(users) <= most, users


def test_functions_say_what_they_return_or_do() -> None:
    """Few functions are named by a bare participle."""
    bare = [f"{module}.{function.name}" for module, function in functions() if function.name.strip("_") in PARTICIPLES]
    assert len(bare) <= MOST_PARTICIPLES, bare


def test_functions_are_short() -> None:
    """Few functions have more than 45 lines, docstrings not counted."""
    long = [f"{module}.{function.name}" for module, function in functions() if lines_of(function) > LONG]
    assert len(long) <= MOST_LONG, long


def lines_of(function: Function) -> int:
    """Return the lines of a function without its docstring."""
    docstring = ast.get_docstring(function, clean=False)
    own = docstring.count("\n") + 1 if docstring else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - own


def test_statements_do_one_thing() -> None:
    """Few conditional expressions are nested, no text is multiplied by a truth, and comprehensions stay small."""
    nested, multiplied, dense = list[str](), list[str](), list[str]()
    for name, path in MODULES.items():
        for node in nodes(path):
            place = f"{name}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.IfExp) and has_inner_condition(node):
                nested.append(place)
            if isinstance(node, ast.BinOp) and is_text_times_truth(node):
                multiplied.append(place)
            if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) and is_dense(node):
                dense.append(place)

    assert len(nested) <= MOST_NESTED, nested
    assert len(multiplied) <= MOST_MULTIPLIED, multiplied
    assert len(dense) <= MOST_DENSE, dense


def has_inner_condition(expression: ast.IfExp) -> bool:
    """Return whether a conditional expression holds another."""
    return any(isinstance(node, ast.IfExp) for node in ast.walk(expression) if node is not expression)


def is_text_times_truth(product: ast.BinOp) -> bool:
    """Return whether a product has a text or a list on one side, and on the other what is true or false."""
    sides = (product.left, product.right)
    texts = [side for side in sides if isinstance(side, ast.JoinedStr | ast.List | ast.Tuple) or is_text(side)]
    truths = [side for side in sides if side not in texts and not isinstance(side, ast.Constant)]
    counts = (ast.BinOp, ast.Call)
    return isinstance(product.op, ast.Mult) and bool(texts) and any(not isinstance(side, counts) for side in truths)


def is_text(node: ast.expr) -> bool:
    """Return whether an expression is a text as it is written."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def is_dense(comprehension: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> bool:
    """Return whether a comprehension has more than two loops or one condition."""
    loops = comprehension.generators
    return len(loops) > 2 or sum(len(loop.ifs) for loop in loops) > 1
