"""Define the settings of a part of a mix: its clip, its generation on the same replica, its price, and its latency target.

And what a stage of a clip may say: the size at which it denoises, and how.
"""

import re

from t2v_capacity.assumptions import ASSUMPTIONS, SECTIONS, Assumption
from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.assumptions.names import flag_of, not_a_figure, section_of
from t2v_capacity.errors import nearest, quote
from t2v_capacity.formulas import FIGURES

MIX, SHARE, PINS, STAGES, DECODED = "mix", "share", "pins", "stages", "decoded"
PART_NAME = re.compile(r"[A-Za-z0-9_]+", re.ASCII)
# Names that a part may set in addition to its share and pins, if they exist.
_OF_A_PART = (
    *("duration", "resolution", "width", "height", "fps", "bitrate", "steps", "passes_per_step"),
    *("step_cache", "cached_step_share", "sparse_attention", "attention_sparsity", "sparse_kernel_efficiency", "decoder"),
    *("price_per_video_second", "paid_share", "target_latency"),
)
# Names that a stage may set in addition to its pins and `decoded`.
_OF_A_STAGE = (
    *("resolution", "width", "height", "fps", "steps", "passes_per_step"),
    *("step_cache", "cached_step_share", "sparse_attention", "attention_sparsity", "sparse_kernel_efficiency", "decoder"),
    "vae_encode_share",
)
# Other weights would have to fit in memory with these, or be swapped with them.
_WEIGHTS = ("model", "precision", "distilled")
# Properties of the replicas, apart from choices of how they run.
_REPLICA = ("gpus_per_replica", "gpus_per_server")
_POOLED = "`t2v-cap total --pooled plan-a.yaml plan-b.yaml`"
# Figures of a part's own promise, which follow from its clips and these waits of the plan.
OF_THE_PROMISE = ("interrupted_share", "runs_latency_p95", "runs_latency_mean", "clip_excess", "latency_p95", "latency_slack")
PROMISE_BY = ("wait_mean", "wait_tail", "wait_chance", "interruptions_per_run", "interrupted_work")
# Figures of the plan that a part has its part of.
PART_OF = (*OF_THE_PROMISE, "busy_gpus", "gpus", "cost_per_video")


def of_a_part() -> list[str]:
    """Return the names of assumptions, choices and shorthands that a part may set."""
    return [name for name in _OF_A_PART if section_of(name)]


def of_a_stage() -> list[str]:
    """Return the names of assumptions, choices and shorthands that a stage may set."""
    return [name for name in _OF_A_STAGE if section_of(name)]


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
    """Return the names whose values hold for one of a part or a stage, the nearest first: what it lacks is the plan's stage's or the part's.

    >>> within("mix.hd.stages.base.steps")
    ('mix.hd.stages.base.steps', 'stages.base.steps', 'mix.hd.steps', 'steps')
    """
    plain, (home, called, *_stage) = plain_name(name), (*name.split(".", 2), "")
    outer = f"{home}.{called}."
    return tuple(dict.fromkeys((name, name.removeprefix(outer), f"{outer}{plain}", plain))) if is_own(name) else (name,)


_OF_SHARES = Assumption(SHARE, "Share of the requests", "100%", 0, 1, "the mix", bare=True, whole=False, unlimited=False, section=MIX)


def known_of(name: str) -> Assumption | None:
    """Return the definition of an assumption, or of a part's own name; nothing for any other name.

    >>> known_of("mix.hd.steps").label, known_of("mix.hd.share").unit, known_of("gpus")
    ('Denoising steps', 'share', None)
    """
    plain = plain_name(name)
    known = _OF_SHARES if plain == SHARE else ASSUMPTIONS.get(plain)
    return known._replace(name=name) if known else None


def assumption(name: str) -> Assumption:
    """Return the definition of an assumption, or of a part's own name."""
    known = known_of(name)
    assert known, name
    return known


def is_of_a_part(name: str) -> bool:
    """Return whether a name is of a part of a mix: `mix.hd.steps`."""
    return name.startswith(f"{MIX}.")


def is_own(name: str) -> bool:
    """Return whether a name is of a part of a mix, or of a stage of a plan or of a part: `mix.hd.stages.base.steps`."""
    return name.startswith((f"{MIX}.", f"{STAGES}."))


def flagged(name: str, text: str) -> str:
    """Return a value as it is typed after a flag.

    >>> flagged("gpus_per_replica", "2"), flagged("mix.hd.steps", "20")
    ('--gpus-per-replica 2', '--set mix.hd.steps=20')
    """
    return f"--set {name}={text}" if is_own(name) else f"{flag_of(name)} {text}"


def word_of(figure: str, home: str) -> str:
    """Return how a figure joins over the parts of a mix, or over the stages of a clip; nothing if they don't have it.

    >>> word_of("video_size", MIX), word_of("video_size", STAGES), word_of("gpus", MIX)
    ('mean', 'last', '')
    """
    return FIGURES[figure].mix if home == MIX else FIGURES[figure].stages


def not_of_a_part(name: str) -> str:
    """Return why a part can't set a name, with what to write instead; nothing if it can.

    >>> not_of_a_part("steps"), not_of_a_part("dau")
    ('', '`dau` applies to the whole service; write it at the top level, and in the part write its `share` of the requests')
    """
    known, home = of_a_part(), section_of(name)
    reasons = (
        (name in known, ""),
        (name in SECTIONS, f"`{name}` is a section; write its assumptions in the part itself"),
        (name in FIGURES, f"`{name}` is a figure, which is computed; give it a value under `{PINS}` of the part"),
        (not home, f"a part cannot set {quote(name)}{nearest(name, known) or '; it can set ' + ', '.join((SHARE, PINS, *known))}"),
        (
            name in _WEIGHTS or home == "architecture",
            f"`{name}` changes the weights, which all parts of a mix share; write one scenario per part and run {_POOLED}",
        ),
        (
            name in CHOICES or name in _REPLICA,
            f"`{name}` applies to the replicas, which all parts of a mix share; write it at the top level, or write one scenario per part and run {_POOLED}",
        ),
        (
            home == "traffic",
            f"`{name}` applies to the whole service; write it at the top level, and in the part write its `{SHARE}` of the requests",
        ),
    )
    return next((reason for holds, reason in reasons if holds), f"`{name}` applies to the whole service; write it at the top level")


def not_of_a_stage(name: str) -> str:
    """Return why a stage can't set a name, with what to write instead; nothing if it can.

    >>> not_of_a_stage("steps"), not_of_a_stage("duration")
    ('', '`duration` applies to the whole clip or service; write it outside `stages`')
    """
    known, home = of_a_stage(), section_of(name)
    reasons = (
        (name in known, ""),
        (name in SECTIONS, f"`{name}` is a section; write its assumptions in the stage itself"),
        (name in FIGURES, f"`{name}` is a figure, which is computed; give it a value under `{PINS}` of the stage"),
        (name in (MIX, STAGES), f"a stage has no `{name}` of its own; write it outside `{STAGES}`"),
        (name == SHARE, f"a stage cannot set `{SHARE}`: every clip goes through all stages; write it in a part of `{MIX}`"),
        (
            not home,
            f"a stage cannot set {quote(name)}{nearest(name, known) or '; it can set ' + ', '.join((DECODED, PINS, *known))}",
        ),
        (
            name in _WEIGHTS or home == "architecture",
            f"`{name}` changes the weights, which all stages of a clip share; write it outside `{STAGES}`",
        ),
        (
            name in CHOICES or name in _REPLICA,
            f"`{name}` applies to the replicas, which all stages of a clip share; write it outside `{STAGES}`",
        ),
    )
    whole = f"`{name}` applies to the whole clip or service; write it outside `{STAGES}`"
    return next((reason for holds, reason in reasons if holds), whole)


def not_had_by_a_part(figure: str) -> str:
    """Return why a part has no figure of a name; nothing if it has: of its clips, or its part of the fleet and of the bill."""
    if figure in FIGURES and (FIGURES[figure].mix or figure in PART_OF):
        return ""
    if figure not in FIGURES:
        return not_a_figure(figure, "a condition is")
    return f"`{figure}` exists for the whole service only; a part has {', '.join(PART_OF)} and figures of its clips; write `{figure}`"


def not_pinned_in_a_part(figure: str) -> str:
    """Return why a part can't pin a figure; nothing if it is of a clip."""
    return "" if FIGURES[figure].mix else f"`{figure}` applies to the whole service; pin it at the top level"


def not_pinned_in_a_stage(figure: str) -> str:
    """Return why a stage can't pin a figure; nothing if each stage has its own."""
    return "" if FIGURES[figure].stages else f"`{figure}` applies to the whole clip or service; pin it outside `{STAGES}`"
