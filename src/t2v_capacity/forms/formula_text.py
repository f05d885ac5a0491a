"""One formula, read from its own syntax tree and written for a person, a spreadsheet or a browser."""

import ast
import math
from collections.abc import Callable, Mapping
from functools import cache
from itertools import count, takewhile
from pathlib import Path
from typing import Any, NamedTuple

from t2v_capacity.assumptions.quantities import digits
from t2v_capacity.engine import constants
from t2v_capacity.engine.constants import NO_SERVER_LIMIT, SMALLEST_SPREAD
from t2v_capacity.engine.figures import Figure
from t2v_capacity.engine.verbs import TOLERANCE, VERBS


class Language(NamedTuple):
    """What one format writes in another way than Python; `call` writes a verb with its arguments."""

    times: str
    power: str
    call: Callable[[str, list[str]], str]


def _call(verb: str, arguments: list[str]) -> str:
    return f"{verb}({', '.join(arguments)})"


def _sheet_call(verb: str, arguments: list[str]) -> str:
    """Return a verb in functions that Excel and LibreOffice both have; INT rounds down, also below nothing."""
    return SHEET_VERBS[verb].format(*arguments)


# The parts of `paid_burst` in a cell: held {0}, peak {1}, fleet {2}, start {3}, server {4}.
_MIDDLE = "(1/MIN(2,{1}))"
_FOLLOWING = f"MAX({SMALLEST_SPREAD:.0E},1-{{4}})"
_ABOVE = f"(MAX(0,{{0}}-{{4}})/{_FOLLOWING})"
_DEPTH = f"MAX(-1,MIN(1,({_ABOVE}*{{2}}-{_MIDDLE})/MAX({SMALLEST_SPREAD:.0E},1-{_MIDDLE})))"
_AREA = (
    f"(MAX(0,2*{_MIDDLE}-1-{_ABOVE}*{{2}})"
    f"+MIN(1,2/{{1}})*(1-{_MIDDLE})*(SQRT(1-{_DEPTH}^2)-{_DEPTH}*ACOS({_DEPTH}))/ACOS(-1))"
)
_WORKED = f"MIN(IF(IFERROR({{2}}<1,FALSE),(1-{_ABOVE})*MIN(1,1/{{1}}/{{2}}),1),{_AREA}/{{2}})"
_STARTED = f"MAX(0,1-MAX({_ABOVE},(2*{_MIDDLE}-1)/{{2}}))*{{3}}"
# The parts of `growth_sum` in a cell: rate {0}, periods {1}. Little growth takes the series, since the difference would
# cancel. So does the logarithm of what is near 1, whose digits many periods would show.
_WHOLE = f"INT({{1}}+{TOLERANCE:.0E}*ABS({{1}}))"
_LOG = "IF(IFERROR(ABS({0})<1E-5,FALSE),({0})*(1-({0})/2*(1-({0})*2/3)),LN(1+{0}))"
_GROWN = f"EXP({_WHOLE}*{_LOG})"
_SERIES = f"{_WHOLE}*(1+({_WHOLE}-1)/2*({{0}})*(1+({_WHOLE}-2)/3*({{0}})*(1+({_WHOLE}-3)/4*({{0}}))))"
SHEET_VERBS = {
    "growth_sum": (
        f"(IF(IFERROR(ABS({_WHOLE}*({{0}}))<0.001,FALSE),{_SERIES},({_GROWN}-1)/({{0}}))+({{1}}-{_WHOLE})*{_GROWN})"
    ),
    "paid_burst": f"MIN(1-{{0}},MAX(0,{{4}}-{{0}})+{_FOLLOWING}*({_WORKED}+{_STARTED}))",
    "ceil": f"(-INT(-({{0}}-{TOLERANCE:.0E}*ABS({{0}}))))",
    "floor": f"INT({{0}}+{TOLERANCE:.0E}*ABS({{0}}))",
    "sqrt": "SQRT({0})",
    "exp": "EXP({0})",
    "log": "LN({0})",
    "sin": "SIN({0})",
    "acos": "ACOS({0})",
    "minimum": "MIN({0},{1})",
    "maximum": "MAX({0},{1})",
    "where": "IF(IFERROR({0},FALSE),{1},{2})",  # what has no value fails every comparison, as in Python
}
PERSON = Language(" x ", " ^ ", _call)
SHEET = Language(" * ", "^", _sheet_call)
BROWSER = Language(" * ", " ** ", _call)


@cache
def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines()


def expression(figure: Figure) -> ast.expr:
    """Return the expression that a figure's formula returns, to be changed: a formula is a docstring and one `return`.

    Only that is parsed, which is a tenth of the file: a table shows a hundred formulas.
    """
    code = figure.formula.__code__
    lines = _lines(code.co_filename)
    start = next(number for number in count(code.co_firstlineno) if lines[number].startswith("    return "))
    body = "\n".join(takewhile(str.strip, lines[start:]))
    return ast.parse(body.strip().removeprefix("return").lstrip(), mode="eval").body


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
    return expression_text(expression(figure), str)


def in_numbers(figure: Figure, shown: Mapping[str, str], known: Mapping[str, Any]) -> str:
    """Return the formula with each parameter as it is shown, and constants as numbers.

    Of a `where` its active branch stands, by the `known` values.

    >>> from t2v_capacity.formulas import FIGURES
    >>> in_numbers(FIGURES["ingress_bandwidth"], {"trps": "11574/s", "prompt_size": "2 KB"}, {})
    '11574/s x 2 KB x 8'
    >>> shown = {"cost_per_month": "2 USD", "revenue_per_month": "4 USD"}
    >>> in_numbers(FIGURES["gross_margin"], shown, {"revenue_per_month": 4})
    '1 - 2 USD / 4 USD'
    """
    tree = _Active(known).visit(expression(figure))
    return expression_text(tree, lambda name: shown.get(name) or _constant(getattr(constants, name)))


class _Active(ast.NodeTransformer):
    """Puts the active branch in the place of each `where`."""

    def __init__(self, known: Mapping[str, Any]) -> None:
        self.scope = {**vars(constants), **VERBS, **known}

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if ast.unparse(node.func) != "where":
            return node
        condition, then, otherwise = node.args
        # The expression is one of the project's own formulas, never user input.
        holds = eval(compile(ast.Expression(condition), "formula", "eval"), self.scope)  # noqa: S307
        return then if holds else otherwise


def _constant(number: float) -> str:
    return "none" if math.isnan(number) or number == NO_SERVER_LIMIT else digits(number, 6)


def in_browser(figure: Figure) -> str:
    """Return the formula as an expression of JavaScript: the values are `v`'s, verbs and constants are in scope.

    >>> from t2v_capacity.formulas import FIGURES
    >>> in_browser(FIGURES["ingress_bandwidth"])
    'v.trps * v.prompt_size * BITS_PER_BYTE'
    """
    return expression_text(expression(figure), lambda name: f"v.{name}" if name in figure.parameters else name, BROWSER)


def in_sheet(
    figure: Figure, call: Callable[[str, list[str]], str] = _sheet_call, places: Mapping[str, str] = {}
) -> str:
    """Return the formula for a cell: names are defined names, those of constants in small letters.

    `call` writes a verb with its arguments; a workbook passes its own for the verbs that take more than a cell.
    `places` are the cells of names that have another than their own.

    >>> from t2v_capacity.formulas import FIGURES
    >>> in_sheet(FIGURES["trps"])
    'requests_per_day / seconds_per_day'
    """
    cells = {"UNDEFINED": "NA()", **places}
    return expression_text(expression(figure), lambda name: cells.get(name, name.lower()), SHEET._replace(call=call))


def expression_text(node: ast.expr, name: Callable[[str], str], language: Language = PERSON) -> str:
    """Return an expression, which is changed, as text, with parentheses only where they are needed."""
    text = ast.unparse(_Notation(name, language).visit(node))
    return text.replace(" * ", language.times).replace(" ** ", language.power)


class _Notation(ast.NodeTransformer):
    """Puts a text in the place of each part of an expression that Python would write in another way."""

    def __init__(self, name: Callable[[str], str], language: Language) -> None:
        self.name, self.language = name, language

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(self.name(node.id))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        texts = [expression_text(argument, self.name, self.language) for argument in node.args]
        return ast.Name(self.language.call(ast.unparse(node.func), texts))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        node.operand = _atom(node.operand)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, ast.Pow):
            node.right = _atom(node.right)
        return node


def _atom(node: ast.expr) -> ast.expr:
    """Return a power in parentheses: in a spreadsheet -2^2 is 4, and a^b^c is (a^b)^c."""
    is_power = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow)
    return ast.Name(f"({ast.unparse(node)})") if is_power else node


def reason(figure: Figure) -> str:
    """Return the reason or source that stands below the first line of a figure's docstring, without its example."""
    return " ".join((figure.formula.__doc__ or "").partition("\n")[2].partition(">>>")[0].split())


def sentence(figure: Figure) -> str:
    """Return the first line of a figure's docstring."""
    return (figure.formula.__doc__ or "").partition("\n")[0]
