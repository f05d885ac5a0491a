"""Write the exports: a workbook and a page that recalculate, or a section to paste, by the file's ending."""

from collections.abc import Sequence
from pathlib import Path

from t2v_capacity.errors import Mistakes, quote
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.questions.what_if.months import Calendar

# How many plans a file of each kind holds; a workbook of several has them by month.
WORKBOOK = ".xlsx"
_MOST = {WORKBOOK: 200, ".html": 2, ".md": 1}


def file_among(arguments: Sequence[str]) -> str:
    """Return the argument that is the file to write: the last with such an ending, else the last.

    >>> file_among(["plan.xlsx", "a.yaml", "b.yaml"])
    'plan.xlsx'
    """
    return [*arguments[-1:], *(name for name in arguments if Path(name).suffix in _MOST)][-1]


def check_file(file: str, plans: int) -> str:
    """Return a file's ending. Raise Mistakes if the ending or the number of plans is not supported."""
    ending = Path(file).suffix
    if ending not in _MOST:
        raise Mistakes(f"{quote(file)}: the file to write ends in .xlsx, .html or .md")
    if not plans:
        raise Mistakes(f"SCENARIO is missing; write `t2v-cap export SCENARIO {file}`")
    if plans > _MOST[ending]:
        raise Mistakes(
            f"{plans} scenarios: {quote(file)} holds {_MOST[ending]} at most; a page (.html) shows two side by side, "
            f"a workbook ({WORKBOOK}) up to {_MOST[WORKBOOK]} by month"
        )
    return ending


def exported(plans: Sequence[Estimate], file: str, months: int, calendar: Calendar) -> bytes:
    """Return the content of a file of plans. A workbook of several has so many months.

    Raise Mistakes if its name ends in nothing known, or there are too many plans.
    """
    ending = check_file(file, len(plans))
    if ending == WORKBOOK and len(plans) > 1:
        from t2v_capacity.handover.workbook.services import services_workbook
        from t2v_capacity.questions.what_if.forecast import forecast_services

        return services_workbook(forecast_services(plans, months, (), calendar))
    if ending == WORKBOOK:
        from t2v_capacity.handover.workbook import workbook

        return workbook(plans[0])
    if ending == ".html":
        from t2v_capacity.handover.page import page

        return page(list(plans)).encode(errors="backslashreplace")
    from t2v_capacity.handover.brief import brief

    return brief(plans[0], file).encode(errors="backslashreplace")
