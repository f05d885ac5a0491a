"""What the tests of the workbook share: where inputs and figures stand, and changing inputs as a person would."""

import io
import math
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import yaml
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter

from places import SHIPPED, shipped
from shared import plan_of
from t2v_capacity.assumptions.parts import assumption
from t2v_capacity.engine.figures import ancestors
from t2v_capacity.forms.formula_text import SHEET, SHEET_VERBS
from t2v_capacity.handover.workbook import workbook
from t2v_capacity.handover.workbook.book import ANSWER_SHEET, FIGURES_SHEET, PARTS_SHEET, WORKINGS_SHEET, Book
from t2v_capacity.handover.workbook.workings import Workings, searched_figures
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.tree import OF_THE_DECODE
from verb_inputs import TABLE

EVERY = [path.stem for path in SHIPPED]
# What is typed in, and the scenarios that it is typed into.
_TABLE = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
CHANGES: tuple[str, ...] = tuple(_TABLE["changes"])
MIXES: list[list[str]] = _TABLE["mixes"]
STAGES: list[list[str]] = _TABLE["stages"]
STAGED, BUDGETS = str(_TABLE["staged"]), str(_TABLE["budgets"])


def opened(plan: Estimate) -> Workbook:
    """Return a plan's workbook, its formulas as text."""
    return load_workbook(io.BytesIO(workbook(plan)))


@cache
def shipped_book(name: str, *, values: bool = False) -> Workbook:
    """Return a shipped scenario's workbook, its formulas as text or its stored values.

    Only read it, for others read it too.
    """
    return load_workbook(io.BytesIO(_shipped_bytes(name)), data_only=values)


@cache
def _shipped_bytes(name: str) -> bytes:
    return workbook(plan_of(shipped(name)))


def place(book: Workbook, name: str) -> tuple[str, str]:
    """Return the sheet and the address that a defined name stands for."""
    sheet, _, address = book.defined_names[name].attr_text.partition("!")
    return sheet, address.replace("$", "")


def valued(cell: object) -> object:
    """Return what a cell holds."""
    return getattr(cell, "value")  # noqa: B009


def held(book: Workbook, name: str) -> object:
    """Return what stands in the cell of a defined name."""
    sheet, address = place(book, name)
    return valued(book[sheet][address])


def input_place(book: Workbook, name: str) -> tuple[str, str, float]:
    """Return the sheet and the address of an assumption's input cell, and how many base units one of its numbers is."""
    if name in book.defined_names:
        sheet, address = place(book, name)
        base = re.fullmatch(
            r"=(?:IF\(ISNUMBER\(\w+\),)?([A-Z]+\d+)(?:\*([^,]+))?(?:,NA\(\)\))?", str(valued(book[sheet][address]))
        )
        assert base, f"the cell of {name} in base units is its input cell times a factor"
        typed, factor = base[1], float(base[2] or 1)
    else:
        sheet, typed = part_place(book, name)
        (rule,) = [rule for rule in book[sheet].data_validations.dataValidation if typed in rule.sqref]
        factor = assumption(name.rpartition(".")[2]).high / float(rule.formula2)
    elsewhere = re.fullmatch(
        r"=(?:IF\(ISNUMBER\(.+?\),)?(\w+)!\$(\w+)\$(\d+)(?:,\"\"\))?", str(valued(book[sheet][typed]))
    )
    return (elsewhere[1], elsewhere[2] + elsewhere[3], factor) if elsewhere else (sheet, typed, factor)


def part_place(book: Workbook, name: str) -> tuple[str, str]:
    """Return the sheet and the address of what a part or a stage has.

    It is an input, such as `mix.hd.stages.base.steps`, or a figure.
    """
    sheet, (*where, plain) = book[PARTS_SHEET], name.split(".")
    head = ".".join(one for one in where if one not in ("mix", "stages"))
    # A stage that all parts have is typed of the first of them.
    column = next(
        get_column_letter(at)
        for at, cell in enumerate(sheet[6], 1)
        if cell.value == head or str(cell.value).endswith(f".{head}")
    )
    row = max(cell.row for cell in sheet["A"] if cell.value == plain)
    return PARTS_SHEET, f"{column}{row}"


def verdicts(book: Workbook) -> dict[str, str]:
    """Return what the sheet Answer says of a plan that may be wrong, by the codes of warnings."""
    return {str(book[ANSWER_SHEET][f"E{row}"].value): str(book[ANSWER_SHEET][f"B{row}"].value) for row in (7, 8, 9)}


def next_to(book: Workbook, label: str, column: int = 1) -> object:
    """Return what stands so many columns beside a label of the sheet Answer, the first of that name."""
    return next(
        row[at + column].value for row in book[ANSWER_SHEET] for at, cell in enumerate(row) if cell.value == label
    )


def typed_in(book: Workbook, names: Iterable[str], values: Mapping[str, float]) -> dict[tuple[str, str], float]:
    """Return what a person would type into which cells to give assumptions these values."""
    places = {name: input_place(book, name) for name in names}
    return {(sheet, address): values[name] / factor for name, (sheet, address, factor) in places.items()}


def of_columns(plan: Estimate) -> dict[str, float]:
    """Return the figures of a plan's parts and stages by their names.

    What decoding takes is not told of stages that hand latents on.
    """
    found = {f"mix.{part.name}.{name}": value for part in plan.parts for name, value in part.figures.items()}
    made = {f"mix.{part.name}.": part.stages for part in plan.parts} or {"": plan.stages}
    for of, stages in made.items():
        for stage in stages:
            left_out = () if stage.decoded else OF_THE_DECODE
            found |= {
                f"{of}stages.{stage.name}.{name}": value
                for name, value in stage.figures.items()
                if name not in left_out
            }
    return found


def typed_names(plan: Estimate, sets: Iterable[str]) -> list[str]:
    """Return the inputs to type so that a workbook follows flags: where a share is set, the shares of all parts."""
    names = [text.partition("=")[0] for text in sets]
    shares = [f"mix.{part.name}.share" for part in plan.parts] if any(name.endswith(".share") for name in names) else []
    return list(dict.fromkeys((*names, *shares)))


def still_live(found: Mapping[str, object], wanted: Mapping[str, float | None]) -> dict[str, float | None]:
    """Return what is to be compared after a change: figures that follow from a search may be #N/A."""
    return {name: value for name, value in wanted.items() if found[name] != "#N/A" or not follows_a_search(name)}


def follows_a_search(name: str) -> bool:
    """Return whether a figure, of a plan or of one of its parts, is found by a search or follows from one that is."""
    figure = name.rpartition(".")[-1]
    return bool(searched_figures() & {figure, *ancestors([figure])})


def worst(found: Mapping[str, object], wanted: Mapping[str, float | None]) -> tuple[float, str]:
    """Return the largest relative difference of figures, and whose it is; null goes with #N/A alone."""
    return max((_difference(found[name], value), name) for name, value in wanted.items())


def _difference(found: object, wanted: float | None) -> float:
    if wanted is None or not isinstance(found, (int, float)):
        return 0.0 if wanted is None and found == "#N/A" else math.inf
    difference = abs(found - wanted) / abs(wanted) if wanted else abs(found)
    return math.inf if math.isnan(difference) else difference


# The verbs that a spreadsheet computes, and the inputs on which they are tried.
LIVE = {verb: rows for verb, rows in TABLE.items() if verb in SHEET_VERBS}


def sheet_of_verbs(
    table: Mapping[str, Iterable[tuple[float, ...]]],
) -> tuple[bytes, dict[str, tuple[str, tuple[float, ...]]]]:
    """Return a workbook with a named cell for each row of a table of verbs' inputs, and what each name stands for."""
    book = Book(plan_of(shipped("lesson")))
    workings, figures = Workings(book.sheets[WORKINGS_SHEET]), book.sheets[FIGURES_SHEET]
    names: dict[str, tuple[str, tuple[float, ...]]] = {}
    for verb, rows in table.items():
        for index, row in enumerate(rows):
            texts = ["NA()" if math.isnan(value) else str(value).upper() for value in row]
            cell = (
                workings.block("a test", verb, texts, list(row)) if verb not in SHEET_VERBS else SHEET.call(verb, texts)
            )
            name = f"{verb}_row_{index}"
            figures.formula(0, cell, 0)
            figures.name(0, name)
            figures.row += 1
            names[name] = verb, row
    return book.bytes(), names
