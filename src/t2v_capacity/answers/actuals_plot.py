"""A plan against its months as a plot: a panel for each name that was measured in several, the plan with its band and what came."""

from collections.abc import Mapping, Sequence
from typing import Any

from t2v_capacity.errors import Mistakes
from t2v_capacity.forms.plot import ACCENT, FAIL, INK, Panel, Plot
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
    for panel, (name, rows) in zip(plot.panels, drawn.items(), strict=True):
        _panel(panel, name, rows, places)
    return plot


def _panel(panel: Panel, name: str, rows: Sequence[Mapping[str, Any]], places: Mapping[str, int]) -> None:
    x = [places[row["month"]] for row in rows]
    planned, actual = [row["planned"] for row in rows], [row["actual"] for row in rows]
    lows, highs = [row["low"] for row in rows], [row["high"] for row in rows]
    if any(low is not None for low in lows):
        panel.band(x, lows, highs)
    panel.line(x, planned, (ACCENT, "-", ""), "planned", f"planned {show_value(name, planned[-1], brief=True)}")
    for inside, color, mark in ((True, INK, "o"), (False, FAIL, "X")):
        shown = [(at, value) for at, value, row in zip(x, actual, rows, strict=True) if (row["inside"] is not False) == inside]
        if shown:
            called = f"actual {show_value(name, shown[-1][1], brief=True)}"
            panel.dots([at for at, _value in shown], [value for _at, value in shown], color, mark, gid="actual", label=called)
    panel.scale("y", name)
    panel.from_zero()
    step = -(-len(places) // _TICKS)
    panel.ticks("x", {place: month for month, place in list(places.items())[::step]})
    panel.called("", name.replace("_", " "))
