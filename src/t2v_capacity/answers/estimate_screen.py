"""The first screen of a plan: what it is of, the answer in a sentence, nine figures, and five lines.

The lines say why, what else and how sure.
"""

import math
import re
from collections.abc import Iterator
from textwrap import wrap
from typing import TYPE_CHECKING

from t2v_capacity.answers.estimate_figures import SHOWN_LINK, figures_table
from t2v_capacity.answers.estimate_lines import lines_below, shown_warnings
from t2v_capacity.answers.estimate_parts import parts_of_mix, stages_of_clip
from t2v_capacity.answers.estimate_stream import stream_sentences
from t2v_capacity.assumptions.quantities import digits, show
from t2v_capacity.forms.report import Column, Report, Table, conventions, table
from t2v_capacity.forms.title import title
from t2v_capacity.forms.values import show_ends, show_headline
from t2v_capacity.plan.advice import is_another_picture, remedy_text, troubles
from t2v_capacity.plan.drivers import HOW, LARGEST_OF, PRICE
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.evidence import FACTOR
from t2v_capacity.plan.verdict import AT_RISK, LATENCY, cannot_run, overfull, short_of_memory
from t2v_capacity.questions.estimate import PlanRecord

if TYPE_CHECKING:
    from t2v_capacity.questions.review.check import CheckLine

WIDTH = 80
# Text kept on one line: the legend of the title's marks, commands, and flags; and the stand-in for a blank there.
_WHOLE = re.compile(r"`[^`]*`|\([*!] [^)]*\)|--[^;|(]*[^;|(\s]")
_BLANK = "\0"
# The width of a page that folds lines by itself, and of the word that begins a line.
_NEVER, _HEAD = 10_000, 9
# So many inputs that move the answer are named, and so many changes that mend it.
_MOVERS, _CURES = 2, 3
# Objections that stand before the answer.
_TROUBLE = {LATENCY: "TARGET MISSED", AT_RISK: "AT RISK"}


def screen(record: PlanRecord, width: int | None = None, *, aligned: bool = True) -> Report:
    """Return the first screen: its tables are budgets, figures, and parts or stages.

    `aligned` puts a name and its value in one column of a page whose letters have one width.
    """
    plan = record.plan
    columns = (width or WIDTH) if aligned else _NEVER
    first, *others = _title_lines(plan, columns)
    movers, below = [*_movers(record, columns)], list[str]()
    for word, text in lines_below(record):
        below += _folded(text, columns, word)
    paragraphs, foot = [*movers, *below], conventions(plan.values["days_per_month"], plan.scenario.as_of)
    if aligned:
        others += movers
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
    price_mark = "*" if scenario.at_list_price else ""
    price = "" if math.isnan(known[PRICE]) else f"; {digits(known[PRICE], 4)} USD/h{price_mark}"
    peak_mark = "" if scenario.settings["peak_to_average"].origin.by_hand else "*"
    about = f"{fleet}{price}; peak {digits(known['peak_to_average'])}{peak_mark}"
    marks = ["* default"] if "*" in clip + about else []
    if scenario.pins:
        marks.append("! pinned")
    yield from _folded(f"{about}  ({', '.join(marks)})" if marks else about, width)


def _movers(record: PlanRecord, width: int) -> Iterator[str]:
    """Yield the inputs that move the plan most, a default with a star."""
    if not cannot_run(record.plan.known) and (movers := sorted((*_ranges(record), *_defaults(record)))):
        yield from _folded("; ".join(text for _size, text in movers[:_MOVERS]), width, "moves")


def _ranges(record: PlanRecord) -> Iterator[tuple[float, str]]:
    """Yield the ranges of the plan, each with what its ends make of the fleet, or of the bill."""
    for name, inputs in record.ranged.items():
        for figure in LARGEST_OF:
            ends, point = inputs.get(figure), record.plan.figures[figure]
            if ends and point and ends.at_low and ends.at_high and (ends.swing or 0.0) > point * (SHOWN_LINK - 1):
                text = f"{name} {show_ends(name, ends.low, ends.high)}"
                yield _mover(text, figure, ends.at_low / point, ends.at_high / point)
                break


def _defaults(record: PlanRecord) -> Iterator[tuple[float, str]]:
    """Yield the defaults with another usual value; those of how a clip is made are savings, and stand elsewhere."""
    for name in dict.fromkeys(driver.name for driver in record.drivers):
        alike = [driver for driver in record.drivers if driver.name == name]
        factors_of = alike[0].figures
        figure = next((figure for figure in LARGEST_OF if abs(factors_of.get(figure, 1.0) - 1) > SHOWN_LINK - 1), "")
        if not figure or name in HOW:
            continue
        factors = [driver.figures[figure] for driver in alike]
        if name == PRICE:
            prices = sorted(float(driver.other.partition(" ")[0]) for driver in alike)
            yield _mover(f"{name}* {' to '.join(f'{price:.2f}' for price in prices)}", "", *factors)
        else:
            yield _mover(f"{name}* {alike[0].value.partition(' ')[0]}, or {alike[0].other}", figure, *factors)


def _mover(text: str, figure: str, *factors: float) -> tuple[float, str]:
    """Return how far apart an input's values bring the fleet or the bill, as a negative logarithm; and a text of them.

    Without a figure their effect goes without saying.
    """
    size = math.log(min(*factors, 1.0) / max(*factors, 1.0))
    if not figure:
        return size, text
    what = "" if figure == LARGEST_OF[0] else "cost "
    return size, f"{text}: {what}x {' to '.join(digits(factor, 2) for factor in sorted(factors))}"


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
    if overload and not cannot_run(plan.known):
        objections.insert(0, f"OVERLOADED: {overload.message}")
    if overfull(plan.known):
        objections.append(f"{plan.verdict.memory.upper()}: {short_of_memory(plan.known)}")
    for text in objections:
        yield "\n".join(_folded(f"{text}.", width))
    codes = troubles(plan)
    cures = [remedy for remedy in record.remedies if not is_another_picture(remedy)][:_CURES]
    cures += [remedy for remedy in record.remedies if is_another_picture(remedy)][:1]
    if cures and objections:
        yield "\n".join(_folded(" | ".join(remedy_text(codes, remedy) for remedy in cures), width, "cure"))


def _answer(plan: Estimate, width: int) -> Iterator[str]:
    """Yield the plan's answer in a sentence or two; nothing if it cannot run."""
    known = plan.known
    if cannot_run(known):
        return
    gpus, latency, cost = (show_headline(name, plan.figures) for name in ("gpus", "latency_p95", "cost_per_month"))
    if plan.figures["latency_p95"] is None:
        bill = f" cost {cost} per month" if plan.figures["cost_per_month"] else ""
        yield f"{gpus}{bill}; no p95 latency."
        return
    clips = show(known["delivered_per_day"], "video/day", brief=True)
    if known["served_share"] < 1:
        clips += f" of {show(known['delivered_per_day'] / known['served_share'], 'video/day', brief=True)}"
    sentences = [f"{gpus} generate {clips} clips per day at p95 latency {latency}."]
    for sentence in stream_sentences(plan) if plan.scenario.streams else sentences:
        yield from _folded(sentence, width)
    high = plan.bands.get("gpus", (None,))[-1]
    if high and high > known["gpus"]:
        yield from _folded(_at_most(plan, show(high, "gpu", brief=True)), width)


def _at_most(plan: Estimate, most: str) -> str:
    """Return the GPUs that are enough, with what that is over."""
    if plan.samples:
        inputs = ", ".join(name for name in plan.ranges if name != FACTOR)
        if FACTOR in plan.ranges:
            inputs = f"{inputs} and seconds" if inputs else "seconds"
        return f"19 in 20 draws of {inputs} need at most {most}."
    plans = f"the model's error reaches {most} GPUs"
    if plan.verdict.error.promised:
        plans = f"19 in 20 plans like this need at most {most}"
    return f"If demand and peak are as assumed, {plans}."


def _budgets(record: PlanRecord) -> Iterator[Table]:
    """Yield the plan's budgets, those that fail first."""
    rows = sorted(record.budgets, key=lambda row: (row.passed, not row.at_risk))
    if rows:
        whose = "draws" if record.plan.samples else "published runs"
        columns = (Column("", "result"), Column("", "name"), Column("", lambda row: _budget(row, whose), wrap=True))
        yield table(columns, rows)._replace(headed=True)


def _budget(row: "CheckLine", whose: str) -> str:
    """Return a budget's value, its excess or its probability, and the first change that keeps it."""
    if row.value is None:
        return "none"
    text = row.measured_text
    if row.limit and not row.passed:
        excess = f"{100 * (row.value / row.limit - 1):+.0f}%"
        if row.unit == "share":  # of a percentage, points are what is missed
            excess = f"{100 * (row.value - row.limit):+.0f} points"
        text += f" ({excess})"
    if row.at_risk and row.chance:
        text += f" (met in {digits(100 * row.chance, 2)}% of {whose})"
    return f"{text}; {row.cure}" if row.cure else text


# ------------------------------------------------------------------------------------------------------------ its lines


def _folded(text: str, width: int, word: str = "") -> Iterator[str]:
    """Yield a text in lines of at most `width` columns; `word` begins the first, and the others are indented.

    A page that folds lines by itself has one line.
    """
    if word and width == _NEVER:
        yield f"{word}: {text}"
        return
    head = f"{word:<{_HEAD}}" if word else ""

    def unbroken_text(match: re.Match[str]) -> str:
        return match[0].replace(" ", _BLANK) if len(match[0]) <= width - len(head) else match[0]

    lines = wrap(
        _WHOLE.sub(unbroken_text, text),
        width,
        initial_indent=head,
        subsequent_indent=" " * len(head) or "  ",
        break_on_hyphens=False,
        break_long_words=False,
    )
    yield from (line.replace(_BLANK, " ") for line in lines)
