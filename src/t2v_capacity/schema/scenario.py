"""The JSON Schema of a scenario, made from the fields and the choices.

It serves editors and checks that know nothing of this program, so it says of every name what it means, its
unit and its default. It holds names, nesting, notes and the bounds of plain numbers. Quantities in words (their
units, spelling and bounds), files and dates that don't exist are left to `t2v-cap check`.
"""

import json
from collections.abc import Mapping
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
NOTHING: Schema = {"type": "null"}
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
    made: Schema = json.loads(Path(__file__).with_name("scenario.json").read_text(encoding="utf-8"))
    defs = made["$defs"]
    # Whether a figure takes the value is for the reader to say.
    figures = {
        figure.name: {"description": f"{figure.label}; unit: {figure.unit}", **ref("pin")}
        for figure in FIGURES.values()
    }
    pins = object_of(figures, description="Figures that are given a value instead of being computed") | MAY_BE_NULL
    defs["date"]["pattern"] = DATE
    share = _quantity(assumption(SHARE)._replace(default="25%"))
    told = "Assumptions and choices at which it was measured"
    at: Schema = {"type": "object", "description": told, "additionalProperties": ref("text")}
    for form in ("noted", "range"):
        defs[f"pin-{form}"] = {**defs[form], "properties": {**defs[form]["properties"], AT: at}}
    defs |= _defined("pin", ref("text"), {}, ranges=True, of="pin-")
    defs |= _defined(SHARE, share, {"description": "Share of the requests"})
    for known in ASSUMPTIONS.values():
        defs |= _defined(
            known.name, _quantity(known), {**_about(known), "default": known.default}, ranges=not known.whole
        )
    for choice in CHOICES.values():
        default = f" Default: {choice.default}." if choice.default else ""
        options = {"anyOf": [{"enum": Catalogue().options(choice.name)}, ref("text")]}
        about = {
            "title": choice.label,
            "description": f"{choice.label}.{default} A catalogue of your own may add more.",
        }
        defs |= _defined(choice.name, options, about)
    sizes = {"anyOf": [{"enum": list(Catalogue().entries("resolutions"))}, ref("text")]}
    for name, (_home, parts) in SHORTHANDS.items():
        value: Schema = {"resolution": sizes}.get(name, CURVE)
        if name in LISTS:
            items = [ref(f"{part}-value") for part in parts]
            value = {"type": "array", "prefixItems": items, "minItems": len(parts), "maxItems": len(parts)}
        title = f"Stands for {', '.join(parts)}"
        defs |= _defined(name, value, {"title": title, "description": f"{title}; keep it or them, not both."})
    names = {name: ref(name) for name in (*ASSUMPTIONS, *CHOICES, *SHORTHANDS)}
    sections = {
        section: object_of(
            {name: own for name, own in names.items() if section_of(name) == section}, description=model.__doc__
        )
        | MAY_BE_NULL
        for section, model in SECTIONS.items()
    }
    of_a_mix = "Parts of the requests, each a layer over the plan; their shares add to 100%, or one is left out"
    mix = _inner(pins, MIX, {SHARE: ref(SHARE), STAGES: _stages(pins)}, of_a_mix)
    of_terms = object_of({term: ref(name) for term, name in TERMS.items()})
    said = "Prices of GPUs, each on demand or by its terms"
    prices = {**MAY_BE_NULL, "additionalProperties": {"anyOf": [ref("gpu_price"), of_terms]}, "description": said}
    made["properties"] |= {"pins": pins, OWN_PRICES: prices, MIX: mix, STAGES: _stages(pins), **sections, **names}
    return made


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
    pinned = object_of({name: value for name, value in pins["properties"].items() if word_of(name, home)}) | MAY_BE_NULL
    one = object_of({**own, PINS: pinned, **{name: ref(name) for name in HOMES[home].names}})
    parts = {"patternProperties": {f"^{PART_NAME.pattern}$": {"anyOf": [one, NOTHING]}}, "additionalProperties": False}
    return {**MAY_BE_NULL, **parts, "description": about}


def _about(known: Assumption) -> Schema:
    """Return the description of an assumption for an editor."""
    bare = "a number alone is one in this unit" if known.bare else "a number needs its unit"
    said = f"{known.label}, {known.bounds()}. Unit: {known.unit}; {bare}. Default: {known.default} ({known.source})."
    return {"title": known.label, "description": said}


def _quantity(known: Assumption) -> Schema:
    """Return the schema of a quantity: a number, only zero if a unit is needed, or a text that the reader judges."""
    number: Schema = {"type": "integer" if known.whole else "number", "minimum": known.low, "maximum": known.high}
    numbers: list[Schema] = [number] if known.bare else [{"const": 0}] if known.low <= 0 else []
    said = f"A text such as {known.example}; unit: {known.unit}"
    return {"anyOf": [*numbers, {"type": "string", "minLength": 1, "description": said}]}


def _defined(name: str, value: Schema, about: Schema, *, ranges: bool = False, of: str = "") -> dict[str, Schema]:
    """Return the definitions of a value, and of it as a file writes it.

    A file writes it alone, with notes, as a range, or as null, which takes it away. The notes and ranges `of` a pin
    also say what it was measured at.
    """
    own = ref(f"{name}-value")
    noted = {"allOf": [ref(f"{of}noted")], "properties": {"value": {"anyOf": [own, NOTHING]}}}
    ends = {"allOf": [ref(f"{of}range")], "properties": {end: own for end in VALUE_KEYS if end != "value"}}
    return {f"{name}-value": value, name: {**about, "anyOf": [own, NOTHING, noted, *([ends] if ranges else [])]}}
