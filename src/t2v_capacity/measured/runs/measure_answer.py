"""The lines that time a plan, as text to paste and as data."""

from collections.abc import Iterator

from typing_extensions import TypedDict

from t2v_capacity.forms.answer import Answer, Page
from t2v_capacity.forms.data import PlanHead, document
from t2v_capacity.forms.report import Report
from t2v_capacity.measured.runs.measure import Block, Measuring
from t2v_capacity.release import __version__


class BlockData(TypedDict):
    """The shell lines that time a clip with an engine."""

    part: str
    """The part of a mix or the stage; empty for the plan itself"""
    engine: str
    lines: list[str]
    """None where the engine can't time it; the last one calibrates the plan"""
    note: str


class MeasureDocument(PlanHead):
    """What t2v-cap measure --format json writes."""

    rows: list[BlockData]


def measure_report(measured: Measuring, _page: Page) -> Report:
    """Return the lines of each block below its name, whole, to paste."""
    return Report(
        title=measured.plan.scenario.name,
        subtitle="nothing was run; paste a block where the GPUs are",
        tree=[line for block in measured.blocks for line in _block_lines(block)],
        footer=f"more clips of other sizes tell more: change the size in a block; t2v-cap {__version__}",
    )


def _block_lines(block: Block) -> Iterator[str]:
    part = f"{block.clip.name}, " if block.clip.name else ""
    yield f"# {part}{block.engine}{f': {block.note}' if block.note else ''}"
    yield from block.lines
    yield ""


def measure_document(measured: Measuring) -> MeasureDocument:
    """Return the blocks as a JSON document."""
    rows: list[BlockData] = [
        {"part": block.clip.name, "engine": block.engine, "lines": [*block.lines], "note": block.note}
        for block in measured.blocks
    ]
    return document(MeasureDocument, measured.plan, "measure", measured.plan.scenario.as_of, rows=rows)


MeasureAnswer = Answer[Measuring, MeasureDocument]


def measure_answer(measured: Measuring) -> MeasureAnswer:
    """Return the lines that time a plan in all forms."""
    return Answer(measured, measure_report, measure_document)
