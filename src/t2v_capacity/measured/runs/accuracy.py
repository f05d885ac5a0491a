"""Measure the predictions' accuracy: each measured run against the value of the plan's own formulas at its settings."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple

import yaml

from t2v_capacity.catalogue import Catalogue
from t2v_capacity.catalogue.published import Held, Measurement, SummaryData, published
from t2v_capacity.errors import Mistake, Mistakes, gathered, refuse
from t2v_capacity.measured.runs.reading import INCLUDES, OTHER_SECONDS, Run, ran, read_runs
from t2v_capacity.plan.estimate import computed
from t2v_capacity.plan.evidence import BANDS, OPEN, STATED, at_peak, model_error
from t2v_capacity.scenario.layers import Layer
from t2v_capacity.scenario.load import merged
from t2v_capacity.scenario.settings import Scenario

Values = Mapping[str, float]
# The class that judges a row -> its label; rows of no class are shown and count in no error.
CLASSES: dict[str, str] = yaml.safe_load(Path(__file__).with_name("classes.yaml").read_text(encoding="utf-8"))
SCRIPTS = ("eager", "compiled")  # runtimes of diffusers, which asks for another kernel in a group
_NEAR = 1e-9
DRAWS = 1000  # of the sources, for the range of a mean error


class Accuracy(NamedTuple):
    """Predictions against measurements: by row, and summed up; and the share of the runs that each band holds."""

    file: str
    rows: tuple[Measurement, ...]
    summary: Sequence[SummaryData]
    held: tuple[Held, ...] = ()


def accuracy(file: str | None = None, catalogues: Iterable[str] = (), scenario: Scenario | None = None) -> Accuracy:
    """Return predicted against measured for the published runs, as recorded, or for those of a file.

    Runs of a file are predicted on a scenario, if one is given. Raise Mistakes if a run of a file without a scenario
    does not name its model and GPU.

    >>> [s["rows"] for s in accuracy().summary if s["name"] == "in-fit"]
    [60]
    """
    index = published()
    if file is None:
        if [*catalogues]:
            raise Mistakes(
                "`--catalogue` is for runs of your own, which name a file; the published runs are as recorded"
            )
        return Accuracy("catalogue/runs.yaml", index.rows, index.summary, index.held)
    rows = tuple(_of_user(read_runs(file), scenario.catalogue if scenario else Catalogue(tuple(catalogues)), scenario))
    held = tuple(held_in(rows, lambda _source: index.bands, index.shares.index(index.share)))
    return Accuracy(file, rows, tuple(_summaries(rows)), held)


def refuse_impossible(run: Run, fastest: float) -> None:
    """Refuse a run that is faster than its GPU at the whole of its peak: `fastest` seconds. Raise Mistakes then."""
    if run.seconds is not None and run.seconds < fastest * (1 - _NEAR):
        message = (
            f"{run.seconds:g} s is faster than this GPU can be: with linear layers and attention "
            f"at the whole of its peak the clip takes {fastest:.4g} s, so that the efficiency would exceed 1. "
            "Check the steps, the frame size, the GPUs and what the time includes; "
            "a cache, sparse attention or another number format must be set in the run"
        )
        raise Mistakes(message, run.place)


def _fastest(run: Run, values: Values) -> float:
    """Return the seconds of a run's FLOPs at the whole peak of all its GPUs; zero where an option leaves some out."""
    if "option" in run.about:
        return 0.0
    decode = values["vae_decode_flops"] / values["vae_peak_flops"]
    whole = float(at_peak(values))
    stages = {INCLUDES["denoising"]: whole - decode, INCLUDES["vae_decode"]: decode}
    seconds = stages.get(run.figure, whole)
    return seconds if run.figure == OTHER_SECONDS["gpu_seconds"] else seconds / values["gpus_per_replica"]


def predicted(run: Run, catalogue: Catalogue, below: Iterable[Layer] = ()) -> tuple[Scenario, dict[str, float]]:
    """Return a run's scenario, and its assumptions and figures: the plan's formulas, nothing else.

    A run is one clip, of no mix. What PyTorch's `sdpa` took is that of the run's day, and of a group's script.
    """
    layers = [*below, run.layer]
    scenario = merged(layers, [], catalogue=catalogue.on(run.day or catalogue.as_of))
    if scenario.values()["gpus_per_replica"] > 1 and scenario.option("runtime") in SCRIPTS:
        scenario = merged(layers, [], catalogue=scenario.catalogue.on(scenario.catalogue.as_of, in_group=True))
    scenario = scenario.but(parts=(), stages=())
    values = ran(scenario)
    return scenario, values | computed(scenario, values)


def _of_user(runs: Sequence[Run], catalogue: Catalogue, scenario: Scenario | None) -> Iterator[Measurement]:
    """Yield the measurements of a user's runs.

    Without a scenario each run states what ran on what: no default is held against it.
    """
    with gathered() as mistakes:
        for run in runs:
            lacking = [name for name in ("model", "gpu") if name not in run.layer.choices]
            if lacking and not scenario:
                fix = "write it, or name the scenario that has it: `t2v-cap accuracy SCENARIO RUNS`"
                refuse(mistakes, f"this run names no {' and no '.join(lacking)}; {fix}", run.place)
                continue
            try:
                plan = predicted(run, catalogue, scenario.layers if scenario else ())
                refuse_impossible(run, _fastest(run, plan[1]))
                for row in measurements_of(run, *plan):
                    yield _with_band(row, *plan) if row.quantity == "seconds" else row
            except Mistakes as error:
                mistakes += [Mistake(m.message, m.place or run.place) for m in error.mistakes]


def _with_band(row: Measurement, scenario: Scenario, values: Values) -> Measurement:
    """Return a row of a user's with the band that an estimate would print.

    A kernel that is unknown is open, whatever is taken for it.
    """
    error = model_error(scenario, values)
    if row.kernel or not error.kind.startswith(STATED):
        return row._replace(band=error.kind, own_ends=(error.low, error.high))
    return row._replace(band=error.kind.replace(STATED, OPEN))


def measurements_of(run: Run, scenario: Scenario, values: Values) -> Iterator[Measurement]:
    """Yield the measurements of a user's own run."""
    chosen, catalogue = scenario.chosen(), scenario.catalogue
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
                rate=values["vae_peak_flops"] * values["sustained_share"],
                confidence=run.about.get("confidence", ""),
                source=run.source,
            )


def quantile(values: Iterable[float], share: float) -> float:
    """Return a quantile, straight between neighbours.

    >>> quantile([1, 2, 3, 4, 5], 0.5), quantile([1, 2], 0.25)
    (3.0, 1.25)
    """
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = ordered[int(place)]
    return low + (ordered[math.ceil(place)] - low) * (place % 1)


def held_in(
    rows: Iterable[Measurement], bands: Callable[[str], Mapping[str, Sequence[float]]], printed: int
) -> Iterator[Held]:
    """Yield the share of runs that the bands of each nominal share hold, by class and by whether the kernel is stated.

    `bands` gives those by which a source's runs are judged. `printed` is the place of the one that an estimate prints.
    """
    judged = list[tuple[str, str, tuple[bool, ...]]]()
    for row in rows:
        if row.band in BANDS:
            off = max(ratio := row.source_out_ratio or row.ratio, 1 / ratio)
            judged.append(
                (row.band, row.measured_by, tuple(off <= limit for limit in bands(row.measured_by)[row.band]))
            )
    for name in (*BANDS, STATED, OPEN):
        of_class = [(source, within) for band, source, within in judged if band.startswith(name)]
        if of_class:
            runs, sources = len(of_class), Counter(source for source, _within in of_class)
            by_source = sum(within[printed] / sources[source] for source, within in of_class) / len(sources)
            held = tuple(
                sum(share_within) / runs for share_within in zip(*(within for _source, within in of_class), strict=True)
            )
            yield Held(name, runs, len(sources), held, by_source)


def summary(name: str, judged: Iterable[tuple[float, str]]) -> SummaryData:
    """Return the error of ratios of predicted over measured, each with its source.

    >>> found = summary("three", [(0.9, "a"), (0.9, "a"), (1.0, "b")])
    >>> found["median_ratio"], round(found["mean_error"], 3), found["sources"]
    (0.9, 0.07, 2)
    """
    judged = [*judged]
    ratios = [ratio for ratio, _source in judged]
    errors = [abs(ratio - 1) for ratio in ratios]
    by_source = defaultdict[str, list[float]](list)
    for ratio, source in judged:
        by_source[source].append(ratio)
    medians = {source: median(abs(ratio - 1) for ratio in own) for source, own in by_source.items()}
    furthest = max(medians, key=medians.__getitem__)
    low, high = _mean_ends(by_source.values())
    return {
        "name": name,
        "label": CLASSES.get(name, name),
        "rows": len(ratios),
        "median_error": median(errors),
        "p90_error": quantile(errors, 0.9),
        "median_ratio": median(ratios),
        "sources": len(by_source),
        "mean_error": sum(abs(math.log(ratio)) for ratio in ratios) / len(ratios),
        "mean_low": low,
        "mean_high": high,
        "p90_by_source": quantile(medians.values(), 0.9),
        "tail_source": furthest,
        "tail_error": medians[furthest],
    }


def _mean_ends(by_source: Iterable[Iterable[float]]) -> tuple[float, float]:
    """Return the 5th and 95th percentile of the mean |log ratio| over redrawn sources, each with all its rows."""
    logs = [[abs(math.log(ratio)) for ratio in ratios] for ratios in by_source]
    sums, chance = [(sum(errors), len(errors)) for errors in logs], Random(0)  # noqa: S311 - a bootstrap
    drawn = [[*zip(*chance.choices(sums, k=len(sums)), strict=True)] for _ in range(DRAWS)]
    means = [sum(totals) / sum(counts) for totals, counts in drawn]
    return quantile(means, 0.05), quantile(means, 0.95)


def _summaries(rows: Sequence[Measurement]) -> Iterator[SummaryData]:
    for kind in CLASSES:
        judged = [(row.ratio, row.measured_by) for row in rows if row.kind == kind]
        if judged:
            yield summary(kind, judged)
