"""Writes the index of the published runs that an estimate reads, catalogue/published.json: `python tests/fit/refit.py --write`."""

import json
import math
from collections.abc import Iterable
from copy import copy
from functools import cache
from typing import Any

from fit.writing import ASSUMED
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.catalogue.published import FILE
from t2v_capacity.engine.figures import evaluate
from t2v_capacity.plan.evidence import BANDS, EXTRAPOLATED, LEFT_OPEN
from t2v_capacity.plan.ways import BEYOND_DENOISING, ways
from t2v_capacity.questions.measured.accuracy import RunRow, accuracy
from t2v_capacity.questions.measured.runs import RAN, constants_left_out, ran
from t2v_capacity.scenario.load import merged

SHARE = 0.9
LABEL = 54  # letters that a line of the first screen has room for
FEWEST = 8  # runs of a class that can have a band of their own
# Runs that an estimate can be near to, and those that count as evidence.
SHOWN = ("in-fit", "not-in-fit", "kernel-unknown", "several-gpus", "several-gpus-kernel-unknown", "extrapolated")
EVIDENCE = ("in-fit", "several-gpus", "not-in-fit")
_MLPERF = "mlperf"


@cache
def rows() -> tuple[RunRow, ...]:
    """Return the shipped runs, predicted."""
    return tuple(accuracy().rows)


def ends(ratios: list[float], share: float = SHARE) -> tuple[float, float]:
    """Return the ends of true over predicted seconds, as far up as down, that hold so large a share of the runs, as near as their number allows.

    >>> low, high = ends([0.5, 0.9, 1.0, 1.1], share=0.75)
    >>> round(low, 2), round(high, 2)
    (0.9, 1.11)
    """
    far = math.exp(_ranked((abs(math.log(ratio)) for ratio in ratios), share))
    return 1 / far, far


def _ranked(values: Iterable[float], share: float) -> float:
    """Return the value that so large a share of the values is not above, as near as their number allows."""
    ordered = sorted(values)
    return ordered[round(share * len(ordered)) - 1]


def bands() -> dict[str, tuple[float, float]]:
    """Return the ends of true over predicted seconds by class, each run predicted by constants that its source gave nothing to.

    A class of few runs has the widest. Left open: the low end is that of the same runs with kernel and runtime hidden. Extrapolated: the
    widest of the runs on generations that the fit has none of, predicted as if no run of their generation were known; they are too few
    for a share.
    """
    judged = {name: [row.ratio_from_others for row in rows() if row.band == name] for name in BANDS}
    found = {name: ends(judged[name]) for name in BANDS if len(judged[name]) >= FEWEST}
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
    for row in rows():
        if row.quantity == "seconds" and (row.kind == EXTRAPOLATED or (row.kernel in ASSUMED and "option" not in row.run.about)):
            given = {name: row.values[name] for name in (*ASSUMPTIONS, RAN) if name in row.values}
            kernel = {"attention_efficiency": ASSUMED[row.kernel]} if row.kernel in ASSUMED else {}
            found.append(evaluate(given | kernel)[row.run.figure] / row.measured)
    return found


def _hidden() -> list[float]:
    """Return predicted over measured of the runs with a band, as if nobody had said their kernel and runtime."""
    sources, catalogue, found = constants_left_out().sources, Catalogue(), []
    for row in rows():
        if row.band not in BANDS:
            continue
        layer = copy(row.run.layer)
        layer.choices = {name: one for name, one in layer.choices.items() if name not in ("attention_kernel", "runtime")}
        scenario = merged([layer], [], catalogue=catalogue)
        others, values = sources.get(row.run.about["source"]), ran(scenario)
        left = others.over(values, scenario.chosen(), catalogue) if others else values
        found.append(evaluate(left)[row.run.figure] / row.measured)
    return found


@cache
def index() -> dict[str, Any]:
    """Return the index as a document."""
    shown = [row for row in rows() if row.quantity == "seconds" and (row.kind in SHOWN or _of_mlperf(row))]
    return {"share": SHARE, "bands": bands(), "runs": [_row(row) for row in shown]}


def _of_mlperf(row: RunRow) -> bool:
    return row.run.about.get("source", "").startswith(_MLPERF)


def _row(row: RunRow) -> list[Any]:
    generation, _, kernel = row.kernel.partition("/")
    values, catalogue = row.values, Catalogue()
    gpu = catalogue.find("gpus", row.gpu)
    short = next(iter(sorted(gpu.aliases, key=len)), gpu.id)
    words = [kernel] if kernel else []
    words += [row.runtime] if row.runtime != "eager" or not kernel else []
    frame = f"{values['width']:.0f}x{values['height']:.0f}x{values['frames_per_video']:.0f}"
    rest = f"{row.gpus} {short}, {', '.join(words)}"
    model = next((name for name in (row.model, row.model.rpartition("-")[0]) if len(f"{name} {frame}, {rest}") <= LABEL), row.model)
    label = f"{model} {frame}, {values['steps']:.0f} steps, {rest}"
    label = label if len(label) <= LABEL else f"{model} {frame}, {rest}"
    precision = row.run.layer.choices.get("compute_precision")
    return [
        *(row.run.id, label, row.model, generation.partition(",")[0], kernel, row.runtime),
        *(str(precision.value) if precision else "bf16", row.gpus, values["visual_tokens"], row.option, row.kind in EVIDENCE),
        *(row.measured, float(f"{row.predicted:.6g}"), row.run.source, gpu.id),
        sorted(ways(values) - (BEYOND_DENOISING if row.run.figure == "denoising_seconds" else frozenset())),
    ]


def text() -> str:
    """Return the index as it is written: a run a line."""
    document = index()
    runs = ",\n".join(json.dumps(row) for row in document["runs"])
    return f'{{"share": {document["share"]}, "bands": {json.dumps(document["bands"])}, "runs": [\n{runs}\n]}}\n'


def write() -> None:
    """Write the index."""
    FILE.write_text(text(), encoding="utf-8")
