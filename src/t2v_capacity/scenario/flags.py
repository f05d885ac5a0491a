"""Keep the command line's additions to a scenario's files, to be typed again."""

from typing import NamedTuple

from t2v_capacity.assumptions.names import flag_of
from t2v_capacity.assumptions.parts import OWN_PRICES, is_own
from t2v_capacity.release import RELEASED
from t2v_capacity.scenario.layers import Value
from t2v_capacity.scenario.settings import Scenario


class Flags(NamedTuple):
    """The command line's additions to a scenario's files."""

    named: dict[str, Value]
    pins: dict[str, Value]
    catalogues: list[str]
    as_of: str


def flags_of(scenario: Scenario) -> Flags:
    """Return the values that a command's flags set, in their order."""
    named = {name: setting for layer in scenario.layers for name, setting in layer.named.items()}
    pins = {name: setting for layer in scenario.layers for name, setting in layer.named_pins.items()}
    catalogues = scenario.catalogue.files[sum(len(layer.catalogues) for layer in scenario.layers) :]
    dated = any("as_of" in layer.about for layer in scenario.layers)
    return Flags(named, pins, list(catalogues), "" if dated or scenario.as_of == RELEASED else scenario.as_of)


def command_words(scenario: Scenario, command: str, *files: str) -> list[str]:
    """Return the words of a command on a scenario as it is: its file if it has one, other files, and its flags.

    >>> from t2v_capacity.scenario.load import load_scenario
    >>> command_words(load_scenario(None, ["dau=1e6"]), "estimate")
    ['t2v-cap', 'estimate', '--dau=1e6']
    """
    file = "-" if scenario.file == "<stdin>" else scenario.file
    if file.startswith("-") and file != "-":
        file = f"./{file}"  # not an option
    return ["t2v-cap", command, *filter(None, [file]), *files, *words_of(flags_of(scenario))]


def flag_text(setting: Value) -> str:
    """Return a value as it was typed after a flag."""
    if setting is None:
        return "null"
    return ",".join(setting) if isinstance(setting, list) else str(setting)


def words_of(flags: Flags) -> list[str]:
    """Return flags as the words of a command line."""
    words = list[str]()
    for name, setting in flags.named.items():
        by_set = is_own(name) or name.startswith(f"{OWN_PRICES}.")
        words += ["--set", f"{name}={flag_text(setting)}"] if by_set else [f"{flag_of(name)}={flag_text(setting)}"]
    for name, setting in flags.pins.items():
        words += ["--pin", f"{name}={flag_text(setting)}"]
    for catalogue in flags.catalogues:
        words += ["--catalogue", catalogue]
    if flags.as_of:
        words += ["--as-of", flags.as_of]
    return words
