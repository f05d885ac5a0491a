"""Many estimates of one plan at once.

What moves with a few names is computed again, in floats or in arrays; the rest is not.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from t2v_capacity.assumptions.parts import MIX, SHARE, is_of_a_part, plain_name
from t2v_capacity.engine.figures import Figure, Known, Names, Number, ancestors, evaluate, ordered
from t2v_capacity.plan.tree import (
    PART_BY,
    SLACK,
    join_figures,
    joined_figures,
    joins_slack,
    least_slack,
    own_figures,
    part_of_the_plan,
)
from t2v_capacity.scenario.mix import scaled, share_name
from t2v_capacity.scenario.settings import Part, Scenario

# Default draws and their seed.
SAMPLES, SEED = SAMPLING = 20_000, 0
Sampling = tuple[int, int]

SIZE = ("width", "height")
# Bytes, just below the most for which glibc learns.
_KEPT_FROM = 32_000_000


def moves(scenario: Scenario, names: Iterable[str]) -> Names:
    """Return the assumptions that move when these do: a frame size brings a bitrate, unless one was set."""
    names = tuple(names)
    if scenario.bitrate_follows and "bitrate" not in names and set(names) & set(SIZE):
        return (*names, "bitrate")
    return names


def moved_by(scenario: Scenario, names: Iterable[str]) -> set[str]:
    """Return the assumptions and figures that move first when these do.

    A part's own name moves what the plan's does, and a share moves all of a clip.
    """
    plain_names = {plain_name(name) for name in names}
    clips = own_figures(MIX) if SHARE in plain_names else ()
    return {*moves(scenario, plain_names), *clips}


def bitrate(scenario: Scenario, width: Number, height: Number) -> Number:
    """Return the bitrate that goes with a frame size, or with each of an array of them."""
    pixels = width * height
    if hasattr(pixels, "shape"):
        import numpy as np

        sizes, places = np.unique(pixels, return_inverse=True)
        return np.array([bitrate(scenario, size, 1.0) for size in sizes.tolist()])[places]
    return scenario.catalogue.bitrate(pixels)[0]


@cache
def _ancestry(figure: str, pinned: Names) -> frozenset[str]:
    """Return all inputs of a figure of any plan with these pins."""
    return frozenset(ancestors([figure], stop=pinned))


def ancestry(figure: str, scenario: Scenario) -> frozenset[str]:
    """Return all inputs of a figure of a plan, not following the inputs of pinned ones."""
    return _ancestry(figure, tuple(scenario.pins))


# What computes a cell: from the values that move, the wanted figures.
Compute = Callable[[dict[str, Number]], dict[str, Number]]


@cache
def _downstream(moving: Names, wanted: Names, pinned: frozenset[str]) -> tuple[tuple[Figure, ...], frozenset[str]]:
    """Return those figures that move with these names, and all inputs that are none of them.

    Only figures that the wanted ones need are among them.
    """
    moved, later = {*moving}, list[Figure]()
    for figure in ordered(wanted):
        if figure.name not in pinned and figure.name not in moving and not moved.isdisjoint(figure.parameters):
            moved.add(figure.name)
            later.append(figure)
    used = {*wanted, *(parameter for figure in later for parameter in figure.parameters)}
    return tuple(later), frozenset(used.difference(figure.name for figure in later))


def cells_of(scenario: Scenario, names: Iterable[str], wanted: Names, known: Known | None = None) -> Compute:
    """Return the function from values of these assumptions to the wanted figures.

    What they don't reach is computed once. `known` stands in for the scenario's values, and may hold figures too, which
    are then taken as they are.
    """
    if not wanted:  # of no wanted figures, all would be computed
        return lambda _values: {}
    base = known if known is not None else scenario.values()
    if scenario.inner:
        return _joined_cells(scenario, tuple(names), wanted, base)
    return _cells(scenario, names, wanted, base, frozenset(scenario.pins))


def _cells(scenario: Scenario, names: Iterable[str], wanted: Names, base: Known, pinned: frozenset[str]) -> Compute:
    """Return the function of `cells_of` for a plan without parts and stages; inputs of a pin are not computed."""
    moving = moves(scenario, names)
    steps, used = _downstream(moving, wanted, pinned)
    still = tuple(name for name in used if name not in base and name not in moving)
    fixed = {name: base[name] for name in used if name in base} | (evaluate(base, still) if still else {})

    def figures(values: dict[str, Number]) -> dict[str, Number]:
        known = {**fixed, **values}
        if "bitrate" in moving and "bitrate" not in values:
            known["bitrate"] = bitrate(scenario, *(values.get(name, base[name]) for name in SIZE))
        for figure in steps:
            known[figure.name] = figure.formula(*figure.arguments_of(known))
        return {name: known[name] for name in wanted}

    return figures


class _Clips(NamedTuple):
    """The clips of a part of a mix, or of a stage, in the cells of its plan."""

    names: Mapping[str, str]  # the plan's moving names that move these clips, each with the part's own name
    values: Known  # of the part, before any moves
    figures: Known  # of the part, those that do not move
    moving: Names  # those of these figures that move
    cell: Compute


def _clips(part: Part, names: Names, wanted: Names, base: Known) -> _Clips:
    """Return the clips of a part or a stage, with these figures, in cells that move these names."""
    own_names, values = _own_names(part, names), part.over(base)
    first = moved_by(part.scenario, own_names.values())
    moving = tuple(name for name in wanted if name in first or not ancestry(name, part.scenario).isdisjoint(first))
    still = tuple(name for name in wanted if name not in moving)
    figures = cells_of(part.scenario, (), still, values)({})
    return _Clips(own_names, values, figures, moving, cells_of(part.scenario, own_names.values(), moving, values))


def _joined_cells(scenario: Scenario, names: Names, wanted: Names, base: Known) -> Compute:
    """Return the function of `cells_of` for a mix, or for clips made in stages.

    A cell is what `evaluated` gives. Only those figures of clips that move are computed and joined again.
    """
    parts = scenario.inner
    of_parts = tuple(filter(is_of_a_part, wanted))
    slack = joins_slack(scenario, scenario.pins, wanted)
    of_plan = (*(name for name in wanted if name not in of_parts), *(PART_BY if of_parts or slack else ()))
    joined_names = joined_figures(scenario, scenario.pins, () if of_parts else wanted)
    all_clips = [_clips(part, names, joined_names, base) for part in parts]
    moving = tuple(name for name in joined_names if any(name in clips.moving for clips in all_clips))
    still = tuple(name for name in joined_names if name not in moving)
    fixed = {**base, **join_figures(parts, base, still, [clips.figures for clips in all_clips])}
    plan_cell = _cells(scenario, (*names, *moving), of_plan, fixed, frozenset((*scenario.pins, *joined_names)))

    def figures(values: dict[str, Number]) -> dict[str, Number]:
        moved = [{own: values[name] for name, own in clips.names.items() if name in values} for clips in all_clips]
        clip_figures = [{**clips.figures, **clips.cell(own)} for clips, own in zip(all_clips, moved, strict=True)]
        shares = _shares(scenario.parts, base, values)

        plan = plan_cell({**values, **join_figures(parts, shares, moving, clip_figures)})
        seen = [
            {**clips.values, **own, **clip} for clips, own, clip in zip(all_clips, moved, clip_figures, strict=True)
        ]
        if slack:
            plan[SLACK] = least_slack(scenario.parts, {**base, **values, **shares, **plan}, seen)

        if of_parts:
            for part, own in zip(parts, seen, strict=True):
                known = {**base, **values, **shares, **own, **plan}
                part_figures = {**own, **part_of_the_plan(part, own, known)}
                prefix = part.called("")
                plan |= {name: part_figures[plain_name(name)] for name in of_parts if name.startswith(prefix)}
        return {name: plan[name] for name in wanted}

    return figures


def _own_names(part: Part, names: Iterable[str]) -> dict[str, str]:
    """Return the names that move a part's clips, each with what it is of the part.

    They are the plan's, except where the part has its own. A share moves all of a clip.
    """
    prefix, siblings = part.called(""), f"{part.home}."
    own = {name: name.removeprefix(prefix) for name in names if name.startswith(prefix)}
    return {
        name: name for name in names if not (name.startswith(siblings) or name in own.values() or part.holds(name))
    } | own


def _shares(parts: tuple[Part, ...], base: Known, values: Known) -> dict[str, Number]:
    """Return the share of each part.

    Where some are set, the others keep their proportion, except those that flags set.
    """
    given = {share_name(part.name): base[share_name(part.name)] for part in parts}
    moved = {name: values[name] for name in given if name in values}
    fixed = {share_name(part.name): given[share_name(part.name)] for part in parts if part.fixed} | moved
    return scaled(given, fixed) if moved else given


def quiet() -> Any:
    """Return the context for formulas on arrays, in which numpy doesn't warn of what has no value.

    A draw or a cell may have no value.
    """
    import numpy as np

    # This array is freed at once: from then on glibc keeps the memory of an array for the next one.
    # Otherwise each array is a mapping of fresh pages.
    np.empty(_KEPT_FROM, np.uint8)
    return np.errstate(all="ignore")
