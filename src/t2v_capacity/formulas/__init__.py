"""The domain: one figure a function, one file a question. Importing this registers every figure."""

from t2v_capacity.figures import FIGURES
from t2v_capacity.formulas import cost, demand, energy, fleet, generation, memory, model, network, rule_of_thumb, storage, video, waiting

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
    "energy": energy,
}

__all__ = ["FIGURES", "GROUPS"]
