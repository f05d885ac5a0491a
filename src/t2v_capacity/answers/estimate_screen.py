"""The first screen of a plan: what it is of, the answer in a sentence, nine figures, and five lines.

The lines say why, what else and how sure.
"""

import math
import re
from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from t2v_capacity.answers.estimate_figures import SHOWN_LINK, WIDTH, figures_table, parts_of_mix, stages_of_clip
from t2v_capacity.answers.estimate_lines import BLANK, lines_below, product_of, shown_warnings
from t2v_capacity.assumptions.quantities import digits, show, with_commas
from t2v_capacity.forms.report import Column, Report, Table, conventions, table
from t2v_capacity.forms.title import price_text, title
from t2v_capacity.forms.values import label_of, show_ends, show_headline
from t2v_capacity.plan.advice import remedy_text
from t2v_capacity.plan.candidates import HOW, LARGEST_OF, PRICE, SIZED_BY, Driver, sizes_of
from t2v_capacity.plan.estimate import Estimate, computed
from t2v_capacity.plan.evidence import FACTOR
from t2v_capacity.plan.trials import change, trials
from t2v_capacity.plan.verdict import AT_RISK, LATENCY, at_limit, overfull, serves_nothing, short_of_memory
from t2v_capacity.questions.estimate import PlanRecord
from t2v_capacity.scenario.load import with_flags

if TYPE_CHECKING:
    from t2v_capacity.questions.review.check import CheckLine

# Text kept on one line: the legend of the title's marks, commands, and flags.
_WHOLE = re.compile(r"`[^`]*`|\([*!] [^)]*\)|--[^;|()]*[^;|()\s]")
# The width of a page that folds lines by itself, and of the word that begins a line.
_NEVER, _HEAD = 10_000, 9
# So many inputs that move the answer are named, so many changes that save, and so many that mend it.
_CHECKS, _SAVINGS, _CURES = 2, 2, 3
# The fleet is moved much by a quarter.
_MUCH = math.log(1.25)
# How often a screen that is too long is made shorter; its lines, and those more of a table of parts or stages.
_DROPS, _LINES, _INNER = 4, 28, 10
# Inputs by the words of a line, and the unit of their other value.
_LABELS = {
    PRICE: ("GPU price", ""),
    "videos_per_user_per_day": ("clips per user", " per day"),
    "dau": ("users", ""),
    "duration": ("clip length", ""),
    "peak_to_average": ("daily peak", " times the average"),
    "max_utilization": ("share of GPUs in use", ""),
    SIZED_BY: ("spare room", ""),
    FACTOR: ("speed", ""),
}
# Objections that stand before the answer.
_TROUBLE = {LATENCY: "TARGET MISSED", AT_RISK: "AT RISK"}


def screen(record: PlanRecord, width: int | None = None, *, aligned: bool = True) -> Report:
    """Return the first screen: its tables are budgets, figures, and parts or stages.

    `aligned` puts a name and its value in one column of a page whose letters have one width. Where its screen is too
    long, it drops a check, the second saving and the cost of GPUs that follow demand, in this order. A check of a price
    is dropped before one that moves GPUs by a quarter.
    """
    if not aligned:
        return _screen(record, _NEVER, 0)
    most = _LINES + _INNER if record.plan.scenario.inner else _LINES
    for dropped in range(_DROPS):
        report = _screen(record, width or WIDTH, dropped)
        if _height(report) <= most:
            break
    return report


def _screen(record: PlanRecord, columns: int, dropped: int) -> Report:
    """Return the screen of a page of so many columns, without so many of what it may drop."""
    plan, aligned = record.plan, columns != _NEVER
    first, *others = _title_lines(plan, columns)
    named = _checks(record)[:_CHECKS]
    if dropped:  # what moves the fleet much takes the place of a price, which moves the bill alone
        fleet = [(size, text) for size, text in named if size < -_MUCH and "times the GPUs" in text]
        named = [*fleet, *named][:1]
    checks = [*_lines("check", [text for _size, text in named], columns)]
    savings = _SAVINGS - (dropped > 1)
    below = [
        line
        for word, texts in lines_below(record, columns - _HEAD, savings=savings, following=dropped < _DROPS - 1)
        for line in _lines(word, texts, columns)
    ]
    paragraphs, foot = [*checks, *below], conventions(plan.values["days_per_month"], plan.scenario.as_of)
    if aligned:
        others += checks
        paragraphs, foot = [], "\n".join((*below, foot))
    inner = parts_of_mix(plan, record.apis) if plan.parts else stages_of_clip(plan)
    return Report(
        first,
        "\n".join(others),
        (*_budgets(record), figures_table(plan, columns, aligned=aligned), *inner),
        paragraphs,
        foot,
        alerts=[*_trouble(record, columns)],
        lead=[*_answer(plan, columns)],
    )


def _height(report: Report) -> int:
    """Return the lines of a screen."""
    blocks: list[Sequence[object]] = [[report.title, *report.subtitle.split("\n")], report.alerts, report.lead]
    blocks += [section for table in report.tables for section in table.sections.values()]
    headings = sum(any(table.headings) for table in report.tables)
    return headings + sum(len(block) + 1 for block in blocks if block) + len(report.footer.split("\n"))


# ------------------------------------------------------------------------------------------ the title and what moves it


def _title_lines(plan: Estimate, width: int) -> Iterator[str]:
    """Yield the plan's name with its clip; then its GPUs and software, price and peak."""
    scenario, known = plan.scenario, plan.known
    clip, fleet = title(scenario, known)
    whole = f"{scenario.name}: {clip}"
    if not scenario.file:  # its name would say the model and the GPU twice
        yield from _folded(clip, width)
    else:
        yield from [whole] if len(whole) <= width else [scenario.name, *_folded(clip, width)]
    marks = ["* default"] if "*" in clip + fleet else []
    if scenario.pins:
        marks.append("! pinned")
    yield from _folded(f"{fleet} ({', '.join(marks)})" if marks else fleet, width)


def _checks(record: PlanRecord) -> list[tuple[float, str]]:
    """Return the inputs that move the plan most, a default with a star; the largest first."""
    if serves_nothing(record.plan.known):
        return []
    return sorted((*_only_seller(record.plan), *_ranges(record), *_defaults(record)))


def _only_seller(plan: Estimate) -> Iterator[tuple[float, str]]:
    """Yield that a list price is that of a single seller; it stands first, since nothing says how far it is off."""
    sellers = plan.scenario.catalogue.find("gpus", plan.scenario.option("gpu")).about.get("sellers")
    if plan.scenario.at_list_price and sellers == "1":
        yield -math.inf, f"GPU price*: one seller asks {price_text(plan.known[PRICE])} USD per hour"


def _ranges(record: PlanRecord) -> Iterator[tuple[float, str]]:
    """Yield the ranges of the plan, each with what its ends make of the fleet, or of the bill."""
    for name, inputs in record.ranged.items():
        for figure in LARGEST_OF:
            ends, point = inputs.get(figure), record.plan.figures[figure]
            if ends and point and ends.at_low and ends.at_high and (ends.swing or 0.0) > point * (SHOWN_LINK - 1):
                factors = sorted((ends.at_low / point, ends.at_high / point))
                text = " to ".join(digits(factor, 2) for factor in factors)
                takes = _effect(record.plan, "takes", figure, text, max(ends.at_low, ends.at_high))
                yield _size(*factors), f"{_label(name)}: {show_ends(name, ends.low, ends.high)} {takes}"
                break


def _defaults(record: PlanRecord) -> Iterator[tuple[float, str]]:
    """Yield the defaults with another usual value; those of how a clip is made are savings, and stand elsewhere."""
    for name in dict.fromkeys(driver.name for driver in record.drivers if driver.name not in HOW):
        alike = [driver for driver in record.drivers if driver.name == name]
        factors_of, line = alike[0].figures, f"{_label(name)}*: "
        if alike[0].overloads:
            yield -math.inf, f"{line}{_instead(alike[0])}, would overload the fleet"
            continue
        figure = next((figure for figure in LARGEST_OF if abs(factors_of.get(figure, 1.0) - 1) > SHOWN_LINK - 1), "")
        if figure:
            factors = [driver.figures[figure] for driver in alike]
            yield _size(*factors), line + _other_value(record.plan, alike, figure)


def _other_value(plan: Estimate, alike: Sequence[Driver], figure: str) -> str:
    """Return the other values of a default, and what they make of a figure."""
    name, factor = alike[0].name, digits(alike[0].figures[figure], 2)
    if name == PRICE:
        prices = plan.scenario.sellers.values()
        return f"sellers ask {min(prices):.2f} to {max(prices):.2f} USD per hour"
    if name == SIZED_BY:
        return f"for the latency target alone it takes {factor} times the GPUs"
    effect = _effect(plan, "would take", figure, factor, alike[0].trial.figures["gpus"])
    return f"{_instead(alike[0])}, {effect}"


def _instead(driver: Driver) -> str:
    """Return the other value of a default, and its own."""
    _label, per = _LABELS.get(driver.name, ("", ""))
    return f"{driver.other}{per}, not {driver.value.partition(' ')[0]}"


def _effect(plan: Estimate, takes: str, figure: str, factors: str, gpus: float) -> str:
    """Return what other values of an input make of the fleet, or of the bill; a fleet at its limit may need more."""
    if figure == LARGEST_OF[0]:
        return f"{takes} {factors}{' or more' if at_limit(plan.known, gpus) else ''} times the GPUs"
    return f"{takes.replace('take', 'cost')} {factors} times as much"


def _label(name: str) -> str:
    """Return an input in the words of a line."""
    return _LABELS.get(name, (label_of(name), ""))[0]


def _size(*factors: float) -> float:
    """Return how far apart an input's values bring the fleet or the bill, as a negative logarithm."""
    return math.log(min(*factors, 1.0) / max(*factors, 1.0))


# ----------------------------------------------------------------------------------------------------------- the answer


def _trouble(record: PlanRecord, width: int) -> Iterator[str]:
    """Yield what speaks against the plan, with the changes that mend it."""
    plan = record.plan
    overload = shown_warnings(plan).get("overloaded")
    objections = [
        f"{_TROUBLE[objection.code]}: {objection.message}"
        for objection in plan.verdict.objections
        if objection.code in _TROUBLE
    ]
    if overload and not serves_nothing(plan.known):
        objections.insert(0, f"OVERLOADED: {overload.message}")
    if overfull(plan.known):
        objections.append(f"{plan.verdict.memory.upper()}: {short_of_memory(plan.known)}")
    for text in objections:
        yield "\n".join(_folded(f"{text}.", width))
    cures = [remedy for remedy in record.remedies if not remedy.makes_another_picture][:_CURES]
    cures += [remedy for remedy in record.remedies if remedy.makes_another_picture][:1]
    if cures and objections:
        text = " | ".join(remedy_text(plan, remedy) for remedy in cures)
        yield "\n".join(_folded(text, width, "cure"))


def _answer(plan: Estimate, width: int) -> Iterator[str]:
    """Yield the plan's answer in a few sentences; nothing if it cannot run."""
    if serves_nothing(plan.known):
        return
    gpus, latency, cost = (show_headline(name, plan.figures) for name in ("gpus", "latency_p95", "cost_per_month"))
    if plan.figures["latency_p95"] is None:
        bill = f" cost {cost} per month" if plan.figures["cost_per_month"] else ""
        yield f"{gpus}{bill}; no p95 latency."
        return
    answer = _of_streams if plan.scenario.streams else _of_clips
    sentences = [*answer(plan, gpus, latency)]
    high = plan.bands.get("gpus", (None,))[-1]
    if high and high > plan.known["gpus"]:
        sentences.append(_at_most(plan, high))
    elif plan.scenario.streams and FACTOR in plan.ranges:
        sentences.append(_slow_end(plan))
    for sentence in sentences:
        yield from _folded(with_commas(sentence), width)


def _of_streams(plan: Estimate, gpus: str, latency: str) -> Iterator[str]:
    """Yield what a fleet carries, how fast, and when the first frame comes."""
    known = plan.known
    streams, sessions = digits(known["peak_sessions"]), digits(known["sessions_per_replica"])
    made, played = digits(known["generated_fps"]), digits(known["generated_fps"] / known["playing_speed"])
    yield f"{gpus} carry {streams} streams at the peak, {sessions} on each replica."
    yield f"A replica makes {made} frames per second, and a stream plays {played}."
    yield f"The first frame comes within {latency} for 19 of 20."


def _of_clips(plan: Estimate, gpus: str, latency: str) -> Iterator[str]:
    """Yield how many clips a fleet makes, and when they are ready."""
    known = plan.known
    clips = show(known["delivered_per_day"], "video/day", brief=True)
    if known["served_share"] < 1:
        clips += f" of {show(known['delivered_per_day'] / known['served_share'], 'video/day', brief=True)}"
    later = known["deferrable_share"]
    whose = " of each part" if plan.parts else ""
    if later > 0:
        whose = " of those that cannot wait"
    yield f"{gpus} deliver {clips} clips per day; 95%{whose} are ready within {latency}."
    if later > 0:
        yield f"The other {show(later, 'share')} wait for quiet hours: `--only waiting` simulates how long."


def _at_most(plan: Estimate, high: float) -> str:
    """Return the GPUs that are enough, with what that is over; or that the limit of GPUs is reached before."""
    most = show(high, "gpu")
    limited = at_limit(plan.known, high)
    if plan.samples:
        inputs = ", ".join(map(_label, plan.ranges))
        if limited:
            return f"Over 1 of 20 draws ({inputs}) reach the limit of {most}, and may need more."
        return f"19 of 20 draws ({inputs}) need at most {show(high, 'gpu', brief=True)}."
    longer = f"If {product_of(plan)} take {plan.verdict.error.high:.2f} times as long as predicted"
    if limited:
        return f"{longer}, the limit of {most} is reached."
    if plan.verdict.error.promised:
        return f"If demand is as assumed, {most} carry it 19 times in 20."
    return f"{longer}: {most}."


def _slow_end(plan: Estimate) -> str:
    """Return what plays a stream that takes as long as its error allows, where the plan does not; else nothing."""
    longest = plan.ranges[FACTOR].high
    slow = with_flags(plan.scenario, numbers={FACTOR: longest})
    if not serves_nothing(computed(slow)):
        return ""
    longer = f"If streams take {longest:.2f} times as long as predicted, none plays without a stop"
    own = plan.known["gpus_per_replica"]
    groups = [change(gpus_per_replica=f"{size}") for size in sizes_of(slow) if size > own]
    for larger in trials(slow, groups, ("gpus",)):
        if larger.figures.get("gpus", 0.0) > 0:
            return f"{longer}: `{larger.change}` then does, on {show(larger.figures['gpus'], 'gpu')}."
    return f"{longer}, nor on larger groups."


def _budgets(record: PlanRecord) -> Iterator[Table]:
    """Yield the plan's budgets, those that fail first."""
    rows = sorted(record.budgets, key=lambda row: (row.passed, not row.at_risk))
    if rows:
        results = Column("", _budget, wrap=True, widest=WIDTH)
        yield table((Column("", "result"), Column("", "name"), results), rows)._replace(headed=True)


def _budget(row: "CheckLine") -> str:
    """Return a budget's value; of one that fails or is at risk its distance too, and the first change that keeps it."""
    if row.value is None:
        return "none"
    return row.measured_text if row.passed and not row.at_risk else f"{row.measured_text}, {row.message}"


# ------------------------------------------------------------------------------------------------------------ its lines


def _lines(word: str, texts: Sequence[str], width: int) -> Iterator[str]:
    """Yield texts below one word, which begins the first line alone."""
    if width == _NEVER and texts:
        yield f"{word}: {'; '.join(texts)}"
        return
    for place, text in enumerate(texts):
        yield from _folded(text, width, " " if place else word)


def _folded(text: str, width: int, word: str = "") -> Iterator[str]:
    """Yield a text in lines of at most `width` columns; `word` begins the first, and the others are indented.

    A page that folds lines by itself has one line.
    """
    head = f"{word:<{_HEAD}}" if word else ""

    def unbroken_text(match: re.Match[str]) -> str:
        return match[0].replace(" ", BLANK) if len(match[0]) <= width - len(head) else match[0]

    lines = wrap(
        _WHOLE.sub(unbroken_text, text),
        width,
        initial_indent=head,
        subsequent_indent=" " * len(head) or "  ",
        break_on_hyphens=False,
        break_long_words=False,
    )
    yield from (line.replace(BLANK, " ") for line in lines)
