"""Predicted against measured as a report, as data, and as a plot with the band that nine runs of ten are in."""

from functools import partial
from typing import Annotated

from typing_extensions import TypedDict

from t2v_capacity.assumptions.quantities import digits, show
from t2v_capacity.catalogue.published import Held, Measurement, SummaryData, published
from t2v_capacity.errors import Mistakes
from t2v_capacity.forms.answer import Answer, Page
from t2v_capacity.forms.data import Head, data, document, one_of, writes
from t2v_capacity.forms.plot import ACCENT, FAIL_COLOR, INK, Data, Plot, band, dots, line, quantities
from t2v_capacity.forms.report import Column, Report, Table, numbers, table
from t2v_capacity.measured.runs.accuracy import CLASSES, Accuracy
from t2v_capacity.release import RELEASED, __version__

_SOURCE_WIDTH = 150
_DIGITS = 2  # of the ends of a band that is drawn


_Class = TypedDict("_Class", {"class": str})


class BandData(_Class):
    """True over predicted seconds in a class of the model's error, and the share of runs in each nominal band."""

    low: float | None
    """Null of classes together"""
    high: float | None
    rows: int
    sources: int
    nominal: list[float]
    held: list[float]
    by_source: float
    """The mean over sources of the share that the printed band holds"""


class _Quantity(TypedDict):
    id: str
    quantity: Annotated[str, one_of("seconds", "memory")]
    unit: Annotated[str, one_of("second", "byte")]


class RowData(_Quantity, _Class):
    """A measurement and its prediction."""

    model: str
    width: int
    height: int
    frames_per_video: int
    steps: int
    gpu: str
    gpus: int
    attention_kernel: str
    runtime: str
    option: str
    measured: float
    predicted: float
    ratio: float
    """Predicted over measured"""
    low: float | None
    high: float | None
    left_out_predicted: float | None
    """With constants fitted without the model's family"""
    left_out_ratio: float | None
    source_out_predicted: float | None
    """With constants fitted without the source's runs"""
    source_out_ratio: float | None
    in_fit: bool
    why_not: str
    kernel_known: str
    confidence: str
    source: str


class AccuracyDocument(Head):
    """What t2v-cap accuracy --format json writes."""

    file: str
    summary: list[SummaryData]
    bands: list[BandData]
    rows: list[RowData]


_ERRORS = (
    numbers("rows", "rows"),
    numbers("median error", lambda row: f"{row['median_error']:.1%}"),
    numbers("90th percentile", lambda row: f"{row['p90_error']:.1%}"),
    numbers("mean, p5 to p95", lambda row: f"{row['mean_error']:.1%}, {row['mean_low']:.1%} to {row['mean_high']:.1%}"),
    numbers("median ratio", lambda row: f"{row['median_ratio']:.2f}"),
    numbers("sources", "sources", from_width=_SOURCE_WIDTH),
)
_TAILS = (
    Column("what", "label"),
    numbers("median", lambda row: f"{row['median_error']:.1%}"),
    numbers("90th over sources", lambda row: f"{row['p90_by_source']:.1%}"),
    numbers("furthest", lambda row: f"{row['tail_error']:.1%}"),
    Column("its source", lambda row: row["tail_source"].partition(", http")[0]),
)
_ROWS = (
    Column("run", "id"),
    Column("model", "model"),
    Column("clip", lambda row: f"{row['width']}x{row['height']}x{row['frames_per_video']}, {row['steps']} steps"),
    Column("gpu", lambda row: f"{row['gpus']} x {row['gpu']}" if row["gpus"] > 1 else row["gpu"]),
    Column(
        "kernel, runtime",
        lambda row: row["attention_kernel"] + ("" if row["runtime"] == "eager" else f", {row['runtime']}"),
    ),
    numbers("measured", lambda row: _quantity_text(row["measured"], row["unit"])),
    numbers("predicted", lambda row: _quantity_text(row["predicted"], row["unit"])),
    numbers("ratio", "ratio", form=".2f"),
    numbers("family left out", "left_out_ratio", form=".2f"),
    numbers("source left out", "source_out_ratio", form=".2f", from_width=_SOURCE_WIDTH),
    Column(
        "source",
        lambda row: ("" if row["class"] else f"{row['option'] or row['why_not']}: ") + row["source"],
        from_width=_SOURCE_WIDTH,
    ),
)


def accuracy_report(accuracy: Accuracy, page: Page) -> Report:
    """Return the summary and the rows that are judged; with everything also those that are not."""
    tables = [table((Column("what", "label"), *_ERRORS), accuracy.summary, "Summary")]
    if accuracy.held:
        tables.append(bands_table(accuracy))
    if len(accuracy.summary) > 1:
        tables.append(
            table(
                _TAILS,
                accuracy.summary,
                "Tails: median errors of sources, and the source that is furthest off",
            )
        )
    kinds = (*CLASSES, "") if page.everything else CLASSES
    rows = [_row_data(row) for kind in kinds for row in accuracy.rows if row.kind == kind]
    tables.append(table(_ROWS, rows, "Rows", section=lambda row: CLASSES.get(row["class"], "judged with nothing")))
    hidden = sum(not row.kind for row in accuracy.rows)
    more = (
        f"{hidden} more rows count in no error: an option is on, confidence is low, or weights are streamed; "
        "--all shows them"
    )
    return Report(
        title="Predicted against measured",
        subtitle=accuracy.file,
        tables=tables,
        paragraphs=(more,) if hidden and not page.everything else (),
        footer=f"ratio = predicted / measured; GB = 10^9 B; t2v-cap {__version__}",
    )


def bands_table(accuracy: Accuracy) -> Table:
    """Return the band of true over predicted seconds by class, and the share of runs that each nominal band holds."""
    columns = (
        Column("kernel, nearest run", "class"),
        Column("band", lambda band: f"{band['low']:.2f} to {band['high']:.2f}" if band["low"] else ""),
        numbers("runs", "rows"),
        *(numbers(f"{share:.0%}", partial(_held_at, place)) for place, share in enumerate(published().shares)),
        numbers("by source", lambda band: f"{band['by_source']:.0%}"),
    )
    return table(
        columns,
        map(_band_data, accuracy.held),
        "The bands: true seconds over predicted; nominal shares, and those held",
    )


def _held_at(place: int, band: BandData) -> str:
    return f"{band['held'][place]:.0%}"


@writes(BandData)
def _band_data(held: Held) -> BandData:
    index = published()
    low, high = index.ends(held.name) if held.name in index.bands else (None, None)
    return data(BandData, held, **{"class": held.name}, low=low, high=high, nominal=index.shares)


def _quantity_text(quantity: float, unit: str) -> str:
    """Return seconds as seconds, which a run is quoted in; bytes as a person reads them."""
    return f"{digits(quantity)} s" if unit == "second" else show(quantity, unit)


def accuracy_document(accuracy: Accuracy) -> AccuracyDocument:
    """Return the comparison as a JSON document: every row, whatever the table shows."""
    return document(AccuracyDocument, accuracy, "accuracy", RELEASED, bands=accuracy.held)


@writes(RowData)
def _row_data(row: Measurement) -> RowData:
    low, high = (row.predicted * end for end in row.ends) if row.ends else (None, None)
    return data(
        RowData, row, **{"class": row.kind}, unit="second" if row.quantity == "seconds" else "byte", low=low, high=high
    )


AccuracyAnswer = Answer[Accuracy, AccuracyDocument]


def accuracy_answer(accuracy: Accuracy) -> AccuracyAnswer:
    """Return predicted against measured in all its forms."""
    return Answer(accuracy, accuracy_report, accuracy_document, plot=accuracy_plot)


def accuracy_plot(_accuracy: Accuracy, document: Data) -> Plot:
    """Return the plot of runs that are judged by the band, each predicted without its own source.

    The bands are those of estimates, made of all runs: what they hold of runs of a new source is `accuracy.held`.
    Raises Mistakes where there is nothing to draw.
    """
    rows = [row for row in document["rows"] if row["class"] and row["low"] is not None]
    if not rows:
        raise Mistakes("there is nothing to draw: no run has seconds that are judged")
    ends = [end for row in rows for end in (row["measured"], _prediction(row))]
    low, high = min(ends) / 1.2, max(ends) * 1.2
    least, most = min(map(_band, rows), key=lambda ends: ends[1] / ends[0])  # the narrowest is drawn
    recorded = any(row["source_out_predicted"] for row in rows)
    how = (
        "Each run predicted without its own source, which the bands include"
        if recorded
        else "Predicted against measured"
    )
    held = sum(map(_is_within_band, rows))
    title = f"{held} of {len(rows)} {'published runs' if recorded else 'runs'} are within their band"
    plot = Plot(title, f"{how}; blue: {least} to {most} times the prediction", document, height=5.4)
    (axes,) = plot.panels
    band(axes, [low, high], [low / most, high / most], [low / least, high / least])
    line(axes, [low, high], [low, high], color=INK, linewidth=1, gid="equal")
    for color, mark, wanted, label in (
        (ACCENT, "o", True, "within its band"),
        (FAIL_COLOR, "X", False, "outside its band"),
    ):
        of = [row for row in rows if _is_within_band(row) == wanted]
        dots(
            axes,
            [row["measured"] for row in of],
            list(map(_prediction, of)),
            color,
            mark,
            filled=True,
            gid="runs",
            label=label,
        )
    for along, what in (("x", "measured"), ("y", "predicted")):
        quantities(axes, along, "", f"{what}, seconds", ratios=True)
    return plot


def _prediction(row: Data) -> float:
    return float(row.get("source_out_predicted") or row["predicted"])


def _band(row: Data) -> tuple[float, float]:
    """Return the ends of true seconds over predicted ones."""
    return round(row["low"] / row["predicted"], _DIGITS), round(row["high"] / row["predicted"], _DIGITS)


def _is_within_band(row: Data) -> bool:
    low, high = _band(row)
    return bool(low <= row["measured"] / _prediction(row) <= high)
