"""Many estimates of one plan at once.

What moves with a few names is computed again, in floats or in arrays; the rest is not.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import repeat
from operator import itemgetter
from typing import Any

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.parts import MIX, SHARE, is_of_a_part, named_of, plain_name
from t2v_capacity.engine.figures import FIGURES, Figure, Known, Names, Number, ancestors, evaluate, ordered
from t2v_capacity.plan.mix import PART_BY, part_of_the_plan
from t2v_capacity.plan.tree import evaluated, joined, joined_figures, own_figures
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
    return (
        (*names, "bitrate") if scenario.bitrate_follows and "bitrate" not in names and set(names) & set(SIZE) else names
    )


def moved_by(scenario: Scenario, names: Iterable[str]) -> set[str]:
    """Return the assumptions and figures that move first when these do.

    A part's own name moves what the plan's does, and a share moves all of a clip.
    """
    found = set[str]()
    for name in names:
        if plain_name(name) == SHARE:
            found.update(own_figures(MIX))
        else:
            found.update(moves(scenario, [plain_name(name)]))
    return found


def bitrate(scenario: Scenario, width: Number, height: Number) -> Number:
    """Return the bitrate that goes with a frame size, or with each of an array of them."""
    pixels = width * height
    if hasattr(pixels, "shape"):
        import numpy as np

        sizes, places = np.unique(pixels, return_inverse=True)
        return np.array([bitrate(scenario, size, 1.0) for size in sizes.tolist()])[places]
    value = ASSUMPTIONS["bitrate"].read(scenario.catalogue.bitrate(pixels)[0].text)
    assert isinstance(value, float)
    return value


@cache
def _ancestry(figure: str, pinned: Names) -> frozenset[str]:
    """Return the same of any plan with these pins: found once for all plans."""
    return frozenset(ancestors([figure], stop=pinned))


def ancestry(figure: str, scenario: Scenario) -> frozenset[str]:
    """Return all inputs of a figure of a plan, not following the inputs of pinned ones."""
    return _ancestry(figure, tuple(scenario.pins))


# What computes a cell: from the values that move, the wanted figures.
Compute = Callable[[dict[str, Number]], dict[str, Number]]
# A figure's name, its formula, and the function that takes its arguments from the values.
# That function takes a third of the time of a tight loop.
_Step = tuple[str, Callable[..., Number], Callable[[Known], tuple[Number, ...]]]


def _taken(figure: Figure) -> Callable[[Known], tuple[Number, ...]]:
    if len(figure.parameters) > 1:
        return itemgetter(*figure.parameters)
    (name,) = figure.parameters
    return lambda values: (values[name],)


@cache
def _downstream(
    moving: Names, wanted: Names, pinned: frozenset[str]
) -> tuple[tuple[_Step, ...], frozenset[str], frozenset[str]]:
    """Return the steps to those figures that move with these names, their inputs, and the constant inputs.

    Only figures that the wanted ones need have steps.
    """
    moved, found = {*moving}, []
    for figure in ordered(wanted):
        if figure.name not in pinned and figure.name not in moving and not moved.isdisjoint(figure.parameters):
            moved.add(figure.name)
            found.append(figure)
    later = {figure.name for figure in found}
    used = {*wanted, *(parameter for figure in found for parameter in figure.parameters)} - later
    return (
        tuple((figure.name, figure.formula, _taken(figure)) for figure in found),
        frozenset(used),
        frozenset(used - {*moving}),
    )


def moving_with(name: str, pinned: frozenset[str]) -> Names:
    """Return the figures that move with an assumption, in the order of computing."""
    return tuple(step[0] for step in _downstream((name,), tuple(FIGURES), pinned)[0])


def cells_of(scenario: Scenario, names: Iterable[str], wanted: Names, known: Known | None = None) -> Compute:
    """Return the function from values of these assumptions to the wanted figures.

    What they don't reach is computed once. `known` stands in for the scenario's values, and may hold figures too, which
    are then taken as they are.
    """
    base = known if known is not None else scenario.values()
    if scenario.parts or scenario.stages:
        return _joined_cells(scenario, tuple(names), wanted, base)
    return _cells(scenario, names, wanted, base, frozenset(scenario.pins))


def _cells(scenario: Scenario, names: Iterable[str], wanted: Names, base: Known, pinned: frozenset[str]) -> Compute:
    """Return the same without the parts and stages of the plan; inputs of a pinned figure are not computed."""
    moving = moves(scenario, names)
    order, used, staying = _downstream(moving, wanted, pinned)
    still = tuple(name for name in staying if name not in base)
    fixed = {name: base[name] for name in used if name in base} | (evaluate(base, still) if still else {})

    def figures(values: dict[str, Number]) -> dict[str, Number]:
        found = {**fixed, **values}
        if "bitrate" in moving and "bitrate" not in values:
            found["bitrate"] = bitrate(scenario, *(values.get(name, base[name]) for name in SIZE))
        for name, formula, taken in order:
            found[name] = formula(*taken(found))
        return {name: found[name] for name in wanted}

    return figures


def _joined_cells(scenario: Scenario, names: Names, wanted: Names, base: Known) -> Compute:
    """Return the same of a mix, or of clips made in stages.

    It computes a cell's parts or stages, and then what follows from their joined figures.
    """
    inner = scenario.parts or scenario.stages
    of_parts = [name for name in wanted if is_of_a_part(name)]
    plain_wanted = (*(name for name in wanted if name not in of_parts), *(PART_BY if of_parts else ()))
    joined_names = joined_figures(scenario, scenario.pins, () if of_parts else wanted)
    moved = [_names_of(one, names) for one in inner]
    shared = any(plain_name(name) == SHARE for name in names)
    moving = tuple(name for name in joined_names if shared or any(map(_moves_a_clip, inner, repeat(name), moved)))
    pairs = [*zip(inner, moved, strict=True)] if moving else []  # of no wanted figures, all would be computed
    cells = [(cells_of(one.scenario, own.values(), moving, one.over(base)), own) for one, own in pairs]
    still = [evaluated(one, one.over(base), joined_names) for one in inner] if joined_names else []
    # Figures that no part moves are joined once; only those that a cell's clips move are joined in it.
    fixed = {**base, **joined(inner, base, joined_names, still)}
    behind_clips = (*(name for name in names if not is_of_a_part(name)), *moving)
    rest = _cells(scenario, behind_clips, plain_wanted, fixed, frozenset((*scenario.pins, *joined_names)))

    def figures(values: dict[str, Number]) -> dict[str, Number]:
        found = [cell({name: values[given] for given, name in own.items() if given in values}) for cell, own in cells]
        shares = _shares(scenario.parts, base, values)
        own = {name: value for name, value in values.items() if not is_of_a_part(name)}
        whole = rest(own | joined(inner, shares, moving, found))
        if of_parts:
            known = {**base, **values, **shares, **whole}
            for part, before, moved_there in zip(scenario.parts, still, found or [{}] * len(still), strict=True):
                own_clip = {**before, **moved_there}
                had = {
                    **own_clip,
                    **part_of_the_plan(part, own_clip, {**known, **part.over({**base, **values}), **whole}),
                }
                whole |= {name: had[plain_name(name)] for name in of_parts if name.startswith(named_of(part.name, ""))}
        return {name: whole[name] for name in wanted}

    return figures


def _moves_a_clip(part: Part, clip: str, names: Mapping[str, str]) -> bool:
    """Return whether a figure of a part's clips moves with these names."""
    first = moved_by(part.scenario, names.values())
    return clip in first or not ancestry(clip, part.scenario).isdisjoint(first)


def _names_of(part: Part, names: Iterable[str]) -> dict[str, str]:
    """Return the names that move a part's clips, each with what it is of the part.

    They are the plan's, except where the part has its own.
    """
    prefix, siblings = part.called(""), f"{part.home}."
    own = {name: name.removeprefix(prefix) for name in names if name.startswith(prefix) and plain_name(name) != SHARE}
    own_now = own.values()
    return {
        name: name for name in names if not (name.startswith(siblings) or name in own_now or part.holds(name))
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
