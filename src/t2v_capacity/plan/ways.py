"""Describe a clip's differences from a plain one, in the same words for plans and for runs.

Only runs with the same differences are evidence.
"""

from t2v_capacity.assumptions.generation import FEW_STEPS
from t2v_capacity.engine.figures import Known, Number

_HALF = 0.5
FEW, FIXED, CACHED, SPARSE = "few steps", "most seconds outside denoising", "a step cache", "sparse attention"
LIGHT = "a light decoder"
STREAMED, LINEAR, FACTORISED = "streamed chunks", "linear attention", "factorised attention"
OFFLOADED = "the model offloaded"
# Of these, the model's own: without a run of it in the same runtime, its seconds are unknown.
OF_THE_MODEL = frozenset((STREAMED, LINEAR, FACTORISED))
IN_ORDER = (FEW, FIXED, CACHED, SPARSE, LIGHT, STREAMED, LINEAR, FACTORISED, OFFLOADED)  # of `does`
PLAIN = "plain"  # of a run that did nothing of these
# Differences on which a run that timed denoising only is no evidence.
BEYOND_DENOISING = frozenset((FEW, FIXED, LIGHT))


def does(known: Known) -> dict[str, Number]:
    """Return whether a clip does each way, by its assumptions and figures: floats, or arrays of cells."""
    seconds = known["gpu_seconds_per_video"]
    fixed = seconds - known["denoising_seconds"] * known["gpus_per_replica"] * known["time_factor"]
    return {
        FEW: known["steps"] <= FEW_STEPS,
        FIXED: fixed > _HALF * seconds,
        CACHED: known["cached_step_share"] > 0,
        SPARSE: known["attention_sparsity"] > 0,
        LIGHT: known["decoder_work_share"] < 1,
        STREAMED: (known["chunk_frames"] > 0) | (known["streamed"] > 0),
        LINEAR: known["linear_attention"] > 0,
        FACTORISED: known["factorised_attention"] > 0,
        OFFLOADED: known["model_resident"] < 1,
    }


def ways(known: Known) -> frozenset[str]:
    """Return a clip's differences from a plain one, by its assumptions and figures."""
    return frozenset(way for way, done in does(known).items() if done)


def ways_in_words(ways: frozenset[str]) -> str:
    """Return ways in words."""
    return " and ".join(sorted(ways))
