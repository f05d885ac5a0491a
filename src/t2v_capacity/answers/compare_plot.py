"""GPUs, or group sizes of one GPU, as a plot: cost of a clip against its latency."""

from collections.abc import Sequence
from itertools import cycle

from t2v_capacity.errors import Mistakes
from t2v_capacity.forms.plot import ACCENT, INK, OTHER, Data, Plot, dots, limit, line, quantities
from t2v_capacity.forms.values import show_brief
from t2v_capacity.plan.evidence import EXTRAPOLATED, MEASURED, SAME_GENERATION

LATENCY, COST = "latency_p95", "cost_per_video"
_EVIDENCE = {MEASURED: "filled: measured", SAME_GENERATION: "hollow: same generation measured", EXTRAPOLATED: "dashed: neither"}
_FRONT = "front"
_MARKS = "osD^vP*X"  # of options with a name
_SMALL, _DASHED = 36, (0, (2, 1.2))  # square points of a mark; dashes around one


def options_plot(document: Data, plan_gpu: str, target: float | None) -> Plot:
    """Return the plot of options with a cost and a latency; a target is a line. Raise Mistakes if there is none."""
    rows = [row for row in document["rows"] if row[COST] and row[LATENCY]]
    if not rows:
        raise Mistakes("there is nothing to draw: no option has both a cost and a latency")
    missing = len(document["rows"]) - len(rows)
    left_out = f"; {missing} of {missing + len(rows)} have no price or latency" if missing else ""
    groups = document["axes"] == ["gpus_per_replica"]
    what = f"group sizes of {rows[0]['gpu']}" if groups else "each GPU at its best group size, the Pareto front and this plan by name"
    evidence = "; ".join(said for name, said in _EVIDENCE.items() if any(row["evidence"] == name for row in rows))
    said = f"Cost per clip, always on, against p95 latency; {what}{left_out}; {evidence}"
    plot = Plot(_finding(rows, target), said, document, height=5)
    (axes,) = plot.panels
    joined = sorted((row[LATENCY], row[COST]) for row in rows if _FRONT in row["marks"])
    line(axes, [x for x, _y in joined], [y for _x, y in joined], color=INK, gid="front")
    marks = cycle(_MARKS)
    for row in rows:
        front, own, found = _FRONT in row["marks"], row["gpu"] == plan_gpu, row["evidence"]
        color, mark, label = OTHER, "o", "_"
        if own or front:
            color, mark, label = ACCENT if own else INK, next(marks), f"{_named(row)}: {show_brief(COST, row[COST])}"
        size, dashes = _SMALL * (1 + (own or front)), _DASHED if found == EXTRAPOLATED else "-"
        look = {"s": size, "linestyle": dashes, "filled": found == MEASURED}
        dots(axes, [row[LATENCY]], [row[COST]], color, mark, gid="option", label=label, **look)
    quantities(axes, "x", LATENCY, "p95 latency", ratios=True)
    quantities(axes, "y", COST, "cost per clip", ratios=True)
    if target is not None and axes.get_xlim()[0] <= target <= axes.get_xlim()[1]:
        limit(axes, target, f"target {show_brief(LATENCY, target)}", upright=True)
    return plot


def _finding(rows: Sequence[Data], target: float | None) -> str:
    """Return the cheapest and the fastest of the options without an objection."""
    good = [row for row in rows if not row["against"]]
    if not good:
        return "Something speaks against each of these"
    cheapest, fastest = (min(good, key=lambda row: row[name]) for name in (COST, LATENCY))
    cost, latency = show_brief(COST, cheapest[COST]), show_brief(LATENCY, fastest[LATENCY])
    within = "" if target is None else f" within {show_brief(LATENCY, target)}"
    return f"Cheapest{within}: {_named(cheapest)}, {cost}; fastest: {_named(fastest)}, {latency}"


def _named(row: Data) -> str:
    size = row["gpus_per_replica"]
    return f"{row['gpu']} x {size}" if size > 1 else str(row["gpu"])
