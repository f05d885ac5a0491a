"""`t2v-cap solve`: the value of an assumption, or the option of a choice, that keeps conditions."""

from typing import Annotated

import typer

from t2v_capacity.commands.flags import AsOf, Catalogues, File, Pins, ScenarioCommand, Seed, Sets, check_samples, check_seed, scenario_of
from t2v_capacity.commands.output import Format, NoColor, Output, check_format, write_answer
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import Place, UserError
from t2v_capacity.questions.plan.conditions import parse_condition, parse_conditions
from t2v_capacity.questions.plan.estimate import estimate
from t2v_capacity.questions.search.choose import choose
from t2v_capacity.questions.search.levers import Reach, reach
from t2v_capacity.questions.search.solve import solve
from t2v_capacity.questions.search.trials import Solution
from t2v_capacity.scenario.settings import Scenario
from t2v_capacity.vocabulary.assumptions import ASSUMPTIONS
from t2v_capacity.vocabulary.choices import CHOICES, SHORTHANDS
from t2v_capacity.vocabulary.names import ASSUMPTION, CHOICE, figures_in, name_in, unknown

app = typer.Typer(rich_markup_mode=None)
_MOST = 1_000_000

For = Annotated[
    str | None,
    typer.Option("--for", metavar="NAME", help="The assumption or the choice that is sought; without it, every single change that does."),
]
Until = Annotated[
    list[str] | None, typer.Option("--until", metavar="CONDITION", help="What must hold, such as 'gpus <= 10000'. May be repeated.")
]
Smallest = Annotated[bool, typer.Option("--smallest", help="Seek the smallest value that keeps the conditions, not the largest.")]
Minimize = Annotated[str | None, typer.Option("--minimize", metavar="FIGURE", help="Of a choice, the option with the least of a figure.")]
Maximize = Annotated[str | None, typer.Option("--maximize", metavar="FIGURE", help="Of a choice, the option with the most of a figure.")]
Samples = Annotated[int, typer.Option("--samples", metavar="N", help="Draws, where a condition is on a percentile or a chance.")]


@app.command("solve", cls=ScenarioCommand)
def command(
    scenario: File,
    sought: For = None,
    until: Until = None,
    smallest: Smallest = False,
    minimize: Minimize = None,
    maximize: Maximize = None,
    samples: Samples = 20_000,
    seed: Seed = 0,
    sets: Sets = None,
    pins: Pins = None,
    catalogues: Catalogues = None,
    as_of: AsOf = None,
    form: Format = "table",
    output: Output = None,
    no_color: NoColor = False,
) -> None:
    """Turn the question around: the largest or smallest value that keeps conditions, or the best option of a choice.

    Without --for, all single changes that keep the conditions.

    \b
    Examples:
      t2v-cap solve scenarios/start-up.yaml --until 'gpus <= 50'
      t2v-cap solve scenarios/mochi.yaml --for dau --until 'gpus <= 10000'
      t2v-cap solve plan.yaml --for dau --until 'p95(gpus) <= 10000'
      t2v-cap solve plan.yaml --for steps --smallest --until 'gpus >= 12000'
      t2v-cap solve plan.yaml --for gpu --minimize cost_per_month \\
        --until 'latency_p95 <= 10 min'
    """
    check_format(form, ("table", "json", "markdown"))
    plan = scenario_of(scenario, sets, pins, catalogues, as_of)
    from t2v_capacity.reports.answers.solve import reach_document, reach_report, solve_document, solve_report

    if sought is None and until and not (smallest or minimize or maximize):
        changes = _reached(plan, until, samples, seed)
        write_answer(form, output, no_color, lambda: reach_report(changes), lambda: reach_document(changes))
        return
    found = _solved(plan, sought, until or [], (smallest, minimize, maximize), samples, seed)
    write_answer(form, output, no_color, lambda: solve_report(found, smallest=smallest), lambda: solve_document(found))


def _reached(plan: Scenario, until: list[str], samples: int, seed: int) -> Reach:
    check_samples(samples, _MOST)
    check_seed(seed)
    return reach(estimate(plan), parse_conditions(until, "--until"), samples, seed)


def _solved(
    plan: Scenario, sought: str | None, until: list[str], how: tuple[bool, str | None, str | None], samples: int, seed: int
) -> Solution:
    smallest, minimize, maximize = how
    check_samples(samples, _MOST)
    check_seed(seed)
    name = name_in(sought or "")
    conditions = [parse_condition(text, Place(f"--until {text}")) for text in until]
    if name in CHOICES:
        if smallest:
            raise UserError(f"`{name}` is a choice, which has no smallest; name a figure with --minimize or --maximize")
        if (minimize is None) == (maximize is None):
            raise UserError(f"`{name}` is a choice; name one figure to go by, such as --minimize cost_per_month")
        return choose(
            plan,
            name,
            figures_in([minimize or maximize or ""], "what is sought is")[0],
            conditions,
            most=maximize is not None,
            samples=samples,
            seed=seed,
        )
    if name not in ASSUMPTIONS:
        raise UserError(_unknown(name))
    if minimize is not None or maximize is not None:
        raise UserError(
            f"--minimize and --maximize are for choices; of `{name}` solve gives the largest value, or with --smallest the smallest"
        )
    if not conditions:
        raise UserError("`--until` is missing; name what must hold, such as --until 'gpus <= 10000'")
    return solve(plan, name, conditions, smallest=smallest, samples=samples, seed=seed)


def _unknown(name: str) -> str:
    if not name:
        return "`--for` is missing; name an assumption or a choice, such as --for dau"
    if name in FIGURES:
        return f"`{name}` is a figure, which is computed; `--for` names an assumption, and --until says what `{name}` must keep"
    if name in SHORTHANDS:
        return f"`{name}` stands for {', '.join(SHORTHANDS[name][1])}; seek one of them"
    return unknown(name, ASSUMPTION, CHOICE)
