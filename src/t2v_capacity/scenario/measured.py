"""What a pinned measurement was made at: the assumptions and choices above it."""

from functools import cache

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.catalogue.kinds import KINDS
from t2v_capacity.engine.figures import ancestors
from t2v_capacity.formulas import FIGURES

# Groups of figures that are measured. A pinned figure of any other group is a decision, such as a fleet.
MEASURED_GROUPS = frozenset("demand model video storage network generation memory waiting energy".split())
# Sections whose assumptions say what a measurement was made at, and single names of others. What a catalogue or the
# fit supplies, such as an efficiency, follows from a choice.
_SECTIONS = ("traffic", "video", "generation")
_NAMES = ("gpus_per_replica", "cached_step_share", "attention_sparsity")
# Choices that decide how the linear layers and attention run, beyond the facts that they supply.
_OF_THE_RUN = ("compute_precision", "attention_kernel", "runtime", "offload", "sharding")
_OF_A_RUN = "linear_efficiency"


@cache
def measured_at(figure: str) -> tuple[str, ...]:
    """Return the choices and assumptions above a figure that a measurement of it was made at; none of a decision.

    >>> measured_at("trps"), "steps" in measured_at("gpu_seconds_per_video"), measured_at("gpus")
    (('dau', 'videos_per_user_per_day', 'request_share'), True, ())
    """
    if FIGURES[figure].group not in MEASURED_GROUPS:
        return ()
    inputs = ancestors([figure])
    kinds = {name: KINDS[choice.kind] for name, choice in CHOICES.items()}
    choices = [name for name, kind in kinds.items() if not inputs.isdisjoint((*kind.facts, *kind.at_precision))]
    choices += [name for name in _OF_THE_RUN if _OF_A_RUN in inputs and name not in choices]
    assumptions = [
        name
        for name, known in ASSUMPTIONS.items()
        if name in inputs and (name in _NAMES or (known.section in _SECTIONS and not known.supplied))
    ]
    return (*choices, *assumptions)
