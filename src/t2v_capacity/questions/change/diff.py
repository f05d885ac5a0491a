"""Compare two plans, each of the disk or of a git revision: different assumptions, and different figures."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.parts import definition_of, is_of_a_part, plain_name
from t2v_capacity.files.document import STANDARD_INPUT
from t2v_capacity.files.git_tree import Committed
from t2v_capacity.files.revisions import in_plan_revision
from t2v_capacity.plan.conditions import LIMIT_TOLERANCE, Condition, result_at
from t2v_capacity.plan.estimate import Estimate, estimate
from t2v_capacity.scenario.load import load_scenario, with_flags
from t2v_capacity.scenario.settings import PlanWarning, Scenario, point

# The ends of a range.
Ends = tuple[float, float]


class Side(NamedTuple):
    """One of two plans that are compared: what was assumed, what follows, and where it was read."""

    name: str
    file: str
    as_of: str
    choices: Mapping[str, str]
    assumptions: Mapping[str, float | None]
    pins: Mapping[str, float]
    figures: Mapping[str, float | None]
    ranges: Mapping[str, Ends] = {}
    revision: str | None = None  # a commit of git
    committed: str = ""  # the file there; other files are read as they were with it
    shown: str = ""  # the file as a title shows it
    scenario: Scenario | None = None  # none of the side that a new or a deleted scenario lacks
    plan: Estimate | None = None  # likewise

    def figure(self, name: str) -> float | None:
        """Return a figure of the plan, or of a part of its mix."""
        return self.plan.figure(name) if self.plan and is_of_a_part(name) else self.figures.get(name)

    @property
    def warnings(self) -> tuple[PlanWarning, ...]:
        """The warnings of the plan, without what drives it."""
        return self.plan.brief_warnings if self.plan else ()

    @property
    def outlived(self) -> set[str]:
        """The pins of which the plan itself warns that they were measured on another one."""
        return {warning.names[0] for warning in self.warnings if warning.code == "pin-outlived"}

    def measured(self, condition: Condition) -> float | None:
        """Return what a condition is held against: a figure, or what its draws come to."""
        name = condition.figure
        drawn = self.plan.likely((name,)) if self.plan and condition.of_draws else {}
        return result_at(condition, self.figure(name), drawn.get(name)).measured


NOBODY = Side("", "", "", {}, {}, {}, {})  # the side that a new or a deleted scenario lacks


def side(plan: Estimate) -> Side:
    """Return a plan that was just computed as one side of a comparison."""
    scenario, known = plan.scenario, plan.scenario.all_settings()
    return Side(
        name=scenario.name,
        file=scenario.file,
        as_of=scenario.as_of,
        choices=scenario.chosen(),
        assumptions={
            name: finite(point(name, setting.value)) for name, setting in known.items() if definition_of(name)
        },
        pins={name: point(name, setting.value) for name, setting in known.items() if not definition_of(name)},
        figures=plan.figures,
        ranges={name: (ends.low, ends.high) for name, ends in scenario.ranges().items()},
        shown=scenario.file,
        scenario=scenario,
        plan=plan,
    )


class SharedFlags(NamedTuple):
    """Flags applied to both sides of every pair."""

    sets: Sequence[str] = ()
    pins: Sequence[str] = ()
    catalogues: Sequence[str] = ()


_NO_FLAGS = SharedFlags()


def read_side(path: str, flags: SharedFlags = _NO_FLAGS, like: Side = NOBODY, *, new: bool = False) -> Side:
    """Return a plan as one side of a comparison, with flags over it. Raise Mistakes if it can't be read.

    A catalogue is read as it was with the plan; a `new` one may stand for both. A scenario that says the same as that
    of `like` is not computed again.
    """
    committed = path if isinstance(path, Committed) else ""
    catalogues = [in_plan_revision(catalogue, committed, new=new) or catalogue for catalogue in flags.catalogues]
    scenario = load_scenario(path, flags.sets, flags.pins, catalogues)
    alike = like.scenario and like.scenario.has_same_text(scenario)

    read = like._replace(scenario=scenario) if alike else side(estimate(scenario))
    read = read._replace(name=scenario.name, shown=_title(path), committed=committed)
    if not isinstance(path, Committed):
        return read
    name = scenario.name.removeprefix(f"{path.revision}:")  # of a file at the top that gives it none
    return read._replace(name=name, file=path.inside, revision=path.commit)


def changed_side(base: Side, flags: SharedFlags, changes: Iterable[str]) -> Side:
    """Return a side with flags over it, which are what changed."""
    assert base.scenario is not None
    head = side(estimate(with_flags(base.scenario, flags.sets, pins=flags.pins)))
    return head._replace(name=base.name, file=base.file, revision=base.revision, shown=" ".join([base.shown, *changes]))


def _title(path: str) -> str:
    """Return a path as a title shows it: a revision that is a name with the commit that it stands for."""
    if isinstance(path, Committed) and not path.commit.startswith(path.revision):
        return f"{path} ({path.commit[:10]})"
    return "<stdin>" if path == STANDARD_INPUT else str(path)


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
    if base.plan is head.plan:  # of files that say the same
        return Difference(base, head)

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
    for name in dict.fromkeys([*base, *head]):
        change = Change(base.get(name), head.get(name), ranges[0].get(name), ranges[1].get(name))
        if (name in base) != (name in head) or change.base != change.head or change.base_range != change.head_range:
            changes[name] = change
    return changes


def _without(some: tuple[PlanWarning, ...], others: tuple[PlanWarning, ...]) -> tuple[PlanWarning, ...]:
    """Return the warnings that the others don't have as grave; a message may differ in its numbers."""
    known = {warning._replace(message="") for warning in others}
    return tuple(warning for warning in some if warning._replace(message="") not in known)


def _worse(warning: PlanWarning, base: Side, head: Side) -> bool:
    """Return whether a warning of both sides says more.

    Less is served, or the last request of an overload waits, or a target is missed, by a tenth more.
    """
    longer = False
    served, waits = ([side.figure(name) for side in (base, head)] for name in ("served_share", "overload_wait"))
    if "served_share" in warning.names or warning.code == "overloaded":
        if head.scenario and not head.scenario.promises and waits[0] is not None:  # else its target says it
            longer = waits[1] is None or waits[1] > waits[0] * _MUCH_WORSE
        less = None not in served and served[1] < served[0] * (1 - LIMIT_TOLERANCE)  # type: ignore[operator]
        return longer or less
    if not warning.code.startswith("misses-"):
        return False
    target = f"{warning.part}.{plain_name(warning.names[1])}".lstrip(".")
    missed = [_excess(side, target) for side in (base, head)]
    return missed[1] > missed[0] * _MUCH_WORSE


def _excess(side: Side, target: str) -> float:
    """Return by how much a target is missed, of the plan or of a part.

    Of a peak that is not carried, the end of the overload counts. A stream that stops is as late as can be, whatever
    its first frame takes.
    """
    slack = side.figure(
        target.replace("target_latency", "latency_slack").replace("target_deferred_wait", "deferred_slack")
    )
    return math.inf if slack is None or side.figure("clip_runs") is None else -slack
