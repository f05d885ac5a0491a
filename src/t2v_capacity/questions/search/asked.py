"""Parse the request to `solve`: a value of an assumption or an option of a choice; report missing or impossible parts."""

from collections.abc import Sequence

from t2v_capacity.assumptions.choices import CHOICES, SHORTHANDS
from t2v_capacity.assumptions.names import ASSUMPTION, CHOICE, figures_in, name_in, unknown
from t2v_capacity.assumptions.parts import is_own, known_of, plain_name
from t2v_capacity.errors import Mistakes, Place
from t2v_capacity.formulas import FIGURES
from t2v_capacity.plan.conditions import parse_condition
from t2v_capacity.questions.search.choose import choose
from t2v_capacity.questions.search.solve import solve
from t2v_capacity.questions.search.trials import Solution
from t2v_capacity.scenario.mix import check_of_a_part
from t2v_capacity.scenario.settings import Scenario


def asked(
    scenario: Scenario, sought: str | None, until: Sequence[str], how: tuple[bool, str | None, str | None], draws: tuple[int, int]
) -> Solution:
    """Return the value or the option of a name that keeps conditions; `how` is smallest, or the figure to minimize or maximize.

    Raises Mistakes where the name is neither an assumption nor a choice, or what is asked doesn't fit it.
    """
    smallest, minimize, maximize = how
    samples, seed = draws
    name = name_in(sought or "")
    conditions = [parse_condition(text, Place(f"--until {text}")) for text in until]
    if name in CHOICES:
        if smallest:
            raise Mistakes(f"`{name}` is a choice, which has no smallest; name a figure with --minimize or --maximize")
        if (minimize is None) == (maximize is None):
            raise Mistakes(f"`{name}` is a choice; name one figure to go by, such as --minimize cost_per_month")
        (figure,) = figures_in([minimize or maximize or ""], "what is sought is")
        return choose(scenario, name, figure, conditions, most=maximize is not None, samples=samples, seed=seed)
    if is_own(name):
        check_of_a_part(scenario, name)
    if not known_of(name):
        raise Mistakes(_unknown(name))
    if minimize is not None or maximize is not None:
        raise Mistakes(
            f"--minimize and --maximize are for choices; of `{name}` solve gives the largest value, or with --smallest the smallest"
        )
    if not conditions:
        raise Mistakes("`--until` is missing; name what must hold, such as --until 'gpus <= 10000'")
    return solve(scenario, name, conditions, smallest=smallest, samples=samples, seed=seed)


def _unknown(name: str) -> str:
    if not name:
        return "`--for` is missing; name an assumption or a choice, such as --for dau"
    if name in FIGURES:
        return f"`{name}` is a figure, which is computed; `--for` names an assumption, and --until says what `{name}` must keep"
    name = plain_name(name)
    if name in SHORTHANDS:
        return f"`{name}` stands for {', '.join(SHORTHANDS[name][1])}; seek one of them"
    return unknown(name, ASSUMPTION, CHOICE)
