"""A sweep as a plot: a line over a numeric axis, or a line for each value of the other axis."""

from collections.abc import Mapping, Sequence

from t2v_capacity.assumptions.parts import known_of
from t2v_capacity.errors import Mistakes
from t2v_capacity.forms.plot import ACCENT, LOOKS, RATIOS, Data, Plot, called, line, quantities, ring, ticks
from t2v_capacity.forms.values import label_of, show_brief, show_value

_AXES = 2


def sweep_plot(document: Data, plan: Mapping[str, float | str]) -> Plot:
    """Return the plot of the first figure of a sweep; `plan` holds the plan's own value on each axis.

    Raises Mistakes where there are more axes or lines than can be drawn, or nothing to draw.
    """
    axes, rows = document["axes"], document["rows"]
    values = {axis: list(dict.fromkeys(row[axis] for row in rows)) for axis in axes}
    figure = next(name for name in rows[0] if name not in axes)
    across = max(axes, key=lambda axis: (known_of(axis) is not None, len(values[axis])))
    others = [axis for axis in axes if axis != across]
    lines = values[others[0]] if others else [""]
    if len(axes) > _AXES or len(lines) > len(LOOKS):
        raise Mistakes(
            f"a plot has one axis, or two of which one has {len(LOOKS)} values at most; "
            f"this sweep is over {', '.join(f'{axis} ({len(values[axis])})' for axis in axes)}"
        )
    drawn = {line: [row for row in rows if not others or row[others[0]] == line] for line in lines}
    known = [row[figure] for row in rows if row[figure] is not None]
    if not known:
        raise Mistakes(f"there is nothing to draw: {figure} has no value in any cell")
    own = next((row for row in rows if all(row[axis] == plan[axis] for axis in axes) and row[figure] is not None), None)
    left_out = f"; {len(rows) - len(known)} of {len(rows)} cells have no value" if len(known) < len(rows) else ""
    reach = " to ".join(dict.fromkeys(show_brief(figure, end) for end in (min(known), max(known))))
    title = f"{show_value(figure, own[figure])} at {_value(across, own[across])}" if own else f"{label_of(figure)}: {reach}"
    plot = Plot(title, f"Each point is the estimate with that {' and '.join(axes)}{left_out}", document)
    (axes,) = plot.panels
    numeric = known_of(across) is not None
    places = {value: value if numeric else float(index) for index, value in enumerate(values[across])}
    by_ratio = numeric and _by_ratio(list(places.values()))
    for (name, cells), (color, dash, mark) in zip(drawn.items(), LOOKS, strict=False):
        x, y = [places[row[across]] for row in cells], [row[figure] for row in cells]
        label = _value(others[0], name) if others else "_"
        line(axes, x, y, f"{dash if numeric else ''}{mark}", color, gid=f"line {name}".strip(), label=label)
    if own:
        ring(axes, places[own[across]], own[figure], f"this plan: {show_brief(figure, own[figure])}", ACCENT)
    quantities(axes, "y", figure, label_of(figure), ratios=by_ratio and _by_ratio(known))
    if numeric:
        quantities(axes, "x", across, label_of(across), ratios=by_ratio)
    else:
        ticks(axes, "x", {place: str(value) for value, place in places.items()})
        called(axes, "x", across)
    return plot


def _by_ratio(values: Sequence[float]) -> bool:
    """Return whether values are far enough apart to be drawn by ratios."""
    return min(values) > 0 and max(values) / min(values) >= RATIOS


def _value(axis: str, value: float | str) -> str:
    """Return a value of an axis: with its unit, or with its name where it has none."""
    if isinstance(value, str):
        return value
    text = show_value(axis, value)
    return text.removesuffix("/video") if " " in text else f"{axis.replace('_', ' ')} {text}"
