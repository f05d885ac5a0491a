"""The engine: register figures, order them by their parameters' names, evaluate them."""

import math
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

# A float, or a numpy array of them: one annotation serves both arithmetics, so it can't be narrower.
Number = Any
# Assumptions and figures by name; nan where one has no value.
Known = Mapping[str, Number]
Names = tuple[str, ...]
Formula = TypeVar("Formula", bound=Callable[..., Number])


class Figure(NamedTuple):
    """A figure: the formula that gives it, and what a reader needs to know of it."""

    name: str
    formula: Callable[..., Number]
    parameters: Names
    arguments_of: Callable[[Known], tuple[Number, ...]]  # in a third of the time that a list of them takes
    unit: str
    label: str
    group: str
    least: float = 0  # bounds of a pin
    most: float = math.inf
    adds: bool = False  # over products: the sum of two products' figures is the figure of both
    detail: bool = True  # shown with --all only
    better: str = "lower"  # or "higher" or "": which way is good; most are costs, times or bytes
    whole: bool = False  # a count, written as an integer
    mix: str = ""  # how a figure of a clip joins over the parts of a mix: their "mean" by share, "max" or "min"
    stages: str = ""  # how one of a stage joins over the stages of a clip: their "sum", "max" or "last"
    role: str = ""  # what it is part of: a "promise", or the "decode" of a clip

    def __call__(self, **parameters: Number) -> Number:
        """Return the formula's value for these parameters."""
        return self.formula(**parameters)

    def of(self, known: Known) -> Number:
        """Return the formula's value, its parameters among those that are known."""
        return self.formula(*self.arguments_of(known))


FIGURES: dict[str, Figure] = {}
# How a figure of a stage joins over the parts of a mix, by how it joins over stages.
_MIX_OF = {"sum": "mean", "last": "mean", "max": "max"}
# What is counted in these is work: neither more nor less of it is better.
_COUNTS = {"FLOP", "frame", "iteration", "key", "pass", "pixel", "request", "token", "view"}
_WORK = {*_COUNTS, "byte/video", "byte/day", "byte/month", "video/s"}


def figure(unit: str, label: str, **about: Any) -> Callable[[Formula], Formula]:
    """Register a formula as the figure of its name, in the group of its file.

    The function itself is returned untouched. Unless it says otherwise a share is 1 at most, a rate adds up over
    products, less is better of all but work, and over a mix a figure of a stage is the mean of its parts or the most.
    """
    usual = {
        "most": 1.0 if unit == "share" else math.inf,
        "adds": unit.endswith(("/day", "/month", "/s", "watt")),
        "better": "" if _WORK.intersection((unit, unit.partition("/")[0])) else "lower",
        "mix": _MIX_OF.get(about.get("stages", ""), ""),
    }

    def register(formula: Formula) -> Formula:
        name = formula.__name__
        if name in FIGURES:
            raise ValueError(f"figure {name} is defined twice")
        parameters = parameters_of(formula)
        arguments_of = itemgetter(*parameters) if len(parameters) > 1 else lambda known: (known[parameters[0]],)
        FIGURES[name] = Figure(
            name, formula, parameters, arguments_of, unit, label, formula.__module__, **(usual | about)
        )
        ordered.cache_clear()
        return formula

    return register


# The decorator of a figure that the default table shows.
main_figure = partial(figure, detail=False)


def parameters_of(formula: Callable[..., Number]) -> Names:
    """Return the names of a formula's parameters."""
    return formula.__code__.co_varnames[: formula.__code__.co_argcount]


@cache
def ordered(wanted: Names = ()) -> tuple[Figure, ...]:
    """Return all figures, or those that the wanted ones need, each after the figures that it is computed from."""
    visited: dict[str, Figure] = {}

    def visit(name: str) -> None:
        if name in FIGURES and name not in visited:
            for parameter in FIGURES[name].parameters:
                visit(parameter)
            visited[name] = FIGURES[name]

    for name in wanted or FIGURES:
        visit(name)
    return tuple(visited.values())


def with_role(role: str) -> Names:
    """Return the figures of a role, each after those that it is computed from."""
    return tuple(figure.name for figure in ordered() if figure.role == role)


def evaluate(known: Mapping[str, Number], wanted: Names = ()) -> dict[str, Number]:
    """Return the value of every figure, or of the wanted ones.

    A pinned figure has the known value, any other has what its formula gives.
    """
    values = dict(known)
    for figure in ordered(wanted):
        if figure.name not in values:
            values[figure.name] = figure.formula(*figure.arguments_of(values))
    return {name: values[name] for name in wanted or FIGURES}


def ancestors(names: Iterable[str], stop: Iterable[str] = ()) -> set[str]:
    """Return the names of all inputs of the figures, not following the inputs of those in `stop`."""
    inputs: set[str] = set()
    waiting = [name for name in names if name not in stop]
    while waiting:
        parameters = FIGURES[waiting.pop()].parameters
        waiting += [name for name in parameters if name in FIGURES and name not in inputs and name not in stop]
        inputs.update(parameters)
    return inputs
