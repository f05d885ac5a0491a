"""The sheet Parts of a mix, and of clips made in stages: a column for each part and for each stage.

A column has what the part or stage has of its own, its figures, and what a part has of the plan. The figures of the
plan are joined from these cells, first those of stages, then those of parts. A part whose share is 0 does not count.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.parts import MIX, OF_THE_PROMISE, SHARE, STAGES, assumption
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.engine.verbs import TOLERANCE
from t2v_capacity.forms.formula_text import in_names, in_sheet
from t2v_capacity.handover.workbook.book import Sheet
from t2v_capacity.handover.workbook.figures import base_format
from t2v_capacity.handover.workbook.inputs import following_bitrate, input_unit, write_input
from t2v_capacity.handover.workbook.units import Unit
from t2v_capacity.handover.workbook.workings import Workings
from t2v_capacity.plan.tree import (
    COSTS,
    OF_THE_SIZE,
    OF_THE_WORK,
    SLACK,
    PartFigures,
    counts,
    evaluated,
    joins_slack,
    own_figures,
)
from t2v_capacity.scenario.settings import Part

_ALL, _FIRST, _WIDTH = 1, 2, 22
# More than any figure, so that the least and the most are of parts that count.
_HUGE = "9E+307"
# A part's figures of the plan, as `part_of_the_plan` computes them; names in braces are the part's own.
_WORK, _STORED = "{spot_seconds_per_video}/spot_seconds_per_video", "{video_size}/video_size"
_FACTORS = dict.fromkeys(OF_THE_WORK, f"*{_WORK}") | dict.fromkeys(OF_THE_SIZE, f"*{_STORED}")
_COSTS = "+".join(f"{name}{_FACTORS.get(name, '')}" for name in COSTS)
_OF_THE_PLAN = {
    "busy_gpus": f"busy_gpus*{{share}}*{_WORK}",
    "gpus": f"gpus*{{share}}*{_WORK}",
    "cost_per_video": f"({_COSTS})/(delivered_per_day*days_per_month)",
    "gross_margin": "1-{cost_per_video}/IF({revenue_per_video}>0,{revenue_per_video},NA())",
    "profit_per_month": "IF(revenue_per_month>0,{revenue_per_video}-{cost_per_video},NA())*{share}"
    "*delivered_per_day*days_per_month",
    "break_even_price": "{cost_per_video}/IF({paid_seconds_per_video}>0,{paid_seconds_per_video},NA())",
}


class PartColumn(NamedTuple):
    """A part or a stage: its column, values and figures, the cell of each by name, and a part's stage columns."""

    part: Part
    name: str
    at: int
    known: dict[str, float]
    cells: dict[str, str]
    stages: "tuple[PartColumn, ...]" = ()
    of: "PartColumn | None" = None  # the part that a stage is of; none where it is the plan's

    def called(self, name: str) -> str:
        """Return the plan's name for an own name; parts without own stages share the plan's."""
        in_part = self.part.called(name)
        return self.of.part.called(in_part) if self.of and in_part in self.of.part.own else in_part

    def has(self, name: str) -> bool:
        """Return whether a figure is one of its own, not of the parts or of the plan alone."""
        return self.part.home == MIX or bool(FIGURES[name].stages)


class Parts(NamedTuple):
    """The columns of a mix, and the cell of each figure that is joined over parts or stages.

    Both are empty where the plan has neither.
    """

    columns: tuple[PartColumn, ...] = ()
    joined: Mapping[str, str] = {}


def _columns(
    parts: Sequence[Part], figures: Sequence[PartFigures], at: int, of: PartColumn | None = None
) -> tuple[PartColumn, ...]:
    """Return the columns of parts with those of their stages, or of stages, from one column on."""
    columns = []
    for part, own in zip(parts, figures, strict=True):
        clips = evaluated(part, own.values, own_figures(part.home))
        known = {**own.values, SHARE: own.share, **own.figures, **clips}
        column = PartColumn(part, f"{of.name}.{part.name}" if of else part.name, at, known, {}, (), of)
        columns.append(column._replace(stages=_columns(part.stages, own.stages, at + 1, column)))
        at += 1 + len(part.stages)
    return tuple(columns)


def write_parts(sheet: Sheet, workings: Workings) -> Parts:
    """Write the sheet; the shares of a mix are typed next to the answer."""
    plan, pins = sheet.plan, sheet.plan.scenario.pins
    parts = _columns(plan.scenario.parts, plan.parts, _FIRST)
    stages = () if parts else _columns(plan.scenario.stages, plan.stages, _FIRST)
    columns = tuple(column for part in parts for column in (part, *part.stages)) or stages
    last = _FIRST + len(columns)
    _open(sheet, columns)
    _write_inputs(sheet, columns)

    of_clips = own_figures(MIX if parts else STAGES)
    sections = [("figures of a clip", columns, of_clips)]
    # A pin is of the whole clip, whatever its stages give.
    joining = {*of_clips} if parts else {*of_clips} - pins.keys()
    if parts:
        sections.append(("the part's promise, and what it has of the plan", parts, (*OF_THE_PROMISE, *_OF_THE_PLAN)))
    if joins_slack(plan.scenario, pins):
        joining.add(SLACK)
    joined = dict[str, str]()
    for heading, own, names in sections:
        sheet.section(heading, last + 3)
        for name in names:
            _write_figure(sheet, workings, own, name, last)
            of_all = name
            if name in joining:
                of_all = _of_parts(parts, name) if parts else _of_stages(stages, name)
                joined[name] = sheet.cell(_ALL)
            sheet.formula(_ALL, of_all, plan.figures[name], "bold", number=base_format(name))
            sheet.row += 1
    return Parts(parts, joined)


def _open(sheet: Sheet, columns: tuple[PartColumn, ...]) -> None:
    """Write the sheet's heads, those of numbers to the right."""
    heads = ["All", *(column.name for column in columns)]
    sheet.open(
        "A colored cell is a part's or a stage's own; all else that it reads is the plan's. "
        "All is joined from the columns, as the formula says; a grey figure does not count.",
        [("Name", 32), *((head, _WIDTH) for head in heads), ("Unit", 18), ("Meaning", 40), ("Formula", 64)],
    )
    sheet.row -= 1
    for column, head in enumerate(heads, _ALL):
        sheet.text(column, head, "head", "right")
    sheet.row += 1


def _write_inputs(sheet: Sheet, columns: tuple[PartColumn, ...]) -> None:
    """Write what the parts and stages have of their own, in readable units."""
    own = [name for name in ASSUMPTIONS if any(name in column.part.own for column in columns)]
    if sheet.plan.scenario.parts:
        own.insert(0, SHARE)
    sheet.section("inputs of their own", _FIRST + len(columns) + 3)
    for name in own:
        _write_input(sheet, columns, name)
        sheet.row += 1


def _write_input(sheet: Sheet, columns: tuple[PartColumn, ...], name: str) -> None:
    """Write the value of a name for each column; what reads it takes it times its unit."""
    own = [column for column in columns if name == SHARE or name in column.part.own]
    shown, last = input_unit(name, own[0].known[name]), _FIRST + len(columns)
    written = dict[str, str]()
    for column in columns:
        if name == SHARE and column.of:
            continue
        amount, formula, style = column.known[name], "", "faint"
        if name == SHARE:
            formula = sheet.book.inputs[column.part.called(SHARE)]
        elif column not in own or column.called(name) in written:  # which a reader may overwrite
            whose = column.of.cells.get(name, name) if column.of else name
            formula = written.get(column.called(name), f"{whose}/{shown.factor!r}")
        else:
            style = "input"
            formula = _following(sheet, column, shown) if name == "bitrate" else ""
        write_input(sheet, column.at, name, amount, shown, formula, style)
        if column in own:
            written.setdefault(column.called(name), sheet.cell(column.at))
        cell = sheet.cell(column.at)
        column.cells[name] = cell if shown.factor == 1 else f"({cell}*{shown.factor!r})"
    sheet.texts({0: name, last: shown.text, last + 1: assumption(name).label})


def _following(sheet: Sheet, column: PartColumn, shown: Unit) -> str:
    """Return a bitrate as a formula of the column's frame; nothing of what does not follow it.

    A number that is typed over the plan's bitrate is that of all parts and stages.
    """
    steps, plan = column.part.scenario.bitrates(), sheet.plan
    frame = (column.cells.get("width", "width"), column.cells.get("height", "height"))
    own = following_bitrate(steps, shown, column.known, frame)
    untyped = following_bitrate(plan.scenario.bitrates(), Unit(""), plan.values)
    if not (own and untyped):
        return own
    return f"IF(ABS(bitrate-{untyped})<={TOLERANCE:.0E}*bitrate,{own},bitrate/{shown.factor!r})"


def _write_figure(sheet: Sheet, workings: Workings, columns: tuple[PartColumn, ...], name: str, last: int) -> None:
    """Write a figure of each column that has it.

    If a part's clips are made in stages, the figure may be joined from theirs.
    """
    figure, number = FIGURES[name], base_format(name)
    own = [column for column in columns if column.has(name)]
    for column in own:
        column.cells[name] = sheet.cell(column.at)
    for column in own:
        faint = () if counts(name, decodes=column.part.decodes) else ("faint",)
        if figure.mix and name in column.part.pins:
            sheet.number(column.at, column.known[name], "pinned", number=number)
            continue
        if figure.stages and column.stages:
            formula = _of_stages(column.stages, name)
        elif name in _OF_THE_PLAN:
            formula = _OF_THE_PLAN[name].format_map(column.cells)
        else:
            call = workings.call(figure, {**sheet.plan.known, **column.known}, of_the_plan=False)
            formula = in_sheet(figure, call, {**(column.of.cells if column.of else {}), **column.cells})
        sheet.formula(column.at, formula, column.known[name], *faint, number=number)
    sheet.texts({0: name, last: figure.unit, last + 1: figure.label})
    homes = {column.part.home for column in columns}
    words = [word for word, home in ((figure.mix, MIX), (figure.stages, STAGES)) if word and home in homes]
    sheet.text(last + 2, f"= {''.join(f'{word} of ' for word in words)}{in_names(figure)}", "meaning", "faint")


def _of_stages(stages: tuple[PartColumn, ...], name: str) -> str:
    """Return the join of a figure over the stages of a clip: their sum, the most or the last.

    A figure of decoding is joined over the stages that decode.
    """
    own = [column.cells[name] for column in stages if counts(name, decodes=column.part.decodes)]
    return {"sum": "+".join(own), "max": f"MAX({','.join(own)})", "last": own[-1]}[FIGURES[name].stages]


def _of_parts(parts: tuple[PartColumn, ...], name: str) -> str:
    """Return the join of a figure over the parts that have a share: a mean lies between the least and the most."""
    pairs = [(column.cells[SHARE], column.cells[name]) for column in parts]
    least, most = (
        f"{verb}({','.join(f'IF({share}>0,{own},{none})' for share, own in pairs)})"
        for verb, none in (("MIN", _HUGE), ("MAX", f"-{_HUGE}"))
    )
    total = "+".join(f"IF({share}>0,{share}*{own},0)" for share, own in pairs)
    return {"mean": f"MIN(MAX({total},{least}),{most})", "max": most, "min": least}[FIGURES[name].mix]
