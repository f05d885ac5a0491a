"""What a plan computes, in two lines: the clip and how it is made, then what makes it.

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


Piece = str | Number


def title_pieces(scenario: Scenario) -> tuple[tuple[Piece, ...], ...]:
    """Return the two lines in pieces; a `*` marks a choice that was left to its default, a `!` a pinned figure."""
    chosen = {name: setting.value for name, setting in scenario.choices.items()}
    left = {name: "" if scenario.choices[name].origin.by_hand else "*" for name in ("attention_kernel", "runtime")}
    arithmetic = "" if chosen["compute_precision"] in _USUAL else f", arithmetic {chosen['compute_precision']}"
    marks = ["* default"] * any(left.values()) + ["! pinned"] * bool(scenario.pins)
    clip = (
        f"{chosen['model']}, ",
        *(Number("width"), "x", Number("height"), ", ", Number("duration", short=True), " s at ", Number("fps"), " fps, "),
        *((f"{len(scenario.stages)} stages",) if scenario.stages else (Number("steps", "step"), " x ", Number("passes_per_step", "pass"))),
        f", of {len(scenario.parts)} parts" if scenario.parts else "",
        f", weights {chosen['precision']}{arithmetic}",
    )
    maker = (
        *(
            f"{chosen['gpu']}, ",
            Number("gpus_per_replica", "gpu"),
            " per clip, ",
            Number("gpus_per_server"),
            " per server",
            Number("regions", "region", many=", "),
        ),
        f"; kernel {chosen['attention_kernel']}{left['attention_kernel']}, runtime {chosen['runtime']}{left['runtime']}",
        f"  ({', '.join(marks)})" if marks else "",
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
    return tuple(
        "".join(piece if isinstance(piece, str) else _filled(piece, known[piece.name]) for piece in line) for line in title_pieces(scenario)
    )


def _filled(place: Number, value: float) -> str:
    if place.many and value == 1:
        return ""
    return place.many + (show(value, place.unit) if place.unit else digits(value, exact=not place.short))
