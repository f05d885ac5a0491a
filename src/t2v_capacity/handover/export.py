"""Write the exports: a workbook and a page that recalculate, or a section to paste, by the file's ending."""

from collections.abc import Sequence
from pathlib import Path

from t2v_capacity.errors import Mistakes, quote
from t2v_capacity.plan.estimate import Estimate

# How many plans a file of each kind holds.
_MOST = {".xlsx": 1, ".html": 2, ".md": 1}


def check_file(file: str, plans: int) -> str:
    """Return a file's ending. Raise Mistakes if the ending or the number of plans is not supported."""
    ending = Path(file).suffix
    if ending not in _MOST:
        raise Mistakes(
            f"{quote(file)}: the last argument is the file to write; its name must end in .xlsx, .html or .md"
        )
    if not plans:
        raise Mistakes(f"SCENARIO is missing; write `t2v-cap export SCENARIO {file}`")
    if plans > _MOST[ending]:
        most = (
            "a page shows two side by side at most"
            if ending == ".html"
            else f"{quote(file)} holds one; a page (.html) shows two side by side"
        )
        raise Mistakes(f"{plans} scenarios: {most}")
    return ending


def exported(plans: Sequence[Estimate], file: str) -> bytes:
    """Return the content of a file of plans.

    Raise Mistakes if its name ends in nothing known, or there are too many plans.
    """
    ending = check_file(file, len(plans))
    if ending == ".xlsx":
        from t2v_capacity.handover.workbook import workbook

        return workbook(plans[0])
    if ending == ".html":
        from t2v_capacity.handover.page import page

        return page(list(plans)).encode(errors="backslashreplace")
    from t2v_capacity.handover.brief import brief

    return brief(plans[0], Path(file).name).encode(errors="backslashreplace")
