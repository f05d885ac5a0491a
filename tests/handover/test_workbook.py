"""The workbook: every figure a live formula, every assumption an input, somebody's text only text."""

import ast
import io
import math
import re
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from places import shipped
from shared import plan_of, some, write
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.quantities import Range
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.forms.formula_text import SHEET, SHEET_VERBS, expression, in_sheet
from t2v_capacity.handover.init import DECIDE
from t2v_capacity.handover.workbook import workbook
from t2v_capacity.handover.workbook.units import readable_unit
from t2v_capacity.plan.estimate import Estimate, with_bands
from t2v_capacity.questions.review.check import own_budgets
from workbooks import (
    BUDGETS,
    EVERY,
    held,
    input_place,
    next_to,
    of_columns,
    opened,
    part_place,
    place,
    shipped_book,
    valued,
    verdicts,
    worst,
)

pytestmark = pytest.mark.wide

# Functions that Excel has had since 2007 and LibreOffice since 4.0.
FUNCTIONS = set("ABS AND EXP IF IFERROR INT ISERROR ISNUMBER LN SIN ACOS MAX MIN NA OR SQRT".split())
LONGEST_FORMULA = 8_192
HOSTILE = """name: "=1+1"
description: "@SUM(A1)\\e[31m <b>"
dau: {value: 5M to 20M, source: "@x"}
max_utilization: {value: 70%, source: "-y, https://example.org/a?b=1&c=2, read 2026-11", note: "+z"}
duration: {value: 6 s, source: "javascript:alert(1)"}
pins: {video_size: {value: 2 MB, source: "=HYPERLINK(\\"http://a\\")"}}
"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Estimate:
    """Return the plan of a scenario whose texts begin as formulas do, with a range and a pin."""
    file = tmp_path_factory.mktemp("hostile") / "plan.yaml"
    write(HOSTILE, file)
    return with_bands(plan_of(file), 500, 0)


@pytest.fixture(scope="module")
def hostile_book(hostile: Estimate) -> Workbook:
    """Return its workbook."""
    return opened(hostile)


@pytest.mark.parametrize("name", ["mochi", "price-list", "two-stage"])
def test_every_figure_is_a_formula_with_its_value(name: str) -> None:
    """Formulas are short, and of functions that Excel and LibreOffice have.

    A viewer that computes nothing shows the plan, and no gap.
    """
    plan, live, stored = plan_of(shipped(name)), shipped_book(name), shipped_book(name, values=True)
    cells = [(sheet.title, cell) for sheet in live for row in sheet for cell in row if cell.value]
    formulas = [str(cell.value) for _sheet, cell in cells if cell.data_type == "f"]

    names = {
        node.id for figure in FIGURES.values() for node in ast.walk(expression(figure)) if isinstance(node, ast.Name)
    }
    assert {name.lower() for name in names if name.isupper() and name != "UNDEFINED"} <= set(live.defined_names)
    assert all(str(held(live, figure)).startswith("=") for figure in FIGURES)
    assert max(map(len, formulas)) < LONGEST_FORMULA
    assert {called for formula in formulas for called in re.findall(r"([A-Za-z_.]+)\(", formula)} <= FUNCTIONS
    assert worst({figure: held(stored, figure) for figure in FIGURES}, plan.figures)[0] == 0
    assert (
        worst(
            {known: held(stored, known) for known in ASSUMPTIONS}, {known: plan.values[known] for known in ASSUMPTIONS}
        )[0]
        == 0
    )
    assert all(stored[sheet][cell.coordinate].value is not None for sheet, cell in cells)


@pytest.mark.parametrize(
    ("sets", "pins"),
    some(
        [((), ()), (("target_latency=1 s",), ()), ((), ("gpus=10",)), ((), ("replicas=3",)), (("gpu_limit=1000",), ())],
        2,
    ),
)
@pytest.mark.parametrize("name", some(["mochi", "million-clips"], 2))
def test_what_is_wrong_stands_first(name: str, sets: tuple[str, ...], pins: tuple[str, ...]) -> None:
    """The first rows of the first sheet say no exactly where `estimate` warns, and the answer follows."""
    plan = plan_of(shipped(name), sets, pins)
    book = load_workbook(io.BytesIO(workbook(plan)), data_only=True)
    said = verdicts(book)
    warned = {warning.code for warning in plan.warnings}

    assert {code for code, text in said.items() if text.startswith("NO")} == {code for code in said if code in warned}
    assert [next_to(book, FIGURES[one].label) for one in ("gpus", "latency_p95", "cost_per_month")] == [
        plan.figures[one] if plan.figures[one] is not None else "#N/A"
        for one in ("gpus", "latency_p95", "cost_per_month")
    ]


@pytest.mark.parametrize(("target", "answer"), [("115 s", "yes, but at risk"), ("150 s", "yes"), ("100 s", "NO")])
def test_a_target_at_risk_is_not_met_for_sure(target: str, answer: str) -> None:
    """A p95 of 111 s, 132 s at the end of its band, keeps 150 s and misses 100 s; 115 s is at risk."""
    plan = plan_of(shipped("start-up"), [f"target_latency={target}"])
    band = with_bands(plan, 0, 0).bands["latency_p95"]
    text = verdicts(load_workbook(io.BytesIO(workbook(plan)), data_only=True))["misses-target-latency"]

    assert round(band[1] or 0) == 111
    assert round(band[2] or 0) == 132
    assert (text == answer) if answer == "yes" else text.startswith(answer)


def test_inputs_are_checked() -> None:
    """Each input takes numbers between its bounds in the unit of its cell, and says so in the command line's words."""
    lesson, found = shipped_book("mochi"), {}
    for name, known in ASSUMPTIONS.items():
        sheet, address, factor = input_place(lesson, name)
        (rule,) = [rule for rule in lesson[sheet].data_validations.dataValidation if address in rule.sqref]
        found[name] = (
            float(rule.formula1) * factor == pytest.approx(known.low, rel=1e-12),
            float(rule.formula2) * factor == pytest.approx(known.high, rel=1e-12),
            rule.type == ("whole" if known.whole else "decimal"),
            rule.error.startswith(f"`{name}` is {known.bounds()}"),
            known.label in rule.prompt,
        )

    assert {name: held for name, held in found.items() if not all(held)} == {}


def test_text_stays_text(hostile_book: Workbook) -> None:
    """What somebody wrote is text whatever it begins with."""
    cells = [cell for sheet in hostile_book for row in sheet for cell in row]
    texts = {cell.value for cell in cells if cell.data_type == "s"}

    assert {"=1+1", "@SUM(A1) [31m <b>", "@x", "javascript:alert(1)", "+z"} <= texts
    assert not any("HYPERLINK" in str(cell.value) for cell in cells if cell.data_type == "f")
    assert not any(cell.hyperlink for cell in cells)


def test_ranges_are_shown(hostile: Estimate, hostile_book: Workbook) -> None:
    """A range's ends stand beside its median, and each figure's percentiles are numbers, as the plan has them."""
    book, row = hostile_book, place(hostile_book, "storage_per_day")[1][1:]
    heads = [cell.value for cell in book["Figures"][6]]
    found = [book["Figures"].cell(int(row), heads.index(head) + 1).value for head in ("5 %", "50 %", "95 %")]
    row = place(book, "dau")[1][1:]

    assert found == pytest.approx(hostile.bands["storage_per_day"], rel=1e-15)
    assert [book["Assumptions"][f"{column}{row}"].value for column in "DE"] == [5e6, 20e6]
    assert isinstance(hostile.scenario.settings["dau"].value, Range)


def test_pins_are_numbers(hostile_book: Workbook) -> None:
    """A pinned figure is its number, colored, with its source, and its formula is not live."""
    book, (sheet, address) = hostile_book, place(hostile_book, "video_size")
    cell = book[sheet][address]

    assert cell.value == 2e6
    assert cell.fill.fgColor.rgb != book[sheet][place(book, "raw_video_size")[1]].fill.fgColor.rgb
    assert any('pinned, =HYPERLINK("http://a")' in str(other.value) for other in book[sheet][cell.row])


def test_the_same_plan_gives_the_same_bytes(hostile: Estimate) -> None:
    """Two exports of a plan are the same file."""
    assert workbook(hostile) == workbook(hostile)


def test_the_bitrate_follows_the_frame() -> None:
    """Where nobody set the bitrate its cell is a formula of the frame, and where somebody did it is a number."""
    following, hand = shipped_book("wan2.2-h100"), opened(plan_of(shipped("wan2.2-h100"), ["bitrate=3 Mbps"]))

    for book, begins in ((following, "=IF(AND(width="), (hand, "3")):
        sheet, address, _factor = input_place(book, "bitrate")
        assert str(book[sheet][address].value).startswith(begins)


def test_a_condition_on_what_is_null_takes_the_other_branch() -> None:
    """A comparison with what has no value fails in a spreadsheet as in Python.

    No comparison is `!=`, which would hold in Python.
    """
    compared = [
        node for figure in FIGURES.values() for node in ast.walk(expression(figure)) if isinstance(node, ast.Compare)
    ]

    def _call(verb: str, texts: list[str]) -> str:
        return SHEET.call(verb, texts) if verb in SHEET_VERBS else ",".join(texts)

    written_out = [formula for figure in FIGURES.values() if "IF(" in (formula := in_sheet(figure, _call))]

    assert len(compared) > 10
    assert not any(isinstance(node.ops[0], ast.NotEq) for node in compared)
    assert written_out
    assert all(formula.count("IF(") == formula.count("IF(IFERROR(") for formula in written_out)


def test_budgets_are_judged(tmp_path: Path) -> None:
    """Each budget's cell holds the verdict of `estimate`, a formula where it is of a figure's value."""
    plan = with_bands(plan_of(write(BUDGETS % shipped("wan2.2-h100"), tmp_path / "plan.yaml")), 2_000, 0)
    content = io.BytesIO(workbook(plan))
    stored, live = load_workbook(content, data_only=True), load_workbook(content)
    rows = own_budgets(plan)

    assert {row.result for row in rows} == {"PASS", "AT RISK", "FAIL"}
    assert {row.name: next_to(stored, row.name) for row in rows} == {row.name: row.result for row in rows}
    assert [row.name for row in rows if not str(next_to(live, row.name)).startswith("=IF(")] == ["p95(gpus) <= 20000"]


def test_a_chance_is_of_the_runs_that_it_rests_on(tmp_path: Path) -> None:
    """Where no published run is like the plan, a budget at risk says so, and its bands do."""
    file = write("model: mochi\ngpu: mi300x\ndau: 100K\nbudgets: [gpus <= 3000]\n", tmp_path / "plan.yaml")
    book = opened(with_bands(plan_of(file), 0, 0))

    assert str(next_to(book, "gpus <= 3000", 4)).endswith("% of published runs unlike it")
    assert "as published runs unlike it did" in str(book["Figures"]["A3"].value)


def test_the_answer_has_its_band(hostile: Estimate, hostile_book: Workbook) -> None:
    """Beside a figure of the answer stand its 5th and 95th percentile.

    They are formulas of the figure that give the plan's own.
    """
    stored = load_workbook(io.BytesIO(workbook(hostile)), data_only=True)
    for name in ("gpus", "cost_per_month", "storage_per_day"):
        low, _middle, high = hostile.bands[name]
        factor = readable_unit(hostile.figures[name] or 0, FIGURES[name].unit).factor
        found = [next_to(stored, FIGURES[name].label, column) for column in (2, 3)]
        assert found == pytest.approx([(end or 0) / factor for end in (low, high)], rel=1e-12), name
        assert f"{name}*" in str(next_to(hostile_book, FIGURES[name].label, 2))


@pytest.mark.parametrize("name", some(EVERY, 3))
def test_what_a_planner_decides_is_typed_beside_the_answer(name: str) -> None:
    """What every plan must set and what the scenario sets has its cell beside the answer.

    The answer says that choices are fixed.
    """
    plan, book = plan_of(shipped(name)), shipped_book(name)
    own = [
        one
        for one, setting in plan.scenario.settings.items()
        if setting.origin.by_hand and not setting.origin.of_the_frame
    ]
    places = {one: input_place(book, one)[0] for one in (*DECIDE, *own) if not math.isnan(plan.values[one])}

    assert {one for one, sheet in places.items() if sheet == "Assumptions"} <= {"bitrate"}
    assert any("fixed" in str(cell.value) for row in book["Answer"] for cell in row)


@pytest.mark.parametrize(
    ("name", "sets", "pin"),
    [
        ("price-list", [], "mix.hd.gpu_seconds_per_video=1000 s"),
        ("two-stage", ["stages.base.steps=10"], "linear_seconds=9 s"),
    ],
)
def test_a_part_or_a_stage_is_a_column(name: str, sets: list[str], pin: str) -> None:
    """Each figure of a part or stage stands in its column as the plan has it.

    Its own pin, or one of the whole clip, is a number.
    """
    plan, pinned = plan_of(shipped(name), sets, [pin]), pin.partition("=")[0]
    content = io.BytesIO(workbook(plan))
    stored, live = load_workbook(content, data_only=True), load_workbook(content)
    places = {name: part_place(stored, name) for name in of_columns(plan)}
    numbers = [name for name, (sheet, at) in places.items() if not str(live[sheet][at].value).startswith("=")]

    found = {name: valued(stored[sheet][at]) for name, (sheet, at) in places.items()}
    wanted = {name: value for name, value in of_columns(plan).items() if not math.isnan(value)}
    without = {name for name, value in found.items() if value == "#N/A"}
    assert without == {*found} - {*wanted}  # of a part that is not sold
    assert worst({name: found[name] for name in wanted}, wanted)[0] == 0
    assert numbers == [pinned] * ("." in pinned)
    assert "." in pinned or held(live, pinned) == 9
    assert str(held(live, "attention_seconds")).startswith("=Parts!")
