"""`t2v-cap check`: whether scenarios keep their budgets, and whether what they rest on is in order."""

from typing import Annotated

from t2v_capacity.api import ask
from t2v_capacity.cli.command_options import FORMS_OF_CHECKS, shown_in
from t2v_capacity.cli.flags import Catalogues, Pins, Samples, Seed, Sets, argument, check_paths, list_option, option
from t2v_capacity.forms.answer import AnyAnswer


@shown_in(FORMS_OF_CHECKS)
def command(
    scenarios: Annotated[list[str], argument("The scenarios to check, and folders of them.", "SCENARIO")],
    *,
    asked: Annotated[list[str], list_option("A budget for each of them: 'gpus <= 5000'.", "--budget", "CONDITION")],
    strict: Annotated[
        bool, option("Fail on values without a source, out of date today or never set, and on no budgets.", "--strict")
    ] = False,
    samples: Samples = 20_000,
    seed: Seed = 0,
    sets: Sets,
    pins: Pins,
    catalogues: Catalogues,
) -> AnyAnswer:
    """Check scenarios against their budgets.

    Exits with 3 if a budget fails.

    \b
    Examples:
      t2v-cap check plan.yaml --budget 'gpus <= 10M'
      t2v-cap check scenarios --output budgets.xml
      t2v-cap check plan.yaml --budget 'P(gpus <= 10M) >= 90%'
      t2v-cap check scenarios/start-up.yaml --strict --format markdown
    """
    check_paths(scenarios)
    return ask.check_of(scenarios, asked, (sets, pins, catalogues), (samples, seed), strict=strict)
