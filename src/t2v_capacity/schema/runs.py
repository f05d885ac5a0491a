"""The JSON Schema of measured runs, which `accuracy` and `calibrate` read: a run's settings are those of a scenario."""

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES, SHORTHANDS
from t2v_capacity.formulas import FIGURES
from t2v_capacity.questions.measured.runs import ABOUT, INCLUDES, KNOWN, OTHER_SECONDS, SPELLED
from t2v_capacity.schema.scenario import DRAFT, Schema, object_of, pin_schema, pins_schema, ref, scenario_schema


def runs_schema() -> Schema:
    """Return the schema of a file of measured runs: a list, or a mapping that holds it with its sources."""
    scenario = scenario_schema()
    defs, names = scenario["$defs"], [*ASSUMPTIONS, *CHOICES, *SHORTHANDS]
    pins, _pinned = pins_schema()
    measured: dict[str, Schema] = {
        "seconds": {**ref("seconds-pin"), "description": "What was measured: of a whole clip, or of what `includes` says"},
        "includes": {"enum": [*INCLUDES], "description": "What the seconds include"},
        **{key: {**ref("seconds-pin"), "description": f"Instead of seconds: {figure}"} for key, figure in OTHER_SECONDS.items()},
        "peak_memory": {**ref("memory_needed-pin"), "description": "The most memory that a GPU held"},
    }
    defs["seconds-pin"], defs["memory_needed-pin"] = (
        ref(pin_schema(FIGURES["denoising_seconds"])[0]),
        ref(pin_schema(FIGURES["memory_needed"])[0]),
    )
    about = {
        key: {"enum": [word == "true" if key == "fit" else word for word in KNOWN[key]]} if key in KNOWN else ref("text") for key in ABOUT
    }
    settings: dict[str, Schema] = {name: ref(name) for name in names} | {
        spelled: ref(name) for spelled, name in SPELLED.items() if name in ASSUMPTIONS
    }
    figures: dict[str, Schema] = pins["properties"] | {
        spelled: pins["properties"][name] for spelled, name in SPELLED.items() if name in FIGURES
    }
    run = object_of(
        {**figures, **settings, **measured, **about},
        anyOf=[{"required": [key]} for key in ("seconds", *OTHER_SECONDS, "peak_memory")],
        description="What was measured, and the settings of the run",
    )
    listed = {"type": "array", "items": ref("run"), "minItems": 1}
    defs["run"] = run
    source = {"type": "object", "required": ["title"]}
    file: dict[str, Schema] = {
        "sources": {"type": "object", "additionalProperties": source},
        "runs": listed,
    }
    return {
        "$schema": DRAFT,
        "title": "Measured runs for t2v-cap",
        "description": "What `t2v-cap accuracy` and `t2v-cap calibrate` hold against the model",
        "anyOf": [listed, object_of(file, required=["runs"])],
        "$defs": defs,
    }
