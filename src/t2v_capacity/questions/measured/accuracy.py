"""Measure the predictions' accuracy: each measured run against the value of the plan's own formulas at its settings."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.catalogue.published import Factor, Measurement, Paired, Summary, published
from t2v_capacity.engine.figures import evaluate
from t2v_capacity.errors import Mistake, Mistakes, nearest
from t2v_capacity.plan.estimate import computed
from t2v_capacity.plan.evidence import ENGINES, EXTRAPOLATED, GROUPS, ONE_GPU
from t2v_capacity.questions.measured.runs import RAN, Run, Runs, ran, read_runs, shipped_runs
from t2v_capacity.scenario.layers import Layer
from t2v_capacity.scenario.load import merged
from t2v_capacity.scenario.settings import Scenario

Values = Mapping[str, float]
# The class that judges a row -> its label; rows of no class are shown and count in no error.
CLASSES = {
    "in-fit": "one GPU, in the fit",
    "left-out": "one GPU, each model family predicted from the others",
    ONE_GPU: "one GPU, scripts, each source predicted from the others",
    "not-in-fit": "one GPU, not in the fit: kernel presumed, or an unofficial peak",
    "kernel-unknown": "one GPU, kernel not stated: the generation's usual one taken",
    "several-gpus": "several GPUs",
    "several-gpus-left-out": "several GPUs, each model family predicted from the others",
    GROUPS: "several GPUs, scripts, each source predicted from the others",
    "several-gpus-kernel-unknown": "several GPUs, kernel not stated",
    ENGINES: "serving engines, each source predicted from the others",
    "stages": "stages timed apart, each source predicted from the others",
    EXTRAPOLATED: "GPU generations without a run in the fit, each source predicted from the others",
    "memory": "memory, nothing offloaded",
    "memory-offloaded": "memory, offloaded between stages",
    "memory-sharded": "memory, weights sharded",
    "options": "speed-ups: pairs of runs",
    "yours": "your runs",
    "your-memory": "memory of your runs",
}
# The groupings of rows.
BY = ("model", "gpu", "kernel", "option", "runtime", "source")
# Rows that are no runs of the model's own kind: grouped with the others they would say nothing of either.
NOT_GROUPED = ("", "stages", EXTRAPOLATED)
_UNLIKELY = (0.0, 0.99)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Predictions against measurements: by row, summed up, and by what was asked for.

    Of the published runs also how many each band holds, and ranges for `time_factor`.
    """

    file: str
    rows: tuple[Measurement, ...]
    pairs: tuple[Paired, ...]
    summary: tuple[Summary, ...]
    by: str | None = None
    groups: tuple[Summary, ...] = ()
    held: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    time_factors: tuple[Factor, ...] = ()


def accuracy(file: str | None = None, by: str | None = None, catalogues: Iterable[str] = (), scenario: Scenario | None = None) -> Accuracy:
    """Return predicted against measured for the published runs, as recorded, or for those of a file; on a scenario, where they are given one.

    The published runs are predicted anew by a user's catalogue. Raises Mistakes where a run of a file without a scenario does not name
    its model and GPU.

    >>> [s.rows for s in accuracy().summary if s.name == "in-fit"]
    [62]
    """
    if by is not None and by not in BY:
        raise Mistakes(f"`--by {by}`: rows are grouped by {', '.join(BY)}{nearest(by, BY)}")
    catalogue = scenario.catalogue if scenario else Catalogue(tuple(catalogues))
    index, recorded = published(), file is None and not catalogue.overlaid
    if recorded:
        rows, pairs, summaries = index.rows, index.pairs, index.summary
    else:
        runs, below = (read_runs(file) if file else shipped_runs()), scenario.layers if scenario else ()
        if file and scenario is None:
            _check_named(runs)
        rows = tuple(_rows(runs, catalogue, below) if file else anew(index.rows, catalogue))
        pairs = tuple(pairs_of(runs, rows, catalogue, below))
        summaries = tuple(_summaries(rows, pairs))
    of_the_record = (index.held, index.time_factor) if recorded else ()
    return Accuracy(file or "catalogue/runs.yaml", rows, pairs, summaries, by, tuple(grouped(rows, pairs, by)), *of_the_record)


def _check_named(runs: Runs) -> None:
    """Refuse runs that don't say what ran on what: a default would be held against them."""
    fix = "write it, or name the scenario that has it: `t2v-cap accuracy SCENARIO RUNS`"
    missing = {run.place: [name for name in ("model", "gpu") if name not in run.layer.choices] for run in runs.runs}
    mistakes = [Mistake(f"this run names no {' and no '.join(names)}; {fix}", place) for place, names in missing.items() if names]
    if mistakes:
        raise Mistakes(mistakes)


def predicted(run: Run, catalogue: Catalogue, below: Iterable[Layer] = ()) -> tuple[Scenario, dict[str, float]]:
    """Return a run's scenario, and its assumptions and figures: the plan's formulas, nothing else; a run is one clip, of no mix."""
    scenario = merged([*below, run.layer], [], catalogue=catalogue).but(parts=(), stages=())
    values = ran(scenario)
    return scenario, values | computed(scenario, values)


def anew(rows: Iterable[Measurement], catalogue: Catalogue) -> Iterator[Measurement]:
    """Yield published runs as a user's catalogue predicts them: all are read, which takes longer than an answer."""
    runs = {run.id: run for run in shipped_runs().runs}
    for row in rows:
        run = runs[row.id]
        _scenario, values = predicted(run, catalogue)
        figure = run.figure if row.quantity == "seconds" else "memory_needed"
        yield row._replace(predicted=values[figure], left_out=None, source_out=None)


def _rows(runs: Runs, catalogue: Catalogue, below: Iterable[Layer]) -> Iterator[Measurement]:
    mistakes: list[Mistake] = []
    for run in runs.runs:
        try:
            yield from rows_of(run, catalogue, *predicted(run, catalogue, below))
        except Mistakes as error:
            mistakes += [Mistake(m.message, m.place or run.place) for m in error.mistakes]
    if mistakes:
        raise Mistakes(mistakes)


def rows_of(run: Run, catalogue: Catalogue, scenario: Scenario, values: Values) -> Iterator[Measurement]:
    """Yield the measurements of a user's own run."""
    chosen = scenario.chosen()
    generation, _, kernel = catalogue.kernel(chosen).id.partition("/")
    if run.about.get("kernel") == "unknown":
        generation, kernel = catalogue.generation(chosen).id, ""
    for quantity, kind, measured, figure in (
        ("seconds", "yours", run.seconds, run.figure),
        ("memory", "your-memory", run.peak_memory, "memory_needed"),
    ):
        if measured is not None:
            yield Measurement(
                id=run.id,
                quantity=quantity,
                kind=kind,
                model=chosen["model"],
                width=int(values["width"]),
                height=int(values["height"]),
                frames_per_video=int(values["frames_per_video"]),
                steps=int(values["steps"]),
                gpu=chosen["gpu"],
                gpus=int(values["gpus_per_replica"]),
                generation=generation,
                kernel=kernel,
                runtime=chosen["runtime"],
                option=run.about.get("option", ""),
                measured=measured,
                predicted=values[figure],
                in_fit=run.fit and quantity == "seconds",
                why_not=run.about.get("why", ""),
                kernel_known=run.about.get("kernel", ""),
                confidence=run.about.get("confidence", ""),
                source=run.source,
            )


def pairs_of(runs: Runs, rows: Iterable[Measurement], catalogue: Catalogue, below: Iterable[Layer] = ()) -> Iterator[Paired]:
    """Yield the pairs of runs: the measured speed-up, and the predicted one or what the measured one asks of an option."""
    by_id, run_of = {row.id: row for row in rows if row.quantity == "seconds"}, {run.id: run for run in runs.runs}
    for pair in runs.pairs:
        missing = [name for name in (pair.base, pair.head) if name not in by_id]
        if missing:
            raise Mistakes(f"pair `{pair.name}`: there is no run `{missing[0]}` with seconds")
        base, head = by_id[pair.base], by_id[pair.head]
        measured = base.measured / head.measured
        expected = None if pair.unknown else base.predicted / head.predicted
        run, seconds = run_of[pair.head], base.predicted / measured
        implied = _implied(run, predicted(run, catalogue, below)[1], pair.unknown, seconds) if pair.unknown else None
        yield Paired(pair.name, pair.option, pair.base, pair.head, pair.unknown, head.source, measured, expected, implied)


def _implied(run: Run, values: Values, name: str, seconds: float) -> float | None:
    """Return the value of an assumption at which a run's prediction is so many seconds, or nothing where none is."""
    low, high = _UNLIKELY
    given = {*ASSUMPTIONS, RAN, *run.layer.pins}
    settings = {key: value for key, value in values.items() if key in given}

    def at(value: float) -> float:
        return float(evaluate({**settings, name: value})[run.figure])

    if not at(high) <= seconds <= at(low):
        return None
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if at(middle) > seconds else (low, middle)
    return low


def quantile(values: Iterable[float], share: float) -> float:
    """Return a quantile, straight between neighbours.

    >>> quantile([1, 2, 3, 4, 5], 0.9)
    4.6
    """
    ordered = sorted(values)
    below, part = divmod(share * (len(ordered) - 1), 1)
    low, high = ordered[int(below)], ordered[min(int(below) + 1, len(ordered) - 1)]
    return low + (high - low) * part


def weighted_quantile(values: Iterable[float], weights: Iterable[float], share: float) -> float:
    """Return a quantile of values that count unequally: a value stands at the weight below it over that of all others.

    Straight between neighbours; with equal weights it is `quantile`.

    >>> weighted_quantile([1, 2, 3], [1, 1, 1], 0.5), weighted_quantile([1, 2, 3], [1, 1, 2], 0.5)
    (2.0, 2.25)
    """
    ordered = sorted(zip(values, weights, strict=True))
    total, below = sum(weight for _value, weight in ordered), 0.0
    before, found = 0.0, ordered[0][0]
    for value, weight in ordered[:-1]:
        place = below / (total - weight)
        if place > share:
            return found + (value - found) * (share - before) / (place - before)
        before, found, below = place, value, below + weight
    return found + (ordered[-1][0] - found) * (share - before) / (1 - before)


# Predicted over measured, and who measured it.
Judged = tuple[float, str]


def summary(name: str, judged: Iterable[Judged]) -> Summary:
    """Return the error of ratios of predicted over measured, each with its source.

    >>> found = summary("three", [(0.9, "a"), (0.9, "a"), (1.0, "b")])
    >>> found.median_ratio, round(found.weighted_median_ratio, 3)
    (0.9, 0.925)
    """
    ratios, sources = zip(*judged, strict=True)
    errors = [abs(ratio - 1) for ratio in ratios]
    rows_of = Counter(sources)
    weights = [1 / rows_of[source] for source in sources]
    return Summary(
        name,
        len(ratios),
        median(errors),
        quantile(errors, 0.9),
        median(ratios),
        len(rows_of),
        weighted_quantile(errors, weights, 0.5),
        weighted_quantile(errors, weights, 0.9),
        weighted_quantile(ratios, weights, 0.5),
    )


def _summaries(rows: Iterable[Measurement], pairs: Iterable[Paired]) -> Iterator[Summary]:
    for kind in CLASSES:
        judged = judged_pairs(pairs) if kind == "options" else [(row.ratio, row.measured_by) for row in rows if row.kind == kind]
        if judged and kind not in NOT_GROUPED:
            yield summary(kind, judged)


def judged_pairs(pairs: Iterable[Paired]) -> list[Judged]:
    """Return predicted over measured speed-ups, each with its source."""
    return [(pair.ratio, pair.source) for pair in pairs if pair.ratio]


def grouped(rows: Iterable[Measurement], pairs: Iterable[Paired], by: str | None) -> Iterator[Summary]:
    """Yield the error by what was asked for: of all seconds that are judged, or of the speed-ups of an option."""
    if by is None:
        return
    found: dict[str, list[Judged]] = {}
    for pair in pairs if by == "option" else ():
        if pair.ratio:
            found.setdefault(pair.option, []).append((pair.ratio, pair.source))
    if by != "option" or not found:
        key = {"kernel": "attention_kernel", "source": "measured_by"}.get(by, by)
        for row in rows:
            if row.quantity == "seconds" and row.kind not in NOT_GROUPED:
                found.setdefault(getattr(row, key) or "none", []).append((row.ratio, row.measured_by))
    for name in sorted(found):
        yield summary(name, found[name])
