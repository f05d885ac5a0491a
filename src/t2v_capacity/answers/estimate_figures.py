"""Figures of a plan: those of the first screen, the parts of a mix, the stages of a clip, and their arithmetic."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from t2v_capacity.assumptions.parts import SHARE
from t2v_capacity.assumptions.quantities import digits, parse, second_text, show, with_commas
from t2v_capacity.engine.figures import FIGURES, Figure
from t2v_capacity.forms.formula_text import in_numbers
from t2v_capacity.forms.report import Column, Table, numbers, optional_numbers, table, with_minimum_widths
from t2v_capacity.forms.values import headline_like, show_band, show_brief, show_headline, show_value, shown_values
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.tree import PartFigures, counts
from t2v_capacity.plan.verdict import promised, renting_in_words, serves_nothing
from t2v_capacity.questions.search.apis import MakeOrBuy, PartPrice

WIDTH = 80  # columns of a screen: it has room for remarks, and for the GPUs of a part that is sold
# The seconds of a clip by stage.
SECONDS_OF = (
    "attention_seconds",
    "linear_attention_seconds",
    "linear_seconds",
    "elementwise_seconds",
    "vae_decode_seconds",
    "vae_encode_seconds",
    "offload_seconds",
    "fixed_seconds",
    "communication_seconds",
    "starting_seconds",
)
_MOST = {"max": "maximum", "min": "minimum"}


def arithmetic(figure: Figure, plan: Estimate, shown: Mapping[str, str]) -> str:
    """Return a figure in numbers: how it follows from the parts of a mix, the stages of a clip, or its formula."""
    if figure.mix and plan.parts:
        return _in_parts(figure, plan.parts)
    if figure.stages and plan.stages and not plan.parts:
        return _in_stages(figure, plan.stages)
    return in_numbers(figure, shown, plan.known)


def _in_parts(figure: Figure, parts: Sequence[PartFigures]) -> str:
    """Return in numbers how a figure of a mix follows from its parts: the mean by share, the most or the least."""
    shared = [part for part in parts if part.share]
    quantities = [show_value(figure.name, part.figures[figure.name]) for part in shared]
    if figure.mix == "mean":
        return " + ".join(
            f"{show_value(SHARE, part.share)} x {quantity}" for part, quantity in zip(shared, quantities, strict=True)
        )
    return f"{_MOST[figure.mix]}({', '.join(quantities)})"


def _in_stages(figure: Figure, stages: Sequence[PartFigures]) -> str:
    """Return in numbers how a figure of a clip follows from its stages: their sum, the most or the last."""
    amounts = [
        show_value(figure.name, stage.figures[figure.name])
        for stage in stages
        if counts(figure.name, decodes=stage.decoded)
    ]
    if figure.stages == "last":
        return f"{amounts[-1]} of {stages[-1].name}"
    return " + ".join(amounts) if figure.stages == "sum" else f"{_MOST['max']}({', '.join(amounts)})"


def parts_of_mix(plan: Estimate, apis: MakeOrBuy | None) -> Iterator[Table]:
    """Yield the parts of a mix: what is made, how fast, with how many GPUs and at what cost, in USD.

    Where clips are sold, the table has the price and the margin of each part. Where an API sells clips of the plan's
    model at a part's size, it has the costs of a second to compare. The price of a second gives way on a screen.
    """
    sold = bool(plan.known["revenue_per_video"])
    prices = {part.name: part for part in apis.parts if part.alike} if apis else {}

    columns = [Column("", "name"), numbers("share", lambda part: show(part.share, "share"))]
    if not sold:
        columns.append(numbers("seconds", _of_part("generation_latency")))
    columns += [
        numbers("p95", _of_part("latency_p95")),
        numbers("GPUs", _of_part("gpus"), from_width=WIDTH if sold else 0),
        numbers("USD/clip", _of_part("cost_per_video")),
    ]
    if sold:
        columns += [
            optional_numbers(
                "sold/s",
                lambda part: (
                    digits(part.values["price_per_video_second"]) if part.figures["paid_seconds_per_video"] else "free"
                ),
            ),
            numbers("margin", _of_part("gross_margin")),
        ]
    if prices:
        columns += _make_or_buy(prices)
    elif sold:
        columns.append(numbers("break-even", _of_part("break_even_price")))
    if plan.parts:
        whole = table(with_minimum_widths(columns, plan.parts), plan.parts, section=lambda _part: "parts")
        yield whole._replace(headed=True).fitting(WIDTH)


def _make_or_buy(prices: Mapping[str, PartPrice]) -> Iterator[Column]:
    """Yield what a second of a part costs on GPUs as they are rented, what an API asks for it, and the verdict."""

    def choice(part: PartFigures) -> str:
        price = prices.get(part.name)
        verdicts = {*price.verdict.values()} if price and price.verdict else {""}
        return "depends" if len(verdicts) > 1 else str(verdicts.pop()).removesuffix(" to call")

    yield numbers("own/s", lambda part: second_text(prices[part.name].own) if part.name in prices else "")
    yield numbers("API/s", lambda part: digits(prices[part.name].alike[0].price) if part.name in prices else "")
    yield Column("or buy", choice)


def _of_part(name: str) -> Callable[[PartFigures], str]:
    """Return what shows a figure of a part, in the unit of its heading."""
    return lambda part: show_brief(name, part.figures[name]).removesuffix(" USD")


def stages_of_clip(plan: Estimate) -> Iterator[Table]:
    """Yield the stages of the plan's clips, or of each part's: at what size, in how many passes and seconds."""
    clips = [(f"{part.name}.", part.stages) for part in plan.parts] or [("", plan.stages)]
    if rows := [_stage_row(prefix, stage) for prefix, stages in clips for stage in stages]:
        headings = ("frame", "steps", "tokens", "denoising", "VAE")
        yield Table((Column(""), *map(numbers, headings)), {"stages": rows}, headed=True)


def _stage_row(prefix: str, stage: PartFigures) -> Sequence[str]:
    """Return a stage as a row: its frame, its steps and passes, its tokens and its seconds.

    The seconds are those of one GPU, before a group shares the VAE.
    """
    values, figures = stage.values, stage.figures
    return (
        f"{prefix}{stage.name}",
        f"{digits(values['width'])}x{digits(values['height'])}",
        f"{digits(values['steps'])} x {digits(values['passes_per_step'])}",
        digits(figures["visual_tokens"]),
        show_value("denoising_seconds", figures["denoising_seconds"]),
        show_value("vae_decode_seconds", figures["vae_decode_seconds"] + figures["vae_encode_seconds"]),
    )


# What a service takes and what it moves, on pages that have room. The bills are the cost of the same GPUs in each way
# to rent them.
_BILLS = ("gpu_cost_per_month", "gpu_cost_following", "gpu_cost_reserved")
TAKES = ("gpus", "latency_p95", "cost_per_month", *_BILLS, "cost_per_video", "cost_per_user", "fleet_power")
MOVES = ("trps", "model_and_encoder_size", "video_size", "storage_per_day", "egress_bandwidth")
# Daily active users from which the lesson's rule of thumb stands on the screen.
_LESSON_SCALE = 100e6
_MINUTE = parse("1 min", "second")
# The least room between a name and its value, and between columns; and the width of a page that has room for bands.
_GAP, _BANDED = 2, 52
# A factor is shown where it is more than this.
SHOWN_LINK = 1.005
# The last part of a remark.
_PART = re.compile(r"[,;:] [^,;:]*$")


def figures_table(plan: Estimate, width: int, *, aligned: bool) -> Table:
    """Return the figures as a table of a page of so many columns; a name and its value are never cut.

    `aligned` puts a name and its value in one column.
    """
    rows = [_row(plan, name) for name in _shown_names(plan)]
    named = max(len(f"{row['name']}{row['value']}") for row in rows) + _GAP
    room = width - named - _GAP
    columns = [Column("", "name"), numbers("value", "value")]
    if aligned:
        columns = [Column("", lambda row: f"{row['name']}{row['value']:>{named - len(row['name'])}}", named=True)]
    if plan.bands:
        room -= _GAP + max(len(row["band"]) for row in rows)
        columns.append(numbers("" if aligned else "p5 to p95", "band", plain=True, from_width=_BANDED))
    columns.append(Column("", lambda row: _within(row["remark"], room), from_width=WIDTH))
    return table(columns, rows)._replace(headed=True)


def _shown_names(plan: Estimate) -> Iterable[str]:
    """Return the figures of the screen that the plan has, in the order of the remarks; pinned ones stand last."""
    runs = not serves_nothing(plan.known)
    called_for = {
        "gross_margin": runs and plan.known["revenue_per_video"],
        "rule_of_thumb_gpus": plan.known["dau"] >= _LESSON_SCALE,
        "storage_per_day": not plan.scenario.streams and (runs or plan.figures["storage_per_day"] is not None),
    }
    names = [name for name in _REMARKS if called_for.get(name, runs or plan.figures[name] is not None)]
    return dict.fromkeys((*names, *plan.scenario.pins))


def _row(plan: Estimate, name: str) -> dict[str, str]:
    """Return a figure as the screen shows it; an exclamation mark follows the name of a pinned one."""
    like = headline_like(name, plan.figures) or plan.figures[name]
    shown = {"value": show_headline(name, plan.figures), "band": show_band(name, like, *plan.bands.get(name, (None,)))}
    if pin := plan.scenario.pins.get(name):
        return shown | {"name": f"{name}!", "remark": f"pinned, {pin.origin}"}
    return shown | {"name": name, "remark": _REMARKS[name](plan)}


def _within(text: str, room: int) -> str:
    """Return a remark without its last parts, those for which a page has no room.

    >>> _within("1B / 86400, all day", 12)
    '1B / 86400'
    """
    while text and len(text) > room:
        text = _PART.sub("", text) if _PART.search(text) else ""
    return text


def _servers(plan: Estimate) -> str:
    """Return the servers, and the GPUs of each."""
    return _arithmetic(plan, "gpus", servers=show(plan.known["servers"], "server")).replace(" x ", " of ")


def _target(plan: Estimate) -> str:
    """Return the latency that was asked for."""
    if plan.scenario.parts:
        return "of the slowest part"
    if not plan.scenario.by_hand("target_latency"):
        return "no target set"
    return f"target {promised(plan.scenario, plan.known['target_latency'])}"


def _renting(plan: Estimate) -> str:
    """Return how the GPUs are rented, and the bill of GPUs that follow the day."""
    known, name = plan.known, "cost_per_month"
    autoscaled = FIGURES[name].of({**known, "gpu_cost_per_month": known["gpu_cost_following"]})
    if math.isnan(known[name] + autoscaled):
        return f"no {'list' if math.isnan(known['gpu_price']) else 'spot'} price of {plan.scenario.option('gpu')}"
    if known["reserved_fraction"] < 1 or autoscaled * SHOWN_LINK >= known[name]:
        return renting_in_words(known)
    return f"{show(autoscaled, 'USD').removesuffix(' USD')} if GPUs follow demand"


def _cost_of_second(plan: Estimate) -> str:
    """Return the cost of a second of a delivered clip, or of a minute of a stream; nothing if it has none."""
    cost, seconds = plan.figures["cost_per_video"], plan.known["delivered_seconds_per_video"]
    if not (cost and seconds):
        return ""
    if plan.scenario.streams:
        minutes = digits(plan.known["duration"] / _MINUTE)
        return f"{digits(cost / seconds * _MINUTE)} per minute watched, streams of {minutes} min"
    return f"{digits(cost / seconds)} per video second"


def _price(plan: Estimate) -> str:
    """Return the price that a clip is sold at; of a mix, the mean of its parts."""
    if plan.parts:
        return f"sold at {digits(plan.known['revenue_per_video'])} USD per clip"
    return f"sold at {digits(plan.known['price_per_video_second'])} USD per second"


def _peak(plan: Estimate) -> str:
    """Return the rate at the peak, or the arithmetic of a level day."""
    if plan.figures["peak_trps"] == plan.figures["trps"] and not plan.known["deferrable_share"]:
        return f"{_arithmetic(plan, 'trps')}, all day"
    return f"{digits(plan.figures['peak_trps'] or 0)} at peak"


def _clips_and_index(plan: Estimate) -> str:
    """Return what is written of clips and of the index; without an index, what a month adds."""
    if not plan.figures["index_storage_per_day"]:
        return f"{show(plan.figures['storage_per_month'] or 0, 'byte')} per month"
    like = headline_like("storage_per_day", plan.figures)
    clips, index = (show(plan.known[f"{part}_storage_per_day"], "byte", like=like) for part in ("interaction", "index"))
    return _arithmetic(
        plan, "storage_per_day", interaction_storage_per_day=clips, index_storage_per_day=f"{index} index"
    )


def _clips_sent(plan: Estimate) -> str:
    """Return the arithmetic of clips that go out once, or the bandwidth of their views."""
    if plan.known["views_per_video"] != 1:
        return f"views {show(plan.figures['view_bandwidth'] or 0, 'bit/s')}"
    return "" if serves_nothing(plan.known) else _arithmetic(plan, "egress_bandwidth")


def _error_of_thumb(plan: Estimate) -> str:
    """Return the error of the rule of thumb; nothing if there are no GPUs to hold it against."""
    thumb, gpus = plan.figures["rule_of_thumb_gpus"], plan.figures["gpus"]
    return with_commas(f"{show(gpus / thumb, 'ratio')} times less than gpus") if thumb and gpus else ""


def _arithmetic(plan: Estimate, name: str, **shown: str) -> str:
    """Return a figure's formula in numbers, as `--all` has it; some of them as they are `shown` on this page."""
    figure = FIGURES[name]
    inputs = {parameter: plan.known[parameter] for parameter in figure.parameters}
    return in_numbers(figure, {**shown_values(inputs, brief=True), **shown}, plan.known)


# What the screen shows of a plan, each figure with its remark: what it follows from, or what to hold it against.
_REMARKS: dict[str, Callable[[Estimate], str]] = {
    "gpus": _servers,
    "latency_p95": _target,
    "cost_per_month": _renting,
    "cost_per_video": _cost_of_second,
    "gross_margin": _price,
    "fleet_power": lambda plan: f"{show(plan.figures['nameplate_power'] or 0, 'watt')} at full draw",
    "trps": _peak,
    "model_and_encoder_size": lambda plan: _arithmetic(plan, "model_and_encoder_size"),
    "storage_per_day": _clips_and_index,
    "egress_bandwidth": _clips_sent,
    "rule_of_thumb_gpus": _error_of_thumb,
}
