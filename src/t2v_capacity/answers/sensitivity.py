"""Report a figure's inputs, also as data: their effect, how much each narrows the band, and which to measure first."""

from collections.abc import Iterator
from typing import Annotated

from typing_extensions import TypedDict

from t2v_capacity.assumptions.quantities import digits
from t2v_capacity.errors import Mistakes
from t2v_capacity.forms.answer import Answer, Cells, Page
from t2v_capacity.forms.data import PlanHead, WarningData, document, one_of
from t2v_capacity.forms.plot import ACCENT, INK, MUTED, PALE, Data, Plot, quantities
from t2v_capacity.forms.report import Column, Report, numbers, of_scenario, table
from t2v_capacity.forms.values import show_ends, show_value
from t2v_capacity.questions.what_if.sensitivity import RANGE, STEP, Input, Sensitivity

# How many rows a table has without `--all`.
_ROWS = 15


class InputData(TypedDict):
    """An assumption or a pin that the figure depends on: what was tried, and what the figure made of it."""

    name: str
    kind: Annotated[str, one_of(RANGE, STEP)]
    low: float | None
    high: float | None
    at_low: float | None
    at_high: float | None
    swing: float | None
    elasticity: float | None
    """Of a negative figure, of its size"""
    band_narrowing: float | None
    """By how much the band would narrow on average, were it known; of an open one, the doubt whether a value exists"""


class SensitivityDocument(PlanHead):
    """What t2v-cap sensitivity --format json writes."""

    figure: str
    value: float | None
    band: list[float | None]
    """5th, 50th and 95th percentile"""
    inputs: list[InputData]
    measure_first: str | None
    """Of what has a range"""
    quotes: InputData | None
    """What sellers ask for the GPU, where the plan has the list's price and no range of it"""
    null_share: float | None
    """Of the draws, those in which the figure has no value"""
    left_out: dict[str, str]
    warnings: list[WarningData]


def _shown_inputs(answer: Sensitivity) -> list[Input]:
    """Return the inputs that have a range, or move the figure and are not what the model is."""
    return [
        assumption
        for assumption in answer.inputs
        if assumption.kind == RANGE or (assumption.moves and not assumption.fixed)
    ]


def sensitivity_report(answer: Sensitivity, page: Page) -> Report:
    """Return the inputs with what each makes of the figure; with everything all of them."""
    rows = list(answer.inputs)
    if not page.everything:
        rows = [
            assumption
            for place, assumption in enumerate(_shown_inputs(answer))
            if place < _ROWS or assumption.kind == RANGE
        ]
    ranged = answer.samples > 0 or answer.known_band
    columns = [
        Column("assumption", "name", cut=True),
        Column(
            "low to high",
            lambda assumption: show_ends(assumption.name, assumption.low, assumption.high),
            from_width=130,
        ),
        Column("of a", "kind"),
        Column(
            f"{answer.figure}, then",
            lambda assumption: show_ends(answer.figure, assumption.at_low, assumption.at_high),
            cut=True,
        ),
        numbers(
            "elasticity",
            lambda assumption: "" if assumption.elasticity is None else digits(assumption.elasticity, 2),
            from_width=100 if ranged else 0,
        ),
    ]
    headline = f"{answer.figure} {show_value(answer.figure, answer.value)}"
    advice = [_quotes_note(answer, answer.quotes)] if answer.quotes and answer.quotes.moves else []
    if ranged:
        columns.append(numbers("narrows", lambda assumption: _percent(assumption.band_narrowing)))
        headline += f", 5 % to 95 %: {show_ends(answer.figure, answer.band[0], answer.band[-1])}"
        advice.insert(answer.quote_first, _advice(answer))  # after the quote if that is first
    notes = [*_notes(answer, len(rows), page), *advice]
    return of_scenario(
        answer.scenario, [table(columns, rows, headline)], notes, answer.warnings, everything=page.everything
    )


def _notes(answer: Sensitivity, shown: int, page: Page) -> Iterator[str]:
    """Yield what the columns mean, how many inputs the table leaves out, and what is uncertain.

    Where everything is shown, yield the names of the inputs that are left out.
    """
    name = answer.figure
    if name in answer.scenario.pins:
        yield f"pinned: {name} has a given value, so nothing else moves it"
    if answer.value is None:
        yield f"no value: {name} is none at the point values, so nothing moves it"
    yield "ends: the 5th and the 95th percentile of a range; of a step 10 % less and 10 % more (a count: at least 1)"
    yield f"elasticity: percent by which {name} moves as the assumption moves by one, over 10 % either way"
    if page.everything and answer.left_out:
        yield f"left out, since at zero, a switch or without an end: {', '.join(answer.left_out)}"
    elif hidden := len(answer.inputs) + len(answer.left_out) - shown:
        yield f"not shown: {hidden} inputs that move it less or not, or are what the model is; `--all` names them"
    yield from _narrowing_notes(answer)


def _narrowing_notes(answer: Sensitivity) -> Iterator[str]:
    """Yield what narrows the band, and in how many draws there is no value."""
    if answer.samples:
        yield (
            f"narrows: by how much the {_narrowed(answer)} would narrow on average, were it known "
            f"(fixed at its quantiles); {answer.samples} draws, seed {answer.seed}"
        )
        if answer.null_share == 1:
            yield "no value: in none of the draws, so no band is narrowed"
        elif answer.null_share:
            yield f"no value: in {digits(100 * answer.null_share)} % of draws; the band takes them as beyond the worst"
    elif answer.known_band:
        yield (
            "narrows: the model's error is the only range, so it makes the whole band; "
            "give other assumptions ranges to compare them"
        )
    else:
        yield f"ranges: none moves {answer.figure}, so it has no band to narrow"


def _narrowed(answer: Sensitivity) -> str:
    """Return what knowing an input narrows: where the draws' band is open, what decides whether there is a value."""
    if answer.samples and None in answer.band:
        return f"doubt whether {answer.figure} has a value"
    return f"range of {answer.figure}"


def _advice(answer: Sensitivity) -> str:
    lead = "Then measure" if answer.quote_first else "Measure this first"
    best = [assumption for assumption in answer.by_worth if _percent(assumption.band_narrowing) != "0%"]
    if not best:
        return f"{lead}: nothing; knowing a single range would not narrow the {_narrowed(answer)} on average"
    first, *others = best[:4]
    then = ", ".join(f"{assumption.name} ({_percent(assumption.band_narrowing)})" for assumption in others)
    advice = (
        f"{lead}: {first.name}; knowing it narrows the {_narrowed(answer)} by "
        f"{_percent(first.band_narrowing)} on average"
    )
    return f"{advice}; then {then}" if others else advice


def _quotes_note(answer: Sensitivity, quotes: Input) -> str:
    """Return what a quote is worth, which no range of the plan says."""
    asked = show_ends(quotes.name, quotes.low, quotes.high)
    when = " first" if answer.quote_first else ""
    return (
        f"Get a quote{when}: sellers ask {asked} for the GPU, which is no range of the plan and moves "
        f"{answer.figure} from {show_ends(answer.figure, quotes.at_low, quotes.at_high)}"
    )


def _percent(share: float | None) -> str:
    """Return a share in whole percent; what sampling puts a little below nothing is nothing."""
    return "" if share is None else f"{round(100 * share) + 0}%"


def sensitivity_document(answer: Sensitivity) -> SensitivityDocument:
    """Return the answer as data."""
    return document(SensitivityDocument, answer, "sensitivity", answer.scenario.as_of, answer.seed, answer.samples)


def _cells(answer: Sensitivity) -> Cells:
    return InputData.__annotations__, (row.values() for row in sensitivity_document(answer)["inputs"])


SensitivityAnswer = Answer[Sensitivity, SensitivityDocument]


def sensitivity_answer(answer: Sensitivity) -> SensitivityAnswer:
    """Return a figure's sensitivities in all forms."""
    return Answer(answer, sensitivity_report, sensitivity_document, cells=_cells, plot=sensitivity_plot)


_BARS, _HEIGHT, _BAR = 10, 1.9, 0.36  # bars at most; inches of the page without them, and of each


def sensitivity_plot(answer: Sensitivity, document: Data) -> Plot:
    """Return a tornado of those inputs that the table shows. Raise Mistakes if none moves the figure.

    Where the figure has no value at an end, the bar reaches the plan, and its label says so.
    """
    figure, estimate = answer.figure, answer.value
    rows = _shown_inputs(answer)[:_BARS]
    if estimate is None:
        raise Mistakes(f"there is nothing to draw: {figure} has no value")
    if not rows:
        raise Mistakes(f"there is nothing to draw: no input moves {figure}")

    plot = Plot(
        f"What moves {figure.replace('_', ' ')} ({show_value(figure, estimate)})",
        "Blue: 5% to 95% of a range; gray: 10% either way where there is no range",
        document,
        height=_HEIGHT + _BAR * len(rows),
    )
    (axes,) = plot.panels
    axes.grid(visible=False, axis="y")
    axes.use_sticky_edges = False  # a bar's left end is no zero

    for assumption in rows:
        name = f"{assumption.name.replace('_', ' ')}\n{show_ends(assumption.name, assumption.low, assumption.high)}"
        ends = assumption.at_low, assumption.at_high
        left, right = sorted(estimate if end is None else end for end in ends)
        color = ACCENT if assumption.kind == RANGE else PALE
        bar = axes.barh(name, right - left, 0.55, left, color=color, gid="bar", zorder=2)
        axes.bar_label(bar, [show_ends(figure, *ends)], padding=4, size=8.5, color=MUTED)

    axes.axvline(estimate, color=INK, linewidth=1.5, gid="plan", zorder=3)
    quantities(axes, "x", figure)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.tick_params(axis="y", labelsize=8)
    return plot
