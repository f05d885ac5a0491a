"""Check whether a plan is possible: against its GPU's peak."""

from collections.abc import Mapping

from t2v_capacity.engine.figures import Number

Known = Mapping[str, Number]
# The figures by which a plan is faster than its GPU.
PEAK_BY = (
    *("gpu_seconds_per_video", "passes_per_video", "linear_flops_per_pass", "attention_flops_per_pass"),
    *("text_encoder_flops", "vae_decode_flops"),
)
_NEAR = 1e-9


def at_peak(known: Known) -> Number:
    """Return the GPU-seconds of a clip if every GPU worked at the whole of its dense peak: no plan is faster."""
    attention = known["attention_flops_per_pass"] * (1 - known["attention_sparsity"])
    denoising = known["passes_per_video"] * (
        known["linear_flops_per_pass"] / known["peak_flops"] + attention / known["attention_peak_flops"]
    )
    return denoising + known["text_encoder_flops"] / known["peak_flops"] + known["vae_decode_flops"] / known["vae_peak_flops"]


def faster_than_peak(known: Known) -> Number:
    """Return whether a plan asks more of a GPU than its peak: of floats, or of each of an array of cells."""
    return known["gpu_seconds_per_video"] * (1 + _NEAR) < at_peak(known)
