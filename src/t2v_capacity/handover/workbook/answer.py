"""The sheet Answer: what speaks against the plan, live, what it takes, and what it moves.

Inputs to change and the export's warnings stand there too.
"""

import math

from t2v_capacity.answers.estimate_figures import MOVES, TAKES
from t2v_capacity.assumptions.parts import SHARE
from t2v_capacity.engine.figures import FIGURES, Number
from t2v_capacity.handover.workbook.book import Columns, Sheet
from t2v_capacity.handover.workbook.ends import moved_end
from t2v_capacity.handover.workbook.figures import write_readable
from t2v_capacity.handover.workbook.parts import Parts
from t2v_capacity.handover.workbook.workings import CHANGED
from t2v_capacity.plan.cells import SAMPLES, SEED
from t2v_capacity.plan.conditions import LIMIT_TOLERANCE, Condition
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.pins import measured_pins
from t2v_capacity.plan.tree import SOLD
from t2v_capacity.plan.uncertain import NO_BAND
from t2v_capacity.plan.verdict import SURE, chance_in_words
from t2v_capacity.plan.warnings.service import WAITING
from t2v_capacity.questions.review.check import CheckLine, own_budgets

# What is searched is not computed again in a spreadsheet.
_OUTDATED = "NO: what rests on them is #N/A; export again"
_OUTLIVED = "NO: they were measured at other inputs; measure again"
_YES, _NO_FLEET, _MEMORY = "yes", "none: the clip cannot run", "memory-does-not-fit"
_MISSED, _RISKY = "misses-target-latency", "yes, but at risk as of the export: see its warnings"
_WAITS = "*".join(f"ISNUMBER({name})" for name in WAITING)
# Of a mix it is that of any part, and a stream is late that stops, as `plan.verdict.late` has it.
_LATE = (
    f"IF(playing_speed<1-{LIMIT_TOLERANCE:.0E},1=1,"
    f"IF(ISNUMBER(latency_slack),latency_slack<-{LIMIT_TOLERANCE:.0E}*delivery_seconds,IF({CHANGED}>0,NA(),1=1)))"
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
        f"IF(OR({_WAITS}=1,{CHANGED}>0),OR(clip_runs<>1,utilization>=1,peak_busy_gpus>gpus),1=1)",
    ),
    (_MISSED, "Is the target latency met?", "NO: it is more than target_latency", _LATE),
)
_NAME = 4  # the column of names
ANSWER_COLUMNS: Columns = [
    *(("The answer", 44), ("Value", 22), ("5 %", 22), ("95 %", 22), ("Name, or formula in names", 50), ("", 3)),
    *(("Change a colored cell", 44), ("Value", 16), ("Unit", 16)),
]
_LINE = 150  # letters of a line over the answer's columns


def write_answer(sheet: Sheet, below_inputs: int, parts: Parts) -> None:
    """Write the verdicts, the budgets, the answer and the warnings; `below_inputs` is the row below the inputs."""
    plan = sheet.plan
    _write_verdicts(sheet, parts)
    _write_budgets(sheet)
    sold = SOLD if plan.values["price_per_video_second"] else ()
    for section, names in (("What it takes", (*TAKES, *sold)), ("What it moves", MOVES)):
        sheet.row += 1
        sheet.section(section, _NAME + 1)
        for name in names:
            _write_figure(sheet, name)
            sheet.row += 1
    if plan.bands:
        known = "as far from the value as in the export, #N/A where that is not known"
        sheet.text(0, f"5 % and 95 % are {known}; the sheet Figures has what was exported.", "note")
        sheet.row += 1
    sheet.row = max(sheet.row, below_inputs)
    if plan.warnings:
        sheet.row += 1
        sheet.section("Warnings, as of the export", _NAME + 1)
        for warning in plan.warnings:
            sheet.page.merge_range(sheet.row, 0, sheet.row, _NAME, "")
            sheet.text(0, str(warning), "wrap")
            sheet.page.set_row(sheet.row, 15 * (1 + len(str(warning)) // _LINE))
            sheet.row += 1
    sheet.print_on(1, len(ANSWER_COLUMNS))


def _write_verdicts(sheet: Sheet, parts: Parts) -> None:
    """Write the possible problems, one question each."""
    warned = {warning.code for warning in sheet.plan.warnings}
    for code, question, wrong, formula in _VERDICTS:
        kept = _RISKY if code == _MISSED and "target-latency-uncertain" in warned else _YES
        answer = wrong if code in warned else kept
        verdict = f'IF({formula},"{wrong}","{kept}")'
        if code != _MEMORY:  # of a clip that cannot run there is no fleet to ask about
            if sheet.plan.figures["gpu_seconds_per_video"] is None:
                answer = _NO_FLEET
            verdict = f'IF(ISNUMBER(gpu_seconds_per_video),{verdict},"{_NO_FLEET}")'
        sheet.text(_NAME, code, "unit", "name")
        _write_verdict(sheet, question, verdict, answer, "against")
    if parts.columns:
        total = "+".join(column.cells[SHARE] for column in parts.columns)
        verdict = f'IF(ABS({total}-1)>{LIMIT_TOLERANCE:.0E},"NO: the figures below mean nothing","{_YES}")'
        _write_verdict(sheet, "Do the shares of the parts add to 100%?", verdict, _YES, "against")
    columns = [inner for column in parts.columns for inner in (column, *column.stages)]
    cells = {column.part: column.cells for column in columns}  # of a plan's own stage none are compared
    tests = list[str]()
    for pin in measured_pins(sheet.plan.scenario):
        own = cells.get(pin.inner[-1]) if pin.inner else {}
        numbers = [] if own is None else [(own.get(name, name), at) for name, at in pin.at if isinstance(at, float)]
        tests += [f"ABS({cell}-{at!r})>{LIMIT_TOLERANCE:.0E}*{abs(at)!r}" for cell, at in numbers if not math.isnan(at)]
    if tests:
        answer = _OUTLIVED if "pin-outlived" in warned else _YES
        verdict = f'IF(OR({",".join(dict.fromkeys(tests))}),"{_OUTLIVED}","{answer}")'
        _write_verdict(sheet, "Do the pins hold for this plan?", verdict, answer, "against")
    outdated = f'IF({CHANGED}>0,"{_OUTDATED}","{_YES}")'
    _write_verdict(sheet, "Are waits, and a fleet for a promise, as exported?", outdated, _YES, "risk")


def _write_verdict(sheet: Sheet, question: str, verdict: str, answer: str, style: str) -> None:
    """Write a question with its verdict, in a style where that is not yes."""
    sheet.text(0, question)
    sheet.page.merge_range(sheet.row, 1, sheet.row, 3, "")
    sheet.verdict(verdict, answer, **{style: f'<>"{_YES}"'})
    sheet.row += 1


def _write_budgets(sheet: Sheet) -> None:
    """Write the plan's budgets; nothing if it has none."""
    plan, budgets = sheet.plan, own_budgets(sheet.plan)
    if not budgets:
        return
    plain = [budget.condition.figure for budget in budgets if budget.condition and _is_live(budget.condition)]
    drawn = plan.likely(plain, plan.samples or SAMPLES, plan.seed or SEED)
    sheet.row += 1
    sheet.section("Budgets", 5, "", "now")
    for budget in budgets:
        assert budget.condition
        live, name = _is_live(budget.condition), budget.condition.figure
        formula = _verdict_formula(plan, budget, drawn.get(name)) if live else f'"{budget.result}"'
        sheet.text(0, budget.name)
        sheet.verdict(formula, budget.result, against='="FAIL"', risk='="AT RISK"')
        if live:
            write_readable(sheet, 2, name)
        else:
            sheet.text(2, budget.measured_text, "right")
        note = ""
        if budget.chance:
            note = f"; met in {chance_in_words(budget.chance)} of {plan.chances_of}"
        if note or not live:
            sheet.text(4, f"as of the export{note}", "unit")
        sheet.row += 1


def _is_live(condition: Condition) -> bool:
    """Return whether a cell can judge it.

    A cell can't judge draws, and a part of a mix has its figures on a sheet of its own.
    """
    return not condition.of_draws and condition.figure in FIGURES


def _verdict_formula(plan: Estimate, row: CheckLine, drawn: Number | None) -> str:
    """Return the verdict as a formula.

    It is AT RISK where the limit is kept, but not by what nine in ten of the export's draws keep to.
    """
    condition = row.condition
    assert condition
    kept_verdict = '"PASS"'
    if row.chance is not None and condition.comparison != "=":
        worst = _worst_of_the_sure(condition, drawn)
        at_worst = moved_end(plan, condition.figure, worst) if math.isfinite(worst) else ""
        kept_verdict = f'IF({_limit_formula(condition, at_worst)},"PASS","AT RISK")' if at_worst else '"AT RISK"'
    elif row.at_risk or (row.chance is not None and not row.passed):
        kept_verdict = '"AT RISK"'
    elif drawn is not None and row.chance is None:  # the export has no value of it
        kept_verdict = "NA()"
    verdict = f'IF({_limit_formula(condition, condition.figure)},{kept_verdict},"FAIL")'
    return f'IF(ISNUMBER({condition.figure}),{verdict},IF({CHANGED}>0,NA(),"FAIL"))'


def _limit_formula(condition: Condition, of: str) -> str:
    """Return the formula that is true where the limit is kept."""
    limit, slack = condition.limit, LIMIT_TOLERANCE * abs(condition.limit)
    if condition.comparison == "=":
        return f"ABS({of}-{limit!r})<={slack!r}"
    limit += slack if condition.comparison in ("<=", ">") else -slack
    return f"{of}{condition.comparison}{limit!r}"


def _worst_of_the_sure(condition: Condition, drawn: Number | None) -> float:
    """Return the worst draw that has to keep the limit for the chance to be enough."""
    assert drawn is not None
    sign = 1 if condition.wants_less else -1
    ordered = sorted(math.inf if math.isnan(draw) else sign * draw for draw in map(float, drawn))
    return sign * ordered[math.ceil(SURE * len(ordered)) - 1]


def _write_figure(sheet: Sheet, name: str) -> None:
    """Write a figure as a live formula in a readable unit, with its band and the formula's text.

    The band is as far from the figure as in the export.
    """
    figure = sheet.plan.figures[name]
    pinned = ["pinned"] if name in sheet.plan.scenario.pins else []
    sheet.text(0, FIGURES[name].label)
    formula = write_readable(sheet, 1, name, *pinned)
    sheet.text(_NAME, ", ".join([f"= {formula}", *pinned]), "unit", "name")
    low, _middle, high = sheet.plan.bands.get(name, NO_BAND)
    for column, end in ((2, low), (3, high)):
        if end is not None and figure and low != high:
            write_readable(sheet, column, name, end=end)
