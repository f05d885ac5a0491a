"""The names of what days are simulated for: no figures, since nothing else follows from them."""

from typing import NamedTuple


class Simulated(NamedTuple):
    """Its unit, what it is, and which requests of a plan it is of; less of it is better."""

    unit: str
    label: str
    deferred: bool = False  # of work that can wait


SIMULATED: dict[str, Simulated] = {
    "wait_p95": Simulated("second/video", "Wait at the peak, 95th percentile of urgent requests"),
    "latency_p50": Simulated("second/video", "Latency at the peak, median of urgent requests"),
    "latency_p95": Simulated("second/video", "Latency at the peak, 95th percentile of urgent requests"),
    "latency_p99": Simulated("second/video", "Latency at the peak, 99th percentile of urgent requests"),
    "longest_wait": Simulated("second", "Longest wait of the day, mean over days"),
    "longest_wait_p95": Simulated("second", "Longest wait of the day, on one day in twenty"),
    "deferred_wait": Simulated("second", "Longest wait of work that can wait, mean over days", deferred=True),
    "deferred_wait_p95": Simulated("second", "Longest wait of work that can wait, on one day in twenty", deferred=True),
    "backlog": Simulated("video", "Urgent requests that wait at the busiest moment, mean over days"),
    "refused_share": Simulated("share", "Urgent requests that find the queue full and are refused"),
}
