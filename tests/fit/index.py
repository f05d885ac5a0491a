"""Writes the index of the published runs that an estimate reads, catalogue/published.json: `python tests/fit/refit.py --write`."""

import json
import math
from copy import copy
from functools import cache
from typing import Any

from t2v_capacity.catalogue import Catalogue
from t2v_capacity.engine.figures import evaluate
from t2v_capacity.plan.evidence import EXTRAPOLATED, LEFT_OPEN, STATED
from t2v_capacity.plan.ways import BEYOND_DENOISING, ways
from t2v_capacity.questions.measured.accuracy import RunRow, accuracy
from t2v_capacity.questions.measured.runs import constants_left_out, ran
from t2v_capacity.scenario.load import merged

SHARE = 0.9
LABEL = 54  # letters that a line of the first screen has room for
# Runs that an estimate can be near to, and those whose error is the model's.
SHOWN = ("in-fit", "not-in-fit", "kernel-unknown", "several-gpus", "several-gpus-kernel-unknown", "many-gpus", "extrapolated")
JUDGED = ("in-fit", "several-gpus")
EVIDENCE = (*JUDGED, "not-in-fit")
_MLPERF = "mlperf"


@cache
def rows() -> tuple[RunRow, ...]:
    """Return the shipped runs, predicted."""
    return tuple(accuracy().rows)


def ratios() -> list[float]:
    """Return predicted over measured of the judged runs, each by constants that its model's family did not touch."""
    return [(row.left_out or row.predicted) / row.measured for row in rows() if row.kind in JUDGED]


def conformal(values: list[float], share: float = SHARE) -> float:
    """Return the bound that a new value keeps with at least this probability: the value of rank ceil(share (n + 1)), split conformal.

    >>> conformal([0.3, 0.1, 0.2, 0.4], share=0.5)
    0.3
    """
    ordered = sorted(values)
    return ordered[min(math.ceil(share * (len(ordered) + 1)), len(ordered)) - 1]


def bands() -> dict[str, tuple[float, float]]:
    """Return the ends of true over predicted seconds, by how much of a plan is known.

    Stated: 9 of 10 runs, on either side alike. Where kernel or runtime was left open, the low end is that of the same runs with both
    hidden. Extrapolated: the widest of the runs on generations that the fit has none of; they are too few for a share.
    """
    stated = math.exp(conformal([abs(math.log(ratio)) for ratio in ratios()]))
    hidden = 1 / math.exp(conformal([math.log(ratio) for ratio in _hidden()], (1 + SHARE) / 2))
    far = max(math.exp(abs(math.log(row.ratio))) for row in rows() if row.kind == EXTRAPOLATED)
    found = {STATED: (1 / stated, stated), LEFT_OPEN: (hidden, stated), EXTRAPOLATED: (1 / far, far)}
    return {name: (math.floor(low * 100) / 100, math.ceil(high * 100) / 100) for name, (low, high) in found.items()}


def _hidden() -> list[float]:
    """Return predicted over measured of the judged runs as if nobody had said their kernel and runtime."""
    families, catalogue, found = constants_left_out(), Catalogue(), []
    for row in rows():
        if row.kind not in JUDGED:
            continue
        layer = copy(row.run.layer)
        layer.choices = {name: one for name, one in layer.choices.items() if name not in ("attention_kernel", "runtime")}
        scenario = merged([layer], [], catalogue=catalogue)
        family, values = families.get(row.model), ran(scenario)
        left = family.over(values, scenario.chosen(), catalogue) if family else values
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
        *(row.measured, float(f"{row.predicted:.6g}"), row.run.source),
        sorted(ways(values) - (BEYOND_DENOISING if row.run.figure == "denoising_seconds" else frozenset())),
    ]


def text() -> str:
    """Return the index as it is written: a run a line."""
    document = index()
    runs = ",\n".join(json.dumps(row) for row in document["runs"])
    return f'{{"share": {document["share"]}, "bands": {json.dumps(document["bands"])}, "runs": [\n{runs}\n]}}\n'
