"""Report group sizes side by side; hold the parts shared with the report of GPUs."""

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, cast

from typing_extensions import TypedDict

from t2v_capacity.answers.groups_plot import options_plot
from t2v_capacity.assumptions.names import plain
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.forms.answer import Doc, Page, Rows
from t2v_capacity.forms.data import Head, ScenarioData, VerdictData, WarningData, head, scenario_data, verdict_data, warnings_data
from t2v_capacity.forms.plot import Plot
from t2v_capacity.forms.report import Column, Report, of_scenario, table, warning_lines
from t2v_capacity.forms.values import show_band, show_value
from t2v_capacity.plan.candidates import SHOWN
from t2v_capacity.plan.uncertain import NO_BAND
from t2v_capacity.plan.verdict import AT_RISK, LATENCY, SURE
from t2v_capacity.questions.what_if.groups import Option, Options


class OptionBand(TypedDict):
    """The ends of a figure over the model's error."""

    p5: float | None
    p95: float | None
    """Null beyond the worst"""


class ShownData(TypedDict):
    """The figures of an option."""

    gpu_seconds_per_video: float | None
    generation_latency: float | None
    latency_p95: float | None
    memory_needed: float | None
    memory_usable: float | None
    gpus: float | None
    cost_per_month: float | None
    cost_per_video: float | None
    energy_per_video: float | None
    gpu_cost_on_demand: float | None
    gpu_cost_following: float | None
    gpu_cost_reserved: float | None


class OptionData(ShownData):
    """An option: what it is, what it gives, and what speaks against it."""

    gpu: str
    gpus_per_replica: int
    sharded: bool
    guidance_groups: int
    layout: str
    """How the GPUs of a group share a clip; empty for one"""
    runtime: str
    attention_kernel: str | None
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


class GroupsDocument(Head):
    """What t2v-cap groups --format json writes."""

    scenario: ScenarioData
    axes: list[str]
    rows: list[OptionData]
    warnings: list[WarningData]


def groups_report(found: Options) -> Report:
    """Return group sizes as a report: latency, GPU-seconds and memory of each, what it costs, and which to take."""
    columns = (
        Column("GPUs per replica", lambda row: str(row["gpus_per_replica"]), number=True),
        Column("layout", itemgetter("layout")),
        *(
            figure_column("latency", "generation_latency"),
            figure_column("GPU-seconds", "gpu_seconds_per_video"),
            figure_column("memory per GPU", "memory_needed"),
        ),
        *(figure_column("GPUs", "gpus"), BAND, figure_column("cost per clip", "cost_per_video"), VERDICT),
    )
    options = found.options
    usable = show(options[0].figures["memory_usable"] or 0, "byte")
    sharding = "divide the weights" if options[-1].candidate.sharded else "each hold all weights; `--sharding weights` divides them"
    note = f"{usable} usable per GPU; the GPUs of a group {sharding}"
    notes = [note, *warning_lines(found.warnings)]
    return of_scenario(found.scenario, [table(columns, option_rows(options))], notes)


def figure_column(heading: str, name: str, from_width: int = 0) -> Column:
    """Return the column of a figure, blank where it has no value."""
    return Column(
        heading, lambda row: "" if row[name] is None else show_value(name, row[name], brief=True), number=True, from_width=from_width
    )


def _gpus_band(row: OptionData) -> str:
    """Return the GPUs over the model's error."""
    band = row["bands"].get("gpus")
    return show_band("gpus", row["gpus"], band["p5"], band["p95"]) if band else ""


# From so many columns on the page has room for a band.
_WIDE = 180
BAND = Column("GPUs, p5 to p95", _gpus_band, number=True, from_width=_WIDE)
# An option's marks and the objections to it.
VERDICT = Column("", lambda row: "; ".join(filter(None, [*row["marks"], row["error"]])), wrap=True)


def option_rows(options: list[Option]) -> list[OptionData]:
    """Return each option as a row of its names and values."""
    return [
        {
            "gpu": option.candidate.gpu,
            "gpus_per_replica": option.candidate.gpus_per_replica,
            "sharded": option.candidate.sharded,
            "guidance_groups": option.candidate.guidance_groups,
            "layout": option.candidate.layout,
            "runtime": option.candidate.runtime,
            "attention_kernel": option.candidate.kernel or None,
            **cast("ShownData", {name: plain(name, option.figures[name]) for name in SHOWN}),
            "bands": _bands(option),
            "chance": option.candidate.verdict.target if option.candidate.verdict else None,
            "fits": option.fits,
            "evidence": option.candidate.evidence,
            "marks": list(option.marks),
            "against": dict(option.against),
            "error": "; ".join(map(str, option.candidate.objections)) or None,
            "verdict": verdict_data(option.candidate.verdict) if option.candidate.verdict else None,
        }
        for option in options
    ]


def _bands(option: Option) -> dict[str, OptionBand]:
    """Return the ends over the model's error of those of an option's figures that it moves; p95 is null beyond the worst."""
    found = {name: option.bands.get(name, NO_BAND) for name in SHOWN}
    return {name: {"p5": plain(name, band[0]), "p95": plain(name, band[2])} for name, band in found.items() if band != NO_BAND}


def best_sentence(found: Options) -> str:
    """Return the cheapest candidate to which nothing objects, with its GPUs and cost; where each has an objection, the nearest with its own."""
    best = found.best
    able = [option for option in found.options if option.candidate.verdict and option.candidate.verdict.able]
    if best is None and all({LATENCY, AT_RISK} & {*option.against} for option in able):
        return f"No GPU, group size, or runtime tested meets {found.target} with a chance of {100 * SURE:.0f}%."
    if best is None:
        nearest = found.options[0].candidate
        return f"Each GPU has an objection; the nearest is {nearest.gpu}: {'; '.join(map(str, nearest.objections))}."
    figures = {name: value or 0.0 for name, value in best.figures.items()}
    group = f" x {best.gpus_per_replica}" if best.gpus_per_replica > 1 else ""
    meets = f" that meets {found.target}" if found.scenario.promises else " without an objection"
    return (
        f"{best.gpu}{group} is the cheapest{meets}, with runtime {best.runtime} and kernel {best.kernel}: "
        f"{show(figures['gpus'], 'gpu')}, {show(figures['cost_per_month'], 'USD')} per month always on, "
        f"GPUs {show(figures['gpu_cost_following'], 'USD')} autoscaled"
    )


def options_answer(found: Options, report: Callable[[Page], Report], document: Callable[[], Doc]) -> Rows[Options, Doc, OptionRow]:
    """Return options in all their forms."""
    answer: Rows[Options, Doc, OptionRow] = Rows(found, report, document, plot=lambda: _plot(found, document()))
    answer.codes = lambda index: list(dict.fromkeys(warning.code for warning in found.options[index].warnings))
    return answer


def _plot(found: Options, document: Mapping[str, Any]) -> Plot:
    scenario = found.scenario
    target = scenario.values()["target_latency"] if scenario.settings["target_latency"].origin.by_hand else None
    return options_plot(document, scenario.choices["gpu"].value, target)


def groups_document(found: Options) -> GroupsDocument:
    """Return group sizes as the contract's rows over an axis."""
    return {
        **head("groups", found.scenario.as_of),
        "scenario": scenario_data(found.scenario),
        "axes": ["gpus_per_replica"],
        "rows": option_rows(found.options),
        "warnings": warnings_data(found.warnings),
    }


def groups_answer(found: Options) -> Rows[Options, GroupsDocument, OptionRow]:
    """Return group sizes in all their forms."""
    return options_answer(found, lambda _page: groups_report(found), lambda: groups_document(found))
