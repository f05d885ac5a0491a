"""The options of a choice: which there are, and which make the same picture."""

from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.scenario.settings import Scenario


def options(scenario: Scenario, name: str) -> list[str]:
    """Return the options of a choice: of kernels, those that the chosen GPU's generation runs.

    >>> from t2v_capacity.scenario.load import load_scenario
    >>> options(load_scenario("scenarios/mochi.yaml"), "attention_kernel")
    ['cudnn', 'fa2', 'fa3', 'fa3-fp8', 'masked', 'sage2', 'sdpa']
    """
    names = scenario.catalogue.names(CHOICES[name].kind)
    if name != "attention_kernel":
        return names
    generation = scenario.catalogue.generation(scenario.chosen()).id
    return [kernel.partition("/")[2] for kernel in names if kernel.startswith(f"{generation}/")]


def same_picture(scenario: Scenario, name: str, option: str) -> bool:
    """Return whether the catalogue says that an option makes the picture that any other of its kind makes."""
    catalogue = scenario.catalogue
    if name != "attention_kernel":
        return catalogue.same_picture(CHOICES[name].kind, option)
    return catalogue.same_picture("kernels", f"{catalogue.generation(scenario.chosen()).id}/{option}")
