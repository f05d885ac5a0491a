"""The workbook of several services: a sheet each, a live sum, and names that every program takes."""

import io
import math
import shutil
import subprocess
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

import t2v_capacity as t2v
from places import ROOT, shipped
from shared import Program
from t2v_capacity.handover.workbook.services import sheet_names

FIVE = ("start-up", "mochi", "million-clips", "price-list", "outgrown")
GROWN = ("--growth-per-month", "5%", "--months", "18", "--start", "2027-02")
HEAD, LAST = 6, 24  # rows, from 1: the heads, and the last of 18 months


def _columns(book: Workbook, sheet: str) -> dict[str, list[object]]:
    """Return what stands below each head, by the name."""
    return {str(column[HEAD - 1].value): [cell.value for cell in column[HEAD:LAST]] for column in book[sheet].columns}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the workbook of five services over 18 months."""
    plans = [t2v.estimate(shipped(name), growth_per_month="5%") for name in FIVE]
    path = tmp_path_factory.mktemp("services") / "plan.xlsx"
    path.write_bytes(plans[0].export("plan.xlsx", *plans[1:], months=18, start="2027-02"))
    return path


def test_a_sheet_a_service_and_a_live_sum(file: Path, t2v_cap: Program) -> None:
    """The sheets have the months of five forecasts; a cell of the sum adds up the same cell of each sheet."""
    formulas, values = load_workbook(file), load_workbook(file, data_only=True)
    months = [t2v_cap("forecast", shipped(name), *GROWN, "--json").json["months"] for name in FIVE]

    assert formulas.sheetnames == ["Sum", *FIVE]
    assert formulas["Sum"]["C7"].value == "=" + "+".join(f"'{name}'!C7" for name in FIVE)
    assert _columns(values, "Sum")["Date"][::17] == ["2027-02", "2028-07"]
    for name, own in zip(FIVE, months, strict=True):
        assert _columns(values, name)["gpus"] == [month["figures"]["gpus"] for month in own]
    assert _columns(values, "Sum")["gpus"] == [
        pytest.approx(math.fsum(month["figures"]["gpus"] for month in together))
        for together in zip(*months, strict=True)
    ]
    # Only the price list is sold: the others have no profit, and their cost counts in that of all.
    assert set(_columns(values, "mochi")["profit_per_month"]) == {"none"}
    assert _columns(values, "Sum")["profit_per_month"] == [
        pytest.approx(math.fsum(one["figures"]["revenue_per_month"] - one["figures"]["cost_per_month"] for one in own))
        for own in zip(*months, strict=True)
    ]


def test_the_same_plans_give_the_same_bytes(file: Path) -> None:
    """A workbook is made of its plans alone."""
    plans = [t2v.estimate(shipped(name), growth_per_month="5%") for name in FIVE]
    assert plans[0].export("other.xlsx", *plans[1:], months=18, start="2027-02") == file.read_bytes()


@pytest.mark.usefixtures("folder")
def test_the_file_stands_anywhere(t2v_cap: Program) -> None:
    """The argument with such an ending is the file; names of sheets are cut, and numbered if equal."""
    Path("s").mkdir()
    for name in ("a" * 40, "b"):
        shutil.copy(ROOT / shipped("start-up"), f"s/{name}.yaml")
    for line in (["plan.xlsx", "s", "s/b.yaml"], ["s", "plan.xlsx", "s/b.yaml"], ["s", "s/b.yaml", "plan.xlsx"]):
        assert t2v_cap("export", *line, "--months", "2").err == "wrote plan.xlsx\n"
        names = load_workbook(io.BytesIO(Path("plan.xlsx").read_bytes())).sheetnames
        assert names == ["Sum", "a" * 31, "b 1", "b 2"]


def test_each_sheet_has_the_warnings_of_its_forecast(tmp_path: Path, t2v_cap: Program) -> None:
    """Below the months of a service stands what `forecast` warns of, such as the month from which it is overloaded."""
    flags = ("--growth-per-month", "15%", "--gpu-limit", "200", "--months", "12")
    files = [shipped(name) for name in ("start-up", "outgrown")]
    t2v_cap("export", str(tmp_path / "plan.xlsx"), *files, *flags)
    book = load_workbook(tmp_path / "plan.xlsx")

    for name, path in zip(("start-up", "outgrown"), files, strict=True):
        warnings = t2v_cap("forecast", path, *flags, "--json").json["warnings"]
        below = [str(row[0].value) for row in book[name].iter_rows(min_row=HEAD + 13) if row[0].value]
        assert [text.partition(": ")[2] for text in below] == [warning["message"] for warning in warnings]
        late = "from month " if name == "start-up" else "serves "  # outgrown is too small from the first month on
        assert any(text.startswith(f"warning overloaded: {late}") for text in below)


def test_names_of_sheets() -> None:
    """Names that differ only by case, or beyond 31 letters, are numbered; no sheet takes the name of the sum."""
    long = "x" * 40
    names = sheet_names(["A", "a", long, long, "sum", "a[1]/b"])

    assert names == ["A", "a 2", "x" * 31, f"{'x' * 29} 2", "sum 2", "a-1--b"]
    assert all(len(name) <= 31 for name in names)


def computed(book: Workbook, folder: Path) -> Workbook:
    """Return a workbook as LibreOffice computes it."""
    book.save(folder / "plan.xlsx")
    office = shutil.which("soffice")
    assert office, "LibreOffice is needed for this test"
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [office, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(folder / "out")]
    subprocess.run([*command, str(folder / "plan.xlsx")], check=True, capture_output=True, timeout=600)
    return load_workbook(folder / "out" / "plan.xlsx", data_only=True)


@pytest.mark.office
def test_libreoffice_adds_up_the_same(file: Path, tmp_path: Path) -> None:
    """Computed again in LibreOffice, after one service's GPUs have changed, the sums are those of the sheets."""
    book = load_workbook(file)
    book["mochi"]["C8"].value = 5
    new = computed(book, tmp_path)
    services, sums = [_columns(new, name) for name in FIVE], _columns(new, "Sum")

    assert services[1]["gpus"][1] == 5
    for name, column in sums.items():
        if name == "profit_per_month":
            money = zip(sums["revenue_per_month"], sums["cost_per_month"], strict=True)
            assert column == [pytest.approx(float(str(sold)) - float(str(paid))) for sold, paid in money]
        elif name not in ("Month", "Date") and "none" not in column:
            rows = zip(*(service[name] for service in services), strict=True)
            assert column == [pytest.approx(math.fsum(map(float, map(str, row))), rel=1e-12) for row in rows], name


@pytest.mark.office
def test_a_bill_that_is_typed_is_paid(file: Path, tmp_path: Path) -> None:
    """A cost that is typed over a sold service's moves its profit and margin, and the profit of all, by as much."""
    old, book = load_workbook(file, data_only=True), load_workbook(file)
    paid = _columns(old, "price-list")["cost_per_month"][0]
    assert isinstance(paid, float)
    book["price-list"]["D7"].value = paid + 10e6
    new = computed(book, tmp_path)

    for sheet, more in (("price-list", 10e6), ("Sum", 10e6)):
        profits = [_columns(workbook, sheet)["profit_per_month"] for workbook in (old, new)]
        assert profits[1][0] == pytest.approx(float(str(profits[0][0])) - more, rel=1e-12)
        assert profits[1][1:] == pytest.approx(profits[0][1:], rel=1e-12)
    sold = float(str(_columns(old, "price-list")["revenue_per_month"][0]))
    assert _columns(new, "price-list")["gross_margin"][0] == pytest.approx((sold - paid - 10e6) / sold, rel=1e-12)
