"""Two plans beside each other: what was assumed differently, and what follows."""

from collections.abc import Mapping
from dataclasses import dataclass

from t2v_capacity.questions.estimate import Estimate
from t2v_capacity.scenario import PlanWarning, point


@dataclass(frozen=True, slots=True)
class Change:
    """A value before and after; None is a null, or nothing on that side."""

    base: float | str | None
    head: float | str | None

    @property
    def change(self) -> float | None:
        """The head less the base, where both are numbers."""
        return self.head - self.base if isinstance(self.base, (int, float)) and isinstance(self.head, (int, float)) else None

    @property
    def relative(self) -> float | None:
        """The change over the base; nothing from zero."""
        return self.change / abs(self.base) if self.change is not None and isinstance(self.base, (int, float)) and self.base else None

    @property
    def sign(self) -> str:
        """`+` where it is new, `-` where it is gone, `~` where it changed."""
        return "+" if self.base is None else "-" if self.head is None else "~"


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from a base plan to a head plan."""

    base: Estimate
    head: Estimate
    choices: Mapping[str, Change]
    assumptions: Mapping[str, Change]
    pins: Mapping[str, Change]
    figures: Mapping[str, Change]
    new_warnings: tuple[PlanWarning, ...]
    gone_warnings: tuple[PlanWarning, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing changed."""
        return not (self.choices or self.assumptions or self.pins or self.figures or self.new_warnings or self.gone_warnings)


def diff(base: Estimate, head: Estimate) -> Difference:
    """Return what changed from one plan to another."""
    before, after = base.scenario, head.scenario
    pins = dict.fromkeys([*before.pins, *after.pins])
    return Difference(
        base,
        head,
        choices=_changes({n: c.value for n, c in before.choices.items()}, {n: c.value for n, c in after.choices.items()}),
        assumptions=_changes(
            {n: point(n, s.value) for n, s in before.settings.items()}, {n: point(n, s.value) for n, s in after.settings.items()}
        ),
        pins=_changes(
            {n: point(n, before.pins[n].value) if n in before.pins else None for n in pins},
            {n: point(n, after.pins[n].value) if n in after.pins else None for n in pins},
        ),
        figures=_changes(base.figures, head.figures),
        new_warnings=_without(head.warnings, base.warnings),
        gone_warnings=_without(base.warnings, head.warnings),
    )


def _changes(base: Mapping[str, float | str | None], head: Mapping[str, float | str | None]) -> dict[str, Change]:
    return {name: Change(base[name], head[name]) for name in head if base[name] != head[name]}


def _without(some: tuple[PlanWarning, ...], others: tuple[PlanWarning, ...]) -> tuple[PlanWarning, ...]:
    """Return the warnings whose code and names the others don't have; a message may differ in its numbers."""
    known = {(warning.code, warning.names) for warning in others}
    return tuple(warning for warning in some if (warning.code, warning.names) not in known)
