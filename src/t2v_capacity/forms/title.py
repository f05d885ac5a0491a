"""Describe a plan in two lines: the clip and its generation, then the GPUs and the software.

The lines are pieces, texts and places for numbers, so that a page whose inputs change can fill them anew.
"""

from collections.abc import Mapping
from typing import NamedTuple

from t2v_capacity.assumptions.quantities import digits, show
from t2v_capacity.scenario.settings import Scenario

# Arithmetic that goes without saying.
_USUAL = ("bf16", "fp16")


class Number(NamedTuple):
    """A place for an assumption's value: alone, in three digits, or with the unit that it counts; `many`: left out where it is one."""

    name: str
    unit: str = ""
    short: bool = False
    many: str = ""


class Option(NamedTuple):
    """A place for the option of a choice, after a text; a `usual` option is left out, a `marked` one has a `*` if it is a default."""

    choice: str
    before: str = ""
    usual: tuple[str, ...] = ()
    marked: bool = False


class Marks(NamedTuple):
    """A place for what the marks mean: of choices that were left to their defaults, and of pins where there are some."""

    of: tuple[str, ...]
    pinned: bool


Piece = str | Number | Option | Marks


def title_pieces(scenario: Scenario) -> tuple[tuple[Piece, ...], ...]:
    """Return the two lines in pieces; a `*` marks a choice that was left to its default, a `!` a pinned figure."""
    clip = (
        Option("model"),
        ", ",
        *(Number("width"), "x", Number("height"), ", ", Number("duration", short=True), " s at ", Number("fps"), " fps, "),
        *((f"{len(scenario.stages)} stages",) if scenario.stages else (Number("steps", "step"), " x ", Number("passes_per_step", "pass"))),
        f", of {len(scenario.parts)} parts" if scenario.parts else "",
        Option("precision", ", weights "),
        Option("compute_precision", ", arithmetic ", usual=_USUAL),
    )
    maker = (
        *(
            Option("gpu"),
            ", ",
            Number("gpus_per_replica", "gpu"),
            " per clip, ",
            Number("gpus_per_server"),
            " per server",
            Number("regions", "region", many=", "),
        ),
        Option("attention_kernel", "; kernel ", marked=True),
        Option("runtime", ", runtime ", marked=True),
        Marks(("attention_kernel", "runtime"), pinned=bool(scenario.pins)),
    )
    return clip, maker


def title(scenario: Scenario, known: Mapping[str, float]) -> tuple[str, ...]:
    """Return the two lines with these values in them.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = estimate(load_scenario("scenarios/mochi.yaml"))
    >>> title(plan.scenario, plan.values)[0]
    'mochi-1-preview, 848x480, 5 s at 30 fps, 64 steps x 2 passes, weights fp32'
    """
    if scenario.stages:  # the clip is as the last one leaves it
        known = {**known, **scenario.stages[-1].over(known)}
    return tuple("".join(_filled(piece, scenario, known) for piece in line) for line in title_pieces(scenario))


def _filled(piece: Piece, scenario: Scenario, known: Mapping[str, float]) -> str:
    if isinstance(piece, Number):
        value = known[piece.name]
        alone = piece.many and value == 1
        return "" if alone else piece.many + (show(value, piece.unit) if piece.unit else digits(value, exact=not piece.short))
    if isinstance(piece, Option):
        setting = scenario.choices[piece.choice]
        left = "*" if piece.marked and not setting.origin.by_hand else ""
        return "" if setting.value in piece.usual else f"{piece.before}{setting.value}{left}"
    if isinstance(piece, Marks):
        unset = any(not scenario.choices[name].origin.by_hand for name in piece.of)
        marks = ["* default"] * unset + ["! pinned"] * piece.pinned
        return f"  ({', '.join(marks)})" if marks else ""
    return piece


def title_data(scenario: Scenario) -> list[list[str | dict[str, object]]]:
    """Return the lines in pieces, as data: a place for what changes is a mapping."""
    return [[piece if isinstance(piece, str) else piece._asdict() for piece in line] for line in title_pieces(scenario)]
