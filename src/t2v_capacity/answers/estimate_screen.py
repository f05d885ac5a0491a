"""The first screen of a plan: what it is of, the answer in a sentence, nine figures, and five lines.

The lines say why, what else and how sure.
"""

import math
import re
import shlex
from collections.abc import Callable, Iterator
from textwrap import shorten, wrap
from typing import TYPE_CHECKING

from t2v_capacity.answers.estimate_parts import REMARKED, parts_of_mix, stages_of_clip
from t2v_capacity.assumptions.quantities import digits, show
from t2v_capacity.engine.constants import NO_QUEUE_LIMIT
from t2v_capacity.errors import count_of
from t2v_capacity.forms.report import Column, Report, Table, conventions, numbers
from t2v_capacity.forms.title import title
from t2v_capacity.forms.values import headline_like, show_band, show_brief, show_ends, show_headline
from t2v_capacity.plan.drivers import HOW, LARGEST_OF, PRICE, Alternative
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.evidence import EXTRAPOLATED, FACTOR, MEASURED, OWN_RUNS, own_rows
from t2v_capacity.plan.verdict import AT_RISK, LATENCY, overfull, promised, short_of_memory
from t2v_capacity.questions.estimate import PlanRecord
from t2v_capacity.scenario.flags import flags_of, words_of
from t2v_capacity.scenario.settings import NOTE

if TYPE_CHECKING:
    from t2v_capacity.questions.review.check import Row as Budget

WIDTH = 80
# Text kept on one line: the legend of the title's marks, commands, and flags; and the stand-in for a blank there.
_WHOLE = re.compile(r"`[^`]*`|\([*!] [^)]*\)|--[^;|(]*[^;|(\s]")
_HELD = "\0"
# The width of a page that folds lines by itself, and of the word that begins a line.
_NEVER, _HEAD = 10_000, 9
# What a service takes and what it moves, on pages that have room. The bills are the cost of the same GPUs in each way
# to rent them.
BILLS = ("gpu_cost_on_demand", "gpu_cost_following", "gpu_cost_reserved")
TAKES = ("gpus", "latency_p95", "cost_per_month", *BILLS, "cost_per_video", "cost_per_user", "fleet_power")
MOVES = ("trps", "model_and_encoder_size", "video_size", "storage_per_day", "egress_bandwidth")
# What the screen shows of a plan that runs, and of every plan.
_TAKES = ("gpus", "latency_p95", "cost_per_month", "cost_per_video", "fleet_power")
_MOVES = tuple(name for name in MOVES if name != "video_size")
# Daily active users from which the lesson's rule of thumb stands on the screen.
_LESSON_SCALE = 100e6
# The least room between a name and its value, and between columns. Then the widths of a page that has room for bands
# and for remarks.
_APART, _GAP, _BANDED = 2, 2, 52
# A factor between the work and the rent is shown where it is more than this. So many inputs that move the answer are
# named, and so many changes that mend it.
SHOWN_LINK, _MOVERS, _CURES = 1.005, 2, 3
# Objections that stand before the answer; and the warnings that they stand for.
_TROUBLE = {LATENCY: "TARGET MISSED", AT_RISK: "AT RISK"}
_STAND_FIRST = ("memory-does-not-fit", "misses-target-latency", "overloaded", "target-latency-uncertain")
# The seconds of a clip by stage, and the word of each.
SECONDS_OF = {
    "attention_seconds": "attention",
    "linear_attention_seconds": "linear attention",
    "linear_seconds": "linear",
    "elementwise_seconds": "element-wise",
    "vae_decode_seconds": "VAE",
    "vae_encode_seconds": "VAE encode",
    "offload_seconds": "offload",
    "communication_seconds": "communication",
    "starting_seconds": "starts",
}
# The last part of a remark.
_PART = re.compile(r"[,;:] [^,;:]*$")


def screen(record: PlanRecord, width: int | None = None, *, aligned: bool = True) -> Report:
    """Return the first screen.

    `aligned` puts a name and its value in one column of a page whose letters have one width.
    """
    return _Screen(record, (WIDTH if width is None else width) if aligned else _NEVER).report(aligned=aligned)


class _Screen:
    """The parts of the screen, made from one plan."""

    def __init__(self, record: PlanRecord, width: int) -> None:
        self.record, self.plan, self.width = record, record.plan, width
        self.scenario, self.known, self.figures = self.plan.scenario, self.plan.known, self.plan.figures
        self.runs = self.figures["gpu_seconds_per_video"] is not None
        self.warned = {warning.code: warning for warning in self.plan.warnings if warning.severity != NOTE}

    def report(self, *, aligned: bool) -> Report:
        """Return the screen: its tables are budgets, figures, and parts or stages.

        Its lines say why, what else and how sure.
        """
        first, *others = self.title()
        moved = [*self.moves()]
        lines = [line for head, text in self.lines() for line in self._hung(head, text)]
        foot = conventions(self.plan.values["days_per_month"], self.scenario.as_of)
        inner = parts_of_mix(self.plan, self.record.apis) if self.plan.parts else stages_of_clip(self.plan)
        return Report(
            first,
            "\n".join((*others, *(moved if aligned else ()))),
            (*self.budgets(), self.rows(aligned=aligned), *inner),
            () if aligned else (*moved, *lines),
            "\n".join((*lines, foot)) if aligned else foot,
            alerts=[*self.trouble()],
            lead=[*self.sentence()],
        )

    def title(self) -> Iterator[str]:
        """Yield the plan's name with its clip; then its GPUs and software, price and peak."""
        scenario, known = self.scenario, self.known
        clip, fleet = title(scenario, known)
        star = "*" if scenario.at_list_price else ""
        price = f"; {digits(known[PRICE], 4)} USD/h{star}" if known[PRICE] == known[PRICE] else ""
        of_peak = "" if scenario.settings["peak_to_average"].origin.by_hand else "*"
        about = f"{fleet}{price}; peak {digits(known['peak_to_average'])}{of_peak}"
        marks = ", ".join(["* default"] * ("*" in about) + ["! pinned"] * bool(scenario.pins))
        whole = f"{scenario.name}: {clip}" if scenario.file else clip
        yield from (whole,) if len(whole) <= self.width else (scenario.name, *self._wrapped(clip))
        yield from self._wrapped(f"{about}  ({marks})" if marks else about)

    def moves(self) -> Iterator[str]:
        """Yield the inputs that move the plan most, a default with a star."""
        if self.runs and (movers := sorted((*self._ranges(), *self._defaults()))[:_MOVERS]):
            yield from self._hung("moves", "; ".join(text for _size, text in movers))

    def _ranges(self) -> Iterator[tuple[float, str]]:
        """Yield the ranges of the plan, each with what its ends make of the fleet, or of the bill."""
        for name, inputs in self.record.ranged.items():
            for figure in LARGEST_OF:
                one, here = inputs.get(figure), self.figures[figure]
                if one and here and one.at_low and one.at_high and (one.swing or 0.0) > here * (SHOWN_LINK - 1):
                    yield _mover(
                        f"{name} {show_ends(name, one.low, one.high)}", figure, one.at_low / here, one.at_high / here
                    )
                    break

    def _defaults(self) -> Iterator[tuple[float, str]]:
        """Yield the defaults with another usual value; how the same clip is made is a saving, and stands elsewhere."""
        for name in dict.fromkeys(driver.name for driver in self.record.drivers):
            found = [driver for driver in self.record.drivers if driver.name == name]
            figure = next((one for one in LARGEST_OF if abs(found[0].figures.get(one, 1.0) - 1) > SHOWN_LINK - 1), "")
            if not figure:
                continue
            factors = [driver.figures[figure] for driver in found]
            if name == PRICE:
                prices = sorted(float(driver.other.partition(" ")[0]) for driver in found)
                yield _mover(f"{name}* {' to '.join(f'{price:.2f}' for price in prices)}", "", *factors)
            elif name not in HOW:
                yield _mover(f"{name}* {found[0].value.partition(' ')[0]}, or {found[0].other}", figure, *factors)

    # ------------------------------------------------------------------------------------------------------- the answer

    def trouble(self) -> Iterator[str]:
        """Yield what speaks against the plan, with the changes that mend it."""
        said = [f"{_TROUBLE[one.code]}: {one.message}" for one in self.plan.verdict.objections if one.code in _TROUBLE]
        said += [f"{self.plan.verdict.memory.upper()}: {short_of_memory(self.known)}"] if overfull(self.known) else []
        if "overloaded" in self.warned and self.runs:
            said.insert(0, f"OVERLOADED: {self.warned['overloaded'].message}")
        for text in said:
            yield "\n".join(self._wrapped(f"{text}."))
        cures = [str(one.change) for one in self.record.remedies[:_CURES]]
        if cures and said:
            yield "\n".join(self._hung("cure", " | ".join(cures)))

    def sentence(self) -> Iterator[str]:
        """Yield the plan's answer in a sentence or two; nothing if it cannot run."""
        if not self.runs:
            return
        gpus, latency = show_headline("gpus", self.figures), self.figures["latency_p95"]
        if latency is None:
            cost = show_headline("cost_per_month", self.figures)
            yield (
                f"{gpus} cost {cost} per month; no p95 latency."
                if self.figures["cost_per_month"]
                else f"{gpus}; no p95 latency."
            )
            return
        made, served = self.known["delivered_per_day"], self.known["served_share"]
        clips = show(made, "video/day").partition(" ")[0]
        of = f" of {show(made / served, 'video/day').partition(' ')[0]}" if served < 1 else ""
        yield from self._wrapped(
            f"{gpus} generate {clips}{of} clips per day at p95 latency {show_headline('latency_p95', self.figures)}."
        )
        high = self.plan.bands.get("gpus", (None, None, None))[2]
        if high is not None and high > self.known["gpus"]:
            yield from self._wrapped(self._at_most(show(high, "gpu").partition(" ")[0]))

    def _at_most(self, most: str) -> str:
        """Return the GPUs that are enough, with what that is over."""
        if self.plan.samples:
            names = [name for name in self.plan.ranges if name != FACTOR]
            over = " and ".join(filter(None, (", ".join(names), "seconds" if FACTOR in self.plan.ranges else "")))
            return f"19 in 20 draws of {over} need at most {most}."
        share = self.plan.verdict.error.promised
        plans = f"19 in 20 plans like this need at most {most}" if share else f"the model's error reaches {most} GPUs"
        return f"If demand and peak are as assumed, {plans}."

    def budgets(self) -> Iterator[Table]:
        """Yield the plan's budgets, those that fail first."""
        rows = sorted(self.record.budgets, key=lambda row: (row.passed, not row.at_risk))
        if rows:
            cells = [(row.result, row.name, self._budget(row)) for row in rows]
            yield Table((Column(""), Column(""), Column("", wrap=True)), {"": cells}, headed=True)

    def _budget(self, row: "Budget") -> str:
        """Return a budget's value, its excess or its probability, and the first change that keeps it."""
        if row.value is None:
            return "none"
        limit = row.limit or 0.0
        over = f" ({100 * (row.value / limit - 1):+.0f}%)" if not row.passed and limit else ""
        if over and row.unit == "share":  # of a percentage, points are what is missed
            over = f" ({100 * (row.value - limit):+.0f} points)"
        whose = "draws" if self.plan.samples else "published runs"
        chance = f" (met in {digits(100 * row.chance, 2)}% of {whose})" if row.at_risk and row.chance else ""
        return "; ".join(filter(None, (f"{row.shown}{over}{chance}", row.cure)))

    # ------------------------------------------------------------------------------------------------------ the figures

    def rows(self, *, aligned: bool) -> Table:
        """Return the figures as a table; a name and its value are never cut."""
        names = [name for name in (*_TAKES, *_MOVES) if self.runs or self.figures[name] is not None]
        if self.runs and self.known["revenue_per_video"]:
            names.insert(names.index("fleet_power"), "gross_margin")
        if self.known["dau"] >= _LESSON_SCALE:
            names.append("rule_of_thumb_gpus")
        names += [name for name in self.scenario.pins if name not in names]
        found, banded = list(map(self._row, names)), bool(self.plan.bands)
        named = max(len(label) + _APART + len(value) for label, value, _band, _remark in found)
        room = (
            self.width
            - named
            - _GAP
            - (_GAP + max(len(band) for _label, _value, band, _remark in found) if banded else 0)
        )
        columns = [Column("", named=True)] if aligned else [Column(""), numbers("value")]
        columns += [numbers("" if aligned else "p5 to p95", plain=True, from_width=_BANDED)] * banded
        columns.append(Column("", from_width=REMARKED))
        cells = [
            (
                *((f"{label}{value:>{named - len(label)}}",) if aligned else (label, value)),
                *(band,) * banded,
                _within(remark, room),
            )
            for label, value, band, remark in found
        ]
        return Table(columns, {"": cells}, headed=True)

    def _row(self, name: str) -> tuple[str, str, str, str]:
        """Return a figure's name, value, band and remark."""
        low, _middle, high = self.plan.bands.get(name, (None, None, None))
        like = headline_like(name, self.figures) or self.figures[name]
        pin = self.scenario.pins.get(name)
        remark = f"pinned, {pin.origin}" if pin else _REMARKS[name](self)
        return (
            f"{name}{'!' if pin else ''}",
            show_headline(name, self.figures),
            show_band(name, like, low, high),
            remark,
        )

    def latency_note(self) -> str:
        """Return the target."""
        if self.scenario.parts:
            return "of the slowest part"
        by_hand = self.scenario.settings["target_latency"].origin.by_hand
        return f"target {promised(self.scenario, self.known['target_latency'])}" if by_hand else "no target set"

    def cost_note(self) -> str:
        """Return how the GPUs are rented, and the bill of GPUs that follow the day."""
        cost, following = self.figures["cost_per_month"], self.figures["gpu_cost_following"]
        if cost is None or following is None:
            return f"no list price of {self.scenario.choices['gpu'].value}"
        autoscaled = following + cost - (self.figures["gpu_cost_per_month"] or 0)
        if self.known["reserved_fraction"] < 1:
            return f"{digits(self.known['reserved_fraction'] * 100)}% of GPUs reserved"
        return (
            f"{show(autoscaled, 'USD').removesuffix(' USD')} autoscaled"
            if autoscaled * SHOWN_LINK < cost
            else "always on"
        )

    def trps_note(self) -> str:
        """Return the peak, or the arithmetic of a level day."""
        level = self.figures["peak_trps"] == self.figures["trps"]
        return (
            f"{self.brief('requests_per_day')} / 86400, all day"
            if level
            else f"{digits(self.figures['peak_trps'] or 0)} at peak"
        )

    def storage_note(self) -> str:
        """Return clips and index."""
        if not self.figures["index_storage_per_day"]:
            return f"{show(self.figures['storage_per_month'] or 0, 'byte')} per month"
        like = headline_like("storage_per_day", self.figures)
        parts = (
            show(self.figures[f"{part}_storage_per_day"] or 0, "byte", like=like) for part in ("interaction", "index")
        )
        return f"{' + '.join(parts)} index"

    def egress_note(self) -> str:
        """Return the arithmetic, or the views."""
        if self.known["views_per_video"] != 1:
            return f"views {show(self.figures['view_bandwidth'] or 0, 'bit/s')}"
        return f"{self.brief('delivered_per_day')} x {self.brief('video_size')} x 8 / 86400" if self.runs else ""

    def thumb_note(self) -> str:
        """Return the error of the rule of thumb."""
        thumb, gpus = self.figures["rule_of_thumb_gpus"], self.figures["gpus"]
        return f"{show(gpus / thumb, 'ratio')} times too few" if thumb and gpus else ""

    def second_note(self) -> str:
        """Return the cost of a second."""
        seconds = self.known["delivered_seconds_per_video"]
        return (
            f"{digits(self.known['cost_per_video'] / seconds)} per video second"
            if self.figures["cost_per_video"] and seconds
            else ""
        )

    def brief(self, name: str) -> str:
        """Return a value without what it counts and is per, for use within arithmetic."""
        return show_brief(name, self.figures[name])

    # ----------------------------------------------------------------------------------------- why, what else, how sure

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yield the lines below the figures, each with the word that begins it."""
        scenario = self.scenario
        if self.runs:
            if why := self.why():
                yield "why", why
            if saved := [text for one in self.record.alternatives if (text := self._saving(one))]:
                yield "save", "; ".join(saved)
            if self.record.apis and not self.plan.parts:
                yield "buy", str(self.record.apis)
            yield "sure", self.sure()
        if self.runs and scenario.file and is_unsteady(self.plan):
            yield "days", "waits are of a steady queue; `estimate FILE --only waiting` simulates days"
        for warning in self.warned.values():
            if warning.code not in _STAND_FIRST:
                text = f"{warning.code}: {warning.message}"
                yield "warning", shorten(text, self.width - _HEAD, placeholder=" ...")
        notes = sum(warning.severity == NOTE for warning in self.plan.warnings)
        more = f"--all ({count_of(notes, 'note')})" if notes else "--all"
        if scenario.file:
            yield "more", f"explain FILE gpus | compare FILE | {more} | init my.yaml"
        else:
            yield "more", f"{more} | keep it: t2v-cap init my.yaml {shlex.join(words_of(flags_of(scenario)))}"

    def why(self) -> str:
        """Return the way from a clip's seconds to the GPUs that are rented, one factor after the other."""
        seconds, rate, busy = (self.figures[name] for name in ("gpu_seconds_per_video", "generation_rate", "busy_gpus"))
        if not seconds or not rate or not busy:
            return ""
        work = (
            f"{show(seconds, 'second')} x {digits(rate)}/s = "
            if abs(seconds * rate / busy - 1) < SHOWN_LINK - 1
            else ""
        )
        links = (
            f"x {digits(link.factor)} {link.name}"
            for link in self.record.waterfall
            if not 1 / SHOWN_LINK < link.factor < SHOWN_LINK
        )
        return ", ".join((f"{work}{show(busy, 'gpu').partition(' ')[0]} busy", *links))

    def _saving(self, one: Alternative) -> str:
        """Return a change that makes the bill smaller, by how much, and what its seconds rest on.

        Without a price, the fleet stands for the bill.
        """
        figure = "gpus" if self.figures["cost_per_month"] is None else "cost_per_month"
        factor = one.trial.figures[figure] / (self.figures[figure] or 1.0)
        kind = one.verdict.evidence.kind.replace("-", " ")
        here, there = (of.values()["gpu_price"] for of in (self.scenario, one.verdict.scenario))
        prices = "" if there == here else f"{there:.2f} USD/h, not {here:.2f}; "
        return f"{100 * (factor - 1):+.0f}% {one.trial.change} ({prices}{kind})" if factor < 1 / SHOWN_LINK else ""

    def sure(self) -> str:
        """Return how far off the seconds may be, by how many runs."""
        plan, error, own = self.plan, self.plan.verdict.error, own_rows(self.scenario)
        if "gpu_seconds_per_video" in plan.scenario.pins:
            return "the seconds are pinned"
        ends = f"{error.low:.2f} to {error.high:.2f} times the prediction"
        if not error.promised:
            like = "nothing like it was measured" if plan.evidence == EXTRAPOLATED else "no published run is like it"
            return f"{like}; {ends}"
        near = f"{own} runs of your own" if own else f"{self.record.similar_runs} near"
        whose, near = (f"{own} runs of your own", "") if error.kind == OWN_RUNS else (error.whose, f"; {near}")
        return f"{error.promised:.0%} of {whose} took {ends}{near}"

    # -------------------------------------------------------------------------------------------------------- its lines

    def _wrapped(self, text: str, width: int = 0, indent: str = "  ") -> Iterator[str]:
        """Yield a text in lines of a width, or the page's."""
        width = width or self.width

        def kept(found: re.Match[str]) -> str:
            return found.group().replace(" ", _HELD) if len(found.group()) <= width else found.group()

        whole = _WHOLE.sub(kept, text)
        lines = wrap(whole, width, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False)
        yield from (line.replace(_HELD, " ") for line in lines)

    def _hung(self, head: str, text: str) -> Iterator[str]:
        """Yield a text in lines below each other, after the word that begins the first.

        Yield one line for a page that folds lines by itself.
        """
        if self.width == _NEVER:
            yield f"{head}: {text}"
            return
        for index, line in enumerate(self._wrapped(text, self.width - _HEAD, "")):
            yield f"{'' if index else head:<{_HEAD}}{line}"


# The remark on a figure.
_REMARKS: dict[str, Callable[[_Screen], str]] = {
    "gpus": lambda of: f"{show(of.known['servers'], 'server')} of {of.known['gpus_had_per_server']:.0f}",
    "latency_p95": _Screen.latency_note,
    "cost_per_month": _Screen.cost_note,
    "cost_per_video": _Screen.second_note,
    "gross_margin": lambda of: (
        f"sold at {digits(of.known['revenue_per_video'])} USD per clip"
        if of.plan.parts
        else f"sold at {digits(of.known['price_per_video_second'])} USD per second"
    ),
    "fleet_power": lambda of: f"rated {show(of.figures['nameplate_power'] or 0, 'watt')}",
    "trps": _Screen.trps_note,
    "model_and_encoder_size": lambda of: f"{of.brief('model_size')} + {of.brief('text_encoder_size')}",
    "storage_per_day": _Screen.storage_note,
    "egress_bandwidth": _Screen.egress_note,
    "rule_of_thumb_gpus": _Screen.thumb_note,
}


def is_unsteady(plan: Estimate) -> bool:
    """Return whether waits are more than those of a queue with a steady peak, so that days are simulated for them."""
    known = plan.known
    steady = known["utilization"] < 1 and not known["deferrable_share"] and known["queue_limit"] >= NO_QUEUE_LIMIT
    return not steady or bool(plan.scenario.day_curve)


def _mover(text: str, figure: str, *factors: float) -> tuple[float, str]:
    """Return how far apart an input's values bring the fleet or the bill, as a negative logarithm; and a text of them.

    Without a figure their effect goes without saying.
    """
    effect = f"{'' if figure == LARGEST_OF[0] else 'cost '}x {' to '.join(digits(one, 2) for one in sorted(factors))}"
    return (math.log(min(*factors, 1.0) / max(*factors, 1.0)), f"{text}: {effect}" if figure else text)


def rests_on(record: PlanRecord) -> str:
    """Return the evidence of a plan, and the nearest published run."""
    plan, own = record.plan, own_rows(record.plan.scenario)
    # A catalogue writes the runs of its own as a text.
    runs = (
        f"{own} run{'' if own == '1' else 's'} of your own"
        if own
        else count_of(record.similar_runs, "similar published run")
    )
    said = {MEASURED: runs, EXTRAPOLATED: "nothing like it was measured"}.get(
        plan.evidence, "no published run is like it"
    )
    said = "the seconds are pinned" if "gpu_seconds_per_video" in plan.scenario.pins else said
    one = next(iter(record.nearest), None)
    if one is None:
        return said
    ratio = (
        f"measured {digits(one.measured, exact=False)} s, "
        f"predicted {digits(one.predicted, exact=False)} s ({one.ratio:.2f})"
    )
    return f"{said}; nearest ({one.label}): {ratio}"


def _within(remark: str, room: int) -> str:
    """Return a remark without its last parts, those for which a page has no room.

    >>> _within("1B / 86400, all day", 12)
    '1B / 86400'
    """
    while remark and len(remark) > room:
        remark = _PART.sub("", remark) if _PART.search(remark) else ""
    return remark
