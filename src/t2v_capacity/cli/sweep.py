"""`t2v-cap sweep`: a plan over axes."""

from typing import Annotated

from t2v_capacity.api.plan import Plan
from t2v_capacity.cli.command_options import on_scenario
from t2v_capacity.cli.flags import list_option, option
from t2v_capacity.forms.answer import AnyAnswer
from t2v_capacity.questions.what_if.sweep import SWEPT_FIGURES


@on_scenario(plotted=True)
def command(
    plan: Plan,
    *,
    over: Annotated[
        list[str],
        list_option(
            "An axis: NAME=LOW..HIGH N, NAME=LOW..HIGH log N, or NAME=A,B,C. May be repeated.", "--over", "AXIS"
        ),
    ],
    show: Annotated[str, option("The figures to show.", "--show", "FIGURE,...")] = ",".join(SWEPT_FIGURES),
) -> AnyAnswer:
    """Compute a plan over axes of values.

    Each cell is the estimate with those flags: a model brings its own clip, and the default model the default 5 s.

    \b
    Examples:
      t2v-cap sweep scenarios/mochi.yaml --over 'dau=10M..1B log 9'
      t2v-cap sweep plan.yaml --over 'dau=10M..100M 10' --over gpu=h100,b200
      t2v-cap sweep plan.yaml --over steps=20,30,50 --show gpus --format csv
      t2v-cap sweep plan.yaml --over 'dau=100K..10M log 9' --plot gpus.svg
    """
    return plan.sweep(*over, show=show)
