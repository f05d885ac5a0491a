"""Measure the predictions' accuracy: each measured run against the value of the plan's own formulas at its settings."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from t2v_capacity.catalogue import Catalogue
from t2v_capacity.catalogue.published import Factor, Measurement, Summary, published
from t2v_capacity.errors import Mistake, Mistakes, nearest
from t2v_capacity.plan.estimate import computed
from t2v_capacity.plan.evidence import ENGINES, EXTRAPOLATED, GROUPS, ONE_GPU
from t2v_capacity.questions.measured.runs import Run, ran, read_runs
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
    "memory": "memory, nothing offloaded, each source predicted from the others",
    "memory-offloaded": "memory, offloaded between stages, each source predicted from the others",
    "memory-sharded": "memory, weights sharded, each source predicted from the others",
    "yours": "your runs",
    "your-memory": "memory of your runs",
}
# The groupings of rows.
BY = ("model", "gpu", "kernel", "option", "runtime", "source")
# Rows that are no runs of the model's own kind: grouped with the others they would say nothing of either.
NOT_GROUPED = ("", "stages", EXTRAPOLATED)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Predictions against measurements: by row, summed up, and by what was asked for.

    Of the published runs also how many each band holds, and ranges for `time_factor`.
    """

    file: str
    rows: tuple[Measurement, ...]
    summary: tuple[Summary, ...]
    by: str | None = None
    groups: tuple[Summary, ...] = ()
    held: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    time_factors: tuple[Factor, ...] = ()


def accuracy(file: str | None = None, by: str | None = None, catalogues: Iterable[str] = (), scenario: Scenario | None = None) -> Accuracy:
    """Return predicted against measured for the published runs, as recorded, or for those of a file; on a scenario, where they are given one.

    Raises Mistakes where a run of a file without a scenario does not name its model and GPU.

    >>> [s.rows for s in accuracy().summary if s.name == "in-fit"]
    [62]
    """
    if by is not None and by not in BY:
        raise Mistakes(f"`--by {by}`: rows are grouped by {', '.join(BY)}{nearest(by, BY)}")
    if file is None:
        if [*catalogues]:
            raise Mistakes("`--catalogue` is for runs of your own, which name a file; the published runs are as recorded")
        index = published()
        groups = tuple(grouped(index.rows, by))
        return Accuracy("catalogue/runs.yaml", index.rows, index.summary, by, groups, index.held, index.time_factor)
    rows = tuple(_of_user(read_runs(file), scenario.catalogue if scenario else Catalogue(tuple(catalogues)), scenario))
    return Accuracy(file, rows, tuple(_summaries(rows)), by, tuple(grouped(rows, by)))


def predicted(run: Run, catalogue: Catalogue, below: Iterable[Layer] = ()) -> tuple[Scenario, dict[str, float]]:
    """Return a run's scenario, and its assumptions and figures: the plan's formulas, nothing else; a run is one clip, of no mix."""
    scenario = merged([*below, run.layer], [], catalogue=catalogue).but(parts=(), stages=())
    values = ran(scenario)
    return scenario, values | computed(scenario, values)


def _of_user(runs: Sequence[Run], catalogue: Catalogue, scenario: Scenario | None) -> Iterator[Measurement]:
    """Yield the measurements of a user's runs; each says what ran on what where no scenario does: no default is held against it."""
    fix = "write it, or name the scenario that has it: `t2v-cap accuracy SCENARIO RUNS`"
    missing = {run.place: [name for name in ("model", "gpu") if name not in run.layer.choices] for run in runs if not scenario}
    mistakes = [Mistake(f"this run names no {' and no '.join(names)}; {fix}", place) for place, names in missing.items() if names]
    for run in () if mistakes else runs:
        try:
            yield from rows_of(run, catalogue, *predicted(run, catalogue, scenario.layers if scenario else ()))
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


def quantile(values: Iterable[float], share: float, weights: Iterable[float] | None = None) -> float:
    """Return a quantile, straight between neighbours; where values count unequally, each stands at the weight below it over that of all others.

    >>> quantile([1, 2, 3, 4, 5], 0.5), quantile([1, 2, 3], 0.5, weights=[1, 1, 2])
    (3.0, 2.25)
    """
    values = list(values)
    ordered = sorted(zip(values, weights or [1.0] * len(values), strict=True))
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
        quantile(errors, 0.5, weights),
        quantile(errors, 0.9, weights),
        quantile(ratios, 0.5, weights),
    )


def _summaries(rows: Sequence[Measurement]) -> Iterator[Summary]:
    for kind in CLASSES:
        judged = [(row.ratio, row.measured_by) for row in rows if row.kind == kind]
        if judged and kind not in NOT_GROUPED:
            yield summary(kind, judged)


def grouped(rows: Iterable[Measurement], by: str | None) -> Iterator[Summary]:
    """Yield the error of all seconds that are judged, by what was asked for."""
    if by is None:
        return
    key, found = {"kernel": "attention_kernel", "source": "measured_by"}.get(by, by), dict[str, list[Judged]]()
    for row in rows:
        if row.quantity == "seconds" and row.kind not in NOT_GROUPED:
            found.setdefault(getattr(row, key) or "none", []).append((row.ratio, row.measured_by))
    for name in sorted(found):
        yield summary(name, found[name])
