"""A user's own measured runs -> what they say of each GPU and runtime timed, by least squares of relative errors.

One run gives a factor on the published efficiencies of linear layers and attention. Several that differ give a constant
per clip too (loading, the host, the encoder), and six or more a factor of each. What the model can't explain within
bounds is not taken. A GPU and runtime without runs keeps the published constants.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import add
from typing import NamedTuple

from t2v_capacity.catalogue.own_runs import CONSTANT, FACTORS, TimedClip
from t2v_capacity.catalogue.published import published
from t2v_capacity.engine.figures import Number
from t2v_capacity.errors import Mistakes, Place, collected, gathered, refuse
from t2v_capacity.measured.runs.accuracy import Values, predicted, quantile, refuse_impossible
from t2v_capacity.measured.runs.measure import differences
from t2v_capacity.measured.runs.reading import INCLUDES, Run, ran, read_runs
from t2v_capacity.plan.cells import cells_of
from t2v_capacity.plan.estimate import computed
from t2v_capacity.plan.evidence import BEYOND_DENOISING, EXTRAPOLATED, profile, ways
from t2v_capacity.scenario.load import load_scenario
from t2v_capacity.scenario.settings import Scenario

EFFICIENCIES = tuple(FACTORS)
_SHIPPED = dict.fromkeys(EFFICIENCIES, 1.0)
# So many runs tell a constant, and so many a factor of each efficiency too; fewer would fit the scatter of the clips.
SOME, MANY = 3, 6
_PEAK, _LEAST = 1.0, 0.5  # of an efficiency, and of its shipped value
_EXPLAINED = 0.8  # the share of plans without evidence whose band the worst of the runs keeps to
_NEAR = 1e-9
# Columns whose part of their own is smaller than this do the same to every run.
_ALIKE = 0.045
# Student's t of 95%, two-sided, by degrees of freedom from 1; the last holds for more.
_T95 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179)
# Runs with equal settings may be so many times apart: a tenth is more than clips of one machine scatter.
_SAME = 1.1


class MeasuredRun(NamedTuple):
    """A run, the function of both efficiencies that predicts it, and what it was predicted to take."""

    run: Run
    scenario: Scenario
    known: Values
    predict: Callable[[dict[str, Number]], dict[str, Number]]
    ways: frozenset[str]  # what it did otherwise than a plain clip, of what was timed
    before: float = 0.0
    after: float = 0.0

    @property
    def seconds(self) -> float:
        """The measured seconds."""
        assert self.run.seconds is not None
        return self.run.seconds

    @property
    def gpu(self) -> str:
        """The GPU that was timed."""
        return self.scenario.option("gpu")

    @property
    def runtime(self) -> str:
        """The runtime that was timed."""
        return self.scenario.option("runtime")

    @property
    def kernel(self) -> str:
        """The attention kernel that ran."""
        return self.scenario.catalogue.kernel(self.scenario.chosen()).id.rpartition("/")[2]

    @property
    def timed(self) -> str:
        """Its precision and kernel."""
        return f"{self.scenario.option('compute_precision')} {self.kernel}"

    @property
    def clip(self) -> str:
        """Its model and the GPUs of its group."""
        return profile(self.scenario, self.known).clip

    def at(self, factors: Values, constant: float = 0.0) -> float:
        """Return the seconds at factors on both shipped efficiencies, and at a constant per clip."""
        changed = {name: self.known[name] * factors[name] for name in EFFICIENCIES}
        return float(self.predict({**changed, CONSTANT: constant})[self.run.figure])


class RunsFit(NamedTuple):
    """What the runs of one GPU and runtime give, and how well it fits them."""

    gpu: str
    runtime: str
    runs: tuple[MeasuredRun, ...]
    factors: Values  # on the shipped efficiencies
    constant: float  # GPU-seconds per clip that the model does not predict
    terms: int  # that were fitted: a factor; a constant too; a factor of each
    not_taken: str  # why more runs did not tell more

    @property
    def clips(self) -> list[TimedClip]:
        """The clips of each model and group, with how many times off the next is at most in nine of ten cases."""
        clips = defaultdict[str, list[MeasuredRun]](list)
        for run in self.runs:
            clips[run.clip].append(run)
        return [_timed_clip(*of_clip) for of_clip in sorted(clips.items())]


class Calibration(NamedTuple):
    """The efficiencies that a user's runs give, and how well they fit."""

    scenario: Scenario
    fits: tuple[RunsFit, ...]

    @property
    def runs(self) -> tuple[MeasuredRun, ...]:
        """All runs, by GPU and runtime."""
        return tuple(run for fit in self.fits for run in fit.runs)

    @property
    def own(self) -> RunsFit:
        """What is of the plan's own GPU and runtime; the published efficiencies where no run is."""
        plan = (self.scenario.option("gpu"), self.scenario.option("runtime"))
        none = RunsFit(*plan, (), _SHIPPED, 0.0, 0, "")
        return next((fit for fit in self.fits if (fit.gpu, fit.runtime) == plan), none)

    @property
    def shipped(self) -> dict[str, float]:
        """The efficiencies that the plan has without the runs."""
        values = self.scenario.values()
        return {name: values[name] for name in EFFICIENCIES}

    @property
    def fitted(self) -> dict[str, float]:
        """The efficiencies that the plan has with the runs; the shipped ones where no run is of its GPU and runtime."""
        return {name: efficiency * self.own.factors[name] for name, efficiency in self.shipped.items()}

    def error(self, moment: str, share: float) -> float:
        """Return a quantile of |predicted / measured - 1|, before or after."""
        return quantile([abs(getattr(run, moment) / run.seconds - 1) for run in self.runs], share)


def _timed_clip(clip: str, runs: Sequence[MeasuredRun]) -> TimedClip:
    """Return the clips of a model and group.

    The repeats of a clip count as one: they tell nothing of the scatter from clip to clip.
    """
    sizes = {(run.known["visual_tokens"], run.known["steps"]) for run in runs}
    tokens, steps = zip(*sizes, strict=True)
    ends = (min(tokens), max(tokens), min(steps), max(steps))
    return TimedClip(clip, *ends, own_error(len(sizes)), math.exp(max(map(_off, runs))))


def own_error(clips: int) -> float:
    """Return how many times off a plan is at most in nine of ten cases, by own runs of so many clips like it.

    That a run of one's own predicts the next like it was counted on the published runs. A difference of two runs has
    the scatter of both. The mean of more runs has less of its own.

    >>> own_error(1) > own_error(2) > own_error(10) > own_error(1) ** 0.7
    True
    """
    return math.pow(published().alike, math.sqrt((1 + 1 / clips) / 2))


def calibrate(
    path: str,
    runs_path: str,
    sets: Sequence[str] = (),
    pins: Sequence[str] = (),
    catalogues: Sequence[str] = (),
    as_of: str | None = None,
) -> Calibration:
    """Return the efficiencies that measured runs give, of each GPU and runtime; what a run doesn't say is the plan's.

    Raises Mistakes where runs with equal settings are more than a tenth apart, or one is faster than its GPU's peak.
    """
    # A run is one clip, of no mix.
    scenario = load_scenario(path, sets, pins, catalogues, as_of).but(parts=(), stages=())
    computed(scenario)
    runs = list[MeasuredRun]()
    with gathered() as mistakes:
        for name in EFFICIENCIES:
            if (origin := scenario.settings[name].origin).kind in ("file", "flag"):
                refuse(
                    mistakes,
                    f"`{name}` is set by hand, and would stand before what the runs give; take it away",
                    origin.place,
                )
        for run in without_decodes(read_runs(runs_path)):
            with collected(mistakes):
                runs.append(_comparable_run(run, *predicted(run, scenario.catalogue, scenario.layers)))
    classes = defaultdict[tuple[str, str], list[MeasuredRun]](list)
    for measured in runs:
        classes[measured.gpu, measured.runtime].append(measured)
    _refuse_contradictions(runs)
    fits = list[RunsFit]()
    with gathered() as mistakes:
        for own in classes.values():
            with collected(mistakes):
                fits.append(_fit(own))
    return Calibration(scenario, tuple(fits))


def _refuse_contradictions(runs: Sequence[MeasuredRun]) -> None:
    """Refuse runs with equal settings whose seconds are more than a tenth apart."""
    equal = defaultdict[tuple[object, ...], list[MeasuredRun]](list)
    for run in runs:
        chosen = tuple(sorted(run.scenario.chosen().items()))
        equal[run.run.figure, chosen, tuple(run.scenario.values().items())].append(run)
    with gathered() as mistakes:
        for alike in equal.values():
            first, last = min(alike, key=lambda run: run.seconds), max(alike, key=lambda run: run.seconds)
            if last.seconds > first.seconds * _SAME:
                earlier, later = sorted((first, last), key=alike.index)
                message = (
                    f"runs {earlier.run.id} and {later.run.id} have the same settings, but {earlier.seconds:.4g} s "
                    f"and {later.seconds:.4g} s: write what differs, such as `runtime: eager`"
                )
                refuse(mistakes, message, later.run.place)


def without_decodes(runs: Iterable[Run]) -> Iterator[Run]:
    """Yield the runs without the decode of a clip that was timed whole: the whole clip has it."""
    places = set[Place]()
    for run in runs:
        if run.place not in places or run.figure != INCLUDES["vae_decode"]:
            yield run
        places.add(run.place)


def _comparable_run(run: Run, own: Scenario, values: Values) -> MeasuredRun:
    """Return a run that can be compared, with what was predicted before; refuse one that can't be."""
    if run.seconds is None:
        raise Mistakes("this run has no seconds, and memory says nothing of speed", run.place)
    if run.figure in own.pins:
        raise Mistakes(f"`{run.figure}` is pinned, so that nothing is predicted; take the pin away", run.place)
    # Of the hundred formulas a few move with the efficiencies; the others are computed once a run.
    predict = cells_of(own, (*EFFICIENCIES, CONSTANT), (run.figure,), ran(own))
    did = ways(values) - (BEYOND_DENOISING if run.figure == "denoising_seconds" else frozenset())
    measured = MeasuredRun(run, own, values, predict, did)
    refuse_impossible(run, measured.at({name: _PEAK / values[name] for name in EFFICIENCIES}))
    return measured._replace(before=measured.at(_SHIPPED))


def _fit(runs: list[MeasuredRun]) -> RunsFit:
    """Return what the runs of a GPU and runtime tell within bounds: a term more only where they need it.

    Of a benchmark that timed stages too, fit denoising, where the efficiencies act alone. The rest of the clip follows.
    Raise Mistakes with the run that is farthest off if that is nothing.
    """
    whole = [*{run.run.place: run for run in reversed(runs)}.values()][::-1]
    runs = [*{run.run.place: run for run in runs}.values()]  # the last of a clip is its denoising
    choices, left = _columns(runs)
    fit, not_taken, worst = None, "", runs[0]
    for columns in choices:
        weights = _weights(columns, left)
        if weights is None:  # the runs can't tell them apart
            continue
        factors, per_clip = _factors(weights)
        after = tuple(run._replace(after=run.at(factors, max(0.0, per_clip))) for run in runs)
        farthest = max(after, key=_off)

        if _is_explained(farthest, after, factors, per_clip):
            larger = RunsFit(farthest.gpu, farthest.runtime, after, factors, max(0.0, per_clip), len(columns), "")
            fit = larger if fit is None or _is_needed(larger, fit) else fit
        elif fit is not None or not not_taken:  # without a fit the smallest is named
            worst, not_taken = farthest, _not_explained(farthest, factors, per_clip)
    if fit is None:
        check = "steps, frame size, GPUs and what the time includes"
        if settings := differences(worst.scenario):
            check += f", and that it ran with {', '.join(settings.values())}"
        raise Mistakes(f"{not_taken}; check its {check}", worst.run.place)
    fit = fit._replace(not_taken=not_taken)
    return fit if whole == runs else _of_whole_clips(fit, whole)


def _of_whole_clips(fit: RunsFit, clips: Sequence[MeasuredRun]) -> RunsFit:
    """Return a fit of whole clips: what stages that were timed leave of them is a constant, if none is yet."""
    column, residuals = _constant_and_residuals(clips, fit.factors)
    constant = fit.constant or max(0.0, *(_weights([column], residuals) or ()))
    terms = max(fit.terms, 2) if constant else fit.terms
    after = tuple(run._replace(after=run.at(fit.factors, constant)) for run in clips)
    return fit._replace(runs=after, constant=constant, terms=terms)


def _not_explained(farthest: MeasuredRun, factors: Values, per_clip: float) -> str:
    """Return why a fit is not taken, with the run that is farthest off."""
    efficiencies = ", ".join(f"{name} {farthest.known[name] * factor:.3g}" for name, factor in factors.items())
    return (
        f"the model can't explain these runs with {efficiencies} and {per_clip:.3g} s per clip: "
        "an efficiency is half of the shipped one to 1, a time not negative. "
        f"Farthest off is run {farthest.run.id}: {farthest.seconds:.4g} s measured, {farthest.after:.4g} s predicted"
    )


def _is_needed(larger: RunsFit, fit: RunsFit) -> bool:
    """Return whether the scatter of the runs falls by more than chance with the terms of a larger fit.

    An F test at 95%: scatter alone passes it in one of twenty cases. Each term of a fit of mere scatter would move the
    efficiencies by more than the scatter.
    """
    small, large = (sum(_off(run) ** 2 for run in of.runs) for of in (fit, larger))
    free, more = len(fit.runs) - larger.terms, larger.terms - fit.terms
    if free < 1 or small < _NEAR**2:
        return False
    chance = _T95[min(free, len(_T95)) - 1] ** 2
    return (small - large) * free > chance * more * large


def _columns(runs: Sequence[MeasuredRun]) -> tuple[list[list[list[float]]], list[float]]:
    """Return the sets of columns that the runs may tell, the smallest first, and what the prediction leaves.

    All are shares of the measured seconds: what halving each efficiency adds, and what a second per clip adds.
    """
    of_linear, of_attention = (
        [(run.at({**_SHIPPED, name: 0.5}) - run.before) / run.seconds for run in runs] for name in EFFICIENCIES
    )
    both = list(map(add, of_linear, of_attention))
    constant, residuals = _constant_and_residuals(runs, _SHIPPED)

    choices = [[both]]
    if len(runs) >= SOME:
        choices.append([both, constant])
    if len(runs) >= MANY:
        choices.append([of_linear, of_attention, constant])
    return choices, residuals


def _constant_and_residuals(runs: Iterable[MeasuredRun], factors: Values) -> tuple[list[float], list[float]]:
    """Return what a second per clip adds, and what the prediction leaves, as shares of the measured seconds."""
    without = [(run, run.at(factors)) for run in runs]
    constant = [(run.at(factors, 1.0) - seconds) / run.seconds for run, seconds in without]
    return constant, [1 - seconds / run.seconds for run, seconds in without]


def _factors(weights: list[float]) -> tuple[dict[str, float], float]:
    """Return the factors on both efficiencies, and the seconds per clip, of the weights of columns."""
    slower = weights[:2] if len(weights) > len(EFFICIENCIES) else weights[:1] * 2
    per_clip = weights[-1] if len(weights) > 1 else 0.0
    return {name: 1 / max(1 + more, _NEAR) for name, more in zip(EFFICIENCIES, slower, strict=True)}, per_clip


def _is_explained(worst: MeasuredRun, runs: Iterable[MeasuredRun], factors: Values, per_clip: float) -> bool:
    """Return whether the efficiencies are within bounds, and the worst run in the band of plans without evidence."""
    inside = per_clip >= -_NEAR and all(
        factor * (1 + _NEAR) >= _LEAST and run.known[name] * factor <= _PEAK * (1 + _NEAR)
        for name, factor in factors.items()
        for run in runs
    )
    index = published()
    return inside and _off(worst) <= math.log(index.bands[EXTRAPOLATED][index.shares.index(_EXPLAINED)])


def _off(run: MeasuredRun) -> float:
    return abs(math.log(run.after / run.seconds))


def _weights(columns: Sequence[Sequence[float]], wanted: Sequence[float]) -> list[float] | None:
    """Return the weights of columns whose sum is nearest to what is wanted; nothing where two do the same.

    A column does the same as those before it where hardly a part of it stands across them.

    >>> [round(weight, 9) for weight in _weights([[1, 2, 3], [1, 1, 1]], [3, 5, 7])], _weights([[1, 2], [2, 4]], [1, 1])
    ([2.0, 1.0], None)
    """
    import numpy as np

    matrix = np.array(columns).T
    across, triangle = np.linalg.qr(matrix)
    if any(abs(np.diag(triangle)) <= _ALIKE * np.linalg.norm(matrix, axis=0)):
        return None
    weights: list[float] = np.linalg.solve(triangle, across.T @ np.array(wanted)).tolist()
    return weights
