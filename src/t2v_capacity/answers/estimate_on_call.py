"""The tables for who is on call, as reports and plots: the hours of a day with floor and ceiling, and what if."""

from collections.abc import Iterator, Sequence

from t2v_capacity.assumptions.quantities import digits, show, show_apart
from t2v_capacity.engine.constants import HOURS_PER_DAY, SECONDS_PER_HOUR
from t2v_capacity.forms.answer import Page
from t2v_capacity.forms.plot import ACCENT, PALE, Data, Plot, limit, line, quantities, ticks
from t2v_capacity.forms.report import Column, Table, numbers, table
from t2v_capacity.forms.values import show_value
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.evidence import FACTOR
from t2v_capacity.plan.trials import change
from t2v_capacity.plan.verdict import chance_in_words, promised
from t2v_capacity.questions.estimate import PlanRecord
from t2v_capacity.questions.what_if.failures import Failure
from t2v_capacity.questions.what_if.scaling import Scaling

# A cosine whose peak is more than so many times its mean has hours without a request.
_NO_NIGHT = 2
# From so many seconds on a time is shown in whole seconds, in minutes, and in hours.
_WHOLE, _MINUTES, _HOURS = 10, 300, 7_200
_TICKS = 3  # hours


def _flags_of_rows(rows: Sequence[Failure]) -> Iterator[str]:
    """Yield the flags of each case by its number."""
    for number, row in enumerate(rows):
        if row["flags"]:
            yield f"{number}  {_as_typed(row['flags'])}"


def _as_typed(flags: Sequence[str]) -> str:
    """Return texts after `--set` as a person would type them."""
    return str(change(**dict(text.split("=", 1) for text in flags[1::2])))


def _bills(rows: Sequence[Failure]) -> Iterator[str]:
    """Yield the bill of each remedy by the number of its case, with the flags that follow those of the case."""
    for number, row in enumerate(rows):
        if (remedy := row["remedy"]) and remedy["cost_per_month"] is not None:
            bill = show(remedy["cost_per_month"], "USD/month", brief=True)
            yield f"{number}  {bill}: {_as_typed(remedy['flags'])}"


# scaling


def scaling_tables(record: PlanRecord, _page: Page) -> Iterator[Table | str]:
    """Yield the hours of a day, with those of a weekend day where they differ, and the settings that they ask for."""
    plan, scaling = record.plan, record.scaling
    columns = [
        Column("hour", lambda hour: f"{hour['hour']:02}:00"),
        numbers("requests per hour", lambda hour: _count(hour["requests"], "request")),
        numbers("GPUs needed", lambda hour: _count(hour["gpus"], "gpu")),
        numbers("servers", lambda hour: _count(hour["servers"], "server")),
        numbers("busy", lambda hour: f"{hour['utilization']:.0%}"),
    ]
    if weekend := scaling["weekend"]:
        columns += [
            numbers("weekend", lambda hour: _count(weekend[hour["hour"]]["requests"], "request")),
            numbers("GPUs", lambda hour: _count(weekend[hour["hour"]]["gpus"], "gpu")),
            numbers("busy", lambda hour: f"{weekend[hour['hour']]['utilization']:.0%}"),
        ]
    yield table(columns, scaling["hours"])
    yield Table((Column(""), Column("", wrap=True)), {"": [*_scaling_lines(plan, scaling)]}, headed=True)
    if plan.known["zoned_peak"] > _NO_NIGHT and not plan.scenario.day_curve:
        yield "a cosine of this peak has no request at night: give your own day_curve"


def _scaling_lines(plan: Estimate, scaling: Scaling) -> Iterator[tuple[str, str]]:
    """Yield each setting as its name and a text."""
    known = plan.known
    floor, spares = scaling["floor"], scaling["floor_spares"]
    fleet = f"{show(floor, 'server')}: {_count(floor - spares, 'server')} at work and {_count(spares, 'server')} spare"
    keep = f" keep {promised(plan.scenario, known['target_latency'])}" if scaling["floor_keeps_target"] else ""
    yield "floor", f"{fleet}{keep} at the quietest hour"
    spares = max(0, scaling["ceiling"] - int(known["regions"] * known["servers_per_region"]))
    of_ceiling = f"{_count(spares, 'server')} spare{'' if spares == 1 else 's'}"
    yield "ceiling", f"{show(scaling['ceiling'], 'server')}: the fleet at its peak, {of_ceiling} among them"
    lead, provision = scaling["lead_seconds"], known["provision_time"]
    yield (
        "ask early",
        f"{_span(lead)} before they are needed: {_span(provision)} to get a server, {_span(lead - provision)} to load",
    )
    yield "rule", f"add {_rule(plan, scaling)}"
    for early in scaling["early"]:
        yield (
            "by clock",
            f"ask for {show(early['servers'], 'server')} at {early['at']}: the load then outgrows the rule",
        )
    if (cost := scaling["gpu_cost_per_month"]) is not None:
        line = show(known["gpu_cost_following"], "USD").removesuffix(" USD")
        yield "bill", f"GPUs cost {show(cost, 'USD')} a month by the hours, {line} by a straight line"
    peak = f"{digits(known['zoned_peak'])} times the average"
    if plan.scenario.day_curve:
        yield "day", f"your day_curve, its peak {peak}"
    else:
        yield "day", f"a cosine, its peak {peak}; your own: day_curve"


def _rule(plan: Estimate, scaling: Scaling) -> str:
    """Return what is added above which share: a GPU of several streams is busy with the first of them."""
    taken = "session places are taken" if plan.scenario.streams else "GPUs are busy"
    return f"servers when more than {scaling['add_above']:.0%} of the {taken}"


def _count(number: float, unit: str) -> str:
    """Return a whole number as a table shows it."""
    return show(round(number), unit, brief=True)


def _span(seconds: float) -> str:
    """Return a time in the unit in which it is short."""
    if seconds < _WHOLE:
        return show(seconds, "second", 2)
    if seconds < _MINUTES:
        return show(round(seconds), "second")
    if seconds < _HOURS:
        return f"{digits(seconds / 60, 2)} min"
    return f"{digits(seconds / SECONDS_PER_HOUR, 2)} h"


def _apart(seconds: float, target: float) -> str:
    """Return a time in the unit in which it is short, with more digits where it would read as the target."""
    text = _span(seconds)
    return show_apart(seconds, target, "second") if text == _span(target) else text


def scaling_plot(record: PlanRecord, document: Data) -> Plot:
    """Return the plot of the GPUs that each hour needs, between floor and ceiling, and of the requests."""
    scaling = record.scaling
    floor, ceiling = scaling["floor"], scaling["ceiling"]
    title = f"Floor {show(floor, 'server')}, ceiling {show(ceiling, 'server')}"
    plot = Plot(title, f"Add {_rule(record.plan, scaling)}", document, 2)
    days = {"weekday": scaling["hours"], "weekend": scaling["weekend"]}
    servers, requests = plot.panels
    for (day, hours), color in zip(days.items(), (ACCENT, PALE), strict=True):
        if hours:
            label = day if scaling["weekend"] else "_"
            places = [hour["hour"] for hour in hours]
            line(servers, places, [hour["servers"] for hour in hours], color=color, label=label)
            line(requests, places, [hour["requests"] for hour in hours], color=color)
    quantities(servers, "y", "servers", "servers")
    quantities(requests, "y", "requests", "requests per hour")
    for axes in plot.panels:
        ticks(axes, "x", {hour: f"{hour:02}:00" for hour in range(0, int(HOURS_PER_DAY), _TICKS)})
    limit(servers, ceiling, f"ceiling {_count(ceiling, 'server')}")
    return plot


# failures


def failures_table(record: PlanRecord, page: Page) -> Iterator[Table | str]:
    """Yield what becomes of the fleet in each case, with the flags of the rows if everything is shown."""
    plan, rows = record.plan, record.failures
    target = plan.known["target_latency"]
    ready = "first frame within" if plan.scenario.streams else "done within"
    columns = [
        Column("if this happens", "case", wrap=True),
        numbers("served", lambda row: show_value("served_share", row["served_share"])),
        numbers(ready, lambda row: "-" if row["done_within"] is None else _apart(row["done_within"], target)),
    ]
    if plan.scenario.promises:
        heading = "target kept" if plan.scenario.parts else f"kept: {promised(plan.scenario, target)}"
        columns.append(numbers(heading, lambda row: chance_in_words(row["chance"])))
    columns.append(Column("remedy", _remedy, wrap=True))
    yield table(columns, rows)
    if plan.scenario.promises and plan.ranges.get(FACTOR):
        yield "the last row is the high end of the model's error, and has no error of its own"
    if plan.scenario.by_hand("target_deferred_wait"):
        yield "a remedy keeps target_deferred_wait too"
    if not page.everything:
        yield "flags of the rows: --all (each is the estimate with them)"
        return
    yield "\n".join(("flags of the rows (each is the estimate with them)", *_flags_of_rows(rows)))
    if bills := [*_bills(rows)]:
        yield "\n".join(("bill per month with each remedy", *bills))


def _remedy(row: Failure) -> str:
    """Return a remedy; where none is needed nothing, and where none keeps the target, that."""
    if row["remedy"]:
        return row["remedy"]["text"]
    return "" if row["kept"] else "none of those tried"


_HEIGHT, _BAR = 1.9, 0.36  # inches of the page without bars, and of each


def failures_plot(record: PlanRecord, document: Data) -> Plot:
    """Return the time within which clips are done in each case, against the target."""
    plan, rows = record.plan, record.failures
    missed = f"in {sum(not row['kept'] for row in rows)} of {len(rows)} cases"
    title = f"The latency target is missed or at risk {missed}"
    if not plan.scenario.promises:
        title = f"The fleet does not carry its peak {missed}"
    subtitle = "Done within: 95% of clips; where the peak is overloaded, the longest wait and a clip"
    plot = Plot(title, subtitle, document, height=_HEIGHT + _BAR * len(rows))
    (axes,) = plot.panels
    axes.grid(visible=False, axis="y")
    for row in rows:
        bar = axes.barh(row["case"], row["done_within"] or 0.0, 0.55, color=ACCENT, gid="bar", zorder=2)
        served = f"{row['served_share'] or 0.0:.0%} served"
        label = served if row["done_within"] is None else _span(row["done_within"])
        axes.bar_label(bar, [label], padding=4, size=8.5)
    if plan.scenario.by_hand("target_latency") and not plan.scenario.parts:
        limit(axes, plan.known["target_latency"], "target", upright=True)
    quantities(axes, "x", "latency_p95", "done within")
    axes.set_ylim(len(rows) - 0.5, -0.5)
    return plot
