"""Reproduce a plan: the command that writes it, or the content of its own scenario file."""

import shlex
from collections.abc import Sequence
from os.path import relpath
from pathlib import Path
from typing import Any

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import SHORTHANDS
from t2v_capacity.assumptions.parts import DECODED, MIX, PINS, SHARE, STAGES
from t2v_capacity.assumptions.quantities import Range, show
from t2v_capacity.catalogue import LIST
from t2v_capacity.errors import printable
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.release import RELEASED
from t2v_capacity.scenario.flags import command_words
from t2v_capacity.scenario.layers import Layer
from t2v_capacity.scenario.mix import parts_in
from t2v_capacity.scenario.settings import Part, Scenario, point

_ALL_DIGITS = 15


def command_line(plan: Estimate, file: str) -> str:
    """Return the command that writes a plan to a file as it is.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> command_line(estimate(load_scenario("scenarios/mochi.yaml", sets=["dau=200e6"])), "plan.md")
    't2v-cap export scenarios/mochi.yaml plan.md --dau=200e6'
    """
    words = command_words(plan.scenario, "export", file)
    if plan.samples:
        words += ["--samples", str(plan.samples), "--seed", str(plan.seed)]
    return printable(shlex.join(words))


def file_data(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario file's content apart from choices and numbers, and the written text of each number and pin.

    No text is taken of a file of which nothing may be quoted.

    >>> from t2v_capacity.scenario.load import load_scenario
    >>> content = file_data(load_scenario("scenarios/mochi.yaml", sets=["dau=200e6"], pins=["video_size=1.4MB"]))
    >>> content["written"]["dau"], content["pins"]
    ('200e6', {'video_size': '1.4MB'})
    """
    folder = Path(scenario.file).parent
    provider = scenario.option("provider")
    about = {
        "name": scenario.name if scenario.file else "",
        "description": scenario.description,
        "provider": "" if provider == LIST else provider,
        "as_of": "" if scenario.as_of == RELEASED else scenario.as_of,
        # The name of a catalogue is read from where the file that names it is.
        "catalogue": [relpath(own, folder) for own in scenario.catalogue.files],
    }
    written: dict[str, Any] = {"day_curve": scenario.day_curve}
    for name, setting in scenario.settings.items():
        if text := scenario.as_written(name):
            written[name] = text
        elif isinstance(setting.value, Range):
            written[name] = {
                key: show(end, ASSUMPTIONS[name].unit, _ALL_DIGITS)
                for key, end in setting.value._asdict().items()
                if end is not None
            }
    inner = scenario.inner
    pairs = [(inner[0].home, _inner(inner, scenario.layers))] if inner else []
    return {
        "about": {key: text for key, text in about.items() if text},
        "written": written,
        "pins": _pins(scenario),
        "inner": pairs,
    }


def _pins(scenario: Scenario) -> dict[str, Any]:
    """Return the pins of a plan or of a part, as they are written above it."""
    return {
        name: scenario.as_written(name) or repr(point(name, setting.value)) for name, setting in scenario.pins.items()
    }


_Pairs = list[tuple[str, list[tuple[str, Any]]]]


def _inner(parts: Sequence[Part], below: Sequence[Layer]) -> _Pairs:
    """Return the parts of a mix or the stages of a clip as they are written.

    A part has its share and all of its stages. A shorthand stands as its parts. They are pairs, since a browser
    would put names such as `2` in another order.
    """
    pairs: _Pairs = []
    layers = parts_in(below, [], parts[0].home)
    for part in parts:
        own: dict[str, Any] = {SHARE: repr(point(SHARE, part.share.value))} if part.home == MIX else {}
        if part.home == STAGES and part.decodes and part is not parts[-1]:
            own[DECODED] = True
        pins = {name: text for name, text in _pins(part.scenario).items() if name in part.own}
        for layer in layers[part.name]:
            own |= {name: written.value for name, written in layer.choices.items()}
            for name in layer.shorthands:
                own |= {
                    part_name: show(
                        point(part_name, part.scenario.settings[part_name].value),
                        ASSUMPTIONS[part_name].unit,
                        _ALL_DIGITS,
                    )
                    for part_name in SHORTHANDS[name][1]
                }
            own |= {name: written.value for name, written in layer.numbers.items()}
            pins |= {name: written.value for name, written in layer.pins.items()}
        if pins:
            own[PINS] = pins
        if part.stages:
            own[STAGES] = _inner(part.stages, [*below, *layers[part.name]])
        pairs.append((part.name, [*own.items()]))
    return pairs
