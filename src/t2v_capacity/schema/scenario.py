"""The JSON Schema of a scenario, made from the fields and the choices.

It serves editors and checks that know nothing of this program. So it says what every name means, its unit and its
default. It holds names, nesting, notes and the bounds of plain numbers. Quantities in words (their
units, spelling and bounds), files and dates that don't exist are left to `t2v-cap check`.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from t2v_capacity.assumptions import ASSUMPTIONS, SECTIONS, Assumption
from t2v_capacity.assumptions.choices import CHOICES, LISTS, SHORTHANDS
from t2v_capacity.assumptions.cost import TERMS
from t2v_capacity.assumptions.names import section_of
from t2v_capacity.assumptions.parts import (
    DECODED,
    HOMES,
    MIX,
    OWN_PRICES,
    PART_NAME,
    PINS,
    SHARE,
    STAGES,
    assumption,
    word_of,
)
from t2v_capacity.assumptions.traffic import FEWEST_RATES, MOST_RATES
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.forms.data import DATE
from t2v_capacity.formulas import FIGURES
from t2v_capacity.scenario.layers import AT, VALUE_KEYS

Schema = dict[str, Any]
_NULL: Schema = {"type": "null"}
MAY_BE_NULL: Schema = {"type": ["object", "null"]}
CURVE: Schema = {
    "type": "array",
    "items": {"type": "number", "minimum": 0},
    "minItems": FEWEST_RATES,
    "maxItems": MOST_RATES,
}


def object_of(properties: Mapping[str, Schema], **more: Any) -> Schema:
    """Return the schema of a mapping that holds these keys and no others."""
    return {"type": "object", "properties": dict(properties), "additionalProperties": False, **more}


def ref(name: str) -> Schema:
    """Return a reference to one of the definitions."""
    return {"$ref": f"#/$defs/{name}"}


def scenario_schema() -> Schema:
    """Return the schema of a scenario file: what is the same for every version, with the names of this one."""
    schema: Schema = json.loads(Path(__file__).with_name("scenario.json").read_text(encoding="utf-8"))
    defs = schema["$defs"]
    defs["date"]["pattern"] = DATE

    # Whether a figure takes the value is for the reader to say.
    figures = {
        figure.name: {"description": f"{figure.label}; unit: {figure.unit}", **ref("pin")}
        for figure in FIGURES.values()
    }
    pins = object_of(figures, description="Figures that are given a value instead of being computed") | MAY_BE_NULL
    defs |= _pin_definitions(defs)
    for name, form, about, ranges in _forms():
        defs |= _definitions(name, form, about, ranges=ranges)

    of_terms = object_of({term: ref(name) for term, name in TERMS.items()})
    prices = {
        **MAY_BE_NULL,
        "additionalProperties": {"anyOf": [ref("gpu_price"), of_terms]},
        "description": "Prices of GPUs, each on demand or by its terms",
    }
    of_a_mix = "Parts of the requests, each a layer over the plan; their shares add to 100%, or one is left out"
    mix = _inner(pins, MIX, {SHARE: ref(SHARE), STAGES: _stages(pins)}, of_a_mix)
    schema["properties"] |= {PINS: pins, OWN_PRICES: prices, MIX: mix, STAGES: _stages(pins), **_names_by_section()}
    return schema


def _pin_definitions(defs: Mapping[str, Schema]) -> dict[str, Schema]:
    """Return the definitions of a pin, whose notes may say at what it was measured."""
    about = "Assumptions and choices at which it was measured"
    at: Schema = {"type": "object", "description": about, "additionalProperties": ref("text")}
    forms = {
        f"pin-{form}": {**defs[form], "properties": {**defs[form]["properties"], AT: at}} for form in ("noted", "range")
    }
    return forms | _definitions("pin", ref("text"), {}, ranges=True, of="pin-")


def _forms() -> Iterator[tuple[str, Schema, Schema, bool]]:
    """Yield the names that a file sets, each with its value's form, what is said of it, and whether it takes a range.

    Choices have the options of the package's catalogue.
    """
    catalogue = Catalogue()
    yield SHARE, _quantity(assumption(SHARE)._replace(default="25%")), {"description": "Share of the requests"}, False
    for known in ASSUMPTIONS.values():
        yield known.name, _quantity(known), {**_about(known), "default": known.default}, not known.whole
    for choice in CHOICES.values():
        default = f" Default: {choice.default}." if choice.default else ""
        about = f"{choice.label}.{default} A catalogue of your own may add more."
        yield choice.name, _one_of(catalogue.options(choice.name)), {"title": choice.label, "description": about}, False
    for name, (_home, parts) in SHORTHANDS.items():
        form = _one_of(catalogue.names("resolutions")) if name == "resolution" else CURVE
        if name in LISTS:
            numbers = [ref(f"{part}-value") for part in parts]
            form = {"type": "array", "prefixItems": numbers, "minItems": len(parts), "maxItems": len(parts)}
        title = f"Stands for {', '.join(parts)}"
        yield name, form, {"title": title, "description": f"{title}; keep it or them, not both."}, False


def _one_of(options: list[str]) -> Schema:
    """Return the schema of one of some options, or of another one that a catalogue adds."""
    return {"anyOf": [{"enum": options}, ref("text")]}


def _names_by_section() -> dict[str, Schema]:
    """Return the sections with the names that each may hold, and all names, which may stand at the top level too."""
    names = {name: ref(name) for name in (*ASSUMPTIONS, *CHOICES, *SHORTHANDS)}
    sections = {
        section: object_of(
            {name: own for name, own in names.items() if section_of(name) == section}, description=model.__doc__
        )
        | MAY_BE_NULL
        for section, model in SECTIONS.items()
    }
    return {**sections, **names}


def _stages(pins: Schema) -> Schema:
    """Return the schema of the stages of a clip."""
    decoded = {
        "enum": [True, False, "true", "false"],
        "description": "Whether the VAE decodes its clip; the last stage's always is",
    }
    about = "Stages that every clip goes through, in their order, each a layer over the plan or the part"
    return _inner(pins, STAGES, {DECODED: decoded}, about)


def _inner(pins: Schema, home: str, own: Schema, about: str) -> Schema:
    """Return the schema of parts or stages: each what it may set, or null, which takes it away."""
    pinned = object_of({name: pin for name, pin in pins["properties"].items() if word_of(name, home)}) | MAY_BE_NULL
    part = object_of({**own, PINS: pinned, **{name: ref(name) for name in HOMES[home].names}})
    parts = {"patternProperties": {f"^{PART_NAME.pattern}$": {"anyOf": [part, _NULL]}}, "additionalProperties": False}
    return {**MAY_BE_NULL, **parts, "description": about}


def _about(known: Assumption) -> Schema:
    """Return the description of an assumption for an editor."""
    bare = "a number alone is one in this unit" if known.bare else "a number needs its unit"
    about = f"{known.label}, {known.bounds()}. Unit: {known.unit}; {bare}. Default: {known.default} ({known.source})."
    return {"title": known.label, "description": about}


def _quantity(known: Assumption) -> Schema:
    """Return the schema of a quantity: a number, only zero if a unit is needed, or a text that the reader judges."""
    number: Schema = {"type": "integer" if known.whole else "number", "minimum": known.low, "maximum": known.high}
    about = f"A text such as {known.example}; unit: {known.unit}"
    text: Schema = {"type": "string", "minLength": 1, "description": about}
    if known.bare:
        return {"anyOf": [number, text]}
    return {"anyOf": [{"const": 0}, text] if known.low <= 0 else [text]}


def _definitions(name: str, form: Schema, about: Schema, *, ranges: bool = False, of: str = "") -> dict[str, Schema]:
    """Return the definitions of a value, and of it as a file writes it.

    A file writes it alone, with notes, as a range, or as null, which takes it away. The notes and ranges `of` a pin
    also say what it was measured at.
    """
    own = ref(f"{name}-value")
    noted = {"allOf": [ref(f"{of}noted")], "properties": {"value": {"anyOf": [own, _NULL]}}}
    ends = {"allOf": [ref(f"{of}range")], "properties": {end: own for end in VALUE_KEYS if end != "value"}}
    return {f"{name}-value": form, name: {**about, "anyOf": [own, _NULL, noted, *([ends] if ranges else [])]}}
