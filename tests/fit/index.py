"""Records the published runs and the model's errors on them in catalogue/published.json.

The command is `python tests/record.py errors`.
"""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import combinations, permutations
from typing import Any, NamedTuple

from fit.left_out import constants_left_out, over
from fit.memory import constant_of, needed, without
from fit.shipped import shipped_runs
from fit.writing import ASSUMED
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.catalogue.published import PUBLISHED_FILE, Held, Measurement, published
from t2v_capacity.engine.figures import evaluate
from t2v_capacity.measured.runs.accuracy import (
    CLASSES,
    held_in,
    measurements_of,
    predicted,
    summary,
)
from t2v_capacity.measured.runs.reading import INCLUDES, RAN, Run, ran
from t2v_capacity.plan.evidence import (
    BANDS,
    BEYOND_DENOISING,
    EXTRAPOLATED,
    FAR,
    FEW,
    MIDDLE,
    NEAR,
    OPEN,
    STATED,
    Profile,
    class_of,
    computed_with,
    profile,
    ways,
)

# The class below which another one's band never is: less is known of it.
NEARER = {MIDDLE: NEAR, FAR: MIDDLE}
SHARES, SHARE = (0.5, 0.8, 0.9, 0.95), 0.9
LESS_BY_SOURCE = 0.08  # a band holds so much less of the sources, each alike, than of the runs
LABEL = 54  # letters that a line of the first screen has room for
DIGITS = 12  # of a recorded number
# Runs that an estimate can be near to, and those that count as evidence.
SHOWN = ("in-fit", "not-in-fit", "kernel-unknown", "several-gpus", "several-gpus-kernel-unknown", "extrapolated")
EVIDENCE = ("in-fit", "several-gpus", "not-in-fit")
# Plain runs with a known kernel, by what ran them.
ONE_GPU, GPU_GROUPS, ENGINES = "one-gpu", "groups", "engines"
# Rows of other classes too: clips of few steps, and the decodes among the stages.
FEW_CLIPS, DECODES = "few-steps", "decodes"
_MLPERF = "mlperf"
# Runs predicted by constants that their family's runs gave nothing to: the kind of the runs, and the class.
_FAMILY_OUT = {"left-out": "in-fit", "several-gpus-left-out": "several-gpus"}
_SORTS = (ONE_GPU, GPU_GROUPS, ENGINES)
# Kinds of runs whose kernel is known; an engine's usual kernel is.
_KNOWN = ("in-fit", "not-in-fit", "several-gpus")
_UNKNOWN = ("kernel-unknown", "several-gpus-kernel-unknown")
# How a source can say which kernel ran; one that is presumed is open.
_STATED = ("stated", "unambiguous")


class Judged(NamedTuple):
    """A measurement as it is recorded, with what it was predicted from."""

    row: Measurement
    run: Run
    values: Mapping[str, float]
    plan: Profile

    @property
    def sort(self) -> str:
        """What ran it, in words of a class; nothing if its kernel is not known or it is no whole clip."""
        if self.row.kind == EXTRAPOLATED:
            return EXTRAPOLATED
        of = ENGINES if self.row.runtime == "engine" else GPU_GROUPS if self.row.gpus > 1 else ONE_GPU
        return of if self.row.kind in _KNOWN or (of == ENGINES and self.row.kind in _UNKNOWN) else ""

    @property
    def off(self) -> float:
        """How many times off its prediction is by constants that other sources gave."""
        return max(self.ratio_from_others, 1 / self.ratio_from_others)

    @property
    def ratio_from_others(self) -> float:
        """Predicted over measured, by constants that other sources gave."""
        return (self.row.source_out_predicted or self.row.predicted) / self.row.measured


# Classes that count rows of others too, with the test of a row.
_ACROSS: dict[str, Callable[[Judged], bool]] = {
    FEW_CLIPS: lambda one: one.row.kind in (*_KNOWN, *_UNKNOWN) and FEW in one.plan.ways,
    DECODES: lambda one: one.row.kind == "stages" and one.run.figure == INCLUDES["vae_decode"],
}


@cache
def rows() -> tuple[Judged, ...]:
    """Return the measurements of the shipped runs, predicted and judged."""
    found = [row for run in shipped_runs() for row in judged(run)]
    return tuple(one._replace(row=one.row._replace(band=_band(one, found))) for one in found)


def judged(run: Run) -> Iterator[Judged]:
    """Yield the measurements of a shipped run, predicted by all constants and by those that others gave."""
    catalogue, left = Catalogue(), constants_left_out()
    scenario, values = predicted(run, catalogue)
    chosen, plan = scenario.chosen(), profile(scenario, values)
    for own in measurements_of(run, scenario, values):
        kind = (
            _memory_class(run, values, chosen, catalogue)
            if own.quantity == "memory"
            else _time_class(run, own.gpus, chosen, catalogue)
        )
        row = own._replace(kind=kind, gpu=own.gpu if "gpu" in run.layer.choices else "not named")
        if row.quantity == "seconds":
            family = left.families.get(row.model) if kind in _FAMILY_OUT.values() else None
            source = left.sources.get(run.about["source"]) if kind else None
            left_out, source_out = (
                evaluate(over(one, ran(scenario), chosen))[run.figure] if one else None for one in (family, source)
            )
            row = row._replace(left_out_predicted=left_out, source_out_predicted=source_out)
            row = _of_estimates(row, run, values, plan)
        elif kind and (out := without(run.about["source"], name := constant_of(chosen))):
            row = row._replace(source_out_predicted=needed(values, name, out))
        yield Judged(row, run, values, plan)


def _band(one: Judged, found: Iterable[Judged]) -> str:
    """Return the class of a judged clip's model error, by the runs of other sources that an estimate can be near."""
    if one.row.quantity == "memory" or one.row.kind not in (*_KNOWN, *_UNKNOWN):
        return EXTRAPOLATED if one.row.kind == EXTRAPOLATED else ""
    others = [other.row for other in found if other.row.label and other.row.measured_by != one.row.measured_by]
    return class_of(one.plan, others, stated=one.run.about["kernel"] in _STATED, measured=True)


def _for_show(run: Run) -> bool:
    """Return whether a shipped run is shown and judged with nothing."""
    apart = any(reason in run.about.get("why", "") for reason in ("streamed", "assumed architecture"))
    return apart or "option" in run.about or run.about["confidence"] == "low"


def _time_class(run: Run, gpus: int, chosen: Mapping[str, str], catalogue: Catalogue) -> str:
    """Return the class by which a shipped run's seconds are judged."""
    unknown = run.about["kernel"] == "unknown"
    if _for_show(run):
        return ""
    if run.figure == "group_decode_seconds" or "of another row" in run.about.get("why", ""):
        return "stages"
    if "gave the efficiency" in run.about.get("why", ""):
        return ""
    if catalogue.generation(chosen).about["evidence"] == EXTRAPOLATED:
        return EXTRAPOLATED
    if gpus > 1:
        return "several-gpus-kernel-unknown" if unknown else "several-gpus"
    return "in-fit" if run.fit else "kernel-unknown" if unknown else "not-in-fit"


def _memory_class(run: Run, values: Mapping[str, float], chosen: Mapping[str, str], catalogue: Catalogue) -> str:
    """Return the class by which a shipped run's memory is judged.

    A peak below the weights' size means that more was offloaded than is said.
    """
    assert run.peak_memory is not None
    if (
        _for_show(run)
        or catalogue.generation(chosen).about["evidence"] == EXTRAPOLATED
        or run.peak_memory < values["resident_weights"]
    ):
        return ""
    if chosen["sharding"] != "none":
        return "memory-sharded"
    if chosen["offload"] != "none":
        return "memory-offloaded"
    return "memory"


def _of_estimates(row: Measurement, run: Run, values: Mapping[str, float], plan: Profile) -> Measurement:
    """Return a row with what an estimate asks of it, where it can be near one."""
    if row.kind not in SHOWN and not run.about["source"].startswith(_MLPERF):
        return row
    gpu = Catalogue().find("gpus", row.gpu)
    short = next(iter(sorted(gpu.aliases, key=len)), gpu.id)
    runtime = row.runtime if row.runtime != "eager" or not row.kernel else ""
    frame = f"{row.width}x{row.height}x{row.frames_per_video}"
    rest = f"{row.gpus} {short}, {', '.join(filter(None, (row.kernel, runtime)))}"
    model = next(
        (name for name in (row.model, row.model.rpartition("-")[0]) if len(f"{name} {frame}, {rest}") <= LABEL),
        row.model,
    )
    label = f"{model} {frame}, {row.steps} steps, {rest}"
    precision = run.layer.choices.get("compute_precision")
    return row._replace(
        label=label if len(label) <= LABEL else f"{model} {frame}, {rest}",
        network=plan.model,
        precision=str(precision.value) if precision else "bf16",
        tokens=values["visual_tokens"],
        judged=row.kind in EVIDENCE,
        ways=ways(values) - (BEYOND_DENOISING if run.figure == "denoising_seconds" else frozenset()),
    )


def judged_of(kind: str) -> list[tuple[float, str]]:
    """Return predicted over measured of the rows of a class, by the constants that judge it, each with its source."""
    if base := _FAMILY_OUT.get(kind):
        return [
            (one.row.left_out_ratio, one.row.measured_by)
            for one in rows()
            if one.row.kind == base and one.row.left_out_ratio
        ]
    by_sort = kind in (*_SORTS, EXTRAPOLATED)
    from_others = by_sort or kind in ("stages", *_ACROSS) or kind.startswith("memory")
    counts = _ACROSS.get(kind)
    of_kind = [one for one in rows() if (counts(one) if counts else kind == (one.sort if by_sort else one.row.kind))]
    return [(one.ratio_from_others if from_others else one.row.ratio, one.row.measured_by) for one in of_kind]


def factor(offs: Iterable[tuple[float, str]], share: float) -> float:
    """Return how many times off so large a share is, at most.

    The share is one of runs, one of runs that weigh by the root of their source's number, and nearly one of sources.

    >>> factor([(1.1, "a"), (1.2, "a"), (1.3, "b"), (1.4, "c")], share=0.75)
    1.4
    """
    ordered, rows, rooted, by_source = sorted(offs), 0.0, 0.0, 0.0
    of = Counter(source for _off, source in ordered)
    whole = sum(math.sqrt(count) for count in of.values())
    for off, source in ordered:
        rows += 1 / len(ordered)
        rooted += 1 / math.sqrt(of[source]) / whole
        by_source += 1 / of[source] / len(of)
        if min(rows, rooted, by_source + LESS_BY_SOURCE) >= share - 1e-9:
            return off
    return ordered[-1][0]


@cache
def bands(without: str = "") -> dict[str, tuple[float, ...]]:
    """Return for each class the factor of each nominal share, without a source.

    A factor is at least that of nearer runs, and an open one at least that of stated runs.
    """
    found = dict[str, tuple[float, ...]]()
    of = [one for one in rows() if one.row.band and one.row.measured_by != without]
    for name in BANDS:
        kernel, how = name.split("-")
        below = [found[one] for one in (f"{kernel}-{NEARER.get(how)}", f"{STATED}-{how}") if one in found]
        own = [(one.off, one.row.measured_by) for one in of if one.row.band == name]
        found[name] = tuple(
            max(factor(own, share), *(one[place] for one in below), 1) for place, share in enumerate(SHARES)
        )
    farthest = max(max(ratio, 1 / ratio) for ratio in _assumed())
    # What is unlike every run is further off than the farthest class, so it takes that class's next larger share.
    *_least, last = widest = found[f"{OPEN}-{FAR}"]
    found[EXTRAPOLATED] = tuple(max(farthest, factor) for factor in (*widest[1:], last))
    return {name: tuple(math.ceil(one * 100) / 100 for one in factors) for name, factors in found.items()}


@cache
def _assumed() -> list[float]:
    """Return predicted over measured for runs on generations outside the fit, their kernels as they were assumed."""
    found = []
    for row, run, values, _plan in rows():
        there = row.attention_kernel
        if row.quantity == "seconds" and (row.kind == EXTRAPOLATED or (there in ASSUMED and "option" not in run.about)):
            given = {name: values[name] for name in (*ASSUMPTIONS, RAN, *run.layer.pins) if name in values}
            kernel = {"attention_efficiency": ASSUMED[there]} if there in ASSUMED else {}
            found.append(evaluate(given | kernel)[run.figure] / row.measured)
    return found


def alike() -> float:
    """Return how many times apart two runs of one kind are, at most, in so large a share of the pairs.

    Runs of a kind have one source, GPU, runtime, kernel, precision, model, group and ways. Each source has one weight.
    """
    kinds = defaultdict[tuple[object, ...], list[float]](list)
    for one in rows():
        run = one.row
        if run.label and run.judged:
            way = (*computed_with(run), run.model, run.gpus, run.ways, run.option)
            kinds[run.measured_by, run.gpu, *way].append(math.log(run.ratio))
    pairs = defaultdict[object, list[float]](list)
    for (source, *_rest), logs in kinds.items():
        pairs[source] += [abs(log - other) for log, other in permutations(logs, 2)]
    weighed = sorted((apart, 1 / len(all_apart)) for all_apart in pairs.values() for apart in all_apart)
    left = SHARE * sum(weight for _apart, weight in weighed)
    for apart, weight in weighed:
        left -= weight
        if left <= 0:
            return math.exp(apart)
    raise AssertionError("there are published runs of one kind")


def between_gpus() -> float:
    """Return how many times off the speed of a GPU relative to another is predicted, at most, in 80% of pairs.

    A pair has two GPUs, and one source, model, clip, group and runtime. It is predicted without its source.
    """
    jobs = defaultdict[tuple[object, ...], list[Judged]](list)
    for judged_run in rows():
        run = judged_run.row
        if run.label and not run.option:
            clip = (run.model, run.width, run.height, run.frames_per_video, run.steps)
            jobs[run.measured_by, *clip, run.gpus, run.runtime, run.ways].append(judged_run)
    pairs = [pair for job in jobs.values() for pair in combinations(job, 2) if pair[0].row.gpu != pair[1].row.gpu]
    relative = [(first.ratio_from_others / second.ratio_from_others, first.row.measured_by) for first, second in pairs]
    off = factor([(max(ratio, 1 / ratio), source) for ratio, source in relative], SHARES[1])
    return math.ceil(off * 100) / 100


def held() -> list[Held]:
    """Return the share of runs that the bands hold which the runs of other sources give."""
    return list(held_in((one.row for one in rows()), bands, SHARES.index(SHARE)))


@cache
def index() -> dict[str, Any]:
    """Return the record as a document."""
    found = ((kind, judged_of(kind)) for kind in CLASSES)
    return {
        "shares": SHARES,
        "share": SHARE,
        "bands": bands(),
        "alike": alike(),
        "between_gpus": between_gpus(),
        "held": held(),
        "summary": [summary(kind, ratios) for kind, ratios in found if ratios],
        "rows": [[*one.row[: Measurement._fields.index("ways")], sorted(one.row.ways)] for one in rows()],
    }


def text() -> str:
    """Return the record as it is written: a row a line."""
    parts = []
    for key, value in _rounded(index()).items():
        rows_of_it = (
            "[\n" + ",\n".join(map(json.dumps, value)) + "\n]" if isinstance(value, list) else json.dumps(value)
        )
        parts.append(f'"{key}": {rows_of_it}')
    return "{" + ",\n".join(parts) + "}\n"


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(one) for one in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def write() -> None:
    """Write the record."""
    PUBLISHED_FILE.write_text(text(), encoding="utf-8")
    published.cache_clear()
