"""Report GPUs, or group sizes of one GPU, side by side."""

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import mode
from typing import Any

from typing_extensions import TypedDict

from t2v_capacity.answers.compare_plot import options_plot
from t2v_capacity.answers.estimate import AdviceData
from t2v_capacity.assumptions.names import finite, plain
from t2v_capacity.assumptions.quantities import show, with_commas
from t2v_capacity.forms.answer import Page, Rows
from t2v_capacity.forms.data import PlanHead, VerdictData, WarningData, data, document, values_data
from t2v_capacity.forms.report import (
    Column,
    Report,
    left_out,
    numbers,
    of_scenario,
    optional_numbers,
    table,
    with_minimum_widths,
)
from t2v_capacity.forms.values import show_band, show_cell
from t2v_capacity.plan.advice import kept_kernel
from t2v_capacity.plan.candidates import SHOWN, Candidate, ShownData, nearest_to_serving, seconds_of
from t2v_capacity.plan.evidence import MEASURED, SAME_GENERATION
from t2v_capacity.plan.sellers import ENOUGH_SELLERS, FEW_SELLERS, SPOT_BY_FEW
from t2v_capacity.plan.uncertain import NO_BAND
from t2v_capacity.plan.verdict import (
    AT_RISK,
    BREAKS_BUDGET,
    DEFERRED,
    LATENCY,
    MEASURED_ELSEWHERE,
    NO_EVIDENCE,
    SURE,
    renting_in_words,
)
from t2v_capacity.questions.what_if.compare import Options, TieData


class OptionBand(TypedDict):
    """The ends of a figure over the model's error alone: ranges of the plan are at their points."""

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


class CompareDocument(PlanHead):
    """What t2v-cap compare --format json writes."""

    axes: list[str]
    """gpu, or gpus_per_replica of one GPU"""
    rows: list[OptionData]
    best: AdviceData | None
    """The cheapest that serves the plan, whatever is shown; null where none does. An offload is that of the plan"""
    crossing: TieData | None
    """Where the next best GPU becomes the cheapest; null where a reserve or spot GPUs carry a part of the bill"""
    few_sellers: TieData | None
    """Up to where a GPU that fewer than three sell would be the cheapest"""
    breaks: list[str]
    """Budgets that the best breaks, each with its value, where none that is recommended keeps all"""
    warnings: list[WarningData]


def _figure_column(heading: str, name: str) -> Column:
    """Return the column of a figure, blank where it has no value."""
    return numbers(heading, lambda row: show_cell(name, row[name]))


def _gpus_band(row: OptionData) -> str:
    """Return the GPUs over the model's error alone."""
    band = row["bands"].get("gpus")
    return show_band("gpus", row["gpus"], band["p5"], band["p95"]) if band else ""


def _shown_price(row: OptionData) -> str:
    """Return the price of a GPU-hour, and how many ask it where they are few."""
    price, sellers = row["gpu_price"], row["sellers"]
    if price is None:
        return ""
    return f"{price:.2f} of {sellers}" if sellers and sellers < ENOUGH_SELLERS else f"{price:.2f}"


def _following(figures: Mapping[str, Any]) -> str:
    """Return the whole bill of a month if GPUs follow demand, as the first screen has it; nothing without a price."""
    whole, always, following = (
        figures[name] for name in ("cost_per_month", "gpu_cost_per_month", "gpu_cost_following")
    )
    if None in (whole, always, following):
        return ""
    return show_cell("cost_per_month", max(whole - always, 0.0) + following).removesuffix(" USD")


_TIMED = {MEASURED: "yes", SAME_GENERATION: "family"}
_COLUMNS = (
    Column("gpu", "gpu"),
    numbers("group", lambda row: f"{row['gpus_per_replica']}{' split' if row['sharded'] else ''}"),
    Column("layout", "layout"),
    Column("runtime", "runtime", optional=True),
    _figure_column("streams", "sessions_per_replica"),
    numbers("USD/h", _shown_price),
    _figure_column("latency", "latency_p95"),
    _figure_column("GPUs", "gpus"),
    _figure_column("a month", "cost_per_month"),
    optional_numbers("follows demand", _following),
    _figure_column("a clip", "cost_per_video")._replace(optional=True),
    Column("timed", lambda row: _TIMED.get(row["evidence"], "no"), optional=True),
)
_MORE = (
    Column("kernel", "attention_kernel"),
    numbers("GPUs, model's error", _gpus_band),
    _figure_column("reserved", "gpu_cost_reserved"),
    _figure_column("GPU-seconds", "gpu_seconds_per_video"),
    _figure_column("energy a clip", "energy_per_video"),
)
_LAST = 14  # the least room of the last column, with a gap
# The runtime of all candidates, in the words of their heading.
_ALL_WITH = {
    "eager": "all with plain PyTorch",
    "fused": "all with fused PyTorch",
    "compiled": "all compiled",
    "engine": "all with an engine",
}
_FRONT, _TRADE_OFF, _REFUSED = "front", "best trade-off", "not recommended"
# What objections to changes of the plan mean, each with a reason.
_MEANINGS = {
    MEASURED_ELSEWHERE: "pinned: {}, and says nothing of others; without it all are predicted",
    BREAKS_BUDGET: "budget: breaks a budget, such as {}",
    NO_EVIDENCE: "no evidence, of the first: {}",
}
_MOST = 12  # options that have a row
_SMALL = 10  # servers of a fleet that whole servers round by a tenth or more


def _comparison_report(comparison: Options, page: Page) -> Report:
    """Return GPUs, or group sizes, as a report; those that are not recommended stand below, or are counted.

    The plan's own GPU always has a row, with what speaks against it.
    """
    everything = page.everything or len(comparison.options) <= _MOST
    options = sorted(
        comparison.options,
        key=lambda option: (not _is_candidate(option.against), "cheapest" not in option.marks, option.cost),
    )
    most = sum(_is_candidate(option.against) for option in options) or len(options)
    own_gpu = None if comparison.of_groups else comparison.scenario.option("gpu")
    first = options if everything else options[: min(most, _MOST)]
    shown = [*first, *(option for option in options if option not in first and option.gpu == own_gpu)]
    rows = _option_rows(shown)

    runtimes = {row["runtime"] for row in rows}
    alike = page.width is not None and len(runtimes) == 1
    heading = f"candidates, {_ALL_WITH[runtimes.pop()]}" if alike else "candidates"
    columns = _fitting_columns(comparison, rows, page, alike=alike)
    options_table = table(columns, rows, section=lambda row: heading if _is_candidate(row["against"]) else _REFUSED)

    notes = [*_counts(options, shown), *_notes(comparison, rows, page), *_other_flags(comparison)]
    notes += left_out(columns, page.width)
    warnings = comparison._replace(options=shown).warnings
    report = of_scenario(comparison.scenario, [options_table], notes, warnings, everything=page.everything)
    if page.width is not None:  # a terminal has no blank lines between notes
        report = report._replace(paragraphs=["\n".join(report.paragraphs)])
    return report._replace(lead=(_best_sentence(comparison), *_further_sentences(comparison)))


def _is_candidate(against: Iterable[str]) -> bool:
    """Return whether an option can be chosen: nothing objects to it, or only that few sell its GPU."""
    return {FEW_SELLERS}.issuperset(against)


def _fitting_columns(comparison: Options, rows: Sequence[OptionData], page: Page, *, alike: bool) -> list[Column]:
    """Return the columns, each from the width on at which a page has room for it.

    Where all runtimes are `alike`, a heading says which.
    """
    hidden = {"gpu" if comparison.of_groups else "layout", "a clip" if comparison.scenario.streams else "streams"}
    if not comparison.scenario.values()["reserved_price"]:
        hidden.add("reserved")  # it would repeat a column
    if alike:
        hidden.add("runtime")
    if page.width is None and not page.everything:
        hidden.add("timed")  # lines of a pipe stay within 120 columns
    every = (*_COLUMNS, *(_MORE if page.everything else ()))
    columns = with_minimum_widths((column for column in every if column.heading not in hidden), rows, _LAST)
    widest = max(column.from_width for column in columns)
    wide = page.everything or (page.width is not None and page.width >= widest)
    return [*columns, Column("", lambda row: "; ".join(_remarks(row, wide=wide)), wrap=True)]


def _remarks(row: OptionData, *, wide: bool) -> Iterator[str]:
    """Yield an option's marks and the objections to it; a trade-off stands on wide pages alone."""
    for mark in row["marks"]:
        if mark != _FRONT or wide:
            yield _TRADE_OFF if mark == _FRONT else mark
    yield from row["against"]


def _counts(options: Sequence[Candidate], shown: Sequence[Candidate]) -> Iterator[str]:
    """Yield how many options have no row."""
    hidden = [option for option in options if option not in shown]
    dearer = sum(_is_candidate(option.against) for option in hidden)
    counts = [f"{dearer} cost more"] if dearer else []
    if refused := len(hidden) - dearer:
        counts.append(f"{refused} {'is' if refused == 1 else 'are'} not recommended")
    if counts:
        yield f"{', '.join(counts)}: --all"


def _notes(comparison: Options, rows: Sequence[OptionData], page: Page) -> Iterator[str]:
    """Yield what the words of the table mean."""
    if ranges := comparison.scenario.ranges():
        yield f"ranges of {', '.join(ranges)}: every option is the one at the medians; `estimate` has bands of one"
    if any(FEW_SELLERS in row["against"] for row in rows):
        of_spot = any(row["against"].get(FEW_SELLERS) == SPOT_BY_FEW for row in rows)
        yield _few_sellers_note(comparison.few_sellers, "spot price" if of_spot else "price")
    yield from _objection_notes(rows)
    if any(row["sharded"] for row in rows):
        yield "split: the GPUs of a group divide the weights"
    if comparison.is_tight:
        yield "other offloads were not tried, and may cost less: `--offload all`, `blocks` or `layers`"
    if page.everything:
        yield f"{_TRADE_OFF}: no other is both cheaper and faster"
        yield "reserved: the bill of the GPUs alone, at the cheapest reserve"
    if comparison.of_groups and any(row["guidance_groups"] > 1 for row in rows):
        yield "layout: guidance 2 is `--guidance-groups 2`, which engines do by default; the rest needs no flag"


def _other_flags(comparison: Options) -> Iterator[str]:
    """Yield with which flags GPUs compare otherwise: rented singly, with their own kernels, at one seller's prices."""
    best, by_hand = comparison.best, comparison.scenario.by_hand("gpus_per_server")
    if best and not by_hand and best.trial.known["gpus"] <= _SMALL * best.trial.known["gpus_per_server"]:
        yield "fleets are whole servers; where GPUs are rented singly: `--gpus-per-server 1`"
    if any(DEFERRED in option.against for option in comparison.options):
        yield "no fleet is enlarged for `target_deferred_wait`: a cheaper GPU may keep it at less `--max-utilization`"
    if comparison.of_groups:
        return
    yield from kept_kernel(comparison.scenario)
    sellers = [seller for option in comparison.options for seller in option.sellers]
    if sellers:
        providers = comparison.scenario.catalogue.entries("providers").values()
        if provider := next((entry.id for entry in providers if entry.label == mode(sellers)), ""):
            file = shlex.quote(comparison.scenario.file or "PLAN.yaml")
            yield f"same seller for all: compare {file} --provider {provider}"


def _objection_notes(rows: Sequence[OptionData]) -> Iterator[str]:
    """Yield what the objections to changes of the plan mean, each with the first one."""
    for code, note in _MEANINGS.items():
        if reasons := [row["against"][code] for row in rows if code in row["against"]]:
            yield note.format(reasons[0])


def _few_sellers_note(tie: TieData | None, price: str) -> str:
    """Return what few sellers are, and up to which price a GPU of theirs would be the cheapest."""
    note = f"few sellers: fewer than three ask this {price}"
    if not tie:
        return note
    return f"{note}; {tie['gpu']} would be the cheapest up to {tie['gpu_price']:.5g} USD/h, and {_asking_prices(tie)}."


def _option_rows(options: list[Candidate]) -> list[OptionData]:
    """Return each option as a row of its names and values."""
    return [
        data(
            OptionData,
            option,
            attention_kernel=option.kernel or None,
            gpu_price=option.trial.scenario and finite(option.trial.scenario.values()["gpu_price"]),
            sellers=len(option.sellers) or None,
            **values_data(option.figures),
            bands={
                name: {"p5": plain(name, band[0]), "p95": plain(name, band[2])}
                for name in SHOWN
                if (band := option.bands.get(name, NO_BAND)) != NO_BAND
            },
            chance=option.verdict.target if option.verdict else None,
            error="; ".join(map(str, option.objections)) or None,
        )
        for option in options
    ]


def _best_sentence(comparison: Options) -> str:
    """Return the cheapest candidate with its GPUs and cost, or the nearest one with its objections."""
    best, untimed = comparison.best, comparison.untimed
    what = "group size" if comparison.of_groups else "GPU"
    able = [option for option in comparison.options if option.verdict and option.verdict.able]
    if best is None and able and all({LATENCY, AT_RISK} & {*option.against} for option in able):
        tested = f"{what} of {able[0].gpu}" if comparison.of_groups else f"{what}, group size, or runtime tested"
        nearest = min(able, key=lambda option: (len(option.against), seconds_of(option)))
        seconds, latency = show(seconds_of(nearest), "second"), nearest.figures["latency_p95"]
        quickest = f"{_candidate_name(nearest)}, {seconds if latency else f'the last request waits {seconds}'}"
        return f"No {tested} meets {comparison.target} with a chance of {100 * SURE:.0f}%. Nearest: {quickest}."
    if best is None:
        own_gpu = comparison.scenario.option("gpu")
        least = nearest_to_serving(comparison.options, own_gpu)
        own = ", the plan's own GPU" if least.gpu == own_gpu and not comparison.of_groups else ""
        return (
            f"No {what} is recommended; the nearest is {_candidate_name(least)}{own}: "
            f"{'; '.join(map(str, least.objections))}."
        )
    cost, gpus = best.cost
    assert best.verdict
    offload = " without offload" if comparison.is_tight and not comparison.scenario.by_hand("offload") else ""
    on_demand = " on demand" if comparison.scenario.values()["reserved_price"] else ""
    meets = f" that meets {comparison.target}" if comparison.scenario.promises else " that fits and serves all requests"
    if comparison.budgets:
        meets += f" within the budgets on point values{' that the plan keeps' if comparison.breaks else ''}"
    if untimed:
        meets = f" of the GPUs with runs of your own{meets if comparison.scenario.promises else ''}"
    note = best.trial.engine_note
    cheaper = f"; {_candidate_name(untimed)}, not timed, would be {show(untimed.cost[0], 'USD')}" if untimed else ""
    return with_commas(
        f"{_candidate_name(best)} is the cheapest{offload}{meets}: "
        f"{show(gpus, 'gpu')}, {show(cost, 'USD')} per month "
        f"{renting_in_words(best.verdict.known)}, {_following(best.figures)} if GPUs follow demand{on_demand}{cheaper}"
        f"{note and f'; {note}'}."
    )


def _further_sentences(comparison: Options) -> Iterator[str]:
    """Yield which budgets the best option breaks, and up to which price its GPU is the cheapest."""
    if comparison.breaks:
        what = "group size" if comparison.of_groups else "GPU"
        yield f"It breaks {'; '.join(comparison.breaks)}. No {what} that is recommended keeps every budget."
    if tie := comparison.crossing:
        asked = f" ({_asking_prices(tie)})" if tie["asked"] else ""
        close = "Close: " if tie["lost_at"] or comparison.close else ""
        yield (
            f"{close}{tie['gpu']} is cheapest while it costs less than {tie['gpu_price']:.5g} USD/h{asked}; "
            f"above that {tie['other']} is, {show(tie['cost_per_month'], 'USD').removesuffix(' USD')}."
        )
    if comparison.close:
        the = "The" if comparison.crossing else "Close: the"
        yield f"{the} bill of {_candidate_name(comparison.close)} is within the model's error between two GPUs."


def _asking_prices(tie: TieData) -> str:
    """Return what sellers ask for a GPU."""
    prices = tie["asked"]
    if len(prices) == 1:
        return f"one seller asks {prices[0]:.2f}"
    return f"sellers ask {min(prices):.2f} to {max(prices):.2f}"


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
        best=comparison.best and comparison.best.trial,
    )


def _codes(comparison: Options, index: int) -> list[str]:
    return list(dict.fromkeys(warning.code for warning in comparison.options[index].warnings))


CompareAnswer = Rows[Options, CompareDocument, OptionRow]


def compare_answer(comparison: Options) -> CompareAnswer:
    """Return GPUs, or group sizes, in all their forms."""
    return Rows(comparison, _comparison_report, compare_document, plot=options_plot, codes=_codes)
