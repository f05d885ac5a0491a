"""A plot of an answer: one style for all, drawn by matplotlib, which is imported here alone.

What is drawn stands in the answer's JSON document. A file is the same to the byte wherever it is drawn by one version
of matplotlib: it holds no time, no random name, and text in a font that matplotlib brings.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, filterwarnings

from t2v_capacity.errors import Mistakes, printable, printable_lines, quote
from t2v_capacity.forms.values import label_of, show_brief

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Data = Mapping[str, Any]  # a document, or a row of it
FORMS = ("svg", "png", "pdf")
ACCENT, INK, MUTED, OTHER, FAIL_COLOR = "#1f5fd0", "#14181f", "#56606e", "#7d8796", "#b3261e"
BAND, PALE = "#c7d7f3", "#b9c0ca"
# Its ink and its muted color are those of text and labels here.
_STYLE: list[Any] = ["default", Path(__file__).with_name("plot.mplstyle")]
# Inches: the page, what a page has besides its panels, and a panel among several.
_WIDTH, _HEIGHT, _FRAME, _PANEL = 7.2, 4.5, 1.3, 1.9
_MARKED = 40  # points of a line that have a mark each
# Ticks in a decade of an axis by ratios: of a long one, of which the ends have this ratio, and of a short one.
_LONG, _FEW, _MANY = 50, (1, 3), (1, 2, 3, 5, 7)
_ROOM = 1.05  # an axis from zero, over the highest value
_LEFT = 0.02  # of the page, left of its texts
_TITLE, _FOOT, _LINES = 78, 115, 3  # characters of a line, and lines
# From this ratio of its ends on an axis may be drawn by ratios.
RATIOS = 10
# How neighboring lines differ, also in gray: color, dashes and mark.
LOOKS = tuple(
    ((ACCENT, INK, OTHER)[index % 3], ("-", "--", "-.", ":")[index % 4], "os^D"[index % 4]) for index in range(12)
)


def form_of(file: str) -> str:
    """Return the form of a plot by its file's name. Raise Mistakes if the name ends otherwise."""
    form = file.rpartition(".")[2].lower()
    if form not in FORMS:
        raise Mistakes(
            f"{quote(file)} is not a plot; name a file that ends in {', '.join(f'`.{ending}`' for ending in FORMS)}"
        )
    return form


def styled_plot(draw: Callable[[], "Plot"]) -> "Plot":
    """Return a plot, drawn in the style that all have, whatever else is set for matplotlib."""
    from matplotlib import style
    from matplotlib.text import Text

    with style.context(_STYLE):
        plot = draw()

        for axes in plot.panels:
            if axes.get_legend_handles_labels()[1]:
                axes.legend(loc="upper left", bbox_to_anchor=(1, 1))  # right of the panel
        for text in plot.figure.findobj(Text):
            assert isinstance(text, Text)
            text.set_text(printable_lines(text.get_text()))
    return plot


class Plot:
    """A page with a finding as its title, panels, and below them what is drawn, the plan, the day and the version."""

    def __init__(self, title: str, subtitle: str, document: Data, panels: int = 1, height: float = _HEIGHT) -> None:
        """Begin the plot of a document, with so many panels; a page of one has a height in inches."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.figure = Figure(
            figsize=(_WIDTH, height if panels == 1 else _FRAME + _PANEL * panels), layout="constrained"
        )
        FigureCanvasAgg(self.figure)
        name = document["scenario"]["name"] if "scenario" in document else document["file"]
        foot = f"{name} · facts as of {document['as_of']} · {document['tool']}"
        self._about = printable(f"{title}; {foot}")
        self.figure.suptitle(_lines(title, _TITLE), size=11, weight="bold", x=_LEFT, ha="left")
        self.figure.supxlabel(
            f"{_lines(subtitle, _FOOT)}\n{_lines(foot, _FOOT)}", size=8, color=MUTED, x=_LEFT, ha="left"
        )
        self.panels = [*self.figure.subplots(panels, squeeze=False).flat]

    def saved(self, form: str) -> bytes:
        """Return the plot as a file of a form."""
        from matplotlib import style

        undated: dict[str, dict[str, Any]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}
        out = BytesIO()
        with style.context(_STYLE), catch_warnings():
            filterwarnings("ignore", "Glyph .* missing")  # a letter that the font lacks is a box
            self.figure.savefig(out, format=form, metadata={"Title": self._about, **undated[form]})
        return out.getvalue()


# What is drawn has a `gid`, by which a file names it. A label is an entry of the legend, unless it begins with `_`.


def line(
    axes: "Axes", x: Sequence[float], y: Sequence[float | None], look: str = "-", color: str = ACCENT, **more: Any
) -> None:
    """Draw a line through points, with a gap where there is none; of many points without their marks."""
    marks = {} if len(x) <= _MARKED else {"marker": ""}
    axes.plot(x, floats(y), look, color=color, **{"gid": "line", **more, **marks})


def limit(axes: "Axes", level: float, label: str, *, upright: bool = False) -> None:
    """Draw a limit across a panel, or an upright one."""
    draw = axes.axvline if upright else axes.axhline
    draw(level, color=FAIL_COLOR, linewidth=1.25, linestyle=(0, (5, 3)), gid="limit", label=label)


def ring(axes: "Axes", x: float, y: float, label: str, color: str = FAIL_COLOR) -> None:
    """Draw a ring around a point."""
    axes.plot(
        [x], [y], "o", color=color, mfc="white", markersize=9, markeredgewidth=2, zorder=4, gid="mark", label=label
    )


def band(
    axes: "Axes", x: Sequence[float], low: Sequence[float | None], high: Sequence[float | None], label: str = "_"
) -> None:
    """Fill the area between two lines."""
    axes.fill_between(x, floats(low), floats(high), color=BAND, linewidth=0, gid="band", label=label)


def dots(
    axes: "Axes", x: Sequence[float], y: Sequence[float], color: str, mark: str, *, filled: bool, **more: Any
) -> None:
    """Draw points, filled or hollow."""
    axes.scatter(
        x,
        y,
        marker=mark,
        facecolor=color if filled else "white",
        edgecolor=color,
        **{"s": 36, "linewidth": 1.25, "zorder": 3, **more},
    )


def quantities(axes: "Axes", along: str, name: str, label: str = "", *, ratios: bool = False) -> None:
    """Write the values of a name along `x` or `y`, by ratios if `ratios`.

    The upright axis, if by steps, begins at zero where values allow.
    The axis has the name's label, unless it is given another.
    """
    from matplotlib.ticker import LogLocator

    axis = getattr(axes, f"{along}axis")
    if ratios:
        getattr(axes, f"set_{along}scale")("log")
        low, high = axis.get_view_interval()
        axis.set_major_locator(LogLocator(subs=_FEW if high > _LONG * low else _MANY))
        axes.minorticks_off()
    elif along == "y" and axes.dataLim.ymax > 0 <= axes.dataLim.ymin:
        axes.set_ylim(0, _ROOM * axes.dataLim.ymax)
    axis.set_major_formatter(lambda tick, _place: show_brief(name, tick))
    label = label or label_of(name)
    called(axes, along, f"{label}, log scale" if ratios else label)


def called(axes: "Axes", along: str, label: str) -> None:
    """Label an axis: the upright one above the panel."""
    if along == "x":
        axes.set_xlabel(label, size=9, color=MUTED)
    else:
        axes.set_title(label, loc="left", size=9, color=MUTED)


def ticks(axes: "Axes", along: str, texts: Mapping[float, str]) -> None:
    """Set the ticks of an axis."""
    getattr(axes, f"set_{along}ticks")(list(texts), [printable_lines(text) for text in texts.values()])


def floats(numbers: Iterable[float | None]) -> list[float]:
    """Return values as they are drawn: nan where there is none."""
    return [math.nan if number is None else number for number in numbers]


def _lines(text: str, width: int) -> str:
    """Return a text in lines, and cut: matplotlib's own `wrap` takes `$` for a formula."""
    return fill(printable(text), width, max_lines=_LINES, placeholder=" ...")
