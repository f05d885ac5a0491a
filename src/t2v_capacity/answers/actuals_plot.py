"""A plan against its months as a plot: a panel for each name that was measured in several, the plan with its band and what came."""

from collections.abc import Mapping
from typing import Any

from t2v_capacity.errors import Mistakes
from t2v_capacity.forms.plot import FAIL, INK, Plot, band, dots, line, quantities, ticks
from t2v_capacity.forms.values import show_value

_TICKS = 3


def actuals_plot(document: Mapping[str, Any]) -> Plot:
    """Return the plot of several measured months. Raise Mistakes if nothing was measured."""
    places = {one["month"]: one["index"] for one in document["months"] if one["month"]}
    by_name: dict[str, list[Mapping[str, Any]]] = {}
    for row in document["rows"]:
        if row["month"] and row["planned"] is not None:
            by_name.setdefault(row["name"], []).append(row)
    drawn = {name: rows for name, rows in by_name.items() if len({row["month"] for row in rows}) > 1}
    if not drawn:
        raise Mistakes("there is nothing to draw: a plot is of what was measured in several months; name their files")
    banded = [row for rows in drawn.values() for row in rows if row["inside"] is not None]
    held = f"The plan's band held {sum(row['inside'] for row in banded)} of {len(banded)} actuals" if banded else "Planned and actual"
    bands = f"band: 5% to 95% of {document['samples']:,} draws" if document["samples"] else "band: the model's error"
    said = f"Line: planned; {f'{bands}; ' if banded else ''}points: actual, crosses outside the band"
    plot = Plot(held, said, document, len(drawn))
    for axes, (name, rows) in zip(plot.panels, drawn.items(), strict=True):
        x, planned = [places[row["month"]] for row in rows], [row["planned"] for row in rows]
        band(axes, x, [row["low"] for row in rows], [row["high"] for row in rows])
        line(axes, x, planned, gid="planned", label=f"planned {show_value(name, planned[-1], brief=True)}")
        for outside, color, mark in ((False, INK, "o"), (True, FAIL, "X")):
            if shown := [row for row in rows if (row["inside"] is False) == outside]:
                label = f"actual {show_value(name, shown[-1]['actual'], brief=True)}"
                there = [places[row["month"]] for row in shown]
                dots(axes, there, [row["actual"] for row in shown], color, mark, gid="actual", label=label)
        quantities(axes, "y", name, name.replace("_", " "))
        ticks(axes, "x", {place: month for month, place in list(places.items())[:: -(-len(places) // _TICKS)]})
    return plot
