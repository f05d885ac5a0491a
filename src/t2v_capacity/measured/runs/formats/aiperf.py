"""`profile_export_aiperf.json` of `aiperf profile`: an object for each metric, and the settings of the requests.

After `JsonExportData`, `GpuSummary` and `JsonMetricResult` of src/aiperf/common/models/export_models.py, and
`--extra-inputs` of a video endpoint (size, num_frames, num_inference_steps), which `input_config.endpoint.extra` holds.
"""

from t2v_capacity.files.document import Document, Listing, Node, Scalar
from t2v_capacity.measured.runs.formats.fields import (
    amount_in,
    document_at,
    gpu_setting,
    node_at,
    settings_at,
    size_settings,
    text_at,
)

AIPERF = "AIPerf"
# Statistics of its metrics -> their names in vLLM's benchmark; a server's own seconds count before the whole request's.
_METRICS = {
    ("request_latency", "p50"): "median_e2el_ms",
    ("request_latency", "avg"): "mean_e2el_ms",
    ("video_inference_time", "p50"): "median_video_generation_ms",
    ("video_peak_memory", "p50"): "median_peak_memory_mb",
    ("request_count", "avg"): "completed",
    ("request_throughput", "avg"): "request_throughput",
}
_CLIP = {"num_frames": "frames", "num_inference_steps": "steps", "fps": "fps"}
# A GPU that did less, in percent of the time, had no part in the clips.
_BUSY = 5.0


def is_aiperf(node: Document) -> bool:
    """Return whether AIPerf wrote an object."""
    return "aiperf_version" in node.entries or isinstance(node.entries.get("request_latency"), Document)


def flat_metrics(node: Document) -> Document:
    """Return what AIPerf measured, a number a name, as vLLM's benchmark writes it."""
    metrics = {name: text_at(node, *path) for path, name in _METRICS.items()}
    return document_at(node.place, {name: scalar for name, scalar in metrics.items() if scalar})


def model_named(node: Document) -> Scalar | None:
    """Return the model that the requests named."""
    models = node_at(node, "input_config", "endpoint", "model_names")
    names = models.items if isinstance(models, Listing) else []
    return next((name for name in names if isinstance(name, Scalar)), None)


def settings_stated(node: Document) -> dict[str, Scalar]:
    """Return the clip of the requests, and the GPUs that worked."""
    extra = _mapping(node_at(node, "input_config", "endpoint", "extra"))
    clip = size_settings(text_at(extra, "size")) | settings_at(extra, _CLIP)
    endpoints = node_at(node, "telemetry_data", "endpoints")
    servers = endpoints.entries.values() if isinstance(endpoints, Document) else ()
    listed = [gpus for server in servers if isinstance(gpus := node_at(server, "gpus"), Document)]
    busy = [gpu for gpus in listed for gpu in gpus.entries.values() if _is_busy(gpu)]
    names = [name for gpu in busy if (name := text_at(gpu, "gpu_name"))]
    if not names:
        return clip
    return clip | {"gpu": gpu_setting(names[0]), "gpus": names[0]._replace(text=str(len(names)))}


def _is_busy(gpu: Node) -> bool:
    utilization = text_at(gpu, "metrics", "gpu_utilization", "avg")
    return utilization is None or amount_in(utilization) >= _BUSY


def _mapping(extra: Node | None) -> Node | None:
    """Return extra inputs as a mapping: older releases write a list of pairs."""
    if not isinstance(extra, Listing):
        return extra
    entries: dict[str, Node] = {}
    for pair in extra.items:
        if isinstance(pair, Listing) and len(pair.items) > 1 and isinstance(key := pair.items[0], Scalar):
            entries[key.text] = pair.items[1]
    return document_at(extra.place, entries)
