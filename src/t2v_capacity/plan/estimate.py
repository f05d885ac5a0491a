"""The plan itself: every figure of a scenario, what it rests on, and what a reader should be warned of."""

import math
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.parts import HOMES, MIX, is_of_a_part, named_of, plain_name
from t2v_capacity.assumptions.quantities import Range
from t2v_capacity.engine.figures import Known, Number
from t2v_capacity.errors import Mistakes
from t2v_capacity.plan.cells import SAMPLES, SEED
from t2v_capacity.plan.evidence import ModelError
from t2v_capacity.plan.tree import PartFigures, evaluated, of_part, part_figures
from t2v_capacity.plan.uncertain import bands, error_alone, error_bands, likely
from t2v_capacity.plan.verdict import Verdict, below_limit, limit_refused, verdict_of
from t2v_capacity.plan.warnings import plan_warnings
from t2v_capacity.plan.warnings.model import model_error_ignored
from t2v_capacity.scenario.mix import part_called
from t2v_capacity.scenario.settings import PlanWarning, Scenario, Setting


class _Fields(NamedTuple):
    scenario: Scenario
    values: Known
    figures: Mapping[str, float | None]
    bands: Mapping[str, tuple[float | None, ...]] = {}
    samples: int = 0
    seed: int | None = None
    of_bands: tuple[PlanWarning, ...] = ()


class Estimate(_Fields):
    """A scenario, the values of its assumptions, the figures that follow, and the warnings.

    `bands` holds the 5th, 50th and 95th percentile of each figure over so many draws. Where only the model's error is
    uncertain, `samples` is 0: a band is its least, point and most over that.
    """

    @cached_property
    def warnings(self) -> tuple[PlanWarning, ...]:
        """The warnings, computed on first use: they take most of an estimate's time."""
        return (*plan_warnings(self.scenario, self.known), *self.of_bands)

    @cached_property
    def brief_warnings(self) -> tuple[PlanWarning, ...]:
        """The warnings as an answer about several plans has them, without what drives each plan.

        Trials find what drives a plan, and only an answer about one plan is worth them.
        """
        return (*plan_warnings(self.scenario, self.known, notes=False), *self.of_bands)

    @cached_property
    def known(self) -> dict[str, float]:
        """All assumptions and figures by name; nan where a figure has no value."""
        return {**self.values, **{name: math.nan if point is None else point for name, point in self.figures.items()}}

    @cached_property
    def verdict(self) -> Verdict:
        """Whether the plan can run, is served and keeps its promise, how sure that is, and why not."""
        return verdict_of(self.scenario, self.known)

    @cached_property
    def parts(self) -> tuple[PartFigures, ...]:
        """The parts of a mix, each with its clips' figures and its part of the fleet and of the bill."""
        return part_figures(self.scenario.parts, self.known)

    @cached_property
    def stages(self) -> tuple[PartFigures, ...]:
        """The stages of the plan's clips, each with its figures."""
        return part_figures(self.scenario.stages, self.known)

    def of_part(self, name: str, home: str = MIX) -> "Estimate":
        """Return the plan as a part of its mix, or a stage of its clips, sees it.

        A part has its clips' own values and figures, and of the fleet those of all. A stage is seen as if clips were
        made in it alone. Raise Mistakes if there is no such part or stage.
        """
        part = part_called(self.scenario.parts if home == MIX else self.scenario.stages, name, HOMES[home].what)
        known = of_part(part, self.known)
        figures = {figure: finite(known[figure]) for figure in self.figures}
        return Estimate(part.scenario, part.over(self.known), figures)

    def figure(self, name: str) -> float | None:
        """Return a figure of the plan, or of a part of its mix; nothing where there is none."""
        if not is_of_a_part(name):
            return self.figures[name]
        plain = plain_name(name)
        return next((finite(part.figures[plain]) for part in self.parts if named_of(part.name, plain) == name), None)

    @property
    def evidence(self) -> str:
        """Whether runs like the plan were measured, in one word."""
        return self.verdict.evidence.kind

    @property
    def model_error(self) -> ModelError:
        """The model's error: true seconds over predicted seconds."""
        return self.verdict.error

    @property
    def chances_of(self) -> str:
        """What a chance of it is a share of, in words: draws, or the runs from which the model's error was found."""
        return self.model_error.whose if error_alone(self.uncertain) else "draws"

    @property
    def uncertain(self) -> Scenario:
        """The scenario with the model's error as a range, as its verdict has it."""
        return self.verdict.uncertain

    @property
    def ranges(self) -> dict[str, Range]:
        """The uncertain inputs, by name, the model's error among them."""
        return self.uncertain.ranges()

    def likely(self, figures: Iterable[str], samples: int = SAMPLES, seed: int = SEED) -> dict[str, Number]:
        """Return figures over all that is uncertain: draws, or a list of even points of the model's error.

        A figure that nothing uncertain reaches is left out, and so is one of a part that the plan lacks.
        """
        prefixes = tuple(named_of(part.name, "") for part in self.scenario.parts)
        had = [name for name in figures if not is_of_a_part(name) or name.startswith(prefixes)]
        return likely(self.uncertain, self.known, had, samples, seed)


def estimate(scenario: Scenario) -> Estimate:
    """Return the capacity plan of a scenario.

    >>> from t2v_capacity.scenario.load import load_scenario
    >>> estimate(load_scenario("scenarios/lesson.yaml")).figures["rule_of_thumb_gpus"]
    8180
    """
    values = scenario.values()
    return Estimate(scenario, values, {name: finite(figure) for name, figure in computed(scenario, values).items()})


def computed(scenario: Scenario, values: Known | None = None) -> dict[str, float]:
    """Return every figure of a scenario's own values, or of others.

    Raise Mistakes if the GPU limit holds no replica, or pinned values leave a figure without a finite value.
    """
    values = values or scenario.values()
    try:
        figures = evaluated(scenario, values)
        endless = [name for name, figure in figures.items() if math.isinf(figure)]
    except (ArithmeticError, ValueError):
        figures, endless = {}, ["a figure"]
    if figures and below_limit(known := {**values, **figures}):
        raise Mistakes(limit_refused(known), scenario.settings["gpu_limit"].origin.place)
    if endless:
        pins = ", ".join(_pin(name, setting) for name, setting in scenario.pins.items())
        given = f"with {pins} pinned" if pins else "with these assumptions"
        raise Mistakes(f"{given}, {endless[0]} has no finite value; pin an amount that others can be computed from")
    return figures


def with_bands(plan: Estimate, samples: int, seed: int) -> Estimate:
    """Return a plan with the band of each figure; as it is where nothing is uncertain."""
    scenario = plan.uncertain
    ranges = scenario.ranges()
    if not ranges:
        return plan
    if error_alone(scenario):
        return plan._replace(bands=error_bands(scenario, plan.known))
    ignored = tuple(model_error_ignored(scenario, ranges))
    return plan._replace(bands=bands(scenario, samples, seed), samples=samples, seed=seed, of_bands=ignored)


def _pin(name: str, setting: Setting) -> str:
    place = setting.origin.place
    return str(place) if place and place.private else f"`{name}` ({place})"
