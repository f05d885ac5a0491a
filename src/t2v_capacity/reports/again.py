"""The command that writes an export again: the scenario, the flags and the draws that it was made with."""

import shlex

from t2v_capacity import RELEASED
from t2v_capacity.errors import printable
from t2v_capacity.questions.estimate import Estimate


def command_line(plan: Estimate, file: str) -> str:
    """Return the command that writes a plan to a file as it is.

    >>> from t2v_capacity.questions.estimate import estimate
    >>> from t2v_capacity.scenario import load_scenario
    >>> command_line(estimate(load_scenario("scenarios/mochi.yaml", sets=["dau=200e6"])), "plan.md")
    't2v-cap export scenarios/mochi.yaml plan.md --dau=200e6'
    """
    scenario = plan.scenario
    words = ["t2v-cap", "export", "-" if scenario.file == "<stdin>" else scenario.file, file]
    flags = [layer for layer in scenario.layers if layer.kind == "flag"]
    for layer in flags:
        for name, written in {**layer.choices, **layer.shorthands, **layer.numbers}.items():
            words.append(f"--{name.replace('_', '-')}={_typed(written.value)}")
        for name, written in layer.pins.items():
            words += ["--pin", f"{name}={_typed(written.value)}"]
    for own in scenario.catalogue.files[sum(len(layer.catalogues) for layer in scenario.layers) :]:
        words += ["--catalogue", own]
    if scenario.as_of != RELEASED and not any("as_of" in layer.about for layer in scenario.layers):
        words += ["--as-of", scenario.as_of]
    if plan.bands:
        words += ["--samples", str(plan.samples), "--seed", str(plan.seed)]
    return printable(shlex.join(words))


def _typed(value: str | dict[str, str] | list[str] | None) -> str:
    """Return a value as it was typed behind a flag."""
    return "null" if value is None else ",".join(value) if isinstance(value, list) else str(value)
