"""Hold a plan's inputs: values with their origins, and the scenario that they make."""

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from t2v_capacity.assumptions import ASSUMPTIONS, SECTIONS, Assumptions
from t2v_capacity.assumptions.choices import SHORTHANDS
from t2v_capacity.assumptions.parts import DECODED, MIX, SHARE, named_of, plain_name
from t2v_capacity.assumptions.quantities import Range
from t2v_capacity.assumptions.traffic import rates_of
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.errors import Place
from t2v_capacity.files.document import Node, text_of
from t2v_capacity.scenario.layers import Layer


class Origin(NamedTuple):
    """Where a value came from: a default, a catalogue entry, a line of a file, a flag, or a shorthand."""

    kind: str
    place: Place | None = None
    entry: str = ""

    @property
    def by_hand(self) -> bool:
        """Whether the user wrote the value: in a file, after a flag, or as part of a shorthand."""
        return self.kind in ("file", "flag", "shorthand")

    @property
    def of_the_frame(self) -> bool:
        """Whether it is a bitrate derived from the frame's size, not a written one."""
        return self.kind == "shorthand" and self.place is None

    @property
    def named_frame(self) -> bool:
        """Whether it is a side of a frame that was asked for by name, such as 480p."""
        return self.kind == "shorthand" and bool(self.place and self.entry)

    def __str__(self) -> str:
        """Return the origin in words, short enough for a table's cell."""
        if self.kind == "catalogue":
            return f"catalogue, {self.entry}"
        if self.kind == "shorthand" and self.entry:
            return f"resolution, {self.entry}"
        return str(self.place) if self.place else self.kind


class Setting(NamedTuple):
    """A value with its origin and what its author noted of it."""

    value: float | Range
    origin: Origin
    source: str = ""
    as_of: str = ""
    expires: str = ""
    note: str = ""
    at: tuple[tuple[str, float | str], ...] = ()  # of a pin: the assumptions and choices at which it was measured

    def noted(self, notes: Mapping[str, str]) -> "Setting":
        """Return it with what its author noted: source, dates, a remark."""
        return self._replace(**notes)  # type: ignore[arg-type]

    @property
    def neutral(self) -> bool:
        """Whether the value is the default that switches its subject off."""
        return self.source.startswith("neutral")


class ChoiceSetting(NamedTuple):
    """An option that was chosen, and where."""

    value: str
    origin: Origin
    source: str = ""


_NAMES = tuple(ASSUMPTIONS)
# Each section's model and the names of its fields.
_FIELDS = {section: (model, tuple(model.model_fields)) for section, model in SECTIONS.items()}
NOTE = "info"  # the severity of what is worth knowing, and no more


class PlanWarning(NamedTuple):
    """Something a reader of the answer should know: a stable code, the names it is about, and a sentence."""

    code: str
    message: str
    names: tuple[str, ...] = ()
    severity: str = "warning"
    part: str = ""  # of a mix, or the stage, that it is about

    def __str__(self) -> str:
        """Return the warning as a line that begins with its code."""
        word = "note" if self.severity == NOTE else self.severity
        return f"{word} {self.code}: {self.message}"


# The share of a stage: every clip goes through it.
WHOLE = Setting(1.0, Origin("default"))


class Part:
    """A part of a mix, or a stage of a clip: its name, pins, own names and its clips' scenario.

    A part has a share of the requests, and can have stages. `fixed` says that a flag sets its share, so that other
    shares leave it as it is. A stage decodes its clip or hands its latents on.
    """

    parts: "tuple[Part, ...]" = ()
    # The values of which the figures of its clips were computed last, and these.
    clips: "tuple[Mapping[str, Any], Mapping[str, Any]] | None" = None

    def __init__(
        self,
        name: str,
        home: str,
        own: frozenset[str],
        scenario: "Scenario",
        *,
        share: Setting,
        fixed: bool,
        decodes: bool,
    ) -> None:
        """Take what it is, and the scenario of its clips: the plan's, and over it its own layers."""
        self.name, self.home, self.own, self.scenario = name, home, own, scenario
        self.pins, self.stages = scenario.pins, scenario.stages
        self.share, self.fixed, self.decodes = share, fixed, decodes

    def __str__(self) -> str:
        """Return the name of a stage, and whether its clip is decoded before another one."""
        return f"{self.name} ({DECODED})" if self.decodes else self.name

    def called(self, name: str) -> str:
        """Return the plan's name for an own name of this part: `mix.hd.steps`, or for a stage `stages.base.steps`."""
        return named_of(self.name, name, self.home)

    def holds(self, name: str) -> bool:
        """Return whether it keeps its own value where the plan is given another.

        It does not keep a bitrate that only follows from its frame size.
        """
        return name in self.own and not (name == "bitrate" and self.scenario.bitrate_follows)

    @property
    def own_values(self) -> dict[str, Setting]:
        """Its own values, by the plan's names for them: its share, its assumptions, its pins."""
        known = {
            **self.scenario.settings,
            **self.pins,
            **{name: setting for stage in self.stages for name, setting in stage.own_values.items()},
        }
        own = {self.called(name): known[name] for name in sorted(self.own) if name in known}
        return {self.called(SHARE): self.share, **own} if self.home == MIX else own

    def over(self, known: Mapping[str, Any]) -> dict[str, Any]:
        """Return the assumptions and pins of the part's clips: those of the plan, and over them its own."""
        plain = {name: known[name] for name in (*_NAMES, *self.pins) if name in known}
        plain |= {
            dotted: known[dotted]
            for stage in self.stages
            for name in stage.own
            if (dotted := stage.called(name)) in known
        }
        return plain | {name: known[dotted] for name in self.own if (dotted := self.called(name)) in known}


class Scenario(Assumptions):
    """Everything that a plan is computed from.

    `scenario.traffic.dau` is a value, and `scenario.settings["dau"]` has its origin too. It is made by `Scenario.of`:
    layers read and check each value where it is written, so nothing is validated again.
    """

    name: str
    file: str
    description: str
    as_of: str
    choices: Mapping[str, ChoiceSetting]
    settings: Mapping[str, Setting]
    pins: Mapping[str, Setting]
    warnings: tuple[PlanWarning, ...]
    catalogue: Catalogue
    layers: tuple[Layer, ...]
    rules: Mapping[str, Node]  # budgets, gates and waivers, as they are written
    parts: tuple[Part, ...] = ()  # of a mix, in the order of names
    stages: tuple[Part, ...] = ()  # of a clip, in their order
    below: Any = None  # the layers below the flags, so that others are applied without merging the files again

    @staticmethod
    def of(settings: Mapping[str, Setting], **about: Any) -> "Scenario":
        """Return the scenario of assumptions with their origins; `about` are its other fields."""
        return Scenario.model_construct(None, **_sections(settings), **about)

    def but(self, **changes: Any) -> "Scenario":
        """Return the scenario with other values of its fields."""
        if "settings" in changes:
            changes |= _sections(changes["settings"])
        return self.model_copy(update=changes)

    def has_same_text(self, other: "Scenario") -> bool:
        """Return whether the files of another scenario of the same flags say the same, wherever they stand.

        Those of a scenario with a catalogue of its own never do.
        """
        if self.catalogue.overlaid or other.catalogue.overlaid or self.as_of != other.as_of:
            return False
        base, head = (
            [text_of(layer.document) for layer in scenario.layers if layer.document] for scenario in (self, other)
        )
        return base == head

    def all_settings(self) -> dict[str, Setting]:
        """Return the assumptions and pins by name, what parts and stages have of their own among them."""
        return {**self.settings, **self.pins, **self.of_parts()}

    def ranges(self) -> dict[str, Range]:
        """Return the assumptions and pins that have a range, the parts' own among them.

        A pinned figure's parameters count for nothing, but stay.
        """
        return {
            name: setting.value for name, setting in self.all_settings().items() if isinstance(setting.value, Range)
        }

    def values(self) -> dict[str, float]:
        """Return one value an assumption and a pin: the median where it is a range."""
        known: dict[str, Any] = {}
        for section in SECTIONS:
            known |= getattr(self, section).__dict__
        known |= {name: point(name, ends) for name, ends in known.items() if isinstance(ends, Range)}
        known |= {name: point(name, setting.value) for name, setting in (*self.pins.items(), *self.of_parts().items())}
        # More than pinned servers or GPUs can't be had, so that too few are overloaded.
        if "servers" in self.pins or "gpus" in self.pins:
            had = known["gpus"] if "gpus" in self.pins else known["servers"] * known["gpus_per_server"]
            known["gpu_limit"] = min(known["gpu_limit"], max(had, least_gpus(known)))
        return known

    def of_parts(self) -> dict[str, Setting]:
        """Return the own values of parts and stages, by names such as `mix.hd.steps` and `stages.base.steps`."""
        return {name: setting for part in (*self.parts, *self.stages) for name, setting in part.own_values.items()}

    def setting(self, name: str) -> Setting:
        """Return a pin, an assumption, or what a part has of its own."""
        return self.all_settings()[name]

    @property
    def inner(self) -> tuple[Part, ...]:
        """The parts of a mix, else the stages of a clip: the figures of the plan are joined from theirs."""
        return self.parts or self.stages

    @property
    def day_curve(self) -> tuple[float, ...]:
        """The rates of equal parts of the day from midnight, their mean 1; empty where no curve is in force."""
        # Once another value replaced one of the curve's, its place is not the curve's.
        places = {self.settings[name].origin.place for name in SHORTHANDS["day_curve"][1]}
        for layer in reversed(self.layers):
            curve = layer.shorthands.get("day_curve")
            if curve and curve.value is not None and places == {curve.place}:
                return rates_of(curve.value)
        return ()

    @property
    def at_list_price(self) -> bool:
        """Whether the GPU's price is the list's median: not by hand, of a chosen provider or in a user's catalogue."""
        return self.at_list("gpu_price")

    @property
    def sellers(self) -> Mapping[str, float]:
        """What each seller asks for the GPU; none unless its price is the list's."""
        return self.catalogue.sellers(self.option("gpu")) if self.at_list_price else {}

    def at_list(self, price: str) -> bool:
        """Return whether a price of the GPU is the list's."""
        gpu, origin = self.catalogue.find("gpus", self.option("gpu")), self.settings[price].origin
        return not origin.by_hand and origin.entry in ("", gpu.id) and price not in gpu.changed

    @property
    def streams(self) -> bool:
        """Whether frames are sent while they are made, so that a request is a session."""
        return point("streamed", self.settings["streamed"].value) > 0

    @property
    def promises(self) -> bool:
        """Whether the user wrote a latency target, of the plan or of a part of its mix; a stream has to keep up."""
        return self.streams or any(
            scenario.by_hand("target_latency") for scenario in (self, *(part.scenario for part in self.parts))
        )

    def written_text(self, name: str) -> str:
        """Return an assumption's value as its author wrote it, where that is the one that counts; else nothing."""
        text = self.as_written(name)
        return text if isinstance(text, str) else ""

    def as_written(self, name: str) -> str | dict[str, str] | None:
        """Return an assumption's or a pin's value as it was written, a range too.

        Return nothing if a shorthand, a number or a private file gave it.
        """
        place = self.setting(name).origin.place
        tables = [layer.pins if name in self.pins else layer.numbers for layer in reversed(self.layers)]
        text = next((table[name].value for table in tables if name in table and table[name].place == place), None)
        return text if isinstance(text, (str, dict)) and not (place and place.private) else None

    def by_hand(self, name: str) -> bool:
        """Return whether the user wrote an assumption or a choice: in a file, after a flag, or in a shorthand."""
        return (self.choices.get(name) or self.settings[name]).origin.by_hand

    def option(self, choice: str) -> str:
        """Return the option of a choice that is in force."""
        return self.choices[choice].value

    def chosen(self) -> dict[str, str]:
        """Return the option of each choice."""
        return {name: setting.value for name, setting in self.choices.items()}

    @property
    def bitrate_follows(self) -> bool:
        """Whether another frame size brings another bitrate: true unless one was written."""
        origin = self.settings["bitrate"].origin
        return origin.kind == "default" or origin.of_the_frame

    def bitrates(self) -> list[tuple[float, float, float]]:
        """Return the steps of the bitrate by the pixels of a frame; nothing unless it follows the frame."""
        return [step[:3] for step in self.catalogue.bitrates] if self.bitrate_follows else []


def _sections(settings: Mapping[str, Setting]) -> dict[str, Any]:
    """Return settings, and the sections that hold their values."""
    sections = {
        section: _section(model, tuple([settings[name].value for name in names]))
        for section, (model, names) in _FIELDS.items()
    }
    return {**sections, "settings": settings}


@lru_cache(maxsize=4_096)
def _section(model: Any, values: tuple[float | Range, ...]) -> Any:
    """Return a section that holds these values; one for all scenarios that a search varies elsewhere."""
    return model.model_construct(None, **dict(zip(model.model_fields, values, strict=True)))


def least_gpus(known: Mapping[str, float]) -> float:
    """Return the fewest GPUs that hold a replica in each region."""
    group, per_server = known["gpus_per_replica"], known["gpus_per_server"]
    if group > per_server:  # it takes whole servers
        group = math.ceil(group / per_server) * per_server
    return known["regions"] * group


def point(name: str, amount: float | Range) -> float:
    """Return the value itself, or of a range the median of its draws, which a person would state."""
    if not isinstance(amount, Range):
        return amount
    name = plain_name(name)
    return ASSUMPTIONS[name].median(amount) if name in ASSUMPTIONS else amount.mid or (amount.low * amount.high) ** 0.5
