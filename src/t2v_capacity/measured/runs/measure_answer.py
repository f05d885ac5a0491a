"""The lines that time a plan, as text to paste and as data."""

from collections.abc import Iterator

from t2v_capacity.forms.answer import Answer, Page
from t2v_capacity.forms.data import PlanHead, document
from t2v_capacity.forms.report import Report
from t2v_capacity.measured.runs.measure import BlockData, Measuring
from t2v_capacity.release import __version__


class MeasureDocument(PlanHead):
    """What t2v-cap measure --format json writes."""

    rows: list[BlockData]


def measure_report(measured: Measuring, _page: Page) -> Report:
    """Return the lines of each block below its name, whole, to paste."""
    return Report(
        title=measured.scenario.name,
        subtitle="nothing was run; paste a block where the GPUs are",
        tree=[line for block in measured.rows for line in _block_lines(block)],
        footer=f"more clips of other sizes tell more: change the size in a block; t2v-cap {__version__}",
    )


def _block_lines(block: BlockData) -> Iterator[str]:
    part = f"{block['part']}, " if block["part"] else ""
    note = f": {block['note']}" if block["note"] else ""
    yield f"# {part}{block['engine']}{note}"
    yield from block["lines"]
    yield ""


def measure_document(measured: Measuring) -> MeasureDocument:
    """Return the blocks as a JSON document."""
    return document(MeasureDocument, measured, "measure", measured.scenario.as_of)


MeasureAnswer = Answer[Measuring, MeasureDocument]


def measure_answer(measured: Measuring) -> MeasureAnswer:
    """Return the lines that time a plan in all forms."""
    return Answer(measured, measure_report, measure_document)
