"""Measure the predictions' accuracy: each measured run against the value of the plan's own formulas at its settings."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.catalogue.published import published
from t2v_capacity.engine.figures import evaluate
from t2v_capacity.errors import Mistake, Mistakes, nearest
from t2v_capacity.plan.estimate import computed
from t2v_capacity.plan.evidence import BANDS, ENGINES, EXTRAPOLATED, GROUPS, LEFT_OPEN, ONE_GPU, band_of
from t2v_capacity.progress import steps
from t2v_capacity.questions.measured.runs import RAN, LeftOut, Pair, Run, Runs, constants_left_out, ran, read_runs, shipped_runs
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
# Runs predicted by constants that their family's runs gave nothing to: the kind of the runs, and the class.
_FAMILY_OUT = {"left-out": "in-fit", "several-gpus-left-out": "several-gpus"}
# Kinds of runs whose kernel is known; an engine's usual kernel is.
_KNOWN = ("in-fit", "not-in-fit", "several-gpus")
_UNKNOWN = ("kernel-unknown", "several-gpus-kernel-unknown")
# The groupings of rows.
BY = ("model", "gpu", "kernel", "option", "runtime", "source")
# Rows that are no runs of the model's own kind: grouped with the others they would say nothing of either.
NOT_GROUPED = ("", "stages", EXTRAPOLATED)
_UNLIKELY = (0.0, 0.99)


@dataclass(frozen=True, slots=True)
class RunRow:
    """One measurement and its prediction."""

    run: Run
    quantity: str  # seconds or memory
    kind: str  # one of CLASSES, or nothing
    model: str
    gpu: str
    gpus: int
    kernel: str  # GPU generation and kernel
    runtime: str
    option: str
    measured: float
    predicted: float
    left_out: float | None  # predicted with constants fitted without the model's family
    source_out: float | None  # the same without the runs of its source; nothing where these gave no constant
    values: Values

    @property
    def ratio(self) -> float:
        """Predicted over measured."""
        return self.predicted / self.measured

    @property
    def band(self) -> str:
        """The class of the model's error that it is judged in; nothing if its kernel is not known or it is no whole clip."""
        if self.kind == EXTRAPOLATED:
            return EXTRAPOLATED
        of = band_of(self.runtime, self.gpus)
        return of if self.kind in _KNOWN or (of == ENGINES and self.kind in _UNKNOWN) else ""

    @property
    def error(self) -> tuple[float, float]:
        """The ends of the seconds that the model's error allows."""
        low, high = published().bands[self.band or LEFT_OPEN]
        return self.predicted * low, self.predicted * high

    @property
    def ratio_from_others(self) -> float:
        """Predicted over measured, by constants that other sources gave."""
        return (self.source_out or self.predicted) / self.measured

    @property
    def source(self) -> str:
        """Who measured it; a run without a source stands for itself."""
        return self.run.source or f"run {self.run.id}"


@dataclass(frozen=True, slots=True)
class PairRow:
    """A pair of runs: the measured speed-up, and the predicted one or what the measured one asks for."""

    pair: Pair
    measured: float
    predicted: float | None
    implied: float | None
    source: str

    @property
    def ratio(self) -> float | None:
        """Predicted over measured."""
        return self.predicted / self.measured if self.predicted else None


@dataclass(frozen=True, slots=True)
class Summary:
    """The error of several rows: each row alike, and (weighted) each source alike, whatever its number of rows."""

    name: str
    rows: int
    median_error: float
    p90_error: float
    median_ratio: float
    sources: int
    weighted_median_error: float
    weighted_p90_error: float
    weighted_median_ratio: float


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Predictions against measurements: by row, summed up, and by what was asked for."""

    file: str
    rows: tuple[RunRow, ...]
    pairs: tuple[PairRow, ...]
    summary: tuple[Summary, ...]
    by: str | None = None
    groups: tuple[Summary, ...] = ()

    @property
    def coverage(self) -> dict[str, tuple[int, int]]:
        """By class of the model's error: how many runs its band holds, and of how many; each run's source touched none of its constants."""
        found = {}
        for name in BANDS:
            low, high = published().bands[name]
            if ratios := [row.ratio_from_others for row in self.rows if row.band == name]:
                found[name] = sum(low <= 1 / ratio <= high for ratio in ratios), len(ratios)
        return found

    @property
    def time_factors(self) -> Iterator[tuple[str, int, float, float, float]]:
        """The range of `time_factor` by class: runs, and the 5th, 50th and 95th percentile of measured over predicted."""
        wide, nvlink, sxm, blackwell = 3_000, 1e11, "-sxm", "blackwell/"
        classes: dict[str, tuple[str, Callable[[RunRow], bool]]] = {
            "A100, H100, H200, H20 (SXM), hidden size 3,072 and more": (
                ONE_GPU,
                lambda r: sxm in r.gpu and r.values["hidden_size"] >= wide,
            ),
            "the same, hidden size 2,048 and less": (ONE_GPU, lambda r: sxm in r.gpu and r.values["hidden_size"] < wide),
            "PCIe, NVL, Ada and RTX boards": (ONE_GPU, lambda r: sxm not in r.gpu and not r.kernel.startswith(blackwell)),
            "B200, GB200": (ONE_GPU, lambda r: r.kernel.startswith(blackwell)),
            "any of these": (ONE_GPU, lambda _: True),
            "kernel not stated": ("kernel-unknown", lambda _: True),
            "several GPUs over NVLink": (GROUPS, lambda r: r.values["interconnect_bandwidth"] > nvlink),
            "several GPUs over PCIe": (GROUPS, lambda r: r.values["interconnect_bandwidth"] <= nvlink),
            "serving engines": (ENGINES, lambda _: True),
        }
        for name, (kind, belongs) in classes.items():
            factors = [1 / ratio for ratio in ratios_of([row for row in self.rows if belongs(row)], kind)]
            if factors:
                low, middle, high = (quantile(factors, share) for share in (0.05, 0.5, 0.95))
                yield name, len(factors), low, middle, high


def accuracy(file: str | None = None, by: str | None = None, catalogues: Iterable[str] = (), scenario: Scenario | None = None) -> Accuracy:
    """Return predicted against measured for the published runs, or for those of a file; on a scenario, where they are given one.

    Raises Mistakes where a run of a file without a scenario does not name its model and GPU.

    >>> [s.rows for s in accuracy().summary if s.name == "in-fit"]
    [62]
    """
    if by is not None and by not in BY:
        raise Mistakes(f"`--by {by}`: rows are grouped by {', '.join(BY)}{nearest(by, BY)}")
    runs = read_runs(file) if file else shipped_runs()
    if file and scenario is None:
        _check_named(runs)
    catalogue, constants = scenario.catalogue if scenario else Catalogue(tuple(catalogues)), None if file else constants_left_out()
    below = scenario.layers if scenario else ()
    rows = tuple(_rows(runs, catalogue, constants, below))
    pairs = tuple(_pairs(runs, rows))
    return Accuracy(file or "catalogue/runs.yaml", rows, pairs, tuple(_summaries(rows, pairs)), by, tuple(grouped(rows, pairs, by)))


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


def _rows(runs: Runs, catalogue: Catalogue, constants: LeftOut | None, below: Iterable[Layer]) -> Iterator[RunRow]:
    mistakes: list[Mistake] = []
    for run in steps(runs.runs, "runs"):
        try:
            yield from _of_run(run, catalogue, constants, below)
        except Mistakes as error:
            mistakes += [Mistake(m.message, m.place or run.place) for m in error.mistakes]
    if mistakes:
        raise Mistakes(mistakes)


def _of_run(run: Run, catalogue: Catalogue, constants: LeftOut | None, below: Iterable[Layer]) -> Iterator[RunRow]:
    """Yield the measurements of a run; without constants of the others it is a user's own."""
    scenario, values = predicted(run, catalogue, below)
    chosen = scenario.chosen()
    own = constants is None
    stated = run.about.get("kernel") != "unknown"
    kernel = catalogue.kernel(chosen).id if stated else f"{catalogue.generation(chosen).id}, not stated"
    gpu = chosen["gpu"] if own or "gpu" in run.layer.choices else "not named"
    gpus, option = int(values["gpus_per_replica"]), run.about.get("option", "")
    about = (chosen["model"], gpu, gpus, kernel, chosen["runtime"], option)
    if run.seconds is not None:
        kind = "yours" if own else _time_class(run, gpus, chosen, catalogue)
        family = constants.families.get(chosen["model"]) if constants and kind in _FAMILY_OUT.values() else None
        source = constants.sources.get(run.about["source"]) if constants and kind else None
        left_out, source_out = (
            evaluate(one.over(ran(scenario), chosen, catalogue))[run.figure] if one else None for one in (family, source)
        )
        yield RunRow(run, "seconds", kind, *about, run.seconds, values[run.figure], left_out, source_out, values)
    if run.peak_memory is not None:
        kind = "your-memory" if own else _memory_class(run, values, gpus, chosen, catalogue)
        yield RunRow(run, "memory", kind, *about, run.peak_memory, values["memory_needed"], None, None, values)


def _for_show(run: Run) -> bool:
    """Return whether a shipped run is shown and judged with nothing."""
    apart = any(reason in run.about.get("why", "") for reason in ("streamed", "assumed architecture"))
    return apart or "option" in run.about or run.about["confidence"] == "low"


def _time_class(run: Run, gpus: int, chosen: Mapping[str, str], catalogue: Catalogue) -> str:
    """Return the class by which a shipped run's seconds are judged."""
    unknown = run.about["kernel"] == "unknown"
    if _for_show(run):
        return ""
    if run.figure == "vae_decode_seconds" or "of another row" in run.about.get("why", ""):
        return "stages"
    if "gave the efficiency" in run.about.get("why", ""):
        return ""
    if catalogue.generation(chosen).about["evidence"] == EXTRAPOLATED:
        return EXTRAPOLATED
    if gpus > 1:
        return "several-gpus-kernel-unknown" if unknown else "several-gpus"
    return "in-fit" if run.fit else "kernel-unknown" if unknown else "not-in-fit"


def _memory_class(run: Run, values: Values, gpus: int, chosen: Mapping[str, str], catalogue: Catalogue) -> str:
    """Return the class by which a shipped run's memory is judged; a peak below the weights' size means that something was offloaded."""
    assert run.peak_memory is not None
    if _for_show(run) or catalogue.generation(chosen).about["evidence"] == EXTRAPOLATED:
        return ""
    if chosen["sharding"] != "none":
        return "memory-sharded"
    if chosen["offload"] != "none":
        return "memory-offloaded"
    return "memory" if gpus == 1 and run.peak_memory >= values["model_and_encoder_size"] else ""


def _pairs(runs: Runs, rows: Iterable[RunRow]) -> Iterator[PairRow]:
    by_id = {row.run.id: row for row in rows if row.quantity == "seconds"}
    for pair in runs.pairs:
        missing = [name for name in (pair.base, pair.head) if name not in by_id]
        if missing:
            raise Mistakes(f"pair `{pair.name}`: there is no run `{missing[0]}` with seconds")
        base, head = by_id[pair.base], by_id[pair.head]
        measured = base.measured / head.measured
        expected = None if pair.unknown else base.predicted / head.predicted
        implied = _implied(head, pair.unknown, base.predicted / measured) if pair.unknown else None
        yield PairRow(pair, measured, expected, implied, head.run.source)


def _implied(row: RunRow, name: str, seconds: float) -> float | None:
    """Return the value of an assumption at which a run's prediction is so many seconds, or nothing where none is."""
    low, high = _UNLIKELY
    given = {*ASSUMPTIONS, RAN, *row.run.layer.pins}
    settings = {key: value for key, value in row.values.items() if key in given}

    def at(value: float) -> float:
        return float(evaluate({**settings, name: value})[row.run.figure])

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


def ratios_of(rows: Iterable[RunRow], kind: str) -> list[float]:
    """Return predicted over measured of the rows of a class, with the constants that the class is judged by."""
    return [ratio for ratio, _source in judged_of(rows, kind)]


def judged_of(rows: Iterable[RunRow], kind: str) -> list[Judged]:
    """Return the same, each ratio with its source."""
    if base := _FAMILY_OUT.get(kind):
        return [(row.left_out / row.measured, row.source) for row in rows if row.kind == base and row.left_out]
    if kind in (*BANDS, EXTRAPOLATED):
        return [(row.ratio_from_others, row.source) for row in rows if row.band == kind]
    if kind == "stages":
        return [(row.ratio_from_others, row.source) for row in rows if row.kind == kind]
    return [(row.ratio, row.source) for row in rows if row.kind == kind]


def _summaries(rows: Iterable[RunRow], pairs: Iterable[PairRow]) -> Iterator[Summary]:
    speedups = [(ratio, pair.source) for pair in pairs if (ratio := pair.ratio)]
    for kind in CLASSES:
        if judged := speedups if kind == "options" else judged_of(rows, kind):
            yield summary(kind, judged)


def grouped(rows: Iterable[RunRow], pairs: Iterable[PairRow], by: str | None) -> Iterator[Summary]:
    """Yield the error by what was asked for: of all seconds that are judged, or of the speed-ups of an option."""
    if by is None:
        return
    found: dict[str, list[Judged]] = {}
    for pair in pairs if by == "option" else ():
        if pair.ratio:
            found.setdefault(pair.pair.option, []).append((pair.ratio, pair.source))
    if by != "option" or not found:
        for row in rows:
            if row.quantity == "seconds" and row.kind not in NOT_GROUPED:
                found.setdefault(getattr(row, by) or "none", []).append((row.ratio, row.source))
    for name in sorted(found):
        yield summary(name, found[name])
