"""What a narrow page has no room for is named, with where it is."""

import io
from itertools import product

import pytest
from rich.console import Console

from places import SHIPPED
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
        for rows in shown.sections.values():
            for row in rows:
                assert column.wrap or column.cut or any(row[index] in line for line in lines), (
                    column.heading,
                    row[index],
                )
    return [column.heading for column in table.columns if column not in shown.columns]


@pytest.mark.wide
@pytest.mark.parametrize(("path", "width"), some(product(SHIPPED, [80, 100, 120, 160]), 15))
def test_gpus_beside_each_other_fit_their_page(path: object, width: int) -> None:
    """No cell is cut but the last, and each column that isn't shown is named."""
    report = plan_of(str(path)).compare(["h100-sxm", "rtx-pro-6000-blackwell", "l4"]).report(Page("terminal", width))
    gone, said = missing(report, width), "\n".join(report.paragraphs)

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
