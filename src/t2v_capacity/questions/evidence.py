"""What the generation model's answer rests on: runs of that GPU generation, kernel and precision, or less."""

from t2v_capacity.scenario import Scenario

MEASURED, SAME_GENERATION, EXTRAPOLATED = "measured", "same-generation", "extrapolated"
# Precisions of the linear layers that the measured runs had.
_MEASURED_PRECISIONS = ("bf16", "fp16")


def evidence(scenario: Scenario) -> str:
    """Return whether runs like this one were measured; a pinned `gpu_seconds_per_video` is the user's own measurement.

    The defaults stand on measured runs, so that a scenario that chooses nothing opens no catalogue.
    """
    deciding = [scenario.choices[name] for name in ("gpu", "attention_kernel", "compute_precision")]
    if "gpu_seconds_per_video" in scenario.pins or all(choice.origin.kind == "default" for choice in deciding):
        return MEASURED
    chosen = {name: setting.value for name, setting in scenario.choices.items()}
    kernel, generation = scenario.catalogue.kernel(chosen), scenario.catalogue.generation(chosen)
    if kernel.about["evidence"] == MEASURED and chosen["compute_precision"] in _MEASURED_PRECISIONS:
        return MEASURED
    return SAME_GENERATION if generation.about["evidence"] == MEASURED else EXTRAPOLATED
