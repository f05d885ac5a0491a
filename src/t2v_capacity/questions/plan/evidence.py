"""What the generation model's answer rests on: runs of that GPU generation, kernel and precision, or less."""

from t2v_capacity.scenario.settings import Scenario

MEASURED, SAME_GENERATION, EXTRAPOLATED = "measured", "same-generation", "extrapolated"
# Precisions of the linear layers that the measured runs had.
_MEASURED_PRECISIONS = ("bf16", "fp16")
# What a user's catalogue may say of a GPU without making another GPU of it.
_NO_PHYSICS = frozenset(("label", "aliases", "source", "note", "vendor", "gpu_price", "gpu_power", "gpu_idle_power"))
_CALIBRATED = frozenset(("evidence", "rows", "linear_efficiency"))


def evidence(scenario: Scenario) -> str:
    """Return whether runs like this one were measured; a pinned `gpu_seconds_per_video` is the user's own measurement.

    A GPU of a user's own catalogue counts as measured where that catalogue holds the result of `calibrate`. The defaults rest on
    measured runs, so a scenario that chooses nothing needs no catalogue.
    """
    deciding = [scenario.choices[name] for name in ("gpu", "attention_kernel", "compute_precision")]
    catalogue = scenario.catalogue
    if "gpu_seconds_per_video" in scenario.pins:
        return MEASURED
    if all(choice.origin.kind == "default" for choice in deciding) and not catalogue.overlaid:
        return MEASURED
    chosen = scenario.chosen()
    precision = chosen["compute_precision"]
    gpu, kernel, generation = catalogue.find("gpus", chosen["gpu"]), catalogue.kernel(chosen), catalogue.generation(chosen)
    calibrated = gpu.about.get("evidence") == MEASURED and precision in gpu.at_precision.get("linear_efficiency", {})
    if calibrated and kernel.id.startswith(f"{gpu.id}/") and kernel.about["evidence"] == MEASURED:
        return MEASURED
    if gpu.changed - _NO_PHYSICS - (_CALIBRATED if calibrated else frozenset()):
        return EXTRAPOLATED
    if kernel.about["evidence"] == MEASURED and precision in _MEASURED_PRECISIONS:
        return MEASURED
    return SAME_GENERATION if generation.about["evidence"] == MEASURED else EXTRAPOLATED
