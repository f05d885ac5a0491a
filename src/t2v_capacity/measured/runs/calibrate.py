"""A user's own measured runs -> what they can tell of the GPUs timed, by least squares of relative errors.

One run tells a factor on the seconds of linear layers and attention. Several that differ tell a constant per clip too
(loading, the host, the encoder), and six or more an efficiency of each. What the model can't explain within bounds is
not taken.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from operator import add, mul
from typing import NamedTuple

from t2v_capacity.catalogue.published import published
from t2v_capacity.engine.figures import Number
from t2v_capacity.errors import Mistakes, Place, collected, gathered, refuse
from t2v_capacity.measured.runs.accuracy import Values, predicted, quantile
from t2v_capacity.measured.runs.reading import OTHER_SECONDS, Run, ran, read_runs
from t2v_capacity.plan.cells import cells_of
from t2v_capacity.plan.estimate import computed
from t2v_capacity.plan.evidence import EXTRAPOLATED
from t2v_capacity.plan.ways import BEYOND_DENOISING, ways
from t2v_capacity.scenario.load import load_scenario
from t2v_capacity.scenario.settings import Scenario

EFFICIENCIES = ("linear_efficiency", "attention_efficiency")
CONSTANT = "other_gpu_seconds_per_video"
# So many runs tell both efficiencies and a constant; the band is that of so many runs themselves.
MANY, OF_THEIR_OWN = 6, 10
_PEAK, _LEAST = 1.0, 0.5  # of an efficiency, and of its shipped value
_EXPLAINED = 0.8  # the share of plans without evidence whose band the worst of the runs keeps to
_NEAR = 1e-9
# Columns whose part of their own is smaller than this do the same to every run.
_ALIKE = 0.045


class MeasuredRun(NamedTuple):
    """A run, the function of both efficiencies that predicts it, and what it was predicted to take."""

    run: Run
    gpu: str
    runtime: str
    seconds: float
    predict: Callable[[dict[str, Number]], dict[str, Number]]
    before: float
    ways: frozenset[str]  # what it did otherwise than a plain clip, of what was timed
    after: float = 0.0

    def at(self, efficiencies: Values, constant: float = 0.0) -> float:
        """Return the seconds that two efficiencies and a constant per clip predict."""
        return float(self.predict({**efficiencies, CONSTANT: constant})[self.run.figure])


class Calibration(NamedTuple):
    """The efficiencies that a user's runs give, and how well they fit."""

    scenario: Scenario
    generation: str
    attention_kernel: str  # GPU generation and kernel
    compute_precision: str
    runs: tuple[MeasuredRun, ...]
    shipped: Values
    fitted: Values
    constant: float  # GPU-seconds per clip that the model does not predict
    terms: int  # that were fitted: a factor; a constant too; an efficiency of each
    not_taken: str  # why more runs did not tell more

    @property
    def gpus(self) -> dict[str, int]:
        """The GPUs that were timed, each with how many runs are of it."""
        return Counter(run.gpu for run in self.runs)

    @property
    def residual(self) -> float | None:
        """How many times a run was off at most, with a correction for what was fitted.

        It is None for few runs, which have no band of their own.
        """
        runs = len(self.runs)
        if runs < OF_THEIR_OWN:
            return None
        return math.exp(max(map(_off, self.runs)) * math.sqrt(runs / (runs - self.terms)))

    def error(self, moment: str, share: float) -> float:
        """Return a quantile of |predicted / measured - 1|, before or after."""
        return quantile([abs(getattr(run, moment) / run.seconds - 1) for run in self.runs], share)


def calibrate(
    path: str,
    runs_path: str,
    sets: Sequence[str] = (),
    pins: Sequence[str] = (),
    catalogues: Sequence[str] = (),
    as_of: str | None = None,
) -> Calibration:
    """Return the efficiencies that measured runs of a scenario give.

    Raises Mistakes where a run is of another GPU generation, kernel or precision, or faster than the GPU's peak allows.
    """
    # A run is one clip, of no mix.
    scenario = load_scenario(path, sets, pins, catalogues, as_of).but(parts=(), stages=())
    computed(scenario, scenario.values())
    pair, runs = _pair(scenario), list[MeasuredRun]()
    with gathered() as mistakes:
        for name in EFFICIENCIES:
            if (origin := scenario.settings[name].origin).kind in ("file", "flag"):
                refuse(
                    mistakes,
                    f"`{name}` is set by hand, and would stand before what the runs give; take it away",
                    origin.place,
                )
        for run in run_of_each_clip(read_runs(runs_path)):
            with collected(mistakes):
                runs.append(_comparable_run(run, *predicted(run, scenario.catalogue, scenario.layers), pair))
    return _calibration(scenario, pair, runs)


def run_of_each_clip(runs: Iterable[Run]) -> Iterable[Run]:
    """Return the runs, each clip once.

    Of a benchmark that timed stages too, return denoising, where the efficiencies act alone.
    """
    by_place: dict[Place, Run] = {}
    for run in runs:
        if run.place not in by_place or run.figure == OTHER_SECONDS["denoising_seconds"]:
            by_place[run.place] = run
    return by_place.values()


def _comparable_run(run: Run, own: Scenario, values: Values, pair: tuple[str, str, str]) -> MeasuredRun:
    """Return a run that can be compared, with what was predicted before; refuse one that can't be."""
    if run.seconds is None:
        raise Mistakes("this run has no seconds, and memory says nothing of speed", run.place)
    for what, mine, theirs in zip(
        ("GPU generation", "attention kernel", "compute precision"), pair, _pair(own), strict=True
    ):
        if mine != theirs:
            message = f"this run's {what} is {theirs}, the scenario's {mine}: calibrate each with runs of its own"
            raise Mistakes(message, run.place)
    if run.figure in own.pins:
        raise Mistakes(f"`{run.figure}` is pinned, so that nothing is predicted; take the pin away", run.place)
    # Of the hundred formulas a few move with the efficiencies; the others are computed once a run.
    predict = cells_of(own, (*EFFICIENCIES, CONSTANT), (run.figure,), ran(own))
    did = ways(values) - (BEYOND_DENOISING if run.figure == "denoising_seconds" else frozenset())
    measured = MeasuredRun(run, own.choices["gpu"].value, own.choices["runtime"].value, run.seconds, predict, 0.0, did)
    fastest = measured.at(dict.fromkeys(EFFICIENCIES, _PEAK))
    if run.seconds < fastest * (1 - _NEAR):
        message = (
            f"{run.seconds:g} s is faster than this GPU can be: with linear layers and attention "
            f"at the whole of its peak the clip takes {fastest:.4g} s, so that the efficiency would exceed 1. "
            "Check the steps, the frame size, the GPUs and what the time includes; "
            "a cache, sparse attention or another number format must be set in the run"
        )
        raise Mistakes(message, run.place)
    return measured._replace(before=measured.at({name: values[name] for name in EFFICIENCIES}))


def _pair(scenario: Scenario) -> tuple[str, str, str]:
    """Return the GPU generation, the kernel on it and the compute precision of a scenario."""
    chosen, catalogue = scenario.chosen(), scenario.catalogue
    return catalogue.generation(chosen).id, catalogue.kernel(chosen).id.partition("/")[2], chosen["compute_precision"]


def _calibration(scenario: Scenario, pair: tuple[str, str, str], runs: list[MeasuredRun]) -> Calibration:
    """Return the most that the runs can tell within bounds.

    Raise Mistakes with the run that is farthest off if that is nothing.
    """
    values = scenario.values()
    shipped = {name: values[name] for name in EFFICIENCIES}
    choices, left = _columns(runs, shipped)
    not_taken, worst = "", runs[0]
    for columns in choices:
        weights = _weights(columns, left)
        if weights is None:  # the runs can't tell them apart
            continue
        fitted, per_clip = _efficiencies(shipped, weights)
        after = [run._replace(after=run.at(fitted, max(0.0, per_clip))) for run in runs]
        worst = max(after, key=_off)

        if _is_explained(worst, fitted, shipped, per_clip):
            generation, kernel, precision = pair
            return Calibration(
                scenario,
                generation,
                f"{generation}/{kernel}",
                precision,
                tuple(after),
                shipped,
                fitted,
                max(0.0, per_clip),
                len(columns),
                not_taken,
            )
        efficiencies = ", ".join(f"{name} {efficiency:.3g}" for name, efficiency in fitted.items())
        not_taken = (
            f"the model can't explain these runs with {efficiencies} and {per_clip:.3g} s per clip: "
            "an efficiency is half of the shipped one to 1, a time not negative. "
            f"Farthest off is run {worst.run.id}: {worst.seconds:.4g} s measured, {worst.after:.4g} s predicted"
        )
    raise Mistakes(f"{not_taken}; check its steps, frame size, GPUs and what the time includes", worst.run.place)


def _columns(runs: Sequence[MeasuredRun], shipped: Values) -> tuple[list[list[list[float]]], list[float]]:
    """Return the sets of columns that the runs may tell, the largest first, and what the prediction leaves.

    All are shares of the measured seconds: what halving each efficiency adds, and what a second per clip adds.
    """
    now = [run.at(shipped) for run in runs]
    changed = [*(({**shipped, name: efficiency / 2}, 0.0) for name, efficiency in shipped.items()), (shipped, 1.0)]
    of_linear, of_attention, constant = (
        [(run.at(*change) - seconds) / run.seconds for run, seconds in zip(runs, now, strict=True)]
        for change in changed
    )
    both = list(map(add, of_linear, of_attention))
    left = [1 - seconds / run.seconds for run, seconds in zip(runs, now, strict=True)]

    choices = [[both]]
    if len(runs) > 1:
        choices.insert(0, [both, constant])
    if len(runs) >= MANY:
        choices.insert(0, [of_linear, of_attention, constant])
    return choices, left


def _efficiencies(shipped: Values, weights: list[float]) -> tuple[dict[str, float], float]:
    """Return the efficiencies, and the seconds per clip, of the weights of columns."""
    slower = weights[:2] if len(weights) > len(EFFICIENCIES) else weights[:1] * 2
    per_clip = weights[-1] if len(weights) > 1 else 0.0
    fitted = {
        name: efficiency / max(1 + more, _NEAR)
        for (name, efficiency), more in zip(shipped.items(), slower, strict=True)
    }
    return fitted, per_clip


def _is_explained(worst: MeasuredRun, fitted: Values, shipped: Values, per_clip: float) -> bool:
    """Return whether the efficiencies are within bounds, and the worst run in the band of plans without evidence."""
    inside = per_clip >= -_NEAR and all(
        _LEAST * shipped[name] <= efficiency * (1 + _NEAR) and efficiency <= _PEAK
        for name, efficiency in fitted.items()
    )
    index = published()
    return inside and _off(worst) <= math.log(index.bands[EXTRAPOLATED][index.shares.index(_EXPLAINED)])


def _off(run: MeasuredRun) -> float:
    return abs(math.log(run.after / run.seconds))


def _weights(columns: Sequence[Sequence[float]], wanted: Sequence[float]) -> list[float] | None:
    """Return the weights of columns whose sum is nearest to what is wanted; nothing where two do the same.

    The last column's weight is that of its part which the others don't explain; the others have what it leaves (Frisch
    and Waugh, Econometrica 1, 1933).

    >>> [round(weight, 9) for weight in _weights([[1, 2, 3], [1, 1, 1]], [3, 5, 7])], _weights([[1, 2], [2, 4]], [1, 1])
    ([2.0, 1.0], None)
    """
    if not columns:
        return []
    *others, last = columns
    explained = _weights(others, last)
    if explained is None:
        return None
    own = [
        value - sum(weight * column[row] for weight, column in zip(explained, others, strict=True))
        for row, value in enumerate(last)
    ]
    size = sum(map(mul, own, own))
    if size <= _ALIKE**2 * sum(map(mul, last, last)):
        return None
    weight = sum(map(mul, own, wanted)) / size
    rest = _weights(others, [target - weight * value for target, value in zip(wanted, last, strict=True)])
    return None if rest is None else [*rest, weight]
