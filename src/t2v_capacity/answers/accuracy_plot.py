"""Predicted against measured as a plot, with the band that nine runs of ten are in."""

from t2v_capacity.errors import Mistakes
from t2v_capacity.forms.plot import ACCENT, FAIL, INK, Data, Plot, band, dots, line, quantities

_DIGITS = 2


def accuracy_plot(document: Data) -> Plot:
    """Return the plot of runs that are judged by the band, each predicted without its own source.

    Raises Mistakes where there is nothing to draw.
    """
    rows = [row for row in document["rows"] if row["class"] and row["low"] is not None]
    if not rows:
        raise Mistakes("there is nothing to draw: no run has seconds that are judged")
    inside = [_held(row) for row in rows]
    ends = [end for row in rows for end in (row["measured"], _predicted(row))]
    low, high = min(ends) / 1.2, max(ends) * 1.2
    least, most = min((_band(row) for row in rows), key=lambda ends: ends[1] / ends[0])  # the narrowest is drawn
    recorded = any(row["source_out_predicted"] for row in rows)
    how = "Each run predicted without its own source" if recorded else "Predicted against measured"
    title = f"{sum(inside)} of {len(rows)} {'published runs' if recorded else 'runs'} are within their band"
    plot = Plot(title, f"{how}; blue: {least} to {most} times the prediction", document, height=5.4)
    (axes,) = plot.panels
    band(axes, [low, high], [low / most, high / most], [low / least, high / least])
    line(axes, [low, high], [low, high], color=INK, linewidth=1, gid="equal")
    for color, mark, held, said in ((ACCENT, "o", True, "within its band"), (FAIL, "X", False, "outside its band")):
        of = [row for row, kept in zip(rows, inside, strict=True) if kept == held]
        dots(axes, [row["measured"] for row in of], list(map(_predicted, of)), color, mark, filled=True, gid="runs", label=said)
    for along, what in (("x", "measured"), ("y", "predicted")):
        quantities(axes, along, "", f"{what}, seconds", ratios=True)
    return plot


def _predicted(row: Data) -> float:
    return float(row.get("source_out_predicted") or row["predicted"])


def _band(row: Data) -> tuple[float, float]:
    """Return the ends of true seconds over predicted ones."""
    return round(row["low"] / row["predicted"], _DIGITS), round(row["high"] / row["predicted"], _DIGITS)


def _held(row: Data) -> bool:
    low, high = _band(row)
    return bool(low <= row["measured"] / _predicted(row) <= high)
