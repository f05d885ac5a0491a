"""Plot a figure's sensitivities: a tornado, the longest bar above."""

from collections.abc import Sequence

from t2v_capacity.errors import Mistakes
from t2v_capacity.forms.plot import ACCENT, INK, MUTED, PALE, Data, Plot, quantities, ticks
from t2v_capacity.forms.values import label_of, show_ends, show_value
from t2v_capacity.plan.swings import RANGE

_ROWS, _HEIGHT, _ROW = 10, 1.9, 0.36  # bars at most; inches of the page without them, and of each


def sensitivity_plot(document: Data, shown: Sequence[str]) -> Plot:
    """Return a tornado of those inputs that the table shows. Raise Mistakes if none moves the figure."""
    figure, value = document["figure"], document["value"]
    rows = [one for one in document["inputs"] if one["name"] in shown and None not in (one["at_low"], one["at_high"])][:_ROWS]
    if not rows:
        raise Mistakes(f"there is nothing to draw: {f'no input moves {figure}' if value is not None else f'{figure} has no value'}")
    plot = Plot(
        f"What moves {figure.replace('_', ' ')} ({show_value(figure, value)})",
        "Blue: 5% to 95% of a range; gray: 10% either way where there is no range",
        document,
        height=_HEIGHT + _ROW * len(rows),
    )
    (axes,) = plot.panels
    axes.grid(visible=False, axis="y")
    axes.use_sticky_edges = False  # a bar's left end is no zero
    for place, one in enumerate(rows):
        left, right = sorted((one["at_low"], one["at_high"]))
        bar = axes.barh(place, right - left, 0.55, left, color=ACCENT if one["kind"] == RANGE else PALE, gid="bar", zorder=2)
        axes.bar_label(bar, [show_ends(figure, left, right)], padding=4, size=8.5, color=MUTED)
    axes.axvline(value, color=INK, linewidth=1.5, gid="plan", zorder=3)
    quantities(axes, "x", figure, label_of(figure))
    named = (f"{one['name'].replace('_', ' ')}\n{show_ends(one['name'], one['low'], one['high'])}" for one in rows)
    ticks(axes, "y", dict(enumerate(named)))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.tick_params(axis="y", labelsize=8)
    return plot
