"""The stages of a clip: the figures of a stage are computed for each, joined by each figure's own word, and handed over as known.

As parts of a mix are; all inputs of those figures, such as a clip's GPU-seconds, are computed once by the ordinary formulas.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, reduce
from typing import NamedTuple, Protocol

from t2v_capacity.engine.figures import FIGURES, Number, ancestors, evaluate, ordered
from t2v_capacity.engine.verbs import maximum
from t2v_capacity.errors import Mistakes
from t2v_capacity.scenario.mix import part_called
from t2v_capacity.scenario.settings import Scenario, Stage

# The costs and the results of decoding: zero for stages that hand their latents on.
OF_THE_DECODE = (
    *("decoded_pixels", "vae_decode_flops", "vae_decode_seconds", "host_seconds"),
    *("pixels_at_once", "vae_decode_weights", "vae_decode_buffers", "vae_decode_memory"),
)


class Decoding(Protocol):
    """A stage as what is joined needs it: whether the VAE decodes its clip."""

    @property
    def decodes(self) -> bool:
        """Whether the VAE decodes its clip."""


class Making(Decoding, Protocol):
    """A stage as what is computed needs it, with what it follows from."""

    def over(self, known: Mapping[str, Number]) -> dict[str, Number]:
        """Return its assumptions and pins among the values of the clip."""


@cache
def stage_figures(wanted: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the figures of a stage, all or those that the wanted ones need, each after those that it is computed from."""
    needed = {*wanted, *ancestors(wanted)} if wanted else FIGURES
    return tuple(figure.name for figure in ordered() if figure.stages and figure.name in needed)


def clip(stages: Sequence[Making], known: Mapping[str, Number], wanted: tuple[str, ...] = ()) -> dict[str, Number]:
    """Return the value of every figure of clips made in these stages, or of the wanted ones; what `known` holds of them counts."""
    if not stages:
        return evaluate(known, wanted)
    names = tuple(name for name in stage_figures(wanted) if name not in known)
    found = [evaluate(stage.over(known), names) for stage in stages] if names else []
    return evaluate({**known, **of_all_stages(stages, names, found)}, wanted)


def of_all_stages(stages: Sequence[Decoding], names: Iterable[str], found: Sequence[Mapping[str, Number]]) -> dict[str, Number]:
    """Return figures of a clip from those of its stages, by each figure's own word."""
    return {name: _join(FIGURES[name].stages, counted(stages, name, found)) for name in names}


def counted(stages: Sequence[Decoding], name: str, found: Sequence[Mapping[str, Number]]) -> list[Number]:
    """Return a figure of those stages whose it counts."""
    pairs = zip(stages, found, strict=True)
    return [one[name] for stage, one in pairs if stage.decodes or name not in OF_THE_DECODE]


def _join(word: str, values: list[Number]) -> Number:
    if word == "last":
        return values[-1]
    return sum(values) if word == "sum" else reduce(maximum, values)


def check_of_a_stage(scenario: Scenario, stage: str, name: str) -> None:
    """Raise Mistakes if a scenario has no such stage, or that has no such figure."""
    found = part_called(scenario.stages, stage, "stage")
    if name in FIGURES and not FIGURES[name].stages:
        raise Mistakes(f"`{name}` applies to the whole clip or service; write `{name}`")
    if name in OF_THE_DECODE and not found.decodes:
        raise Mistakes(f"`{name}` is 0 of `{stage}`, which hands its latents on; `decoded: true` decodes them")


class StageFigures(NamedTuple):
    """A stage of a clip, its assumptions and its figures; what decoding takes is 0 where it hands its latents on."""

    name: str
    decodes: bool
    values: Mapping[str, float]
    figures: Mapping[str, float]


def figures_of_stages(scenario: Scenario, known: Mapping[str, float]) -> tuple[StageFigures, ...]:
    """Return the stages of a plan's clips, or of a part's; `known` are the values of the plan, or of the part."""
    return tuple(_figures_of(stage, stage.over(known)) for stage in scenario.stages)


def _figures_of(stage: Stage, values: Mapping[str, float]) -> StageFigures:
    found = evaluate(values, stage_figures())
    left_out = () if stage.decodes else OF_THE_DECODE
    figures = {name: 0.0 if name in left_out else found[name] for name in FIGURES if name in found}
    return StageFigures(stage.name, stage.decodes, values, figures)
