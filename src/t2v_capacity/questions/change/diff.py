"""Compare two plans: different assumptions, and different figures."""

import math
from collections.abc import Mapping
from typing import NamedTuple

from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.parts import plain_name
from t2v_capacity.plan.conditions import LIMIT_TOLERANCE
from t2v_capacity.questions.change.sides import Ends, Side
from t2v_capacity.scenario.settings import PlanWarning

_MUCH_WORSE = 1.1  # times as far beyond a target


class Change(NamedTuple):
    """A value before and after; None is a null, or nothing on that side."""

    base: float | str | None
    head: float | str | None
    base_range: Ends | None = None
    head_range: Ends | None = None

    @property
    def change(self) -> float | None:
        """The head less the base, where both are numbers."""
        if isinstance(self.base, (int, float)) and isinstance(self.head, (int, float)):
            return self.head - self.base
        return None

    @property
    def relative_change(self) -> float | None:
        """The change over the base; nothing from zero, or from so little that no number holds it."""
        if self.change is None or not isinstance(self.base, (int, float)) or not self.base:
            return None
        return finite(self.change / abs(self.base))

    @property
    def share(self) -> float:
        """The relative change, for comparing: infinite from zero, from no value and to no value."""
        return math.inf if self.relative_change is None else abs(self.relative_change)

    @property
    def sign(self) -> str:
        """`+` where it is new, `-` where it is gone, `~` where it changed."""
        if self.base is None:
            return "+"
        return "-" if self.head is None else "~"


class Difference(NamedTuple):
    """The changes from a base plan to a head plan."""

    base: Side
    head: Side
    choices: Mapping[str, Change] = {}
    assumptions: Mapping[str, Change] = {}
    pins: Mapping[str, Change] = {}
    figures: Mapping[str, Change] = {}
    new_warnings: tuple[PlanWarning, ...] = ()
    gone_warnings: tuple[PlanWarning, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing changed."""
        return not (self.assumed or self.figures or self.new_warnings or self.gone_warnings)

    @property
    def assumed(self) -> dict[str, Change]:
        """The different inputs: choices, assumptions and pins."""
        return {**self.choices, **self.assumptions, **self.pins}

    def ends(self, name: str) -> tuple[float | None, float | None]:
        """Return a figure of the base and of the head, changed or not."""
        return self.base.figure(name), self.head.figure(name)

    def figure(self, name: str) -> Change:
        """Return the same as a change."""
        return Change(*self.ends(name))


def diff(base: Side, head: Side) -> Difference:
    """Return the changes from one plan to another.

    A name that only one of them has is a change too, and so is a point that became a range.
    """
    ranges = base.ranges, head.ranges
    new = _without(head.warnings, base.warnings)
    return Difference(
        base,
        head,
        choices=_changes(base.choices, head.choices),
        assumptions=_changes(base.assumptions, head.assumptions, ranges),
        pins=_changes(base.pins, head.pins, ranges),
        figures=_changes(base.figures, head.figures),
        new_warnings=tuple(warning for warning in head.warnings if warning in new or _worse(warning, base, head)),
        gone_warnings=_without(base.warnings, head.warnings),
    )


def _changes(
    base: Mapping[str, float | str | None],
    head: Mapping[str, float | str | None],
    ranges: tuple[Mapping[str, Ends], Mapping[str, Ends]] = ({}, {}),
) -> dict[str, Change]:
    changes = dict[str, Change]()
    for name in () if base is head else dict.fromkeys([*base, *head]):
        change = Change(base.get(name), head.get(name), ranges[0].get(name), ranges[1].get(name))
        if (name in base) != (name in head) or change.base != change.head or change.base_range != change.head_range:
            changes[name] = change
    return changes


def _without(some: tuple[PlanWarning, ...], others: tuple[PlanWarning, ...]) -> tuple[PlanWarning, ...]:
    """Return the warnings whose code and names the others don't have; a message may differ in its numbers."""
    known = {(warning.code, warning.names) for warning in others}
    return tuple(warning for warning in some if (warning.code, warning.names) not in known)


def _worse(warning: PlanWarning, base: Side, head: Side) -> bool:
    """Return whether a warning of both sides says more: less is served, or a target is missed by a tenth more."""
    served = base.figure("served_share"), head.figure("served_share")
    if "served_share" in warning.names or warning.code == "overloaded":
        return None not in served and served[1] < served[0] * (1 - LIMIT_TOLERANCE)  # type: ignore[operator]
    if not warning.code.startswith("misses-"):
        return False
    missed = [_excess(side, *warning.names[:2]) for side in (base, head)]
    return missed[1] > missed[0] * _MUCH_WORSE


def _excess(side: Side, figure: str, target: str) -> float:
    """Return by how much a figure, of the plan or of a part, is above its target."""
    reached = side.figure(figure)
    wanted = side.assumptions.get(target, side.assumptions.get(plain_name(target)))
    return math.inf if reached is None else reached - (wanted or 0.0)
