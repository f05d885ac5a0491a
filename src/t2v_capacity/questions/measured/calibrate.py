"""A user's own measured runs -> that user's efficiencies of the linear layers and of the attention kernel, for the GPUs timed.

One run scales both; several that weigh them differently tell them apart: least squares of log(predicted / measured).
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from t2v_capacity.engine.figures import Number
from t2v_capacity.errors import Mistake, Mistakes, Place, collected
from t2v_capacity.plan.cells import cells_of
from t2v_capacity.plan.estimate import computed
from t2v_capacity.plan.ways import BEYOND_DENOISING, ways
from t2v_capacity.questions.measured.accuracy import quantile
from t2v_capacity.questions.measured.runs import OTHER_SECONDS, Run, ran, read_runs
from t2v_capacity.scenario.layers import file_layers, flag_layer
from t2v_capacity.scenario.load import merged
from t2v_capacity.scenario.settings import Scenario

NAMES = ("linear_efficiency", "attention_efficiency")
# Both efficiencies in logarithms.
Point = tuple[float, float]
_PEAK, _LEAST = 1.0, 0.01
_ALIKE = 0.999  # the cosine between what the two efficiencies do, above which the runs can't tell them apart
_NEAR = 1e-12
_ROUNDS = 100


@dataclass(frozen=True, slots=True)
class Measured:
    """A run, the function of both efficiencies that predicts it, and what it was predicted to take."""

    run: Run
    gpu: str
    seconds: float
    predict: Callable[[dict[str, Number]], dict[str, Number]]
    before: float
    ways: frozenset[str]  # what it did otherwise than a plain clip, of what was timed
    after: float = 0.0

    def at(self, point: Point) -> float:
        """Return the seconds that two efficiencies predict."""
        both = dict(zip(NAMES, map(math.exp, point), strict=True))
        return float(self.predict(both)[self.run.figure])


@dataclass(frozen=True, slots=True)
class Calibration:
    """The efficiencies that a user's runs give, and how well they fit."""

    scenario: Scenario
    generation: str
    attention_kernel: str  # GPU generation and kernel
    compute_precision: str
    runs: tuple[Measured, ...]
    shipped: Mapping[str, float]
    fitted: Mapping[str, float]
    scaled_together: bool  # both efficiencies by one factor
    at_peak: tuple[str, ...]

    @property
    def gpus(self) -> dict[str, int]:
        """The GPUs that were timed, each with how many runs are of it."""
        names = [run.gpu for run in self.runs]
        return {name: names.count(name) for name in dict.fromkeys(names)}

    @property
    def residual(self) -> float | None:
        """How many times a run was off at most, with a correction for what was fitted; nothing if there are no more runs than that."""
        fitted, runs = 1 if self.scaled_together else 2, len(self.runs)
        if runs <= fitted:
            return None
        worst = max(abs(math.log(run.after / run.seconds)) for run in self.runs)
        return math.exp(worst * math.sqrt(runs / (runs - fitted)))

    def error(self, moment: str, share: float) -> float:
        """Return a quantile of |predicted / measured - 1|, before or after."""
        return quantile([abs(getattr(run, moment) / run.seconds - 1) for run in self.runs], share)


def calibrate(
    path: str, runs_path: str, sets: Sequence[str] = (), pins: Sequence[str] = (), catalogues: Sequence[str] = (), as_of: str | None = None
) -> Calibration:
    """Return the efficiencies that measured runs of a scenario give.

    Raises Mistakes where a run is of another GPU generation, kernel or precision, or faster than the GPU's peak allows.
    """
    mistakes: list[Mistake] = []
    layers = [*file_layers(path, mistakes), flag_layer(sets, pins, mistakes)]
    scenario = merged(list(layers), mistakes, catalogues, as_of).but(parts=(), stages=())  # a run is one clip, of no mix
    computed(scenario, scenario.values())
    mistakes += [
        Mistake(f"`{name}` is set by hand, and would stand before what the runs give; take it away", scenario.settings[name].origin.place)
        for name in NAMES
        if scenario.settings[name].origin.kind in ("file", "flag")
    ]
    pair = _pair(scenario)
    runs: list[Measured] = []
    for run in one_a_job(read_runs(runs_path)):
        with collected(mistakes):
            own = merged([*layers, run.layer], [], catalogue=scenario.catalogue).but(parts=(), stages=())
            computed(own, ran(own))
            runs.append(_measured(run, own, pair))
    if mistakes:
        raise Mistakes(mistakes)
    return _calibration(scenario, pair, runs)


def one_a_job(runs: Iterable[Run]) -> Iterable[Run]:
    """Return the runs, each clip once: of a benchmark that timed stages too, denoising, where the efficiencies act alone."""
    found: dict[Place, Run] = {}
    for run in runs:
        if run.place not in found or run.figure == OTHER_SECONDS["denoising_seconds"]:
            found[run.place] = run
    return found.values()


def _measured(run: Run, own: Scenario, pair: tuple[str, str, str]) -> Measured:
    """Return a run that can be compared, with what was predicted before; refuse one that can't be."""
    if run.seconds is None:
        raise Mistakes(Mistake("this run has no seconds, and memory says nothing of speed", run.place))
    for what, mine, theirs in zip(("GPU generation", "attention kernel", "compute precision"), pair, _pair(own), strict=True):
        if mine != theirs:
            message = f"this run's {what} is {theirs}, the scenario's {mine}: calibrate each with runs of its own"
            raise Mistakes(Mistake(message, run.place))
    values = ran(own)
    if run.figure in values:
        raise Mistakes(Mistake(f"`{run.figure}` is pinned, so that nothing is predicted; take the pin away", run.place))
    # Of the hundred formulas a few move with the efficiencies; the others are computed once a run.
    predict = cells_of(own, NAMES, (run.figure,), values)
    did = ways(values | computed(own, values)) - (BEYOND_DENOISING if run.figure == "denoising_seconds" else frozenset())
    measured = Measured(run, own.choices["gpu"].value, run.seconds, predict, 0.0, did)
    _possible(measured)
    return replace(measured, before=measured.at(_point(values)))


def _pair(scenario: Scenario) -> tuple[str, str, str]:
    """Return the GPU generation, the kernel on it and the compute precision of a scenario."""
    chosen, catalogue = scenario.chosen(), scenario.catalogue
    return catalogue.generation(chosen).id, catalogue.kernel(chosen).id.partition("/")[2], chosen["compute_precision"]


def _point(values: Mapping[str, float]) -> Point:
    return math.log(values[NAMES[0]]), math.log(values[NAMES[1]])


def _possible(measured: Measured) -> None:
    """Refuse a run that is faster than linear layers and attention at the GPU's printed peak."""
    fastest = measured.at((math.log(_PEAK), math.log(_PEAK)))
    if measured.seconds < fastest * (1 - 1e-9):
        message = (
            f"{measured.seconds:g} s is faster than this GPU can be: with linear layers and attention at the whole of its peak the clip "
            f"takes {fastest:.4g} s, so that the efficiency would exceed 1. Check the steps, the frame size, the GPUs and what the time "
            "includes; a cache, sparse attention or another number format must be set in the run"
        )
        raise Mistakes(Mistake(message, measured.run.place))


def _calibration(scenario: Scenario, pair: tuple[str, str, str], runs: list[Measured]) -> Calibration:
    start = _point(scenario.values())
    point, scaled = fitted_pair([run.at for run in runs], [run.seconds for run in runs], start)
    fitted = dict(zip(NAMES, map(math.exp, point), strict=True))
    return Calibration(
        scenario,
        pair[0],
        f"{pair[0]}/{pair[1]}",
        pair[2],
        tuple(replace(run, after=run.at(point)) for run in runs),
        dict(zip(NAMES, map(math.exp, start), strict=True)),
        fitted,
        scaled,
        tuple(name for name, value in fitted.items() if value > _PEAK - 1e-9),
    )


def fitted_pair(predictions: Sequence[Callable[[Point], float]], seconds: Sequence[float], start: Point) -> tuple[Point, bool]:
    """Return the two efficiencies, in logarithms, that fit best, and whether both had to be scaled by one factor.

    >>> fitted_pair([lambda p: 1 / math.exp(p[0]) + 1 / math.exp(p[1])], [8.0], (math.log(0.5), math.log(0.5)))[1]
    True
    """

    def residuals(point: Point) -> list[float]:
        return [math.log(predict(point) / measured) for predict, measured in zip(predictions, seconds, strict=True)]

    point = _scale(residuals, start)
    if len(seconds) == 1 or _alike(_slopes(residuals, point)):
        return point, True
    best = _squares(residuals(point))
    for _ in range(_ROUNDS):
        slopes, errors = _slopes(residuals, point), residuals(point)
        step = _step(slopes, errors, _free(slopes, errors, point))
        length = 1.0
        while length > _NEAR:
            tried = _inside((point[0] + length * step[0], point[1] + length * step[1]))
            if (found := _squares(residuals(tried))) < best:
                break
            length /= 2
        else:
            return point, False
        moved = max(abs(tried[0] - point[0]), abs(tried[1] - point[1]))
        point, best = tried, found
        if moved < _NEAR:
            break
    return point, False


Residuals = Callable[[Point], list[float]]


def _scale(residuals: Residuals, start: Point) -> Point:
    """Return the start times the factor that makes the errors' mean nothing; what reaches the peak stays there."""
    low, high = math.log(_LEAST) - max(start), math.log(_PEAK) - min(start)
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        slow = sum(residuals(_inside((start[0] + middle, start[1] + middle)))) > 0
        ends = (middle, high) if slow else (low, middle)
        if ends == (low, high):  # no number lies between them
            break
        low, high = ends
    return _inside((start[0] + high, start[1] + high))


def _inside(point: Point) -> Point:
    least, peak = math.log(_LEAST), math.log(_PEAK)
    return min(max(point[0], least), peak), min(max(point[1], least), peak)


def _slopes(residuals: Residuals, point: Point) -> list[Point]:
    """Return the derivative of each error by each efficiency, from a step down: a step up may pass the peak."""
    step = 1e-6
    base, one, two = residuals(point), residuals((point[0] - step, point[1])), residuals((point[0], point[1] - step))
    return [((b - o) / step, (b - t) / step) for b, o, t in zip(base, one, two, strict=True)]


def _products(slopes: list[Point]) -> tuple[float, float, float]:
    return sum(a * a for a, _ in slopes), sum(a * b for a, b in slopes), sum(b * b for _, b in slopes)


def _alike(slopes: list[Point]) -> bool:
    """Return whether both efficiencies do the same to every run, so that only their product with the work is known."""
    aa, ab, bb = _products(slopes)
    return ab >= _ALIKE * math.sqrt(aa * bb)


def _free(slopes: list[Point], errors: list[float], point: Point) -> tuple[bool, bool]:
    """Return the efficiencies that can move: all but one at the peak that would exceed it."""
    down = [sum(s[i] * e for s, e in zip(slopes, errors, strict=True)) for i in (0, 1)]
    return point[0] < -_NEAR or down[0] > 0, point[1] < -_NEAR or down[1] > 0


def _step(slopes: list[Point], errors: list[float], free: tuple[bool, bool]) -> Point:
    """Return the Gauss-Newton step of the efficiencies that can move."""
    aa, ab, bb = _products(slopes)
    a = -sum(s[0] * e for s, e in zip(slopes, errors, strict=True))
    b = -sum(s[1] * e for s, e in zip(slopes, errors, strict=True))
    if free == (True, True):
        determinant = aa * bb - ab * ab
        return (a * bb - b * ab) / determinant, (b * aa - a * ab) / determinant
    return (a / aa if free[0] else 0.0), (b / bb if free[1] else 0.0)


def _squares(errors: list[float]) -> float:
    return sum(error * error for error in errors)
