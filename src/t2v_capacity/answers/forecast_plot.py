"""A forecast as a plot: each figure month by month with its band, its limits, and the month in which they are crossed."""

from collections.abc import Iterable, Sequence
from itertools import count

from t2v_capacity.forms.plot import Data, Plot, band, called, limit, line, quantities, ring, ticks
from t2v_capacity.forms.values import label_of, show_brief, show_ends, show_value
from t2v_capacity.plan.conditions import Condition, parse_condition

_TICKS, _PANELS = 6, 6


def forecast_plot(document: Data, shown: Sequence[str], growth: float) -> Plot:
    """Return the plot of the figures that limits are on, else of those shown, else of GPUs."""
    months, limits = document["months"], [parse_condition(text) for text in document["crossed"]]
    asked = [limit.figure for limit in limits] or [name for name in shown if _series(months, name)]
    names = list(dict.fromkeys(asked or ["gpus"]))[:_PANELS]
    bands = f"; band: 5% to 95% of {document['samples']:,} draws" if document["samples"] else "; band: the model's error"
    said = f"Users grow {show_value('growth_per_month', growth)} per month{bands if months[0]['bands'] else ''}"
    plot = Plot(_finding(document, names[0], limits), f"{said} ({_when(months[0])} to {_when(months[-1])})", document, len(names))
    x = [month["month"] for month in months]
    step = next(step for step in count(1) if (len(x) - 1) / step <= _TICKS and (step in (1, 2, 3, 6) or step % 12 == 0))
    for axes, name in zip(plot.panels, names, strict=True):
        y, ends = _series(months, name), [month["bands"].get(name) for month in months]
        line(axes, x, y, label=f"{_when(months[-1])}: {show_brief(name, y[-1])}")
        if ends[0]:
            low, high = ([one[end] for one in ends] for end in ("p5", "p95"))
            band(axes, x, low, high, f"band: {show_ends(name, low[-1], high[-1])}")
        for one in (one for one in limits if one.figure == name):
            of = one.subject.partition("(")[0] if one.percentile else ""
            limit(axes, one.limit, f"{of} limit {show_brief(name, one.limit)}".strip())
            if (month := document["crossed"][one.text]) is not None:
                at = _held(one, months[month], y[month])
                ring(axes, month, at, f"{_when(months[month])}: {show_brief(name, at)}")
        quantities(axes, "y", name, label_of(name))
        ticks(axes, "x", {month["month"]: month["date"] or str(month["month"]) for month in months[::step]})
        called(axes, "x", "" if months[0]["date"] else "month")
    return plot


def _held(limit: Condition, month: Data, value: float | None) -> float:
    """Return the value compared with a limit in a month, if the plot has it; else the limit."""
    if limit.chance is not None:
        return limit.limit
    if limit.percentile is not None and month["bands"].get(limit.figure):
        value = month["bands"][limit.figure].get(f"p{round(100 * limit.percentile)}")
    return limit.limit if value is None else value


def _series(months: Iterable[Data], name: str) -> list[float | None]:
    """Return a figure, or an assumption that moves, month by month; of others nothing."""
    return [part[name] for month in months for part in (month["figures"], month["assumptions"]) if name in part]


def _finding(document: Data, name: str, limits: Sequence[Condition]) -> str:
    months = document["months"]
    if not limits:
        first, last = (_series([month], name)[0] for month in (months[0], months[-1]))
        return f"{show_value(name, last)} in {_when(months[-1])}, {show_brief(name, first)} in {_when(months[0])}"
    limit = min(limits, key=lambda one: len(months) if document["crossed"][one.text] is None else document["crossed"][one.text])
    month = document["crossed"][limit.text]
    if month is None:
        return f"{limit.text} holds until {_when(months[-1])}"
    return f"{limit.text} is crossed in {_when(months[month])}" if month else f"{limit.text} does not hold in {_when(months[0])}"


def _when(month: Data) -> str:
    return month["date"] or f"month {month['month']}"
