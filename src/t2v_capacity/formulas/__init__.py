"""The domain: one figure a function, one file a question. Importing this registers every figure."""

from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.formulas import (
    clicks,
    cost,
    demand,
    energy,
    fixed,
    fleet,
    generation,
    groups,
    latency,
    memory,
    model,
    network,
    overload,
    owning,
    purchasing,
    renting,
    rule_of_thumb,
    storage,
    streams,
    video,
    waiting,
)

# The files of each group, in the order in which a plan is read: the questions that a planner asks, one after the other.
GROUPS = {
    "demand": (demand,),
    "model": (model,),
    "video": (video,),
    "storage": (storage,),
    "network": (network,),
    "rule of thumb": (rule_of_thumb,),
    "generation": (generation, fixed, groups, streams),
    "memory": (memory,),
    "fleet": (fleet,),
    "waiting": (waiting, latency, clicks, overload),
    "money": (cost, purchasing, renting),
    "owning": (owning,),
    "energy": (energy,),
}
_OF_FILE = {module.__name__: group for group, modules in GROUPS.items() for module in modules}
_GROUPED = [figure._replace(group=_OF_FILE[figure.group]) for figure in FIGURES.values()]
# Modules are imported in the order of the alphabet; every list of figures follows the reader's.
FIGURES.clear()
FIGURES.update({figure.name: figure for group in GROUPS for figure in _GROUPED if figure.group == group})

__all__ = ["FIGURES", "GROUPS"]
