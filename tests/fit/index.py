"""Records the published runs and the model's errors on them, catalogue/published.json: `python tests/record.py errors`."""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from functools import cache
from typing import Any, NamedTuple

from fit.left_out import constants_left_out, over
from fit.memory import constant_of, needed, without
from fit.shipped import shipped_runs
from fit.writing import ASSUMED
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.catalogue.published import FILE, Factor, Measurement, published
from t2v_capacity.engine.figures import evaluate
from t2v_capacity.plan.evidence import BANDS, ENGINES, EXTRAPOLATED, GROUPS, LEFT_OPEN, ONE_GPU, band_of
from t2v_capacity.plan.ways import BEYOND_DENOISING, ways
from t2v_capacity.questions.measured.accuracy import CLASSES, predicted, quantile, rows_of, summary
from t2v_capacity.questions.measured.runs import RAN, Run, ran
from t2v_capacity.scenario.load import merged

SHARE = 0.9
LABEL = 54  # letters that a line of the first screen has room for
FEWEST = 8  # runs of a class that can have a band of their own
DIGITS = 12  # of a recorded number
# Runs that an estimate can be near to, and those that count as evidence.
SHOWN = ("in-fit", "not-in-fit", "kernel-unknown", "several-gpus", "several-gpus-kernel-unknown", "extrapolated")
EVIDENCE = ("in-fit", "several-gpus", "not-in-fit")
_MLPERF = "mlperf"
_WIDE, _NVLINK, _BLACKWELL = 3_000, 1e11, "blackwell"
# Runs predicted by constants that their family's runs gave nothing to: the kind of the runs, and the class.
_FAMILY_OUT = {"left-out": "in-fit", "several-gpus-left-out": "several-gpus"}
# Kinds of runs whose kernel is known; an engine's usual kernel is.
_KNOWN = ("in-fit", "not-in-fit", "several-gpus")
_UNKNOWN = ("kernel-unknown", "several-gpus-kernel-unknown")


class Judged(NamedTuple):
    """A measurement as it is recorded, with what it was predicted from."""

    row: Measurement
    run: Run
    values: Mapping[str, float]

    @property
    def ratio_from_others(self) -> float:
        """Predicted over measured, by constants that other sources gave."""
        return (self.row.source_out_predicted or self.row.predicted) / self.row.measured

    @property
    def sxm(self) -> bool:
        """Whether it ran on an SXM board."""
        return "-sxm" in self.row.gpu


@cache
def rows() -> tuple[Judged, ...]:
    """Return the measurements of the shipped runs, predicted and judged."""
    return tuple(row for run in shipped_runs() for row in judged(run))


def judged(run: Run) -> Iterator[Judged]:
    """Yield the measurements of a shipped run, predicted by all constants and by those that others gave."""
    catalogue, left = Catalogue(), constants_left_out()
    scenario, values = predicted(run, catalogue)
    chosen = scenario.chosen()
    for own in rows_of(run, catalogue, scenario, values):
        kind = _memory_class(run, values, chosen, catalogue) if own.quantity == "memory" else _time_class(run, own.gpus, chosen, catalogue)
        row = own._replace(kind=kind, gpu=own.gpu if "gpu" in run.layer.choices else "not named")
        if row.quantity == "seconds":
            family = left.families.get(row.model) if kind in _FAMILY_OUT.values() else None
            source = left.sources.get(run.about["source"]) if kind else None
            left_out, source_out = (evaluate(over(one, ran(scenario), chosen))[run.figure] if one else None for one in (family, source))
            row = _of_estimates(row._replace(left_out_predicted=left_out, source_out_predicted=source_out, band=_band(row)), run, values)
        elif kind and (out := without(run.about["source"], name := constant_of(chosen))):
            row = row._replace(source_out_predicted=needed(values, name, out))
        yield Judged(row, run, values)


def _band(row: Measurement) -> str:
    """Return the class of the model's error that a row is judged in; nothing if its kernel is not known or it is no whole clip."""
    if row.kind == EXTRAPOLATED:
        return EXTRAPOLATED
    of = band_of(row.runtime, row.gpus)
    return of if row.kind in _KNOWN or (of == ENGINES and row.kind in _UNKNOWN) else ""


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


def _memory_class(run: Run, values: Mapping[str, float], chosen: Mapping[str, str], catalogue: Catalogue) -> str:
    """Return the class by which a shipped run's memory is judged; a peak below the weights' size means that more was offloaded than is said."""
    assert run.peak_memory is not None
    if _for_show(run) or catalogue.generation(chosen).about["evidence"] == EXTRAPOLATED or run.peak_memory < values["resident_weights"]:
        return ""
    if chosen["sharding"] != "none":
        return "memory-sharded"
    if chosen["offload"] != "none":
        return "memory-offloaded"
    return "memory"


def _of_estimates(row: Measurement, run: Run, values: Mapping[str, float]) -> Measurement:
    """Return a row with what an estimate asks of it, where it can be near one."""
    if row.kind not in SHOWN and not run.about["source"].startswith(_MLPERF):
        return row
    gpu = Catalogue().find("gpus", row.gpu)
    short = next(iter(sorted(gpu.aliases, key=len)), gpu.id)
    runtime = row.runtime if row.runtime != "eager" or not row.kernel else ""
    frame = f"{row.width}x{row.height}x{row.frames_per_video}"
    rest = f"{row.gpus} {short}, {', '.join(filter(None, (row.kernel, runtime)))}"
    model = next((name for name in (row.model, row.model.rpartition("-")[0]) if len(f"{name} {frame}, {rest}") <= LABEL), row.model)
    label = f"{model} {frame}, {row.steps} steps, {rest}"
    precision = run.layer.choices.get("compute_precision")
    return row._replace(
        label=label if len(label) <= LABEL else f"{model} {frame}, {rest}",
        precision=str(precision.value) if precision else "bf16",
        tokens=values["visual_tokens"],
        judged=row.kind in EVIDENCE,
        ways=ways(values) - (BEYOND_DENOISING if run.figure == "denoising_seconds" else frozenset()),
    )


def judged_of(kind: str) -> list[tuple[float, str]]:
    """Return predicted over measured of the rows of a class, by the constants that judge it, each with its source."""
    if base := _FAMILY_OUT.get(kind):
        return [(one.row.left_out_ratio, one.row.measured_by) for one in rows() if one.row.kind == base and one.row.left_out_ratio]
    by_band = kind in (*BANDS, EXTRAPOLATED)
    from_others = by_band or kind == "stages" or kind.startswith("memory")
    of_kind = [one for one in rows() if kind == (one.row.band if by_band else one.row.kind)]
    return [(one.ratio_from_others if from_others else one.row.ratio, one.row.measured_by) for one in of_kind]


def time_factors() -> Iterator[Factor]:
    """Yield the range of `time_factor` by class: the 5th, 50th and 95th percentile of measured over predicted."""
    classes: tuple[tuple[str, str, Callable[[Judged], bool]], ...] = (
        ("A100, H100, H200, H20 (SXM), hidden size 3,072 and more", ONE_GPU, lambda one: one.sxm and one.values["hidden_size"] >= _WIDE),
        ("the same, hidden size 2,048 and less", ONE_GPU, lambda one: one.sxm and one.values["hidden_size"] < _WIDE),
        ("PCIe, NVL, Ada and RTX boards", ONE_GPU, lambda one: not one.sxm and one.row.generation != _BLACKWELL),
        ("B200, GB200", ONE_GPU, lambda one: one.row.generation == _BLACKWELL),
        ("any of these", ONE_GPU, lambda _: True),
        ("kernel not stated", "kernel-unknown", lambda _: True),
        ("several GPUs over NVLink", GROUPS, lambda one: one.values["interconnect_bandwidth"] > _NVLINK),
        ("several GPUs over PCIe", GROUPS, lambda one: one.values["interconnect_bandwidth"] <= _NVLINK),
        ("serving engines", ENGINES, lambda _: True),
    )
    for name, kind, belongs in classes:
        of_kind = [one for one in rows() if kind in (one.row.band, one.row.kind) and belongs(one)]
        factors = [1 / (one.ratio_from_others if kind in BANDS else one.row.ratio) for one in of_kind]
        yield Factor(name, len(factors), *(quantile(factors, share) for share in (0.05, 0.5, 0.95)))


def ends(ratios: list[float], share: float = SHARE) -> tuple[float, float]:
    """Return the ends of true over predicted seconds, as far up as down, that hold so large a share of the runs, as near as their number allows.

    >>> low, high = ends([0.5, 0.9, 1.0, 1.1], share=0.75)
    >>> round(low, 2), round(high, 2)
    (0.9, 1.11)
    """
    far = math.exp(_ranked((abs(math.log(ratio)) for ratio in ratios), share))
    return 1 / far, far


def _ranked(values: Iterable[float], share: float) -> float:
    """Return the value that so large a share of the values is not above."""
    ordered = sorted(values)
    return ordered[round(share * len(ordered)) - 1]


def bands() -> dict[str, tuple[float, float]]:
    """Return the ends of true over predicted seconds by class, as docs/accuracy.md has them."""
    ratios = {name: [ratio for ratio, _source in judged_of(name)] for name in BANDS}
    found = {name: ends(ratios[name]) for name in BANDS if len(ratios[name]) >= FEWEST}
    widest = min(low for low, _high in found.values()), max(high for _low, high in found.values())
    far = max(math.exp(abs(math.log(ratio))) for ratio in _assumed())
    hidden = 1 / _ranked(_hidden(), (1 + SHARE) / 2)
    found = {name: found.get(name, widest) for name in BANDS}
    found[LEFT_OPEN] = min(hidden, widest[0]), widest[1]
    found[EXTRAPOLATED] = min(1 / far, widest[0]), max(far, widest[1])
    return {name: (math.floor(low * 100) / 100, math.ceil(high * 100) / 100) for name, (low, high) in found.items()}


def _assumed() -> list[float]:
    """Return predicted over measured of the runs on generations that the fit has none of, with what was assumed of their kernels."""
    found = []
    for row, run, values in rows():
        there = row.attention_kernel
        if row.quantity == "seconds" and (row.kind == EXTRAPOLATED or (there in ASSUMED and "option" not in run.about)):
            given = {name: values[name] for name in (*ASSUMPTIONS, RAN) if name in values}
            kernel = {"attention_efficiency": ASSUMED[there]} if there in ASSUMED else {}
            found.append(evaluate(given | kernel)[run.figure] / row.measured)
    return found


def _hidden() -> list[float]:
    """Return predicted over measured of the runs with a band, as if nobody had said their kernel and runtime."""
    sources, catalogue, found = constants_left_out().sources, Catalogue(), []
    for row, run, _values in rows():
        if row.band not in BANDS:
            continue
        layer = copy(run.layer)
        layer.choices = {name: one for name, one in layer.choices.items() if name not in ("attention_kernel", "runtime")}
        scenario = merged([layer], [], catalogue=catalogue)
        others, values = sources.get(run.about["source"]), ran(scenario)
        left = over(others, values, scenario.chosen()) if others else values
        found.append(evaluate(left)[run.figure] / row.measured)
    return found


def held() -> dict[str, tuple[int, int]]:
    """Return how many runs the band of a class holds, and of how many; each run's source touched none of its constants."""
    found = {name: (ends_of_it, judged_of(name)) for name, ends_of_it in bands().items() if name in BANDS}
    return {name: (sum(low <= 1 / ratio <= high for ratio, _ in judged), len(judged)) for name, ((low, high), judged) in found.items()}


@cache
def index() -> dict[str, Any]:
    """Return the record as a document."""
    found = ((kind, judged_of(kind)) for kind in CLASSES)
    return {
        "share": SHARE,
        "bands": bands(),
        "held": held(),
        "summary": [summary(kind, ratios) for kind, ratios in found if ratios],
        "time_factor": list(time_factors()),
        "rows": [[*one.row[:-1], sorted(one.row.ways)] for one in rows()],
    }


def text() -> str:
    """Return the record as it is written: a row a line."""
    parts = []
    for key, value in _rounded(index()).items():
        rows_of_it = "[\n" + ",\n".join(map(json.dumps, value)) + "\n]" if isinstance(value, list) else json.dumps(value)
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
    FILE.write_text(text(), encoding="utf-8")
    published.cache_clear()
