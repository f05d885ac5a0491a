"""JSON Schemas of what people write, a scenario and a catalogue, made from the fields, the choices and the kinds of entries.

They serve editors and checks that know nothing of this program, so they say of every name what it means, its
unit and its default. They hold names, nesting, notes and the bounds of plain numbers. Quantities in words (their
units, spelling and bounds), files and dates that don't exist are left to `t2v-cap check`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from t2v_capacity.assumptions import ASSUMPTIONS, SECTIONS, Assumption
from t2v_capacity.assumptions.choices import CHOICES, LISTS, SHORTHANDS
from t2v_capacity.assumptions.parts import DECODED, HOMES, MIX, PART_NAME, PINS, SHARE, STAGES, word_of
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.assumptions.traffic import FEWEST_RATES, MOST_RATES
from t2v_capacity.catalogue import KINDS, PRICE_KINDS, Catalogue
from t2v_capacity.catalogue.reading import Kind
from t2v_capacity.engine.figures import Figure
from t2v_capacity.forms.data import CODE, DATE
from t2v_capacity.formulas import FIGURES
from t2v_capacity.scenario.layers import VALUE_KEYS

DRAFT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]
TEXT: Schema = {"type": ["string", "number", "boolean"], "minLength": 1}
NOTHING: Schema = {"type": "null"}
CURVE: Schema = {"type": "array", "items": {"type": "number", "minimum": 0}, "minItems": FEWEST_RATES, "maxItems": MOST_RATES}
NOTES: dict[str, Schema] = {
    "source": {"$ref": "#/$defs/text", "description": "Where the value comes from"},
    "as_of": {"$ref": "#/$defs/date", "description": "The day on which the value was true"},
    "expires": {"$ref": "#/$defs/date", "description": "The day after which the value is no longer good"},
    "note": {"$ref": "#/$defs/text", "description": "A remark"},
}
DEFS: dict[str, Schema] = {
    "text": TEXT,
    "date": {"type": "string", "pattern": DATE, "description": "A day, such as 2026-11-24"},
    "condition": {
        "type": "string",
        "pattern": r"^[^<>=≤≥]+([<>=]|<=|>=|≤|≥)[^<>=≤≥]+([)] *([<>]|<=|>=|≤|≥)[^<>=≤≥]+)?$",
        "description": "A condition: `gpus <= 5000`, `p95(gpus) <= 5000`, `P(gpus <= 5000) >= 90%`",
    },
    "files": {"anyOf": [TEXT, {"type": "array", "items": TEXT}], "description": "A file, or a list of them, relative to this one"},
}
DEFS["noted"] = {
    "type": "object",
    "properties": {"value": {"description": "The value"}, **NOTES},
    "required": ["value"],
    "additionalProperties": False,
}
DEFS["range"] = {
    "type": "object",
    "properties": {
        "low": {"description": "The 5th percentile"},
        "mid": {"description": "The median, where it is known"},
        "high": {"description": "The 95th percentile"},
        **NOTES,
    },
    "required": ["low", "high"],
    "additionalProperties": False,
}


def object_of(properties: Mapping[str, Schema], *, required: Iterable[str] = (), **more: Any) -> Schema:
    """Return the schema of a mapping that holds these keys and no others."""
    needed = list(required)
    return (
        {"type": "object", "properties": dict(properties), "additionalProperties": False} | ({"required": needed} if needed else {}) | more
    )


def ref(name: str) -> Schema:
    """Return a reference to one of the definitions."""
    return {"$ref": f"#/$defs/{name}"}


def scenario_schema() -> Schema:
    """Return the schema of a scenario file."""
    defs, sections = dict(DEFS), dict[str, Schema]()
    names: dict[str, str] = {}
    for section, model in SECTIONS.items():
        for known in (known for known in ASSUMPTIONS.values() if known.section == section):
            about = {**_about(known), "default": known.default}
            defs |= {**_value(known), known.name: _written(f"{known.name}-value", about, ranges=not known.whole)}
            names[known.name] = section
        for choice in (choice for choice in CHOICES.values() if choice.section == section):
            defs |= _choice(choice.name)
            names[choice.name] = section
        for name in (name for name, (home, _parts) in SHORTHANDS.items() if home == section):
            defs |= _shorthand(name)
            names[name] = section
        own = {name: ref(name) for name, home in names.items() if home == section}
        sections[section] = object_of(own, description=model.__doc__) | {"type": ["object", "null"]}
        if alone := {s: {"properties": dict.fromkeys(parts, False)} for s, (home, parts) in SHORTHANDS.items() if home == section}:
            sections[section]["dependentSchemas"] = alone
    pins, pinned = pins_schema()
    defs |= pinned
    defs |= {f"{SHARE}-value": {"anyOf": _forms(SHARE, "25%", 0, 1, bare=True, whole=False)}}
    defs |= {SHARE: _written(f"{SHARE}-value", {"description": "Share of the requests"}, ranges=False)}
    properties = {**_reserved(pins), MIX: _mix(pins), STAGES: _stages(pins), **sections, **{name: ref(name) for name in names}}
    return {
        "$schema": DRAFT,
        "title": "A t2v-cap scenario",
        "description": "Assumptions about a text-to-video service, from which t2v-cap computes a capacity plan",
        **object_of(properties, minProperties=1, dependentSchemas={name: _once(name, home) for name, home in names.items()}),
        "$defs": defs,
    }


def _mix(pins: Schema) -> Schema:
    """Return the schema of the parts of a mix."""
    about = "Parts of the requests, each a layer over the plan; their shares add to 100%, or one is left out"
    return _inner(pins, MIX, {SHARE: ref(SHARE), STAGES: _stages(pins)}, about)


def _stages(pins: Schema) -> Schema:
    """Return the schema of the stages of a clip."""
    decoded: Schema = {
        "enum": [True, False, "true", "false"],
        "description": "Whether the VAE decodes its clip; the last stage's always is",
    }
    about = "Stages that every clip goes through, in their order, each a layer over the plan or the part"
    return _inner(pins, STAGES, {DECODED: decoded}, about)


def _inner(pins: Schema, home: str, own: Schema, about: str) -> Schema:
    """Return the schema of parts or stages: each what it may set, or null, which takes it away."""
    names = HOMES[home].names
    pinned = object_of({name: value for name, value in pins["properties"].items() if word_of(name, home)}) | {"type": ["object", "null"]}
    alone = {s: {"properties": dict.fromkeys(_parts_of(s), False)} for s in names if _parts_of(s)}
    one = object_of({**own, PINS: pinned, **{name: ref(name) for name in names}}, dependentSchemas=alone)
    return {
        "type": ["object", "null"],
        "patternProperties": {f"^{PART_NAME.pattern}$": {"anyOf": [one, NOTHING]}},
        "additionalProperties": False,
        "description": about,
    }


def _about(known: Assumption) -> Schema:
    """Return the description of an assumption for an editor."""
    bare = "a number alone is one in this unit" if known.bare else "a number needs its unit"
    said = f"{known.label}, {known.bounds()}. Unit: {known.unit}; {bare}. Default: {known.default} ({known.source})."
    return {"title": known.label, "description": said}


def _value(known: Assumption) -> dict[str, Schema]:
    """Return the definition of an assumption's value."""
    return {f"{known.name}-value": {"anyOf": _forms(known.unit, known.example, known.low, known.high, bare=known.bare, whole=known.whole)}}


def _forms(unit: str, example: str, low: float, high: float | None, *, bare: bool, whole: bool) -> list[Schema]:
    """Return the schema of a quantity: a number, only zero if a unit is needed, or a text that the reader judges."""
    number: Schema = {"type": "integer" if whole else "number", "minimum": low} | ({} if high is None else {"maximum": high})
    numbers: list[Schema] = [number] if bare else [{"const": 0}] if low <= 0 else []
    return [*numbers, {"type": "string", "minLength": 1, "description": f"A text such as {example}; unit: {unit}"}]


def _once(name: str, section: str) -> Schema:
    """Return the names excluded by a name at the top level: the same name in its section, its parts, and its shorthand."""
    stands_for_it = [shorthand for shorthand in SHORTHANDS if name in _parts_of(shorthand)]
    beside = dict.fromkeys(_parts_of(name), False)
    return {"properties": {**beside, section: {"properties": dict.fromkeys((name, *_parts_of(name), *stands_for_it), False)}}}


def _parts_of(name: str) -> tuple[str, ...]:
    return SHORTHANDS[name][1] if name in SHORTHANDS else ()


def _written(value: str, about: Schema, *, ranges: bool) -> Schema:
    """Return a value as a file writes it: alone, with its notes, or as a range of them; null takes it away."""
    noted = {"allOf": [ref("noted")], "properties": {"value": {"anyOf": [ref(value), NOTHING]}}}
    ends = {"allOf": [ref("range")], "properties": {end: ref(value) for end in VALUE_KEYS if end != "value"}}
    return {**about, "anyOf": [ref(value), NOTHING, noted, *([ends] if ranges else [])]}


def _choice(name: str) -> dict[str, Schema]:
    choice = CHOICES[name]
    entries = Catalogue().entries(choice.kind).values()
    known = [word for entry in entries for word in (entry.id, *entry.aliases)]
    if choice.of:  # generation/kernel
        known = [word.partition("/")[2] or word for word in known]
    known = list(dict.fromkeys(known))
    numbers = [int(word) for word in known if word.isdigit()]
    value = {"anyOf": [{"enum": [*known, *numbers]}, {"type": "string", "minLength": 1}]}
    default = f" Default: {choice.default}." if choice.default else ""
    about = {"title": choice.label, "description": f"{choice.label}.{default} A catalogue of your own may add more."}
    return {f"{name}-value": value, name: _written(f"{name}-value", about, ranges=False)}


def _shorthand(name: str) -> dict[str, Schema]:
    parts = SHORTHANDS[name][1]
    about = {"title": f"Stands for {', '.join(parts)}", "description": f"Stands for {', '.join(parts)}; keep it or them, not both."}
    if name == "resolution":
        sizes = list(Catalogue().entries("resolutions"))
        size = {"type": "string", "pattern": r"^(?: *[0-9]+ *[xX×] *[0-9]+ *|[0-9]+[pP]|[48][kK])$"}  # noqa: RUF001
        return {f"{name}-value": {"anyOf": [{"enum": sizes}, size]}, name: _written(f"{name}-value", about, ranges=False)}
    return {f"{name}-value": _list_of(parts) if name in LISTS else CURVE, name: _written(f"{name}-value", about, ranges=False)}


def _list_of(parts: tuple[str, ...]) -> Schema:
    return {"type": "array", "prefixItems": [ref(f"{part}-value") for part in parts], "minItems": len(parts), "maxItems": len(parts)}


def pin_schema(figure: Figure) -> tuple[str, dict[str, Schema]]:
    """Return the schema of a figure's pin, by unit; a bare number is allowed if the figure's name or a count gives the unit."""
    numerator = figure.unit.split("/")[0]
    bare = not (numerator in ("byte", "bit", "joule", "watt") or (numerator == "second" and "second" not in figure.name))
    example = show(0.5 if figure.unit == "share" else 5000, figure.unit)
    forms = _forms(figure.unit, example, 0, None, bare=bare, whole=figure.whole)
    name = f"pin-{figure.unit.replace('/', '-per-')}{'-whole' if figure.whole else ''}{'' if bare else '-with-unit'}"
    return name, {f"{name}-value": {"anyOf": forms}, name: _written(f"{name}-value", {}, ranges=True)}


def pins_schema() -> tuple[Schema, dict[str, Schema]]:
    """Return the schema of the pins, and the definitions that it needs."""
    properties, defs = dict[str, Schema](), dict[str, Schema]()
    for figure in FIGURES.values():
        name, own = pin_schema(figure)
        defs |= own
        properties[figure.name] = {"description": f"{figure.label}; unit: {figure.unit}", **ref(name)}
    said = "Figures that are given a value instead of being computed"
    return object_of(properties, description=said) | {"type": ["object", "null"]}, defs


def _reserved(pins: Schema) -> dict[str, Schema]:
    parts = {"when": "The change", "name": "What it is called", "owner": "Whom to ask", "message": "What to do"}
    gate = {"anyOf": [TEXT, object_of({key: {**TEXT, "description": said} for key, said in parts.items()}, required=["when"])]}
    named = {"type": "object", "additionalProperties": {"anyOf": [gate, NOTHING]}, "not": {"required": ["when"]}}
    gates = {"anyOf": [gate, {"type": "array", "items": gate}, named]}
    conditions = [
        {"type": "array", "items": ref("condition")},
        {"type": "object", "additionalProperties": {"anyOf": [ref("condition"), NOTHING]}},
    ]
    return {
        "name": {**TEXT, "description": "What the plan is called; else the file's name"},
        "description": {**TEXT, "description": "A sentence on the service"},
        "extends": {**ref("files"), "description": "Scenarios that this one builds on; the later wins, and this file over all"},
        "abstract": {
            "enum": [True, False, "true", "false"],
            "description": "Whether it is a base that is extended, and no service of its own",
        },
        "catalogue": {**ref("files"), "description": "Catalogues of your own models, GPUs, kernels and prices"},
        "as_of": {**ref("date"), "description": "The day of the plan"},
        "pins": pins,
        "budgets": {"anyOf": conditions, "description": "Conditions that `t2v-cap check` holds the plan to; null takes one away"},
        "gates": object_of(
            {
                "fail_on": {**gates, "description": "Changes that must not pass: `gpus > +10% and > +50`, `new-warnings`"},
                "warn_on": {**gates, "description": "Changes that give a warning"},
            },
            description="Changes that `t2v-cap diff` judges",
        ),
        "waivers": {
            "type": "object",
            "propertyNames": {"pattern": CODE},
            "additionalProperties": {"anyOf": [TEXT, {"type": "object", "additionalProperties": TEXT}]},
            "description": "Findings of `t2v-cap check --strict` that may stand, each with its reason",
        },
    }


def catalogue_schema() -> Schema:
    """Return the schema of a catalogue file of one's own."""
    defs = {name: DEFS[name] for name in ("text", "date")}
    facts = dict.fromkeys(name for kind in KINDS.values() for name in (*kind.facts, *kind.at_precision))
    for known in (known for known in ASSUMPTIONS.values() if known.name in facts):
        value = ref(f"{known.name}-value")
        defs |= {**_value(known), known.name: {**_about(known), "anyOf": [value, _noted(value)]}}
    defs |= {f"entry-{name}": _entry(kind)[0] for name, kind in KINDS.items()}
    source = {"type": "object", "required": ["title"], "description": "A title, and where it is: url, published, accessed"}
    properties = {
        "sources": {"type": "object", "additionalProperties": source, "description": "Sources by the name that an entry cites"},
        **{name: _entries(name) for name in KINDS},
    }
    return {
        "$schema": DRAFT,
        "title": "A t2v-cap catalogue",
        "description": "Models, GPUs, kernels, options and prices of your own, which add to the package's or override them",
        **object_of(properties),
        "$defs": defs,
    }


def _noted(value: Schema) -> Schema:
    """Return a fact with where it comes from."""
    return object_of({"value": value, **dict.fromkeys(("source", "as_of", "note"), ref("text"))}, required=["value"])


def _entries(name: str) -> Schema:
    """Return a kind's part of a catalogue: an entry of the package may be changed in part, a new one is whole or extends another."""
    needed = _entry(KINDS[name])[1]
    whole = {**ref(f"entry-{name}"), "anyOf": [{"required": ["extends"]}, {"required": needed}]}
    known = dict.fromkeys(Catalogue().entries(name), ref(f"entry-{name}"))
    return {
        "type": "object",
        "properties": known,
        "additionalProperties": whole,
        "description": f"Entries of the kind {name}, by their ids",
    }


def _entry(kind: Kind) -> tuple[Schema, list[str]]:
    """Return the schema of an entry, and what one that extends no other must have."""
    words: dict[str, Schema] = {word: {"anyOf": [ref("text"), _noted(ref("text"))]} for word in kind.about}
    for word, choice in (("text_attention", "text_attentions"), ("attention_scope", "attention_scopes"), ("generation", "generations")):
        if word in words:
            words[word] = {"anyOf": [{"enum": list(Catalogue().entries(choice))}, ref("text")]}
    if "kind" in words:
        words["kind"] = {"enum": list(PRICE_KINDS)}
    if "speedup" in words:
        words["speedup"] = {"type": ["string", "number"], "pattern": r"^[0-9.]+(/[0-9.]+)?$"}
    if "date" in words:
        words["date"] = {"type": ["string", "integer"], "pattern": r"^[0-9]{4}(-[0-9]{2}){0,2}$"}
    lists = {word: _list_of(parts) for word, parts in LISTS.items() if parts[0] in kind.facts}
    about = {
        "label": {**ref("text"), "description": "The name that a person knows it by"},
        "aliases": {"type": "array", "items": ref("text"), "description": "Other names for it"},
        "source": {**ref("text"), "description": "A name under `sources`, or a source in words"},
        "note": ref("text"),
        "extends": {**ref("text"), "description": "Another entry of this kind, whose facts hold unless they stand here"},
    }
    rates = {word: {"type": "object", "additionalProperties": ref(word), "description": "By precision"} for word in kind.at_precision}
    listed = {part for parts in LISTS.values() for part in parts}
    needed = [word for word in (*kind.facts, *kind.at_precision, *kind.needed) if word not in (*kind.optional, *listed)]
    properties = {**about, **words, **{fact: ref(fact) for fact in kind.facts}, **lists, **rates}
    return object_of(properties), needed
