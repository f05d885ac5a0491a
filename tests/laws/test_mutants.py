"""The laws are worth what they catch: each formula is mutated in memory, and the laws must kill every mutant."""

import ast
import copy
import types
from collections.abc import Iterator

import pytest

import laws
from laws import parts, tree_of
from t2v_capacity.engine.figures import FIGURES, Figure


def mutants(tree: ast.FunctionDef) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield a formula's mutants: * and / swapped, + and - swapped, a factor or a term dropped, the whole times 1000."""
    source = ast.unparse(tree)  # which is parsed again in a tenth of the time that a deep copy takes
    scaled = _parsed(source)
    whole = parts(scaled)[1]
    _Replace(whole, ast.BinOp(whole, ast.Mult(), ast.Constant(1000))).visit(scaled)
    yield "x 1000", scaled
    swaps: dict[type[ast.operator], type[ast.operator]] = {
        ast.Mult: ast.Div,
        ast.Div: ast.Mult,
        ast.Add: ast.Sub,
        ast.Sub: ast.Add,
    }
    count = sum(isinstance(node, ast.BinOp) for node in ast.walk(tree))
    for index in range(count):
        for kind in ("swap", "left", "right"):
            mutant = _parsed(source)
            node = [node for node in ast.walk(mutant) if isinstance(node, ast.BinOp)][index]
            text = ast.unparse(node)
            if kind != "swap":
                kept = node.left if kind == "left" else node.right
                _Replace(node, kept).visit(mutant)
                yield f"{text} -> {ast.unparse(kept)}", mutant
            elif type(node.op) in swaps:
                node.op = swaps[type(node.op)]()
                yield f"{text} with its operator swapped", mutant


def _parsed(text: str) -> ast.FunctionDef:
    (tree,) = ast.parse(text).body
    assert isinstance(tree, ast.FunctionDef)
    return tree


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.expr, new: ast.expr) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else super().generic_visit(node)


def compiled(figure: Figure, tree: ast.FunctionDef) -> types.FunctionType:
    """Return a mutant as a function that sees what the original sees."""
    bare = copy.copy(tree)
    bare.decorator_list = []
    module = ast.fix_missing_locations(ast.Module([bare], []))
    names = dict(figure.formula.__globals__)
    exec(compile(module, "<mutant>", "exec"), names)  # noqa: S102 - our own formula, changed
    mutant = names[figure.name]
    assert isinstance(mutant, types.FunctionType)
    return mutant


@pytest.mark.wide
@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES)
def test_every_mutant_dies(figure: Figure) -> None:
    """A formula with an operator swapped, a factor dropped or the whole scaled by 1000 breaks a law."""
    alive = [
        change
        for change, tree in mutants(tree_of(figure))
        if not any(laws.breaches(figure, tree, compiled(figure, tree)))
    ]

    assert alive == []
