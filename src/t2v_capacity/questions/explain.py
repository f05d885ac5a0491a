"""Where a number comes from: a figure's formula and inputs, down to assumptions with their sources."""

from collections.abc import Iterator
from dataclasses import dataclass

from t2v_capacity.assumptions.names import ASSUMPTION, FIGURE, kind_of, name_in, unknown
from t2v_capacity.errors import Mistakes
from t2v_capacity.formulas import FIGURES
from t2v_capacity.plan.estimate import Estimate


@dataclass(frozen=True, slots=True)
class Reason:
    """A name in an explanation, and what its value follows from; nothing where that was told before."""

    name: str
    inputs: tuple["Reason", ...] = ()
    told: bool = False
    part: str = ""  # of a mix, whose own figure it is


def explain(estimate: Estimate, name: str) -> Reason:
    """Return what a figure or an assumption of a plan follows from; a pin is not looked behind.

    A figure of a clip follows in a mix from those of its parts. Raises Mistakes where the name is neither.
    """
    wanted = name_in(name)
    kind = kind_of(wanted)
    if kind not in (FIGURE, ASSUMPTION):
        said = f"`{wanted}` is {kind}, which supplies assumptions; `t2v-cap list choices` shows what it may be"
        raise Mistakes(said if kind else unknown(name, FIGURE, ASSUMPTION))
    return _reason(estimate, wanted, set())


def _reason(estimate: Estimate, name: str, told: set[str]) -> Reason:
    if name not in FIGURES or name in estimate.scenario.pins:
        return Reason(name)
    if name in told:
        return Reason(name, told=True)
    told.add(name)
    if FIGURES[name].mix and estimate.scenario.parts:
        return Reason(name, tuple(Reason(name, part=part.name) for part in estimate.scenario.parts))
    return Reason(name, tuple(_reason(estimate, parameter, told) for parameter in FIGURES[name].parameters))


def names(reason: Reason) -> Iterator[str]:
    """Yield every name of an explanation."""
    yield reason.name
    for one in reason.inputs:
        yield from names(one)
