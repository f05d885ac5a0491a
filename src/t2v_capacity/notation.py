"""One formula, read from its own syntax tree and written for a person."""

import ast
import inspect
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from t2v_capacity import constants
from t2v_capacity.figures import FIGURES, Figure
from t2v_capacity.quantities import digits

_SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "x", ast.Div: "/", ast.Pow: "^"}
_COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "=", ast.NotEq: "!="}
_BINDS = {ast.Add: 1, ast.Sub: 1, ast.Mult: 2, ast.Div: 2, ast.USub: 3, ast.Pow: 4}


@cache
def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines()


@cache
def expression(figure: Figure) -> ast.expr:
    """Return the expression that a figure's formula returns: a formula is a docstring and one `return`.

    Only that is parsed, which is a tenth of the file: a table shows a hundred formulas.
    """
    code = figure.formula.__code__
    lines = _lines(code.co_filename)
    # The first line with code is the one of `return`, or one that its bracket holds.
    start = min(line for _, _, line in code.co_lines() if line and line > code.co_firstlineno) - 1
    while not lines[start].startswith("    return"):
        start -= 1
    end = next((number for number in range(start, len(lines)) if not lines[number].strip()), len(lines))
    return ast.parse("\n".join(lines[start:end]).strip().removeprefix("return").lstrip(), mode="eval").body


def place(figure: Figure) -> str:
    """Return `file:line` of a figure's formula, relative to the package."""
    path = Path(figure.formula.__code__.co_filename)
    return f"{path.parent.parent.name}/{path.parent.name}/{path.name}:{figure.formula.__code__.co_firstlineno}"


def in_names(figure: Figure) -> str:
    """Return the formula in names.

    >>> from t2v_capacity.formulas import FIGURES
    >>> in_names(FIGURES["ingress_bandwidth"])
    'trps x prompt_size x BITS_PER_BYTE'
    """
    return written(expression(figure), lambda name: name)


def in_numbers(figure: Figure, shown: Mapping[str, str]) -> str:
    """Return the formula with each parameter as it is shown, constants as numbers.

    >>> from t2v_capacity.formulas import FIGURES
    >>> in_numbers(FIGURES["ingress_bandwidth"], {"trps": "11574/s", "prompt_size": "2 KB"})
    '11574/s x 2 KB x 8'
    """
    return written(expression(figure), lambda name: shown.get(name) or digits(getattr(constants, name), 6))


def written(node: ast.expr, name: Callable[[str], str], binds: int = 0) -> str:
    """Return an expression as text, parentheses only where they are needed."""
    if isinstance(node, ast.Name):
        return name(node.id)
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.UnaryOp):
        return f"-{written(node.operand, name, _BINDS[ast.USub])}"
    if isinstance(node, ast.Compare):
        left, right = written(node.left, name), written(node.comparators[0], name)
        return f"{left} {_COMPARISONS[type(node.ops[0])]} {right}"
    if isinstance(node, ast.Call):
        assert isinstance(node.func, ast.Name)
        return f"{node.func.id}({', '.join(written(argument, name) for argument in node.args)})"
    assert isinstance(node, ast.BinOp)
    mine = _BINDS[type(node.op)]
    # The right side of - and / binds tighter than the left: a - (b - c) keeps its parentheses.
    left = written(node.left, name, mine)
    right = written(node.right, name, mine + isinstance(node.op, (ast.Sub, ast.Div)))
    text = f"{left} {_SIGNS[type(node.op)]} {right}"
    return f"({text})" if mine < binds else text


def reason(figure: Figure) -> str:
    """Return the reason or source that stands below the first line of a figure's docstring, without its example."""
    text = inspect.cleandoc(figure.formula.__doc__ or "").partition("\n")[2].partition(">>>")[0]
    return " ".join(text.split())


def sentence(figure: Figure) -> str:
    """Return the first line of a figure's docstring."""
    return inspect.cleandoc(figure.formula.__doc__ or "").partition("\n")[0]


__all__ = ["FIGURES", "expression", "in_names", "in_numbers", "place", "reason", "sentence", "written"]
