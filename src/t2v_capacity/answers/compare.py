"""Report GPUs, or group sizes of one GPU, side by side."""

from dataclasses import replace
from typing import cast

from typing_extensions import TypedDict

from t2v_capacity.answers.compare_plot import options_plot
from t2v_capacity.answers.estimate_document import AdviceData, advice_data
from t2v_capacity.assumptions.names import plain
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.forms.answer import Page, Rows
from t2v_capacity.forms.data import Head, ScenarioData, VerdictData, WarningData, head, scenario_data, verdict_data, warnings_data
from t2v_capacity.forms.plot import Plot
from t2v_capacity.forms.report import Column, Report, left_out, of_scenario, table, warning_lines
from t2v_capacity.forms.values import show_band, show_value
from t2v_capacity.plan.candidates import SHOWN, Candidate, best_or_nearest
from t2v_capacity.plan.uncertain import NO_BAND
from t2v_capacity.plan.verdict import AT_RISK, LATENCY, LIMIT, MEMORY, NO_EVIDENCE, NO_PRICE, PRECISION, SURE
from t2v_capacity.questions.what_if.compare import Option, Options


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


class CompareDocument(Head):
    """What t2v-cap compare --format json writes."""

    scenario: ScenarioData
    axes: list[str]
    """gpu, or gpus_per_replica of one GPU"""
    rows: list[OptionData]
    best: AdviceData | None
    """The cheapest that serves the plan, whatever is shown; null where none does"""
    warnings: list[WarningData]


def _figure_column(heading: str, name: str, from_width: int = 0) -> Column:
    """Return the column of a figure, blank where it has no value."""
    return Column(
        heading, lambda row: "" if row[name] is None else show_value(name, row[name], brief=True), number=True, from_width=from_width
    )


def _gpus_band(row: OptionData) -> str:
    """Return the GPUs over the model's error."""
    band = row["bands"].get("gpus")
    return show_band("gpus", row["gpus"], band["p5"], band["p95"]) if band else ""


# An option's marks and the objections to it.
_VERDICT = Column("", lambda row: "; ".join([*row["marks"], *row["against"]]), wrap=True)
_COLUMNS = (
    Column("gpu", lambda row: row["gpu"]),
    Column("group", lambda row: f"{row['gpus_per_replica']}{' sharded' if row['sharded'] else ''}", number=True),
    Column("layout", lambda row: row["layout"]),
    Column("runtime", lambda row: row["runtime"], from_width=85),
    *(_figure_column("latency", "latency_p95"), _figure_column("GPUs", "gpus")),
    *(_figure_column("a month", "cost_per_month"), _figure_column("a clip", "cost_per_video", 95)),
)
_MORE = (
    Column("GPUs, p5 to p95", _gpus_band, number=True),
    *(_figure_column("autoscaled", "gpu_cost_following"), _figure_column("reserved", "gpu_cost_reserved")),
    *(_figure_column("GPU-seconds", "gpu_seconds_per_video"), _figure_column("energy a clip", "energy_per_video")),
)
_NOTE = "front: no other is both cheaper and faster; sharded: the GPUs of a group divide the weights"
_LAYOUT = "layout: guidance 2 is `--guidance-groups 2`, the rest is split without a flag"
_BILLS = "bills of the GPUs alone: autoscaled, as the day asks for them; reserved, at the cheapest reserve"
# So many options have a row; of more, those that cannot serve, or have no price or evidence, are counted.
_MOST = 12
_COUNTED = {MEMORY, LIMIT, PRECISION, NO_EVIDENCE, NO_PRICE}


def _comparison_report(found: Options, page: Page) -> Report:
    """Return GPUs, or group sizes, as a report, those that something speaks against apart, below."""
    scenario, everything = found.scenario, page.everything or len(found.options) <= _MOST
    options = [option for option in found.options if everything or not _COUNTED & {*option.against}]
    shown = options if everything else options[:_MOST]
    known = bool(scenario.values()["reserved_price"])  # without one the column would repeat the one before it
    without = {"gpu" if found.of_groups else "layout", *([] if known else ["reserved"])}
    columns = (*(one for one in (*_COLUMNS, *(_MORE * page.everything)) if one.heading not in without), _VERDICT)
    rows = table(columns, _option_rows(shown), section=lambda row: "apart" if row["against"] else "to choose from")
    counted, dearer = len(found.options) - len(options), len(options) - len(shown)
    notes = [
        *([f"{counted} more have no price, no evidence or too little memory: --all"] if counted else []),
        *([f"{dearer} more are dearer: --all"] if dearer else []),
        _NOTE,
        *([_LAYOUT] if any(option.candidate.guidance_groups > 1 for option in shown) and found.of_groups else []),
        *([_BILLS] if page.everything else []),
        *left_out(columns, page.width),
        *warning_lines(replace(found, options=shown).warnings, "--all", everything=page.everything),
    ]
    return of_scenario(scenario, [rows], notes)._replace(lead=(_best_sentence(found),))


def _option_rows(options: list[Option]) -> list[OptionData]:
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


def _best_sentence(found: Options) -> str:
    """Return the cheapest candidate to which nothing objects, with its GPUs and cost; where each has an objection, the nearest with its own."""
    best, what = found.best, _what(found)
    able = [option for option in found.options if option.candidate.verdict and option.candidate.verdict.able]
    if best is None and able and all({LATENCY, AT_RISK} & {*option.against} for option in able):
        tested = f"{what} of {able[0].candidate.gpu}" if found.of_groups else f"{what}, group size, or runtime tested"
        return f"No {tested} meets {found.target} with a chance of {100 * SURE:.0f}%."
    if best is None:
        nearest = best_or_nearest(option.candidate for option in found.options)
        return f"Each {what} has an objection; the nearest is {_named(nearest)}: {'; '.join(map(str, nearest.objections))}."
    figures = {name: value or 0.0 for name, value in best.figures.items()}
    meets = f" that meets {found.target}" if found.scenario.promises else " without an objection"
    return (
        f"{_named(best)} is the cheapest{meets}, with runtime {best.runtime} and kernel {best.kernel}: "
        f"{show(figures['gpus'], 'gpu')}, {show(figures['cost_per_month'], 'USD')} per month always on, "
        f"GPUs {show(figures['gpu_cost_following'], 'USD')} autoscaled"
    )


def _what(found: Options) -> str:
    return "group size" if found.of_groups else "GPU"


def _named(one: Candidate) -> str:
    return f"{one.gpu} x {one.gpus_per_replica}" if one.gpus_per_replica > 1 else one.gpu


def compare_document(found: Options) -> CompareDocument:
    """Return GPUs, or group sizes, as the contract's rows over an axis."""
    return {
        **head("compare", found.scenario.as_of),
        "scenario": scenario_data(found.scenario),
        "axes": ["gpus_per_replica" if found.of_groups else "gpu"],
        "rows": _option_rows(found.options),
        "best": advice_data(found.best.trial) if found.best else None,
        "warnings": warnings_data(found.warnings),
    }


@Rows.remade
def compare_answer(found: Options) -> Rows[Options, CompareDocument, OptionRow]:
    """Return GPUs, or group sizes, in all their forms."""
    answer: Rows[Options, CompareDocument, OptionRow] = Rows(
        found, lambda page: _comparison_report(found, page), lambda: compare_document(found), plot=lambda: _plot(found)
    )
    answer.codes = lambda index: list(dict.fromkeys(warning.code for warning in found.options[index].warnings))
    return answer


def _plot(found: Options) -> Plot:
    scenario = found.scenario
    target = scenario.values()["target_latency"] if scenario.settings["target_latency"].origin.by_hand else None
    return options_plot(compare_document(found), scenario.choices["gpu"].value, target)
