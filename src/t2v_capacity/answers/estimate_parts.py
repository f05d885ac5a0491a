"""The parts of a mix and the stages of a clip, as tables."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from t2v_capacity.assumptions.parts import SHARE
from t2v_capacity.assumptions.quantities import digits, second_text, show
from t2v_capacity.engine.figures import Figure
from t2v_capacity.forms.formula_text import in_numbers
from t2v_capacity.forms.report import Column, Table, numbers, table
from t2v_capacity.forms.values import show_brief, show_value
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.tree import PartFigures, counts
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

_SOLD = "sold/s"  # a column that gives way
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
    values = [
        show_value(figure.name, stage.figures[figure.name])
        for stage in stages
        if counts(figure.name, decodes=stage.decodes)
    ]
    if figure.stages == "last":
        return f"{values[-1]} of {stages[-1].name}"
    return " + ".join(values) if figure.stages == "sum" else f"{_MOST['max']}({', '.join(values)})"


def parts_of_mix(plan: Estimate, apis: MakeOrBuy | None) -> Iterator[Table]:
    """Yield the parts of a mix: what is made, how fast, with how many GPUs and at what cost, in USD.

    Where clips are sold, the table has the price and the margin of each part. Where an API sells clips of the plan's
    model at a part's size, it has the costs of a second to compare.
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
        columns += [numbers(_SOLD, _price), numbers("margin", _of_part("gross_margin"))]
    if prices:
        columns += _make_or_buy(prices)
    elif sold:
        columns.append(numbers("break-even", _of_part("break_even_price")))
    if plan.parts:
        yield _fitting(columns, plan.parts)


def _fitting(columns: Sequence[Column], parts: Sequence[PartFigures]) -> Table:
    """Return the table of parts; where it is wider than a screen, without the price of a second."""
    whole, without_price = (
        table(some, parts, section=lambda _part: "parts")._replace(headed=True)
        for some in (columns, [column for column in columns if column.heading != _SOLD])
    )
    width = sum(column + 2 for column in whole.widths()) - 2
    return whole if width <= WIDTH else without_price


def _make_or_buy(prices: Mapping[str, PartPrice]) -> Iterator[Column]:
    """Yield what a second of a part costs on GPUs always on, what an API asks for it, and the verdict."""

    def choice(part: PartFigures) -> str:
        price = prices.get(part.name)
        return price.verdicts[0].removesuffix(" to call") if price else ""

    yield numbers("own/s", lambda part: second_text(prices[part.name].own) if part.name in prices else "")
    yield numbers("API/s", lambda part: digits(prices[part.name].alike[0].price) if part.name in prices else "")
    yield Column("or buy", choice)


def _of_part(name: str) -> Callable[[PartFigures], str]:
    """Return what shows a figure of a part, in the unit of its heading."""
    return lambda part: show_brief(name, part.figures[name]).removesuffix(" USD")


def _price(part: PartFigures) -> str:
    """Return the price of a second of a part's clips that are paid for."""
    return digits(part.values["price_per_video_second"]) if part.figures["paid_seconds_per_video"] else "free"


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
