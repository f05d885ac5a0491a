"""`t2v-cap solve`: the value of an assumption, or the option of a choice, that keeps conditions."""

from typing import Annotated

from t2v_capacity.api.plan import Plan
from t2v_capacity.cli.command_options import FORMS_OF_ONE, on_scenario
from t2v_capacity.cli.flags import list_option, option
from t2v_capacity.forms.answer import AnyAnswer


@on_scenario(FORMS_OF_ONE, drawn=True)
def command(
    plan: Plan,
    *,
    sought: Annotated[
        str | None,
        option("The assumption or choice to solve for.", "--for", "NAME"),
    ] = None,
    until: Annotated[list[str], list_option("A condition: 'gpus <= 10K'. May be repeated.", "--until", "CONDITION")],
    smallest: Annotated[bool, option("Seek the smallest value, not the largest.", "--smallest")] = False,
    minimize: Annotated[
        str | None, option("For a choice: the option with the lowest figure.", "--minimize", "FIGURE")
    ] = None,
    maximize: Annotated[
        str | None, option("For a choice: the option with the highest figure.", "--maximize", "FIGURE")
    ] = None,
) -> AnyAnswer:
    """Find the input value that meets your conditions.

    Returns the largest value (the smallest if all larger ones do too), or the best option of a choice. Without --for,
    returns single changes with bills.

    \b
    Examples:
      t2v-cap solve scenarios/start-up.yaml --until 'gpus <= 50'
      t2v-cap solve scenarios/mochi.yaml --for dau --until 'gpus <= 10000'
      t2v-cap solve plan.yaml --for dau --until 'p95(gpus) <= 10000'
      t2v-cap solve plan.yaml --for steps --smallest --until 'gpus >= 12000'
      t2v-cap solve plan.yaml --for gpu --minimize cost_per_month \\
        --until 'latency_p95 <= 10 min'
    """
    return plan.solve(sought, until=until, smallest=smallest, minimize=minimize, maximize=maximize)
