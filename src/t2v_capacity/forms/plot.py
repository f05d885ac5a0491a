"""A plot of an answer: one style for all, drawn by matplotlib, which is imported here alone.

What is drawn stands in the answer's JSON document. A file is the same to the byte wherever it is drawn by one version of
matplotlib: it holds no time, no random name, and text in a font that matplotlib brings.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from t2v_capacity.errors import Mistakes, printable, printable_lines, quote
from t2v_capacity.forms.values import show_value

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation

FORMS = ("svg", "png", "pdf")
ACCENT, INK, MUTED, OTHER, FAIL = "#1f5fd0", "#14181f", "#56606e", "#7d8796", "#b3261e"
BAND, GRID, EDGE, PALE = "#c7d7f3", "#e6e9ee", "#8a94a3", "#b9c0ca"
_STYLE = {
    "figure.dpi": 72,  # a point is a pixel where texts are measured
    "savefig.dpi": 160,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Helvetica", "Arial"],  # the first is matplotlib's own
    "font.size": 10,
    "text.color": INK,
    "text.parse_math": False,  # a name is no formula
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.edgecolor": EDGE,
    "axes.linewidth": 0.8,
    "grid.color": GRID,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "xtick.color": EDGE,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "ytick.left": False,
    "lines.linewidth": 2,
    "lines.markersize": 6,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "svg.fonttype": "none",
    "svg.hashsalt": "t2v-cap",
}
# Inches: the page, the space above and below the panels, and between two; points: a line of labels, and a margin.
_WIDTH, _HEIGHT, _HEAD, _FOOT, _ROW, _BETWEEN = 7.2, 4.5, 0.98, 0.8, 1.75, 0.75
_LINE, _MARGIN, _INCH = 12.5, 10, 72
_LEAST, _MOST_TICKS = 4, 6
_SMALLEST = 0.8  # of its size, a line that would be too long
_MARKED = 40  # points of a line that have a mark each
_WEIGHTS = ("normal", "bold")
# Where ticks stand in a decade, the fewest first.
_IN_DECADE = ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7), (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9))
_SLACK = 1e-9  # a tick at the very end of an axis is within it
_PAD = 0.06  # of what an axis spans, beyond its ends
# Places of a name around its point, the best first: its offset in points, and the part of the name that lies there.
_AROUND = (
    *((8, 0, "left", "center"), (-8, 0, "right", "center"), (0, 8, "center", "bottom"), (0, -8, "center", "top")),
    *((6, 6, "left", "bottom"), (6, -6, "left", "top"), (-6, 6, "right", "bottom"), (-6, -6, "right", "top")),
)
# From this ratio of its ends on an axis may be drawn by ratios.
RATIOS = 10
# How neighboring lines differ, also in gray: color, dashes and mark.
LOOKS = tuple(((ACCENT, INK, OTHER)[index % 3], ("-", "--", "-.", ":")[index % 4], "os^D"[index % 4]) for index in range(12))


def form_of(file: str) -> str:
    """Return the form of a plot by its file's name. Raise Mistakes if it is invalid."""
    form = file.rpartition(".")[2].lower()
    if form not in FORMS:
        raise Mistakes(f"{quote(file)} is not a plot; name a file that ends in {', '.join(f'`.{one}`' for one in FORMS)}")
    return form


def drawn(draw: Callable[[], "Plot"]) -> "Plot":
    """Return a plot, drawn in the style that all have, whatever else is set for matplotlib."""
    from matplotlib import style

    with style.context(["default", _STYLE]):
        plot = draw()
        plot.lay_out()
    return plot


class Plot:
    """A page with a finding as its title, what is drawn in a line below, panels, and the plan, the day and the version at its foot."""

    def __init__(self, title: str, subtitle: str, document: Mapping[str, Any], panels: int = 1, height: float = _HEIGHT) -> None:
        """Begin the plot of a document, with so many panels; a page of one has a height in inches."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self._rows, self._columns = -(-panels // 2), min(panels, 2)
        height = height if panels == 1 else _HEAD + _FOOT + self._rows * (_ROW + _BETWEEN) - _BETWEEN
        self._across, self._up = _WIDTH * _INCH, height * _INCH
        self.figure = Figure(figsize=(_WIDTH, height))
        FigureCanvasAgg(self.figure)
        name = document["scenario"]["name"] if "scenario" in document else document["file"]
        foot = f"{name} · facts as of {document['as_of']} · {document['tool']}"
        self._about = printable(f"{title}; {foot}")
        self._text(title, self._up - 22, 12, INK, bold=True)
        self._text(subtitle, self._up - 40, 9.5, MUTED)
        self._text(foot, 14, 7.5, MUTED)
        self.panels = [Panel(self.figure.add_subplot(self._rows, self._columns, index + 1)) for index in range(panels)]

    def _text(self, text: str, above: float, size: float, color: str, *, bold: bool = False) -> None:
        """Write a line from the left margin, so many points above the foot; one that is too long smaller, then cut."""
        text, room = printable(text), self._across - 2 * _MARGIN
        line = self.figure.text(_MARGIN / self._across, above / self._up, text, size=size, color=color, weight=_WEIGHTS[bold])
        line.set_fontsize(size * max(min(1, (room - _MARGIN) / line.get_window_extent().width), _SMALLEST) if text else size)
        while text and line.get_window_extent().width > room:
            text = text[:-1]
            line.set_text(f"{text.rstrip()} ...")

    def lay_out(self) -> None:
        """Place each panel, leaving room for its labels at the left and right."""
        self.figure.draw_without_rendering()
        wide, between = self._across / self._columns, _BETWEEN * _INCH
        high = (self._up - (_HEAD + _FOOT) * _INCH + between) / self._rows - between
        for index, panel in enumerate(self.panels):
            row, column = divmod(index, self._columns)
            left, right = panel.margins()
            bottom = self._up - _HEAD * _INCH - row * (high + between) - high
            place = (column * wide + left, bottom, wide - left - right, high)
            panel.axes.set_position([side / (self._across, self._up)[at % 2] for at, side in enumerate(place)])  # type: ignore[arg-type]
            panel.write_labels()

    def saved(self, form: str) -> bytes:
        """Return the plot as a file of a form."""
        from matplotlib import style

        undated: dict[str, dict[str, Any]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}
        out = BytesIO()
        with style.context(["default", _STYLE]):
            self.figure.savefig(out, format=form, metadata={"Title": self._about, **undated[form]})
        return out.getvalue()


class Panel:
    """Axes with what is drawn in them: a thin layer of names over matplotlib's. What is drawn has a `gid`, by which a file names it."""

    def __init__(self, axes: "Axes") -> None:
        """Take the axes."""
        self.axes = axes
        axes.use_sticky_edges = False
        self._ends: list[tuple[float, str, str, bool]] = []
        self._names: list[tuple[float, float, str, str, bool]] = []
        self._marks: list[tuple[float, float, str]] = []
        self._uprights: list[float] = []

    def line(self, x: Sequence[float], y: Sequence[float | None], look: tuple[str, str, str], name: str = "line") -> None:
        """Draw a line through points with a mark on each, unless they are many; a gap where there is none."""
        color, dash, mark = look
        self.axes.plot(x, _numbers(y), color=color, linestyle=dash, marker=mark if len(x) <= _MARKED else "", gid=name, clip_on=False)

    def band(self, x: Sequence[float], low: Sequence[float | None], high: Sequence[float | None]) -> None:
        """Fill the area between two lines."""
        self.axes.fill_between(x, _numbers(low), _numbers(high), color=BAND, linewidth=0, gid="band")

    def dots(self, x: Sequence[float], y: Sequence[float], color: str, mark: str, *, filled: bool = True, **more: Any) -> None:
        """Draw points, filled or hollow."""
        face = color if filled else "white"
        self.axes.scatter(x, y, more.pop("size", 36), marker=mark, facecolor=face, edgecolor=color, linewidth=1.25, zorder=3, **more)

    def limit(self, value: float, text: str, *, upright: bool = False) -> None:
        """Draw a limit across the panel, its text at the right; or an upright one, its text above."""
        draw = self.axes.axvline if upright else self.axes.axhline
        draw(value, color=FAIL, linewidth=1.25, linestyle=(0, (5, 3)), gid="limit")
        if upright:
            self._uprights.append(value)
            self._write(text, (value, 1.0), (4, -9), FAIL, xycoords=self.axes.get_xaxis_transform())
        else:
            self.end(value, text, FAIL)

    def mark(self, x: float, y: float, text: str, color: str = FAIL) -> None:
        """Draw a ring with a label."""
        ring: dict[str, Any] = {"markerfacecolor": "white", "markersize": 9, "markeredgewidth": 2, "clip_on": False}
        self.axes.plot([x], [y], "o", color=color, zorder=4, gid="mark", **ring)
        self._marks.append((x, y, text))

    def end(self, y: float, text: str, color: str = MUTED, *, bold: bool = False) -> None:
        """Write a label at the right of the panel, as high as what it names; those that would touch are moved apart."""
        self._ends.append((y, text, color, bold))

    def name(self, x: float, y: float, text: str, color: str, *, always: bool = False) -> None:
        """Write a name next to a point where it touches no other; leave it out if that is impossible, unless it must always show."""
        self._names.append((x, y, text, color, always))

    def scale(self, axis: str, name: str, *, ratios: bool = False, zero: bool = False, pad: float = _PAD) -> None:
        """Fit an axis, `x` or `y`, to what is drawn of a name, with a share of it as a margin: by ratios, or from zero where values allow."""
        if ratios:
            getattr(self.axes, f"set_{axis}scale")("log")
        self.axes.margins(x=pad if axis == "x" else None, y=pad if axis == "y" else None)
        low, high = getattr(self.axes, f"get_{axis}lim")()
        if zero and not ratios and getattr(self.axes.dataLim, f"interval{axis}")[0] >= 0:
            low = getattr(self.axes, f"set_{axis}lim")(0.0, high)[0]
        low, high = low * (1 - _SLACK), high * (1 + _SLACK)
        found = ticks_by_ratio(low, high) if ratios and high > 2 * low else _even_ticks(low, high)
        self.ticks(axis, {tick: show_value(name, tick, brief=True) for tick in found if low <= tick <= high})

    def ticks(self, axis: str, texts: Mapping[float, str]) -> None:
        """Set the ticks of an axis."""
        from matplotlib.ticker import NullLocator

        getattr(self.axes, f"{axis}axis").set_minor_locator(NullLocator())
        getattr(self.axes, f"set_{axis}ticks")(list(texts), [printable_lines(text) for text in texts.values()])

    def called(self, x: str, y: str, *, bold: bool = False, note: str = "") -> None:
        """Label the axes: the upright one above the panel, the other below its right end; put the legend of marks at its left."""
        self.axes.set_xlabel(printable(x), loc="right", size=9, color=MUTED)
        self.axes.set_title(printable(y), loc="left", size=9, color=(MUTED, INK)[bold], weight=_WEIGHTS[bold], pad=8)
        self._write(note, (0, 0), (0, -26), MUTED, xycoords="axes fraction", size=8, va="top")

    def _write(self, text: str, at: tuple[float, float], by: tuple[float, float], color: str, **more: Any) -> "Annotation":
        """Write a text so many points from a place."""
        return self.axes.annotate(printable(text), at, by, textcoords="offset points", color=color, zorder=5, **{"size": 9, **more})

    def _end(self, above: float, text: str, color: str, *, bold: bool) -> "Annotation":
        return self._write(text, (1, 0), (7, above), color, xycoords="axes fraction", va="center", weight=_WEIGHTS[bold])

    def margins(self) -> tuple[float, float]:
        """Return the points that labels take at the left and at the right."""
        left = max((label.get_window_extent().width for label in self.axes.get_yticklabels() if label.get_text()), default=0.0)
        texts = [self._end(0, text, color, bold=bold) for _y, text, color, bold in self._ends]
        right = max((text.get_window_extent().width for text in texts), default=0.0)
        for text in texts:
            text.remove()
        return _MARGIN + left + 6, _MARGIN + right + (8 if right else _MARGIN)

    def write_labels(self) -> None:
        """Write the parts that depend on the panel's place."""
        box, ends = self.axes.get_window_extent(), sorted(self._ends)
        up = self.axes.get_yaxis_transform()
        heights = [float(up.transform((0, end[0]))[1] - box.y0) for end in ends]
        for index in range(1, len(heights)):  # from the lowest up
            heights[index] = max(heights[index], heights[index - 1] + _LINE)
        for index in range(2, len(heights) + 1):  # and where the highest would lie above the panel, down again
            heights[-index] = min(heights[-index], box.height - (index - 1) * _LINE)
        for height, (_y, text, color, bold) in zip(heights, ends, strict=True):
            self._end(min(height, box.height), text, color, bold=bold)
        for x, y, text in self._marks:  # at the upper left, where a line that rises leaves room; else at the lower right
            said = self._write(text, (x, y), (-6, 8), INK, weight="bold", ha="right")
            if said.get_window_extent().x0 < box.x0:
                said.set(ha="left", va="top", position=(8, -6))
        self._write_names()

    def _write_names(self) -> None:
        """Write the names of points, those first that are always to be seen, each in the first place around its point that is free."""
        from matplotlib.transforms import Bbox

        box = self.axes.get_window_extent()
        room = Bbox.from_extents(box.x0, box.y0, box.x1 + 2 * _MARGIN, box.y1 + _MARGIN)
        centers = [self.axes.transData.transform(name[:2]) for name in self._names]
        taken = [Bbox.from_bounds(x - 5, y - 5, 10, 10) for x, y in centers]
        taken += [Bbox.from_bounds(self.axes.transData.transform((value, 1))[0], box.y0, 1, box.height) for value in self._uprights]
        for index in sorted(range(len(centers)), key=lambda index: not self._names[index][-1]):
            x, y, text, color, always = self._names[index]
            said = self._write(text, (x, y), (0, 0), color, size=8.5, weight=_WEIGHTS[always])
            for by_x, by_y, across, above in _AROUND:
                said.set(position=(by_x, by_y), ha=across, va=above)
                here = said.get_window_extent()
                within = here.x0 >= room.x0 and here.x1 <= room.x1 and here.y0 >= room.y0 and here.y1 <= room.y1
                if within and not here.count_overlaps([*taken[:index], *taken[index + 1 :]]):
                    taken.append(here)
                    break
            else:
                if not always:
                    said.remove()


def _numbers(values: Iterable[float | None]) -> list[float]:
    return [math.nan if value is None else value for value in values]


def ticks_by_ratio(low: float, high: float) -> list[float]:
    """Return ticks between two ends of an axis of ratios: as few in each decade as make some.

    >>> ticks_by_ratio(95_000, 1.05e7), ticks_by_ratio(0.5, 1.6)
    ([100000.0, 300000.0, 1000000.0, 3000000.0, 10000000.0], [0.5, 0.7, 1.0, 1.5])
    """
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found: list[float] = []
    for steps in _IN_DECADE:
        found = sorted(tick for decade in decades for step in steps if low <= (tick := float(f"{step}e{decade}")) <= high)
        if len(found) >= _LEAST:
            break
    return found


def _even_ticks(low: float, high: float) -> list[float]:
    from matplotlib.ticker import MaxNLocator

    return [float(tick) for tick in MaxNLocator(_MOST_TICKS, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)]
