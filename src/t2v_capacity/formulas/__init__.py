"""The domain: one figure a function, one file a question. Importing this registers every figure."""

from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.formulas import (
    clicks,  # noqa: F401 - more of waiting
    cost,
    demand,
    energy,
    fixed,  # noqa: F401 - more of generation
    fleet,
    generation,
    groups,  # noqa: F401 - more of generation
    memory,
    model,
    network,
    overload,  # noqa: F401 - more of waiting
    owning,
    purchasing,  # noqa: F401 - more of money
    renting,  # noqa: F401 - more of money
    rule_of_thumb,
    storage,
    streams,  # noqa: F401 - more of generation
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

# The group of a file of another name, or that has more of what another file begins.
_OF_FILE = {
    "clicks": "waiting",
    "cost": "money",
    "fixed": "generation",
    "groups": "generation",
    "purchasing": "money",
    "renting": "money",
    "overload": "waiting",
    "rule_of_thumb": "rule of thumb",
    "streams": "generation",
}
_GROUPED = [figure._replace(group=_OF_FILE.get(figure.group, figure.group)) for figure in FIGURES.values()]
# Modules are imported in the order of the alphabet; every list of figures follows the reader's.
FIGURES.clear()
FIGURES.update(
    {figure.name: figure for figure in sorted(_GROUPED, key=lambda figure: list(GROUPS).index(figure.group))}
)

__all__ = ["FIGURES", "GROUPS"]
