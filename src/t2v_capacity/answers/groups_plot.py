"""GPUs, or group sizes, as a plot: cost of a clip against its latency."""

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

from t2v_capacity.errors import Mistakes
from t2v_capacity.forms.plot import ACCENT, INK, OTHER, Plot
from t2v_capacity.forms.values import show_value
from t2v_capacity.plan.evidence import EXTRAPOLATED, MEASURED, SAME_GENERATION

LATENCY, COST = "latency_p95", "cost_per_video"
_EVIDENCE = {MEASURED: "filled: measured", SAME_GENERATION: "hollow: same generation measured", EXTRAPOLATED: "dashed: neither"}
_FRONT = "front"
_MARKS = "osD^vP*X"  # of options with a name
_INSIDE: dict[str, Any] = {"size": 8.5, "weight": "bold", "ha": "center", "va": "center", "zorder": 4}
_SMALL, _LARGE, _DASHED = 36, 240, (0, (2, 1.2))  # square points of a mark; dashes around one


def options_plot(document: Mapping[str, Any], plan_gpu: str, target: float | None) -> Plot:
    """Return the plot of options with a cost and a latency; a target is a line. Raise Mistakes if there is none."""
    rows = [row for row in document["rows"] if row[COST] and row[LATENCY]]
    if not rows:
        raise Mistakes("there is nothing to draw: no option has both a cost and a latency")
    of_groups = document["axes"] == ["gpus_per_replica"]
    missing = len(document["rows"]) - len(rows)
    left_out = f"; {missing} of {missing + len(rows)} have no {'cost or latency' if of_groups else 'price or latency'}" if missing else ""
    what = f"{plan_gpu} by GPUs per clip" if of_groups else "each GPU at its best group size, the Pareto front and this plan by name"
    evidence = "; ".join(said for name, said in _EVIDENCE.items() if any(row["evidence"] == name for row in rows))
    said = f"Cost per clip, always on, against p95 latency; {what}{left_out}; {evidence}"
    plot = Plot(_finding(rows, target, of_groups=of_groups), said, document, height=5)
    (panel,) = plot.panels
    places = [(row[LATENCY], row[COST]) for row in rows]
    joined = sorted(place for row, place in zip(rows, places, strict=True) if of_groups or _FRONT in row["marks"])
    panel.line([x for x, _y in joined], [y for _x, y in joined], (ACCENT if of_groups else INK, "-", ""), "front")
    marks = cycle(_MARKS)
    for row, (x, y) in zip(rows, places, strict=True):
        front, own = _FRONT in row["marks"], row["gpu"] == plan_gpu
        color, filled = ACCENT if own else INK if front else OTHER, row["evidence"] == MEASURED
        look = {
            "size": _LARGE if of_groups else _SMALL * (1 + (own or front)),
            "linestyle": _DASHED if row["evidence"] == EXTRAPOLATED else "-",
        }
        named = (own or front) and not of_groups
        label = f"{_named(row)}: {show_value(COST, y, brief=True)}" if named else ""
        panel.dots([x], [y], color, next(marks) if named else "o", filled=filled, gid="option", label=label, **look)
        if of_groups:
            panel.axes.text(x, y, str(row["gpus_per_replica"]), color="white" if filled else color, **_INSIDE)
    for axis, name in (("x", LATENCY), ("y", COST)):
        panel.scale(axis, name, ratios=True)
    if target is not None and panel.axes.get_xlim()[0] <= target <= panel.axes.get_xlim()[1]:
        panel.limit(target, f"target {show_value(LATENCY, target, brief=True)}", upright=True)
    panel.called("p95 latency, log scale", "cost per clip, log scale")
    return plot


def _finding(rows: Sequence[Mapping[str, Any]], target: float | None, *, of_groups: bool) -> str:
    """Return the cheapest and the fastest of the options without an objection."""
    good = [row for row in rows if not row["against"]]
    if not good:
        return "Something speaks against each of these"
    cheapest, fastest = (min(good, key=lambda row: row[name]) for name in (COST, LATENCY))
    called = [f"{row['gpus_per_replica']} per clip" if of_groups else _named(row) for row in (cheapest, fastest)]
    cost, latency = show_value(COST, cheapest[COST], brief=True), show_value(LATENCY, fastest[LATENCY], brief=True)
    within = "" if target is None else f" within {show_value(LATENCY, target, brief=True)}"
    return f"Cheapest{within}: {called[0]}, {cost}; fastest: {called[1]}, {latency}"


def _named(row: Mapping[str, Any]) -> str:
    size = row["gpus_per_replica"]
    return f"{row['gpu']} x {size}" if size > 1 else str(row["gpu"])
