"""Plot GPUs, or group sizes of one GPU: cost per clip against p95 latency."""

from itertools import cycle

from t2v_capacity.errors import Mistakes
from t2v_capacity.forms.plot import ACCENT, INK, OTHER, Data, Plot, dots, limit, line, quantities
from t2v_capacity.forms.values import show_brief
from t2v_capacity.plan.evidence import EXTRAPOLATED, MEASURED, SAME_GENERATION
from t2v_capacity.questions.what_if.compare import Options

_FRONT = "front"
_LATENCY, _COST = "latency_p95", "cost_per_video"
_EVIDENCE = {
    MEASURED: "filled: measured",
    SAME_GENERATION: "hollow: same generation measured",
    EXTRAPOLATED: "dashed: neither",
}
_MARKS = "osD^vP*X"  # of options with a name
_SMALL, _DASHED = 36, (0, (2, 1.2))  # square points of a mark; dashes around one


def options_plot(comparison: Options, document: Data) -> Plot:
    """Return the plot of options with a cost and a latency; a target is a line. Raise Mistakes if there is none."""
    scenario = comparison.scenario
    target = scenario.values()["target_latency"] if scenario.by_hand("target_latency") else None
    rows = [row for row in document["rows"] if row["cost_per_video"] and row["latency_p95"]]
    if not rows:
        raise Mistakes("there is nothing to draw: no option has both a cost and a latency")

    plot = Plot(_finding(rows, target), _plot_subtitle(comparison, rows), document, height=5)
    (axes,) = plot.panels
    front = sorted((row[_LATENCY], row[_COST]) for row in rows if _FRONT in row["marks"])
    line(axes, [latency for latency, _cost in front], [cost for _latency, cost in front], color=INK, gid="front")
    marks = cycle(_MARKS)
    for row in rows:
        own = row["gpu"] == scenario.option("gpu")
        size, color, mark, label = _SMALL, OTHER, "o", "_"
        if own or _FRONT in row["marks"]:
            size, color, mark = 2 * _SMALL, ACCENT if own else INK, next(marks)
            label = f"{_row_name(row)}: {show_brief(_COST, row[_COST])}"
        dots(
            axes,
            [row[_LATENCY]],
            [row[_COST]],
            color,
            mark,
            filled=row["evidence"] == MEASURED,
            gid="option",
            label=label,
            s=size,
            linestyle=_DASHED if row["evidence"] == EXTRAPOLATED else "-",
        )

    quantities(axes, "x", _LATENCY, "p95 latency", ratios=True)
    quantities(axes, "y", _COST, "cost per clip", ratios=True)
    if target is not None and axes.get_xlim()[0] <= target <= axes.get_xlim()[1]:
        limit(axes, target, f"target {show_brief(_LATENCY, target)}", upright=True)
    return plot


def _plot_subtitle(comparison: Options, rows: list[Data]) -> str:
    """Return what is drawn, how many options are not, and what their marks mean."""
    what = "each GPU at its best group size, the Pareto front and this plan by name"
    if comparison.of_groups:
        what = f"group sizes of {rows[0]['gpu']}"
    if missing := len(comparison.options) - len(rows):
        what += f"; {missing} of {len(comparison.options)} have no price or latency"
    kinds = {row["evidence"] for row in rows}
    marks = "; ".join(_EVIDENCE[kind] for kind in _EVIDENCE if kind in kinds)
    return f"Cost per clip, rented as planned, against p95 latency; {what}; {marks}"


def _finding(rows: list[Data], target: float | None) -> str:
    """Return the cheapest of the options to which nothing objects."""
    good = [row for row in rows if not row["against"]]
    if not good:
        return "None of these is recommended"
    cheapest = min(good, key=lambda row: row[_COST])
    within = "" if target is None else f" within {show_brief(_LATENCY, target)}"
    return f"Cheapest{within}: {_row_name(cheapest)}, {show_brief(_COST, cheapest[_COST])}"


def _row_name(row: Data) -> str:
    size = row["gpus_per_replica"]
    return f"{row['gpu']} x {size}" if size > 1 else str(row["gpu"])
