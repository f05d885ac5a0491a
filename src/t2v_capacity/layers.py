"""A YAML file and the flags as layers: what each of them says, in texts with places, checked but not yet merged."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from t2v_capacity.assumptions import ASSUMPTIONS, SECTIONS
from t2v_capacity.catalogue import CHOICES, SHORTHANDS
from t2v_capacity.document import STANDARD_INPUT, Listing, Node, Scalar, read_document
from t2v_capacity.document import Mapping as Document
from t2v_capacity.errors import Mistake, Place, UserError, nearest
from t2v_capacity.formulas import FIGURES
from t2v_capacity.quantities import QuantityError, Range, parse, parse_range

RESERVED = ("name", "description", "extends", "catalogue", "as_of", "pins", "gates", "budgets", "waivers")
VALUE_KEYS = ("value", "low", "mid", "high")
NOTE_KEYS = ("source", "as_of", "expires", "note")
# Names of the contract whose figures are not built yet: refused, so that none is accepted and ignored.
NOT_YET = frozenset(
    (
        "request_share rejected_prompt_share failed_share rejected_output_share peak_to_average deferrable_share "
        "growth_per_month replication rendition_factor retention service_age gpus_per_replica max_utilization "
        "target_wait_probability arrival_variability service_variability target_latency regions regions_lost spare_servers "
        "spare_fraction provision_time load_rate views_per_video cdn_hit_ratio gpu_price reserved_price reserved_fraction "
        "storage_price egress_price price_per_video_second paid_share other_cost_per_video pue host_power_factor "
        "carbon_intensity gpu_power gpu_idle_power gates budgets waivers"
    ).split()
)


@dataclass(slots=True)
class Written:
    """A value as a layer writes it: texts, not yet read."""

    value: str | dict[str, str] | list[str] | None
    place: Place
    notes: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Layer:
    """What one file, or the flags, say."""

    kind: str  # file or flag
    file: str
    about: dict[str, str] = field(default_factory=dict)
    choices: dict[str, Written] = field(default_factory=dict)
    shorthands: dict[str, Written] = field(default_factory=dict)
    numbers: dict[str, Written] = field(default_factory=dict)
    pins: dict[str, Written] = field(default_factory=dict)
    catalogues: list[str] = field(default_factory=list)
    parents: list[tuple[str, Place]] = field(default_factory=list)


def file_layers(path: str, mistakes: list[Mistake], below: tuple[str, ...] = (), named: Place | None = None) -> list[Layer]:
    """Return the layers of a file: those of the files it extends, then its own."""
    here = path if path == STANDARD_INPUT else str(Path(path).resolve())
    if here in below:
        mistakes.append(Mistake(f"`extends` goes in a circle: {path} extends itself", named))
        return []
    try:
        document = read_document(path)
    except UserError as error:
        found = [Mistake(m.message, m.place or named) for m in error.mistakes]
        mistakes += found
        return []
    layer = _read_layer(document, path, mistakes)
    inherited = [one for parent, place in layer.parents for one in file_layers(_beside(path, parent), mistakes, (*below, here), place)]
    return [*inherited, layer]


def _beside(path: str, other: str) -> str:
    """Return a path that is written relative to the file that names it."""
    return other if path == STANDARD_INPUT else str(Path(path).parent / other)


def _read_layer(document: Document, path: str, mistakes: list[Mistake]) -> Layer:
    layer = Layer("file", "<stdin>" if path == STANDARD_INPUT else path)
    seen: dict[str, Place] = {}
    for key, node in document.entries.items():
        place = document.keys[key]
        if key in SECTIONS and key not in NOT_YET:
            if not isinstance(node, Document):
                if not (isinstance(node, Scalar) and node.null):
                    mistakes.append(Mistake(f"`{key}` is a section; write its assumptions below it, indented", place))
                continue
            for name, value in node.entries.items():
                _read_name(layer, name, value, node.keys[name], seen, mistakes, section=key)
        elif key in RESERVED and key not in NOT_YET:
            _read_reserved(layer, path, key, node, place, mistakes)
        else:
            _read_name(layer, key, node, place, seen, mistakes)
    return layer


def _read_reserved(layer: Layer, path: str, key: str, node: Node, place: Place, mistakes: list[Mistake]) -> None:
    if key == "pins":
        if not isinstance(node, Document):
            mistakes.append(Mistake("`pins` is a mapping of figures to values", place))
            return
        for name, value in node.entries.items():
            if written := _written(name, value, node.keys[name], mistakes):
                layer.pins[name] = written
        return
    items = node.items if isinstance(node, Listing) and key in ("extends", "catalogue") else [node]
    texts = [(item.text, item.place) for item in items if isinstance(item, Scalar) and item.text]
    if len(texts) != len(items):
        mistakes.append(Mistake(f"`{key}` must be a text{' or a list of them' if key in ('extends', 'catalogue') else ''}", place))
    elif key == "extends":
        layer.parents = texts
    elif key == "catalogue":
        layer.catalogues = [_beside(path, text) for text, _place in texts]
    elif key == "as_of" and not _is_date(texts[0][0]):
        mistakes.append(Mistake(f"`{texts[0][0]}` is not a date; write it as 2026-11-24", texts[0][1]))
    else:
        layer.about[key] = texts[0][0]


def _is_date(text: str) -> bool:
    try:
        return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _read_name(
    layer: Layer, name: str, node: Node, place: Place, seen: dict[str, Place], mistakes: list[Mistake], section: str = ""
) -> None:
    """Read one assumption, choice or shorthand of a file."""
    home = _home(name)
    if not home or (section and home != section):
        mistakes.append(Mistake(_unknown(name, section), place))
    elif name in seen:
        mistakes.append(Mistake(f"`{name}` is given twice; the first is on line {seen[name].line}", place))
    elif written := _written(name, node, place, mistakes):
        seen[name] = place
        _table(layer, name)[name] = written


def _home(name: str) -> str:
    """Return the section that a name belongs to, or nothing where it is not known."""
    if name in ASSUMPTIONS:
        return ASSUMPTIONS[name].section
    if name in CHOICES:
        return CHOICES[name].section
    return SHORTHANDS[name][0] if name in SHORTHANDS else ""


def _table(layer: Layer, name: str) -> dict[str, Written]:
    return layer.choices if name in CHOICES else layer.shorthands if name in SHORTHANDS else layer.numbers


def _unknown(name: str, section: str) -> str:
    if home := _home(name):
        return f"`{name}` belongs in `{home}` or at the top level, not in `{section}`"
    if name in NOT_YET:
        return f"`{name}` is not known yet; a later version will read it"
    if name in FIGURES:
        return f"`{name}` is a figure, which is computed; to give it a value, write it under `pins`"
    names = [*ASSUMPTIONS, *CHOICES, *SHORTHANDS]
    if section:
        names = [n for n in names if _home(n) == section] + names
    else:
        names += [*SECTIONS, *RESERVED]
    return f"`{name}` is not an assumption or a choice{nearest(name, names) or '; `t2v-cap list assumptions` shows them all'}"


def _written(name: str, node: Node, place: Place, mistakes: list[Mistake]) -> Written | None:
    """Return what a node says of a name: its texts and notes, or nothing where its form is wrong."""
    if isinstance(node, Scalar):
        return Written(None if node.null else node.text, node.place if node.text else place)
    if isinstance(node, Listing):
        if name not in SHORTHANDS or name == "resolution":
            mistakes.append(Mistake(f"`{name}` takes one value, not a list", node.place))
            return None
        return Written([item.text for item in node.items if isinstance(item, Scalar)], node.place)
    parts = {key: value for key, value in node.entries.items() if isinstance(value, Scalar)}
    wrong = [key for key in node.entries if key not in (*VALUE_KEYS, *NOTE_KEYS) or key not in parts]
    for key in wrong:
        known = (*VALUE_KEYS, *NOTE_KEYS)
        more = nearest(key, known) or f"; it has {', '.join(known)}"
        said = "must be one value" if key in known else f"is not a part of a value{more}"
        mistakes.append(Mistake(f"`{key}` {said}", node.keys[key]))
    given = {key for key in VALUE_KEYS if key in parts}
    notes = {key: parts[key].text for key in NOTE_KEYS if key in parts}
    dates = [parts[key] for key in ("as_of", "expires") if key in notes and not _is_date(notes[key])]
    mistakes += [Mistake(f"`{given.text}` is not a date; write it as 2026-11-24", given.place) for given in dates]
    if given == {"value"}:
        value = parts["value"]
        return Written(None if value.null else value.text, value.place, notes)
    if given in ({"low", "high"}, {"low", "mid", "high"}):
        return Written({key: parts[key].text for key in VALUE_KEYS if key in given}, place, notes)
    if not wrong:
        mistakes.append(Mistake(f"`{name}` needs a `value`, or `low` and `high` (and, if known, `mid`)", place))
    return None


def flag_layer(sets: Iterable[str], pins: Iterable[str], mistakes: list[Mistake]) -> Layer:
    """Return the layer of the flags; of two that name the same thing the later one counts."""
    layer = Layer("flag", "the command line")
    for text in sets:
        name, equals, value = text.partition("=")
        name = name.strip().replace("-", "_")
        place = Place(f"--{name.replace('_', '-')} {value}".rstrip() if _home(name) else f"--set {text}")
        if not equals:
            mistakes.append(Mistake(f"`{text}` is not of the form name=value", Place(f"--set {text}")))
        elif not _home(name):
            mistakes.append(Mistake(_unknown(name, ""), place))
        else:
            _table(layer, name)[name] = _flag_value(name, value, place)
    for text in pins:
        name, equals, value = text.partition("=")
        if not equals:
            mistakes.append(Mistake(f"`{text}` is not of the form figure=value", Place(f"--pin {text}")))
        else:
            layer.pins[name.strip().replace("-", "_")] = _flag_value(name, value, Place(f"--pin {text}"))
    return layer


def _flag_value(name: str, value: str, place: Place) -> Written:
    text = value.strip()
    if name in SHORTHANDS and text.startswith("["):
        return Written([part.strip() for part in text.strip("[]").split(",")], place)
    return Written(None if text in ("null", "~") else text, place)


def check(layer: Layer, mistakes: list[Mistake]) -> None:
    """Note every value of a layer that its field refuses; one that a later layer replaces is wrong all the same."""
    for section, model in SECTIONS.items():
        given = {n: w.value for n, w in layer.numbers.items() if ASSUMPTIONS[n].section == section and w.value is not None}
        try:
            model.model_validate(given)
        except ValidationError as invalid:
            for error in invalid.errors(include_url=False):
                name = str(error["loc"][0])
                mistakes.append(Mistake(f"`{name}`: {_reason(error.get('ctx', {}).get('error'))}", layer.numbers[name].place))
    for name, written in layer.pins.items():
        _check_pin(name, written, mistakes)
    for name, written in layer.shorthands.items():
        parts = SHORTHANDS[name][1]
        message = f"`{name}` stands for {', '.join(parts)}; keep it or"
        mistakes += [Mistake(f"{message} `{part}`, not both", written.place) for part in parts if part in layer.numbers]


def _check_pin(name: str, written: Written, mistakes: list[Mistake]) -> None:
    if name not in FIGURES:
        mistakes.append(Mistake(_not_a_figure(name), written.place))
    elif written.value is not None:
        try:
            read_pin(name, written)
        except QuantityError as error:
            mistakes.append(Mistake(f"`{name}`: {error.message}", written.place))


def _reason(error: object) -> str:
    return error.message if isinstance(error, QuantityError) else str(error)


def _not_a_figure(name: str) -> str:
    if name in ASSUMPTIONS or name in CHOICES:
        return f"`{name}` is an assumption; set it, a pin is for figures"
    return f"`{name}` is not a figure{nearest(name, FIGURES) or '; `t2v-cap list figures` shows them all'}"


def read_pin(name: str, written: Written) -> float | Range:
    """Return a pinned figure's value in its unit; a bare number is fine where the name or a count says the unit."""
    figure = FIGURES[name]
    plain = figure.unit.split("/")[0] in ("byte", "bit", "joule", "watt") or (figure.unit.startswith("second") and "second" not in name)

    def one(text: str) -> float:
        value = parse(
            text, figure.unit, bare=not plain, write={"byte": "MB", "bit": "Mbps", "second": "s"}.get(figure.unit.split("/")[0], "")
        )
        if value < 0:
            raise QuantityError(f"`{text}` is negative, and `{name}` is an amount")
        if figure.whole and value != int(value):
            raise QuantityError(f"`{text}` is not a whole number, and `{name}` is a count")
        return value

    if isinstance(written.value, dict):
        value = Range(**{end: one(text) for end, text in written.value.items()})
    elif isinstance(written.value, str) and (ends := parse_range(written.value)):
        value = Range(one(ends[0]), one(ends[1]))
    else:
        return one(str(written.value))
    if not 0 < value.low < (value.mid or (value.low + value.high) / 2) < value.high:
        raise QuantityError(f"{value.low} to {value.high} is not a range: its lower end must be above 0 and below its upper end")
    return value
