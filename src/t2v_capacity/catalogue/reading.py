"""Read catalogue entries strictly from a file's tree."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from typing import NamedTuple

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import LISTS
from t2v_capacity.assumptions.quantities import QuantityError, Range, digits
from t2v_capacity.errors import Place, gathered, nearest, quote, refuse
from t2v_capacity.files.document import Document, Listing, Node, Scalar, fields

# A measured speed-up as an assumption.
# Denoising speeds up with the share of steps skipped, and a decode with the work saved.
DERIVED: dict[str, Callable[[float], float]] = {
    "cached_step_share": lambda speedup: 1 - 1 / speedup,
    "decoder_work_share": lambda speedup: 1 / speedup,
}
# The text of an unknown GPU price; figures computed from it have no value either.
UNKNOWN = "unknown"


class Fact(NamedTuple):
    """A value as it is written in a catalogue, and where it comes from."""

    text: str
    source: str
    note: str = ""
    dated: str = ""  # when the source was published, or read where it says nothing of that

    def read(self, name: str) -> float | Range:
        """Return its value as an assumption, in base units: nan if it is unknown.

        >>> Fact("3.99", "a price list").read("gpu_price"), Fact(UNKNOWN, "no list price").read("gpu_price")
        (3.99, nan)
        """
        return _value(name, self.text)


@cache
def _value(name: str, text: str) -> float | Range:
    """Return the value of a text, read once for all scenarios."""
    return math.nan if text == UNKNOWN else ASSUMPTIONS[name].read(text)


class EntryKind(NamedTuple):
    """The facts of the entries of one kind: about themselves, of assumptions, and of assumptions at each precision."""

    file: str
    facts: tuple[str, ...]
    at_precision: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()  # of `about`: an entry must say these, or take them from the one that it extends


class Entry(NamedTuple):
    """One model, GPU, kernel or option: what describes it, and its facts by assumption."""

    id: str
    about: Mapping[str, str] = {}
    aliases: tuple[str, ...] = ()
    facts: Mapping[str, Fact] = {}
    at_precision: Mapping[str, Mapping[str, Fact]] = {}
    changed: frozenset[str] = frozenset()  # what users' files say of it; of an entry of their own, all
    private: bool = False  # whether it stands in a file of which nothing may be quoted

    @property
    def label(self) -> str:
        """The name that a person knows it by."""
        return self.about.get("label", self.id)


# Stands in the title of a source for the number of an entry's runs.
ROWS = "{rows}"
# Facts that an entry does not inherit from the one that it extends: runs are of one GPU.
_EARNED = ("evidence", "rows", "error", "ways", "timed")
_COUNT = re.compile("[1-9][0-9_]{0,8}")  # of frames
_ABOUT = ("label", "aliases", "source", "note", "extends")


_Cited = tuple[str, str]  # how a source is cited, and its date


class Reading:
    """Reads the entries of one kind from one file, over those that are already there."""

    def __init__(self, name: str, kind: EntryKind, document: Document, known: Mapping[str, Entry]) -> None:
        """Read the document. Raise Mistakes with every mistake."""
        self.name, self.kind = name, kind
        self.about = (*_ABOUT, *kind.about)
        self.entries = dict(known)
        table = document.entries.get(name)
        with gathered() as self.mistakes:
            self.sources = dict(self._sources(document.entries.get("sources")))
            if isinstance(table, Document):
                for key, node in table.entries.items():
                    self._entry(key, node, table.keys[key])
            elif table is not None:
                self._refuse(f"`{name}` must be a mapping of names to entries", table.place)

    def _refuse(self, message: str, place: Place) -> None:
        refuse(self.mistakes, message, place)

    def _sources(self, table: Node | None) -> Iterator[tuple[str, _Cited]]:
        """Yield each source's name, how it is cited, and its date."""
        if isinstance(table, Document):
            for name, source in table.entries.items():
                if not isinstance(source, Document) or "title" not in source.entries:
                    self._refuse(f"source `{name}` needs at least a title", table.keys[name])
                    continue
                parts = {key: node.text for key, node in source.entries.items() if isinstance(node, Scalar)}
                dated = parts.get("published") or (f"read {parts['accessed']}" if "accessed" in parts else "")
                cited = ", ".join(filter(None, (parts["title"], parts.get("url"), dated)))
                yield name, (cited, parts.get("published", parts.get("accessed", "")))
        elif table is not None:
            self._refuse("`sources` must be a mapping of names to sources", table.place)

    def _entry(self, name: str, node: Node, place: Place) -> None:
        if not isinstance(node, Document):
            self._refuse(f"`{name}` must be a mapping of facts", place)
            return
        texts = {key: text for key, fact in node.entries.items() if (text := _text(fact)) is not None}
        parent = texts.get("extends", name)
        base = self.entries.get(parent, Entry(name))
        if "extends" in texts and parent not in self.entries:
            self._refuse(
                f"`{parent}` is not among the known {self.name}{nearest(parent, quotable(self.entries))}", place
            )
            return
        about = {key: text for key, text in texts.items() if key in self.about}
        unlisted = about.get("source", place.file), about.get("date", "")
        cited, dated = self.sources.get(about.get("source", ""), unlisted)
        source = cited.replace(ROWS, about.get("rows", "")), dated
        facts, at = dict(base.facts), {key: dict(table) for key, table in base.at_precision.items()}
        for key, fact in node.entries.items():
            self._read_key(key, fact, node.keys[key], source, facts, at)

        own_aliases = base.aliases if base.id == name else ()
        aliases = (*own_aliases, *_texts_in(node.entries.get("aliases")))
        inherited = {key: text for key, text in base.about.items() if base.id == name or key not in _EARNED}
        changed = base.changed | node.entries.keys()
        entry = Entry(name, {**inherited, **about}, aliases, facts, at, changed, place.private)
        if "frames" in entry.about and "fps" in facts:
            at_frames = node.entries.get("frames", node).place
            facts["duration"] = self._duration(entry.about["frames"], facts["fps"], at_frames)
        if "speedup" in about:
            self._derive(about["speedup"], node, source, facts)
        self._refuse_missing(entry, place)
        self.entries[name] = entry

    def _refuse_missing(self, entry: Entry, place: Place) -> None:
        """Refuse an entry that lacks a fact, or what it needs to say of itself."""
        known = {*entry.facts, *entry.at_precision, *entry.about, *self.kind.optional}
        needed = (*self.kind.facts, *self.kind.at_precision, *self.kind.needed)
        missing = [f"`{name}`" for name in needed if name not in known]
        if missing:
            them = "it" if len(missing) == 1 else "them"
            fix = f"; add {them}, or `extends:` an entry that has {them}"
            self._refuse(f"`{entry.id}` lacks {', '.join(missing)}{fix}", place)

    def _check_about(self, key: str, node: Node, place: Place) -> None:
        """Refuse what an entry says of itself in another form than a text, or a list of texts where that is asked."""
        if key != "aliases":
            if _text(node) is None:
                self._refuse(f"`{key}` is one text, not a list or a mapping", place)
        elif not (isinstance(node, Listing) and all(isinstance(alias, Scalar) for alias in node.items)):
            self._refuse("`aliases` is a list of names, such as [h100, hopper]", place)

    def _derive(self, speedup: str, node: Document, source: _Cited, facts: dict[str, Fact]) -> None:
        """Take the share that a measured speed-up asks for, where the entry doesn't write it.

        Refuse a speed-up that is no factor.
        """
        try:
            measured = factor(speedup)
        except (ValueError, ArithmeticError):
            self._refuse(
                f"`speedup` is {quote(speedup)}; write a factor, such as 1.8 or 55/27", node.entries["speedup"].place
            )
            return
        cited, dated = source
        for name in DERIVED.keys() & set(self.kind.facts) - set(node.entries):
            facts[name] = Fact(repr(DERIVED[name](measured)), cited, f"from the measured speed-up of {speedup}", dated)
            try:
                facts[name].read(name)
            except QuantityError:
                low, high = (ASSUMPTIONS[name].show(end) for end in (ASSUMPTIONS[name].low, ASSUMPTIONS[name].high))
                at = node.entries["speedup"].place
                self._refuse(f"`speedup` is {quote(speedup)}; its `{name}` is outside {low} to {high}", at)

    def _duration(self, frames: str, fps: Fact, place: Place) -> Fact:
        """Return the seconds that a number of frames lasts. Refuse a number that is no count.

        A wrong frame rate is refused at its own place.
        """
        if not _COUNT.fullmatch(frames):
            self._refuse(f"`frames` is {quote(frames)}; write a whole number of at least 1", place)
            return fps
        try:
            rate = ASSUMPTIONS["fps"].read(fps.text)
        except QuantityError:
            return fps
        assert isinstance(rate, float)
        return fps._replace(text=f"{int(frames) / rate!r} s", note=f"{frames} frames at {digits(rate)} a second")

    def _read_key(
        self, key: str, node: Node, place: Place, source: _Cited, facts: dict[str, Fact], at: dict[str, dict[str, Fact]]
    ) -> None:
        if key in self.about:
            self._check_about(key, node, place)
        elif key in LISTS and LISTS[key][0] in self.kind.facts:
            sizes = node.items if isinstance(node, Listing) else []
            if len(sizes) != len(LISTS[key]):
                self._refuse(f"`{key}` is a list of {len(LISTS[key])}: frames, height, width", place)
            facts |= {
                name: fact
                for name, size in zip(LISTS[key], sizes, strict=False)
                if (fact := self._fact(name, size, place, source))
            }
        elif key in self.kind.at_precision:
            self._read_precisions(key, node, place, source, at)
        elif key in self.kind.facts:
            if fact := self._fact(key, node, place, source):
                facts[key] = fact
        else:
            known = (*self.kind.facts, *self.kind.at_precision, *self.about, *LISTS)
            self._refuse(f"`{key}` is not a fact of {self.name}{nearest(key, known)}", place)

    def _read_precisions(
        self, key: str, node: Node, place: Place, source: _Cited, at: dict[str, dict[str, Fact]]
    ) -> None:
        if not isinstance(node, Document):
            self._refuse(f"`{key}` is a mapping of precisions to values, such as bf16: ...", place)
            return
        for precision, number in node.entries.items():
            if fact := self._fact(key, number, node.keys[precision], source):
                at.setdefault(key, {})[precision] = fact

    def _fact(self, name: str, node: Node, place: Place, source: _Cited) -> Fact | None:
        cited, dated, note = *source, ""
        if isinstance(node, Document):
            known = fields(node, ("value", "source", "as_of", "note"), "a fact", self.mistakes)
            texts = {key: scalar.text for key, scalar in known.items()}
            if "value" not in texts:
                if len(texts) == len(node.entries):
                    self._refuse(f"`{name}` is a value, or a mapping of value, source, as_of and note", place)
                return None
            if "source" in texts:
                cited, dated = self.sources.get(texts["source"], (texts["source"], ""))
            dated, note = texts.get("as_of", dated), texts.get("note", "")
            node = node.entries["value"]
        if not isinstance(node, Scalar):
            self._refuse(f"`{name}` must be one value", place)
            return None
        unpriced = (self.name, name, node.text) == ("gpus", "gpu_price", UNKNOWN)
        if not unpriced:
            try:
                ASSUMPTIONS[name].read(node.text)
            except QuantityError as error:
                self._refuse(f"`{name}`: {error.message}", node.place)
        return Fact(node.text, cited, note, dated)


def factor(text: str) -> float:
    """Return a speed-up factor, given as one number or as two measured ones. Raise ValueError below 1.

    >>> factor("1.8"), factor("55/27")
    (1.8, 2.037037037037037)
    """
    slow, over, fast = text.partition("/")
    speedup = float(slow) / (float(fast) if over else 1)
    if not 1 <= speedup < math.inf:
        raise ValueError(text)
    return speedup


def quotable(entries: Mapping[str, Entry]) -> list[str]:
    """Return the ids of entries that a message may suggest."""
    return [name for name, entry in entries.items() if not entry.private]


def _text(fact: Node) -> str | None:
    """Return the text of a fact's value, whether it stands alone or with its source."""
    scalar = fact.entries.get("value") if isinstance(fact, Document) else fact
    return scalar.text if isinstance(scalar, Scalar) else None


def _texts_in(node: Node | None) -> tuple[str, ...]:
    """Return the texts of a list; nothing where it is none."""
    return tuple(text.text for text in node.items if isinstance(text, Scalar)) if isinstance(node, Listing) else ()


def read_date(text: str) -> date | None:
    """Return the day that a catalogue's date names, the first of its month or year where it says no more.

    >>> read_date("2026-11"), read_date("last week")
    (datetime.date(2026, 11, 1), None)
    """
    if not re.fullmatch(r"\d{4}(-\d\d){0,2}", text, re.ASCII):
        return None
    try:
        return date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError:
        return None
