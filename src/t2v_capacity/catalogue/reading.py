"""Read catalogue entries strictly from a file's tree."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache, partial
from typing import NamedTuple

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import LISTS
from t2v_capacity.assumptions.quantities import Range, digits, not_a_date
from t2v_capacity.errors import Mistakes, Place, collected, gathered, nearest, placed, quote
from t2v_capacity.files.document import Document, Listing, Node, Scalar, fields, read_each

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

    def point(self, name: str) -> float:
        """Return the same, of a range its median.

        >>> Fact("2 to 8 USD", "an offer").point("gpu_price")
        4.0
        """
        amount = self.read(name)
        return ASSUMPTIONS[name].median(amount) if isinstance(amount, Range) else amount


@cache
def _value(name: str, text: str) -> float | Range:
    """Return the value of a text, read once for all scenarios."""
    return math.nan if text == UNKNOWN else ASSUMPTIONS[name].read(text)


class EntryKind(NamedTuple):
    """The facts of the entries of one kind: about themselves, of assumptions, and of assumptions at each precision."""

    file: str
    required: Sequence[str] = ()
    optional: Sequence[str] = ()
    at_precision: Sequence[str] = ()
    about: Sequence[str] = ()
    needed: Sequence[str] = ()  # of `about`: an entry must say these, or take them from the one that it extends
    forms: Mapping[str, tuple[str, str]] = {}  # of `about`: a pattern, and what to write

    @property
    def facts(self) -> list[str]:
        """The assumptions of which an entry has one value, at every precision."""
        return [*self.required, *(name for name in self.optional if name not in self.at_precision)]


class Entry(NamedTuple):
    """One model, GPU, kernel or option: what describes it, and its facts by assumption."""

    id: str
    about: Mapping[str, str]
    aliases: tuple[str, ...]
    facts: dict[str, Fact]
    at_precision: dict[str, dict[str, Fact]]
    changed: frozenset[str] = frozenset()  # what users' files say of it; of an entry of their own, all
    private: bool = False  # whether it stands in a file of which nothing may be quoted

    @property
    def label(self) -> str:
        """The name that a person knows it by."""
        return self.about.get("label", self.id)


# Stands in the title of a source for the number of an entry's runs.
ROWS = "{rows}"
# Facts that an entry does not inherit from the one that it extends: its name, and runs of one GPU. A fine-tune runs
# where its base does, but an architecture of its own has neither the base's weights nor its engines.
_EARNED = ("label", "evidence", "rows", "error", "ways", "timed", "timed_as")
_ARCHITECTURE, _BY_ARCHITECTURE = {"model_params", "layers", "hidden_size", "heads"}, ("repository", "engines")
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
        self.sources: dict[str, _Cited] = {}
        with gathered() as mistakes:
            for key, what, read in (("sources", "sources", self._read_source), (name, "entries", self._read_entry)):
                if key in document.entries:
                    with collected(mistakes):
                        refusal = f"`{key}` must be a mapping of names to {what}"
                        read_each(document.entries[key], document.entries[key].place, refusal, read)

    def _read_source(self, name: str, source: Node, place: Place) -> None:
        """Read how a source is cited, and its date."""
        if not isinstance(source, Document) or "title" not in source.entries:
            raise Mistakes(f"source `{name}` needs at least a title", place)
        parts = {key: node.text for key, node in source.entries.items() if isinstance(node, Scalar)}
        dated = parts.get("published") or (f"read {parts['accessed']}" if "accessed" in parts else "")
        cited = ", ".join(filter(None, (parts["title"], parts.get("url"), dated)))
        self.sources[name] = cited, parts.get("published", parts.get("accessed", ""))

    def _read_entry(self, name: str, node: Node, place: Place) -> None:
        if not isinstance(node, Document):
            raise Mistakes(f"`{name}` must be a mapping of facts", place)
        texts = {key: text for key, fact in node.entries.items() if (text := _text(fact)) is not None}
        parent = texts.get("extends", name)
        base = self.entries.get(parent, Entry(name, {}, (), {}, {}))
        if "extends" in texts and parent not in self.entries:
            near = nearest(parent, quotable(self.entries))
            raise Mistakes(f"`{parent}` is not among the known {self.name}{near}", place)
        about = {key: text for key, text in texts.items() if key in self.about}
        unlisted = about.get("source", place.file), about.get("date", "")
        cited, dated = self.sources.get(about.get("source", ""), unlisted)
        source = cited.replace(ROWS, about.get("rows", "")), dated

        aliases = list(base.aliases if base.id == name else ())
        if isinstance(listed := node.entries.get("aliases"), Listing):
            aliases += [alias.text for alias in listed.items if isinstance(alias, Scalar)]
        earned = _EARNED if _ARCHITECTURE.isdisjoint(node.entries) else _EARNED + _BY_ARCHITECTURE
        inherited = {key: text for key, text in base.about.items() if base.id == name or key not in earned}
        changed = base.changed | node.entries.keys()
        at = {key: dict(table) for key, table in base.at_precision.items()}
        entry = Entry(name, {**inherited, **about}, tuple(aliases), dict(base.facts), at, changed, place.private)
        self.entries[name] = entry
        with gathered() as mistakes:
            with collected(mistakes):
                read_each(node, place, "", partial(self._read_key, entry, source))
            with collected(mistakes):
                self._derive(entry, node, source)
            if not mistakes:
                self._refuse_missing(entry, place)

    def _refuse_missing(self, entry: Entry, place: Place) -> None:
        """Refuse an entry that lacks a fact, or what it needs to say of itself."""
        known = {*entry.facts, *entry.at_precision, *entry.about, *self.kind.optional}
        needed = (*self.kind.facts, *self.kind.at_precision, *self.kind.needed)
        missing = [f"`{name}`" for name in needed if name not in known]
        if missing:
            them = "it" if len(missing) == 1 else "them"
            fix = f"; add {them}, or `extends:` an entry that has {them}"
            raise Mistakes(f"`{entry.id}` lacks {', '.join(missing)}{fix}", place)

    def _derive(self, entry: Entry, node: Document, source: _Cited) -> None:
        """Take what follows from a number of frames, and from a measured speed-up.

        Raise Mistakes if the first is no count, or the other is no factor.
        """
        if "frames" in entry.about and "fps" in entry.facts:
            at_frames = node.entries.get("frames", node).place
            entry.facts["duration"] = _duration(entry.about["frames"], entry.facts["fps"], at_frames)
        if "speedup" not in node.entries or "speedup" not in entry.about:
            return
        speedup, at = entry.about["speedup"], node.entries["speedup"].place
        try:
            measured = factor(speedup)
        except (ValueError, ArithmeticError):
            raise Mistakes(f"`speedup` is {quote(speedup)}; write a factor, such as 1.8 or 55/27", at) from None
        for name in DERIVED.keys() & set(self.kind.facts) - set(node.entries):
            known, number, (cited, dated) = ASSUMPTIONS[name], DERIVED[name](measured), source
            if not known.low <= number <= known.high:
                raise Mistakes(f"`speedup` is {quote(speedup)}; its `{name}` must be {known.bounds()}", at)
            entry.facts[name] = Fact(repr(number), cited, f"from the measured speed-up of {speedup}", dated)

    def _read_key(self, entry: Entry, source: _Cited, key: str, node: Node, place: Place) -> None:
        if key in self.about:
            _check_about(key, node, place, self.kind.forms)
        elif key in LISTS and LISTS[key][0] in self.kind.facts:
            sizes = node.items if isinstance(node, Listing) else []
            if len(sizes) != len(LISTS[key]):
                raise Mistakes(f"`{key}` is a list of {len(LISTS[key])}: frames, height, width", place)
            with gathered() as mistakes:
                for name, size in zip(LISTS[key], sizes, strict=True):
                    with collected(mistakes):
                        entry.facts[name] = self._fact(name, size, place, source)
        elif key in self.kind.at_precision:
            refusal = f"`{key}` is a mapping of precisions to values, such as bf16: ..."
            read_each(node, place, refusal, partial(self._read_precision, entry, key, source))
        elif key in self.kind.facts:
            entry.facts[key] = self._fact(key, node, place, source)
        else:
            known = (*self.kind.facts, *self.kind.at_precision, *self.about, *LISTS)
            raise Mistakes(f"`{key}` is not a fact of {self.name}{nearest(key, known)}", place)

    def _read_precision(self, entry: Entry, key: str, source: _Cited, precision: str, node: Node, place: Place) -> None:
        entry.at_precision.setdefault(key, {})[precision] = self._fact(key, node, place, source)

    def _fact(self, name: str, node: Node, place: Place, source: _Cited) -> Fact:
        """Return a fact of an assumption. Raise Mistakes if it has another form, or is out of bounds."""
        cited, dated, note = *source, ""
        if isinstance(node, Document):
            with gathered() as mistakes:
                known = fields(node, ("value", "source", "as_of", "note"), "a fact", mistakes)
            texts = {key: scalar.text for key, scalar in known.items()}
            if "value" not in texts:
                raise Mistakes(f"`{name}` is a value, or a mapping of value, source, as_of and note", place)
            if "source" in texts:
                cited, dated = self.sources.get(texts["source"], (texts["source"], ""))
            dated, note = texts.get("as_of", dated), texts.get("note", "")
            node = known["value"]
        if not isinstance(node, Scalar):
            raise Mistakes(f"`{name}` must be one value", place)
        if (self.name, name, node.text) != ("gpus", "gpu_price", UNKNOWN):
            with placed(node.place, f"`{name}`: "):
                ASSUMPTIONS[name].read(node.text)
        return Fact(node.text, cited, note, dated)


def _check_about(key: str, node: Node, place: Place, forms: Mapping[str, tuple[str, str]]) -> None:
    """Raise Mistakes if what an entry says of itself has another form than a text, or than a list of aliases."""
    text = _text(node)
    if key == "aliases":
        if not (isinstance(node, Listing) and all(isinstance(alias, Scalar) for alias in node.items)):
            raise Mistakes("`aliases` is a list of names, such as [h100, hopper]", place)
    elif text is None:
        raise Mistakes(f"`{key}` is one text, not a list or a mapping", place)
    elif key in forms and not re.fullmatch(forms[key][0], text, re.ASCII):
        raise Mistakes(f"`{key}` is {quote(text)}; write {forms[key][1]}", place)
    elif key == "date" and read_date(text) is None:
        raise Mistakes(not_a_date(text), place)


def _duration(frames: str, fps: Fact, place: Place) -> Fact:
    """Return the seconds that a number of frames lasts. Raise Mistakes if it is no count."""
    if not _COUNT.fullmatch(frames):
        raise Mistakes(f"`frames` is {quote(frames)}; write a whole number of at least 1", place)
    rate = fps.point("fps")
    return fps._replace(text=f"{int(frames) / rate!r} s", note=f"{frames} frames at {digits(rate)} a second")


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
