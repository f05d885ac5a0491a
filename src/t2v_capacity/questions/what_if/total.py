"""Several scenarios as one service: what adds up is added, ratios are computed again on the sums.

A figure that is declared to add is summed. Any other is computed by its own formula where each of its inputs has a total: a
sum, an assumption that all scenarios share, or a figure computed so. That holds only for ratios, which stay as they are when
all amounts grow or shrink a million times, and for amounts that are the sum of the scenarios' own; both are tried. A rounded
number and the waiting of a fleet are neither, and have no total.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.engine.figures import FIGURES, Figure, ancestors, ordered
from t2v_capacity.errors import Mistakes
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.questions.what_if.pool import ADDING, Pool, pool

# In series, a product's input is counted at its first stage, its output at its last, and its times add.
ENTERING = (
    "requests_per_day",
    "trps",
    "peak_trps",
    "user_profile_storage",
    "ingress_bandwidth",
    "peak_ingress_bandwidth",
)
LEAVING = ("delivered_per_day", "delivered_seconds_per_month", "paid_seconds_per_month")
# Shares of a fleet -> their wholes: separate plans lend each other nothing.
WEIGHED = {"served_share": "busy_gpus", "fleet_share": "replicas_needed"}
LATENCIES = ("generation_latency", "wait_p95", "latency_p95")
# How much larger and smaller a service is made to see whether a figure keeps to proportions, and how well it must.
_SCALES = (1e-6, 0.5, 2.0, 1e6)
_SAME = 1e-9
_LATE = 5  # percent of a stage's requests that are later than its 95th percentile


@dataclass(frozen=True, slots=True)
class Total:
    """Plans side by side, the total of each figure that has one, the reason why the others have none, and notes."""

    plans: tuple[Estimate, ...]
    names: tuple[str, ...]  # of the plans, short and all different
    in_series: bool
    figures: Mapping[str, float]
    not_added: Mapping[str, str]
    notes: tuple[str, ...]
    pool: Pool | None = None  # the same on one fleet, where that was asked


def total(plans: Sequence[Estimate], *, in_series: bool = False, pooled: bool = False) -> Total:
    """Return plans as one service; in series they are the stages of one product, which the same users pass through.

    With `pooled` they also share one fleet, served in their order. Raises Mistakes where the stages of one product have different users,
    and where what is pooled does not run on the same GPUs.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = estimate(load_scenario("scenarios/mochi.yaml"))
    >>> both = total([plan, plan]).figures
    >>> both["gpus"] / plan.figures["gpus"], both["cost_per_video"] / plan.figures["cost_per_video"]
    (2.0, 1.0)
    """
    names = _names(plans)
    if in_series and pooled:
        raise Mistakes("`--in-series` runs scenarios one after the other, `--pooled` at the same time; use one of the two")
    if in_series:
        _check_users(plans, names)
    adding = _added(plans, names, in_series=in_series)
    figures = {name: adding.totals[name] for name in FIGURES if name in adding.totals}
    not_added = {name: adding.reason(name) for name in FIGURES if name not in figures}
    notes = (*(_series_notes(plans, names) if in_series else ()), *_range_notes(plans, names))
    together = pool(plans, names, figures, lambda served: _added(served, names).totals) if pooled else None
    return Total(tuple(plans), names, in_series, figures, not_added, notes, together)


def _added(plans: Sequence[Estimate], names: Sequence[str], *, in_series: bool = False) -> "_Adding":
    """Return the totals of plans, and why figures have none."""
    adding = _Adding(plans, names, in_series=in_series)
    for one in ordered():
        adding.add(one)
    return adding


def _check_users(plans: Sequence[Estimate], names: Sequence[str]) -> None:
    """Raise Mistakes if the stages of one product don't have the same users."""
    users = [plan.values["dau"] for plan in plans]
    if any(dau != users[0] for dau in users):
        each = ", ".join(f"{show(dau, 'user', 6)} in {name}" for dau, name in zip(users, names, strict=True))
        raise Mistakes(
            f"`dau` differs between the stages: {each}; the stages of one product have the same users, "
            "and `request_share` says how many of their requests a stage gets"
        )


def _names(plans: Sequence[Estimate]) -> tuple[str, ...]:
    """Return a short name a plan: its file's, numbered where several have the same."""
    stems = [Path(plan.scenario.file.strip("<>")).stem for plan in plans]
    return tuple(stem if stems.count(stem) == 1 else f"{stem} {stems[: index + 1].count(stem)}" for index, stem in enumerate(stems))


class _Adding:
    """Works its way through the graph, inputs first."""

    def __init__(self, plans: Sequence[Estimate], names: Sequence[str], *, in_series: bool) -> None:
        self.plans, self.names, self.in_series = plans, names, in_series
        self.totals: dict[str, float] = {}
        self.values: dict[str, float] = {}  # what formulas are given
        self.amounts: set[str] = set()  # names that grow with the service; the others stay
        self.causes: dict[str, tuple[str, str]] = {}  # name without a total -> name that it fails for, why
        for name in ASSUMPTIONS:
            own = [plan.values[name] for plan in plans]
            if name in ADDING:
                self._know(name, own[0] if in_series else sum(own), amount=True)
            elif any(map(math.isnan, own)):
                self._fail(name, f"has no value in {names[[*map(math.isnan, own)].index(True)]}")
            elif all(value == own[0] for value in own):
                self._know(name, own[0], amount=False)
            else:
                self._fail(name, "differs")

    def add(self, figure: Figure) -> None:
        """Find a figure's total, or why it has none; its inputs were seen before."""
        name, own = figure.name, [plan.figures[figure.name] for plan in self.plans]
        blocked = [parameter for parameter in figure.parameters if parameter not in self.values]
        pinned = [short for short, plan in zip(self.names, self.plans, strict=True) if name in plan.scenario.pins]
        if figure.adds or (self.in_series and name in LATENCIES):
            self._sum(name, own)
        elif name in WEIGHED:
            self._weighed(name, own)
        elif pinned:  # of anything but a ratio that all share no formula knows the total
            self._same(name, own if len(pinned) == len(own) and not self._sized(name) else [None], f"is pinned in {pinned[0]}")
        elif figure.mix and any(plan.scenario.parts or plan.scenario.stages for plan in self.plans):
            self._same(name, own, "differs")  # it follows from clips, which in a mix are those of parts
        elif blocked:
            self.causes[name] = self.causes[blocked[0]]
        elif figure.whole and self._sized(name):
            self._fail(name, "is rounded in each scenario")
        else:
            self._compute(figure, own)

    def _sum(self, name: str, own: list[float | None]) -> None:
        known = [value for value in own if value is not None]
        if len(known) < len(own):
            self._fail(name, f"has no value in {self.names[own.index(None)]}")
        elif math.isinf(sum(known)):
            self._fail(name, "has a sum that is too large for a number")
        elif self.in_series and name in LATENCIES:
            self._fail(name, "is a sum of the stages' own")  # of no use to formulas, which know one stage alone
            self.totals[name] = sum(known)
        else:
            once = {**dict.fromkeys(ENTERING, known[0]), **dict.fromkeys(LEAVING, known[-1])} if self.in_series else {}
            self._tell(name, once.get(name, sum(known)), amount=True)

    def _weighed(self, name: str, own: list[float | None]) -> None:
        """Take the mean of a share over what it is of: one plan's spare capacity serves no other."""
        weights = [plan.known[WEIGHED[name]] for plan in self.plans]
        shares = [share for share in own if share is not None]
        if len(shares) < len(own):
            self._fail(name, f"has no value in {self.names[own.index(None)]}")
        elif math.isnan(sum(weights)):
            self._fail(name, f"rests on {WEIGHED[name]}, which has no total")
        else:
            self._tell(name, sum(share * part for share, part in zip(shares, weights, strict=True)) / sum(weights), amount=False)

    def _same(self, name: str, own: list[float | None], why: str) -> None:
        """Take a ratio that all scenarios have alike."""
        if own[0] is None or any(value != own[0] for value in own):
            self._fail(name, why)
        else:
            self._tell(name, own[0], amount=False)

    def _compute(self, figure: Figure, own: list[float | None]) -> None:
        name, value = figure.name, self._formula(figure, 1)
        # A ratio stays as it is with all amounts larger and smaller.
        amount = bool(set(figure.parameters) & self.amounts) and not all(_alike(self._formula(figure, scale), value) for scale in _SCALES)
        if math.isnan(value):
            self._fail(name, "has no value for the sums")
        elif amount and (None in own or not _alike(value, sum(one for one in own if one is not None))):
            self._fail(name, "does not keep to proportions")
        else:
            self._tell(name, value, amount=amount)

    def _tell(self, name: str, value: float, *, amount: bool) -> None:
        """Take a total, for the answer and for the formulas that need it; a stage's own numbers are for these alone."""
        self._know(name, value, amount=amount)
        if self._sized(name) or not self.in_series:
            self.totals[name] = value
        else:
            self._fail(name, "is each stage's own")

    def _sized(self, name: str) -> bool:
        """Return whether a figure follows from the size of the service."""
        return bool(ancestors([name]) & {*ADDING})

    def _know(self, name: str, value: float, *, amount: bool) -> None:
        self.values[name] = value
        if amount:
            self.amounts.add(name)

    def _fail(self, name: str, why: str) -> None:
        self.causes[name] = name, why

    def _formula(self, figure: Figure, scale: float) -> float:
        """Return the value of a figure's formula with all amounts multiplied by a factor."""
        return float(figure.formula(*(self.values[p] * (scale if p in self.amounts else 1) for p in figure.parameters)))

    def reason(self, name: str) -> str:
        """Return why a figure has no total: the first thing that it fails for."""
        cause, why = self.causes[name]
        return f"`{cause}` {why}" if cause != name or why == "differs" else why


def _alike(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=_SAME)


def _series_notes(plans: Sequence[Estimate], names: Sequence[str]) -> tuple[str, ...]:
    """Return the notes on a product's stages, in sentences."""
    notes = []
    for name, stage, tail in (
        ("requests_per_day", "first", ""),
        ("delivered_per_day", "last", "; so a figure per video is per video of the last stage, the earlier stages' cost and energy in it"),
    ):
        own = [plan.figures[name] for plan in plans]
        if any(value != own[0] for value in own):
            unit = FIGURES[name].unit
            each = ", ".join(f"{'none' if v is None else show(v, unit)} in {n}" for v, n in zip(own, names, strict=True))
            notes.append(f"{name} differs between the stages: {each}; the {stage} stage's is counted{tail}")
    if len(plans) > 1:
        notes.append(
            "wait_p95 and latency_p95 are sums of the stages' 95th percentiles: not the 95th percentile of the whole, "
            f"but at most {min(100, _LATE * len(plans))}% of requests that pass all stages take longer"
        )
    return tuple(notes)


def _range_notes(plans: Sequence[Estimate], names: Sequence[str]) -> tuple[str, ...]:
    """Name the scenarios with ranges: the total adds their plans at the medians."""
    ranged = [f"{', '.join(plan.scenario.ranges())} in {name}" for plan, name in zip(plans, names, strict=True) if plan.scenario.ranges()]
    return (f"ranges of {'; '.join(ranged)}: every plan here is the one at the medians",) if ranged else ()
