"""Define the settings of a part of a mix, and of a stage of a clip.

A part sets its clip, its generation on the same replica, its price, and its latency target. A stage sets the size at
which it denoises, and how it denoises.
"""

import re
from functools import cache
from typing import NamedTuple

from t2v_capacity.assumptions import ASSUMPTIONS, SECTIONS, Assumption
from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.assumptions.names import flag_of, not_a_figure, section_of
from t2v_capacity.engine.figures import with_role
from t2v_capacity.errors import nearest, quote
from t2v_capacity.formulas import FIGURES

MIX, SHARE, PINS, STAGES, DECODED = "mix", "share", "pins", "stages", "decoded"
# What several GPUs cost, of the whole plan.
OWN_PRICES = "prices"
PART_NAME = re.compile(r"[A-Za-z0-9_]+", re.ASCII)
_FRAME = ("resolution", "width", "height", "fps")
_MAKING = (
    "steps passes_per_step step_cache cached_step_share sparse_attention attention_sparsity sparse_kernel_efficiency "
    "decoder"
).split()
# Properties of the replicas, apart from choices of how they run.
_REPLICA = ("gpus_per_replica", "gpus_per_server")
# Figures of a part's own promise, which follow from its clips and from waits of the plan.
OF_THE_PROMISE = with_role("promise")
PROMISE_BY = tuple(
    dict.fromkeys(
        name
        for figure in OF_THE_PROMISE
        for name in FIGURES[figure].parameters
        if name in FIGURES and not FIGURES[name].mix and name not in OF_THE_PROMISE
    )
)
# Figures of the plan that a part has its part of.
PART_OF = (
    *OF_THE_PROMISE,
    "busy_gpus",
    "gpus",
    "cost_per_video",
    "gross_margin",
    "profit_per_month",
    "break_even_price",
)


class Home(NamedTuple):
    """What a part of a mix, or a stage of a clip, is called, and what it may say."""

    what: str
    all: str
    own: str  # what it says of itself, besides its pins
    names: tuple[str, ...]  # the assumptions, choices and shorthands that it may set
    example: str
    flag: str
    whole: str  # what all other names apply to
    outside: str
    instead: str = ""  # what to write where all of them share what it sets


HOMES = {
    MIX: Home(
        "part",
        "all parts of a mix",
        SHARE,
        (
            "duration",
            *_FRAME,
            "bitrate",
            *_MAKING,
            "price_per_video_second",
            "paid_share",
            "target_latency",
            "other_gpu_seconds_per_video",
        ),
        "`hd: {share: 25%, resolution: 1280x720}`",
        "hd.share=30%",
        "the whole service",
        "at the top level",
        "one scenario per part and run `t2v-cap total plan-a.yaml plan-b.yaml`",
    ),
    STAGES: Home(
        "stage",
        "all stages of a clip",
        DECODED,
        (*_FRAME, *_MAKING, "vae_encode_share"),
        "`refine: {resolution: 1280x720, steps: 3}`",
        "refine.steps=3",
        "the whole clip or service",
        f"outside `{STAGES}`",
    ),
}


def named_of(part: str, name: str, home: str = MIX) -> str:
    """Return the name of what a part, or a stage, has of its own.

    >>> named_of("hd", "steps"), named_of("base", "steps", STAGES)
    ('mix.hd.steps', 'stages.base.steps')
    """
    return f"{home}.{part}.{name}"


def plain_name(name: str) -> str:
    """Return the assumption or figure that a name is of, whosever part it is.

    >>> plain_name("mix.hd.steps"), plain_name("steps")
    ('steps', 'steps')
    """
    return name.rpartition(".")[2]


def within(name: str) -> tuple[str, ...]:
    """Return the names whose values hold for a name of a part or a stage, the nearest first.

    What a part's stage lacks, it takes from the plan's stage, then from the part.

    >>> within("mix.hd.stages.base.steps")
    ('mix.hd.stages.base.steps', 'stages.base.steps', 'mix.hd.steps', 'steps')
    """
    if not is_own(name):
        return (name,)
    home, part, *_rest = name.split(".")
    outer, plain = f"{home}.{part}.", plain_name(name)
    return tuple(dict.fromkeys((name, name.removeprefix(outer), f"{outer}{plain}", plain)))


_OF_SHARES = Assumption(
    SHARE, "Share of the requests", "100%", 0, 1, "the mix", bare=True, whole=False, unlimited=False, section=MIX
)


@cache
def definition_of(name: str) -> Assumption | None:
    """Return the definition of an assumption, or of a part's own name; nothing for any other name.

    >>> definition_of("mix.hd.steps").label, definition_of("mix.hd.share").unit, definition_of("gpus")
    ('Denoising steps', 'share', None)
    """
    plain = plain_name(name) if is_own(name) else name
    known = _OF_SHARES if plain == SHARE else ASSUMPTIONS.get(plain)
    return known._replace(name=name) if known else None


def assumption(name: str) -> Assumption:
    """Return the definition of an assumption, or of a part's own name."""
    known = definition_of(name)
    assert known, name
    return known


def is_of_a_part(name: str) -> bool:
    """Return whether a name is of a part of a mix: `mix.hd.steps`."""
    return name.startswith(f"{MIX}.")


def is_own(name: str) -> bool:
    """Return whether a name is of a part of a mix or of a stage, such as `mix.hd.stages.base.steps`."""
    return name.startswith((f"{MIX}.", f"{STAGES}."))


def flagged(name: str, text: str) -> str:
    """Return a value as it is typed after a flag.

    >>> flagged("gpus_per_replica", "2"), flagged("mix.hd.steps", "20")
    ('--gpus-per-replica 2', '--set mix.hd.steps=20')
    """
    return f"--set {name}={text}" if is_own(name) else f"{flag_of(name)} {text}"


def word_of(figure: str, home: str) -> str:
    """Return how a figure joins over the parts of a mix, or over the stages of a clip.

    Return nothing if they don't have the figure, or if it joins only with the plan's waits, as a promise does.

    >>> word_of("video_size", MIX), word_of("video_size", STAGES), word_of("gpus", MIX), word_of("latency_slack", MIX)
    ('mean', 'last', '', '')
    """
    word = FIGURES[figure].mix if home == MIX else FIGURES[figure].stages
    return "" if figure in OF_THE_PROMISE else word


def not_set(name: str, home: str) -> str:
    """Return why a part or a stage can't set a name, with what to write instead; nothing if it can.

    >>> not_set("steps", MIX), not_set("steps", STAGES)
    ('', '')
    >>> not_set("dau", MIX)
    '`dau` applies to the whole service; write it at the top level, and in the part write its `share` of the requests'
    >>> not_set("duration", STAGES)
    '`duration` applies to the whole clip or service; write it outside `stages`'
    """
    inner, section, is_stage = HOMES[home], section_of(name), home == STAGES
    write_it = f"write it {inner.outside}"
    instead = f", or write {inner.instead}" if inner.instead else ""
    meant = nearest(name, inner.names) or f"; it can set {', '.join((inner.own, PINS, *inner.names))}"
    reasons = (
        (name in inner.names, ""),
        (name in SECTIONS, f"`{name}` is a section; write its assumptions in the {inner.what} itself"),
        (
            name in FIGURES,
            f"`{name}` is a figure, which is computed; give it a value under `{PINS}` of the {inner.what}",
        ),
        (is_stage and name in (MIX, STAGES), f"a stage has no `{name}` of its own; {write_it}"),
        (
            is_stage and name == SHARE,
            f"a stage cannot set `{SHARE}`: every clip goes through all stages; write it in a part of `{MIX}`",
        ),
        (not section and name != OWN_PRICES, f"a {inner.what} cannot set {quote(name)}{meant}"),
        (
            name in CHOICES or name in _REPLICA or section == "architecture",
            f"`{name}` applies to the replicas, which {inner.all} share; {write_it}{instead}",
        ),
        (
            not is_stage and section == "traffic",
            f"`{name}` applies to {inner.whole}; {write_it}, and in the part write its `{SHARE}` of the requests",
        ),
    )
    return next((reason for holds, reason in reasons if holds), f"`{name}` applies to {inner.whole}; {write_it}")


def not_had_by_a_part(figure: str) -> str:
    """Return why a part has no figure of a name, or nothing if it has one.

    A part has the figures of its clips, and its part of the fleet and of the bill.
    """
    if figure in FIGURES and (FIGURES[figure].mix or figure in PART_OF):
        return ""
    if figure not in FIGURES:
        return not_a_figure(figure, "a condition is")
    return (
        f"`{figure}` is of the whole service; "
        f"a part has {', '.join(PART_OF)} and figures of its clips; write `{figure}`"
    )
