"""Where a number comes from: a figure's formula and inputs, down to assumptions with their sources.

A choice is explained by what it supplies.
"""

from typing import TYPE_CHECKING, NamedTuple

from t2v_capacity.assumptions.choices import SHORTHANDS
from t2v_capacity.assumptions.names import ASSUMPTION, CHOICE, FIGURE, OF_DAYS, kind_of, name_in, unknown
from t2v_capacity.errors import Mistakes
from t2v_capacity.formulas import FIGURES
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.scenario.settings import Scenario

if TYPE_CHECKING:
    from t2v_capacity.questions.what_if.days import SimulatedValue

# Levels of inputs that a reader is shown at first, and more than anybody asks for.
DEPTH, _ENDLESS = 3, 1_000


class Reason(NamedTuple):
    """A name in an explanation, with the inputs of its value; without inputs if they were listed before."""

    name: str
    inputs: tuple["Reason", ...] = ()
    repeat: bool = False
    part: str = ""  # of a mix, whose own figure it is, or the stage
    deeper: int = 0  # inputs that lie below the depth asked for, and are left out


class Explained(NamedTuple):
    """Explain a figure or an assumption: the levels of inputs that a reader sees, and all of them."""

    shown: Reason
    whole: Reason
    asked: bool  # whether the depth was set by the user


class Chosen(NamedTuple):
    """A choice of a plan: what it may be, the assumptions that have its values, and the other choices that it makes."""

    name: str
    options: tuple[str, ...]
    supplies: tuple[str, ...]
    implies: tuple[str, ...]


class OfDays(NamedTuple):
    """Explain what days are simulated for: its value, if it has one, and what the days follow from."""

    name: str
    found: "SimulatedValue | None"
    inputs: tuple[Reason, ...]


def explain(estimate: Estimate, name: str, depth: int | None = None) -> Explained | Chosen | OfDays:
    """Return the inputs of a figure or an assumption, to a number of levels, or the values that a choice supplies.

    The inputs of a pin are not followed. A clip's figure follows in a mix from those of the parts, and a stage's from
    those of all stages. Raise Mistakes if nothing has the name.
    """
    wanted = name_in(name)
    kind = kind_of(wanted)
    if kind == CHOICE:
        return _choice(estimate, wanted)
    if wanted in SHORTHANDS:
        stands = ", ".join(SHORTHANDS[wanted][1])
        raise Mistakes(f"`{wanted}` is {kind} and stands for {stands}; explain one of them")
    if kind == OF_DAYS:
        from t2v_capacity.questions.what_if.simulated import FROM, simulated

        simulation = simulated(estimate, [wanted]).get(wanted)
        return OfDays(wanted, simulation, tuple(_inputs_of(estimate.scenario, name, {}, depth or 0) for name in FROM))
    if kind not in (FIGURE, ASSUMPTION):
        raise Mistakes(unknown(name, FIGURE, ASSUMPTION, CHOICE))

    shown, whole = (
        _inputs_of(estimate.scenario, wanted, {}, levels) for levels in (DEPTH if depth is None else depth, _ENDLESS)
    )
    return Explained(shown, whole, asked=depth is not None)


def _choice(estimate: Estimate, name: str) -> Chosen:
    scenario = estimate.scenario
    catalogue, chosen = scenario.catalogue, scenario.chosen()
    supplied = catalogue.supplied(name, chosen)
    used = tuple(
        supplied_name
        for supplied_name, (_fact, entry) in supplied.items()
        if scenario.settings[supplied_name].origin.entry == entry
    )
    implied = tuple(other for other, option in catalogue.implied(name, chosen).items() if chosen[other] == option)
    return Chosen(name, tuple(catalogue.options(name)), used, implied)


def _inputs_of(plan: Scenario, name: str, depths: dict[str, int], depth: int) -> Reason:
    """Return a name with its inputs.

    `depths` holds the depth to which each was listed before, infinite if nothing was left out.
    """
    if name not in FIGURES or name in plan.pins:
        return Reason(name)
    if depths.get(name, -1) >= depth:
        return Reason(name, repeat=True)
    if not depth:
        return Reason(name, deeper=len(FIGURES[name].parameters))

    figure = FIGURES[name]
    if inner := (plan.parts if figure.mix else ()) or (plan.stages if figure.stages else ()):
        inputs = tuple(Reason(name, part=part.name) for part in inner)
    else:
        inputs = tuple(_inputs_of(plan, parameter, depths, depth - 1) for parameter in figure.parameters)

    cut = any(
        reason.deeper or ((reason.repeat or reason.inputs) and depths[reason.name] < _ENDLESS) for reason in inputs
    )
    depths[name] = depth if cut else _ENDLESS
    return Reason(name, inputs)
