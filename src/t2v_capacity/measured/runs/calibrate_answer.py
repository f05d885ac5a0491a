"""A calibration as a report, as data, and as a catalogue that a scenario can name."""

import math
import shlex
from collections import Counter
from collections.abc import Iterator
from typing import Any

from typing_extensions import TypedDict

from t2v_capacity.assumptions.quantities import digits
from t2v_capacity.catalogue.own_runs import CONSTANT, FACTORS, TOKENS_APART, TimedClip
from t2v_capacity.errors import count_of
from t2v_capacity.files.document import parse_document
from t2v_capacity.forms.answer import Answer, Page
from t2v_capacity.forms.data import PlanHead, as_yaml, data, document
from t2v_capacity.forms.report import Column, Report, numbers, table
from t2v_capacity.forms.values import show_band, show_value
from t2v_capacity.measured.runs.calibrate import EFFICIENCIES, MANY, Calibration, MeasuredRun, RunsFit
from t2v_capacity.plan.cells import SAMPLES, SEED
from t2v_capacity.plan.estimate import Estimate, estimate, with_bands
from t2v_capacity.plan.evidence import FIXED, OWN_RUNS
from t2v_capacity.release import __version__
from t2v_capacity.scenario.flags import flags_of, words_of
from t2v_capacity.scenario.load import merged


class RunData(TypedDict):
    """A measured run, in seconds, with the predictions before and after."""

    id: str
    gpu: str
    runtime: str
    attention_kernel: str
    settings: str
    """As the table has them; with `*` what the run does not say, taken from the plan"""
    measured: float
    before: float
    after: float
    ratio: float
    """After over measured"""
    source: str


EfficiencyData = TypedDict("EfficiencyData", {"shipped": float, "fitted": float})


class FitData(TypedDict):
    """What the runs of one GPU and runtime gave."""

    gpu: str
    runtime: str
    runs: int
    linear: float
    """Times the published efficiency of linear layers"""
    attention: float
    """Times the published efficiency of attention"""
    constant: float
    """GPU-seconds per clip that the model does not predict"""
    terms: int
    """How many numbers were fitted: a factor, a constant, a factor of each"""


class ErrorsData(TypedDict):
    """The error of the predictions, relative to the measurements."""

    runs: int
    error: float | None
    """How many times the plan is off at most, in nine of ten cases; null where no run has its model and group"""
    median_error: float
    worst_error: float
    median_error_before: float


class PlanBandData(TypedDict):
    """The GPUs of the plan with the flags: 5th percentile, point, 95th percentile."""

    before: list[float | None]
    after: list[float | None]


class CalibrateDocument(PlanHead):
    """What t2v-cap calibrate --format json writes."""

    gpus: dict[str, int]
    """How many runs there are of each GPU"""
    efficiencies: dict[str, EfficiencyData]
    """Those of the plan's GPU and runtime"""
    constant: float
    """GPU-seconds per clip of the plan that the model does not predict"""
    terms: int
    """How many numbers were fitted for the plan's GPU and runtime; 0 where no run is of them"""
    fits: list[FitData]
    fit: ErrorsData
    plan: PlanBandData
    rows: list[RunData]
    catalogue: str
    """The text of a catalogue that holds the factors"""


_TERMS = {
    1: "one factor for linear layers and attention",
    2: "one factor for linear layers and attention, and a constant per clip",
    3: "a factor for linear layers, one for attention, and a constant per clip",
}


_RUNS = (
    Column("run", "id"),
    Column("settings", "settings"),
    numbers("measured", lambda row: f"{digits(row['measured'], 4)} s"),
    numbers("predicted before", lambda row: f"{digits(row['before'], 4)} s ({row['before'] / row['measured']:.2f})"),
    numbers("after", lambda row: f"{digits(row['after'], 4)} s ({row['ratio']:.2f})"),
    Column("source", "source"),
)
_FITS = (
    Column("GPU and runtime", lambda fit: f"{fit.gpu}, {fit.runtime}"),
    numbers("runs", lambda fit: str(len(fit.runs))),
    numbers("linear layers", lambda fit: f"x {fit.factors[EFFICIENCIES[0]]:.3f}"),
    numbers("attention", lambda fit: f"x {fit.factors[EFFICIENCIES[1]]:.3f}"),
    numbers("constant", lambda fit: f"{digits(fit.constant)} s"),
)


def plan_bands(calibration: Calibration) -> tuple[Estimate, ...]:
    """Return the plan without and with what the runs say, each with its bands; a mix with all of its parts."""
    scenario = calibration.scenario
    catalogue = scenario.catalogue.over(parse_document(overlay(calibration), "calibrated.yaml"))
    plans = (
        estimate(merged(list(scenario.layers), [], as_of=scenario.as_of, catalogue=known))
        for known in (scenario.catalogue, catalogue)
    )
    return tuple(with_bands(plan, SAMPLES, SEED) for plan in plans)


def overlay(calibration: Calibration) -> str:
    """Return the catalogue file that holds what was fitted: for `catalogue:` in a scenario, or --catalogue.

    A factor is of a GPU and a runtime. It holds at every precision and with every kernel; `timed` says which were
    measured.
    """
    origins = dict.fromkeys(run.run.source for run in calibration.runs if run.run.source)
    off = f"{calibration.error('after', 0.5):.1%} off at the median"
    title = "; ".join((f"measured: {_count(calibration)} of {calibration.scenario.name}, {off}", *origins))
    about = (
        f"Fitted to {_count(calibration)} of your own, by t2v-cap {__version__}. "
        "Name this file under `catalogue:` in a scenario."
    )
    fits = {f"{fit.gpu}/{fit.runtime}": _fit_entry(fit) for fit in calibration.fits}
    sources = {"measured": {"title": title, "accessed": calibration.scenario.as_of}}
    return as_yaml([about], {"sources": sources, "calibrations": fits})


def _fit_entry(fit: RunsFit) -> dict[str, Any]:
    """Return what the runs of a GPU and runtime gave, as an entry of a catalogue.

    A constant of the runs may be most of a clip: they vouch for such plans too.
    """
    constant = {FIXED} if fit.constant else set[str]()
    return {
        "source": "measured",
        "rows": len(fit.runs),
        "peak": f"{fit.runs[0].known['vae_peak_flops']:g} FLOP/s",
        **{key: float(digits(fit.factors[name], 6)) for name, key in FACTORS.items()},
        CONSTANT: f"{digits(fit.constant, 6)} s",
        "timed": ", ".join(sorted({run.timed for run in fit.runs})),
        "ways": ", ".join(sorted({" + ".join(sorted(run.ways | constant)) or "plain" for run in fit.runs})),
        "like": ", ".join(map(_clip_text, fit.clips)),
    }


def _clip_text(timed: TimedClip) -> str:
    """Return a clip as a catalogue has it: its model, GPUs, least and most tokens and steps, and both errors."""
    clip, *sizes, error, worst = timed
    errors = (str(math.ceil(off * 1000) / 1000) for off in (error, worst))
    return " ".join((clip, *(f"{size:.0f}" for size in sizes), *errors))


def _count(calibration: Calibration) -> str:
    return count_of(len(calibration.runs), "measured run")


def calibration_report(calibration: Calibration, _page: Page) -> Report:
    """Return each run with both predictions, what was fitted, and the plan before and after."""
    return Report(
        title=calibration.scenario.name,
        subtitle=f"calibrated on {_count(calibration)}",
        tables=(table(_RUNS, _rows(calibration)), table(_FITS, calibration.fits)),
        paragraphs=[*calibration_notes(calibration)],
        footer=f"* taken from the plan; in brackets predicted / measured; t2v-cap {__version__}",
    )


def _rows(calibration: Calibration) -> list[RunData]:
    return [
        data(
            RunData,
            run,
            id=run.run.id,
            attention_kernel=run.kernel,
            settings=settings_text(run),
            measured=run.seconds,
            ratio=run.after / run.seconds,
            source=run.run.source,
        )
        for run in calibration.runs
    ]


def settings_text(run: MeasuredRun) -> str:
    """Return the settings of a run; what it does not state, and the plan does, has a star."""
    layer, known = run.run.layer, run.known
    stated = {*layer.choices, *layer.shorthands, *layer.numbers, *layer.pins}

    def starred(text: str, *names: str) -> str:
        return f"{text}*" if stated.isdisjoint(names) else text

    frames = f"{known['width']:.0f}x{known['height']:.0f}x{known['frames_per_video']:.0f}"
    gpus = starred(f"{known['gpus_per_replica']:.0f}", "gpus_per_replica")
    settings = [run.scenario.option("model")] if "model" in stated else []
    settings += [
        starred(frames, "width", "height", "frames_per_video", "resolution"),
        starred(f"{known['steps']:.0f} steps", "steps"),
        f"{gpus} {starred(run.gpu, 'gpu')}",
        starred(run.runtime, "runtime"),
        starred(run.kernel, "attention_kernel"),
    ]
    return ", ".join(settings)


def calibration_notes(calibration: Calibration) -> Iterator[str]:
    """Yield what was fitted, what was not and why, and the plan's GPUs before and after."""
    after, before = (
        f"{calibration.error(moment, 0.5):.1%} at the median, {calibration.error(moment, 1):.1%} at most"
        for moment in ("after", "before")
    )
    yield f"fit: {_count(calibration)}, off by {after}; before, by {before}"
    for fit in calibration.fits:
        yield f"{fit.gpu}, {fit.runtime}: {_TERMS[fit.terms]}, from {count_of(len(fit.runs), 'run')}{_missing(fit)}"
        if fit.not_taken:
            yield f"not taken: {fit.not_taken}"
        yield from _bands_text(fit)
    own = calibration.own
    if not own.runs:
        yield f"no run is of {own.gpu} with {own.runtime}, so the plan keeps the published constants"
    before, after = map(_gpus_text, plan_bands(calibration))
    flags = flags_of(calibration.scenario)
    changes = shlex.join(words_of(flags._replace(catalogues=[], as_of="")))
    yield f"GPUs of the plan{changes and f' with {changes}'}: {before} before, {after} after"


def _bands_text(fit: RunsFit) -> Iterator[str]:
    """Yield how far off plans like the runs may be, and whether a run is as far off, which the fit contradicts."""
    for clip, least, most, fewest, longest, error, worst in fit.clips:
        model, _blank, gpus = clip.partition(" ")
        band = max(error, worst)
        scatter = "; the worst of its runs is as far off" if worst > error else ""
        sizes = f"{least / TOKENS_APART:.0f} to {most * TOKENS_APART:.0f} tokens"
        steps = f"{fewest / TOKENS_APART:.0f} to {longest * TOKENS_APART:.0f} steps"
        plans = f"plans of {model} with {sizes} and {steps} on {gpus} {fit.gpu} with {fit.runtime}"
        yield f"band: 90% of {plans} take {1 / band:.2f} to {band:.2f} times the prediction{scatter}"


def _missing(fit: RunsFit) -> str:
    """Return what would tell more."""
    if fit.terms == len(_TERMS) or fit.not_taken:
        return ""
    if len(fit.runs) >= MANY:
        return "; separate factors need runs of more different sizes"
    return f"; separate factors need {MANY} runs of different sizes"


def _gpus_text(plan: Estimate) -> str:
    low, gpus, high = _band_of(plan)
    band = show_band("gpus", gpus, low, high)
    return f"{show_value('gpus', gpus)}{f' ({band})' if band else ''}"


def _band_of(plan: Estimate) -> list[float | None]:
    gpus = plan.figures["gpus"]
    low, _middle, high = plan.bands.get("gpus", (gpus, gpus, gpus))
    return [low, gpus, high]


def calibration_document(calibration: Calibration) -> CalibrateDocument:
    """Return the calibration as a JSON document."""
    before, after = plan_bands(calibration)
    error = after.verdict.error
    fit: ErrorsData = {
        "runs": len(calibration.runs),
        "error": error.high if error.kind == OWN_RUNS else None,
        "median_error": calibration.error("after", 0.5),
        "worst_error": calibration.error("after", 1),
        "median_error_before": calibration.error("before", 0.5),
    }
    return document(
        CalibrateDocument,
        calibration,
        "calibrate",
        calibration.scenario.as_of,
        gpus=Counter(run.gpu for run in calibration.runs),
        constant=calibration.own.constant,
        terms=calibration.own.terms,
        efficiencies={
            name: {"shipped": calibration.shipped[name], "fitted": calibration.fitted[name]} for name in EFFICIENCIES
        },
        fits=[
            data(FitData, own, runs=len(own.runs), **{key: own.factors[name] for name, key in FACTORS.items()})
            for own in calibration.fits
        ],
        fit=fit,
        plan={"before": _band_of(before), "after": _band_of(after)},
        rows=_rows(calibration),
        catalogue=overlay(calibration),
    )


CalibrateAnswer = Answer[Calibration, CalibrateDocument]


def calibrate_answer(calibration: Calibration) -> CalibrateAnswer:
    """Return a calibration in all its forms; its catalogue is `overlay(found)`."""
    return Answer(calibration, calibration_report, calibration_document)
