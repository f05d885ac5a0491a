"""The sheet Answer: what speaks against the plan, live, what it takes, and what it moves.

Inputs to change and the export's warnings stand there too.
"""

from t2v_capacity.answers.estimate_figures import MOVES, TAKES
from t2v_capacity.assumptions.parts import SHARE
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.handover.workbook.book import Columns, Sheet
from t2v_capacity.handover.workbook.budgets import write_budgets
from t2v_capacity.handover.workbook.figures import readable_figure
from t2v_capacity.handover.workbook.parts import Parts
from t2v_capacity.handover.workbook.workings import CHANGED
from t2v_capacity.plan.conditions import LIMIT_TOLERANCE
from t2v_capacity.plan.tree import SOLD
from t2v_capacity.plan.warnings.service import WAITING

# What is searched is not computed again in a spreadsheet.
_OUTDATED = "NO: what rests on them is #N/A; export again"
_YES, _NO_FLEET, _MEMORY = "yes", "none: the clip cannot run", "memory-does-not-fit"
_WAITS = "*".join(f"ISNUMBER({name})" for name in WAITING)
# Of a mix it is that of any part, and a stream is late that stops, as `plan.verdict.late` has it.
_LATE = (
    f"IF(playing_speed<1-{LIMIT_TOLERANCE:.0E},1=1,"
    f"IF(ISNUMBER(latency_slack),latency_slack<-{LIMIT_TOLERANCE:.0E}*latency_p95,"
    f"IF({CHANGED}>0,NA(),IF(ISNUMBER(overload_wait),overload_wait>latency_room+off_gpu_seconds,1=1))))"
)
# A question, its answer without and with a problem, and the formula that is true if there is one.
_VERDICTS = (
    (
        _MEMORY,
        "Does a clip fit its GPU?",
        "NO: memory_needed is more than memory_usable",
        "memory_needed>memory_usable",
    ),
    (
        "overloaded",
        "Can the fleet carry its peak?",
        "NO: it is overloaded",
        f"IF(OR({_WAITS}=1,{CHANGED}>0),OR(utilization>=1,peak_busy_gpus>gpus),1=1)",
    ),
    ("misses-target-latency", "Is the target latency met?", "NO: it is more than target_latency", _LATE),
)
_NAME = 4  # the column of names
ANSWER_COLUMNS: Columns = [
    *(("The answer", 44), ("Value", 22), ("5 %", 22), ("95 %", 22), ("Name, or formula in names", 50), ("", 3)),
    *(("Change a colored cell", 44), ("Value", 16), ("Unit", 16)),
]
_LINE = 150  # letters of a line over the answer's columns


def write_answer(sheet: Sheet, top: int, below_inputs: int, parts: Parts) -> None:
    """Write the verdicts, the budgets, the answer and the warnings; `below_inputs` is the row below the inputs."""
    plan = sheet.plan
    row = write_budgets(sheet, _write_verdicts(sheet, top, parts))
    sold = SOLD if plan.values["price_per_video_second"] else ()
    for section, names in (("What it takes", (*TAKES, *sold)), ("What it moves", MOVES)):
        row = sheet.section(row + 1, section, _NAME + 1)
        for name in names:
            _write_figure(sheet, row, name)
            row += 1
    if plan.bands:
        sheet.text(
            row,
            0,
            "5 % and 95 % are as far from the value as in the export; the sheet Figures has what was exported.",
            "note",
        )
        row += 1
    if plan.warnings:
        row = sheet.section(max(row, below_inputs) + 1, "Warnings, as of the export", _NAME + 1)
        for warning in plan.warnings:
            sheet.page.merge_range(row, 0, row, _NAME, "")
            sheet.text(row, 0, str(warning), "wrap")
            sheet.page.set_row(row, 15 * (1 + len(str(warning)) // _LINE))
            row += 1
    sheet.print_on(1, max(row, below_inputs), len(ANSWER_COLUMNS))


def _write_verdicts(sheet: Sheet, row: int, parts: Parts) -> int:
    """Write the possible problems, one question each, and return the row below."""
    warned = {warning.code for warning in sheet.plan.warnings}
    for code, question, wrong, formula in _VERDICTS:
        answer = wrong if code in warned else _YES
        verdict = f'IF({formula},"{wrong}","{_YES}")'
        if code != _MEMORY:  # of a clip that cannot run there is no fleet to ask about
            if sheet.plan.figures["gpu_seconds_per_video"] is None:
                answer = _NO_FLEET
            verdict = f'IF(ISNUMBER(gpu_seconds_per_video),{verdict},"{_NO_FLEET}")'
        sheet.text(row, _NAME, code, "unit", "name")
        row = _write_verdict(sheet, row, question, verdict, answer, "against")
    if parts.columns:
        total = "+".join(column.place(SHARE) for column in parts.columns)
        verdict = f'IF(ABS({total}-1)>{LIMIT_TOLERANCE:.0E},"NO: the figures below mean nothing","{_YES}")'
        row = _write_verdict(sheet, row, "Do the shares of the parts add to 100%?", verdict, _YES, "against")
    outdated = f'IF({CHANGED}>0,"{_OUTDATED}","{_YES}")'
    return _write_verdict(sheet, row, "Are waits, and a fleet for a promise, as exported?", outdated, _YES, "risk")


def _write_verdict(sheet: Sheet, row: int, question: str, verdict: str, answer: str, style: str) -> int:
    """Write a question with its verdict, in a style where that is not yes, and return the row below."""
    sheet.text(row, 0, question)
    sheet.page.merge_range(row, 1, row, 3, "")
    sheet.verdict(row, 1, verdict, answer, **{style: f'$B${row + 1}<>"{_YES}"'})
    return row + 1


def _write_figure(sheet: Sheet, row: int, name: str) -> None:
    """Write a figure as a live formula in a readable unit, with its band and the formula's text.

    The band is as far from the figure as in the export.
    """
    figure = sheet.plan.figures[name]
    formula, shown, number = readable_figure(name, figure, name)
    pinned = name in sheet.plan.scenario.pins
    sheet.text(row, 0, FIGURES[name].label)
    sheet.formula(row, 1, formula, shown, *(("pinned",) if pinned else ()), number=number)
    sheet.text(row, _NAME, f"= {formula}{', pinned' if pinned else ''}", "unit", "name")
    low, _middle, high = sheet.plan.bands.get(name, (None, None, None))
    for column, end in ((2, low), (3, high)):
        if end is not None and figure and low != high:
            factor = end / figure
            sheet.formula(
                row, column, f"{formula}*{factor!r}", None if shown is None else shown * factor, number=number
            )
