"""Write the traffic of a trace as a report, as data, and as a scenario that another one extends."""

import re
from collections import defaultdict
from collections.abc import Iterator
from math import exp
from typing import Any

from typing_extensions import TypedDict

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.quantities import digits
from t2v_capacity.errors import count_of, printable
from t2v_capacity.forms.answer import Answer, Page
from t2v_capacity.forms.data import Head, as_yaml, data, document
from t2v_capacity.forms.report import Column, Report, numbers, table
from t2v_capacity.measured.logs.fit import FEWEST_OF_A_CURVE, SPREAD_FROM, Fit, Fitted, Kind
from t2v_capacity.measured.logs.trace import COLUMNS, KIND_BY, MOST_KINDS, PROMPT, UNKNOWN_OUTCOME, Trace, Unread
from t2v_capacity.release import RELEASED, __version__

_WORDS_NAMED = 5

# Kinds whose failed shares are further apart have promises that no share of all kinds can judge.
_FAILS_UNLIKE = 0.02


LineData = TypedDict("LineData", {"line": int, "reason": str})
UnreadData = TypedDict("UnreadData", {"count": int, "first": list[LineData]})
StatusData = TypedDict("StatusData", {"rows": int, "means": str})


class TraceData(TypedDict):
    """A trace, as it was read."""

    file: str
    rows: int
    requests: int
    unread: UnreadData
    unread_durations: UnreadData
    without_zone: int
    without_user: int
    columns: dict[str, str | None]
    statuses: dict[str, StatusData]
    utc_offset_seconds: int
    first_day: str
    last_day: str


class FittedData(TypedDict):
    """An assumption as a trace shows it."""

    value: float
    unit: str
    low: float | None
    high: float | None
    p5_of_days: float | None
    p95_of_days: float | None
    measured: float
    source: str
    note: str


class DayData(TypedDict):
    """A whole day of a trace."""

    day: str
    requests: int
    """Without runs that failed"""
    users: int
    busiest_hour: int
    """Requests in it"""


class FitDocument(Head):
    """What t2v-cap fit --format json writes."""

    trace: TraceData
    assumptions: dict[str, FittedData]
    day_curve: list[float]
    """Rates of equal parts of the average day of the busier kind, from midnight; empty of too few requests"""
    window_seconds: int
    """Of the windows in which requests cluster most"""
    partial_days: list[str]
    """Days of which the trace holds a part or few requests"""
    silent_days: int
    """Days between without a request"""
    rows: list[DayData]
    mix: list[Kind]
    """Kinds of clips, the most asked for first"""
    refused_share: float
    """Of requests: turned away by the service"""
    warnings: list[str]
    notes: list[str]
    scenario: str
    """The text of a scenario that holds the assumptions"""


def overlay(fit: Fit) -> str:
    """Return the scenario that holds the assumptions: to name under `extends:` in another."""
    title = f"Traffic of {fit.trace.file}"
    about = f"{title}, fitted by t2v-cap {__version__}. Name this file under `extends:` in a scenario."
    origin = {"source": source(fit), "as_of": fit.dates[1]}
    known: dict[str, Any] = {"name": title, "abstract": True}
    for fitted in fit.fitted.values():
        curve = fit.day_curve if fitted.name == "peak_to_average" else ()
        # Growth is in percent, for above 1 a bare number is refused.
        amount = f"{digits(100 * fitted.value, 6)}%" if fitted.name == "growth_per_month" else fitted.value
        ends = (
            {"value": [*curve] or amount}
            if fitted.low is None
            else {"low": fitted.low, "mid": fitted.value, "high": fitted.high}
        )
        section = known.setdefault(ASSUMPTIONS[fitted.name].section, {})
        section["day_curve" if curve else fitted.name] = {**ends, **origin, "note": fitted_note(fit, fitted)}
    if fit.mix:  # the most asked for takes the rest of the shares
        shares = [{}, *({"share": {"value": float(digits(kind["share"], 6)), **origin}} for kind in fit.mix[1:])]
        known["mix"] = {kind["name"]: {**share, **_clip(kind)} for kind, share in zip(fit.mix, shares, strict=True)}
    return as_yaml((about, *fit_notes(fit)), known)


def _clip(kind: Kind) -> dict[str, str]:
    """Return what a part of a mix can say of a kind's clips: a size, and a length in seconds."""
    settings = dict[str, str]()
    size, length = (kind["columns"].get(part, "") for part in ("resolution", "length"))
    if re.fullmatch(r"\d{2,5}(x\d{2,5}|p)", size, re.ASCII):
        settings["resolution"] = size
    if (seconds := re.fullmatch(r"(\d+(?:\.\d+)?)\s*s?", length, re.ASCII)) and float(seconds[1]) > 0:
        settings["duration"] = f"{seconds[1]} s"
    return settings


def source(fit: Fit) -> str:
    """Return where the assumptions come from: the file, its rows, its days."""
    first, last = fit.dates
    days = count_of(len(fit.whole), "whole day") if fit.whole else "no whole day"
    return f"{fit.trace.file}, {fit.trace.requests} requests; {days}, {first} to {last}"


def fitted_note(fit: Fit, fitted: Fitted) -> str:
    """Return the origin of an assumption, and the spread of its days."""
    trace, days = fit.trace, len(fit.whole)
    finished = ", without runs that failed" if any(kind != UNKNOWN_OUTCOME for kind in trace.kinds.values()) else ""
    rates = f"{len(fit.day_curve)} rates" if fit.day_curve else "busiest hour"
    burst = digits(fitted.value, 2)
    level = "at the level of the last day" if fit.trend.last else "on average"
    how = {
        "dau": f"different users of a day, {level}",
        "videos_per_user_per_day": f"requests over users of a day{finished}",
        "peak_to_average": f"{rates} of the average {fit.kind_of_day}",
        "day_variability": (
            "coefficient of variation of the days' requests, beyond weekends, growth, chance and bursts"
        ),
        "growth_per_month": f"growth of requests, the trend of {days} days, weekends apart",
        "weekend_level": f"requests of a Saturday or a Sunday over a weekday's, mean of {days} days",
        "arrival_variability": (
            f"how bursty: 1 = independent users; {burst} = as if {burst} arrive together "
            f"(windows of {fit.window_seconds} s)"
        ),
        "service_variability": (
            f"of `{trace.columns.get('duration', '')}`"
            f"{', within each kind of clip' if fit.mix else ''}, runs that failed left out"
        ),
        "rejected_prompt_share": "of requests, runs that failed left out",
        "failed_share": "of runs",
        "rejected_output_share": "of runs that came to an end",
    }
    origin = how[fitted.name]
    if fitted.measured != fitted.value:
        known = ASSUMPTIONS[fitted.name]
        why = "most of it on few days" if known.low <= fitted.measured <= known.high else "out of bounds"
        origin += f"; measured {digits(fitted.measured)}, {why}"
    if fitted.low is not None:
        origin += f"; 5th to 95th percentile of {days} days"
        if fitted.name in ("dau", "videos_per_user_per_day") and "weekend_level" in fit.fitted:
            origin += ", weekends apart"
    return origin


def fit_notes(fit: Fit) -> Iterator[str]:
    """Yield the notes on the trace and the fit."""
    trace = fit.trace
    used = ", ".join(f"{part} {name}" for part, name in trace.columns.items())
    missing = ", ".join(part for part in COLUMNS if part not in (*trace.columns, *KIND_BY))
    others = f"; not read: {', '.join(trace.others)}" if trace.others else ""
    yield f"columns: {used}{f'; none for {missing}' if missing else ''}{others}"
    yield from _unread("row", "can't be read or counted", trace.unread)
    yield from _unread("duration", "can't be read (requests count all the same)", trace.unread_durations)
    yield from _kinds(fit)
    zone = "UTC" if not trace.utc_offset_seconds else f"UTC{trace.utc_offset_seconds / 3600:+g} h"
    if trace.without_zone:
        yield f"{count_of(trace.without_zone, 'time')} without a zone; taken as UTC"
    yield f"days: from midnight to midnight, {zone}{trace.clocks}; {_days(fit)}"
    if fit.silent_days:
        counted = (
            "left out; if the service rests then, a week has less" if fit.weekend else "weekends count as 0 requests"
        )
        yield f"{count_of(fit.silent_days, 'day')} between without a request: {counted}"
    if fit.trend.last:
        yield _growth(fit)
    if fit.day_curve and fit.other_peak > 1:
        yield (
            f"day_curve is of the average {fit.kind_of_day}, but the other days have the busiest hour, "
            f"{digits(fit.other_peak, 3)} times as many requests: plan them apart too"
        )
    yield from _user_notes(fit)
    if "arrival_variability" not in fit.fitted:
        yield "too few requests to see whether they cluster"
    yield from _bursts_of_reruns(fit)
    meanings = {kind: words for kind, words in _meanings(trace).items() if kind != UNKNOWN_OUTCOME}
    if meanings:
        yield f"status: {'; '.join(f'{kind} is {words}' for kind, words in meanings.items())}"
    if PROMPT in meanings:
        yield "rejected_prompt is before any GPU; a word that means after it: `--statuses WORD=rejected_output`"


def _growth(fit: Fit) -> str:
    """Return how fast requests grow or fall, how sure that is, and what is at the last day's level."""
    trend = fit.trend
    if trend.step:
        since = next(day.date for day in fit.whole if day.number >= trend.since)
        times = digits(exp(trend.step), 3)
        return f"requests changed at once, to {times} times: users are those since {since}, with no growth"
    word = "grow" if trend.slope > 0 else "fall"
    month, error = (digits(100 * abs(share), 2) for share in (trend.per_month, trend.error_per_month))
    return (
        f"requests {word} by {month}% per month (standard error {error}%): users are those of {fit.dates[1]}, "
        f"{digits(fit.week_over_mean, 3)} times the mean of the days"
    )


def _bursts_of_reruns(fit: Fit) -> Iterator[str]:
    """Yield a note on bursts that failed runs thinned: of each pair of a click both have to be in it still."""
    bursts, failed = (fit.fitted.get(name) for name in ("arrival_variability", "failed_share"))
    if bursts and failed:
        least, most = (digits(1 + (bursts.value - 1) / share, 2) for share in (1, (1 - failed.value) ** 2))
        if most != least and bursts.value > 1:
            yield f"arrival_variability is {least} if failed runs are run again at once, and up to {most} if later"


def _user_notes(fit: Fit) -> Iterator[str]:
    """Yield notes on users, and on what can't be said of them."""
    if fit.trace.without_user:
        yield f"{count_of(fit.trace.without_user, 'request')} without a user: counted as requests, not toward users"
    if not fit.whole:
        yield "users, requests a user and the peak need a day from midnight to midnight, and are left out"
    elif "dau" not in fit.fitted:
        a_day = sum(day.requests for day in fit.whole) / len(fit.whole) * fit.week_over_mean
        yield (
            "no column names users: set dau and videos_per_user_per_day, "
            f"whose product is {digits(a_day, 4)} requests a day"
        )


def _kinds(fit: Fit) -> Iterator[str]:
    """Yield notes on the kinds of clips, and on requests that the service refused."""
    trace = fit.trace
    if trace.lengths:
        yield (
            f"`{trace.lengths}` has few values, as lengths of clips have: it is no run time. "
            f"Name it: `--columns length={trace.lengths}`, or duration={trace.lengths}"
        )
    if fit.mix:
        kinds = ", ".join(
            f"{kind['name']} {digits(100 * kind['share'])}%"
            f"{f', {digits(took)} s per run' if (took := kind['seconds']) else ''}"
            for kind in fit.mix
        )
        yield f"kinds of clips, each a part of the mix: {kinds}"
        shares = [kind["failed_share"] for kind in fit.mix]
        if max(shares) - min(shares) > _FAILS_UNLIKE:
            failing = ", ".join(f"{kind['name']} {digits(100 * kind['failed_share'])}%" for kind in fit.mix)
            apart = "a mix has one failed_share, so plan these kinds apart (`total --pooled`)"
            yield f"failed runs differ by kind: {failing}; {apart}"
    elif trace.kinds_of_clips > MOST_KINDS:
        yield (
            f"{trace.kinds_of_clips} kinds of clips are too many for a mix; "
            "name the column that says the kind: `--columns kind=NAME`"
        )
    if fit.refused_share or trace.repeats:
        again = f", but for {trace.repeats} more that a user of the log sent again within a minute"
        yield (
            f"refused by the service: {digits(100 * fit.refused_share)}% of requests; "
            f"they are demand, and count as requests{again if trace.repeats else ''}"
        )


def _unread(what: str, how: str, unread: Unread) -> Iterator[str]:
    if unread.count:
        first = "; ".join(f"line {line}: {reason}" for line, reason in unread.first)
        yield f"{count_of(unread.count, what)} {how}: {first}{'; ...' if unread.count > len(unread.first) else ''}"


def _days(fit: Fit) -> str:
    whole = f"{len(fit.whole)} whole"
    partial = " and ".join(fit.partial_days) if fit.whole else ""
    cut = f"; {partial} left out, of which the trace holds a part or few requests" if partial else ""
    few = f"; a range and day_variability need {SPREAD_FROM}" if len(fit.whole) < SPREAD_FROM else ""
    rates = f"; a day_curve needs {FEWEST_OF_A_CURVE} requests of whole days" if not fit.day_curve else ""
    return f"{whole}{cut}{few}{rates}"


def _meanings(trace: Trace) -> dict[str, str]:
    """Return for each meaning of a status the words that have it, each with its rows."""
    meanings = defaultdict[str, list[str]](list)
    for word, count in trace.words.most_common():
        meanings[trace.kinds[word]].append(f"{printable(word) or '(nothing)'} {count}")
    return {
        kind: f"{', '.join(words[:_WORDS_NAMED])}{', ...' if len(words) > _WORDS_NAMED else ''}"
        for kind, words in meanings.items()
    }


def fit_warnings(fit: Fit) -> list[str]:
    """Return what makes a fit doubtful: statuses that are not known, of which no share can be counted."""
    unknown = sum(day.statuses.get(UNKNOWN_OUTCOME, 0) for day in fit.trace.days)
    warning = (
        f"{unknown} of {fit.trace.requests} requests have a status that is not known. They count, but in no share: "
        f"{_meanings(fit.trace).get(UNKNOWN_OUTCOME)}"
    )
    cure = ". `--statuses WORD=done` says what one means; leave out rows of other events, such as a request's steps"
    return [warning + cure] if unknown else []


def _of_days_text(number: float | None) -> str:
    return "" if number is None else digits(number, 4)


_FITTED = (
    Column("assumption", "name"),
    numbers("value", lambda fitted: digits(fitted.value, 4)),
    numbers("5% of days", lambda fitted: _of_days_text(fitted.p5_of_days)),
    numbers("95%", lambda fitted: _of_days_text(fitted.p95_of_days)),
)


def fit_report(fit: Fit, _page: Page) -> Report:
    """Return the assumptions with the spread of their days, and what to know of them."""
    return Report(
        title=fit.trace.file,
        subtitle=f"fitted to {source(fit).removeprefix(fit.trace.file).lstrip(', ')}",
        tables=(table(_FITTED, fit.fitted.values()),),
        paragraphs=(
            *(f"{fitted.name}: {fitted_note(fit, fitted)}" for fitted in fit.fitted.values()),
            *fit_notes(fit),
        ),
        footer=f"t2v-cap {__version__}",
        alerts=[f"WARNING: {text}" for text in fit_warnings(fit)],
    )


def fit_document(fit: Fit) -> FitDocument:
    """Return the traffic of a trace as a JSON document."""
    trace = fit.trace
    return document(
        FitDocument,
        fit,
        "fit",
        RELEASED,
        trace=data(
            TraceData,
            trace,
            columns={part: trace.columns.get(part) for part in COLUMNS},
            statuses={
                printable(word): {"rows": count, "means": trace.kinds[word]}
                for word, count in trace.words.most_common()
            },
            first_day=trace.days[0].date,
            last_day=trace.days[-1].date,
        ),
        assumptions={
            name: data(
                FittedData,
                fitted,
                unit=ASSUMPTIONS[name].unit,
                source=source(fit),
                note=fitted_note(fit, fitted),
            )
            for name, fitted in fit.fitted.items()
        },
        rows=[data(DayData, day, day=day.date, busiest_hour=max(day.hours)) for day in fit.whole],
        warnings=fit_warnings(fit),
        notes=fit_notes(fit),
        scenario=overlay(fit),
    )


FitAnswer = Answer[Fit, FitDocument]


def fit_answer(fit: Fit) -> FitAnswer:
    """Return the traffic of a trace in all forms; its scenario is `overlay(found)`."""
    return Answer(fit, fit_report, fit_document)
