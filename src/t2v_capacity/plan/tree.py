"""The tree of a plan: its mix's parts or its clips' stages, and the stages of a part.

The figures of a clip are computed for each part or stage. They are joined by a word of the figure, such as "sum". The
joined ones are then known, as pins are. All others follow by the ordinary formulas: a mix has none of its own. A part
and a stage are also seen as plans of their own, a part with its share of the whole plan.
"""

import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, reduce, wraps
from operator import is_
from typing import NamedTuple, TypeVar

from t2v_capacity.assumptions.parts import MIX, OF_THE_PROMISE, PROMISE_BY, STAGES, word_of
from t2v_capacity.engine.constants import UNDEFINED
from t2v_capacity.engine.figures import FIGURES, Known, Names, Number, ancestors, evaluate, ordered, with_role
from t2v_capacity.engine.verbs import maximum, minimum, scalars, where
from t2v_capacity.errors import Mistakes
from t2v_capacity.scenario.mix import part_called, share_name
from t2v_capacity.scenario.settings import Part, Scenario

# A figure of the plan that is the least of its parts' own.
SLACK = "latency_slack"
# The costs and the results of decoding: zero for stages that hand their latents on.
OF_THE_DECODE = with_role("decode")


# A plan, a part of a mix or a stage: what its figures are computed from.
PlanNode = Scenario | Part
# What gives the values of a part or a stage, from those of its plan.
Over = Callable[[Part, Known], dict[str, Number]]


@cache
def own_figures(home: str, wanted: Names = ()) -> Names:
    """Return the figures that each part or stage has, all or those that the wanted ones need.

    Each stands after those that it is computed from.
    """
    needed = {*wanted, *ancestors(wanted)} if wanted else FIGURES
    return tuple(figure.name for figure in ordered() if word_of(figure.name, home) and figure.name in needed)


def joined_figures(node: PlanNode, known: Iterable[str], wanted: Names = ()) -> Names:
    """Return the figures that are joined from a node's parts or stages.

    What is known of a clip as a whole is not joined from its stages.
    """
    if node.parts:
        return own_figures(MIX, wanted)
    return tuple(name for name in own_figures(STAGES, wanted) if name not in known) if node.stages else ()


def evaluated(node: PlanNode, known: Known, wanted: Names = (), over: Over = Part.over) -> dict[str, Number]:
    """Return the value of every figure of a node, or of the wanted ones.

    `known` are its values, and no figures but pinned ones; `over` gives those of a part or a stage among them.
    """
    names = joined_figures(node, known, wanted)
    if not names:
        return evaluate(known, wanted)
    inner = node.parts or node.stages
    inner_values = [over(child, known) for child in inner]
    inner_figures = [evaluated(child, values, names, over) for child, values in zip(inner, inner_values, strict=True)]
    joined = {**known, **join_figures(inner, known, names, inner_figures)}
    if not joins_slack(node, known, wanted):
        return evaluate(joined, wanted)
    figures = evaluate(joined, wanted and (*wanted, *PROMISE_BY))
    clips = [{**values, **own} for values, own in zip(inner_values, inner_figures, strict=True)]
    figures[SLACK] = least_slack(node.parts, {**known, **figures}, clips)
    return {name: figures[name] for name in wanted or FIGURES}


def joins_slack(node: PlanNode, pinned: Iterable[str], wanted: Names = ()) -> bool:
    """Return whether a plan's latency slack, all figures or one that is wanted, is the least of its parts'."""
    return bool(node.parts) and SLACK in (wanted or FIGURES) and {*OF_THE_PROMISE}.isdisjoint(pinned)


def least_slack(parts: Sequence[Part], known: Known, clips: Sequence[Known]) -> Number:
    """Return the least latency left under the targets of a mix's parts, each with the plan's waits.

    `clips` are the values and figures of each part's clips.
    """
    slacks = [
        (share_of(part, known), _promise({**known, **own})[SLACK]) for part, own in zip(parts, clips, strict=True)
    ]
    return join_by_word("min", slacks)


def _promise(known: Known) -> dict[str, Number]:
    """Return a part's figures of the promise, from its clips' figures and the plan's waits."""
    figures = {**known}
    for name in OF_THE_PROMISE:
        figures[name] = FIGURES[name].of(figures)
    return {name: figures[name] for name in OF_THE_PROMISE}


def counts(name: str, *, decodes: bool) -> bool:
    """Return whether a figure counts of a part or a stage that decodes, or that hands its latents on."""
    return decodes or name not in OF_THE_DECODE


def share_of(node: Part, known: Known) -> Number:
    """Return the share of a part among the plan's values; every clip goes through all stages."""
    return known[share_name(node.name)] if node.home == MIX else 1.0


def join_figures(nodes: Sequence[Part], known: Known, names: Names, figures: Sequence[Known]) -> dict[str, Number]:
    """Return figures from those of parts or stages; of parts whose share is 0 nothing counts."""
    if not names:
        return {}
    home = nodes[0].home
    shares = [share_of(node, known) for node in nodes]
    of_nodes = [*zip(nodes, shares, figures, strict=True)]
    return {
        name: join_by_word(
            word_of(name, home),
            [(share, own[name]) for node, share, own in of_nodes if counts(name, decodes=node.decodes)],
        )
        for name in names
    }


def join_by_word(word: str, pairs: Sequence[tuple[Number, Number]]) -> Number:
    """Return the join of a figure, which has these shares.

    A mean lies between the least and the most, so that where all are equal it is what they are.
    """
    if word == "sum":
        return sum(figure for _share, figure in pairs)
    if word == "last":
        return pairs[-1][1]
    most = reduce(maximum, _where_shared(pairs, -math.inf))
    if word == "max":
        return most
    least = reduce(minimum, _where_shared(pairs, math.inf))
    if word == "min":
        return least
    total = sum(share * figure for (share, _), figure in zip(pairs, _where_shared(pairs, 0.0), strict=True))
    return minimum(maximum(total, least), most)


def _where_shared(pairs: Sequence[tuple[Number, Number]], otherwise: float) -> list[Number]:
    """Return the figures where their shares are above 0."""
    return [where(share > 0, figure, otherwise) for share, figure in pairs]


_Kept = TypeVar("_Kept")


class View(NamedTuple):
    """A part or a stage, seen as a plan of its own.

    A part has its own scenario, and values that are the part's or the plan's. A stage of a part's clips or of the
    plan's is seen as if that were all that is made.
    """

    part: Part | None
    scenario: Scenario
    known: Known
    whole: "View | None" = None  # of a stage: the part or the plan whose clips go through it

    @property
    def name(self) -> str:
        """Its label if it is one of several."""
        if not self.part:
            return ""
        return f"{self.whole.name if self.whole else ''}.{self.part.called('')}".strip(".")

    @property
    def of_a_mix(self) -> str:
        """The name of the part of a mix that it is or is of; nothing if it is of none."""
        part = self.whole.part if self.whole else self.part
        return part.name if part else ""

    def of(self, name: str) -> str:
        """Return an assumption or a figure by the name that the plan knows it by."""
        if self.part and name in self.part.own:
            return f"{self.name}.{name}"
        return self.whole.of(name) if self.whole else name


def stages_of(view: View) -> tuple[View, ...]:
    """Return each stage of the clips of a part or a plan, as a plan of that stage alone.

    Return the part or plan itself if its clips are made in one stage.
    """
    stages = (View(stage, stage.scenario, of_part(stage, view.known), view) for stage in view.scenario.stages)
    return tuple(stages) or (view,)


def homes(plan: Scenario) -> dict[str, tuple[Part, ...]]:
    """Return the part and the stage that names are of, by how these begin: `mix.hd.stages.base.`; none of the plan's.

    >>> from t2v_capacity.scenario.load import load_scenario
    >>> [*homes(load_scenario("scenarios/two-stage.yaml"))]
    ['', 'stages.base.', 'stages.refine.']
    """
    inner = (*plan.parts, *plan.stages)
    ways = {part.called(home): (part, *way) for part in inner for home, way in homes(part.scenario).items()}
    return {"": (), **ways}


def remembered(ask: Callable[..., _Kept]) -> Callable[..., _Kept]:
    """Let a question of the same scenario, and of the same values, be answered once.

    Evidence, warnings and answers all ask it.
    """
    last = deque[tuple[tuple[object, ...], _Kept]](maxlen=2)

    @wraps(ask)
    def answered(*asked: object) -> _Kept:
        for earlier, answer in tuple(last):  # which another thread may add to
            if all(map(is_, earlier, asked)):
                return answer
        answer = ask(*asked)
        last.append((asked, answer))
        return answer

    return answered


@remembered
def views(scenario: Scenario, known: Known) -> tuple[View, ...]:
    """Return each part that has a share, or the plan itself if it is no mix.

    `known` are the values and figures of the plan.
    """
    if not scenario.parts:
        return (View(None, scenario, known),)
    return tuple(
        View(part, part.scenario, of_part(part, known)) for part in scenario.parts if share_of(part, known) > 0
    )


def _clips(part: Part, own: Known) -> Known:
    """Return the figures of a part's clips.

    For the same clips, return those computed last: cells that only move the plan ask for them again.
    """
    moving, last = _behind_clips(), part.clips  # which another thread may replace
    inputs = {name: number for name, number in own.items() if name in moving or "." in name}
    if not last or not scalars(*inputs.values()) or last[0] != inputs:
        last = part.clips = inputs, evaluated(part, own, own_figures(MIX))
    return last[1]


@cache
def _behind_clips() -> frozenset[str]:
    """Return the names that figures of a clip follow from."""
    return frozenset((*own_figures(MIX), *ancestors(own_figures(MIX))))


def of_part(part: Part, known: Known) -> dict[str, Number]:
    """Return the values and figures of a part.

    They are its clips' own, its promise with the plan's waits, and what else is the plan's.
    """
    own = part.over(known)
    own |= _clips(part, own)
    seen = {**known, **own}
    return seen | _promise(seen)


def views_of(scenario: Scenario, known: Known, of: str) -> Iterable[View]:
    """Return the views of a plan that a question is asked of.

    A question of a "plan" is asked of the plan itself. One of a "clip" is asked of each part that has a share. One of
    a "stage" is asked of each stage of these.
    """
    if of == "plan":
        return (View(None, scenario, known),)
    parts = views(scenario, known)
    return parts if of == "clip" else [stage for view in parts for stage in stages_of(view)]


def check_of_a_stage(scenario: Scenario, stage: str, name: str) -> None:
    """Raise Mistakes if a scenario has no such stage, or that has no such figure."""
    part = part_called(scenario.stages, stage, "stage")
    if name in FIGURES and not FIGURES[name].stages:
        raise Mistakes(f"`{name}` applies to the whole clip or service; write `{name}`")
    if not counts(name, decodes=part.decodes):
        raise Mistakes(f"`{name}` is 0 of `{stage}`, which hands its latents on; `decoded: true` decodes them")


class PartFigures(NamedTuple):
    """A part of a mix, or a stage: its share, its values, and the figures of its clips.

    A part also has its part of the fleet and of the bill. What decoding takes is 0 for a stage that hands its latents
    on.
    """

    name: str
    share: float
    decoded: bool
    values: Known
    figures: Mapping[str, float]
    stages: "tuple[PartFigures, ...]"


def part_figures(parts: Iterable[Part], known: Known) -> tuple[PartFigures, ...]:
    """Return parts or stages of a plan or of a part, whose values and figures are `known`.

    Parts divide the plan's GPUs and their cost by GPU-seconds, and storage and egress by bytes. They divide requests
    and all other costs by clips, so that all parts together have the plan's.
    """
    of_parts = []
    for part in parts:
        values = part.over(known)
        clips = evaluated(part, values, own_figures(part.home))
        own = {name: figure if counts(name, decodes=part.decodes) else 0.0 for name, figure in clips.items()}
        if part.home == MIX:
            own |= part_of_the_plan(part, clips, {**known, **values, **{name: known[name] for name in PART_BY}})
        figures = {name: own[name] for name in FIGURES if name in own}
        stages = part_figures(part.stages, values)
        of_parts.append(PartFigures(part.name, share_of(part, known), part.decodes, values, figures, stages))
    return tuple(of_parts)


# The plan's figures from which a part's own figures are computed.
COSTS = FIGURES["cost_per_month"].parameters
PART_BY = (
    *PROMISE_BY,
    *("busy_gpus", "gpus", "spot_seconds_per_video", "video_size", "delivered_per_day", "revenue_per_month"),
    *COSTS,
)
# The costs that parts share by their GPU work, and by the size of their clips; all others by their clips.
OF_THE_WORK, OF_THE_SIZE = ("gpu_cost_per_month",), ("storage_cost_per_month", "egress_cost_per_month")

# What cost and sales decide.
SOLD = ("break_even_price", "gross_margin", "profit_per_month")


def part_of_the_plan(part: Part, clips: Known, known: Known) -> dict[str, Number]:
    """Return a part's figures of a plan: its latency target, its GPUs, its cost per clip, its margin and profit.

    They are floats, or arrays of cells. `clips` are the figures of its clips, and `known` the values and figures of the
    plan.
    """
    figures = _promise({**known, **clips})
    work, stored = (clips[name] / known[name] for name in ("spot_seconds_per_video", "video_size"))
    share, clips_per_month = known[share_name(part.name)], known["delivered_per_day"] * known["days_per_month"]
    factors = dict.fromkeys(OF_THE_WORK, work) | dict.fromkeys(OF_THE_SIZE, stored)
    cost = sum(known[name] * factors.get(name, 1) for name in COSTS)
    figures |= {name: known[name] * share * work for name in ("busy_gpus", "gpus")}
    figures["cost_per_video"] = cost / clips_per_month

    # A clip's money has the ratios of a month's.
    clip = {
        "cost_per_month": figures["cost_per_video"],
        "revenue_per_month": clips["revenue_per_video"],
        "paid_seconds_per_month": clips["paid_seconds_per_video"],
    }
    figures |= {name: FIGURES[name].of(clip) for name in SOLD}
    # Parts divide the plan's profit: a part that is free costs what it costs where others are sold.
    profit_per_clip = clips["revenue_per_video"] - figures["cost_per_video"]
    sold = where(known["revenue_per_month"] > 0, share * clips_per_month, UNDEFINED)
    return figures | {"profit_per_month": sold * profit_per_clip}
