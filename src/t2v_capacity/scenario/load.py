"""A YAML file and flags -> layers -> assumptions, choices and pins, each with where it came from.

Layers, weakest first: defaults, each file of `extends` in order, the file, the flags. A file that several extend is one
layer, below them. Within a layer its choices expand first, then its own numbers replace what they supplied. A choice
also replaces the numbers of earlier layers that describe the chosen thing. It warns where they were written by hand.
What is asked of the thing (a frame size, a duration) stays. A choice that is in force already replaces nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from typing import TypeVar

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.architecture import ENCODE_OF_DECODE, ENCODE_SOURCE
from t2v_capacity.assumptions.choices import ACCELERATIONS, CHOICES, SHORTHANDS
from t2v_capacity.assumptions.cost import TERMS
from t2v_capacity.assumptions.generation import FEW_STEPS
from t2v_capacity.assumptions.names import nearest_pinnable
from t2v_capacity.assumptions.parts import DECODED, MIX, STAGES
from t2v_capacity.assumptions.quantities import Range, is_date, not_a_date
from t2v_capacity.catalogue import KINDS, Catalogue, Fact
from t2v_capacity.errors import Mistake, Mistakes, Place, collected, gathered, placed, quote, refuse
from t2v_capacity.files.source import Source
from t2v_capacity.formulas import FIGURES
from t2v_capacity.release import RELEASED
from t2v_capacity.scenario.layers import (
    Layer,
    LayerPart,
    Written,
    copied,
    file_layers,
    flag_layer,
    read_values,
    set_number,
)
from t2v_capacity.scenario.mix import parts_in, shares_of
from t2v_capacity.scenario.settings import WHOLE, ChoiceSetting, Origin, Part, PlanWarning, Scenario, Setting, point
from t2v_capacity.scenario.streams import stream_mistakes

# Demands on a model, and the rent of GPUs: written by hand, they survive a change of either.
OF_A_MODEL = ("width", "height", "fps", "duration")
ASKED = (*OF_A_MODEL, "gpus_per_server")
# These prices are of the GPU and the provider in force at the end of the layer that writes them.
PRICES = tuple(TERMS.values())
# The kernel of the default GPU's generation: `attention_kernel` has no default of its own.
DEFAULT_KERNEL = "fa3"
# Choices whose default counts as it is; the default model and GPU make the others.
_USUAL = [name for name in CHOICES if name not in ("text_attention", "attention_scope", "attention_kernel")]


def load_scenario(
    path: str | None,
    sets: Iterable[str] = (),
    pins: Iterable[str] = (),
    catalogues: Iterable[str] = (),
    as_of: str | None = None,
) -> Scenario:
    """Return the scenario that a file and flags describe, or flags alone.

    `sets` and `pins` are texts such as "dau=200e6". Raise Mistakes with all the mistakes of the files and flags at
    once.

    >>> load_scenario("scenarios/mochi.yaml", sets=["dau=200e6"]).values()["dau"]
    200000000.0
    """
    mistakes: list[Mistake] = []
    layers = [*([] if path is None else file_layers(path, mistakes)), flag_layer(sets, pins, mistakes)]
    if as_of is not None and not is_date(as_of):
        refuse(mistakes, not_a_date(as_of), Place(f"--as-of {as_of}"))
    return merged(layers, mistakes, catalogues, as_of)


def merged(
    layers: list[Layer],
    mistakes: list[Mistake],
    catalogues: Iterable[str | Source] = (),
    as_of: str | None = None,
    catalogue: Catalogue | None = None,
) -> Scenario:
    """Return the scenario that layers make, the weakest first; a ready catalogue stands for those that they name.

    Raises Mistakes with the mistakes that were noted while the layers were read, and with their own.
    """
    if not layers or layers[-1].kind != "flag":
        layers = [*layers, flag_layer((), (), mistakes)]
    misread = bool(mistakes)  # a layer or a name may be missing, without which others would look wrong
    for layer in layers:
        read_values(layer, mistakes)
    if misread:
        raise Mistakes(mistakes)
    files = (*(file for layer in layers for file in layer.catalogues), *catalogues)
    day = next((layer.about["as_of"] for layer in reversed(layers) if "as_of" in layer.about), as_of or RELEASED)
    catalogue = catalogue or (Catalogue(files, day) if files else _package(day))
    below = Merge(catalogue)
    below.mistakes += mistakes
    for layer in layers[:-1]:
        below.lay(layer)
    return _scenario(below, layers, day)


def _scenario(below: "Merge", layers: Sequence[Layer], as_of: str) -> Scenario:
    """Return the scenario that layers make: the flags, the last of them, over those that lie below.

    The parts of its mix and the stages of its clips are each their own layers over all others.
    """
    merge = below.copy()
    merge.lay(layers[-1])
    scenario = merge.scenario(layers, as_of, below)
    if wrong := [*stream_mistakes(scenario.settings, layers)]:
        raise Mistakes(wrong)
    if not any(any(layer.inner.values()) for layer in layers):
        return scenario
    scenario = scenario.but(stages=_inner(scenario, merge, layers, STAGES))
    parts = _inner(scenario, merge, layers, MIX)  # which have the plan's stages where they say nothing else
    if merge.mistakes:
        raise Mistakes(merge.mistakes)
    # A pin that some parts replace is no longer the plan's, whose figure is the mean: the others have it as their own.
    own = {name for part in parts for name in part.own}
    for part in parts:
        part.own |= own & part.pins.keys()
    pins = {name: pin for name, pin in scenario.pins.items() if name not in own}
    return scenario.but(parts=parts, pins=pins, warnings=tuple(merge.warnings))


def _inner(scenario: Scenario, below: "Merge", layers: Sequence[Layer], home: str) -> tuple[Part, ...]:
    """Return the parts of a plan's mix, or the stages of a plan's or a part's clips.

    Each is its own layers over those that lie `below`, which notes their mistakes and warnings too. After a stage whose
    clip is decoded, pixels are encoded.
    """
    inner = parts_in(layers, below.mistakes, home)
    shares = shares_of(inner, below.mistakes) if home == MIX else {}
    parts = list[Part]()
    decoded = False
    for name, own_layers in inner.items():
        over = below.copy()
        if decoded:
            over.written["vae_encode_share"] = Setting(ENCODE_OF_DECODE, Origin("default"), ENCODE_SOURCE)
        for layer in own_layers:
            over.lay(layer)

        last = name == next(reversed(inner))
        decoding = next((layer for layer in reversed(own_layers) if layer.decoded is not None), None)
        decoded = bool(decoding and decoding.decoded)
        if decoding and last and not decoded:
            reason = f"`{name}` is the last stage, and the last stage is always decoded; leave `{DECODED}` out"
            refuse(over.mistakes, reason, decoding.place)

        if not over.mistakes:
            own, clips = _clips_of(scenario, below, over, layers, own_layers)
            share, fixed = shares.get(name, (WHOLE, True))
            decodes = home == MIX or decoded or last
            parts.append(Part(name, home, own, clips, share=share, fixed=fixed, decodes=decodes))

        below.mistakes = over.mistakes
        below.warnings += [
            warning._replace(message=f"{home}.{name}: {warning.message}")
            for warning in over.warnings[len(below.warnings) :]
        ]
    return tuple(parts)


def _clips_of(
    scenario: Scenario, below: "Merge", over: "Merge", layers: Sequence[Layer], own_layers: Sequence[LayerPart]
) -> tuple[frozenset[str], Scenario]:
    """Return the own names of a part or a stage, and the scenario of its clips: its own layers lie over others.

    A figure of a stage that is pinned below is the whole clip's.
    """
    settings, pins, was = over.settings(), over.pins, below.pins
    own = {name for name, setting in settings.items() if setting != scenario.settings[name]}
    own |= {name for name in {*pins, *was} if pins.get(name) != was.get(name)}
    if own_layers[0].home == STAGES:
        pins = {name: pin for name, pin in pins.items() if not FIGURES[name].stages or was.get(name) is not pin}
    clips = scenario.but(choices=over.choices, settings=settings, pins=pins, warnings=())

    if any(layer.inner[STAGES] for layer in own_layers) or (scenario.stages and own):
        stages = _inner(clips.but(stages=()), over, [*layers, *own_layers], STAGES)
        given = scenario.of_parts()
        own |= {name for stage in stages for name, setting in stage.own_values.items() if setting != given.get(name)}
        clips = clips.but(stages=stages)
    return frozenset(own), clips


@cache
def _package(day: str) -> Catalogue:
    """Return the package's own catalogue of a day, whose entries are parsed once for all scenarios."""
    return Catalogue(as_of=day)


def with_flags(
    scenario: Scenario, sets: Iterable[str] = (), numbers: Mapping[str, float] | None = None, pins: Iterable[str] = ()
) -> Scenario:
    """Return the scenario as if these flags followed its own on the command line: the one way to apply them.

    `sets` and `pins` are texts such as "gpu=b200-hgx", and `numbers` are assumptions in base units. Raise Mistakes as a
    load does.

    >>> cheaper = with_flags(load_scenario("scenarios/mochi.yaml", ["gpu=a100"]), ["gpu_price=1"], {"dau": 2e8})
    >>> cheaper.choices["gpu"].value
    'a100-80gb-sxm'
    """
    *files, own = scenario.layers
    with gathered() as mistakes:
        layer = flag_layer(sets, pins, mistakes, own)
        for name, number in (numbers or {}).items():
            with collected(mistakes):
                set_number(layer, name, number)
        read_values(layer, mistakes)
    return _scenario(scenario.below, [*files, layer], scenario.as_of)


class Merge:
    """Puts layers over each other, the weakest first; below all are the defaults, from a catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.choices = {name: _default(name) for name in CHOICES}
        self.supplied: dict[str, Setting] = {}
        self.written: dict[str, Setting] = {}
        self.prices: dict[tuple[str, str, str], Setting] = {}  # by hand: by GPU, provider and name
        self.own_prices: dict[tuple[str, str], Setting] = {}  # of `prices:`: by GPU and name, of every provider
        self.pins: dict[str, Setting] = {}
        self.warnings: list[PlanWarning] = []
        self.mistakes: list[Mistake] = []
        if catalogue.overlaid:  # a user's entries of default options count too
            usual = Layer("file", "")
            usual.choices = {name: Written(self.choices[name].value, Place("")) for name in _USUAL}
            self.lay(usual)
            self.choices |= {name: _default(name) for name in _USUAL}

    def copy(self) -> "Merge":
        """Return the layers so far, for another one to be applied."""
        return copied(self)

    def scenario(self, layers: Sequence[Layer], as_of: str, below: "Merge") -> Scenario:
        """Return the scenario of the layers so far. Raise Mistakes with all that were noted."""
        if self.mistakes:
            raise Mistakes(self.mistakes)
        about = {key: text for layer in layers for key, text in layer.about.items()}
        own = next((layer for layer in reversed(layers) if layer.kind == "file"), Layer("file", ""))
        return Scenario.of(
            name=own.about.get("name") or self._usual_name(own.file),  # which is not inherited
            file=own.file,
            description=about.get("description", ""),
            as_of=as_of,
            choices=self.choices,
            settings=self.settings(),
            pins=self.pins,
            warnings=tuple(self.warnings),
            catalogue=self.catalogue,
            layers=tuple(layers),
            rules={key: node for layer in layers for key, node in layer.rules.items()},
            below=below,
        )

    def _usual_name(self, file: str) -> str:
        """Return the name of a plan that has none: that of its file, or of its model and GPU."""
        if not file:
            return f"{self.choices['model'].value} on {self.choices['gpu'].value}"
        return Path(file).stem if file != "<stdin>" else "scenario"

    def settings(self) -> dict[str, Setting]:
        """Return all assumptions as they lie: defaults, what choices supplied, what was written."""
        gpu = self.choices["gpu"].value
        own = {name: setting for (owner, name), setting in self.own_prices.items() if owner == gpu}
        settings = {**default_settings(), **self.supplied, **self.framed(), **own, **self._prices_by_hand()}
        framed = settings["width"].origin.kind != "default" or settings["height"].origin.kind != "default"
        if framed and settings["bitrate"].origin.kind == "default":
            rate, entry = self.catalogue.bitrate(
                point("width", settings["width"].value) * point("height", settings["height"].value)
            )
            setting = self._from(entry.facts["bitrate"], "bitrate", Origin("shorthand", entry=entry.id))
            between = "" if rate == setting.value else "in proportion between it and the next smaller one"
            settings["bitrate"] = setting._replace(value=rate, note=between)
        self._check_cache(settings)
        return settings

    def framed(self) -> dict[str, Setting]:
        """Return what was written; the sides of a named frame, such as 480p, are those that the model has."""
        written = dict(self.written)
        for side in SHORTHANDS["resolution"][1]:
            setting = written.get(side)
            if setting and setting.origin.named_frame:
                fact = self.catalogue.frame(setting.origin.entry, self.choices["model"].value)[side]
                written[side] = setting._replace(value=fact.read(side), source=setting.source or fact.source)
        return written

    def _check_cache(self, settings: Mapping[str, Setting]) -> None:
        """Refuse a cache on a clip of few steps, unless that was measured or its share is written by hand."""
        cache, steps = self.choices["step_cache"], point("steps", settings["steps"].value)
        if (
            cache.value == CHOICES["step_cache"].default
            or settings["cached_step_share"].origin.by_hand
            or steps > FEW_STEPS
        ):
            return
        with self._naming_choice("step_cache", cache.origin.place):
            measured = self.catalogue.acceleration("step_cache", self._chosen()).about.get("steps", "")
            if not measured.isdecimal() or int(measured) > FEW_STEPS:
                at = f"was measured at {measured} steps" if measured else "was not measured at so few"
                raise Mistakes(
                    f"`{cache.value}` {at}; at {steps:g} it has almost nothing to skip; "
                    "write `step_cache: none`, or the `cached_step_share` that you measured"
                )

    def _from(self, fact: Fact, name: str, origin: Origin) -> Setting:
        return Setting(fact.read(name), origin, fact.source, fact.dated, note=fact.note)

    def lay(self, layer: Layer) -> None:
        """Put a layer over those so far: its choices, with what these supply and imply, then its numbers and pins."""
        with collected(self.mistakes):
            if layer.choices:
                self._lay_choices(layer)
            for name, written in layer.shorthands.items():
                self._shorthand(name, written)
            for name, written in layer.numbers.items():
                self._lay_number(name, written, layer.kind)
            self.lay_own_prices(layer)
            self._lay_pins(layer)

    def _lay_choices(self, layer: Layer) -> None:
        before, options_before, prices_before = dict(self.choices), self._chosen(), self._prices_by_hand()
        reasons = {name: name for name in layer.choices}

        with gathered() as mistakes:
            for name, written in layer.choices.items():
                with collected(mistakes):
                    self._choose(name, written, layer.kind)
        kernel = self.choices["attention_kernel"]
        if kernel.origin.kind == "default":  # a null takes back to the GPU's usual one
            self.choices["attention_kernel"] = kernel._replace(value=self.catalogue.usual_kernel(self._chosen()))
        self._check_accelerations(layer)
        for name in layer.choices:
            reasons |= dict.fromkeys(self._imply(name, layer, before), name)
        if self.catalogue.masks(options_before) != self.catalogue.masks(self._chosen()):
            reasons.setdefault("attention_kernel", "attention_kernel")  # what it runs depends on the model's code
        for name, reason in reasons.items():
            self._expand(name, reason, layer, anew=self.choices[name].value != options_before[name])
        self._warn_of_set_aside_prices(options_before, prices_before, layer)

    def _lay_number(self, name: str, written: Written, kind: str) -> None:
        """Put a number over those so far; warn if it replaces one of a day curve."""
        curve = self.written.get(name) if name in SHORTHANDS["day_curve"][1] else None
        if curve and curve.origin.kind == "shorthand" and written.read is not None:
            self._warn_of_replaced(name, written.place, {"day_curve": curve})
        if name in PRICES:
            written.owner = written.owner if any(written.owner) else self._owner(name)
            _write_setting(self.prices, (*written.owner, name), written, kind)
        else:
            _write_setting(self.written, name, written, kind)

    def _owner(self, name: str) -> tuple[str, str]:
        """Return the GPU and the provider whose price is written now; a server of one's own has no provider."""
        return self.choices["gpu"].value, "" if name == TERMS["server"] else self.choices["provider"].value

    def _prices_by_hand(self) -> dict[str, Setting]:
        """Return the prices of the GPU and the provider in force that were written by hand."""
        return {name: self.prices[key] for name in PRICES if (key := (*self._owner(name), name)) in self.prices}

    def _warn_of_set_aside_prices(
        self, options: Mapping[str, str], prices: Mapping[str, Setting], layer: Layer
    ) -> None:
        """Warn of prices by hand that another GPU or provider sets aside; they hold again if it comes back."""
        gone = {name: setting for name, setting in prices.items() if name not in self._prices_by_hand()}
        changed = [name for name in ("gpu", "provider") if self.choices[name].value != options[name]]
        if changed and gone:
            place, does = layer.choices[changed[0]].place, f"sets aside prices of {options[changed[0]]}"
            self._warn_of_replaced(changed[0], place, gone, does)

    def lay_own_prices(self, layer: Layer) -> None:
        """Take the prices of several GPUs that a layer lists.

        A price by hand of the same GPU in the same layer is a mistake.
        """
        texts = dict[str, str]()
        for (text, name), written in layer.prices.items():
            with collected(self.mistakes), _of(written.place, "prices"):
                gpu = self._option(text, "gpu")
                if texts.setdefault(gpu, text) != text:
                    as_both = f"as {quote(texts[gpu])} and as {quote(text)}"
                    raise Mistakes(f"{gpu} is given twice, {as_both}; keep one of them")
                by_hand = layer.numbers.get(name)
                if by_hand and by_hand.owner[0] == gpu and not any(written.owner):
                    raise Mistakes(f"`{name}` ({by_hand.place}) prices {gpu} too; keep one of them")
                written.owner = gpu, ""
                _write_setting(self.own_prices, (gpu, name), written, layer.kind)

    def _lay_pins(self, layer: Layer) -> None:
        """Put the pins of a layer over those so far."""
        for name, written in layer.pins.items():
            if written.read is not None and (near := nearest_pinnable(name)) != name:
                refuse(self.mistakes, f"`{name}` moves no figure that is shown; pin `{near}`", written.place)
            _write_setting(self.pins, name, written, layer.kind)
            if written.at:
                self.pins[name] = self.pins[name]._replace(at=self._measured_at(written))

    def _chosen(self) -> dict[str, str]:
        return {name: setting.value for name, setting in self.choices.items()}

    @contextmanager
    def _naming_choice(self, name: str, place: Place | None) -> Iterator[None]:
        """Name the choice and its place in whatever the catalogue says of it.

        Quote no option that a private file chose.
        """
        with _of(place, name):
            try:
                yield
            except Mistakes:
                places = (choice.origin.place for choice in self.choices.values())
                if hidden := next((place.file for place in places if place and place.private), ""):
                    reason = f"it doesn't go with what is chosen in {hidden}, of which nothing is shown"
                    raise Mistakes(reason) from None
                raise

    def _choose(self, name: str, written: Written, kind: str) -> None:
        """Take a choice that a layer writes.

        A kernel's name is checked later, against the GPU, and a cache's against the model.
        """
        if written.value is None:
            self.choices[name] = _default(name)
            return
        with self._naming_choice(name, written.place):
            option = self._option(written.value, name)
        self.choices[name] = ChoiceSetting(option, Origin(kind, written.place), written.notes.get("source", ""))

    def _check_accelerations(self, layer: Layer) -> None:
        """Refuse accelerations by hand that the model doesn't have, where the layer chooses either."""
        with gathered() as mistakes:
            for name in ACCELERATIONS:
                if self.choices[name].origin.by_hand and {name, "model"} & layer.choices.keys():
                    with collected(mistakes), self._naming_choice(name, self.choices[name].origin.place):
                        self.catalogue.acceleration(name, self._chosen())

    def _measured_at(self, written: Written) -> tuple[tuple[str, float | str], ...]:
        """Return what a pin was measured at, its choices by their ids."""
        conditions = dict[str, float | str]()
        for name, node in written.at.items():
            with collected(self.mistakes), _of(node.place, name):
                option = self._option(node.text, name) if name in CHOICES else ASSUMPTIONS[name].read(node.text)
                if isinstance(option, Range):
                    raise Mistakes(f"a clip is measured at one value, not at {quote(node.text)}")
                conditions[name] = option
        return tuple(conditions.items())

    def _option(self, written: object, name: str) -> str:
        """Return the id of an option; kernels and checkpoints are checked against the GPU or the model."""
        option = str(written).strip().lower()
        return option if CHOICES[name].of else self.catalogue.find(CHOICES[name].kind, option).id

    def _imply(self, choice: str, layer: Layer, before: Mapping[str, ChoiceSetting]) -> list[str]:
        """Make the choices that another one implies and the layer doesn't make; return their names.

        A choice that is in force already, not chosen anew, keeps what was chosen by hand.
        """
        implied = []
        anew = self.choices[choice].value != before[choice].value
        for name, option in self.catalogue.implied(choice, self._chosen()).items():
            runs = name == "attention_kernel" and self.catalogue.kernel_that_runs(self._chosen())
            stays = not anew or name in ACCELERATIONS or runs
            by_hand = before[name].origin.by_hand
            if name in layer.choices or (by_hand and stays):
                continue
            if by_hand and self.choices[name].value != option:
                self._warn_of_replaced(choice, layer.choices[choice].place, {name: self.choices[name]})
            self.choices[name] = ChoiceSetting(option, Origin("catalogue", entry=self.choices[choice].value))
            implied.append(name)
        return implied

    def _warn_of_replaced(
        self,
        name: str,
        place: Place,
        gone: Mapping[str, Setting | ChoiceSetting],
        does: str = "replaces what was set by hand",
    ) -> None:
        """Warn of what a name that is written at a place replaces."""
        hand = ", ".join(f"`{self._as_set(other)}` ({setting.origin.place})" for other, setting in gone.items())
        message = f"`{self._as_set(name)}` ({place}) {does}: {hand}"
        self.warnings.append(PlanWarning("override-replaced", message, (name, *gone)))

    def _as_set(self, name: str) -> str:
        """Return a name, and the option of a choice."""
        return f"{name}: {self.choices[name].value}" if name in CHOICES else name

    def _expand(self, choice: str, reason: str, layer: Layer, *, anew: bool) -> None:
        """Take the numbers that a choice supplies; where it is chosen `anew`, they replace those written by hand.

        `reason` is the choice of the layer that made it: itself, or one that implies it.
        """
        with self._naming_choice(choice, layer.choices[choice].place if choice in layer.choices else None):
            supplied = self.catalogue.supplied(choice, self._chosen())

        default = self.choices[choice].origin.kind == "default"
        # The entry before may have supplied something that this one doesn't.
        for name in {*KINDS[CHOICES[choice].kind].optional} - supplied.keys():
            self.supplied.pop(name, None)
        for name, (fact, entry) in supplied.items():
            if name in OF_A_MODEL and default:  # the assumption's own default holds again
                self.supplied.pop(name, None)
            elif anew or name not in OF_A_MODEL:
                self.supplied[name] = self._from(fact, name, Origin("catalogue", entry=entry))

        gone = [name for name in supplied if anew and name in self.written and name not in ASKED]
        if gone:
            place = layer.choices[reason].place
            self._warn_of_replaced(reason, place, {name: self.written.pop(name) for name in gone})

    def _shorthand(self, name: str, written: Written) -> None:
        if written.value is None:
            for part in SHORTHANDS[name][1]:
                self.written.pop(part, None)
            return
        with collected(self.mistakes), _of(written.place, name):
            for part, (text, entry) in self.catalogue.shorthand(name, written.value).items():
                number = ASSUMPTIONS[part].read(text)
                self.written[part] = Setting(number, Origin("shorthand", written.place, entry)).noted(written.notes)


def _of(place: Place | None, name: str) -> AbstractContextManager[None]:
    """Name what the mistakes of a block are of, and its place."""
    return placed(place, f"`{name}`: ")


_Name = TypeVar("_Name")


def _write_setting(table: dict[_Name, Setting], name: _Name, written: Written, kind: str) -> None:
    """Take a value that a layer writes, or take one away."""
    if written.read is None:
        table.pop(name, None)
    else:
        table[name] = Setting(written.read, Origin(kind, written.place)).noted(written.notes)


@cache
def default_settings() -> dict[str, Setting]:
    """Return all assumptions at their defaults."""
    return {
        name: Setting(known.read(known.default), Origin("default"), known.source) for name, known in ASSUMPTIONS.items()
    }


def _default(name: str) -> ChoiceSetting:
    """Return the default of a choice; the default GPU's kernel is the one that its assumptions' defaults stand for."""
    return ChoiceSetting(CHOICES[name].default or DEFAULT_KERNEL, Origin("default"))
