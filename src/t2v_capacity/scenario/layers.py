"""A YAML file and the flags as layers: their content as texts with places, checked but not merged."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from functools import partial
from os.path import normpath, realpath
from typing import Self, TypeVar

from pydantic import ValidationError

from t2v_capacity.assumptions import ASSUMPTIONS, SECTIONS
from t2v_capacity.assumptions.choices import CHOICES, SHORTHANDS
from t2v_capacity.assumptions.cost import ON_DEMAND, TERMS
from t2v_capacity.assumptions.names import (
    CHOICE,
    RESERVED,
    SHORTHAND,
    flag_of,
    kind_of,
    misplaced,
    name_in,
    not_a_figure,
    read_pin,
    section_of,
)
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
    flagged,
    is_of_a_part,
    is_own,
    not_set,
    word_of,
)
from t2v_capacity.assumptions.quantities import QuantityError, Range, is_date, not_a_date, parse_range
from t2v_capacity.errors import MOST_SHOWN, Mistake, Mistakes, Place, enumeration, nearest, quote, refuse
from t2v_capacity.files.document import (
    STANDARD_INPUT,
    Document,
    Listing,
    Node,
    Scalar,
    fields,
    file_from,
    read_document,
    shown_name,
    source_of,
)
from t2v_capacity.files.git_tree import Committed
from t2v_capacity.files.source import Source, folder_of, is_open
from t2v_capacity.formulas import FIGURES
from t2v_capacity.scenario.measured import measured_at

VALUE_KEYS = ("value", "low", "mid", "high")
NOTE_KEYS = ("source", "as_of", "expires", "note")
AT = "at"  # of a pin: what it was measured at
# The rules of a plan: kept as written, and read by the commands that judge.
RULES: dict[str, tuple[type | tuple[type, ...], str]] = {
    "budgets": ((Listing, Document), "a list of conditions, or a mapping of names to them"),
    "gates": (Document, "a mapping of fail_on and warn_on to lists"),
    "waivers": (Document, "a mapping of finding codes to reasons"),
}
MAX_FILES = 50  # of one scenario: each may extend two others, which would double at every step


# A layer's content for a name: texts, a number in base units, or nothing if it removes the name.
Value = str | float | dict[str, str] | list[str] | None


# Plain classes: making a dataclass takes a thousandth of a second of every start.
class Written:
    """A value as a layer writes it: texts, or a number in base units.

    Once it is read, it also has what an assumption or a pin means by it.
    """

    __slots__ = ("at", "notes", "owner", "place", "read", "value")

    def __init__(self, value: Value, place: Place, notes: dict[str, str] | None = None) -> None:
        """Take what was written, where, and what is said of it."""
        self.value, self.place, self.notes = value, place, notes or {}
        self.read: float | Range | None = None
        self.at: dict[str, Scalar] = {}  # of a pin: what it was measured at
        self.owner = "", ""  # of a price: the GPU and the provider in force where it was written


_Table = dict[str, Written]
_Record = TypeVar("_Record")


def copied(record: _Record) -> _Record:
    """Return a record whose tables and lists can be changed apart from the first one's."""
    other = copy(record)
    vars(other).update({name: copy(own) for name, own in vars(record).items() if isinstance(own, (dict, list))})
    return other


class Layer:
    """The content of one file, or of the flags."""

    def __init__(self, kind: str, file: str) -> None:
        """Begin an empty layer of a kind, file or flag."""
        self.kind, self.file = kind, file
        self.about: dict[str, str] = {}
        self.choices: _Table = {}
        self.shorthands: _Table = {}
        self.numbers: _Table = {}
        self.pins: _Table = {}
        self.prices: dict[tuple[str, str], Written] = {}  # by a GPU as it is written, and an assumption
        self.rules: dict[str, Node] = {}
        self.catalogues: list[Source] = []
        self.parents: list[tuple[str, Place]] = []
        # Its parts, and its stages in the order in which they are written.
        self.inner: dict[str, dict[str, LayerPart]] = {MIX: {}, STAGES: {}}

    def copy(self) -> Self:
        """Return the same content, to write flags over it."""
        other = copied(self)
        other.inner = {home: {name: part.copy() for name, part in parts.items()} for home, parts in self.inner.items()}
        return other

    @property
    def content(self) -> list[object]:
        """All that is written in it, in its order, but for places."""
        tables = (self.choices, self.shorthands, self.numbers, self.pins)
        plain = [[(name, written.value, written.notes) for name, written in table.items()] for table in tables]
        return [
            self.kind,
            self.about,
            *plain,
            [(*key, written.value, written.notes) for key, written in self.prices.items()],
            [(home, name, part.content) for home, own in self.inner.items() for name, part in own.items()],
        ]

    def walk(self, whose: str = "") -> "Iterator[tuple[str, Layer]]":
        """Yield itself, its parts and stages, and theirs, each with the prefix of its names: `mix.hd.`."""
        yield whose, self
        for home, parts in self.inner.items():
            for name, part in parts.items():
                yield from part.walk(f"{whose}{home}.{name}.")


class LayerPart(Layer):
    """A layer's content for a part of a mix or for a stage, or its removal.

    It has its share or whether it decodes, and its settings.
    """

    def __init__(self, of: Layer, place: Place, home: str, *, gone: bool = False) -> None:
        """Begin an empty part of a layer, or a stage, or one that is taken away."""
        super().__init__(of.kind, of.file)
        self.place, self.home, self.gone = place, home, gone
        self.share: Written | None = None
        self.decoded: bool | None = None

    @property
    def content(self) -> list[object]:
        """All that is written in it, but for places."""
        return [*super().content, self.gone, self.decoded, self.share and self.share.value]


def file_layers(path: str, mistakes: list[Mistake]) -> list[Layer]:
    """Return the layers of a file: those of the files it extends, then its own."""
    return _file_layers(source_of(path), mistakes, {}, [], _home(path))


def _home(path: str) -> str:
    """Return the folder of a scenario, from which others are open or private.

    For a revision's scenario, return the folder from the top of the repository.
    """
    if isinstance(path, Committed):
        return path.home
    if "\0" in path:
        return ""
    return folder_of("./stdin" if path == STANDARD_INPUT else path)


def _file_layers(
    source: Source, mistakes: list[Mistake], below: Mapping[str, str], opened: list[str], home: str
) -> list[Layer]:
    """Return the layers of a file; `below` are the files that extend it, `opened` all that were read."""
    path, named = source.name, source.named
    here = path if path == STANDARD_INPUT or "\0" in path else realpath(path)
    if here in below:
        circle = [normpath(file) for file in (*list(below.values())[list(below).index(here) :], path)]
        shown = f"{circle[0]} extends itself" if len(circle) == 2 else " extends ".join(circle)  # noqa: PLR2004
        refuse(mistakes, f"`extends` goes in a circle: {shown}", named)
        return []

    if len(opened) >= MAX_FILES:
        refuse(mistakes, f"this scenario extends more than {MAX_FILES} files; put them together in fewer", named)
        return []
    opened.append(path)
    try:
        document = read_document(source)
    except Mistakes as error:
        mistakes += [Mistake(m.message, m.place or named) for m in error.mistakes]
        return []

    layer = read_layer(document, path, mistakes, home)
    inherited: list[Layer] = []
    for parent, place in layer.parents:
        if not any("extends more than" in mistake.message for mistake in mistakes):
            inherited += _file_layers(
                _source_from(path, parent, place, home), mistakes, {**below, here: path}, opened, home
            )
    return [*inherited, layer]


def _source_from(path: str, other: str, place: Place, home: str) -> Source:
    """Return a file by its path from the file that names it, as the scenario's folder sees it."""
    file = file_from(path, other)
    file = f"./{file}" if file == STANDARD_INPUT else file  # only the command line names standard input
    shown = file.is_open_from(home) if isinstance(file, Committed) else "\0" not in file and is_open(file, home)
    return Source(file, not shown, place)


def read_layer(document: Document, path: str, mistakes: list[Mistake], home: str = "") -> Layer:
    """Return the content of a file's mapping, noting its mistakes."""
    layer = Layer("file", shown_name(path))
    seen: dict[str, Place] = {}
    for key, node in document.entries.items():
        place = document.keys[key]
        if key in SECTIONS:
            refusal = f"`{key}` is a section; write its assumptions below it, indented"
            for name, entry, entry_place in _entries(node, place, refusal, mistakes):
                _read_name(layer, name, entry, entry_place, seen, mistakes, section=key)
        elif key in _MAPPINGS:
            _MAPPINGS[key](layer, node, place, mistakes)
        elif key in RESERVED:
            _read_reserved(layer, path, key, node, place, mistakes, home)
        else:
            _read_name(layer, key, node, place, seen, mistakes)
    return layer


def _entries(node: Node, place: Place, refusal: str, mistakes: list[Mistake]) -> Iterator[tuple[str, Node, Place]]:
    """Yield each name of a mapping with its node and its place; refuse what is neither a mapping nor nothing."""
    if isinstance(node, Document):
        yield from ((name, entry, node.keys[name]) for name, entry in node.entries.items())
    elif not (isinstance(node, Scalar) and node.null):
        refuse(mistakes, refusal, place)


def _read_reserved(
    layer: Layer, path: str, key: str, node: Node, place: Place, mistakes: list[Mistake], home: str
) -> None:
    if key in RULES:
        wanted, form = RULES[key]
        if isinstance(node, wanted):
            layer.rules[key] = node
        else:
            refuse(mistakes, f"`{key}` is {form}", place)
        return

    files = key in ("extends", "catalogue")
    nodes = node.items if isinstance(node, Listing) and files else [node]
    texts = [(entry.text, entry.place) for entry in nodes if isinstance(entry, Scalar) and entry.text]
    if len(texts) != len(nodes):
        takes = "the name of a file, or a list of them" if files else "one text"
        refuse(mistakes, f"`{key}` takes {takes}", place)
    elif key == "extends":
        layer.parents = texts
    elif key == "catalogue":
        layer.catalogues = [_source_from(path, text, place, home) for text, place in texts]
    elif key == "as_of" and not is_date(texts[0][0]):
        refuse(mistakes, not_a_date(texts[0][0]), texts[0][1])
    else:
        layer.about[key] = texts[0][0]
        if key == "abstract":
            _is_true(key, *texts[0], mistakes)


def _read_pins(layer: Layer, node: Node, place: Place, mistakes: list[Mistake]) -> None:
    refusal = "`pins` holds figures; write each below it, indented, as `video_size: 1.4 MB`"
    for name, entry, entry_place in _entries(node, place, refusal, mistakes):
        if reason := _why_not_pinned(layer, name):
            refuse(mistakes, reason, entry_place)
            continue
        at, pin = _without_at(name, entry, mistakes)
        if written := _texts_of(name, pin, entry_place, mistakes):
            written.at = at
            layer.pins[name] = written


def _read_prices(layer: Layer, node: Node, place: Place, mistakes: list[Mistake]) -> None:
    """Read what GPUs cost: each its price on demand, or a mapping of terms to prices."""
    refusal = f"`{OWN_PRICES}` holds GPUs; write each below it, indented, as `h100-sxm: 2.10 USD`"
    for gpu, prices, gpu_place in _entries(node, place, refusal, mistakes):
        if isinstance(prices, Scalar) and prices.null:
            layer.prices |= {(gpu, name): Written(None, gpu_place) for name in TERMS.values()}
            continue
        terms = {ON_DEMAND: (prices, gpu_place)}
        if isinstance(prices, Document) and not {*VALUE_KEYS} & prices.entries.keys():
            terms = {term: (price, prices.keys[term]) for term, price in prices.entries.items()}
        for term, (price, term_place) in terms.items():
            name = _price_of_term(term, term_place, mistakes)
            if name and (written := _texts_of(name, price, term_place, mistakes)):
                layer.prices[gpu, name] = written


def _price_of_term(term: str, place: Place, mistakes: list[Mistake]) -> str:
    """Return the assumption that a term of `prices` is; refuse a word that is no term."""
    if term not in TERMS:
        refuse(mistakes, f"{quote(term)} is not a term of `{OWN_PRICES}`; there are {', '.join(TERMS)}", place)
    return TERMS.get(term, "")


def _without_at(name: str, node: Node, mistakes: list[Mistake]) -> tuple[dict[str, Scalar], Node]:
    """Return what a pin says that it was measured at, and the pin without that."""
    if not isinstance(node, Document) or AT not in node.entries:
        return {}, node
    at = node.entries[AT]
    rest = {key: entry for key, entry in node.entries.items() if key != AT}
    pin = node._replace(entries=rest, keys={key: place for key, place in node.keys.items() if key != AT})
    known = measured_at(name)
    if not known:
        message = f"`{name}` is a decision, not a measurement: leave `{AT}` out"
        refuse(mistakes, message, node.keys[AT])
        return {}, pin
    if not isinstance(at, Document):
        message = f"`{AT}` says what a pin was measured at; write `{AT}: {{{known[-1]}: ...}}`"
        refuse(mistakes, message, node.keys[AT])
        return {}, pin
    for key, place in at.keys.items():
        if key not in known:
            more = nearest(key, known) or f"; it is measured at {', '.join(known)}"
            refuse(mistakes, f"`{name}` is not measured at {quote(key)}{more}", place)
    conditions = {key: entry for key, entry in at.entries.items() if key in known}
    return fields(
        at._replace(entries=conditions, keys={key: at.keys[key] for key in conditions}), known, AT, mistakes
    ), pin


def _read_parts(layer: Layer, node: Node, place: Place, mistakes: list[Mistake], home: str) -> None:
    """Read the parts of a mix or the stages of a clip, each a layer over its plan or part."""
    refusal = f"`{home}` holds {HOMES[home].what}s; write each below it, indented, as {HOMES[home].example}"
    for name, entry, entry_place in _entries(node, place, refusal, mistakes):
        layer.inner[home][name] = _read_part(layer, home, name, entry, entry_place, mistakes)


def _read_part(layer: Layer, home: str, name: str, node: Node, place: Place, mistakes: list[Mistake]) -> LayerPart:
    part = LayerPart(layer, place, home, gone=isinstance(node, Scalar) and node.null)
    seen = dict[str, Place]()
    about = HOMES[home]
    if not PART_NAME.fullmatch(name):
        called = about.flag.partition(".")[0]
        refuse(
            mistakes, f"{quote(name)} cannot name a {about.what}; use letters, digits and _, such as `{called}`", place
        )
    for key, entry, entry_place in _entries(
        node, place, f"a {about.what} is a mapping; write {about.example}", mistakes
    ):
        if key == PINS:
            _read_pins(part, entry, entry_place, mistakes)
        elif key == SHARE and home == MIX:
            part.share = _texts_of(SHARE, entry, entry_place, mistakes)
        elif key == STAGES and home == MIX:
            _read_parts(part, entry, entry_place, mistakes, STAGES)
        elif key == DECODED and home == STAGES:
            part.decoded = _is_true(DECODED, entry.text if isinstance(entry, Scalar) else "", entry.place, mistakes)
        elif reason := not_set(key, home):
            refuse(mistakes, reason, entry_place)
        else:
            _read_name(part, key, entry, entry_place, seen, mistakes)
    return part


# Keys whose content is a mapping of names, and what reads it.
_MAPPINGS: dict[str, Callable[[Layer, Node, Place, list[Mistake]], None]] = {
    PINS: _read_pins,
    OWN_PRICES: _read_prices,
    MIX: partial(_read_parts, home=MIX),
    STAGES: partial(_read_parts, home=STAGES),
}


def _is_true(name: str, text: str, place: Place, mistakes: list[Mistake]) -> bool:
    """Return what is true or false; refuse what is neither."""
    if text not in ("true", "false"):
        instead = f"; not {quote(text)}" if text else ""
        refuse(mistakes, f"`{name}` is true or false{instead}", place)
    return text == "true"


def _read_name(
    layer: Layer,
    name: str,
    node: Node,
    place: Place,
    seen: dict[str, Place],
    mistakes: list[Mistake],
    section: str = "",
) -> None:
    """Read one assumption, choice or shorthand of a file."""
    home = section_of(name)
    if not home or (section and home != section):  # hints take time, so mistakes that are not shown have none
        refuse(mistakes, misplaced(name, section, hint=len(mistakes) < MOST_SHOWN), place)
    elif name in seen:
        refuse(mistakes, f"`{name}` is given twice; the first is on line {seen[name].line}", place)
    elif written := _texts_of(name, node, place, mistakes):
        seen[name] = place
        _table(layer, name)[name] = written


def _table(layer: Layer, name: str) -> _Table:
    if name in CHOICES:
        return layer.choices
    return layer.shorthands if name in SHORTHANDS else layer.numbers


def _texts_of(name: str, node: Node, place: Place, mistakes: list[Mistake]) -> Written | None:
    """Return a node's texts and notes for a name, or nothing if its form is wrong."""
    if isinstance(node, Scalar):
        text = None if node.null else node.text
        return Written(text, node.place if node.text else place)
    if isinstance(node, Listing):
        return _texts_of_list(name, node, mistakes)
    return _texts_of_mapping(name, node, place, mistakes)


def _texts_of_mapping(name: str, node: Document, place: Place, mistakes: list[Mistake]) -> Written | None:
    """Return the texts and notes of a mapping: a value, or the ends of a range."""
    listed = node.entries.get("value")
    if isinstance(listed, Listing):
        node = node._replace(entries={**node.entries, "value": Scalar("", listed.place)})
    parts = fields(node, (*VALUE_KEYS, *NOTE_KEYS), "a value", mistakes)
    given = {key for key in VALUE_KEYS if key in parts}
    notes = {key: parts[key].text for key in NOTE_KEYS if key in parts}
    dates = [parts[key] for key in ("as_of", "expires") if key in notes and not is_date(notes[key])]
    mistakes += [Mistake(not_a_date(date.text), date.place) for date in dates]

    if given == {"value"}:
        if isinstance(listed, Listing):
            return _texts_of_list(name, listed, mistakes, notes)
        scalar = parts["value"]
        return Written(None if scalar.null else scalar.text, scalar.place, notes)
    if given > {"value"}:
        refuse(mistakes, f"`{name}` has both a `value` and a range; keep one of them", place)
    elif given and kind_of(name) in (CHOICE, SHORTHAND):
        refuse(mistakes, f"`{name}` takes one value, not a range", place)
    elif given in ({"low", "high"}, {"low", "mid", "high"}):
        return Written({key: parts[key].text for key in VALUE_KEYS if key in given}, place, notes)
    elif len(parts) == len(node.entries):
        refuse(mistakes, f"`{name}` needs a `value`, or `low` and `high` (and, if known, `mid`)", place)
    return None


def _texts_of_list(
    name: str, node: Listing, mistakes: list[Mistake], notes: dict[str, str] | None = None
) -> Written | None:
    """Return the texts of a list, or nothing if the name takes none."""
    if name not in SHORTHANDS or name == "resolution":
        refuse(mistakes, f"`{name}` takes one value, not a list", node.place)
        return None
    nested = [entry.place for entry in node.items if not isinstance(entry, Scalar)]
    mistakes += [Mistake(f"`{name}` takes a list of numbers; this part of it is none", inner) for inner in nested]
    return Written([entry.text for entry in node.items if isinstance(entry, Scalar)], node.place, notes)


def flag_layer(sets: Iterable[str], pins: Iterable[str], mistakes: list[Mistake], below: Layer | None = None) -> Layer:
    """Return the layer of the flags, those of one `below` among them.

    Of two flags that name the same thing, the later one counts.
    """
    layer = below.copy() if below else Layer("flag", "the command line")
    for option, text in (*(("set", text) for text in sets), *(("pin", text) for text in pins)):
        name, equals, setting = text.partition("=")
        if not name.strip().startswith(f"{OWN_PRICES}."):  # a GPU has its own spelling
            name = name_in(name)
        name, pin, typed = name.strip(), option == "pin", f"--{option} {text}"
        if not equals:
            form = "figure=value" if pin else "name=value"
            refuse(mistakes, f"{quote(text)} has no `=`; write it as {form}", Place(typed))
            continue
        if section_of(name) and not pin:
            typed = f"{flag_of(name)} {setting.strip()}".rstrip()
        _lay_flag(layer, name, setting, Place(typed), mistakes, pin=pin)
    return layer


# The pattern of a part's or a stage's own name.
_OWN = rf"(?:{MIX}\.{PART_NAME.pattern}\.)?(?:{STAGES}\.{PART_NAME.pattern}\.)?[^.]*"


def _lay_flag(layer: Layer, name: str, entry: str | float, place: Place, mistakes: list[Mistake], *, pin: bool) -> None:
    """Take what a flag sets or pins of a plan, part or stage; a number is in base units."""
    if is_own(name) and not re.fullmatch(_OWN, name):
        home = MIX if is_of_a_part(name) else STAGES
        what = HOMES[home].what
        message = (
            f"names nothing of a {what}; "
            f"write it as `{home}.{what.upper()}.NAME=VALUE`, such as `{home}.{HOMES[home].flag}`"
        )
        refuse(mistakes, f"{quote(name)} {message}", place)
        return
    if name.startswith(f"{OWN_PRICES}.") and not pin:
        _lay_price(layer, name, entry, place, mistakes)
        return
    *path, own = name.split(".") if is_own(name) else [name]
    for home, called in zip(path[::2], path[1::2], strict=True):
        layer = layer.inner[home].setdefault(called, LayerPart(layer, place, home))
    if reason := _why_not_set(layer, name, own, pin=pin):
        refuse(mistakes, reason, place)
    elif isinstance(layer, LayerPart) and own == DECODED:
        layer.decoded = _is_true(DECODED, str(entry).strip(), place, mistakes)
    elif isinstance(layer, LayerPart) and own == SHARE:
        layer.share = _flag_value(own, entry, place)
    else:
        (layer.pins if pin else _table(layer, own))[own] = _flag_value(own, entry, place)


def _lay_price(layer: Layer, name: str, amount: str | float, place: Place, mistakes: list[Mistake]) -> None:
    """Take a flag's price of a GPU: `prices.h100-sxm`, or `prices.h100-sxm.spot`."""
    _prices, gpu, *term = name.split(".")
    if not gpu:
        refuse(mistakes, f"a GPU is missing; write it as `{OWN_PRICES}.h100-sxm=2.10 USD`", place)
    elif price := _price_of_term(".".join(term) or ON_DEMAND, place, mistakes):
        layer.prices[gpu, price] = _flag_value(price, amount, place)


def _why_not_set(layer: Layer, name: str, own: str, *, pin: bool) -> str:
    """Return why a flag can't set or pin a name of a layer; nothing if it can."""
    if pin:
        reason = _why_not_pinned(layer, own)
        return reason.replace(flag_of(own), f"--set {name}=VALUE") if is_own(name) else reason
    if not isinstance(layer, LayerPart):
        return "" if section_of(own) else misplaced(own, "", flag=True)
    about = HOMES[layer.home]
    if own == about.own:
        return ""
    return not_set(own, layer.home).replace(f"under `pins` of the {about.what}", f"with `--pin {name}`")


def set_number(layer: Layer, name: str, number: float, mistakes: list[Mistake]) -> None:
    """Set an assumption, also a part's or a stage's, to a number in base units, as its flag would.

    Pin a figure to the number.
    """
    pin = name in FIGURES
    place = f"--pin {name}={number!r}" if pin else flagged(name, assumption(name).show(number))
    _lay_flag(layer, name, number, Place(place), mistakes, pin=pin)


def _why_not_pinned(layer: Layer, name: str) -> str:
    """Return why a layer can't pin a name; nothing if it can."""
    if name in FIGURES:
        if not isinstance(layer, LayerPart) or word_of(name, layer.home):
            return ""
        return f"`{name}` applies to {HOMES[layer.home].whole}; pin it {HOMES[layer.home].outside}"
    if not name:
        return "a figure is missing before the `=`; `t2v-cap list figures` shows them all"
    return not_a_figure(name, "a pin is", f"set it in `{section_of(name)}` or with `{flag_of(name)}`")


def _flag_value(name: str, setting: str | float, place: Place) -> Written:
    if not isinstance(setting, str):
        return Written(setting, place)
    text = setting.strip()
    if name in SHORTHANDS and name != "resolution" and "," in text:
        return Written([part.strip() for part in text.strip("[]").split(",")], place)
    return Written(None if text in ("null", "~") else text, place)


def read_values(layer: Layer, mistakes: list[Mistake]) -> None:
    """Read every value of a layer that is not read yet, noting those that its field refuses.

    Read a value that a later layer replaces too.
    """
    for section in SECTIONS:
        numbers = {name: written for name, written in layer.numbers.items() if ASSUMPTIONS[name].section == section}
        _read_section(section, numbers, mistakes)
    for (_gpu, name), written in layer.prices.items():
        _read_section("cost", {name: written}, mistakes)
    for name, written in layer.pins.items():
        _read_value(name, written, partial(read_pin, name), mistakes)
    for name, written in layer.shorthands.items():
        parts = SHORTHANDS[name][1]
        message = f"`{name}` stands for {enumeration(parts)}; keep it or"
        mistakes += [Mistake(f"{message} `{part}`, not both", written.place) for part in parts if part in layer.numbers]
    for part in (part for parts in layer.inner.values() for part in parts.values()):
        read_values(part, mistakes)
        if part.share:
            _read_value(SHARE, part.share, _one_share, mistakes)


def _read_section(section: str, numbers: Mapping[str, Written], mistakes: list[Mistake]) -> None:
    """Let a section's model read the numbers that are not read yet."""
    given = {name: written for name, written in numbers.items() if _is_due(written)}
    if not given:
        return
    try:
        values = SECTIONS[section].model_validate({name: written.value for name, written in given.items()})
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False):
            name = str(error["loc"][0])
            refuse(mistakes, _refusal(name, error["ctx"]["error"]), given[name].place)
    else:
        for name, written in given.items():
            written.read = getattr(values, name)


def _read_value(name: str, written: Written, read: Callable[[object], float | Range], mistakes: list[Mistake]) -> None:
    """Read a pin or a share that is not read yet, or note why it is refused."""
    if not _is_due(written):
        return
    try:
        written.read = read(written.value)
    except QuantityError as error:
        refuse(mistakes, _refusal(name, error), written.place)


def _is_due(written: Written) -> bool:
    return written.value is not None and written.read is None


def _refusal(name: str, error: QuantityError) -> str:
    """Return why a value of a name is refused, with the name once."""
    reason = error.message.replace("--over NAME=", f"--over {name}=")
    return reason if reason.startswith(f"`{name}`") else f"`{name}`: {reason}"


def _one_share(text: object) -> float | Range:
    """Return the share of a part, which is one number. Raise QuantityError if it is none."""
    if isinstance(text, dict) or (isinstance(text, str) and parse_range(text)):
        raise QuantityError(
            f"`{SHARE}` takes one value; `t2v-cap sweep --over {MIX}.PART.{SHARE}=10%..50%` tries several"
        )
    return assumption(SHARE).read(text)
