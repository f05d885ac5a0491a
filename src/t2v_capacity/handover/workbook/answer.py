"""The sheet Answer: what speaks against the plan, live; what it takes and moves; and the export's warnings."""

from t2v_capacity.answers.estimate_screen import MOVES, SOLD, TAKES
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.forms.title import title
from t2v_capacity.handover.workbook.book import Book
from t2v_capacity.handover.workbook.figures import as_said, number_format
from t2v_capacity.plan.warnings import WAITING

_SHEET = "Answer"
_YES, _NO_FLEET, _MEMORY = "yes", "none: the clip cannot run", "memory-does-not-fit"
_WAITS = "*".join(f"ISNUMBER({name})" for name in WAITING)
# A question, its answer where nothing is wrong and where something is, and the formula that is true of what is wrong.
_VERDICTS = (
    (_MEMORY, "Does a clip fit its GPU?", "NO: memory_needed is more than memory_usable", "memory_needed>memory_usable"),
    (
        "overloaded",
        "Can the fleet carry its peak?",
        "NO: it is overloaded",
        f"IF({_WAITS},OR(utilization>=1,peak_busy_gpus>gpus),1=1)",
    ),
    (
        "misses-target-latency",
        "Is the promised latency kept?",
        "NO: it is more than target_latency",
        "IF(ISNUMBER(latency_p95),latency_p95>target_latency,IF(ISNUMBER(longest_wait),longest_wait+generation_latency>target_latency,1=1))",
    ),
)


def write_answer(book: Book) -> None:
    """Write the verdicts, the answer and the warnings."""
    page, plan = book.sheets[_SHEET], book.plan
    row = book.open_sheet(
        _SHEET,
        f"As exported: {'; '.join(title(plan.scenario, plan.values))}",
        [("The answer", 46), ("Value", 26), ("Name, or formula in names", 52)],
    )
    warned = {warning.code for warning in plan.warnings}
    for code, question, wrong, formula in _VERDICTS:
        book.text(_SHEET, row, 0, question)
        said = wrong if code in warned else _YES
        verdict = f'IF({formula},"{wrong}","{_YES}")'
        if code != _MEMORY:  # of a clip that cannot run there is no fleet to ask about
            said = _NO_FLEET if plan.figures["gpu_seconds_per_video"] is None else said
            verdict = f'IF(ISNUMBER(gpu_seconds_per_video),{verdict},"{_NO_FLEET}")'
        page.write_formula(row, 1, f"={verdict}", book.style("wrap", "right"), said)
        page.conditional_format(
            row, 0, row, 1, {"type": "formula", "criteria": f'=$B${row + 1}<>"{_YES}"', "format": book.style("against")}
        )
        book.text(_SHEET, row, 2, code, "unit", "name")
        row += 1
    sold = SOLD if plan.values["price_per_video_second"] else ()
    for section, names in (("What it takes", (*TAKES, *sold)), ("What it moves", MOVES)):
        row = book.section(_SHEET, row + 1, section, 3)
        for name in names:
            book.text(_SHEET, row, 0, FIGURES[name].label)
            write_shown(book, _SHEET, row, 1, name)
            row += 1
    book.grey_errors(_SHEET, 0, row, 1)
    if plan.warnings:
        row = book.section(_SHEET, row + 1, "Warnings, as of the export", 3)
        for warning in plan.warnings:
            page.merge_range(row, 0, row, 2, "")
            book.text(_SHEET, row, 0, str(warning), "wrap")
            page.set_row(row, 15 * (1 + len(str(warning)) // 110))
            row += 1


def write_shown(book: Book, sheet: str, row: int, column: int, name: str, *styles: str) -> None:
    """Write a figure as a live formula in the unit that a person uses, and beside it the formula, and whether it is pinned."""
    formula, value, number = as_said(book, name) or (name, book.plan.figures[name], number_format(book, name))
    pinned = name in book.plan.scenario.pins
    book.formula(sheet, row, column, formula, value, *styles, *(("pinned",) if pinned else ()), number=number)
    book.text(sheet, row, column + 1, f"= {formula}{', pinned' if pinned else ''}", "unit", "name")
