"""Several scenarios as one service: what adds up is added, ratios are computed again on the sums.

A figure that is declared to add is summed. Any other is computed by its own formula where each of its inputs has a
total. Such an input is a sum, an assumption that all scenarios share, or a figure computed so. That holds only for
ratios and for amounts that are the sum of the scenarios' own. Ratios stay as they are when all amounts grow or shrink a
million times; both are tried. A rounded number and the waiting of a fleet are neither, and have no total.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from operator import mul
from pathlib import Path
from typing import NamedTuple

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.quantities import digits, show
from t2v_capacity.engine.figures import FIGURES, Figure, ancestors, ordered
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.questions.what_if.months import or_nan
from t2v_capacity.questions.what_if.pool import ADDING, Pool, pool

PROFIT = "profit_per_month"
# Shares -> their wholes: separate plans lend each other nothing.
WEIGHED = {"served_share": "requests_per_day", "fleet_share": "replicas_needed"}
# How much larger and smaller a service is made to see whether a figure keeps to proportions.
_SCALES = (1e-6, 0.5, 2.0, 1e6)
# Peaks whose sum is reached to this share are of one hour.
_PEAKS_TOGETHER = 0.99


class Total(NamedTuple):
    """Plans side by side, with the total of each figure or the reason why it has none, and notes."""

    plans: tuple[Estimate, ...]
    names: tuple[str, ...]  # of the plans, short and all different
    figures: Mapping[str, float]
    not_added: Mapping[str, str]
    notes: tuple[str, ...]
    pool: Pool | None  # the same on one fleet, where that was asked


def total(plans: Sequence[Estimate], *, pooled: bool = False) -> Total:
    """Return plans as one service; with `pooled` also on one fleet, served in their order.

    Raises Mistakes where what is pooled does not run on the same GPUs.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = estimate(load_scenario("scenarios/mochi.yaml"))
    >>> both = total([plan, plan]).figures
    >>> both["gpus"] / plan.figures["gpus"], both["cost_per_video"] / plan.figures["cost_per_video"]
    (2.0, 1.0)
    """
    names = short_names(plans)
    adding = _Adding(plans, names)
    figures = {name: adding.values[name] for name in FIGURES if name in adding.values}
    not_added = {name: adding.reasons[name] for name in FIGURES if name not in figures}
    ranged = [
        f"{', '.join(own)} in {name}"
        for plan, name in zip(plans, names, strict=True)
        if (own := plan.scenario.ranges())
    ]
    notes = [f"ranges of {'; '.join(ranged)}: every plan here is the one at the medians"] if ranged else []
    notes += _peaks_apart(plans)
    together = pool(plans, names, figures, lambda served: _Adding(served, names).values) if pooled else None
    return Total(tuple(plans), names, figures, not_added, tuple(notes), together)


def _peaks_apart(plans: Sequence[Estimate]) -> Iterator[str]:
    """Yield how much less the requests of all plans peak at than the sum of their peaks, by their day curves."""
    curves, peaks = [plan.scenario.day_curve for plan in plans], [plan.known["peak_trps"] for plan in plans]
    if sum(map(bool, curves)) > 1:
        from t2v_capacity.questions.what_if.curves import summed_peak  # which numpy is read for

        together, _hour = summed_peak(curves, peaks)
        if together < sum(peaks) * _PEAKS_TOGETHER:
            yield (
                f"peaks are added, each of its own hour: all requests together peak at "
                f"{show(together, FIGURES['peak_trps'].unit)}, {digits(100 * together / sum(peaks))}% of `peak_trps`"
            )


def short_names(plans: Sequence[Estimate]) -> tuple[str, ...]:
    """Return a short name a plan: its file's, numbered where several have the same."""
    stems = [Path(plan.scenario.file.strip("<>")).stem for plan in plans]
    return tuple(
        stem if stems.count(stem) == 1 else f"{stem} {stems[: index + 1].count(stem)}"
        for index, stem in enumerate(stems)
    )


class _Adding:
    """Works its way through the graph, inputs first."""

    def __init__(self, plans: Sequence[Estimate], names: Sequence[str]) -> None:
        self.plans, self.names = plans, names
        self.values: dict[str, float] = {}  # of assumptions that all share and of figures with a total
        self.amounts: set[str] = set()  # names that grow with the service; the others stay
        self.reasons: dict[str, str] = {}  # why a name has no total: the first thing that it fails for
        for name in ASSUMPTIONS:
            own = [finite(plan.values[name]) for plan in plans]
            if name in ADDING and len(plans) > 1:
                self.reasons[name] = "may be the same users in several files"
            elif name in ADDING or None in own:
                self._take_sum(name, own)
            else:
                self._take_alike(name, own, f"`{name}` differs")
        for figure in ordered():
            self._add(figure)

    def _add(self, figure: Figure) -> None:
        """Find a figure's total, or why it has none; its inputs were seen before."""
        name, own = figure.name, self._own(figure.name)
        blocked = [parameter for parameter in figure.parameters if parameter not in self.values]
        pinned = [short for short, plan in zip(self.names, self.plans, strict=True) if name in plan.scenario.pins]

        if figure.adds or (name in WEIGHED and None in own):
            self._take_sum(name, own)
        elif name in WEIGHED:  # one plan's spare capacity serves no other
            weights = [plan.known[WEIGHED[name]] for plan in self.plans]
            self._know(name, sum(map(mul, own, weights)) / sum(weights))
        elif pinned:  # of anything but a ratio that all share no formula knows the total
            alike = len(pinned) == len(own) and not self._follows_size(name)
            self._take_alike(name, own if alike else [None], f"is pinned in {pinned[0]}")
        elif figure.mix and any(plan.scenario.parts or plan.scenario.stages for plan in self.plans):
            self._take_alike(name, own, f"`{name}` differs")  # it follows from clips, which in a mix are those of parts
        elif blocked:
            why = self.reasons[blocked[0]]
            self.reasons[name] = why if why.startswith("`") else f"`{blocked[0]}` {why}"
        elif figure.whole and self._follows_size(name):
            self.reasons[name] = "is rounded in each scenario"
        else:
            self._compute(figure, own)

    def _own(self, name: str) -> list[float | None]:
        """Return each plan's value of a figure. Next to what has a price, what has none has a loss and is free."""
        own = [plan.figures[name] for plan in self.plans]
        revenues = [plan.known["revenue_per_month"] for plan in self.plans]
        if name == PROFIT and {*own} != {None}:
            profits = (plan.known["revenue_per_month"] - plan.known["cost_per_month"] for plan in self.plans)
            return [finite(profit) if pinned is None else pinned for pinned, profit in zip(own, profits, strict=True)]
        if name == "paid_seconds_per_month" and any(revenue > 0 for revenue in revenues):
            return [seconds if revenue > 0 else 0 for seconds, revenue in zip(own, revenues, strict=True)]
        return own

    def _take_sum(self, name: str, own: Sequence[float | None]) -> None:
        if None in own:
            self.reasons[name] = f"has no value in {self.names[own.index(None)]}"
        else:
            self._know(name, sum(map(or_nan, own)), amount=True)

    def _take_alike(self, name: str, own: Sequence[float | None], why: str) -> None:
        """Take a ratio that all scenarios have alike."""
        if own[0] is None or any(other != own[0] for other in own):
            self.reasons[name] = why
        else:
            self._know(name, own[0])

    def _compute(self, figure: Figure, own: Sequence[float | None]) -> None:
        number = self._formula(figure, 1)
        # A ratio stays as it is with all amounts larger and smaller.
        amount = not self.amounts.isdisjoint(figure.parameters) and not all(
            math.isclose(self._formula(figure, scale), number) for scale in _SCALES
        )
        is_sum = math.isclose(number, sum(map(or_nan, own)))
        if amount and not is_sum and not math.isnan(number):
            self.reasons[figure.name] = "does not keep to proportions"
        else:
            self._know(figure.name, number, amount=amount)

    def _follows_size(self, name: str) -> bool:
        """Return whether a figure follows from the size of the service."""
        return bool(ancestors([name]) & {*ADDING})

    def _know(self, name: str, number: float, *, amount: bool = False) -> None:
        if not math.isfinite(number):
            self.reasons[name] = "has no value for the sums"
            return
        self.values[name] = number
        if amount:
            self.amounts.add(name)

    def _formula(self, figure: Figure, scale: float) -> float:
        """Return the value of a figure's formula with all amounts multiplied by a factor."""
        scaled = [self.values[name] * (scale if name in self.amounts else 1) for name in figure.parameters]
        return float(figure.formula(*scaled))
