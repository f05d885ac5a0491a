"""The options of a choice that a plan may take."""

from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.scenario.settings import Scenario


def options(scenario: Scenario, name: str) -> list[str]:
    """Return the options of a choice.

    Kernels are those of the GPU's generation, caches those of the model; marketplaces are no providers.

    >>> from t2v_capacity.scenario.load import load_scenario
    >>> options(load_scenario("scenarios/mochi.yaml"), "attention_kernel")
    ['cudnn', 'fa2', 'fa3', 'fa3-fp8', 'masked', 'sage2', 'sdpa']
    """
    return list(entries_of(scenario, name))


def other_options(scenario: Scenario, name: str) -> list[str]:
    """Return the options of a choice that make the same picture, but the one in force."""
    chosen, kind = scenario.option(name), CHOICES[name].kind
    return [
        option
        for option, entry in entries_of(scenario, name).items()
        if option != chosen and scenario.catalogue.same_picture(kind, entry)
    ]


def entries_of(scenario: Scenario, name: str) -> dict[str, str]:
    """Return the options of a choice, each with the id of its entry."""
    choice, prefix = CHOICES[name], _prefix(scenario, name)
    entries = scenario.catalogue.names(choice.kind)
    if name == "provider":
        about = scenario.catalogue.entries(choice.kind)
        entries = [entry for entry in entries if about[entry].about.get("sells") != "marketplace"]
    return {
        entry.removeprefix(prefix): entry for entry in entries if entry.startswith(prefix) or entry == choice.default
    }


def _prefix(scenario: Scenario, name: str) -> str:
    """Return the prefix of the ids of a choice's entries: the GPU's generation, or the model."""
    of = CHOICES[name].of
    if not of:
        return ""
    own = scenario.catalogue.generation(scenario.chosen()).id if of == "gpu" else scenario.option(of)
    return f"{own}/"
