"""How near the predictions are: each measured run against what the plan's own formulas give for its settings."""

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
from t2v_capacity.plan.evidence import EXTRAPOLATED, LEFT_OPEN, STATED
from t2v_capacity.progress import steps
from t2v_capacity.questions.measured.runs import RAN, Family, Pair, Run, Runs, constants_left_out, ran, read_runs, shipped_runs
from t2v_capacity.scenario.layers import Layer
from t2v_capacity.scenario.load import merged
from t2v_capacity.scenario.settings import Scenario

Values = Mapping[str, float]
# What a row is judged with -> how a person reads it; rows of no class are shown, and judged with nothing.
CLASSES = {
    "in-fit": "one GPU, in the fit",
    "left-out": "one GPU, each model family predicted from the others",
    "left-out-resident": "the same, runs with nothing offloaded",
    "not-in-fit": "one GPU, not in the fit: kernel presumed, or an unofficial peak",
    "kernel-unknown": "one GPU, kernel not stated: the generation's usual one taken",
    "several-gpus": "several GPUs",
    "several-gpus-left-out": "several GPUs, each model family predicted from the others",
    "several-gpus-kernel-unknown": "several GPUs, kernel not stated",
    "many-gpus": "more GPUs a clip than any group in the fit",
    "extrapolated": "GPU generations without a run in the fit: priors alone",
    "memory": "memory, nothing offloaded",
    "memory-offloaded": "memory, offloaded between stages",
    "memory-sharded": "memory, weights sharded",
    "stages": "stages timed apart",
    "options": "speed-ups: pairs of runs",
    "yours": "your runs",
    "your-memory": "memory of your runs",
}
_LEFT_OUT = {"in-fit": "left-out", "several-gpus": "several-gpus-left-out"}
# What rows are grouped by.
BY = ("model", "gpu", "kernel", "option", "runtime", "source")
# GPUs of a group beyond which no run is in the fit.
_MOST_IN_A_GROUP = 16
# Rows that are no runs of the model's own kind: grouped with the others they would say nothing of either.
NOT_GROUPED = ("", "stages", "many-gpus", "extrapolated")
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
    values: Values

    @property
    def ratio(self) -> float:
        """Predicted over measured."""
        return self.predicted / self.measured

    @property
    def error(self) -> tuple[float, float]:
        """The ends of the seconds that the model's error allows, for runs whose kernel is known and whose is not."""
        kind = EXTRAPOLATED if self.kind == EXTRAPOLATED else LEFT_OPEN if self.run.about.get("kernel") == "unknown" else STATED
        low, high = published().bands[kind]
        return self.predicted * low, self.predicted * high

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
    def coverage(self) -> tuple[int, int]:
        """How many of the runs with stated kernels the band holds, and of how many; each run's family touched none of its constants."""
        low, high = published().bands[STATED]
        judged = [(row.left_out or row.predicted) / row.measured for row in self.rows if row.kind in _LEFT_OUT]
        return sum(low <= 1 / ratio <= high for ratio in judged), len(judged)

    @property
    def time_factors(self) -> Iterator[tuple[str, int, float, float, float]]:
        """The range of `time_factor` by class: runs, and the 5th, 50th and 95th percentile of measured over predicted."""
        wide, nvlink, sxm, blackwell = 3_000, 1e11, "-sxm", "blackwell/"
        classes: dict[str, tuple[str, Callable[[RunRow], bool]]] = {
            "A100, H100, H200, H20 (SXM), hidden size 3,072 and more": (
                "left-out",
                lambda r: sxm in r.gpu and r.values["hidden_size"] >= wide,
            ),
            "the same, hidden size 2,048 and less": ("left-out", lambda r: sxm in r.gpu and r.values["hidden_size"] < wide),
            "PCIe, NVL, Ada and RTX boards": ("left-out", lambda r: sxm not in r.gpu and not r.kernel.startswith(blackwell)),
            "B200, GB200": ("left-out", lambda r: r.kernel.startswith(blackwell)),
            "any of these": ("left-out", lambda _: True),
            "kernel not stated": ("kernel-unknown", lambda _: True),
            "several GPUs over NVLink": ("several-gpus", lambda r: r.values["interconnect_bandwidth"] >= nvlink),
            "several GPUs over PCIe": ("several-gpus", lambda r: r.values["interconnect_bandwidth"] < nvlink),
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
    [58]
    """
    if by is not None and by not in BY:
        raise Mistakes(f"`--by {by}`: rows are grouped by {', '.join(BY)}{nearest(by, BY)}")
    runs = read_runs(file) if file else shipped_runs()
    if file and scenario is None:
        _check_named(runs)
    catalogue, families = scenario.catalogue if scenario else Catalogue(tuple(catalogues)), {} if file else constants_left_out()
    below = scenario.layers if scenario else ()
    rows = tuple(_rows(runs, catalogue, families, below, own=bool(file)))
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
    scenario = merged([*below, run.layer], [], catalogue=catalogue).but(parts=())
    values = ran(scenario)
    return scenario, values | computed(scenario, values)


def _rows(runs: Runs, catalogue: Catalogue, families: Mapping[str, Family], below: Iterable[Layer], *, own: bool) -> Iterator[RunRow]:
    mistakes: list[Mistake] = []
    for run in steps(runs.runs, "runs"):
        try:
            yield from _of_run(run, catalogue, families, below, own=own)
        except Mistakes as error:
            mistakes += [Mistake(m.message, m.place or run.place) for m in error.mistakes]
    if mistakes:
        raise Mistakes(mistakes)


def _of_run(run: Run, catalogue: Catalogue, families: Mapping[str, Family], below: Iterable[Layer], *, own: bool) -> Iterator[RunRow]:
    scenario, values = predicted(run, catalogue, below)
    chosen = scenario.chosen()
    family = families.get(chosen["model"])
    stated = run.about.get("kernel") != "unknown"
    kernel = catalogue.kernel(chosen).id if stated else f"{catalogue.generation(chosen).id}, not stated"
    gpu = chosen["gpu"] if own or "gpu" in run.layer.choices else "not named"
    gpus, option = int(values["gpus_per_replica"]), run.about.get("option", "")
    about = (chosen["model"], gpu, gpus, kernel, chosen["runtime"], option)
    if run.seconds is not None:
        kind = "yours" if own else _time_class(run, gpus, chosen, catalogue)
        left_out = None
        if family and kind in _LEFT_OUT:
            left_out = evaluate(family.over(ran(scenario), chosen, catalogue))[run.figure]
        yield RunRow(run, "seconds", kind, *about, run.seconds, values[run.figure], left_out, values)
    if run.peak_memory is not None:
        kind = "your-memory" if own else _memory_class(run, values, gpus, chosen, catalogue)
        yield RunRow(run, "memory", kind, *about, run.peak_memory, values["memory_needed"], None, values)


def _for_show(run: Run) -> bool:
    """Return whether a shipped run is shown and judged with nothing."""
    apart = any(reason in run.about.get("why", "") for reason in ("streamed", "assumed architecture"))
    return apart or "option" in run.about or run.about["confidence"] == "low"


def _time_class(run: Run, gpus: int, chosen: Mapping[str, str], catalogue: Catalogue) -> str:
    """Return what a shipped run's seconds are judged with."""
    unknown = run.about["kernel"] == "unknown"
    if _for_show(run):
        return ""
    if run.figure == "vae_decode_seconds" or "of another row" in run.about.get("why", ""):
        return "stages"
    if gpus > _MOST_IN_A_GROUP or catalogue.generation(chosen).about["evidence"] == EXTRAPOLATED:
        return "many-gpus" if gpus > _MOST_IN_A_GROUP else "extrapolated"
    if gpus > 1:
        return "" if chosen["offload"] != "none" else "several-gpus-kernel-unknown" if unknown else "several-gpus"
    if run.fit:
        return "in-fit"
    return "kernel-unknown" if unknown else "" if "gave the efficiency" in run.about["why"] else "not-in-fit"


def _memory_class(run: Run, values: Values, gpus: int, chosen: Mapping[str, str], catalogue: Catalogue) -> str:
    """Return what a shipped run's memory is judged with; a peak below the weights alone means that something was offloaded."""
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
    """Return predicted over measured of the rows of a class; those left out of the fit with the constants of the others."""
    return [ratio for ratio, _source in judged_of(rows, kind)]


def judged_of(rows: Iterable[RunRow], kind: str) -> list[Judged]:
    """Return the same, each ratio with its source."""
    before = {"left-out-resident": "in-fit", **{name: base for base, name in _LEFT_OUT.items()}}.get(kind)
    if before is None:
        return [(row.ratio, row.source) for row in rows if row.kind == kind]
    resident = kind == "left-out-resident"
    found = [row for row in rows if row.kind == before and row.left_out and not (resident and "offload" in row.run.layer.choices)]
    return [(row.left_out / row.measured, row.source) for row in found if row.left_out]


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
