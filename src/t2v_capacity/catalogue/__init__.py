"""Facts as data: models, GPUs, precisions, resolutions; and what a choice of one supplies to the assumptions.

Every entry is read by the same strict reader as a scenario, and only the files that a choice needs are opened.
A user's own catalogue file has the same form; its entries add to these or override them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.document import Listing, Node, Scalar, read_document
from t2v_capacity.document import Mapping as Document
from t2v_capacity.errors import Mistake, Place, UserError, nearest
from t2v_capacity.quantities import QuantityError, digits

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Choice:
    """A word in a scenario that stands for numbers."""

    section: str
    name: str
    label: str
    default: str
    kind: str  # the catalogue file that its options are in


CHOICES: dict[str, Choice] = {
    choice.name: choice
    for choice in (
        Choice("architecture", "model", "Model; supplies the architecture, size, frame rate, frames, steps", "mochi-1-preview", "models"),
        Choice("generation", "precision", "Number format of the stored weights", "bf16", "precisions"),
        Choice("generation", "compute_precision", "Number format of the linear layers' arithmetic", "bf16", "precisions"),
        Choice("serving", "gpu", "GPU; supplies its peaks, memory and power", "h100-sxm", "gpus"),
    )
}
# A word or a list that stands for several assumptions, and those it stands for.
SHORTHANDS: dict[str, tuple[str, tuple[str, ...]]] = {"resolution": ("video", ("width", "height"))}

# Per kind: keys that describe an entry, beside those that are assumptions.
_ABOUT = {"label", "aliases", "source", "note", "extends"}
_ABOUT_KIND = {
    "models": {"developer", "licence", "frames"},
    "gpus": {"vendor", "generation"},
    "precisions": set[str](),
    "resolutions": set[str](),
}
_SUPPLIED = {
    "models": ("model_params", "text_encoder_params", "width", "height", "fps", "steps"),
    "gpus": (),
    "precisions": ("bytes_per_parameter",),
    "resolutions": ("width", "height", "bitrate"),
}
_BY_PRECISION = {"gpus": ("peak_flops",)}


@dataclass(frozen=True, slots=True)
class Fact:
    """A value as it is written in a catalogue, and where it comes from."""

    text: str
    source: str
    place: Place
    note: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One model, GPU, precision or resolution: what describes it, and its facts by assumption."""

    id: str
    place: Place
    about: dict[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    facts: dict[str, Fact] = field(default_factory=dict)
    by_precision: dict[str, dict[str, Fact]] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The name that a person knows it by."""
        return self.about.get("label", self.id)


class Catalogue:
    """The package's entries with a user's over them; a file is opened when a kind is first asked for."""

    def __init__(self, overlays: tuple[str, ...] = ()) -> None:
        """Read the users' files; raise UserError with all of their mistakes."""
        self._kinds: dict[str, dict[str, Entry]] = {}
        self._overlays: list[tuple[str, Document]] = []
        mistakes: list[Mistake] = []
        for path in overlays:
            document = read_document(path)
            self._overlays.append((path, document))
            for key, place in document.keys.items():
                if key not in {"sources", *_SUPPLIED}:
                    near = nearest(key, _SUPPLIED) or f"; a catalogue has sources, {', '.join(_SUPPLIED)}"
                    mistakes.append(Mistake(f"`{key}` is not a part of a catalogue{near}", place))
        if mistakes:
            raise UserError(mistakes)
        for _path, document in self._overlays:
            for kind in document.entries:
                if kind in _SUPPLIED:
                    self.entries(kind)

    def entries(self, kind: str) -> dict[str, Entry]:
        """Return the entries of a kind by their id.

        >>> sorted(Catalogue().entries("precisions"))[:3]
        ['bf16', 'fp16', 'fp32']
        """
        if kind not in self._kinds:
            entries = _Reading(kind, read_document(str(HERE / f"{kind}.yaml")), {}, own=True).entries
            for _path, document in self._overlays:
                entries = _Reading(kind, document, entries, own=False).entries
            self._kinds[kind] = entries
        return self._kinds[kind]

    def find(self, kind: str, name: str) -> Entry:
        """Return an entry by its id or an alias; raise UserError with the nearest name where there is none."""
        entries = self.entries(kind)
        wanted = name.strip().lower()
        for entry in entries.values():
            if wanted == entry.id or wanted in entry.aliases:
                return entry
        known = [known for entry in entries.values() for known in (entry.id, *entry.aliases)]
        near = nearest(wanted, [k.replace("-", "_") for k in known]).replace("_", "-")
        more = near or f"; known are {', '.join(entries)}" if len(entries) <= 12 else near or f"; `t2v-cap list {kind}` shows them"  # noqa: PLR2004
        raise UserError(f"`{name}` is not one of the {kind} that are known{more}")

    def supplied(self, choice: str, chosen: Mapping[str, str]) -> dict[str, tuple[Fact, str]]:
        """Return what a choice supplies, given the other choices: assumption -> (fact, entry's id)."""
        kind = CHOICES[choice].kind
        if choice == "compute_precision":
            return self._at_precision(chosen)
        entry = self.find(kind, chosen[choice])
        facts = {name: (fact, entry.id) for name, fact in entry.facts.items()}
        return facts | (self._at_precision(chosen) if choice == "gpu" else {})

    def _at_precision(self, chosen: Mapping[str, str]) -> dict[str, tuple[Fact, str]]:
        gpu = self.find("gpus", chosen["gpu"])
        precision = self.find("precisions", chosen["compute_precision"]).id
        facts = {}
        for name, at in gpu.by_precision.items():
            if precision not in at:
                raise UserError(f"`{gpu.id}` has no {precision} peak; it has {', '.join(at)}")
            facts[name] = (at[precision], gpu.id)
        return facts

    def bitrate(self, pixels: float) -> tuple[Fact, str]:
        """Return the bitrate for a frame size: that of the smallest named resolution that is not smaller."""
        entries = sorted(self.entries("resolutions").values(), key=_pixels)
        entry = next((e for e in entries if _pixels(e) >= pixels), entries[-1])
        return entry.facts["bitrate"], entry.id


def _pixels(entry: Entry) -> float:
    return float(entry.facts["width"].text) * float(entry.facts["height"].text)


class _Reading:
    """Reads one kind of one file over the entries that are already there."""

    def __init__(self, kind: str, document: Document, entries: Mapping[str, Entry], *, own: bool) -> None:
        self.kind = kind
        self.own = own
        self.entries = dict(entries)
        self.mistakes: list[Mistake] = []
        self.sources = dict(self._sources(document.entries.get("sources")))
        table = document.entries.get(kind)
        if isinstance(table, Document):
            for name, node in table.entries.items():
                self._entry(name, node, table.keys[name])
        elif table is not None:
            self._refuse(f"`{kind}` must be a mapping of names to entries", table.place)
        if self.mistakes:
            raise UserError(self.mistakes)

    def _refuse(self, message: str, place: Place) -> None:
        self.mistakes.append(Mistake(message, place))

    def _sources(self, table: Node | None) -> Iterator[tuple[str, str]]:
        if isinstance(table, Document):
            for name, source in table.entries.items():
                if not isinstance(source, Document) or "title" not in source.entries:
                    self._refuse(f"source `{name}` needs at least a title", table.keys[name])
                    continue
                parts = {key: node.text for key, node in source.entries.items() if isinstance(node, Scalar)}
                dated = parts.get("published") or f"read {parts.get('accessed', '')}"
                yield name, ", ".join(filter(None, (parts["title"], parts.get("url"), dated)))
        elif table is not None:
            self._refuse("`sources` must be a mapping of names to sources", table.place)

    def _entry(self, name: str, node: Node, place: Place) -> None:
        if not isinstance(node, Document):
            self._refuse(f"`{name}` must be a mapping of facts", place)
            return
        texts = {key: value.text for key, value in node.entries.items() if isinstance(value, Scalar)}
        base = self.entries.get(texts.get("extends", name))
        if "extends" in texts and base is None:
            self._refuse(f"`{texts['extends']}` is not a known entry of {self.kind}{nearest(texts['extends'], self.entries)}", place)
        entry = replace(base, id=name, place=place, aliases=base.aliases if base.id == name else ()) if base else Entry(name, place)
        about = {key: text for key, text in texts.items() if key in _ABOUT | _ABOUT_KIND[self.kind]}
        entry = replace(entry, about=entry.about | about, facts=dict(entry.facts), by_precision=dict(entry.by_precision))
        default_source = self.sources.get(about.get("source", ""), about.get("source", place.file))
        for key, value in node.entries.items():
            entry = self._fact(entry, key, value, node.keys[key], default_source)
        if self.kind == "models" and "frames" in entry.about and "fps" in entry.facts:
            entry.facts["duration"] = self._duration(entry, node)
        missing = [
            f"`{n}`" for n in (*_SUPPLIED[self.kind], *_BY_PRECISION.get(self.kind, ())) if n not in {**entry.facts, **entry.by_precision}
        ]
        if missing:
            self._refuse(f"`{name}` lacks {', '.join(missing)}; add them, or `extends:` an entry that has them", place)
        self.entries[name] = entry

    def _duration(self, entry: Entry, node: Document) -> Fact:
        frames, fps = entry.about["frames"], entry.facts["fps"]
        try:
            seconds = float(frames.replace("_", "")) / float(fps.text)
        except ValueError:
            self._refuse(f"`frames` is `{frames}`; write a whole number", node.place)
            seconds = 1.0
        return replace(fps, text=f"{seconds!r} s", note=f"{frames} frames at {digits(float(fps.text))} a second" if seconds != 1.0 else "")

    def _fact(self, entry: Entry, key: str, node: Node, place: Place, source: str) -> Entry:
        if key == "aliases":
            names = [item.text for item in node.items if isinstance(item, Scalar)] if isinstance(node, Listing) else []
            return replace(entry, aliases=(*entry.aliases, *names))
        if key in _ABOUT | _ABOUT_KIND[self.kind]:
            return entry
        if key in _BY_PRECISION.get(self.kind, ()) and isinstance(node, Document):
            at = {p: fact for p, n in node.entries.items() if (fact := self._read(key, n, node.keys[p], source))}
            entry.by_precision[key] = entry.by_precision.get(key, {}) | at
        elif key in _SUPPLIED[self.kind]:
            if fact := self._read(key, node, place, source):
                entry.facts[key] = fact
        elif not self.own:
            known = (*_SUPPLIED[self.kind], *_BY_PRECISION.get(self.kind, ()), *_ABOUT, *_ABOUT_KIND[self.kind])
            self._refuse(f"`{key}` is not a fact of {self.kind}{nearest(key, known)}", place)
        return entry

    def _read(self, name: str, node: Node, place: Place, source: str) -> Fact | None:
        note = ""
        if isinstance(node, Document):
            parts = {key: value for key, value in node.entries.items() if isinstance(value, Scalar)}
            if "value" not in parts or set(node.entries) - {"value", "source", "note"}:
                self._refuse(f"`{name}` is a value, or a mapping of value, source and note", place)
                return None
            source = self.sources.get(parts["source"].text, parts["source"].text) if "source" in parts else source
            note = parts["note"].text if "note" in parts else ""
            node = parts["value"]
        if not isinstance(node, Scalar):
            self._refuse(f"`{name}` must be one value", place)
            return None
        if not self.own:  # the package's own entries are read in its tests, not at every start
            try:
                ASSUMPTIONS[name].read(node.text)
            except QuantityError as error:
                self._refuse(f"`{name}`: {error.message}", node.place)
        return Fact(node.text, source, node.place, note)
