"""Find changes that a measurement makes and a product does not: pins, and the numbers that set the GPUs' speed.

A request may change any of them along with growth, which then shows in no figure. So the head is judged with the base's numbers too.
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from typing import TypeVar

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.assumption import FIT
from t2v_capacity.assumptions.parts import MIX, is_own, plain_name
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.catalogue import KINDS, Catalogue
from t2v_capacity.formulas import FIGURES
from t2v_capacity.plan.estimate import estimate
from t2v_capacity.questions.change.diff import Change, Difference
from t2v_capacity.questions.change.sides import Side, side
from t2v_capacity.scenario.layers import Layer
from t2v_capacity.scenario.load import merged
from t2v_capacity.scenario.settings import Origin, Part, Scenario, Setting, point

# Besides the fitted constants: the place for the model's own error, and the rates of a GPU.
_RATES = (
    *("time_factor", "sparse_kernel_efficiency", "elementwise_factor", "sustained_share", "peak_flops", "attention_peak_flops"),
    *("vae_peak_flops", "memory_bandwidth", "interconnect_bandwidth", "host_link_bandwidth", "exchange_latency", "host_seconds_per_pixel"),
)
_DIGITS = 6
CALIBRATED = tuple(name for name, known in ASSUMPTIONS.items() if known.source == FIT or name in _RATES)
# The kinds of a catalogue that supply them.
_SUPPLIED_BY = tuple(kind for kind, known in KINDS.items() if {*known.facts, *known.at_precision}.intersection(CALIBRATED))


def recalibrated(difference: Difference) -> dict[str, str]:
    """Return the numbers on the GPUs' speed that differ between the sides, each in words with both values.

    What the package's own catalogue supplies for another GPU, kernel or runtime is the choice's, and no calibration.
    """
    return {name: _said(name, change, difference) for name, change in _changes(difference).items()}


def _changes(difference: Difference) -> dict[str, Change]:
    written = {
        name: change
        for name, change in difference.assumptions.items()
        if name in CALIBRATED and (_is_own(difference.base, name) or _is_own(difference.head, name))
    }
    return {**difference.pins, **written}


def _said(name: str, change: Change, difference: Difference) -> str:
    kind = "pin" if name in difference.pins else "calibration"
    base, head = ("none" if value is None else _shown(name, value) for value in (change.base, change.head))
    return f"{kind} `{name}`: {base} -> {head}"


def _shown(name: str, value: float | str) -> str:
    plain = plain_name(name)
    unit = FIGURES[plain].unit if plain in FIGURES else ASSUMPTIONS[plain].unit
    return value if isinstance(value, str) else show(value, unit, _DIGITS)


def with_base(difference: Difference) -> Side | None:
    """Return the head as it would be with the base's pins and calibration; nothing if they are the same."""
    scenario, changed = difference.head.scenario, _changes(difference)
    if scenario is None or not changed:
        return None
    base = difference.base
    known = base.scenario.settings if base.scenario else {}
    settings = {name: known.get(name) or _setting(base.assumptions[name]) for name in changed if name in difference.assumptions}
    pins = {name: _setting(value) for name, value in base.pins.items()}
    if base.scenario:
        pins = {**base.scenario.pins, **base.scenario.of_parts()}
    parts = tuple(_repinned(part, pins) for part in scenario.parts)
    stages = tuple(_repinned(stage, pins) for stage in scenario.stages)
    plain = {name: setting for name, setting in pins.items() if not is_own(name)}
    there = scenario.but(settings={**scenario.settings, **settings}, pins=plain, parts=parts, stages=stages, below=None)
    return _as_side(there, difference.head)


def _repinned(part: Part, pins: Mapping[str, Setting]) -> Part:
    """Return a part or a stage with other pins: the plan's, and over them its own; a stage has none of what is pinned of the whole clip."""
    prefix = part.called("")
    own = {name.removeprefix(prefix): setting for name, setting in pins.items() if name.startswith(prefix)}
    there = {name: setting for name, setting in pins.items() if not name.startswith(f"{part.home}.")} | own
    stages = tuple(_repinned(stage, there) for stage in part.stages)
    plain = {name: one for name, one in there.items() if name in FIGURES and (name in own or part.home == MIX or not FIGURES[name].stages)}
    given = {stage.called(name) for stage in stages for name in stage.own}
    names = {name for name in part.own if plain_name(name) not in FIGURES} | {name for name in {*own} if name in FIGURES or name in given}
    return part.but(names, pins=plain, stages=stages)


def uncalibrated(head: Side) -> Side | None:
    """Return a new plan without the pins and the calibration that its files write; nothing if they write none."""
    scenario = head.scenario
    if scenario is None or not (pinned(head) or any(_is_own(head, name) for name in CALIBRATED)):
        return None
    layers = []
    for layer in scenario.layers:
        plain = _unpinned(layer)
        plain.numbers = {name: written for name, written in layer.numbers.items() if name not in CALIBRATED}
        layers.append(plain)
    return _as_side(merged(layers, [], as_of=scenario.as_of, catalogue=scenario.catalogue), head)


_AnyLayer = TypeVar("_AnyLayer", bound=Layer)


def _unpinned(layer: _AnyLayer) -> _AnyLayer:
    """Return a layer without its pins, and those of its parts and stages."""
    plain = copy(layer)
    plain.pins = {}
    plain.inner = {home: {name: _unpinned(part) for name, part in parts.items()} for home, parts in layer.inner.items()}
    return plain


def _as_side(scenario: Scenario, head: Side) -> Side:
    return replace(side(estimate(scenario)), name=head.name, file=head.file, shown=head.shown, revision=head.revision)


def _setting(value: float | None) -> Setting:
    return Setting(float("nan") if value is None else value, Origin("file"))


def _is_own(one: Side, name: str) -> bool:
    """Return whether an assumption was written by hand, or stands in an entry of a user's catalogue."""
    if one.scenario is None:
        return False
    setting, catalogue = one.scenario.settings[name], one.scenario.catalogue
    return setting.origin.by_hand or (catalogue.overlaid and setting.origin.entry in _changed(catalogue))


def _changed(catalogue: Catalogue) -> set[str]:
    return {entry.id for kind in _SUPPLIED_BY for entry in catalogue.entries(kind).values() if entry.changed}


def pinned(plan: Side) -> Mapping[str, str]:
    """Return the pins of a plan that has no base, each in words."""
    pins = {**plan.scenario.pins, **plan.scenario.of_parts()} if plan.scenario else {}
    pins = {name: one for name, one in pins.items() if plain_name(name) in FIGURES}
    return {name: f"pin `{name}`: none -> {_shown(name, point(name, one.value))}" for name, one in pins.items()}
