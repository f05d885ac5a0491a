"""A YAML file and the flags as layers: what each of them says, in texts with places, checked but not yet merged."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from os.path import normpath, realpath
from pathlib import Path

from pydantic import ValidationError

from t2v_capacity.catalogue import CHOICES, SHORTHANDS
from t2v_capacity.errors import MOST_SHOWN, Mistake, Place, UserError, nearest, quote
from t2v_capacity.files.document import STANDARD_INPUT, Elsewhere, Listing, Node, Scalar, read_document
from t2v_capacity.files.document import Mapping as Document
from t2v_capacity.files.places import root_of, seen_from
from t2v_capacity.formulas import FIGURES
from t2v_capacity.vocabulary.assumptions import ASSUMPTIONS, SECTIONS
from t2v_capacity.vocabulary.quantities import QuantityError, Range, parse, parse_range, show

RESERVED = ("name", "description", "extends", "abstract", "catalogue", "as_of", "pins", "gates", "budgets", "waivers")
VALUE_KEYS = ("value", "low", "mid", "high")
NOTE_KEYS = ("source", "as_of", "expires", "note")
# What is asked of a plan: kept as it is written, and read by the commands that judge.
RULES = ("budgets", "gates", "waivers")
MAX_FILES = 50  # of one scenario: each may extend two others, which would double at every step


# What a layer writes of a name: texts, a number in base units, or nothing where it takes the name away.
Value = str | float | dict[str, str] | list[str] | None


@dataclass(slots=True)
class Written:
    """A value as a layer writes it: texts, not yet read, or a number in base units."""

    value: Value
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
    rules: dict[str, Node] = field(default_factory=dict)
    catalogues: list[str] = field(default_factory=list)
    parents: list[tuple[str, Place]] = field(default_factory=list)


def file_layers(path: str, mistakes: list[Mistake], named: Place | None = None) -> list[Layer]:
    """Return the layers of a file: those of the files it extends, then its own."""
    revision = isinstance(path, Elsewhere) and not path.on_disk
    root = "" if revision or "\0" in path else root_of("./stdin" if path == STANDARD_INPUT else path)
    return _file_layers(path, mistakes, {}, named, [], root)


def _file_layers(
    path: str, mistakes: list[Mistake], below: Mapping[str, str], named: Place | None, opened: list[str], root: str
) -> list[Layer]:
    """Return the layers of a file; `below` are the files that led to it, `opened` are all that were read."""
    here = path if path == STANDARD_INPUT or "\0" in path else realpath(path)
    if here in below:
        circle = [normpath(file) for file in (*list(below.values())[list(below).index(here) :], path)]
        shown = f"{circle[0]} extends itself" if len(circle) == 2 else " extends ".join(circle)  # noqa: PLR2004
        mistakes.append(Mistake(f"`extends` goes in a circle: {shown}", named))
        return []
    if len(opened) >= MAX_FILES:
        mistakes.append(Mistake(f"this scenario extends more than {MAX_FILES} files; put them together in fewer", named))
        return []
    opened.append(path)
    try:
        document = read_document(path)
    except UserError as error:
        found = [Mistake(m.message, m.place or named) for m in error.mistakes]
        mistakes += found
        return []
    layer = read_layer(document, path, mistakes, root)
    inherited: list[Layer] = []
    for parent, place in layer.parents:
        if len(opened) < MAX_FILES or not any("extends more than" in mistake.message for mistake in mistakes):
            inherited += _file_layers(_beside(path, parent, root), mistakes, {**below, here: path}, place, opened, root)
    return [*inherited, layer]


def _beside(path: str, other: str, root: str) -> str:
    """Return a path that is written relative to the file that names it, and of which nothing is told where it lies outside."""
    found = path.beside(other) if isinstance(path, Elsewhere) else other if path == STANDARD_INPUT else str(Path(path).parent / other)
    found = f"./{found}" if found == STANDARD_INPUT else found  # only the command line names standard input
    return found if isinstance(found, Elsewhere) or "\0" in found else seen_from(root, found)


def read_layer(document: Document, path: str, mistakes: list[Mistake], root: str = "") -> Layer:
    """Return what the mapping of a file says, noting its mistakes."""
    layer = Layer("file", "<stdin>" if path == STANDARD_INPUT else path)
    seen: dict[str, Place] = {}
    for key, node in document.entries.items():
        place = document.keys[key]
        if key in SECTIONS:
            if not isinstance(node, Document):
                if not (isinstance(node, Scalar) and node.null):
                    mistakes.append(Mistake(f"`{key}` is a section; write its assumptions below it, indented", place))
                continue
            for name, value in node.entries.items():
                _read_name(layer, name, value, node.keys[name], seen, mistakes, section=key)
        elif key in RESERVED:
            _read_reserved(layer, path, key, node, place, mistakes, root)
        else:
            _read_name(layer, key, node, place, seen, mistakes)
    return layer


def _read_reserved(layer: Layer, path: str, key: str, node: Node, place: Place, mistakes: list[Mistake], root: str) -> None:
    if key == "pins":
        _read_pins(layer, node, place, mistakes)
        return
    if key in RULES:
        form: dict[str, tuple[type | tuple[type, ...], str]] = {
            "budgets": ((Listing, Document), "a list of conditions, or a mapping of names to them"),
            "gates": (Document, "a mapping of fail_on and warn_on to lists"),
        }
        wanted, said = form.get(key, (Document, "a mapping of finding codes to reasons"))
        if isinstance(node, wanted):
            layer.rules[key] = node
        else:
            mistakes.append(Mistake(f"`{key}` is {said}", place))
        return
    items = node.items if isinstance(node, Listing) and key in ("extends", "catalogue") else [node]
    texts = [(item.text, item.place) for item in items if isinstance(item, Scalar) and item.text]
    if len(texts) != len(items):
        takes = "the name of a file, or a list of them" if key in ("extends", "catalogue") else "one text"
        mistakes.append(Mistake(f"`{key}` takes {takes}", place))
    elif key == "extends":
        layer.parents = texts
    elif key == "catalogue":
        layer.catalogues = [_beside(path, text, root) for text, _place in texts]
    elif key == "abstract" and texts[0][0] not in ("true", "false"):
        mistakes.append(Mistake(f"`abstract` is true or false; not {quote(texts[0][0])}", texts[0][1]))
    elif key == "as_of" and not is_date(texts[0][0]):
        mistakes.append(Mistake(f"{quote(texts[0][0])} is not a date; write it as 2026-11-24", texts[0][1]))
    else:
        layer.about[key] = texts[0][0]


def _read_pins(layer: Layer, node: Node, place: Place, mistakes: list[Mistake]) -> None:
    if not isinstance(node, Document):
        if not (isinstance(node, Scalar) and node.null):
            mistakes.append(Mistake("`pins` holds figures; write each below it, indented, as `video_size: 1.4 MB`", place))
        return
    for name, value in node.entries.items():
        if name not in FIGURES:
            mistakes.append(Mistake(_not_a_figure(name), node.keys[name]))
        elif written := _written(name, value, node.keys[name], mistakes):
            layer.pins[name] = written


def is_date(text: str) -> bool:
    """Return whether a text is a day as contracts write it."""
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
        mistakes.append(Mistake(_unknown(name, section, hint=len(mistakes) < MOST_SHOWN), place))
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


def _unknown(name: str, section: str, *, flag: bool = False, hint: bool = True) -> str:
    if home := _home(name):
        return f"`{name}` belongs in `{home}` or at the top level, not in `{section}`"
    known = {
        "": f"a name is missing{' before the `=`' if flag else ''}; `t2v-cap list assumptions` shows them all",
        **dict.fromkeys(RESERVED, f"`{name}` is written in the file, at the top level"),
        **dict.fromkeys(SECTIONS, f"`{name}` is a section; {'set the assumptions in it' if flag else 'write it at the top level'}"),
        **dict.fromkeys(FIGURES, f"`{name}` is a figure, which is computed; give it a value {'with `--pin`' if flag else 'under `pins`'}"),
    }
    if name in known:
        return known[name]
    names = [*ASSUMPTIONS, *CHOICES, *SHORTHANDS]
    if section:
        names = [n for n in names if _home(n) == section] + names
    elif not flag:
        names += [*SECTIONS, *RESERVED]
    near = nearest(name, names) if hint else ""  # of mistakes that are not shown nobody reads the hint, and it takes time
    return f"{quote(name)} is not an assumption or a choice{near or '; `t2v-cap list assumptions` shows them all'}"


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
        mistakes.append(Mistake(f"{quote(key)} {said}", node.keys[key]))
    given = {key for key in VALUE_KEYS if key in parts}
    notes = {key: parts[key].text for key in NOTE_KEYS if key in parts}
    dates = [parts[key] for key in ("as_of", "expires") if key in notes and not is_date(notes[key])]
    mistakes += [Mistake(f"{quote(written.text)} is not a date; write it as 2026-11-24", written.place) for written in dates]
    if given == {"value"}:
        value = parts["value"]
        return Written(None if value.null else value.text, value.place, notes)
    if given > {"value"}:
        mistakes.append(Mistake(f"`{name}` has both a `value` and a range; keep one of them", place))
    elif given and _home(name) and name not in ASSUMPTIONS:
        mistakes.append(Mistake(f"`{name}` takes one value, not a range", place))
    elif given in ({"low", "high"}, {"low", "mid", "high"}):
        return Written({key: parts[key].text for key in VALUE_KEYS if key in given}, place, notes)
    elif not wrong:
        mistakes.append(Mistake(f"`{name}` needs a `value`, or `low` and `high` (and, if known, `mid`)", place))
    return None


def name_in(text: str) -> str:
    """Return the name that a text spells, as a flag or as it stands in a file.

    >>> name_in(" peak-to-average"), name_in("dau")
    ('peak_to_average', 'dau')
    """
    return text.strip().replace("-", "_")


def flag_layer(sets: Iterable[str], pins: Iterable[str], mistakes: list[Mistake]) -> Layer:
    """Return the layer of the flags; of two that name the same thing the later one counts."""
    layer = Layer("flag", "the command line")
    for text in sets:
        name, equals, value = text.partition("=")
        name = name_in(name)
        place = Place(f"--{name.replace('_', '-')} {value.strip()}".rstrip() if _home(name) and equals else f"--set {text}")
        if not equals:
            mistakes.append(Mistake(f"{quote(text)} has no `=`; write it as name=value", place))
        elif not _home(name):
            mistakes.append(Mistake(_unknown(name, "", flag=True), place))
        else:
            _table(layer, name)[name] = _flag_value(name, value, place)
    for text in pins:
        name, equals, value = text.partition("=")
        name, place = name_in(name), Place(f"--pin {text}")
        if not equals:
            mistakes.append(Mistake(f"{quote(text)} has no `=`; write it as figure=value", place))
        elif name not in FIGURES:
            mistakes.append(Mistake(_not_a_figure(name), place))
        else:
            layer.pins[name] = _flag_value(name, value, place)
    return layer


def _flag_value(name: str, value: str, place: Place) -> Written:
    text = value.strip()
    if name in SHORTHANDS and name != "resolution" and "," in text:
        return Written([part.strip() for part in text.strip("[]").split(",")], place)
    return Written(None if text in ("null", "~") else text, place)


def check(layer: Layer, mistakes: list[Mistake]) -> None:
    """Note every value of a layer that its field refuses; one that a later layer replaces is wrong all the same."""
    for section, model in SECTIONS.items():
        given = {n: w.value for n, w in layer.numbers.items() if ASSUMPTIONS[n].section == section and w.value is not None}
        if not given:
            continue
        try:
            model.model_validate(given)
        except ValidationError as invalid:
            for error in invalid.errors(include_url=False):
                name = str(error["loc"][0])
                mistakes.append(Mistake(_about(name, error.get("ctx", {}).get("error")), layer.numbers[name].place))
    for name, written in layer.pins.items():
        _check_pin(name, written, mistakes)
    for name, written in layer.shorthands.items():
        parts = SHORTHANDS[name][1]
        message = f"`{name}` stands for {', '.join(parts[:-1])} and {parts[-1]}; keep it or"
        mistakes += [Mistake(f"{message} `{part}`, not both", written.place) for part in parts if part in layer.numbers]


def _check_pin(name: str, written: Written, mistakes: list[Mistake]) -> None:
    if written.value is not None:
        try:
            read_pin(name, written)
        except QuantityError as error:
            mistakes.append(Mistake(_about(name, error), written.place))


def _about(name: str, error: object) -> str:
    """Return why a value of a name is refused, the name once."""
    reason = error.message if isinstance(error, QuantityError) else str(error)
    return reason if reason.startswith(f"`{name}`") else f"`{name}`: {reason}"


def _not_a_figure(name: str) -> str:
    if home := _home(name):
        kind = "an assumption" if name in ASSUMPTIONS else "a choice" if name in CHOICES else "a shorthand"
        return f"`{name}` is {kind}, and a pin is for figures; set it in `{home}` or with `--{name.replace('_', '-')}`"
    if not name:
        return "a figure is missing before the `=`; `t2v-cap list figures` shows them all"
    return f"{quote(name)} is not a figure{nearest(name, FIGURES) or '; `t2v-cap list figures` shows them all'}"


def read_pin(name: str, written: Written) -> float | Range:
    """Return a pinned figure's value in its unit; a bare number is fine where the name or a count says the unit."""
    figure = FIGURES[name]

    def one(text: str) -> float:
        value = read_amount(name, text)
        if value < 0:
            raise QuantityError(f"{quote(text)} is negative, and `{name}` is an amount")
        if figure.whole and value != int(value):
            raise QuantityError(f"{quote(text)} is not a whole number, and `{name}` is a count")
        return value

    if isinstance(written.value, dict):
        value = Range(**{end: one(text) for end, text in written.value.items()})
    elif isinstance(written.value, str) and (ends := parse_range(written.value)):
        value = Range(one(ends[0]), one(ends[1]))
    else:
        return one(str(written.value))
    if not 0 < value.low < (value.mid or (value.low + value.high) / 2) < value.high:
        ends = show(value.low, figure.unit, 6), show(value.high, figure.unit, 6)
        raise QuantityError(f"{ends[0]} to {ends[1]} is not a range: its lower end must be above 0 and below its upper end")
    return value


def read_amount(name: str, text: str) -> float:
    """Return an amount of a figure in its unit; a bare number is fine where the figure's name or a count says the unit."""
    unit = FIGURES[name].unit
    numerator = unit.split("/")[0]
    needs_unit = numerator in ("byte", "bit", "joule", "watt") or (numerator == "second" and "second" not in name)
    write = "TB/day" if unit == "byte/day" else {"byte": "MB", "bit": "Mbps", "second": "s"}.get(numerator, "")
    return parse(text, unit, bare=not needs_unit, write=write)
