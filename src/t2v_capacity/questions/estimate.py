"""Everything that the answer of `estimate` shows of a plan, as one record."""

from functools import cached_property
from typing import TYPE_CHECKING

from t2v_capacity.catalogue.published import Measurement
from t2v_capacity.plan.advice import remedies
from t2v_capacity.plan.candidates import LARGEST_OF, Driver, alternatives, drivers
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.evidence import FACTOR, near, nearest_runs
from t2v_capacity.plan.gpu_waterfall import Link, gpu_waterfall
from t2v_capacity.plan.trials import Trial
from t2v_capacity.questions.search.apis import MakeOrBuy, apis
from t2v_capacity.questions.what_if.buying import Bill, buying
from t2v_capacity.questions.what_if.failures import Failure, failure_cases
from t2v_capacity.questions.what_if.scaling import Alert, Scaling, alerts, scaling
from t2v_capacity.questions.what_if.sensitivity import Input, inputs_of

if TYPE_CHECKING:
    from t2v_capacity.questions.review.check import CheckLine
    from t2v_capacity.questions.what_if.days import SimulatedValue

# Months over which the bills of ways to buy are summed, unless a number is given.
MONTHS = 12
# Tables of the answer that are shown by their own names.
BUYING, ALERTS, SCALING, FAILURES = TABLES = "buying", "alerts", "scaling", "failures"


class PlanRecord:
    """A plan and what its answer says of it, with the bills over so many months.

    The first screen and the JSON show different parts, and each part costs milliseconds. So a part is computed once,
    when a form first reads it.
    """

    def __init__(self, plan: Estimate, months: int = MONTHS) -> None:
        """Take a plan, with its bands where something is uncertain."""
        self.plan, self.months = plan, months

    @cached_property
    def drivers(self) -> tuple[Driver, ...]:
        """The defaults that drive the plan, the largest first."""
        return drivers(self.plan.scenario, self.plan.known)

    @cached_property
    def alternatives(self) -> tuple[Trial, ...]:
        """The changes that could be made at once, each with the plan that follows."""
        return alternatives(self.plan.scenario)

    @cached_property
    def advice(self) -> tuple[Trial, ...]:
        """Every change that the answer names, each once."""
        changes = (*self.remedies, *self.alternatives, *(driver.trial for driver in self.drivers))
        return tuple({trial.change: trial for trial in changes}.values())

    @cached_property
    def remedies(self) -> tuple[Trial, ...]:
        """The changes that mend what the plan is warned of."""
        return remedies(self.plan)

    @cached_property
    def ranged(self) -> dict[str, dict[str, Input]]:
        """What the ends of each range that was written make of the fleet and of the bill."""
        scenario = self.plan.scenario
        names = [name for name in scenario.ranges() if name != FACTOR]
        return dict(zip(names, inputs_of(scenario, self.plan.known, LARGEST_OF, names), strict=True))

    @cached_property
    def waterfall(self) -> tuple[Link, ...]:
        """The factors from the work to the rent."""
        return gpu_waterfall(self.plan)

    @cached_property
    def nearest(self) -> tuple[Measurement, ...]:
        """The published runs nearest to the plan."""
        return nearest_runs(self.plan.scenario, self.plan.known)

    @cached_property
    def similar_runs(self) -> int:
        """How many published runs are like the plan."""
        return len(near(self.plan.scenario, self.plan.known))

    @cached_property
    def apis(self) -> MakeOrBuy | None:
        """The cost of a delivered second and the list prices to compare it with.

        There is none if the plan has no cost, or is a stream: no service sells one by the second.
        """
        return None if self.plan.scenario.streams else apis(self.plan)

    @cached_property
    def simulated(self) -> "dict[str, SimulatedValue]":
        """What is simulated of the plan. Raise ModuleNotFoundError where there is no NumPy."""
        from t2v_capacity.questions.what_if.simulated import simulated

        return simulated(self.plan)

    @cached_property
    def buying(self) -> list[Bill]:
        """Each way to buy the plan's GPUs, with the sum over the months."""
        return buying(self.plan, self.months)

    @property
    def alerts(self) -> list[Alert]:
        """The thresholds for who is on call."""
        return alerts(self.plan)

    @cached_property
    def scaling(self) -> Scaling:
        """The settings of an autoscaler. Raise Mistakes if the fleet cannot follow the day."""
        return scaling(self.plan)

    @cached_property
    def failures(self) -> list[Failure]:
        """What becomes of the fleet where something fails. Raise Mistakes if a clip cannot run."""
        return failure_cases(self.plan)

    @cached_property
    def budgets(self) -> "tuple[CheckLine, ...]":
        """The plan's own budgets, judged; nothing is loaded for a plan that has none."""
        if not self.plan.scenario.rules:
            return ()
        from t2v_capacity.questions.review.check import own_budgets

        return own_budgets(self.plan)
