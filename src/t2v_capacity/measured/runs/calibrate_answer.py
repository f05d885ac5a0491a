"""A calibration as a report, as data, and as a catalogue that a scenario can name."""

import math
from collections.abc import Callable, Iterator
from typing import Any

from typing_extensions import TypedDict

from t2v_capacity.assumptions.quantities import digits
from t2v_capacity.catalogue import Fact
from t2v_capacity.errors import count_of
from t2v_capacity.forms.answer import Answer
from t2v_capacity.forms.data import PlanHead, as_yaml, data, document
from t2v_capacity.forms.report import Column, Report, numbers, table
from t2v_capacity.measured.runs.calibrate import CONSTANT, EFFICIENCIES, MANY, OF_THEIR_OWN, Calibration
from t2v_capacity.plan.ways import PLAIN
from t2v_capacity.release import __version__


class RunData(TypedDict):
    """A measured run, in seconds, with the predictions before and after."""

    id: str
    measured: float
    before: float
    after: float
    ratio: float
    """After over measured"""
    source: str


EfficiencyData = TypedDict("EfficiencyData", {"shipped": float, "fitted": float})


class ErrorsData(TypedDict):
    """The error of the predictions, relative to the measurements."""

    runs: int
    error: float | None
    """How many times a run is off at most, corrected for what was fitted; null where that takes all runs"""
    median_error: float
    worst_error: float
    median_error_before: float


class CalibrateDocument(PlanHead):
    """What t2v-cap calibrate --format json writes."""

    generation: str
    gpus: dict[str, int]
    """How many runs there are of each GPU"""
    attention_kernel: str
    compute_precision: str
    efficiencies: dict[str, EfficiencyData]
    constant: float
    """GPU-seconds per clip that the model does not predict"""
    terms: int
    """How many numbers were fitted: a factor, a constant, an efficiency of each"""
    fit: ErrorsData
    rows: list[RunData]
    catalogue: str
    """The text of a catalogue that holds the efficiencies"""


_TERMS = {
    1: "one factor",
    2: "one factor, and a constant per clip",
    3: "an efficiency of each, and a constant per clip",
}


def _prediction_text(moment: str) -> Callable[[Any], str]:
    return lambda row: f"{digits(row[moment], 4)} s ({row[moment] / row['measured']:.2f})"


_RUNS = (
    Column("run", "id"),
    numbers("measured", lambda row: f"{digits(row['measured'], 4)} s"),
    numbers("before", _prediction_text("before")),
    numbers("after", _prediction_text("after")),
    Column("source", "source"),
)


def overlay(calibration: Calibration) -> str:
    """Return the catalogue file that holds what was fitted: for `catalogue:` in a scenario, or --catalogue.

    A factor is the GPU's, so that it holds at every precision and with every kernel; what was timed is `measured`.
    """
    catalogue, chosen = calibration.scenario.catalogue, dict(calibration.scenario.chosen())
    origins = "; ".join(dict.fromkeys(run.run.source for run in calibration.runs if run.run.source))
    off = f"{calibration.error('after', 0.5):.1%} off at the median"
    title = f"measured: {_count(calibration)} of {calibration.scenario.name}, {off}"
    title += f"; {origins}" if origins else ""
    about = (
        f"Fitted to {_count(calibration)} of your own, by t2v-cap {__version__}. "
        "Name this file under `catalogue:` in a scenario."
    )
    residual = {"error": math.ceil(calibration.residual * 1000) / 1000} if calibration.residual else {}
    gpus, kernels = dict[str, Any](), dict[str, Any]()
    for gpu, rows in calibration.gpus.items():
        known = catalogue.find("gpus", gpu).at_precision.get("linear_efficiency", {})
        known = {**catalogue.generation({**chosen, "gpu": gpu}).at_precision["linear_efficiency"], **known}
        gpus[gpu] = {"evidence": "measured", "rows": rows, "source": "measured"}
        gpus[gpu] |= {
            EFFICIENCIES[0]: {
                name: _scaled_efficiency(calibration, EFFICIENCIES[0], fact) for name, fact in known.items()
            }
        }
        gpus[gpu] |= {CONSTANT: f"{digits(calibration.constant, 6)} s"} if calibration.constant else {}
        own = [run for run in calibration.runs if run.gpu == gpu]
        timed = {
            "evidence": "measured",
            "rows": rows,
            **residual,
            "ways": ", ".join(sorted({" + ".join(sorted(run.ways)) or PLAIN for run in own})),
            "timed": ", ".join(sorted({f"{calibration.compute_precision} {run.runtime}" for run in own})),
        }
        for name, entry in catalogue.entries("kernels").items():
            generation, _, kernel = name.partition("/")
            if (
                generation == calibration.generation and "runs" not in entry.about
            ):  # `sdpa` takes another, which is written
                evidence = timed if name == calibration.attention_kernel else {"evidence": "same-generation"}
                scaled = {
                    EFFICIENCIES[1]: _scaled_efficiency(calibration, EFFICIENCIES[1], entry.facts[EFFICIENCIES[1]])
                }
                kernels[f"{gpu}/{kernel}"] = {"extends": name, **evidence, "source": "measured", **scaled}
    sources = {"measured": {"title": title, "accessed": calibration.scenario.as_of}}
    return as_yaml([about], {"sources": sources, "gpus": gpus, "kernels": kernels})


def _scaled_efficiency(calibration: Calibration, name: str, fact: Fact) -> float:
    """Return an efficiency of the catalogue by the factor that was fitted; none exceeds the peak."""
    return float(digits(min(1.0, float(fact.text) * calibration.fitted[name] / calibration.shipped[name]), 6))


def _count(calibration: Calibration) -> str:
    return count_of(len(calibration.runs), "measured run")


def calibration_report(calibration: Calibration) -> Report:
    """Return the efficiencies before and after, and each run with both predictions."""
    kernel = calibration.attention_kernel.partition("/")[2]
    of = dict(zip(EFFICIENCIES, (f"in {calibration.compute_precision}", f"with {kernel}"), strict=True))
    efficiencies = (
        Column("efficiency"),
        numbers("shipped", lambda name: digits(calibration.shipped[name], 4)),
        numbers("yours", lambda name: digits(calibration.fitted[name], 4)),
        Column("of", lambda name: f"{', '.join(calibration.gpus)} {of[name]}"),
    )
    return Report(
        title=calibration.scenario.name,
        subtitle=f"calibrated on {_count(calibration)}",
        tables=(table(efficiencies, EFFICIENCIES), table(_RUNS, _rows(calibration))),
        paragraphs=[*calibration_notes(calibration)],
        footer=f"in brackets predicted / measured; t2v-cap {__version__}",
    )


def _rows(calibration: Calibration) -> list[RunData]:
    return [
        data(RunData, run, id=run.run.id, measured=run.seconds, ratio=run.after / run.seconds, source=run.run.source)
        for run in calibration.runs
    ]


def calibration_notes(calibration: Calibration) -> Iterator[str]:
    """Yield the notes on the fit."""
    after, before = (
        f"{calibration.error(moment, 0.5):.1%} at the median, {calibration.error(moment, 1):.1%} at most"
        for moment in ("after", "before")
    )
    yield f"fit: {_count(calibration)}, off by {after}; before, by {before}"
    yield (
        f"fitted: {_TERMS[calibration.terms]}; "
        f"a constant takes runs that differ, and an efficiency of each {MANY} of them"
    )
    if calibration.constant:
        seconds = digits(calibration.constant)
        yield f"constant: {seconds} GPU-seconds per clip ({CONSTANT}): loading, the host, the encoder"
    if calibration.not_taken:
        yield f"not taken: {calibration.not_taken}"
    if calibration.residual is None:
        yield f"band: that of the plan's class; {OF_THEIR_OWN} runs have one of their own"
    own = calibration.scenario.choices["gpu"].value
    if own not in calibration.gpus:
        yield f"no run is of {own} itself, so its numbers stay; those of {', '.join(calibration.gpus)} change"


def calibration_document(calibration: Calibration) -> CalibrateDocument:
    """Return the calibration as a JSON document."""
    fit: ErrorsData = {
        "runs": len(calibration.runs),
        "error": calibration.residual,
        "median_error": calibration.error("after", 0.5),
        "worst_error": calibration.error("after", 1),
        "median_error_before": calibration.error("before", 0.5),
    }
    return document(
        CalibrateDocument,
        calibration,
        "calibrate",
        calibration.scenario.as_of,
        efficiencies={
            name: {"shipped": calibration.shipped[name], "fitted": calibration.fitted[name]} for name in EFFICIENCIES
        },
        fit=fit,
        rows=_rows(calibration),
        catalogue=overlay(calibration),
    )


@Answer.remade
def calibrate_answer(calibration: Calibration) -> Answer[Calibration, CalibrateDocument]:
    """Return a calibration in all its forms; its catalogue is `overlay(found)`."""
    return Answer(calibration, lambda _page: calibration_report(calibration), lambda: calibration_document(calibration))
