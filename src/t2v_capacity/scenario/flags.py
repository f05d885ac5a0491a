"""Keep the command line's additions to a scenario's files, to be typed again."""

from typing import NamedTuple

from t2v_capacity.assumptions.cost import TERMS
from t2v_capacity.assumptions.names import flag_of
from t2v_capacity.assumptions.parts import DECODED, OWN_PRICES, SHARE, is_own
from t2v_capacity.release import RELEASED
from t2v_capacity.scenario.layers import LayerPart, Value
from t2v_capacity.scenario.settings import Scenario

_TERM_OF = {name: term for term, name in TERMS.items()}


class Flags(NamedTuple):
    """The command line's additions to a scenario's files."""

    named: dict[str, Value]
    pins: dict[str, Value]
    catalogues: list[str]
    as_of: str


def flags_of(scenario: Scenario) -> Flags:
    """Return the values that a command's flags set, in their order."""
    named, pins = dict[str, Value](), dict[str, Value]()
    layers = [inner for layer in scenario.layers if layer.kind == "flag" for inner in layer.walk()]
    for prefix, layer in layers:
        own = {SHARE: layer.share} if isinstance(layer, LayerPart) and layer.share else {}
        own |= layer.choices | layer.shorthands | layer.numbers
        own |= {f"{OWN_PRICES}.{gpu}.{_TERM_OF[name]}": written for (gpu, name), written in layer.prices.items()}
        named |= {f"{prefix}{name}": written.value for name, written in own.items()}
        if isinstance(layer, LayerPart) and layer.decoded is not None:
            named[f"{prefix}{DECODED}"] = str(layer.decoded).lower()
        pins |= {f"{prefix}{name}": written.value for name, written in layer.pins.items()}

    catalogues = scenario.catalogue.files[sum(len(layer.catalogues) for layer in scenario.layers) :]
    dated = any("as_of" in layer.about for layer in scenario.layers)
    return Flags(named, pins, list(catalogues), "" if dated or scenario.as_of == RELEASED else scenario.as_of)


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
