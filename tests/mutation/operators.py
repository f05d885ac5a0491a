"""What a mutant is: a module's source with one small change in its syntax tree.

Left alone is what no behaviour hangs on: docstrings, annotations, decorators, asserts, `__slots__`, `strict=` of a zip.
"""

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_LEFT_ALONE = {"annotation", "returns", "decorator_list", "type_comment"}


Path = tuple[tuple[str, int | None], ...]


class Mutant(NamedTuple):
    """One change: in which file, on which line, in which statement, and what it changes into what.

    It also says where in the tree.
    """

    file: str
    line: int
    statement: str
    change: str
    path: Path
    which: int
    printed: range  # the lines of the module, printed as a mutant is, on which the change stands
    at_import: bool  # whether it is made where the module is imported: outside any function's body

    @property
    def key(self) -> tuple[str, str, str]:
        """What stays the same where lines above it come and go."""
        return self.file, self.statement, self.change


def mutants(file: str, source: str) -> list[Mutant]:
    """Return every mutant of a module's source, in the order of the file."""
    tree, plain = ast.parse(source), ast.parse(printed(source))
    found = []
    for path, statement in _places(tree):
        node, line, anchor = _at(tree, path), _anchor(tree, path).lineno, _anchor(plain, path)
        lines = range(anchor.lineno, (anchor.end_lineno or anchor.lineno) + 1)
        first = _short(_said(statement))
        for which, change in enumerate(_changes(node)):
            what = f"{_short(_said(node))} -> {_short(_said(change))}"
            found.append(Mutant(file, line, first, what, path, which, lines, _at_import(tree, path)))
    return found


def mutated(mutant: Mutant, source: str) -> str:
    """Return the source of a module with one change."""
    tree = ast.parse(source)
    *outer, (name, index) = mutant.path
    owner = _at(tree, tuple(outer))
    change = [*_changes(_at(tree, mutant.path))][mutant.which]
    if index is None:
        setattr(owner, name, change)
    else:
        getattr(owner, name)[index] = change
    return ast.unparse(ast.fix_missing_locations(tree))


def printed(source: str) -> str:
    """Return a module's source as every mutant of it is printed, without a change."""
    return ast.unparse(ast.parse(source))


def _at_import(tree: ast.Module, path: Path) -> bool:
    within = (_at(tree, path[:depth]) for depth, (name, _index) in enumerate(path) if name == "body")
    return not any(isinstance(node, ast.FunctionDef | ast.Lambda) for node in within)


def _places(tree: ast.Module) -> Iterator[tuple[Path, ast.stmt]]:
    """Yield the path of each node that may change, with the statement that it stands in."""
    for index, statement in enumerate(tree.body):
        yield from _below((("body", index),), statement, statement)


def _below(path: Path, node: object, statement: ast.stmt) -> Iterator[tuple[Path, ast.stmt]]:
    if not isinstance(node, ast.AST) or _untouched(node):
        return
    statement = node if isinstance(node, ast.stmt) else statement
    yield path, statement
    for name, value in ast.iter_fields(node):
        if name in _LEFT_ALONE:
            continue
        if isinstance(value, list):
            for index, one in enumerate(value):
                yield from _below((*path, (name, index)), one, statement)
        else:
            yield from _below((*path, (name, None)), value, statement)


def _untouched(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert | ast.Import | ast.ImportFrom | ast.Pass):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True  # a docstring
    if isinstance(node, ast.keyword) and node.arg == "strict":
        return True
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("__slots__", "Value", "Node")


def _at(tree: ast.AST, path: Path) -> ast.AST:
    node = tree
    for name, index in path:
        node = getattr(node, name) if index is None else getattr(node, name)[index]
    return node


def _anchor(tree: ast.Module, path: Path) -> ast.expr | ast.stmt:
    """Return the node at a path, or what it stands in where its own lines are not known.

    That is so in an f-string and in a comprehension.
    """
    found: ast.AST = tree
    for depth in range(1, len(path) + 1):
        node = _at(tree, path[:depth])
        if isinstance(node, ast.expr | ast.stmt):
            found = node
        if isinstance(node, ast.JoinedStr):
            break
    assert isinstance(found, ast.expr | ast.stmt)
    return found


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what a node may change into."""
    yield from CHANGES.get(type(node), lambda _node: ())(node)


def _comparison(node: ast.Compare) -> Iterator[ast.AST]:
    for index, one in enumerate(node.ops):
        for other in COMPARED[type(one)]:
            yield ast.Compare(node.left, [*node.ops[:index], other(), *node.ops[index + 1 :]], node.comparators)


def _and_or(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    for index in range(len(node.values)):
        kept = [*node.values[:index], *node.values[index + 1 :]]
        yield ast.BoolOp(node.op, kept) if len(kept) > 1 else kept[0]


def _computation(node: ast.BinOp) -> Iterator[ast.AST]:
    if other := COMPUTED.get(type(node.op)):
        yield ast.BinOp(node.left, other(), node.right)


def _step(node: ast.AugAssign) -> Iterator[ast.AST]:
    yield ast.Pass()
    if other := COMPUTED.get(type(node.op)):
        yield ast.AugAssign(node.target, other(), node.value)


def _constant(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield from (ast.Constant(value + 1), ast.Constant(value - 1))
    elif isinstance(value, str) and value.strip():
        yield ast.Constant(f"{value}?")


def _without_condition(node: ast.comprehension) -> Iterator[ast.AST]:
    if node.ifs:
        yield ast.comprehension(node.target, node.iter, [], node.is_async)


def _without_value(node: ast.Return) -> Iterable[ast.AST]:
    """Return a return of None; none of what returns that already."""
    returns_none = node.value is None or (isinstance(node.value, ast.Constant) and node.value.value is None)
    return [] if returns_none else [ast.Return(ast.Constant(None))]


CHANGES: dict[type[ast.AST], Callable[[Any], Iterable[ast.AST]]] = {
    ast.Compare: _comparison,
    ast.BoolOp: _and_or,
    ast.BinOp: _computation,
    ast.AugAssign: _step,
    ast.Constant: _constant,
    ast.comprehension: _without_condition,
    ast.UnaryOp: lambda node: [node.operand],
    ast.IfExp: lambda node: [node.body, node.orelse],
    ast.If: lambda node: [ast.If(ast.Constant(value), node.body, node.orelse) for value in (True, False)],
    ast.Return: _without_value,
    ast.Expr: lambda _node: [ast.Pass()],
    ast.Raise: lambda _node: [ast.Pass()],
    ast.Continue: lambda _node: [ast.Break()],
    ast.Break: lambda _node: [ast.Continue()],
}


def _said(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node)).partition("\n")[0]


def _short(text: str, most: int = 90) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."
