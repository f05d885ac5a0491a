"""Why a figure changed: the change split over what was assumed differently, so that the parts sum to it.

Each part is a Shapley value (Shapley 1953): what an input adds, averaged over every order in which the inputs could have
changed. An input that moves nothing has no part, and the parts sum to the whole. Up to twelve inputs it is exact, over all of
their subsets; beyond, over a sample of orders, whose parts sum too.
"""

import math
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from t2v_capacity.assumptions.choices import SHORTHANDS, shorthand_of
from t2v_capacity.assumptions.names import figures_in
from t2v_capacity.assumptions.parts import MIX, SHARE, STAGES, is_of_a_part, is_own, named_of, plain_name, within
from t2v_capacity.assumptions.quantities import digits, show
from t2v_capacity.engine.figures import ancestors
from t2v_capacity.errors import Mistakes, Place
from t2v_capacity.files.document import tidy
from t2v_capacity.formulas import FIGURES
from t2v_capacity.plan.cells import quiet
from t2v_capacity.plan.tree import evaluated, own_figures
from t2v_capacity.questions.change.diff import Change, Difference
from t2v_capacity.questions.change.sides import Side
from t2v_capacity.scenario.settings import Origin, Part, Scenario

MOST_EXACT, ORDERS, SEED = 12, 256, 0
# Choices that another choice makes.
_IMPLIED = {"attention_kernel": ("gpu", "runtime"), "text_attention": ("model",), "attention_scope": ("model",)}
_NEXT_TO = " + "
# The name of the plan itself as a part, next to the parts of a mix that only one side has.
_NO_MIX = ""
# The remark on stages added or removed, in addition to their own settings: the head's apply.
_MADE = "made"


@dataclass(frozen=True, slots=True)
class Why:
    """A figure's change in parts, the biggest first; none if it can't be split, for a reason."""

    figure: str
    parts: Mapping[str, float]
    method: str
    reason: str = ""

    @property
    def total(self) -> float:
        """The sum of the parts: the figure's change."""
        return math.fsum(self.parts.values())

    @property
    def driver(self) -> str | None:
        """The input whose part is the biggest in the direction of the change."""
        fitting = [name for name, part in self.parts.items() if part * self.total > 0]
        return fitting[0] if fitting else None


def explained(difference: Difference, texts: Iterable[str]) -> dict[str, Why]:
    """Return the changes of the figures that texts name, in parts. Raise Mistakes if a text names none, or no change can be split."""
    figures = figures_in(texts, "a change is split", "--why")
    if figures and (reason := difference.refusal):
        raise Mistakes(f"`--why {figures[0]}`: {reason}")
    return {figure: why(difference, figure) for figure in figures}


def why(difference: Difference, figure: str, seed: int = SEED) -> Why:
    """Return the change of a figure in parts; the same seed gives the same parts."""
    base, head = difference.ends(figure)
    if reason := difference.refusal:
        return Why(figure, {}, "", reason)
    if base is None or head is None:
        return Why(figure, {}, "", "it has no value on one side")
    reached = {figure, *ancestors([figure])}
    inputs = {name: keys for name, keys in players(difference).items() if not reached.isdisjoint(_first(keys))}
    if not inputs:
        return Why(figure, {}, "exact")
    game = _Game(difference, figure, list(inputs.values()), (base, head))
    exact = len(inputs) <= MOST_EXACT
    found = game.exact() if exact else game.sampled(seed)
    if not all(map(math.isfinite, found)):
        return Why(figure, {}, "", "with some of the changes alone it has no value")
    parts = dict(sorted(zip(inputs, _summing(found, head - base), strict=True), key=lambda item: -abs(item[1])))
    return Why(figure, parts, "exact" if exact else f"{ORDERS} of the orders of {len(inputs)} changes, seed {seed}")


def _summing(parts: list[float], change: float) -> list[float]:
    """Return parts that sum to the change to the last bits: what rounding left goes to the biggest, then to the next."""
    for index in sorted(range(len(parts)), key=lambda index: -abs(parts[index])):
        left = math.fsum([change, *(-part for part in parts)])
        if not left or not parts[index]:
            break
        parts[index] += left
    return parts


def _first(keys: Iterable[str]) -> set[str]:
    """Return the assumptions and figures that move first with these: a share moves what is joined, and so do stages that came or went."""
    joined = {SHARE: own_figures(MIX), _MADE: own_figures(STAGES)}
    return {name for key in keys for name in (plain_name(key), *joined.get(plain_name(key), ()))}


def players(difference: Difference) -> dict[str, tuple[str, ...]]:
    """Return the inputs that changed, each with the assumptions and pins that it moves.

    A choice is an input with all that it supplies or implies; choices that supply the same assumption are one input, and so are
    the parts of a shorthand. A pin that changed, came or went is one.
    """
    before, after = difference.base.scenario, difference.head.scenario
    if before is None or after is None:
        return {}
    owners = _Owners(difference, before, after)
    found: dict[str, list[str]] = {}
    for name in difference.assumptions:
        found.setdefault(owners.owner(name), []).append(name)
    for name in difference.pins:
        found.setdefault(owners.of_its_own(name) if is_own(name) else name, []).append(name)
    for whose, stages in owners.other_stages():
        found.setdefault(owners.of_its_own(f"{stages}.") if whose else STAGES, []).append(f"{stages}..{_MADE}")
    if MIX in found and bool(before.parts) != bool(after.parts):
        found[MIX].append(named_of(_NO_MIX, SHARE))
    return {name: tuple(keys) for name, keys in found.items()}


class ChangedInput(NamedTuple):
    """An input that differs between two sides: its value on each, and the line of the head that states it, or of the base if none does."""

    name: str  # an assumption, a choice or several, a shorthand, or a pin
    change: Change
    place: Place | None
    origin: str  # in words, where no file states it

    @property
    def where(self) -> str:
        """The line that states it, or where else it is from."""
        return self.origin if not self.place else f"{self.place.file}:{self.place.line}" if self.place.line else self.place.file


def inputs(difference: Difference) -> dict[str, ChangedInput]:
    """Return by name what was changed between two scenarios: the players, choices that move no assumption, and calibrations."""
    before, after = difference.base.scenario, difference.head.scenario
    if before is None or after is None:
        return {}
    names = list(players(difference))
    known = {part for name in names for part in name.split(_NEXT_TO)}
    names += [name for name in difference.choices if name not in known and after.choices[name].origin.by_hand]
    return {name: _input(name, difference, before, after) for name in dict.fromkeys([*names, *difference.recalibrated])}


def _input(name: str, difference: Difference, before: Scenario, after: Scenario) -> ChangedInput:
    base, head = difference.base, difference.head
    change = Change(_value(base, name), _value(head, name), base.ranges.get(name), head.ranges.get(name))
    origins = [*_origins(after, name), *_origins(before, name)]
    place = next((origin.place for origin in origins if origin.place), None)
    return ChangedInput(name, change, place and tidy(place), str(origins[0]) if origins and not place else "")


def _value(side: Side, name: str) -> float | str | None:
    """Return an input's value on a side: a number, or the text of a choice, of several, or of the parts of a shorthand."""
    known: dict[str, Any] = {**side.choices, **side.assumptions, **side.pins}
    if plain_name(name) in SHORTHANDS:
        part = name.removesuffix(plain_name(name))
        named = SHORTHANDS[plain_name(name)][1]
        return ("x" if plain_name(name) != "day_curve" else ", ").join(
            digits(next(known[there] for there in within(f"{part}{one}") if there in known), 6) for one in named
        )
    if name == MIX:
        shares = {key.split(".")[1]: value for key, value in known.items() if is_of_a_part(key) and plain_name(key) == SHARE}
        return ", ".join(f"{part} {show(value, SHARE)}" for part, value in shares.items()) or "no mix"
    if plain_name(name) == STAGES:
        return ", ".join(map(str, _stages(side.scenario, name.removesuffix(STAGES)))) or "none"
    return ", ".join(str(known.get(part)) for part in name.split(_NEXT_TO)) if _NEXT_TO in name else known.get(name)


def _origins(scenario: Scenario, name: str) -> list[Origin]:
    own = scenario.of_parts()
    if name == MIX:
        return [one.origin for key, one in own.items() if plain_name(key) == SHARE]
    if plain_name(name) == STAGES:
        return [one.origin for key, one in own.items() if key.startswith(f"{name}.") and one.origin.place]
    part, plain = name.removesuffix(plain_name(name)), plain_name(name)
    parts = [f"{part}{one}" for one in SHORTHANDS[plain][1]] if plain in SHORTHANDS else name.split(_NEXT_TO)
    found = [scenario.choices.get(one) or scenario.pins.get(one) or scenario.settings.get(one) or own.get(one) for one in parts]
    return [one.origin for one in found if one]


class _Owners:
    """Tells what moved each assumption."""

    def __init__(self, difference: Difference, before: Scenario, after: Scenario) -> None:
        self.changed, self.before, self.after = {n: c for n, c in difference.assumptions.items() if not is_own(n)}, before, after
        roots = {name: self._root(name, difference) for name in difference.choices}
        supplied = {name: _supplied(before, name) | _supplied(after, name) for name in roots}
        self.labels: dict[str, str] = {}  # of an assumption that a changed choice moved: that choice, or those
        groups = [{root} for root in dict.fromkeys(roots.values())]
        moved = [name for name in self.changed if self._origins(name)[0].kind in ("catalogue", "default")]
        movers = {name: {roots[choice] for choice, names in supplied.items() if name in names} for name in moved}
        for together in movers.values():
            touched = [group for group in groups if group & together]
            groups = [group for group in groups if group not in touched] + ([set().union(*touched)] if touched else [])
        for name, by in movers.items():
            for group in groups:
                if group & by:
                    self.labels[name] = _NEXT_TO.join(choice for choice in difference.choices if choice in group)

    def _root(self, choice: str, difference: Difference) -> str:
        """Return the changed choice that made another one, or that one itself where it was made by hand."""
        if self.after.choices[choice].origin.kind not in ("catalogue", "default"):
            return choice
        return next((root for root in _IMPLIED.get(choice, ()) if root in difference.choices), choice)

    def _origins(self, name: str) -> tuple[Origin, Origin]:
        return self.after.settings[name].origin, self.before.settings[name].origin

    def of_its_own(self, name: str) -> str:
        """Return the changes of a part's or a stage's own inputs: a frame's size, or a mix or stages added, removed or moved."""
        plain, here, there = plain_name(name), self.after.of_parts(), self.before.of_parts()
        if is_of_a_part(name) and (plain == SHARE or not (here.keys() & there.keys() & {named_of(name.split(".")[1], SHARE)})):
            return MIX
        whose, stages, _stage = name.rpartition(f"{STAGES}.")
        if stages and _made(self.after, whose) != _made(self.before, whose):
            return f"{whose}{STAGES}"
        setting = here.get(name) or there[name]
        framed = setting.origin.kind == "shorthand"
        return f"{name.removesuffix(plain)}{'resolution' if plain == 'bitrate' else shorthand_of(plain)}" if framed else name

    def other_stages(self) -> Iterator[tuple[str, str]]:
        """Yield the owner and the name of the stages added, removed or moved."""
        parts = {part.name for part in (*self.before.parts, *self.after.parts)}
        for whose in ("", *(named_of(name, "") for name in sorted(parts))):
            if _made(self.after, whose) != _made(self.before, whose):
                yield whose, f"{whose}{STAGES}"

    def owner(self, name: str) -> str:
        if is_own(name):
            return self.of_its_own(name)
        if name in self.labels:
            return self.labels[name]
        for origin in self._origins(name):
            if origin.of_the_frame:
                return next((self.owner(side) for side in ("width", "height") if side in self.changed), name)
            if origin.kind == "shorthand":
                return shorthand_of(name)
        return name


def _supplied(scenario: Scenario, choice: str) -> set[str]:
    return set(scenario.catalogue.supplied(choice, scenario.chosen()))


def _known(side: Side) -> dict[str, float]:
    """Return the inputs of a side's figures; an input without a value is nan."""
    return {name: math.nan if value is None else value for name, value in {**side.assumptions, **side.pins}.items()}


def _stages(scenario: Scenario | None, whose: str) -> tuple[Part, ...]:
    """Return the stages of a plan, or of the part of its mix of that name; none if it has no such part."""
    if scenario is None or not whose:
        return scenario.stages if scenario else ()
    return next((part.stages for part in scenario.parts if part.called("") == whose), ())


def _made(scenario: Scenario, whose: str) -> tuple[tuple[str, bool], ...]:
    return tuple((stage.name, stage.decodes) for stage in _stages(scenario, whose))


class _Clips(NamedTuple):
    """A plan with the parts of both sides and the stages of one, or such a part or stage: what is not its own, or not yet, is the plan's."""

    name: str
    home: str
    parts: "tuple[_Clips, ...]" = ()
    stages: "tuple[_Clips, ...]" = ()
    decodes: bool = True

    def over(self, known: Mapping[str, Any]) -> dict[str, Any]:
        """Return the inputs of its clips; a stage takes no pin of the whole clip."""
        prefix, siblings, stage = named_of(self.name, "", self.home), f"{self.home}.", self.home == STAGES
        whole = {name for name in known if name.startswith(siblings) or (stage and name in FIGURES and FIGURES[name].stages)}
        own = {name.removeprefix(prefix): value for name, value in known.items() if name.startswith(prefix)}
        return {name: value for name, value in known.items() if name not in whole} | own


def _parts(before: dict[str, float], after: dict[str, float]) -> Iterator[_Clips]:
    """Yield the parts of both sides; one that a side lacks has no share of its requests."""
    mixed = [any(map(is_of_a_part, side)) for side in (before, after)]
    names = sorted({name.split(".")[1] for name in (*before, *after) if is_of_a_part(name)})
    names += [_NO_MIX] * (mixed[0] != mixed[1])
    for side, has_one in zip((before, after), mixed, strict=True):
        for name in names:
            side.setdefault(named_of(name, SHARE), float(name == _NO_MIX and not has_one))
    yield from (_Clips(name, MIX) for name in names)


class _Game:
    """A figure as a function of the set of inputs changed so far."""

    def __init__(self, difference: Difference, figure: str, inputs: list[tuple[str, ...]], ends: tuple[float, float]) -> None:
        self.figure, self.inputs, self.ends = figure, inputs, ends
        self.before, self.after = _known(difference.base), _known(difference.head)
        self.parts = tuple(_parts(self.before, self.after))
        self.sides = difference.base.scenario, difference.head.scenario
        self.after |= {
            key: 1.0 for keys in inputs for key in keys if plain_name(key) == _MADE
        }  # which is in force or not in all rows at once

    def _made(self, known: Mapping[str, Any]) -> _Clips:
        """Return the plan with the stages that are in force."""

        def stages(whose: str) -> tuple[_Clips, ...]:
            changed = f"{whose}{STAGES}..{_MADE}" in known
            return tuple(_Clips(stage.name, STAGES, decodes=stage.decodes) for stage in _stages(self.sides[changed], whose))

        own = (stages(named_of(part.name, "") if part.name != _NO_MIX else "") for part in self.parts)
        parts = tuple(part._replace(stages=made) for part, made in zip(self.parts, own, strict=True))
        return _Clips("", "", parts, stages(""))

    def exact(self) -> list[float]:
        import numpy as np

        count = len(self.inputs)
        changed = (np.arange(2**count)[:, None] >> np.arange(count)) & 1 == 1
        values = self._values(changed)
        sizes = changed.sum(axis=1)
        weights = np.array([1 / (count * math.comb(count - 1, size)) for size in range(count)])
        parts = []
        for index in range(count):
            without = np.flatnonzero(~changed[:, index])
            gains = weights[sizes[without]] * (values[without + 2**index] - values[without])
            parts.append(math.fsum(gains.tolist()) if np.isfinite(gains).all() else math.nan)
        return parts

    def sampled(self, seed: int) -> list[float]:
        """Return the parts over a sample of orders; each order is followed by its reverse, which halves the error."""
        import numpy as np

        count, chance = len(self.inputs), random.Random(seed)  # noqa: S311 - a sample, not a secret
        orders: list[list[int]] = []
        for _ in range(ORDERS // 2):
            order = chance.sample(range(count), count)
            orders += [order, order[::-1]]
        ranks = np.argsort(np.array(orders), axis=1)
        changed = (ranks[:, None, :] < np.arange(count + 1)[None, :, None]).reshape(-1, count)
        values = self._values(changed).reshape(len(orders), count + 1)
        gains = np.diff(values, axis=1)
        mine = np.take_along_axis(gains, ranks, axis=1)
        return [math.fsum(column) / len(orders) if np.isfinite(column).all() else math.nan for column in mine.T.tolist()]

    def _values(self, changed: Any) -> Any:
        """Return the figure for each row of what has changed; the two ends are the plans themselves."""
        import numpy as np

        # Rows in which the same pins stand are computed at once.
        lone = [index for index, keys in enumerate(self.inputs) if any((key in self.before) != (key in self.after) for key in keys)]
        found = np.empty(len(changed))
        kinds, of = (
            np.unique(changed[:, lone], axis=0, return_inverse=True) if lone else (np.zeros((1, 0), bool), np.zeros(len(changed), int))
        )
        of = of.reshape(-1)
        for index, kind in enumerate(kinds):
            rows = np.flatnonzero(of == index)
            standing = dict(zip(lone, kind.tolist(), strict=True))
            found[rows] = self._computed(changed[rows], standing)
        whole = changed.sum(axis=1)
        found[whole == 0], found[whole == len(self.inputs)] = self.ends
        return found

    def _computed(self, changed: Any, standing: Mapping[int, bool]) -> Any:
        import numpy as np

        known: dict[str, Any] = dict(self.before)
        for index, keys in enumerate(self.inputs):
            for key in keys:
                if index not in standing:
                    known[key] = np.where(changed[:, index], self.after[key], self.before[key])
                elif key in (source := self.after if standing[index] else self.before):
                    known[key] = source[key]
                else:
                    known.pop(key, None)
        try:
            with quiet():
                return evaluated(self._made(known), known, (self.figure,))[self.figure]
        except (ArithmeticError, ValueError):
            return math.nan
