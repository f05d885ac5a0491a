"""Budgets on the sheet Answer: PASS, AT RISK or FAIL, as the plan now is."""

import math

from t2v_capacity.assumptions.quantities import digits
from t2v_capacity.engine.figures import FIGURES, Number
from t2v_capacity.handover.workbook.book import Sheet
from t2v_capacity.handover.workbook.figures import write_readable
from t2v_capacity.handover.workbook.workings import CHANGED
from t2v_capacity.plan.cells import SAMPLES, SEED
from t2v_capacity.plan.conditions import LIMIT_TOLERANCE, Condition
from t2v_capacity.plan.verdict import SURE
from t2v_capacity.questions.review.check import CheckLine, own_budgets


def write_budgets(sheet: Sheet, row: int) -> int:
    """Write the plan's budgets, and return the row below; nothing if it has none."""
    plan, budgets = sheet.plan, own_budgets(sheet.plan)
    if not budgets:
        return row
    plain = [budget.condition.figure for budget in budgets if budget.condition and _is_live(budget.condition)]
    drawn = plan.likely(plain, plan.samples or SAMPLES, plan.seed or SEED)
    row = sheet.section(row + 1, "Budgets", 5, "", "now")
    for budget in budgets:
        assert budget.condition
        live, name = _is_live(budget.condition), budget.condition.figure
        formula = _verdict_formula(budget, plan.figures[name], drawn.get(name)) if live else f'"{budget.result}"'
        sheet.text(row, 0, budget.name)
        sheet.verdict(row, 1, formula, budget.result, against=f'$B${row + 1}="FAIL"', risk=f'$B${row + 1}="AT RISK"')
        if live:
            write_readable(sheet, row, 2, name, plan.figures[name], name)
        else:
            sheet.text(row, 2, budget.measured_text, "right")
        note = ""
        if budget.chance:
            of = "draws" if plan.samples else "published runs"
            note = f"; met in {digits(100 * budget.chance, 2)}% of {of}"
        if note or not live:
            sheet.text(row, 4, f"as of the export{note}", "unit")
        row += 1
    return row


def _is_live(condition: Condition) -> bool:
    """Return whether a cell can judge it.

    A cell can't judge draws, and a part of a mix has its figures on a sheet of its own.
    """
    return not condition.of_draws and condition.figure in FIGURES


def _verdict_formula(row: CheckLine, amount: float | None, drawn: Number | None) -> str:
    """Return the verdict as a formula.

    It is AT RISK where the limit is kept, but not by what nine in ten of the export's draws keep to.
    """
    condition = row.condition
    assert condition
    kept_verdict = '"PASS"'
    if row.chance is not None and condition.comparison != "=":
        worst = _worst_of_the_sure(condition, drawn)
        # The worst is as far from the value as in the export.
        at_worst = f"{condition.figure}*{worst / amount!r}" if amount else f"{condition.figure}+{worst!r}"
        sure = _limit_formula(condition, at_worst) if math.isfinite(worst) else "1=0"
        kept_verdict = f'IF({sure},"PASS","AT RISK")'
    elif row.at_risk:
        kept_verdict = '"AT RISK"'
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
