"""What a narrow page has no room for is named, with where it is."""

import io
import re
from itertools import product

import pytest
from rich.console import Console

from places import SHIPPED, shipped
from shared import some
from t2v_capacity.api.ask import total
from t2v_capacity.api.plan import plan_of
from t2v_capacity.forms.answer import Page
from t2v_capacity.forms.report import Report
from t2v_capacity.tables.terminal import rich_table


def missing(report: Report, width: int) -> list[str]:
    """Return the headings that a page of a width leaves out, after checking that what is left fits it uncut."""
    (table,) = report.tables
    shown = table.fitting(width)
    console = Console(width=width, file=io.StringIO())
    console.print(rich_table(shown, width))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]

    assert max(len(line.rstrip()) for line in lines) <= width
    for index, column in enumerate(shown.columns):
        for _name, rows in shown.sections:
            for row in rows:
                assert column.wrap or column.cut or any(row[index] in line for line in lines), (column.heading, row[index])
    return [column.heading for column in table.columns if column not in shown.columns]


@pytest.mark.wide
@pytest.mark.parametrize(("path", "width"), some(product(SHIPPED, [80, 100, 120, 160]), 15))
def test_gpus_beside_each_other_fit_their_page(path: object, width: int) -> None:
    """No cell is cut but the last, and each column that isn't shown is named."""
    report = plan_of(str(path)).compare(["h100-sxm", "rtx-pro-6000-blackwell", "l4"]).report(Page("terminal", width))
    gone = missing(report, width)
    said = "\n".join(report.paragraphs)

    assert [heading for heading in gone if heading not in said] == []
    assert ("left out at" in said) == bool(gone or "why a GPU stands apart" in said)


@pytest.mark.wide
@pytest.mark.parametrize("width", [80, 120, 300])
def test_a_total_names_the_scenarios_that_it_does_not_show(width: int) -> None:
    """Scenarios for which a page has no room are named, and details point to `--all`."""
    report = total(*SHIPPED).report(Page("terminal", width))
    said = "\n".join(report.paragraphs)

    assert [heading for heading in missing(report, width) if heading not in said] == []
    assert "`--all`" in said


def test_what_is_piped_leaves_no_column_out() -> None:
    """Text that has no width of a page has all columns, and says nothing of what is left out."""
    assert "left out at" not in str(plan_of(shipped("wan2.2-h100")).compare(["h100-sxm", "l4"]))


@pytest.mark.parametrize("gpus", [["h100-sxm", "l4"], ["h100-sxm"]])
def test_what_is_piped_says_how_wide_it_is(gpus: list[str]) -> None:
    """A piped table of more than 120 columns says how many it has, and a narrower one nothing."""
    plan = plan_of(shipped("wan2.2-h100"))
    for text in (str(plan.compare(gpus)), str(plan.sweep(dau=["1M", "2M"])), str(plan.groups())):
        said = re.findall(r"^lines of up to (\d+) columns", text, re.MULTILINE)
        wide = [len(line) for line in text.splitlines() if "  " in line.strip() and len(line) > 120]

        assert [int(width) for width in said] == sorted(wide)[-1:]
