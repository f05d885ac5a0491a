"""The parts of a mix and the stages of a clip, as tables."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from t2v_capacity.assumptions.quantities import digits, show
from t2v_capacity.forms.report import Column, Table, numbers, table
from t2v_capacity.forms.values import show_brief, show_value
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.mix import PartFigures
from t2v_capacity.questions.search.apis import MakeOrBuy, PartPrice

REMARKED = 80  # columns of a page that has room for remarks, and for the GPUs of a part that is sold
# The seconds of a clip by stage.
SECONDS_OF = (
    "attention_seconds",
    "linear_attention_seconds",
    "linear_seconds",
    "elementwise_seconds",
    "vae_decode_seconds",
    "vae_encode_seconds",
    "offload_seconds",
    "communication_seconds",
    "starting_seconds",
)


def parts_of_mix(plan: Estimate, apis: MakeOrBuy | None) -> Iterator[Table]:
    """Yield the parts of a mix: what is made, how fast, with how many GPUs and at what cost, in USD.

    Where clips are sold, the price and the margin of each part stand there too. Where an API has the plan's model at a
    part's size, so do the cost of a second on GPUs of one's own, always on, what the API asks, and the verdict.
    """
    sold = bool(plan.known["revenue_per_video"])
    bought = {part.name: part for part in apis.parts if part.alike} if apis else {}
    columns = (
        Column("", "name"),
        numbers("share", lambda part: show(part.share, "share")),
        *((numbers("seconds", _of_part("generation_latency")),) * (not sold)),
        numbers("p95", _of_part("latency_p95")),
        numbers("GPUs", _of_part("gpus"), from_width=REMARKED * sold),
        numbers("a clip", _of_part("cost_per_video")),
        *((numbers("sold/s", _price),) * sold),
        *(_make_or_buy(apis, bought) if apis and bought else ()),
        *((numbers("break-even", _of_part("break_even_price")),) * (sold and not bought)),
        *((numbers("margin", _of_part("gross_margin")),) * sold),
    )
    if plan.parts:
        yield table(columns, plan.parts, section=lambda _part: "parts")._replace(headed=True)


def _make_or_buy(apis: MakeOrBuy, bought: Mapping[str, PartPrice]) -> Iterator[Column]:
    """Yield the columns of what a second of a part costs, of GPUs always on and of an API, and of the verdict."""

    def of(part: PartFigures, shown: Callable[[PartPrice], str]) -> str:
        return shown(bought[part.name]) if part.name in bought else ""

    def verdict(one: PartPrice) -> str:
        return apis.verdict(one.own, one.alike[0].price).removesuffix(" to call")

    yield numbers("own/s", lambda part: of(part, lambda one: digits(one.own, 2)))
    yield numbers("API/s", lambda part: of(part, lambda one: digits(one.alike[0].price)))
    yield Column("or buy", lambda part: of(part, verdict))


def _of_part(name: str) -> Callable[[PartFigures], str]:
    """Return what shows a figure of a part, in the unit of its heading."""
    return lambda part: show_brief(name, part.figures[name]).removesuffix(" USD")


def _price(part: PartFigures) -> str:
    """Return the price of a second of a part's clips that are paid for."""
    return digits(part.values["price_per_video_second"]) if part.figures["paid_seconds_per_video"] else "free"


def stages_of_clip(plan: Estimate) -> Iterator[Table]:
    """Yield the stages of the plan's clips, or of each part's: at what size, in how many passes and seconds."""
    made = [(f"{part.name}.", part.stages) for part in plan.parts] or [("", plan.stages)]
    if rows := [_stage_row(before, stage) for before, stages in made for stage in stages]:
        heads = (Column(""), *(numbers(head) for head in ("frame", "steps", "tokens", "denoising", "VAE")))
        yield Table(heads, {"stages": rows}, headed=True)


def _stage_row(before: str, stage: PartFigures) -> Sequence[str]:
    """Return a stage as a row: its frame, its steps and passes, its tokens and its seconds.

    The seconds are those of one GPU, before a group shares the VAE.
    """
    values, figures = stage.values, stage.figures
    return (
        f"{before}{stage.name}",
        f"{digits(values['width'])}x{digits(values['height'])}",
        f"{digits(values['steps'])} x {digits(values['passes_per_step'])}",
        digits(figures["visual_tokens"]),
        show_value("denoising_seconds", figures["denoising_seconds"]),
        show_value("vae_decode_seconds", figures["vae_decode_seconds"] + figures["vae_encode_seconds"]),
    )
