"""What the page knows of the published runs, to say what a plan rests on and how far off its seconds may be."""

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.generation import FEW_STEPS
from t2v_capacity.assumptions.quantities import Range
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.catalogue.published import published
from t2v_capacity.catalogue.reading import quotable
from t2v_capacity.plan.evidence import ALIKE, DISTANCE, FACTOR, RATES, TIMED_STAGES, computed_with, physics
from t2v_capacity.plan.uncertain import END, QUANTILES
from t2v_capacity.plan.ways import IN_ORDER, OF_THE_MODEL
from t2v_capacity.scenario.settings import Scenario, point


def evidence_data() -> dict[str, object]:
    """Return the published runs, what counts as alike, and the bands of the model's error by class."""
    runs = [
        (
            run.model,
            run.generation,
            run.gpus,
            run.tokens,
            int(run.judged),
            int(bool(run.option)),
            *computed_with(run),
            *sorted(run.ways),
        )
        for run in published().runs
    ]
    return {
        "runs": list(dict.fromkeys(runs)),
        "alike": ALIKE,
        "ways": IN_ORDER,
        "of_the_model": sorted(OF_THE_MODEL),
        "few_steps": FEW_STEPS,
        "rates": RATES,
        "stages": TIMED_STAGES,
        "bands": {kind: published().ends(kind) for kind in published().bands},
        "weights": DISTANCE,
        "share": published().share,
        "least": ASSUMPTIONS[FACTOR].low,
        "quantiles": QUANTILES,
        "end": END,
    }


def own_data(catalogue: Catalogue) -> dict[str, object]:
    """Return whose physics a user's catalogue changed, and what `calibrate` wrote of its runs.

    It also has what a kernel takes by itself.
    """
    entries = catalogue.entries("kernels")
    generations = {
        name: name.partition("/")[0] for name, entry in entries.items() if "runs" in entry.about and not entry.private
    }
    taken = {name: f"{of}/{catalogue.taken(entries[name])}" for name, of in generations.items()}
    if not catalogue.overlaid:
        return {"changed": [], "calibrated": {}, "taken": taken}
    kinds = {kind: catalogue.entries(kind) for kind in ("gpus", "generations", "kernels", "runtimes")}
    changed = [
        name
        for entries in kinds.values()
        for name in quotable(entries)
        if physics(entries[name]) - {"linear_efficiency"}
    ]
    names = quotable(catalogue.entries("calibrations"))
    timed = {name: catalogue.own_runs(dict(zip(("gpu", "runtime"), name.split("/"), strict=True))) for name in names}
    calibrated = {
        name: {"timed": sorted(runs.timed), "ways": [way.split(" + ") for way in sorted(runs.ways)], "like": runs.like}
        for name, runs in timed.items()
        if runs
    }
    return {"changed": changed, "calibrated": calibrated, "taken": taken}


def factor_data(scenario: Scenario) -> dict[str, float]:
    """Return the ends of a `time_factor` that is written, as factors on its point."""
    value = scenario.settings[FACTOR].value
    middle = point(FACTOR, value)
    low, high = (value.low, value.high) if isinstance(value, Range) else (middle, middle)
    return {"low": low / middle, "high": high / middle}
