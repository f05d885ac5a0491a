"""A YAML file and flags -> layers -> assumptions, choices and pins, each with where it came from.

Layers, weakest first: defaults, each file of `extends` in order, the file, the flags in order. Within a layer a
choice expands first, then that layer's own numbers replace what it supplied. A later layer's choice replaces
every number that it supplies, hand-written ones of earlier layers too, with a warning.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from t2v_capacity import RELEASED
from t2v_capacity.assumptions import ASSUMPTIONS, SECTIONS
from t2v_capacity.catalogue import CHOICES, SHORTHANDS, Catalogue, Fact
from t2v_capacity.document import STANDARD_INPUT, Listing, Node, Scalar, read_document
from t2v_capacity.document import Mapping as Document
from t2v_capacity.errors import Mistake, Place, UserError, nearest
from t2v_capacity.formulas import FIGURES
from t2v_capacity.quantities import QuantityError, Range, parse, parse_range

RESERVED = ("name", "description", "extends", "catalogue", "as_of", "pins", "gates", "budgets", "waivers")
VALUE_KEYS = ("value", "low", "mid", "high")
NOTE_KEYS = ("source", "as_of", "expires", "note")
# Names of the contract whose figures are not built yet: refused, so that none is accepted and ignored.
NOT_YET: frozenset[str] = frozenset(
    [
        "request_share",
        "rejected_prompt_share",
        "failed_share",
        "rejected_output_share",
        "peak_to_average",
        "deferrable_share",
        "growth_per_month",
        "replication",
        "rendition_factor",
        "retention",
        "service_age",
        "gpus_per_replica",
        "max_utilization",
        "target_wait_probability",
        "arrival_variability",
        "service_variability",
        "target_latency",
        "regions",
        "regions_lost",
        "spare_servers",
        "spare_fraction",
        "provision_time",
        "load_rate",
        "views_per_video",
        "cdn_hit_ratio",
        "gpu_price",
        "reserved_price",
        "reserved_fraction",
        "storage_price",
        "egress_price",
        "price_per_video_second",
        "paid_share",
        "other_cost_per_video",
        "pue",
        "host_power_factor",
        "carbon_intensity",
        "gpu_power",
        "gpu_idle_power",
        "gates",
        "budgets",
        "waivers",
    ]
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from: a default, a catalogue entry, a line of a file, a flag, or a shorthand."""

    kind: str
    place: Place | None = None
    entry: str = ""

    def __str__(self) -> str:
        """Return the origin in words, short enough for a table's cell."""
        if self.kind == "catalogue":
            return f"catalogue, {self.entry}"
        if self.kind == "shorthand" and self.entry:
            return f"resolution, {self.entry}"
        return str(self.place) if self.place else self.kind


@dataclass(frozen=True, slots=True)
class Setting:
    """A value with its origin and what its author noted of it."""

    value: float | Range
    origin: Origin
    source: str = ""
    as_of: str = ""
    expires: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ChoiceSetting:
    """An option that was chosen, and where."""

    value: str
    origin: Origin
    source: str = ""


@dataclass(frozen=True, slots=True)
class PlanWarning:
    """Something a reader of the answer should know: a stable code, the names it is about, and a sentence."""

    code: str
    message: str
    names: tuple[str, ...] = ()
    severity: str = "warning"


@dataclass(frozen=True)
class Scenario:
    """Everything that a plan is computed from."""

    name: str
    file: str
    description: str
    as_of: str
    choices: Mapping[str, ChoiceSetting]
    settings: Mapping[str, Setting]
    pins: Mapping[str, Setting]
    warnings: tuple[PlanWarning, ...] = ()
    catalogue: Catalogue = field(default_factory=Catalogue, repr=False)

    def values(self) -> dict[str, float]:
        """Return one value an assumption and a pin: the median where it is a range."""
        known = {name: point(name, setting.value) for name, setting in self.settings.items()}
        return known | {name: point(name, setting.value) for name, setting in self.pins.items()}


def point(name: str, value: float | Range) -> float:
    """Return the value itself, or a range's median under the family that the assumption's bounds give it."""
    if not isinstance(value, Range):
        return value
    return ASSUMPTIONS[name].median(value) if name in ASSUMPTIONS else value.mid or (value.low * value.high) ** 0.5


@dataclass(slots=True)
class _Written:
    """A value as a layer writes it: texts, not yet read."""

    value: str | dict[str, str] | list[str] | None
    place: Place
    notes: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Layer:
    """What one file, or the flags, say."""

    kind: str  # file or flag
    file: str
    about: dict[str, str] = field(default_factory=dict)
    choices: dict[str, _Written] = field(default_factory=dict)
    shorthands: dict[str, _Written] = field(default_factory=dict)
    numbers: dict[str, _Written] = field(default_factory=dict)
    pins: dict[str, _Written] = field(default_factory=dict)
    catalogues: list[str] = field(default_factory=list)
    parents: list[tuple[str, Place]] = field(default_factory=list)


def load_scenario(
    path: str,
    sets: Iterable[str] = (),
    pins: Iterable[str] = (),
    catalogues: Iterable[str] = (),
    as_of: str | None = None,
) -> Scenario:
    """Return the scenario that a file and flags describe; `sets` and `pins` are texts such as "dau=200e6".

    Raises UserError with all the mistakes of the files and flags at once.

    >>> load_scenario("scenarios/mochi.yaml", sets=["dau=200e6"]).values()["dau"]
    200000000.0
    """
    mistakes: list[Mistake] = []
    layers = [*_file_layers(path, mistakes), _flag_layer(sets, pins, mistakes)]
    for layer in layers:
        _check(layer, mistakes)
    if mistakes:
        raise UserError(mistakes)
    own = [catalogue for layer in layers for catalogue in layer.catalogues]
    return _Merge(layers, Catalogue((*own, *catalogues))).scenario(as_of)


def _file_layers(path: str, mistakes: list[Mistake], below: tuple[str, ...] = (), named: Place | None = None) -> list[_Layer]:
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
    inherited = [one for parent, place in layer.parents for one in _file_layers(_beside(path, parent), mistakes, (*below, here), place)]
    return [*inherited, layer]


def _beside(path: str, other: str) -> str:
    """Return a path that is written relative to the file that names it."""
    return other if path == STANDARD_INPUT else str(Path(path).parent / other)


def _read_layer(document: Document, path: str, mistakes: list[Mistake]) -> _Layer:
    layer = _Layer("file", "<stdin>" if path == STANDARD_INPUT else path)
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


def _read_reserved(layer: _Layer, path: str, key: str, node: Node, place: Place, mistakes: list[Mistake]) -> None:
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
    layer: _Layer, name: str, node: Node, place: Place, seen: dict[str, Place], mistakes: list[Mistake], section: str = ""
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


def _table(layer: _Layer, name: str) -> dict[str, _Written]:
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


def _written(name: str, node: Node, place: Place, mistakes: list[Mistake]) -> _Written | None:
    """Return what a node says of a name: its texts and notes, or nothing where its form is wrong."""
    if isinstance(node, Scalar):
        return _Written(None if node.null else node.text, node.place if node.text else place)
    if isinstance(node, Listing):
        if name not in SHORTHANDS or name == "resolution":
            mistakes.append(Mistake(f"`{name}` takes one value, not a list", node.place))
            return None
        return _Written([item.text for item in node.items if isinstance(item, Scalar)], node.place)
    parts = {key: value for key, value in node.entries.items() if isinstance(value, Scalar)}
    wrong = [key for key in node.entries if key not in (*VALUE_KEYS, *NOTE_KEYS) or key not in parts]
    for key in wrong:
        known = (*VALUE_KEYS, *NOTE_KEYS)
        more = nearest(key, known) or f"; it has {', '.join(known)}"
        said = "must be one value" if key in known else f"is not a part of a value{more}"
        mistakes.append(Mistake(f"`{key}` {said}", node.keys[key]))
    given = {key for key in VALUE_KEYS if key in parts}
    notes = {key: parts[key].text for key in NOTE_KEYS if key in parts}
    for key in ("as_of", "expires"):
        if key in notes and not _is_date(notes[key]):
            mistakes.append(Mistake(f"`{notes[key]}` is not a date; write it as 2026-11-24", parts[key].place))
    if given == {"value"}:
        value = parts["value"]
        return _Written(None if value.null else value.text, value.place, notes)
    if given in ({"low", "high"}, {"low", "mid", "high"}):
        return _Written({key: parts[key].text for key in VALUE_KEYS if key in given}, place, notes)
    if not wrong:
        mistakes.append(Mistake(f"`{name}` needs a `value`, or `low` and `high` (and, if known, `mid`)", place))
    return None


def _flag_layer(sets: Iterable[str], pins: Iterable[str], mistakes: list[Mistake]) -> _Layer:
    """Return the layer of the flags; of two that name the same thing the later one counts."""
    layer = _Layer("flag", "the command line")
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


def _flag_value(name: str, value: str, place: Place) -> _Written:
    text = value.strip()
    if name in SHORTHANDS and text.startswith("["):
        return _Written([part.strip() for part in text.strip("[]").split(",")], place)
    return _Written(None if text in ("null", "~") else text, place)


def _check(layer: _Layer, mistakes: list[Mistake]) -> None:
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
                mistakes.append(Mistake(f"`{name}`: {_reason(error.get('ctx', {}).get('error'))}", layer.numbers[name].place))
    for name, written in layer.pins.items():
        if name not in FIGURES:
            mistakes.append(Mistake(_not_a_figure(name), written.place))
        elif written.value is not None:
            try:
                _read_pin(name, written)
            except QuantityError as error:
                mistakes.append(Mistake(f"`{name}`: {error.message}", written.place))
    for name, written in layer.shorthands.items():
        for part in SHORTHANDS[name][1]:
            if part in layer.numbers:
                message = f"`{name}` stands for {' and '.join(SHORTHANDS[name][1])}, and `{part}` is given too; keep one"
                mistakes.append(Mistake(message, written.place))


def _reason(error: object) -> str:
    return error.message if isinstance(error, QuantityError) else str(error)


def _not_a_figure(name: str) -> str:
    if name in ASSUMPTIONS or name in CHOICES:
        return f"`{name}` is an assumption; set it, a pin is for figures"
    return f"`{name}` is not a figure{nearest(name, FIGURES) or '; `t2v-cap list figures` shows them all'}"


def _read_pin(name: str, written: _Written) -> float | Range:
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


class _Merge:
    """Puts layers over each other, the weakest first."""

    def __init__(self, layers: list[_Layer], catalogue: Catalogue) -> None:
        self.layers = layers
        self.catalogue = catalogue
        self.choices: dict[str, ChoiceSetting] = {name: ChoiceSetting(c.default, Origin("default")) for name, c in CHOICES.items()}
        self.supplied: dict[str, Setting] = {}
        self.written: dict[str, Setting] = {}
        self.pins: dict[str, Setting] = {}
        self.warnings: list[PlanWarning] = []
        self.mistakes: list[Mistake] = []

    def scenario(self, as_of: str | None) -> Scenario:
        for layer in self.layers:
            self._lay(layer)
        if self.mistakes:
            raise UserError(self.mistakes)
        about = {key: text for layer in self.layers for key, text in layer.about.items()}
        file = self.layers[-2].file if len(self.layers) > 1 else ""
        return Scenario(
            name=about.get("name", Path(file).stem if file != "<stdin>" else "scenario"),
            file=file,
            description=about.get("description", ""),
            as_of=about.get("as_of") or as_of or RELEASED,
            choices=self.choices,
            settings=self._settings(),
            pins=self.pins,
            warnings=tuple(self.warnings),
            catalogue=self.catalogue,
        )

    def _settings(self) -> dict[str, Setting]:
        settings = {}
        for name, assumption in ASSUMPTIONS.items():
            default = Setting(assumption.read(assumption.default), Origin("default"), assumption.source)
            settings[name] = self.written.get(name) or self.supplied.get(name) or default
        framed = settings["width"].origin.kind != "default" or settings["height"].origin.kind != "default"
        if framed and settings["bitrate"].origin.kind == "default":
            fact, entry = self.catalogue.bitrate(point("width", settings["width"].value) * point("height", settings["height"].value))
            settings["bitrate"] = self._from(fact, "bitrate", Origin("shorthand", entry=entry))
        return settings

    def _from(self, fact: Fact, name: str, origin: Origin) -> Setting:
        return Setting(ASSUMPTIONS[name].read(fact.text), origin, fact.source, note=fact.note)

    def _lay(self, layer: _Layer) -> None:
        before = dict(self.written)
        for name, written in layer.choices.items():
            option = CHOICES[name].default if written.value is None else str(written.value)
            origin = Origin("default") if written.value is None else Origin(layer.kind, written.place)
            try:
                entry = self.catalogue.find(CHOICES[name].kind, option)
            except UserError as error:
                self.mistakes.append(Mistake(f"`{name}`: {error.mistakes[0].message}", written.place))
                continue
            self.choices[name] = ChoiceSetting(entry.id, origin, written.notes.get("source", ""))
        if self.mistakes:
            return
        for name in layer.choices:
            self._expand(name, layer.choices[name].place, before)
        for name, written in layer.shorthands.items():
            self._shorthand(name, written, layer)
        for name, written in layer.numbers.items():
            if written.value is None:
                self.written.pop(name, None)
            else:
                self.written[name] = Setting(ASSUMPTIONS[name].read(written.value), Origin(layer.kind, written.place), **written.notes)
        for name, written in layer.pins.items():
            if written.value is None:
                self.pins.pop(name, None)
            else:
                self.pins[name] = Setting(_read_pin(name, written), Origin(layer.kind, written.place), **written.notes)

    def _expand(self, choice: str, place: Place, before: Mapping[str, Setting]) -> None:
        chosen = {name: setting.value for name, setting in self.choices.items()}
        try:
            supplied = self.catalogue.supplied(choice, chosen)
        except UserError as error:
            self.mistakes.append(Mistake(f"`{choice}`: {error.mistakes[0].message}", place))
            return
        for name, (fact, entry) in supplied.items():
            self.supplied[name] = self._from(fact, name, Origin("catalogue", fact.place, entry))
        replaced = {name: self.written.pop(name) for name in supplied if name in before and name in self.written}
        if replaced:
            hand = ", ".join(f"`{name}` ({setting.origin.place})" for name, setting in replaced.items())
            message = f"`{choice}: {chosen[choice]}` ({place}) replaces what was set by hand: {hand}"
            self.warnings.append(PlanWarning("override-replaced", message, (choice, *replaced)))

    def _shorthand(self, name: str, written: _Written, layer: _Layer) -> None:
        if written.value is None:
            for part in SHORTHANDS[name][1]:
                self.written.pop(part, None)
            return
        try:
            for part, (text, source, entry) in _parts(name, written.value, self.catalogue):
                value = ASSUMPTIONS[part].read(text)
                notes = {"source": source} | written.notes
                self.written[part] = Setting(value, Origin("shorthand", written.place, entry), **notes)
        except UserError as error:
            self.mistakes.append(Mistake(f"`{name}`: {error.mistakes[0].message}", written.place))


def _parts(name: str, value: object, catalogue: Catalogue) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """Yield what a shorthand stands for: assumption -> (text, source, catalogue entry)."""
    parts = SHORTHANDS[name][1]
    if isinstance(value, str) and (match := re.fullmatch(r"\s*([0-9]+)\s*[xX×]\s*([0-9]+)\s*", value, re.ASCII)):  # noqa: RUF001
        yield from zip(parts, ((text, "", "") for text in match.groups()), strict=True)
    elif isinstance(value, str) and re.fullmatch(r"[0-9]+[pP]|[48][kK]", value.strip()):
        entry = catalogue.find("resolutions", {"4k": "2160p"}.get(value.strip().lower(), value))
        yield from ((part, (entry.facts[part].text, entry.facts[part].source, entry.id)) for part in parts)
    else:
        raise QuantityError(f"`{value}` is not a frame size; write it as 854x480 or 480p")
