"""A YAML file and the flags as layers: their content as texts with places, checked but not merged."""

import re
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from functools import partial
from itertools import islice
from os.path import normpath, realpath
from typing import Self, TypeVar

from t2v_capacity.assumptions import SECTIONS
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
from t2v_capacity.assumptions.quantities import QuantityError, Range, is_date, not_a_date
from t2v_capacity.errors import (
    MOST_SHOWN,
    Mistake,
    Mistakes,
    Place,
    collected,
    enumeration,
    gathered,
    quote,
    refuse,
)
from t2v_capacity.files.document import (
    STANDARD_INPUT,
    Document,
    Listing,
    Node,
    Scalar,
    fields,
    file_from,
    read_document,
    read_each,
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
MAX_FILES = 50  # of one scenario


# A layer's content for a name: texts, a number in base units, or nothing if it removes the name.
Value = str | float | dict[str, str] | list[str] | None


# Plain classes: making a dataclass takes a thousandth of a second of every start.
class Written:
    """A value as a layer writes it: texts, or a number in base units.

    Once it is read, it also has what an assumption or a pin means by it.
    """

    __slots__ = ("at", "notes", "owner", "place", "read", "value")

    def __init__(self, value: Value, place: Place) -> None:
        """Take what was written, and where."""
        self.value, self.place = value, place
        self.notes: dict[str, str] = {}
        self.read: float | Range | None = None
        self.at: dict[str, Scalar] = {}  # of a pin: what it was measured at
        self.owner = "", ""  # of a price: the GPU and the provider in force where it was written


_Table = dict[str, Written]
_Record = TypeVar("_Record")


def copied(record: _Record) -> _Record:
    """Return a record whose tables and lists can be changed apart from the first one's."""
    other = copy(record)
    vars(other).update({name: own.copy() for name, own in vars(record).items() if isinstance(own, (dict, list))})
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
        self.document: Document | None = None  # of a file
        # What flags set and pin, by the whole names, such as mix.hd.steps.
        self.named: dict[str, Value] = {}
        self.named_pins: dict[str, Value] = {}

    def copy(self) -> Self:
        """Return the same content, to write flags over it."""
        other = copied(self)
        other.inner = {home: {name: part.copy() for name, part in parts.items()} for home, parts in self.inner.items()}
        return other


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


def file_layers(path: str, mistakes: list[Mistake]) -> list[Layer]:
    """Return the layers of a file: those of the files it extends, then its own."""
    source, home = source_of(path), _home(path)
    return _file_layers(source, mistakes, {}, [], home)


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
        circle = (*list(below.values())[list(below).index(here) :], path)
        refuse(mistakes, f"`extends` goes in a circle: {' extends '.join(map(normpath, circle))}", named)
        return []

    if here in opened:  # a file that two others extend lies below both, once
        return []
    opened.append(here)
    if len(opened) > MAX_FILES:
        message = f"this scenario extends more than {MAX_FILES} files; put them together in fewer"
        raise Mistakes([*mistakes, Mistake(message, named)])
    try:
        document = read_document(source)
    except Mistakes as error:
        mistakes += [Mistake(m.message, m.place or named) for m in error.mistakes]
        return []

    layer = read_layer(document, path, mistakes, home)
    below = {**below, here: path}
    parents = [_source_from(path, home, *parent) for parent in layer.parents]
    inherited = (inner for parent in parents for inner in _file_layers(parent, mistakes, below, opened, home))
    return [*inherited, layer]


def _source_from(path: str, home: str, other: str, place: Place) -> Source:
    """Return a file by its path from the file that names it, as the scenario's folder sees it."""
    file = file_from(path, other)
    file = f"./{file}" if file == STANDARD_INPUT else file  # only the command line names standard input
    shown = file.is_open_from(home) if isinstance(file, Committed) else "\0" not in file and is_open(file, home)
    return Source(file, not shown, place)


def read_layer(document: Document, path: str, mistakes: list[Mistake], home: str = "") -> Layer:
    """Return the content of a file's mapping, noting its mistakes."""
    layer = Layer("file", shown_name(path))
    layer.document = document
    with collected(mistakes):
        read_each(document, document.place, "", partial(_read_key, layer, partial(_source_from, path, home), {}))
    return layer


def _read_key(
    layer: Layer,
    source_named: Callable[[str, Place], Source],
    seen: dict[str, Place],
    key: str,
    node: Node,
    place: Place,
) -> None:
    """Read a key at the top level of a file."""
    if key in SECTIONS:
        refusal = f"`{key}` is a section; write its assumptions below it, indented"
        read_each(node, place, refusal, partial(_read_name, layer, seen, section=key))
    elif key in _MAPPINGS:
        _MAPPINGS[key](layer, node, place)
    elif key in RULES:
        wanted, form = RULES[key]
        if not isinstance(node, wanted):
            raise Mistakes(f"`{key}` is {form}", place)
        layer.rules[key] = node
    elif key in RESERVED:
        _read_reserved(layer, source_named, key, node, place)
    else:
        _read_name(layer, seen, key, node, place)


def _read_reserved(
    layer: Layer, source_named: Callable[[str, Place], Source], key: str, node: Node, place: Place
) -> None:
    files = key in ("extends", "catalogue")
    nodes = node.items if isinstance(node, Listing) and files else [node]
    texts = [(entry.text, entry.place) for entry in nodes if isinstance(entry, Scalar) and entry.text]
    if len(texts) != len(nodes):
        takes = "the name of a file, or a list of them" if files else "one text"
        raise Mistakes(f"`{key}` takes {takes}", place)
    if key == "extends":
        layer.parents = texts
    elif key == "catalogue":
        layer.catalogues = [source_named(*text) for text in texts]
    elif key == "as_of" and not is_date(texts[0][0]):
        raise Mistakes(not_a_date(texts[0][0]), texts[0][1])
    else:
        layer.about[key] = texts[0][0]
        if key == "abstract":
            _is_true(key, *texts[0])


def _read_pins(layer: Layer, node: Node, place: Place) -> None:
    refusal = "`pins` holds figures; write each below it, indented, as `video_size: 1.4 MB`"
    read_each(node, place, refusal, partial(_read_pin, layer))


def _read_pin(layer: Layer, name: str, node: Node, place: Place) -> None:
    if reason := _why_not_pinned(layer, name):
        raise Mistakes(reason, place)
    layer.pins[name] = written_of(name, node, place)


def _read_prices(layer: Layer, node: Node, place: Place) -> None:
    refusal = f"`{OWN_PRICES}` holds GPUs; write each below it, indented, as `h100-sxm: 2.10 USD`"
    read_each(node, place, refusal, partial(_read_prices_of_gpu, layer))


def _read_prices_of_gpu(layer: Layer, gpu: str, node: Node, place: Place) -> None:
    """Read what a GPU costs: its price on demand, or a mapping of terms to prices."""
    read = partial(_read_price, layer, gpu)
    if isinstance(node, Scalar) and node.null:
        layer.prices |= {(gpu, name): Written(None, place) for name in TERMS.values()}
    elif isinstance(node, Document) and not {*VALUE_KEYS} & node.entries.keys():
        read_each(node, place, "", read)
    else:
        read(ON_DEMAND, node, place)


def _read_price(layer: Layer, gpu: str, term: str, node: Node, place: Place) -> None:
    name = _price_of_term(term, place)
    layer.prices[gpu, name] = written_of(name, node, place)


def _price_of_term(term: str, place: Place) -> str:
    """Return the assumption that a term of `prices` is. Raise Mistakes if the word is no term."""
    if term not in TERMS:
        raise Mistakes(f"{quote(term)} is not a term of `{OWN_PRICES}`; there are {', '.join(TERMS)}", place)
    return TERMS[term]


def _read_parts(layer: Layer, node: Node, place: Place, home: str) -> None:
    """Read the parts of a mix or the stages of a clip, each a layer over its plan or part."""
    refusal = f"`{home}` holds {HOMES[home].what}s; write each below it, indented, as {HOMES[home].example}"
    read_each(node, place, refusal, partial(_read_part, layer, home))


def _read_part(layer: Layer, home: str, name: str, node: Node, place: Place) -> None:
    about = HOMES[home]
    part = LayerPart(layer, place, home, gone=isinstance(node, Scalar) and node.null)
    layer.inner[home][name] = part
    with gathered() as mistakes:
        if not PART_NAME.fullmatch(name):
            called = about.flag.partition(".")[0]
            message = f"cannot name a {about.what}; use letters, digits and _, such as `{called}`"
            refuse(mistakes, f"{quote(name)} {message}", place)
        with collected(mistakes):
            refusal = f"a {about.what} is a mapping; write {about.example}"
            read_each(node, place, refusal, partial(_read_of_a_part, part, {}))


def _read_of_a_part(part: LayerPart, seen: dict[str, Place], key: str, node: Node, place: Place) -> None:
    if key == PINS:
        _read_pins(part, node, place)
    elif key == SHARE and part.home == MIX:
        part.share = written_of(SHARE, node, place)
    elif key == STAGES and part.home == MIX:
        _read_parts(part, node, place, STAGES)
    elif key == DECODED and part.home == STAGES:
        part.decoded = _is_true(DECODED, node.text if isinstance(node, Scalar) else "", node.place)
    elif reason := not_set(key, part.home):
        raise Mistakes(reason, place)
    else:
        _read_name(part, seen, key, node, place)


# Keys whose content is a mapping of names, and what reads it.
_MAPPINGS: dict[str, Callable[[Layer, Node, Place], None]] = {
    PINS: _read_pins,
    OWN_PRICES: _read_prices,
    MIX: partial(_read_parts, home=MIX),
    STAGES: partial(_read_parts, home=STAGES),
}


def _is_true(name: str, text: str, place: Place) -> bool:
    """Return what is true or false. Raise Mistakes if it is neither."""
    if text not in ("true", "false"):
        instead = f"; not {quote(text)}" if text else ""
        raise Mistakes(f"`{name}` is true or false{instead}", place)
    return text == "true"


def _read_name(layer: Layer, seen: dict[str, Place], name: str, node: Node, place: Place, section: str = "") -> None:
    """Read one assumption, choice or shorthand of a file; `seen` are the names before it."""
    home, first = section_of(name), seen.get(name)
    seen[name] = place
    if not home or (section and home != section):
        # Hints take time, so that mistakes which are not shown have none.
        beyond = islice((other for other in seen if not section_of(other)), MOST_SHOWN, None)
        raise Mistakes(misplaced(name, section, hint=next(beyond, None) is None), place)
    if first:
        raise Mistakes(f"`{name}` is given twice; the first is on line {first.line}", place)
    _table(layer, name)[name] = written_of(name, node, place)


def _table(layer: Layer, name: str) -> _Table:
    if name in CHOICES:
        return layer.choices
    return layer.shorthands if name in SHORTHANDS else layer.numbers


def written_of(name: str, node: Node, place: Place) -> Written:
    """Return a node's texts and notes for a name. Raise Mistakes if its form is wrong."""
    if isinstance(node, Document):
        return _texts_of_mapping(name, node, place)
    if isinstance(node, Scalar):
        return Written(None if node.null else node.text, node.place if node.text else place)
    if name not in SHORTHANDS or name == "resolution":
        raise Mistakes(f"`{name}` takes one value, not a list", node.place)
    with gathered() as mistakes:
        nested = [entry.place for entry in node.items if not isinstance(entry, Scalar)]
        mistakes += [Mistake(f"`{name}` takes a list of numbers; this part of it is none", inner) for inner in nested]
    return Written([entry.text for entry in node.items if isinstance(entry, Scalar)], node.place)


def _texts_of_mapping(name: str, node: Document, place: Place) -> Written:
    """Return the texts and notes of a mapping: a value, or the ends of a range; of a pin what it was measured at."""
    other_forms = (AT,) if name in FIGURES else ()
    if isinstance(node.entries.get("value"), Listing):
        other_forms = ("value",)
    with gathered() as mistakes:
        texts = fields(node, (*VALUE_KEYS, *NOTE_KEYS), "a value", mistakes, other_forms)
        given = {key for key in VALUE_KEYS if key in node.entries}
        notes = {key: texts[key].text for key in NOTE_KEYS if key in texts}
        dates = [texts[key] for key in ("as_of", "expires") if key in notes and not is_date(notes[key])]
        mistakes += [Mistake(not_a_date(date.text), date.place) for date in dates]
        if given > {"value"}:
            refuse(mistakes, f"`{name}` has both a `value` and a range; keep one of them", place)
        elif given - {"value"} and kind_of(name) in (CHOICE, SHORTHAND):
            refuse(mistakes, f"`{name}` takes one value, not a range", place)
        elif given not in ({"value"}, {"low", "high"}, {"low", "mid", "high"}) and not mistakes:
            refuse(mistakes, f"`{name}` needs a `value`, or `low` and `high` (and, if known, `mid`)", place)

    if given == {"value"}:
        written = written_of(name, node.entries["value"], place)
    else:
        written = Written({key: texts[key].text for key in VALUE_KEYS if key in given}, place)
    written.notes = notes
    if AT in node.entries:
        written.at = _conditions(name, node.entries[AT], node.keys[AT])
    return written


def _conditions(pin: str, node: Node, place: Place) -> dict[str, Scalar]:
    """Return what a pin says that it was measured at. Raise Mistakes if it was not measured, or not at that."""
    known = measured_at(pin)
    if not known:
        raise Mistakes(f"`{pin}` is a decision, not a measurement: leave `{AT}` out", place)
    if not isinstance(node, Document):
        raise Mistakes(f"`{AT}` says what a pin was measured at; write `{AT}: {{{known[-1]}: ...}}`", place)
    with gathered() as mistakes:
        return fields(node, known, f"`{AT}` of `{pin}`", mistakes)


def flag_layer(sets: Iterable[str], pins: Iterable[str], mistakes: list[Mistake], below: Layer | None = None) -> Layer:
    """Return the layer of the flags, those of one `below` among them.

    Of two flags that name the same thing, the later one counts.
    """
    layer = below.copy() if below else Layer("flag", "the command line")
    for option, text in (*(("set", text) for text in sets), *(("pin", text) for text in pins)):
        with collected(mistakes):
            _lay_text(layer, option, text)
    return layer


def _lay_text(layer: Layer, option: str, text: str) -> None:
    """Take the text of a flag, such as `dau=200e6`."""
    name, equals, setting = text.partition("=")
    if not name.strip().startswith(f"{OWN_PRICES}."):  # a GPU has its own spelling
        name = name_in(name)
    name, pin, typed = name.strip(), option == "pin", f"--{option} {text}"
    if not equals:
        form = "figure=value" if pin else "name=value"
        raise Mistakes(f"{quote(text)} has no `=`; write it as {form}", Place(typed))
    if section_of(name) and not pin:
        typed = f"{flag_of(name)} {setting.strip()}".rstrip()
    _lay_flag(layer, name, setting, Place(typed), pin=pin)


# The pattern of a part's or a stage's own name.
_OWN = rf"(?:{MIX}\.{PART_NAME.pattern}\.)?(?:{STAGES}\.{PART_NAME.pattern}\.)?[^.]*"


def _lay_flag(layer: Layer, name: str, entry: str | float, place: Place, *, pin: bool) -> None:
    """Take what a flag sets or pins of a plan, part or stage; a number is in base units."""
    typed, written = layer.named_pins if pin else layer.named, _flag_value(name, entry, place)
    typed[name] = written.value
    if is_own(name) and not re.fullmatch(_OWN, name):
        home = MIX if is_of_a_part(name) else STAGES
        what = HOMES[home].what
        message = (
            f"names nothing of a {what}; "
            f"write it as `{home}.{what.upper()}.NAME=VALUE`, such as `{home}.{HOMES[home].flag}`"
        )
        raise Mistakes(f"{quote(name)} {message}", place)
    if name.startswith(f"{OWN_PRICES}.") and not pin:
        _lay_price(layer, name, written, place)
        return
    *path, own = name.split(".") if is_own(name) else [name]
    for home, called in zip(path[::2], path[1::2], strict=True):
        layer = layer.inner[home].setdefault(called, LayerPart(layer, place, home))
    if reason := _why_not_set(layer, name, own, pin=pin):
        raise Mistakes(reason, place)
    if isinstance(layer, LayerPart) and own == DECODED:
        layer.decoded = _is_true(DECODED, str(entry).strip(), place)
    elif isinstance(layer, LayerPart) and own == SHARE:
        layer.share = written
    else:
        (layer.pins if pin else _table(layer, own))[own] = written


def _lay_price(layer: Layer, name: str, price: Written, place: Place) -> None:
    """Take a flag's price of a GPU: `prices.h100-sxm`, or `prices.h100-sxm.spot`."""
    _prices, gpu, *term = name.split(".")
    if not gpu:
        raise Mistakes(f"a GPU is missing; write it as `{OWN_PRICES}.h100-sxm=2.10 USD`", place)
    layer.prices[gpu, _price_of_term(".".join(term) or ON_DEMAND, place)] = price


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


def set_number(layer: Layer, name: str, number: float) -> None:
    """Set an assumption, also a part's or a stage's, to a number in base units, as its flag would.

    Pin a figure to the number. Raise Mistakes if it can't be set.
    """
    pin = name in FIGURES
    place = f"--pin {name}={number!r}" if pin else flagged(name, assumption(name).show(number))
    _lay_flag(layer, name, number, Place(place), pin=pin)


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
    prices = ((name, written) for (_gpu, name), written in layer.prices.items())
    for name, written in (*layer.numbers.items(), *prices, *layer.pins.items()):
        read_value(name, written, mistakes)
    for name, written in layer.shorthands.items():
        parts = SHORTHANDS[name][1]
        message = f"`{name}` stands for {enumeration(parts)}; keep it or"
        mistakes += [Mistake(f"{message} `{part}`, not both", written.place) for part in parts if part in layer.numbers]
    for part in (part for parts in layer.inner.values() for part in parts.values()):
        read_values(part, mistakes)
        if part.share:
            read_value(SHARE, part.share, mistakes)


def read_value(name: str, written: Written, mistakes: list[Mistake]) -> None:
    """Read a value that is not read yet, or note why it is refused, with its name once."""
    if written.value is None or written.read is not None:
        return
    try:
        written.read = _meaning(name, written.value)
    except QuantityError as error:
        reason = error.message.replace("--over NAME=", f"--over {name}=")
        refuse(mistakes, reason if reason.startswith(f"`{name}`") else f"`{name}`: {reason}", written.place)


def _meaning(name: str, written: object) -> float | Range:
    """Return what is written of a pin, an assumption or a part's share, which is one number. Raise QuantityError."""
    if name in FIGURES:
        return read_pin(name, written)
    meaning = assumption(name).read(written)
    if name == SHARE and isinstance(meaning, Range):
        raise QuantityError(
            f"`{SHARE}` takes one value; `t2v-cap sweep --over {MIX}.PART.{SHARE}=10%..50%` tries several"
        )
    return meaning
