"""The plan as a report: the headline, figures by question with their arithmetic, and where a clip's time goes."""

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING

from t2v_capacity.answers.estimate_screen import STAGE_HEADS, part_row, stage_row
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.names import unit_of
from t2v_capacity.assumptions.parts import SHARE, plain_name
from t2v_capacity.assumptions.quantities import digits, show
from t2v_capacity.engine.figures import FIGURES, Figure
from t2v_capacity.forms.formula_text import in_numbers
from t2v_capacity.forms.report import Column, Report, Table, of_scenario, table, warning_lines
from t2v_capacity.forms.values import NAME_WIDTH, SOURCE_WIDTH, in_parts, in_stages, show_ends, show_value, shown_values
from t2v_capacity.formulas import GROUPS
from t2v_capacity.formulas.simulated import SIMULATED
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.mix import PartFigures
from t2v_capacity.questions.estimate import PlanRecord
from t2v_capacity.scenario.settings import Setting, point

if TYPE_CHECKING:
    from t2v_capacity.questions.what_if.days import Measured

HEADLINE = (
    "gpus servers average_utilization gpu_seconds_per_video latency_p95 storage_per_day egress_bandwidth cost_per_month "
    "cost_per_video energy_per_video"
).split()
# Stages of a clip, and the limit of each: the figure of its seconds, and the rate that they come from.
STAGES = {
    "linear_seconds": "compute",
    "attention_seconds": "compute",
    "linear_attention_seconds": "compute",
    "elementwise_seconds": "memory bandwidth",
    "vae_decode_seconds": "",
    "vae_encode_seconds": "",
    "text_encoder_seconds": "",
    "host_seconds": "host",
    "offload_seconds": "host link",
    "communication_seconds": "link between GPUs",
    "starting_seconds": "host",
}


def plan_report(record: PlanRecord, only: Sequence[str] = (), days: "Mapping[str, Measured] | None" = None) -> Report:
    """Return all of a plan as a report, or some of its figures with the warnings that are about them; `days` are simulated."""
    estimate = record.plan
    shown, brief = shown_values(estimate.known), shown_values(estimate.known, brief=True)
    sections = [] if only else [("headline", tuple(_row(estimate, name, shown[name], FIGURES[name].label, "") for name in HEADLINE))]
    for group in GROUPS:
        figures = [f for f in FIGURES.values() if f.group == group and (not only or f.name in only)]
        rows = tuple(_row(estimate, f.name, shown[f.name], _arithmetic(f, estimate, brief, record.parts), f.label) for f in figures)
        sections += [(group, rows)] if rows else []
    about = (warning for warning in estimate.warnings if not only or set(warning.names) & set(only))
    told = warning_lines(about, "--all", everything=not only)
    if only:
        tables = [*([Table(_columns(estimate), tuple(sections))] if sections else ()), *([_days(days)] if days else ())]
        return of_scenario(estimate.scenario, tables, (*_drawn(estimate), *_of_days(estimate, only, days), *told))
    tables = [
        Table(_columns(estimate), tuple(sections)),
        *parts_of_mix(estimate),
        *stages_of_clip(estimate),
        stages(estimate),
        _assumptions(estimate, shown),
    ]
    return of_scenario(estimate.scenario, tables, (*_gap(estimate), *_drawn(estimate), *told))


def _days(days: "Mapping[str, Measured]") -> Table:
    """Return what days were simulated for."""
    columns = (
        Column("simulated", itemgetter(0)),
        Column("value", lambda one: show(one[1].value, unit_of(one[0])), number=True),
        Column("standard error", lambda one: show(one[1].error, unit_of(one[0])), number=True),
        Column("meaning", lambda one: SIMULATED[one[0]].label, from_width=NAME_WIDTH, wrap=True),
    )
    return table(columns, days.items(), "Simulated days")


def _of_days(estimate: Estimate, only: Sequence[str], days: "Mapping[str, Measured] | None") -> Iterator[str]:
    """Say of which days simulated waits are, or why there are none."""
    if days:
        curve = "day_curve" if estimate.scenario.day_curve else f"a cosine, its peak {digits(estimate.known['zoned_peak'])} times the mean"
        yield f"simulated days: {curve}, seed 1, the predicted seconds as they are; formulas are of the peak hour of a steady queue"
    elif days is not None:
        yield "no day is simulated: the queue never ends, or the plan cannot run"
    elif not FIGURES.keys() >= {*only}:
        yield "days are simulated with NumPy: pip install 't2v-cap[ranges]'"


def parts_of_mix(plan: Estimate) -> Iterator[Table]:
    """Yield the parts of a mix, with what each has of its own."""
    if plan.parts:
        own = {part.name: part.given for part in plan.scenario.parts}
        columns = (
            *(
                Column(head, itemgetter(place), number=place > 0)
                for place, head in enumerate(("part", "share", "time", "p95", "USD/video", "GPUs"))
            ),
            Column("of its own", itemgetter(-1), wrap=True),
        )
        rows = [(*part_row(part), ", ".join(_own(own[part.name]))) for part in plan.parts]
        yield table(columns, rows, "Parts of the mix")


def stages_of_clip(plan: Estimate) -> Iterator[Table]:
    """Yield the stages of the plan's clips, or of each part's."""
    made = [(part.name, part.stages) for part in plan.parts] or [("", plan.stages)]
    rows = [((f"{name}.{stage.name}").strip("."), *stage_row(stage)[1:]) for name, stages in made for stage in stages]
    if rows:
        heads = ("stage", *(head.heading for head in STAGE_HEADS[1:]))
        yield table([Column(head, itemgetter(place), number=place > 0) for place, head in enumerate(heads)], rows, "Stages of a clip")


def _own(given: Mapping[str, Setting]) -> Iterator[str]:
    for name, setting in given.items():
        if (plain := plain_name(name)) != SHARE:
            yield f"{plain} {show_value(name, point(name, setting.value))}"


def _columns(estimate: Estimate) -> tuple[Column, ...]:
    meaning = Column("meaning", from_width=NAME_WIDTH, wrap=True)
    if not estimate.bands:
        return Column("figure"), Column("value", number=True), Column("arithmetic", cut=True), meaning
    return (
        Column("figure"),
        Column("value", number=True),
        Column("5 % to 95 %", number=True),
        Column("arithmetic", from_width=NAME_WIDTH, cut=True),
        meaning,
    )


def _row(estimate: Estimate, name: str, value: str, arithmetic: str, meaning: str) -> tuple[str, ...]:
    """Return a figure's row, with its band where there are bands."""
    if not estimate.bands:
        return name, value, arithmetic, meaning
    low, _middle, high = estimate.bands[name]
    return name, value, "" if low == high else show_ends(name, low, high), arithmetic, meaning


def _drawn(estimate: Estimate) -> Iterator[str]:
    if estimate.bands and not estimate.samples:
        error = estimate.model_error
        yield f"bands: the model's error, {error.low:.2f} to {error.high:.2f} times the predicted seconds, class {error.kind}; nothing else has a range"
    elif estimate.bands:
        yield f"ranges: {', '.join(estimate.ranges)}; {estimate.samples} draws, seed {estimate.seed}; a value is the plan at the medians"


def _arithmetic(figure: Figure, estimate: Estimate, shown: Mapping[str, str], parts: Sequence[PartFigures]) -> str:
    pin = estimate.scenario.pins.get(figure.name)
    if pin:
        return f"pinned, {pin.source or pin.origin}"
    if figure.stages and estimate.stages and not parts:
        return in_stages(figure, estimate.stages)
    return in_parts(figure, parts) if figure.mix and parts else in_numbers(figure, shown)


def _gap(estimate: Estimate) -> Iterator[str]:
    """Say in one line why the rule of thumb and the physical model differ."""
    figures, values = estimate.figures, estimate.stages[-1].values if estimate.stages else estimate.values
    thumb, fleet = figures["rule_of_thumb_gpus"], figures["gpus"]
    attention, work = figures["attention_flops_per_pass"], figures["flops_per_pass"]
    if not thumb or not fleet or attention is None or not work:
        return
    yield (
        f"rule of thumb: {digits(thumb)} GPUs, and {show(fleet, 'gpu')} by the physical model, {digits(fleet / thumb)} times as many: the rule "
        f"counts one token a frame ({digits(figures['frames_per_video'] or 0)} a clip; the model sees {digits(figures['visual_tokens'] or 0)}), "
        f"one pass a step (it takes {digits(values['passes_per_step'])}), no attention ({digits(100 * attention / work)}% of the FLOPs) "
        f"and the whole peak"
    )


def stages(estimate: Estimate) -> Table:
    """Return where the seconds of a clip on one GPU go, and what bounds each stage."""
    seconds = {name: estimate.figures[name] or 0 for name in STAGES}
    total = sum(seconds.values())
    columns = (
        Column("stage of a clip on one GPU", lambda name: FIGURES[name].label),
        Column("time", lambda name: show(seconds[name], "second"), number=True),
        Column("share", lambda name: f"{digits(100 * seconds[name] / total)}%", number=True),
        Column("bound by", lambda name: STAGES[name] or _bound(name, estimate)),
    )
    return table(columns, sorted(filter(seconds.get, seconds), key=lambda name: -seconds[name]))


def _bound(name: str, estimate: Estimate) -> str:
    """Return the rate that limits a stage: arithmetic or memory."""
    values, figures = estimate.values, estimate.figures
    if name == "text_encoder_seconds":
        reading = (figures["text_encoder_size"] or 0) * values["passes_per_step"] / values["memory_bandwidth"]
        return "memory bandwidth" if reading >= (figures[name] or 0) * (1 - 1e-9) else "compute"
    moving = values["vae_bytes_per_pixel"] * values["vae_bytes_factor"] * (figures["decoded_pixels"] or 0) / values["memory_bandwidth"]
    rate = values["vae_peak_flops"] * values["vae_efficiency"] * values["vae_matrix_fill"] * values["sustained_share"]
    return "compute" if (figures["vae_decode_flops"] or 0) / rate >= moving else "memory bandwidth"


def _assumptions(estimate: Estimate, shown: Mapping[str, str]) -> Table:
    columns = (
        *(Column("assumption", itemgetter(0)), Column("value", lambda given: shown[given[0]], number=True)),
        Column("origin", lambda given: str(given[1].origin)),
        Column("source", lambda given: given[1].source, from_width=SOURCE_WIDTH, cut=True),
    )
    return table(columns, estimate.scenario.settings.items(), "Assumptions", section=lambda given: ASSUMPTIONS[given[0]].section)
