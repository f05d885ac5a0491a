"""The constants fitted without each family of models and without each source.

tests/fit/refit.py keeps them in left_out.yaml.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import yaml

from fit.problem import BY_RUNTIME
from places import TESTS
from t2v_capacity.catalogue import Catalogue

FILE = TESTS / "fit" / "left_out.yaml"
Constants = Mapping[str, Any]


class LeftOut(NamedTuple):
    """Constants fitted without the runs of a family of models, by model, or without those of a source, by its name."""

    families: Mapping[str, Constants]
    sources: Mapping[str, Constants]


@cache
def constants_left_out() -> LeftOut:
    """Return the constants fitted without each family of models and without each source."""
    document = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    families = document["families"].values()
    return LeftOut({model: family for family in families for model in family["models"]}, document["publications"])


def over(constants: Constants, values: Mapping[str, float], chosen: Mapping[str, str]) -> dict[str, float]:
    """Return a run's values with these constants in the place of the shipped ones."""
    catalogue = Catalogue()
    gpu, generation, kernel = (
        catalogue.find("gpus", chosen["gpu"]),
        catalogue.generation(chosen),
        catalogue.kernel(chosen),
    )
    changed = {**values, **{name: float(value) for name, value in constants["assumptions"].items()}}
    linear = constants["linear_efficiency"].get(generation.id)
    if linear is not None:
        shipped = float(generation.at_precision["linear_efficiency"]["bf16"].text)
        changed["linear_efficiency"] = values["linear_efficiency"] * linear / shipped
        changed["vae_efficiency"] = linear * constants["vae"]["over_linear"]
    changed["attention_efficiency"] = constants["attention_efficiency"].get(kernel.id, values["attention_efficiency"])
    changed["sustained_share"] = constants["sustained_share"].get(gpu.id, values["sustained_share"])
    return changed | {name: float(constants[name][chosen["runtime"]]) for name in BY_RUNTIME}
