"""Predicted against measured as a report, and as data."""

from collections.abc import Iterable
from typing import Any

from t2v_capacity import RELEASED, __version__
from t2v_capacity.questions.measured.accuracy import CLASSES, Accuracy, PairRow, Row, Summary, time_factors
from t2v_capacity.reports.forms.answer import Answer
from t2v_capacity.reports.forms.data import document
from t2v_capacity.reports.forms.report import Column, Report, Table
from t2v_capacity.vocabulary.quantities import digits, show

SOURCE_WIDTH = 150
_ERRORS = (Column("rows", number=True), Column("median error", number=True), Column("90th percentile", number=True))
_RATIO = Column("median ratio", number=True)


def accuracy_report(found: Accuracy, *, everything: bool = False) -> Report:
    """Return the summary and the rows that are judged; `everything` adds those that are not."""
    tables = [summary_table(found.summary)]
    if found.groups:
        tables.append(Table((Column(found.by or ""), *_ERRORS, _RATIO), (("", tuple(map(_errors, found.groups))),), f"By {found.by}"))
    if found.pairs:
        tables.append(pairs_table(found.pairs))
    tables.append(rows_table(row for row in found.rows if row.kind or everything))
    hidden = sum(not row.kind for row in found.rows)
    more = f"{hidden} more rows are judged with nothing: an option is on, confidence is low, weights are streamed; --all shows them"
    return Report(
        title="Predicted against measured",
        subtitle=found.file,
        tables=tuple(tables),
        paragraphs=(more,) if hidden and not everything else (),
        footer=f"ratio = predicted / measured; GB = 10^9 B; t2v-cap {__version__}",
    )


def summary_table(summaries: Iterable[Summary]) -> Table:
    """Return the error of each class of rows."""
    rows = tuple((CLASSES[s.name], *_errors(s)[1:]) for s in summaries)
    return Table((Column("what"), *_ERRORS, _RATIO), (("", rows),), "Summary")


def _errors(summary: Summary) -> tuple[str, ...]:
    shares = (f"{share:.1%}" for share in (summary.median_error, summary.p90_error))
    return summary.name, str(summary.rows), *shares, f"{summary.median_ratio:.2f}"


def rows_table(rows: Iterable[Row]) -> Table:
    """Return the rows by class: what was run, on what, and both numbers."""
    columns = (
        *(Column("run"), Column("model"), Column("clip"), Column("gpu"), Column("kernel, runtime")),
        *(Column("measured", number=True), Column("predicted", number=True), Column("ratio", number=True)),
        *(Column("family left out", number=True), Column("source", from_width=SOURCE_WIDTH)),
    )
    sections: dict[str, list[tuple[str, ...]]] = {}
    for row in rows:
        sections.setdefault(CLASSES.get(row.kind, "judged with nothing"), []).append(_row(row))
    order = [*CLASSES.values(), "judged with nothing"]
    return Table(columns, tuple((name, tuple(sections[name])) for name in order if name in sections), "Rows")


def _row(row: Row) -> tuple[str, ...]:
    values, unit = row.values, "second" if row.quantity == "seconds" else "byte"
    clip = f"{values['width']:.0f}x{values['height']:.0f}x{values['frames_per_video']:.0f}, {values['steps']:.0f} steps"
    gpu = f"{row.gpus} x {row.gpu}" if row.gpus > 1 else row.gpu
    runtime = "" if row.runtime == "eager" else f", {row.runtime}"
    left_out = f"{row.left_out / row.measured:.2f}" if row.left_out else ""
    why = f"{row.option or row.run.about.get('why', '')}: " if not row.kind else ""
    numbers = (_shown(row.measured, unit), _shown(row.predicted, unit), f"{row.ratio:.2f}", left_out)
    return row.run.id, row.model, clip, gpu, f"{row.kernel}{runtime}", *numbers, f"{why}{row.run.source}"


def _shown(value: float, unit: str) -> str:
    """Return seconds as seconds, which a run is quoted in; bytes as a person reads them."""
    return f"{digits(value)} s" if unit == "second" else show(value, unit)


def pairs_table(pairs: Iterable[PairRow]) -> Table:
    """Return the pairs of runs: measured and predicted speed-up, or what the measured one asks of an option."""
    columns = (
        *(Column("option"), Column("pair"), Column("measured", number=True), Column("predicted", number=True)),
        *(Column("ratio", number=True), Column("source", from_width=SOURCE_WIDTH)),
    )
    rows = []
    for row in pairs:
        ratio = f"{row.predicted / row.measured:.2f}" if row.predicted else ""
        asks = f"asks {row.pair.unknown} {digits(row.implied)}" if row.implied else "not stated"
        predicted = f"{digits(row.predicted)}x" if row.predicted else asks
        rows.append((row.pair.option, row.pair.name, f"{digits(row.measured)}x", predicted, ratio, row.source))
    return Table(columns, (("", tuple(rows)),), "Speed-ups: pairs of runs")


def accuracy_document(found: Accuracy) -> dict[str, Any]:
    """Return the comparison as a JSON document: every row, whatever the table shows."""
    factors = time_factors(found.rows) if found.summary else ()
    return document(
        "accuracy",
        RELEASED,
        file=found.file,
        summary=[_summary_data(summary) for summary in found.summary],
        by=found.by,
        groups=[_summary_data(summary) for summary in found.groups],
        time_factor=[dict(zip(("class", "rows", "p5", "p50", "p95"), factor, strict=True)) for factor in factors],
        pairs=[_pair_data(pair) for pair in found.pairs],
        rows=[_row_data(row) for row in found.rows],
    )


def _summary_data(summary: Summary) -> dict[str, Any]:
    return {
        "name": summary.name,
        "label": CLASSES.get(summary.name, summary.name),
        "rows": summary.rows,
        "median_error": summary.median_error,
        "p90_error": summary.p90_error,
        "median_ratio": summary.median_ratio,
    }


def _pair_data(row: PairRow) -> dict[str, Any]:
    return {
        "name": row.pair.name,
        "option": row.pair.option,
        "base": row.pair.base,
        "head": row.pair.head,
        "measured": row.measured,
        "predicted": row.predicted,
        "ratio": row.predicted / row.measured if row.predicted else None,
        "asks_for": {row.pair.unknown: row.implied} if row.pair.unknown else {},
        "source": row.source,
    }


def _row_data(row: Row) -> dict[str, Any]:
    values = row.values
    return {
        "id": row.run.id,
        "quantity": row.quantity,
        "unit": "second" if row.quantity == "seconds" else "byte",
        "class": row.kind,
        "model": row.model,
        **{name: int(values[name]) for name in ("width", "height", "frames_per_video", "steps")},
        "gpu": row.gpu,
        "gpus": row.gpus,
        "attention_kernel": row.kernel,
        "runtime": row.runtime,
        "option": row.option,
        "measured": row.measured,
        "predicted": row.predicted,
        "ratio": row.ratio,
        "left_out_predicted": row.left_out,
        "left_out_ratio": row.left_out / row.measured if row.left_out else None,
        "in_fit": row.run.fit and row.quantity == "seconds",
        "why_not": row.run.about.get("why", ""),
        "kernel_known": row.run.about.get("kernel", ""),
        "confidence": row.run.about.get("confidence", ""),
        "source": row.run.source,
    }


def accuracy_answer(found: Accuracy) -> Answer[Accuracy]:
    """Return predicted against measured in all its forms."""
    return Answer(found, lambda page: accuracy_report(found, everything=page.everything), lambda: accuracy_document(found))
