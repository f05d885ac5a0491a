"""A sweep as a plot: a line over a numeric axis, or a line for each value of the other axis."""

from collections.abc import Mapping, Sequence
from typing import Any

from t2v_capacity.assumptions.parts import known_of
from t2v_capacity.errors import Mistakes
from t2v_capacity.forms.plot import ACCENT, LOOKS, RATIOS, Plot
from t2v_capacity.forms.values import label_of, show_value
from t2v_capacity.formulas import FIGURES

_AXES, _LOG = 2, ", log scale"


def sweep_plot(document: Mapping[str, Any], plan: Mapping[str, float | str]) -> Plot:
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
    plot = Plot(
        _finding(figure, across, own, drawn, known), f"Each point is the estimate with that {' and '.join(axes)}{left_out}", document
    )
    (panel,) = plot.panels
    numeric = known_of(across) is not None
    places = {value: value if numeric else float(index) for index, value in enumerate(values[across])}
    by_ratio = numeric and spread_by_ratio(list(places.values()))
    upright = by_ratio and min(known) > 0 and max(known) / min(known) >= RATIOS
    for (line, cells), (color, dash, mark) in zip(drawn.items(), LOOKS, strict=False):
        ys = [row[figure] for row in cells]
        called = _value(others[0], line) if others else ""
        panel.line([places[row[across]] for row in cells], ys, (color, dash if numeric else "", mark), f"line {line}".strip(), called)
    if own:
        panel.mark(places[own[across]], own[figure], f"this plan: {show_value(figure, own[figure], brief=True)}", ACCENT)
    panel.scale("y", figure, ratios=upright)
    if not upright:
        panel.from_zero()
    if numeric:
        panel.scale("x", across, ratios=by_ratio)
    else:
        panel.ticks("x", {place: str(value) for value, place in places.items()})
    panel.called(f"{label_of(across) if numeric else across}{_LOG * by_ratio}", f"{label_of(figure)}{_LOG * upright}")
    return plot


def spread_by_ratio(values: Sequence[float]) -> bool:
    """Return whether values are spread in equal ratios rather than in equal steps.

    >>> spread_by_ratio([10, 100, 1000]), spread_by_ratio([10, 55, 100]), spread_by_ratio([20, 30, 50])
    (True, False, False)
    """
    low, middle, high = min(values), sorted(values)[len(values) // 2], max(values)
    if low <= 0 or high / low < RATIOS:
        return False
    return bool(abs(middle - (low * high) ** 0.5) < abs(middle - (low + high) / 2))


def _finding(
    figure: str,
    across: str,
    own: Mapping[str, Any] | None,
    drawn: Mapping[float | str, Sequence[Mapping[str, Any]]],
    known: Sequence[float],
) -> str:
    """Return the plot's message: the line that is best everywhere, the plan's own value, or the range covered."""
    best = _best(figure, drawn) if len(drawn) > 1 and FIGURES[figure].better else None
    if best is not None:
        other = next(axis for axis in drawn[best][0] if axis not in (across, figure))
        return f"{label_of(figure)}: {'lowest' if FIGURES[figure].better == 'lower' else 'highest'} with {_value(other, best)}"
    if own:
        return f"{show_value(figure, own[figure])} at {_value(across, own[across])}"
    low, high = (show_value(figure, end, brief=True) for end in (min(known), max(known)))
    return f"{label_of(figure)}: {low if low == high else f'{low} to {high}'}"


def _best(figure: str, drawn: Mapping[float | str, Sequence[Mapping[str, Any]]]) -> float | str | None:
    """Return the line that alone is best at every place; nothing if lines cross or meet."""
    pick = min if FIGURES[figure].better == "lower" else max
    lines = set(drawn)
    for rows in zip(*drawn.values(), strict=True):
        found = {line: row[figure] for line, row in zip(drawn, rows, strict=True) if row[figure] is not None}
        lines &= {line for line, value in found.items() if value == pick(found.values())} if found else lines
    return lines.pop() if len(lines) == 1 else None


def _value(axis: str, value: float | str) -> str:
    """Return a value of an axis: with its unit, or with its name where it has none."""
    if isinstance(value, str):
        return value
    text = show_value(axis, value)
    return text.removesuffix("/video") if " " in text else f"{axis.replace('_', ' ')} {text}"
