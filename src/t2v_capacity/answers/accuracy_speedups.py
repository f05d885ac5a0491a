"""Report published speed-ups next to predicted ones, and the document of `accuracy` that includes them."""

from collections.abc import Iterable, Sequence
from operator import itemgetter

from t2v_capacity.answers.accuracy import AccuracyDocument, SpeedUpData, accuracy_document, errors_table
from t2v_capacity.assumptions.quantities import digits
from t2v_capacity.catalogue.published import SpeedUp, Summary
from t2v_capacity.forms.answer import Answer, rows_of
from t2v_capacity.forms.report import Column, Report, Table, table
from t2v_capacity.forms.values import NAME_WIDTH
from t2v_capacity.questions.measured.accelerations import FILE, Accelerations
from t2v_capacity.questions.measured.accuracy import Accuracy
from t2v_capacity.release import __version__

_WIDE = 150
_COLUMNS = (
    Column("pair", itemgetter("id")),
    Column("method", itemgetter("method")),
    Column("model", itemgetter("model")),
    Column("clip", lambda row: f"{row['width']}x{row['height']}x{row['frames_per_video']}, {row['steps']} steps"),
    Column("gpu", lambda row: f"{row['gpus']} x {row['gpu']}" if row["gpus"] > 1 else row["gpu"]),
    Column("of", itemgetter("includes")),
    Column(
        "seconds", lambda row: "" if row["baseline"] is None else f"{digits(row['baseline'])} to {digits(row['accelerated'])}", number=True
    ),
    Column("measured", lambda row: f"{digits(row['measured'])}x", number=True),
    Column("predicted", lambda row: f"{digits(row['predicted'])}x", number=True),
    Column("ratio", lambda row: f"{row['ratio']:.2f}", number=True),
    Column("judged", lambda row: "gave the entry" if row["gave"] else "yes"),
    Column("switched on", itemgetter("switched"), from_width=_WIDE),
    Column("presumed", itemgetter("presumed"), from_width=_WIDE),
    Column("picture", itemgetter("quality"), from_width=NAME_WIDTH),
    Column("source", itemgetter("source"), from_width=_WIDE),
)


def accelerations_report(found: Accelerations) -> Report:
    """Return the judged pairs summarized by lever, and all pairs."""
    return Report(
        title="Predicted against measured speed-ups",
        subtitle=FILE,
        tables=(summary_tables(found.summary), summary_tables(found.levers, "By lever"), speedups_table(found.rows)),
        paragraphs=(_given(found.rows),),
        footer=f"ratio = predicted / measured; t2v-cap {__version__}",
    )


def _given(rows: Sequence[SpeedUp]) -> str:
    """Return the number of pairs that are no predictions, and the place of the other published speed-ups."""
    given = sum(bool(row.gave) for row in rows)
    return (
        f"{given} of {len(rows)} pairs supplied the entry that predicts them; they test nothing and count in no error. "
        "What was published too and is left out: docs/accelerations.md."
    )


def summary_tables(summaries: Iterable[Summary], title: str = "Summary") -> Table:
    """Return the error of the pairs that are predictions."""
    return errors_table("lever" if title != "Summary" else "what", summaries, title)


def speedups_table(rows: Iterable[SpeedUp]) -> Table:
    """Return the pairs by lever: what was switched on, and both speed-ups."""
    return table(_COLUMNS, map(_speedup_data, rows), "Pairs", section=itemgetter("lever"))


def _speedup_data(row: SpeedUp) -> SpeedUpData:
    return {
        "id": row.id,
        "lever": row.lever,
        "method": row.method,
        "model": row.model,
        "width": row.width,
        "height": row.height,
        "frames_per_video": row.frames_per_video,
        "steps": row.steps,
        "gpu": row.gpu,
        "gpus": row.gpus,
        "includes": row.includes,
        "baseline": row.baseline,
        "accelerated": row.accelerated,
        "switched": row.switched,
        "measured": row.measured,
        "predicted": row.predicted,
        "ratio": row.ratio,
        "gave": row.gave,
        "presumed": row.presumed,
        "quality": row.quality,
        "source": row.source,
    }


class AccelerationsAnswer(Answer[Accelerations, AccuracyDocument]):
    """Predicted against measured speed-ups: pair by pair, and errors by lever."""

    rows: tuple[SpeedUp, ...]
    summary: tuple[Summary, ...]
    levers: tuple[Summary, ...]


def accelerations_answer(found: Accelerations) -> AccelerationsAnswer:
    """Return predicted against measured speed-ups in all their forms; the document is that of `accuracy`."""

    def rows() -> list[SpeedUpData]:
        return [_speedup_data(row) for row in found.rows]

    def document() -> AccuracyDocument:
        return accuracy_document(Accuracy(FILE, (), (), found.summary, "lever", found.levers), rows())

    return AccelerationsAnswer(found, lambda _page: accelerations_report(found), document, cells=lambda: rows_of(rows()))
