"""Report a figure's inputs, also as data: what each makes of it, how much each narrows the band, and the input to measure first."""

from collections.abc import Iterator
from operator import attrgetter
from typing import Annotated

from typing_extensions import TypedDict

from t2v_capacity.answers.sensitivity_plot import sensitivity_plot
from t2v_capacity.assumptions.names import plain
from t2v_capacity.assumptions.quantities import digits
from t2v_capacity.forms.answer import Answer
from t2v_capacity.forms.data import Head, Keywords, ScenarioData, WarningData, data, head, scenario_data, warnings_data
from t2v_capacity.forms.report import Column, Report, of_scenario, table, warning_lines
from t2v_capacity.forms.values import show_ends, show_value
from t2v_capacity.plan.swings import RANGE, STEP
from t2v_capacity.questions.what_if.sensitivity import Sensitivity

# How many rows a table has without `--all`.
_ROWS = 15


class InputData(TypedDict):
    """An assumption or a pin that the figure depends on: what was tried, and what the figure made of it."""

    name: str
    kind: Annotated[str, Keywords(enum=[RANGE, STEP])]
    low: float | None
    high: float | None
    at_low: float | None
    at_high: float | None
    swing: float | None
    elasticity: float | None
    band_narrowing: float | None
    """By how much the band would be narrower on average, were it known"""


class SensitivityDocument(Head):
    """What t2v-cap sensitivity --format json writes."""

    scenario: ScenarioData
    figure: str
    value: float | None
    band: list[float | None]
    """5th, 50th and 95th percentile"""
    inputs: list[InputData]
    measure_first: str | None
    null_share: float | None
    """Of the draws, those in which the figure has no value"""
    left_out: dict[str, str]
    warnings: list[WarningData]


def sensitivity_report(answer: Sensitivity, *, everything: bool = False) -> Report:
    """Return the inputs with what each makes of the figure; `everything` keeps all rows."""
    open_ones = [one for one in answer.inputs if one.kind == RANGE or (one.moves and not one.fixed)]
    rows = answer.inputs if everything else [one for i, one in enumerate(open_ones) if i < _ROWS or one.kind == RANGE]
    ranged = answer.samples > 0 or answer.known_band
    columns = (
        Column("assumption", attrgetter("name"), cut=True),
        Column("low to high", lambda one: show_ends(one.name, one.low, one.high), from_width=130),
        Column("of a", attrgetter("kind")),
        Column(f"{answer.figure}, then", lambda one: show_ends(answer.figure, one.at_low, one.at_high), cut=True),
        Column(
            "elasticity",
            lambda one: "" if one.elasticity is None else digits(one.elasticity, 2),
            number=True,
            from_width=100 if ranged else 0,
        ),
        *([Column("narrows", lambda one: _percent(one.band_narrowing), number=True)] if ranged else []),
    )
    notes = (*_meaning(answer), *_hidden(answer, len(rows), everything=everything), *_uncertainty(answer))
    notes += (*warning_lines(answer.warnings, "--all", everything=everything), _advice(answer)) if ranged else ()
    headline = f"{answer.figure} {show_value(answer.figure, answer.value)}"
    band = f", 5 % to 95 %: {show_ends(answer.figure, answer.band[0], answer.band[-1])}" if ranged else ""
    return of_scenario(answer.scenario, [table(columns, rows, headline + band)], notes)


def _meaning(answer: Sensitivity) -> Iterator[str]:
    name = answer.figure
    if name in answer.scenario.pins:
        yield f"pinned: {name} has a given value, so nothing else moves it"
    if answer.value is None:
        yield f"no value: {name} is none at the point values, so nothing moves it"
    yield "ends: the 5th and the 95th percentile of a range; of a step 10 % less and 10 % more (a count: at least 1)"
    yield f"elasticity: percent by which {name} moves as the assumption moves by one, over 10 % either way"


def _hidden(answer: Sensitivity, shown: int, *, everything: bool) -> Iterator[str]:
    """Yield the inputs that the table leaves out, by name if it shows all that it can."""
    if everything and answer.left_out:
        yield f"left out, since at zero, a switch or for ever: {', '.join(answer.left_out)}"
    elif hidden := len(answer.inputs) + len(answer.left_out) - shown:
        yield f"not shown: {hidden} inputs that move it less or not, or are what the model is; `--all` names them"


def _uncertainty(answer: Sensitivity) -> Iterator[str]:
    if answer.samples:
        yield (
            f"narrows: by how much the 5 % to 95 % band would be narrower on average, were it known (fixed at its quantiles); "
            f"{answer.samples} draws, seed {answer.seed}"
        )
        if answer.null_share == 1:
            yield "no value: in none of the draws, so no band is narrowed"
        elif answer.null_share:
            yield (
                f"no value: in {digits(100 * answer.null_share)} % of the draws; narrowing is of the rest, the band takes them "
                "as beyond the worst"
            )
    elif answer.known_band:
        yield "narrows: the model's error is the only range, so it makes the whole band; give other assumptions ranges to compare them"
    else:
        yield f"ranges: no input of {answer.figure} has one, so it has no band to narrow"


def _advice(answer: Sensitivity) -> str:
    best = [one for one in answer.by_worth if round(100 * (one.band_narrowing or 0))]
    if not best:
        return f"Measure this first: nothing; knowing a single range would not narrow the range of {answer.figure} on average"
    first, others = best[0], best[1:4]
    then = f"; then {', '.join(f'{one.name} ({_percent(one.band_narrowing)})' for one in others)}" if others else ""
    return (
        f"Measure this first: {first.name}; knowing it narrows the range of {answer.figure} by "
        f"{_percent(first.band_narrowing)} on average{then}"
    )


def _percent(share: float | None) -> str:
    """Return a share in whole percent; what sampling puts a little below nothing is nothing."""
    return "" if share is None else f"{round(100 * share) + 0}%"


def sensitivity_document(answer: Sensitivity) -> SensitivityDocument:
    """Return the answer as data."""
    inputs = [data(InputData, one, low=plain(one.name, one.low), high=plain(one.name, one.high)) for one in answer.inputs]
    first = head("sensitivity", answer.scenario.as_of, answer.seed, answer.samples)
    return data(
        SensitivityDocument,
        answer,
        **first,
        scenario=scenario_data(answer.scenario),
        inputs=inputs,
        warnings=warnings_data(answer.warnings),
    )


@Answer.remade
def sensitivity_answer(found: Sensitivity) -> Answer[Sensitivity, SensitivityDocument]:
    """Return a figure's sensitivities in all forms."""
    shown = [one.name for one in found.inputs if one.kind == RANGE or (one.moves and not one.fixed)]
    return Answer(
        found,
        lambda page: sensitivity_report(found, everything=page.everything),
        lambda: sensitivity_document(found),
        cells=lambda: (InputData.__annotations__, (row.values() for row in sensitivity_document(found)["inputs"])),
        plot=lambda: sensitivity_plot(sensitivity_document(found), shown),
    )
