"""What the page knows of the published runs, to say what a plan rests on and how far off its seconds may be."""

from collections import defaultdict

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.generation import FEW_STEPS
from t2v_capacity.catalogue import MASKED, Catalogue
from t2v_capacity.catalogue.published import published
from t2v_capacity.catalogue.reading import quotable
from t2v_capacity.plan.evidence import (
    ALIKE,
    ALIKE_RATES,
    DISTANCE,
    FACTOR,
    IN_ORDER,
    NETWORK,
    OF_THE_MODEL,
    RATES,
    TIMED_STAGES,
    computed_with,
    other_network,
    physics,
)
from t2v_capacity.plan.uncertain import END, QUANTILES

_RATE = 1e11  # FLOP/s, to which the rates of cards are rounded


def evidence_data() -> dict[str, object]:
    """Return the published runs, what counts as alike, and the bands of the model's error by class."""
    words, sizes = dict[str, int](), defaultdict[tuple[int, ...], dict[tuple[float, float], None]](dict)
    for run in published().runs:
        texts = (run.network, run.generation, *computed_with(run), *sorted(run.ways))
        numbers = (round(run.rate / _RATE), int(run.judged), int(bool(run.option)))
        kind = (*numbers, *(words.setdefault(text, len(words)) for text in texts))
        sizes[kind][run.gpus, run.tokens] = None
    models = Catalogue().entries("models").values()
    return {
        "timed_as": {entry.id: entry.about["timed_as"] for entry in models if "timed_as" in entry.about},
        "words": list(words),
        "runs": [(kind, list(clips)) for kind, clips in sizes.items()],
        "rate": _RATE,
        "alike": ALIKE,
        "alike_rates": ALIKE_RATES,
        "ways": IN_ORDER,
        "of_the_model": sorted(OF_THE_MODEL),
        "few_steps": FEW_STEPS,
        "rates": RATES,
        "network": NETWORK,
        "stages": TIMED_STAGES,
        "bands": {kind: published().ends(kind) for kind in published().bands},
        "weights": DISTANCE,
        "share": published().share,
        "between_gpus": published().between_gpus,
        "least": ASSUMPTIONS[FACTOR].low,
        "quantiles": QUANTILES,
        "end": END,
    }


def own_data(catalogue: Catalogue) -> dict[str, object]:
    """Return whose physics or network a user's catalogue changed, and what `calibrate` wrote of its runs.

    It also has what a kernel takes by itself.
    """
    entries = catalogue.entries("kernels")
    models = [entry for entry in catalogue.entries("models").values() if not entry.private]
    picking = [entry for entry in entries.values() if "runs" in entry.about and not (entry.private or entry.changed)]
    taken = {entry.id: (catalogue.delegate_of(entry, {}), entry.about.get("mask", MASKED)) for entry in picking}
    masked = {entry.id: entry.about["masked"].split() for entry in models if "masked" in entry.about}
    kinds = {kind: catalogue.entries(kind) for kind in ("gpus", "generations", "kernels", "runtimes")}
    changed = [
        name
        for entries in kinds.values()
        for name in quotable(entries)
        if physics(entries[name]) - {"linear_efficiency"}
    ]
    changed += [
        entry.id
        for entry in models
        if other_network(entry.id, {name: entry.facts[name].read(name) for name in NETWORK})
    ]
    names = quotable(catalogue.entries("calibrations"))
    timed = {name: catalogue.own_runs(dict(zip(("gpu", "runtime"), name.split("/"), strict=True))) for name in names}
    calibrated = {
        name: {
            "timed": sorted(runs.timed),
            "ways": [way.split(" + ") for way in sorted(runs.ways)],
            "clips": runs.clips,
        }
        for name, runs in timed.items()
        if runs
    }
    return {"changed": changed, "calibrated": calibrated, "taken": taken, "masked": masked}
