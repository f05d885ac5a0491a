"""A plan as a section of a design document.

It holds the first screen, what three figures follow from, and the command that writes it again.
"""

from t2v_capacity.answers.estimate_screen import screen
from t2v_capacity.answers.explain import explain_answer
from t2v_capacity.forms.text import markdown
from t2v_capacity.handover.reproduce import command_line
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.questions.estimate import PlanRecord
from t2v_capacity.questions.explain import Explained, explain

_LEVELS = 2  # of inputs of a formula
# The figures whose formulas are shown.
_SHOWN = ("gpus", "cost_per_month", "storage_per_day")


def brief(plan: Estimate, file: str = "plan.md") -> str:
    """Return a plan as markdown; `file` is what it is written to.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> brief(estimate(load_scenario("scenarios/mochi.yaml"))).splitlines()[0].partition("scale: ")[2]
    'mochi-1-preview, 848x480, 5 s, 64 steps of 2 passes (guidance), weights fp32'
    """
    answer = screen(PlanRecord(plan), aligned=False)
    parts = [markdown(answer._replace(title=f"Capacity plan: {answer.title}"))]
    for name in _SHOWN:
        explanation = explain(plan, name, _LEVELS)
        assert isinstance(explanation, Explained)
        parts.append(explain_answer(plan, explanation).markdown())
    return "\n".join((*parts, f"```sh\n{command_line(plan, file)}\n```\n"))
