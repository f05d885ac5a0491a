"""The laws of the design as functions, each of a figure with any formula.

Each raises AssertionError where it is broken. They take the formula apart from the figure so that the mutation test can
hold mutants to them too.
"""

import ast
import doctest
import inspect
import math
import random
import types
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from typing import Any

import dimensions
import numpy as np
from directions import PUSHES

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.engine import constants
from t2v_capacity.engine.constants import Constant
from t2v_capacity.engine.figures import FIGURES, Figure, ancestors, evaluate
from t2v_capacity.engine.verbs import VERBS

CONSTANTS = {name: value for name, value in vars(constants).items() if isinstance(value, Constant)}
UNITS = {name: one.unit for known in (FIGURES, ASSUMPTIONS) for name, one in known.items()}
OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)
# Figures that have no value in some plans, and when.
NULLS: dict[str, str] = {
    "can_run": "a clip whose memory is short by more than the model's error cannot run",
    **dict.fromkeys(
        ("idle_share", "delayed_wait", "wait_p95", "runs_latency_p95", "latency_p95"),
        "an overloaded fleet has no waiting time",
    ),
    **dict.fromkeys(
        ("fluid_backlog", "fluid_wait", "overload_wait", "latency_slack"),
        "a fleet below the day's mean never catches up",
    ),
    **dict.fromkeys(
        ("fluid_deferred_wait", "deferred_slack"), "an overloaded fleet leaves no capacity to work that waits"
    ),
    **dict.fromkeys(("owned_server_price", "owned_price"), "no price of a server is given"),
    **dict.fromkeys(("gross_margin", "profit_per_month"), "a service that sells nothing has no margin"),
    "break_even_price": "where nobody pays no price carries the bill",
}
# Those that follow from a clip's run, and have no value where it cannot run.
RUNNING = frozenset(name for name in FIGURES if "can_run" in ancestors([name]))
# Those that have none where nobody knows the price of a GPU, and of these the ones that rest on it whatever is rented.
BILLED = (
    *("egress_cost_share", "gpu_cost_all_reserved"),
    *("gpu_cost_per_month", "cost_per_month", "cost_per_video", "cost_per_user"),
    *("gross_margin", "profit_per_month", "break_even_price"),
    *("held_price", "gpu_cost_per_second", "committed_price", "gpu_cost_following", "autoscaled_cost_per_second"),
)
UNPRICED = (
    *("cheapest_reserved_fraction", "gpu_cost_on_demand", "gpu_cost_reserved", "gpu_cost_mixed"),
    "gpu_price_next_year",
)


def parts(tree: ast.FunctionDef) -> tuple[str, ast.expr]:
    """Return a formula's docstring and expression, where these are all that it has (law 1)."""
    assert len(tree.body) == 2, "a formula is a docstring and one return"
    text, last = tree.body
    assert isinstance(text, ast.Expr)
    assert isinstance(text.value, ast.Constant)
    assert isinstance(last, ast.Return)
    assert last.value is not None
    return str(text.value.value), last.value


def check_shape(tree: ast.FunctionDef) -> None:
    """Law 1: names, + - * / **, unary minus, one comparison in `where`, verbs, whole numbers 0 to 8."""
    _check_node(parts(tree)[1])


def _check_node(node: ast.expr) -> None:
    match node:
        case ast.Name():
            pass
        case ast.Constant(value=value):
            assert type(value) is int, f"{value!r} must be a named constant"
            assert 0 <= value <= 8, f"{value!r} must be a named constant"
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            _check_node(operand)
        case ast.BinOp(left=left, op=op, right=right):
            assert isinstance(op, OPERATORS)
            _check_node(left)
            _check_node(right)
        case ast.Call(func=ast.Name(id=verb), args=arguments, keywords=[]):
            assert verb in VERBS, f"{verb} is not a verb"
            if verb == "where":
                condition, *arguments = arguments
                assert isinstance(condition, ast.Compare)
                assert len(condition.comparators) == 1
                assert isinstance(condition.ops[0], (ast.Lt, ast.LtE, ast.Gt, ast.GtE))  # written alike everywhere
                arguments = [condition.left, *condition.comparators, *arguments]
            for argument in arguments:
                _check_node(argument)
        case _:
            raise AssertionError(f"{ast.unparse(node)} is not arithmetic that a formula may have")


def check_names(figure: Figure, tree: ast.FunctionDef) -> None:
    """Law 2: the names a formula uses are exactly its parameters, the verbs and the named constants."""
    used = {node.id for node in ast.walk(parts(tree)[1]) if isinstance(node, ast.Name)}
    assert set(figure.parameters) <= used, f"unused: {set(figure.parameters) - used}"
    assert used - set(figure.parameters) <= {*VERBS, *CONSTANTS}


# Plans enough that a fleet with a tail of waits is among them: most that are drawn from anywhere wait never or for
# ever.
_MANY = 240
# Every so many'th plan may be short of memory; the others have one that holds any weights.
_SHORT, _ENDLESS = 7, 1e16


@cache
def plans(count: int = 60) -> tuple[dict[str, float], ...]:
    """Return the values of all assumptions and figures in plans drawn from anywhere inside the bounds.

    Each draw is seeded by its name and the plan's number, so that a new assumption moves no other.
    """
    found = []
    for index in range(count):
        known = {name: _within(name, random.Random(f"{name} {index}"), index) for name in ASSUMPTIONS}
        if index % _SHORT:
            known |= {
                "gpu_memory": _ENDLESS,
                "memory_error": ASSUMPTIONS["memory_error"].high,
            }  # most drawn clips would not run
        found.append({**known, **evaluate(known)})
    return tuple(found)


def _within(name: str, draw: random.Random, index: int) -> float:
    """Draw from an assumption's bounds: evenly over orders of magnitude where they span several; the corners first."""
    low, high = ASSUMPTIONS[name].low, ASSUMPTIONS[name].high
    if index < 20:
        value = draw.choice((low, high, (low + high) / 2))
    elif low > 0 and high / low > 100:
        value = math.exp(draw.uniform(math.log(low), math.log(high)))
    else:
        value = draw.uniform(low, high)
    return float(round(value)) if ASSUMPTIONS[name].whole else value


def _arguments(figure: Figure, plan: Mapping[str, float]) -> list[float]:
    return [plan[name] for name in figure.parameters]


def check_dimensions(figure: Figure, formula: Callable[..., Any], plan: Mapping[str, float]) -> None:
    """Law 4: on pint quantities the formula gives its declared unit and the float's value."""
    arguments = _arguments(figure, plan)
    expected = formula(*arguments)
    if not math.isfinite(expected):
        return
    result = dimensional(formula)(*[dimensions.quantity(plan[name], UNITS[name]) for name in figure.parameters])
    value = dimensions.of_number(result).to(dimensions.parsed(figure.unit)).magnitude
    assert math.isclose(value, expected, rel_tol=1e-9, abs_tol=1e-300), f"{value} in pint, {expected} in floats"


@cache
def _dimensional_names() -> dict[str, Any]:
    return {**dimensions.verbs(VERBS), **{name: dimensions.quantity(float(c), c.unit) for name, c in CONSTANTS.items()}}


def dimensional(formula: Callable[..., Any]) -> Callable[..., Any]:
    """Return the same formula with its verbs and constants in their pint form."""
    assert isinstance(formula, types.FunctionType)
    return types.FunctionType(formula.__code__, {**formula.__globals__, **_dimensional_names()}, formula.__name__)


def check_directions(figure: Figure, formula: Callable[..., Any], plan: Mapping[str, float], step: float) -> None:
    """Law 5: each parameter pushes the way the hand-written table says; a step up never moves it the other way."""
    base = formula(*_arguments(figure, plan))
    for name, push in PUSHES[figure.name].items():
        if push == "either":
            continue
        try:
            moved = formula(*_arguments(figure, {**plan, name: _stepped(name, plan[name], step)}))
        except OverflowError:  # a step beyond what any plan has, such as thousands of months of growth
            continue
        if math.isnan(base) or math.isnan(moved):
            continue
        change = (moved - base) if push == "+" else (base - moved)
        assert change >= -1e-9 * max(abs(base), abs(moved)), f"{name} pushes {figure.name} the wrong way"


def _stepped(name: str, value: float, step: float) -> float:
    """Return a value a step up, not beyond the assumption's bound or the whole of a share."""
    whole = name in FIGURES and FIGURES[name].unit == "share"
    limit = ASSUMPTIONS[name].high if name in ASSUMPTIONS else 1.0 if whole else math.inf
    return min(value + (abs(value) * step or step), max(limit, value))


def check_moves(figure: Figure, formula: Callable[..., Any]) -> None:
    """Law 5: each parameter that pushes, or may push either way, moves the figure in some plan or its example."""
    for name in PUSHES[figure.name]:
        assert any(
            formula(*_arguments(figure, plan))
            != _valued(formula, _arguments(figure, {**plan, name: _inside(name, plan[name] * factor + shift)}))
            for plan in (*plans(_MANY), example_plan(figure))
            for factor, shift in ((8, 0), (1 / 8, 0), (1, 1))
        ), f"{name} never moves {figure.name}"


def _valued(formula: Callable[..., Any], arguments: list[float]) -> float:
    """Return a figure's value; infinity where a parameter that is a figure was moved beyond what a float holds."""
    try:
        return float(formula(*arguments))
    except OverflowError:
        return math.inf


def _inside(name: str, value: float) -> float:
    """Return a value within the bounds of what it is of."""
    return min(max(value, ASSUMPTIONS[name].low), ASSUMPTIONS[name].high) if name in ASSUMPTIONS else value


def examples(figure: Figure) -> list[doctest.Example]:
    """Return the worked examples in a formula's docstring."""
    return doctest.DocTestParser().get_examples(inspect.getdoc(figure.formula) or "")


def example_plan(figure: Figure) -> dict[str, float]:
    """Return the arguments of a formula's first worked example."""
    call = ast.parse(examples(figure)[0].source.strip(), mode="eval").body
    assert isinstance(call, ast.Call)
    return {str(keyword.arg): float(ast.literal_eval(keyword.value)) for keyword in call.keywords}


def check_example(figure: Figure, formula: Callable[..., Any]) -> None:
    """Law 6: each worked example gives the printed value exactly; a formula that has two cases may show both."""
    found = examples(figure)
    assert found, "a formula has a worked example"
    names = {**formula.__globals__, figure.name: formula}
    for one in found:
        value = eval(one.source.strip(), names)  # noqa: S307 - our own docstring
        assert repr(value) == one.want.strip(), f"{value!r} is not {one.want.strip()}"


def check_arrays(figure: Figure, formula: Callable[..., Any]) -> None:
    """Law 7: floats and arrays agree to 1e-12 relative, element by element."""
    rows = [_arguments(figure, plan) for plan in plans()]
    arrays = [np.array(column, dtype=float) for column in zip(*rows, strict=True)]
    with np.errstate(all="ignore"):
        together = np.broadcast_to(formula(*arrays), (len(rows),))
    for row, array in zip(rows, map(float, together), strict=True):
        alone = formula(*row)
        same = (
            math.isclose(alone, array, rel_tol=1e-12, abs_tol=1e-300)
            if math.isfinite(alone)
            else not math.isfinite(array)
        )
        assert same, f"{alone} as a float, {array} in an array"


def check_finite(figure: Figure, formula: Callable[..., Any], plan: Mapping[str, float]) -> None:
    """Law 8: inside the bounds a figure is finite, or null where it may be, without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value = formula(*_arguments(figure, plan))
    if math.isnan(value):
        unrun = figure.name in RUNNING and math.isnan(plan["clip_runs"])
        assert unrun or figure.name in NULLS, f"{figure.name} is null, which it is not declared to be"
    else:
        assert math.isfinite(value), f"{figure.name} is {value}"


def breaches(figure: Figure, tree: ast.FunctionDef, formula: Callable[..., Any]) -> Iterator[str]:
    """Yield the laws that a formula breaks, for the mutation test."""
    laws: list[tuple[str, Callable[[], None]]] = [
        ("shape", lambda: check_shape(tree)),
        ("names", lambda: check_names(figure, tree)),
        ("example", lambda: check_example(figure, formula)),
        *(("dimensions", partial(check_dimensions, figure, formula, plan)) for plan in plans()[20:25]),
        *(("directions", partial(check_directions, figure, formula, plan, 0.5)) for plan in plans()[20:40]),
    ]
    yield from broken(laws)


def broken(laws: Iterable[tuple[str, Callable[[], None]]]) -> Iterator[str]:
    """Yield the name of each law that doesn't hold, and why."""
    for name, law in laws:
        try:
            law()
        except Exception as error:  # noqa: BLE001 - a law that can't be tried doesn't hold
            yield "\n".join((f"{name}: {type(error).__name__}: {error}", *getattr(error, "__notes__", ())))


def tree_of(figure: Figure) -> ast.FunctionDef:
    """Return the syntax tree of a figure's formula."""
    (tree,) = ast.parse(inspect.getsource(figure.formula)).body
    assert isinstance(tree, ast.FunctionDef)
    return tree
