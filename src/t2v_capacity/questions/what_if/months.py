"""Months over draws: each figure's band in each month, and the month in which each draw crosses a limit.

The draws are those of an estimate with the same seed, so that the bands of month 0 are its bands. Where the model's error alone
is uncertain, its even points stand for draws, and bands are of its ends and its point, as an estimate's are.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from t2v_capacity.assumptions.parts import plain_name
from t2v_capacity.assumptions.quantities import Range
from t2v_capacity.engine.constants import DAYS_PER_YEAR, SECONDS_PER_DAY
from t2v_capacity.engine.figures import FIGURES, Number, ancestors
from t2v_capacity.plan.cells import cells_of, quiet
from t2v_capacity.plan.conditions import Condition
from t2v_capacity.plan.evidence import FACTOR
from t2v_capacity.plan.ranges import band, draws
from t2v_capacity.plan.uncertain import NO_BAND, error_alone, error_band, even_points, factors_of
from t2v_capacity.scenario.settings import Scenario, point

# The assumptions that change from month to month.
MOVING = ("dau", "service_age", "gpu_price", "spot_price")
Band = tuple[float | None, ...]


def moved(values: Mapping[str, Number], month: Number) -> dict[str, Number]:
    """Return users, age and prices after so many months, or after each of an array of them; a reserved price is a contract's and stays.

    >>> known = {"dau": 100.0, "growth_per_month": 0.5, "service_age": 0.0, "gpu_price": 4.0, "spot_price": 0.0}
    >>> moved({**known, "days_per_month": 30.0, "gpu_price_change_per_year": 0.0}, 2)
    {'dau': 225.0, 'service_age': 5184000.0, 'gpu_price': 4.0, 'spot_price': 0.0}
    """
    cheaper = (1 + values["gpu_price_change_per_year"]) ** (month * values["days_per_month"] / float(DAYS_PER_YEAR))
    return {
        "dau": values["dau"] * (1 + values["growth_per_month"]) ** month,
        "service_age": values["service_age"] + month * values["days_per_month"] * SECONDS_PER_DAY,
        "gpu_price": values["gpu_price"] * cheaper,
        "spot_price": values["spot_price"] * cheaper,
    }


def changed(values: Mapping[str, float], month: int) -> dict[str, float]:
    """Return the values that have changed after a number of months; an unknown price never changes.

    >>> known = {"dau": 100.0, "growth_per_month": 0.0, "service_age": 0.0, "gpu_price": float("nan"), "spot_price": 0.0}
    >>> changed({**known, "days_per_month": 30.0, "gpu_price_change_per_year": -0.1}, 1)
    {'service_age': 2592000.0}
    """
    return {name: value for name, value in moved(values, month).items() if abs(value - values[name]) > 0}


class DrawnMonths:
    """A plan's figures over draws of its ranges, month by month."""

    def __init__(self, scenario: Scenario, months: int, samples: int, seed: int) -> None:
        """Take a scenario that has ranges, how many months follow month 0, and of how many draws with which seed."""
        self.alone = error_alone(scenario)
        self.scenario, self.months = scenario, months
        self.samples = 0 if self.alone else samples
        self.seed: int | None = None if self.alone else seed

    @cached_property
    def _drawn(self) -> dict[str, Any]:
        if not self.alone:
            return draws(self.scenario.ranges(), self.samples, self.seed or 0)
        import numpy as np

        error = self.scenario.settings[FACTOR].value
        assert isinstance(error, Range)
        return factors_of(self.scenario, np.array(even_points(error)))

    def _ends(self) -> dict[str, Any]:
        """Return the ends and the point of the model's error, which bands are of where it is alone."""
        import numpy as np

        error = self.scenario.settings[FACTOR].value
        assert isinstance(error, Range)
        return factors_of(self.scenario, np.array([error.low, point(FACTOR, error), error.high]))

    def _band(self, values: Number) -> Band:
        if not self.alone:
            return tuple(band(values))
        return error_band(values.tolist()) if hasattr(values, "shape") else NO_BAND

    def month(self, month: int, wanted: Sequence[str], drawn: Mapping[str, Any] | None = None) -> dict[str, Number]:
        """Return the draws of figures and assumptions in a month: an array, or a number that no draw reaches."""
        known: dict[str, Number] = {**self.scenario.values(), **(self._drawn if drawn is None else drawn)}
        figures = tuple(name for name in wanted if plain_name(name) in FIGURES)
        with quiet():
            found = {**known, **(there := moved(known, month))}
            found |= cells_of(self.scenario, MOVING, figures, known)(there) if figures else {}
        return {name: found[name] for name in wanted}

    def bands(self, names: Iterable[str]) -> dict[str, tuple[Band, ...]]:
        """Return the 5th, 50th and 95th percentile of figures, or of what moves, in every month."""
        names = tuple(names)
        moving = tuple(name for name in names if name in MOVING or not ancestors([name], stop=self.scenario.pins).isdisjoint(MOVING))
        first = self.bands_in(0, names)
        later = [{**first, **self.bands_in(month, moving)} for month in range(1, self.months + 1)]
        return {name: tuple(bands[name] for bands in (first, *later)) for name in names}

    def bands_in(self, month: int, names: Sequence[str]) -> dict[str, Band]:
        """Return the same of figures and assumptions in one month."""
        found = self.month(month, names, self._ends() if self.alone else self._drawn)
        return {name: self._band(values) for name, values in found.items()}

    def measured(self, limits: Sequence[Condition]) -> Iterator[dict[Condition, tuple[float | None, bool]]]:
        """Yield, month by month, what each limit on draws measures and whether it is kept."""
        for month in range(self.months + 1):
            found = self.month(month, tuple(dict.fromkeys(limit.figure for limit in limits)))
            yield {limit: (limit.measure(found[limit.figure]), limit.holds_of(found[limit.figure])) for limit in limits}

    def crossings(self, limits: Sequence[Condition]) -> dict[Condition, tuple[int | None, ...]]:
        """Return of each limit the 5th, 50th and 95th percentile of the month in which a draw first breaks it; none beyond the last."""
        import numpy as np

        first = {limit: np.full(len(next(iter(self._drawn.values()))), np.inf) for limit in limits}
        for month in range(self.months + 1) if limits else ():
            found = self.month(month, tuple(dict.fromkeys(limit.figure for limit in limits)))
            for limit, months in first.items():
                with quiet():
                    broken = ~np.broadcast_to(np.asarray(limit.kept(np.asarray(found[limit.figure], float))), months.shape)
                months[broken & np.isinf(months)] = month
        bands = {limit: np.quantile(months, (0.05, 0.5, 0.95), method="inverted_cdf") for limit, months in first.items()}
        return {limit: tuple(int(one) if np.isfinite(one) else None for one in ends) for limit, ends in bands.items()}
