"""Report GPUs, or group sizes of one GPU, side by side."""

from collections.abc import Iterator, Sequence
from itertools import cycle

from typing_extensions import TypedDict

from t2v_capacity.answers.estimate_document import AdviceData
from t2v_capacity.assumptions.names import finite, plain
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.errors import Mistakes
from t2v_capacity.forms.answer import Page, Rows
from t2v_capacity.forms.data import PlanHead, VerdictData, WarningData, data, document, values_data
from t2v_capacity.forms.plot import ACCENT, INK, OTHER, Data, Plot, dots, limit, line, quantities
from t2v_capacity.forms.report import Column, Report, left_out, numbers, of_scenario, table
from t2v_capacity.forms.values import show_band, show_brief, show_cell
from t2v_capacity.plan.candidates import SHOWN, Candidate, ShownData, nearest_to_serving
from t2v_capacity.plan.evidence import EXTRAPOLATED, MEASURED, SAME_GENERATION
from t2v_capacity.plan.uncertain import NO_BAND
from t2v_capacity.plan.verdict import (
    AT_RISK,
    ENOUGH_SELLERS,
    LATENCY,
    LIMIT,
    MEMORY,
    NO_EVIDENCE,
    NO_LIST_PRICE,
    PRECISION,
    SURE,
)
from t2v_capacity.questions.what_if.compare import Option, Options, Tie


class OptionBand(TypedDict):
    """The ends of a figure over the model's error."""

    p5: float | None
    p95: float | None
    """Null beyond the worst"""


class _Way(TypedDict):
    gpu: str
    gpus_per_replica: int
    sharded: bool
    guidance_groups: int
    layout: str
    """How the GPUs of a group share a clip; empty for one"""
    runtime: str
    attention_kernel: str | None
    gpu_price: float | None
    """USD per hour on demand; null without a price, or where the option is refused"""
    sellers: int | None
    """How many ask that price or another for the GPU; null where the price is not the list's"""


class OptionData(_Way, ShownData):
    """An option: what it is, what it gives, and what speaks against it."""

    bands: dict[str, OptionBand]
    """Of those figures that the model's error moves"""
    chance: float | None
    fits: bool
    evidence: str
    marks: list[str]
    against: dict[str, str]
    error: str | None
    verdict: VerdictData | None
    """Null where the option is refused"""


class OptionRow(OptionData):
    """An option, for a data frame."""

    warnings: list[str]  # their codes


class TieData(TypedDict):
    """The price of a GPU-hour at which a GPU costs as much as another, whose price stays."""

    gpu: str
    gpu_price: float
    other: str
    cost_per_month: float
    asked: list[float]
    """What each seller asks for the GPU; empty if its price is by hand"""
    lost_at: list[str]
    """The sellers of both at whose prices the other costs less"""


class CompareDocument(PlanHead):
    """What t2v-cap compare --format json writes."""

    axes: list[str]
    """gpu, or gpus_per_replica of one GPU"""
    rows: list[OptionData]
    best: AdviceData | None
    """The cheapest that serves the plan, whatever is shown; null where none does"""
    crossing: TieData | None
    """Where the next best GPU becomes the cheapest; null where a reserve or spot GPUs carry a part of the bill"""
    few_sellers: TieData | None
    """Up to where a GPU that fewer than three sell would be the cheapest"""
    warnings: list[WarningData]


def _figure_column(heading: str, name: str, from_width: int = 0) -> Column:
    """Return the column of a figure, blank where it has no value."""
    return numbers(heading, lambda row: show_cell(name, row[name]), from_width=from_width)


def _gpus_band(row: OptionData) -> str:
    """Return the GPUs over the model's error."""
    band = row["bands"].get("gpus")
    return show_band("gpus", row["gpus"], band["p5"], band["p95"]) if band else ""


def _shown_price(row: OptionData) -> str:
    """Return the price of a GPU-hour: with a star where it is the list's, or how many ask it where they are few."""
    price, sellers = row["gpu_price"], row["sellers"]
    if price is None:
        return ""
    if sellers is None:
        return f"{price:.2f}"
    return f"{price:.2f} of {sellers}" if sellers < ENOUGH_SELLERS else f"{price:.2f}*"


# An option's marks and the objections to it.
_VERDICT = Column("", lambda row: "; ".join([*row["marks"], *row["against"]]), wrap=True)
_COLUMNS = (
    Column("gpu", "gpu"),
    numbers("group", lambda row: f"{row['gpus_per_replica']}{' split' if row['sharded'] else ''}"),
    Column("layout", "layout"),
    Column("runtime", "runtime", from_width=85),
    _figure_column("streams", "sessions_per_replica"),
    numbers("USD/h", _shown_price),
    _figure_column("latency", "latency_p95"),
    _figure_column("GPUs", "gpus"),
    _figure_column("a month", "cost_per_month"),
    _figure_column("a clip", "cost_per_video", 95),
)
_MORE = (
    numbers("GPUs, p5 to p95", _gpus_band),
    _figure_column("autoscaled", "gpu_cost_following"),
    _figure_column("reserved", "gpu_cost_reserved"),
    _figure_column("GPU-seconds", "gpu_seconds_per_video"),
    _figure_column("energy a clip", "energy_per_video"),
)
_LISTED = "*: the median of what sellers ask, `t2v-cap list gpus`"
_NOTE = "front: no other is both cheaper and faster; split: the GPUs of a group divide the weights"
_LAYOUT = "layout: guidance 2 is `--guidance-groups 2`, which engines do without it; the rest needs no flag"
_BILLS = "bills of the GPUs alone: autoscaled, as the day asks for them; reserved, at the cheapest reserve"
# So many options have a row; of more, those that cannot serve, or have no price or evidence, are counted.
_MOST = 12
_COUNTED = {MEMORY, LIMIT, PRECISION, NO_EVIDENCE, NO_LIST_PRICE}


def _comparison_report(comparison: Options, page: Page) -> Report:
    """Return GPUs, or group sizes, as a report; options with an objection stand apart, below."""
    everything = page.everything or len(comparison.options) <= _MOST
    options = [option for option in comparison.options if everything or not _COUNTED & {*option.against}]
    options = options or comparison.options
    shown = options if everything else options[:_MOST]

    hidden = {"gpu" if comparison.of_groups else "layout"}
    hidden.add("a clip" if comparison.scenario.streams else "streams")
    if not comparison.scenario.values()["reserved_price"]:
        hidden.add("reserved")  # it would repeat the column before it
    columns = [*_COLUMNS, *_MORE] if page.everything else [*_COLUMNS]
    columns = [*(column for column in columns if column.heading not in hidden), _VERDICT]
    rows = table(columns, _option_rows(shown), section=lambda row: "apart" if row["against"] else "to choose from")

    notes = list[str]()
    if counted := len(comparison.options) - len(options):
        notes.append(f"{counted} more have no price, no evidence or too little memory: --all")
    if dearer := len(options) - len(shown):
        notes.append(f"{dearer} more are dearer: --all" if counted else f"{dearer} more: --all")
    scenarios = [option.candidate.trial.scenario for option in shown]
    if any(scenario and scenario.at_list_price for scenario in scenarios):
        notes.append(_LISTED)
    notes.append(_NOTE)
    if comparison.of_groups and any(option.candidate.guidance_groups > 1 for option in shown):
        notes.append(_LAYOUT)
    if page.everything:
        notes.append(_BILLS)
    notes += left_out(columns, page.width)

    warnings = comparison._replace(options=shown).warnings
    return of_scenario(comparison.scenario, [rows], notes, warnings, everything=page.everything)._replace(
        lead=(_best_sentence(comparison), *_crossing_sentences(comparison))
    )


def _option_rows(options: list[Option]) -> list[OptionData]:
    """Return each option as a row of its names and values."""
    return [
        data(
            OptionData,
            option.candidate,
            attention_kernel=option.candidate.kernel or None,
            gpu_price=_price(option.candidate),
            sellers=len(option.candidate.sellers) or None,
            **values_data(option.figures),
            bands=_bands(option),
            chance=option.candidate.verdict.target if option.candidate.verdict else None,
            fits=option.fits,
            marks=option.marks,
            against=option.against,
            error="; ".join(map(str, option.candidate.objections)) or None,
        )
        for option in options
    ]


def _price(candidate: Candidate) -> float | None:
    return finite(candidate.trial.scenario.values()["gpu_price"]) if candidate.trial.scenario else None


def _bands(option: Option) -> dict[str, OptionBand]:
    """Return the band of each figure of an option that the model's error moves; `p95` is null beyond the worst."""
    return {
        name: {"p5": plain(name, band[0]), "p95": plain(name, band[2])}
        for name in SHOWN
        if (band := option.bands.get(name, NO_BAND)) != NO_BAND
    }


def _best_sentence(comparison: Options) -> str:
    """Return the cheapest candidate without an objection, with its GPUs and cost.

    Where each has an objection, return the nearest candidate with its objections.
    """
    best, what = comparison.best, "group size" if comparison.of_groups else "GPU"
    able = [option for option in comparison.options if option.candidate.verdict and option.candidate.verdict.able]
    if best is None and able and all({LATENCY, AT_RISK} & {*option.against} for option in able):
        tested = (
            f"{what} of {able[0].candidate.gpu}" if comparison.of_groups else f"{what}, group size, or runtime tested"
        )
        return f"No {tested} meets {comparison.target} with a chance of {100 * SURE:.0f}%."
    if best is None:
        own_gpu = comparison.scenario.choices["gpu"].value
        least = nearest_to_serving((option.candidate for option in comparison.options), own_gpu)
        own = ", the plan's own" if least.gpu == own_gpu and not comparison.of_groups else ""
        objections = "; ".join(map(str, least.objections))
        return f"Each {what} has an objection; the nearest is {_candidate_name(least)}{own}: {objections}."
    figures = {name: value or 0.0 for name, value in best.figures.items()}
    on_demand = " on demand" if comparison.scenario.values()["reserved_price"] else ""
    meets = f" that meets {comparison.target}" if comparison.scenario.promises else " without an objection"
    if comparison.untimed:
        meets = f" of the GPUs with runs of your own{meets if comparison.scenario.promises else ''}"
    return (
        f"{_candidate_name(best)} is the cheapest{meets}, with runtime {best.runtime} and kernel {best.kernel}: "
        f"{show(figures['gpus'], 'gpu')}, {show(figures['cost_per_month'], 'USD')} per month always on, "
        f"GPUs {show(figures['gpu_cost_following'], 'USD')} autoscaled{on_demand}{_untimed_words(comparison)}"
    )


def _untimed_words(comparison: Options) -> str:
    """Return which GPU would cost less than the cheapest if it were timed."""
    untimed = comparison.untimed
    return f"; {_candidate_name(untimed)}, not timed, would be {show(untimed.cost[0], 'USD')}" if untimed else ""


def _crossing_sentences(comparison: Options) -> Iterator[str]:
    """Yield up to which price the best GPU is the cheapest, and up to which one that few sell would be."""
    if tie := comparison.crossing:
        gpu = tie.of.gpu
        lost = f"; at the prices of {' and '.join(tie.lost_at)} {tie.other.gpu} costs less now" if tie.lost_at else ""
        yield (
            f"{'Close: ' if tie.lost_at else ''}{gpu} is cheapest while {_article(gpu)} {gpu} costs less than "
            f"{tie.price:.2f} USD/h{_asking_prices(tie)}; above that {tie.other.gpu} is, "
            f"{show(tie.other.cost[0], 'USD')}{lost}"
        )
    if tie := comparison.few_sellers:
        yield (
            f"Few sellers: {tie.of.gpu} would be the cheapest up to {tie.price:.2f} USD/h{_asking_prices(tie)}; "
            f"a GPU that fewer than {ENOUGH_SELLERS} sell is not recommended"
        )


def _asking_prices(tie: Tie) -> str:
    """Return what sellers ask for a GPU, in brackets."""
    if not tie.asked:
        return ""
    if len(tie.asked) == 1:
        return f" (one seller asks {tie.asked[0]:.2f})"
    return f" (sellers ask {min(tie.asked):.2f} to {max(tie.asked):.2f})"


def _article(gpu: str) -> str:
    """Return the article before a GPU's id, whose first letter is said by its name: an h100, a b200."""
    return "an" if gpu[0] in "ahlmr" else "a"


def _candidate_name(candidate: Candidate) -> str:
    return f"{candidate.gpu} x {candidate.gpus_per_replica}" if candidate.gpus_per_replica > 1 else candidate.gpu


def compare_document(comparison: Options) -> CompareDocument:
    """Return GPUs, or group sizes, as the contract's rows over an axis."""
    return document(
        CompareDocument,
        comparison,
        "compare",
        comparison.scenario.as_of,
        axes=["gpus_per_replica" if comparison.of_groups else "gpu"],
        rows=_option_rows(comparison.options),
        best=comparison.best.trial if comparison.best else None,
        crossing=_tie_data(comparison.crossing),
        few_sellers=_tie_data(comparison.few_sellers),
    )


def _tie_data(tie: Tie | None) -> TieData | None:
    return tie and {
        "gpu": tie.of.gpu,
        "gpu_price": tie.price,
        "other": tie.other.gpu,
        "cost_per_month": tie.other.cost[0],
        "asked": list(tie.asked),
        "lost_at": list(tie.lost_at),
    }


@Rows.remade
def compare_answer(comparison: Options) -> Rows[Options, CompareDocument, OptionRow]:
    """Return GPUs, or group sizes, in all their forms."""
    return Rows(
        comparison,
        lambda page: _comparison_report(comparison, page),
        lambda: compare_document(comparison),
        plot=lambda: options_plot(comparison),
        codes=lambda index: list(dict.fromkeys(warning.code for warning in comparison.options[index].warnings)),
    )


_LATENCY, _COST = "latency_p95", "cost_per_video"
_EVIDENCE = {
    MEASURED: "filled: measured",
    SAME_GENERATION: "hollow: same generation measured",
    EXTRAPOLATED: "dashed: neither",
}
_FRONT = "front"
_MARKS = "osD^vP*X"  # of options with a name
_SMALL, _DASHED = 36, (0, (2, 1.2))  # square points of a mark; dashes around one


def options_plot(comparison: Options) -> Plot:
    """Return the plot of options with a cost and a latency; a target is a line. Raise Mistakes if there is none."""
    scenario, document = comparison.scenario, compare_document(comparison)
    target = scenario.values()["target_latency"] if scenario.settings["target_latency"].origin.by_hand else None
    rows: list[Data] = [row for row in document["rows"] if row["cost_per_video"] and row["latency_p95"]]
    if not rows:
        raise Mistakes("there is nothing to draw: no option has both a cost and a latency")

    plot = Plot(_finding(rows, target), _plot_subtitle(comparison, rows), document, height=5)
    (axes,) = plot.panels
    front = sorted((row[_LATENCY], row[_COST]) for row in rows if _FRONT in row["marks"])
    line(axes, [latency for latency, _cost in front], [cost for _latency, cost in front], color=INK, gid="front")
    marks = cycle(_MARKS)
    for row in rows:
        own = row["gpu"] == scenario.choices["gpu"].value
        size, color, mark, label = _SMALL, OTHER, "o", "_"
        if own or _FRONT in row["marks"]:
            size, color, mark = 2 * _SMALL, ACCENT if own else INK, next(marks)
            label = f"{_row_name(row)}: {show_brief(_COST, row[_COST])}"
        dots(
            axes,
            [row[_LATENCY]],
            [row[_COST]],
            color,
            mark,
            filled=row["evidence"] == MEASURED,
            gid="option",
            label=label,
            s=size,
            linestyle=_DASHED if row["evidence"] == EXTRAPOLATED else "-",
        )

    quantities(axes, "x", _LATENCY, "p95 latency", ratios=True)
    quantities(axes, "y", _COST, "cost per clip", ratios=True)
    if target is not None and axes.get_xlim()[0] <= target <= axes.get_xlim()[1]:
        limit(axes, target, f"target {show_brief(_LATENCY, target)}", upright=True)
    return plot


def _plot_subtitle(comparison: Options, rows: Sequence[Data]) -> str:
    """Return what is drawn, how many options are not, and what their marks mean."""
    what = "each GPU at its best group size, the Pareto front and this plan by name"
    if comparison.of_groups:
        what = f"group sizes of {rows[0]['gpu']}"
    if missing := len(comparison.options) - len(rows):
        what += f"; {missing} of {len(comparison.options)} have no price or latency"
    kinds = {row["evidence"] for row in rows}
    marks = "; ".join(_EVIDENCE[kind] for kind in _EVIDENCE if kind in kinds)
    return f"Cost per clip, always on, against p95 latency; {what}; {marks}"


def _finding(rows: Sequence[Data], target: float | None) -> str:
    """Return the cheapest and the fastest of the options without an objection."""
    good = [row for row in rows if not row["against"]]
    if not good:
        return "Something speaks against each of these"
    cheapest, fastest = (min(good, key=lambda row: row[name]) for name in (_COST, _LATENCY))
    cost, latency = show_brief(_COST, cheapest[_COST]), show_brief(_LATENCY, fastest[_LATENCY])
    within = "" if target is None else f" within {show_brief(_LATENCY, target)}"
    return f"Cheapest{within}: {_row_name(cheapest)}, {cost}; fastest: {_row_name(fastest)}, {latency}"


def _row_name(row: Data) -> str:
    size = row["gpus_per_replica"]
    return f"{row['gpu']} x {size}" if size > 1 else str(row["gpu"])
