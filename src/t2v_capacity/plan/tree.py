"""The tree of a plan: its mix's parts or its clips' stages, and the stages of a part.

The figures of a clip are computed for each part or stage. They are joined by a word of the figure, such as "sum". The
joined ones are then known, as pins are. All others follow by the ordinary formulas: a mix has none of its own.
"""

import math
from collections.abc import Iterable, Sequence
from functools import cache
from operator import mul
from typing import Protocol

from t2v_capacity.assumptions.parts import MIX, STAGES, word_of
from t2v_capacity.engine.figures import FIGURES, Known, Names, Number, ancestors, evaluate, ordered, with_role
from t2v_capacity.engine.verbs import maximum, minimum, scalars, where
from t2v_capacity.scenario.mix import share_name

# The costs and the results of decoding: zero for stages that hand their latents on.
OF_THE_DECODE = with_role("decode")


class PlanNode(Protocol):
    """A plan, a part of a mix or a stage: what its figures are computed from."""

    @property
    def name(self) -> str:
        """Its label."""

    @property
    def home(self) -> str:
        """What it is in: `mix`, `stages`, or nothing if it is a plan."""

    @property
    def decodes(self) -> bool:
        """Whether the VAE decodes its clip; a stage can hand its latents on."""

    @property
    def parts(self) -> Sequence["PlanNode"]:
        """The parts of its mix; none if it is no mix."""

    @property
    def stages(self) -> Sequence["PlanNode"]:
        """The stages in which its clips are made; none if that is one."""

    def over(self, known: Known) -> dict[str, Number]:
        """Return its assumptions and pins among the values of the plan or the part that it is of."""


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


def evaluated(node: PlanNode, known: Known, wanted: Names = ()) -> dict[str, Number]:
    """Return the value of every figure of a node, or of the wanted ones.

    `known` are its values, and no figures but pinned ones.
    """
    names = joined_figures(node, known, wanted)
    if not names:
        return evaluate(known, wanted)
    inner = node.parts or node.stages
    inner_figures = [evaluated(child, child.over(known), names) for child in inner]
    return evaluate({**known, **join_figures(inner, known, names, inner_figures)}, wanted)


def counts(name: str, *, decodes: bool) -> bool:
    """Return whether a figure counts of a part or a stage that decodes, or that hands its latents on."""
    return decodes or name not in OF_THE_DECODE


def share_of(node: PlanNode, known: Known) -> Number:
    """Return the share of a part among the plan's values; every clip goes through all stages."""
    return known[share_name(node.name)] if node.home == MIX else 1.0


def join_figures(nodes: Sequence[PlanNode], known: Known, names: Names, figures: Sequence[Known]) -> dict[str, Number]:
    """Return figures from those of parts or stages; of parts whose share is 0 nothing counts."""
    if not names:
        return {}
    home = nodes[0].home
    shares = [share_of(node, known) for node in nodes]
    counted = [
        (node.decodes, share, own)
        for node, share, own in zip(nodes, shares, figures, strict=True)
        if not scalars(share) or share > 0
    ]
    return {
        name: _join(
            word_of(name, home),
            [(share, own[name]) for decodes, share, own in counted if counts(name, decodes=decodes)],
        )
        for name in names
    }


def _join(word: str, pairs: Sequence[tuple[Number, Number]]) -> Number:
    """Return the join of a figure.

    A mean lies between the least and the most, so that where all are equal it is what they are.
    """
    shares, values = zip(*pairs, strict=True)
    if word in ("sum", "last"):
        return sum(values) if word == "sum" else values[-1]
    if scalars(*shares, *values):
        total = sum(map(mul, shares, values))
        least, most = min(values), max(values)
        if math.isnan(total):
            return total
        if word == "max" or total > most:
            return most
        return least if word == "min" or total < least else total

    total, least, most = 0.0, math.inf, -math.inf
    for share, figure in pairs:
        total = total + where(share > 0, share * figure, 0.0)
        least = minimum(least, where(share > 0, figure, math.inf))
        most = maximum(most, where(share > 0, figure, -math.inf))
    return {"mean": minimum(maximum(total, least), most), "max": most, "min": least}[word]
