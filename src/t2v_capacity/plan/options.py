"""The options of a choice: which there are, and which make the same picture."""

from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.scenario.settings import Scenario


def options(scenario: Scenario, name: str) -> list[str]:
    """Return the options of a choice.

    Kernels are those that the chosen GPU's generation runs, and caches those of the chosen model. Marketplaces are no
    providers to search among.

    >>> from t2v_capacity.scenario.load import load_scenario
    >>> options(load_scenario("scenarios/mochi.yaml"), "attention_kernel")
    ['cudnn', 'fa2', 'fa3', 'fa3-fp8', 'masked', 'sage2', 'sdpa']
    """
    entries = scenario.catalogue.names(CHOICES[name].kind)
    names = [entry for entry in entries if not _is_marketplace(scenario, name, entry)]
    prefix = _prefix(scenario, name)
    return [entry.removeprefix(prefix) for entry in names if entry.startswith(prefix) or entry == CHOICES[name].default]


def _is_marketplace(scenario: Scenario, name: str, option: str) -> bool:
    """Return whether an option is a marketplace of others' GPUs, which is only chosen by name."""
    return name == "provider" and scenario.catalogue.find("providers", option).about.get("sells") == "marketplace"


def _prefix(scenario: Scenario, name: str) -> str:
    """Return the prefix of the ids of a choice's entries: the GPU's generation, or the model."""
    of = CHOICES[name].of
    if not of:
        return ""
    own = scenario.catalogue.generation(scenario.chosen()).id if of == "gpu" else scenario.choices[of].value
    return f"{own}/"


def same_picture(scenario: Scenario, name: str, option: str) -> bool:
    """Return whether the catalogue says that an option makes the picture that any other of its kind makes."""
    plain = option == CHOICES[name].default
    return scenario.catalogue.same_picture(
        CHOICES[name].kind, option if plain else f"{_prefix(scenario, name)}{option}"
    )
