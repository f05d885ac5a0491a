"""The domain: one figure a function, one file a question. Importing this registers every figure."""

from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.formulas import (
    cost,
    demand,
    energy,
    fleet,
    generation,
    memory,
    model,
    network,
    overload,  # noqa: F401 - more of waiting
    owning,
    purchasing,  # noqa: F401 - more of money
    renting,  # noqa: F401 - more of money
    rule_of_thumb,
    storage,
    video,
    waiting,
)

# The order in which a plan is read: the questions that a planner asks, one after the other.
GROUPS = {
    "demand": demand,
    "model": model,
    "video": video,
    "storage": storage,
    "network": network,
    "rule of thumb": rule_of_thumb,
    "generation": generation,
    "memory": memory,
    "fleet": fleet,
    "waiting": waiting,
    "money": cost,
    "owning": owning,
    "energy": energy,
}

# Modules are imported in the order of the alphabet; every list of figures follows the reader's.
for _name in sorted(FIGURES, key=lambda name: list(GROUPS).index(FIGURES[name].group)):
    FIGURES[_name] = FIGURES.pop(_name)

__all__ = ["FIGURES", "GROUPS"]
