"""The first screen of a plan: the answer in a sentence, budgets, what it takes, why so many GPUs, what else there is, and how sure."""

import re
import shlex
from collections.abc import Callable, Iterator
from operator import itemgetter
from textwrap import wrap
from typing import TYPE_CHECKING

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.quantities import digits, show
from t2v_capacity.engine.constants import NO_QUEUE_LIMIT
from t2v_capacity.forms.lesson import of_the_lesson
from t2v_capacity.forms.report import Column, Report, Table, conventions, in_turn
from t2v_capacity.forms.text import plain_text
from t2v_capacity.forms.title import title
from t2v_capacity.forms.values import CANNOT_RUN, headline_like, show_band, show_ends, show_headline, show_value
from t2v_capacity.plan.drivers import PRICE, SIZED_BY, Alternative, Driver
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.evidence import EXTRAPOLATED, MEASURED
from t2v_capacity.plan.gpu_waterfall import Link
from t2v_capacity.plan.mix import PartFigures
from t2v_capacity.questions.estimate import PlanRecord
from t2v_capacity.scenario.flags import flags_of, words_of
from t2v_capacity.scenario.settings import NOTE

if TYPE_CHECKING:
    from t2v_capacity.questions.review.check import Row as Budget

WIDTH = 80
# Text kept on one line: text to paste, and the legend of the title's marks; and the stand-in for a blank there.
_WHOLE = re.compile(r"`[^`]*`|\([*!] [^)]*\)")
_HELD = "\0"
# The width of a page that folds lines by itself.
_NEVER = 10_000
# What a product manager asks first, and what more where something is sold, on pages that have room; what a service moves.
# The bills are what the same GPUs cost as they may be rented, the usual way first.
BILLS = ("gpu_cost_on_demand", "gpu_cost_following", "gpu_cost_reserved")
TAKES = ("gpus", "latency_p95", "cost_per_month", *BILLS, "cost_per_video", "cost_per_user", "fleet_power")
SOLD = ("break_even_price", "gross_margin")
MOVES = ("trps", "model_and_encoder_size", "video_size", "storage_per_day", "egress_bandwidth")
# The least room between a name and its value, and between columns, and the widths of a page from which a band and a remark have room.
_APART, _GAP, _BANDED, _REMARKED = 2, 2, 52, 72
# A link between the work and the rent is shown where it is more than this, and so are bills that differ by more.
_SHOWN_LINK = 1.005
_BAND = "p5 to p95"
# So many lines are one screen; drivers that are shown, those of a full screen, and other values of each.
_MOST_LINES, _DRIVERS, _FEW, _OTHERS = 45, 5, 2, 2
# The seconds of a clip by stage, and the word of each.
SECONDS_OF = {
    "attention_seconds": "attention",
    "linear_attention_seconds": "linear attention",
    "linear_seconds": "linear",
    "elementwise_seconds": "element-wise",
    "vae_decode_seconds": "VAE",
    "vae_encode_seconds": "VAE encode",
    "text_encoder_seconds": "text encoder",
    "host_seconds": "host",
    "offload_seconds": "offload",
    "communication_seconds": "communication",
    "starting_seconds": "starts",
}
# A warning of a part or a stage, and what it says.
_OF_A_PART = re.compile(r"((?:mix|stages)[.][\w.]+): (.*)", re.DOTALL)
# The last part of a remark.
_PART = re.compile(r"[,;:] [^,;:]*$")
Row = tuple[str, str, str, str]  # a name, its value, its band, a remark
# What a band of the model's error leaves out: demand and its peak.
DEMAND = ("dau", "videos_per_user_per_day", "peak_to_average")


def screen(record: PlanRecord, width: int | None = None, *, aligned: bool = True) -> Report:
    """Return the first screen; `aligned` puts a name and its value in one column of a page whose letters have one width."""
    found = _Screen(record, (WIDTH if width is None else width) if aligned else _NEVER)
    # Defaults go first, then alternatives, then build or buy and other bills; then tables of parts and further warnings of a code.
    for drivers, more, rest, warned in (
        (_DRIVERS, True, True, None),
        (_FEW, True, True, None),
        (0, True, True, None),
        (0, False, True, None),
        (0, False, False, None),
        (0, False, False, 3),
        (0, False, False, 1),
    ):
        report = found.report(aligned=aligned, drivers=drivers, more=more, rest=rest, warned=warned)
        narrow = found.width < WIDTH and not rest  # a narrow page is longer than a screen in any case, and keeps its tables of parts
        if not aligned or narrow or len(plain_text(report).splitlines()) <= _MOST_LINES:
            break
    return report


class _Screen:
    """The parts of the screen, made from one plan."""

    def __init__(self, record: PlanRecord, width: int) -> None:
        self.record, self.plan, self.width = record, record.plan, width
        self.known, self.figures = self.plan.known, self.plan.figures
        self.lesson = of_the_lesson(self.plan.values)

    def report(self, *, aligned: bool, drivers: int = _DRIVERS, more: bool = True, rest: bool = True, warned: int | None = None) -> Report:
        """Return the screen: so many drivers, `more` adds alternatives, `rest` make or buy and other bills, `warned` limits the codes."""
        scenario = self.plan.scenario
        sections = (("resources", self.resources(bills=rest)), ("traffic and storage", self.moves()), (self._why_title(), self.why()))
        tables = [
            *self.budgets(),
            self._table(sections, aligned=aligned),
            *((*parts_of_mix(self.plan), *(() if self.plan.parts else stages_of_clip(self.plan))) if warned is None else ()),
            *(self.others() if more else ()),
        ]
        sure, foot = [*self.sure(drivers, apis=rest), *self.of_days()], conventions(self.plan.values["days_per_month"], scenario.as_of)
        return Report(
            title=self.name(),
            subtitle="\n".join(line for whole in title(scenario, self.plan.values) for line in self._wrapped(whole)),
            alerts=tuple(self.warnings(warned)),
            lead=tuple(self.sentence()),
            tables=tuple(tables),
            paragraphs=() if aligned else tuple(sure),
            footer="\n".join((*sure, foot)) if aligned else foot,
        )

    def of_days(self) -> Iterator[str]:
        """Name the command that simulates days, where the waits of a steady queue do not say enough."""
        known, scenario = self.known, self.plan.scenario
        unsteady = known["utilization"] >= 1 or known["deferrable_share"] > 0 or known["queue_limit"] < NO_QUEUE_LIMIT
        if (unsteady or scenario.day_curve) and scenario.file:
            yield from self._wrapped(f"Waits are those of formulas; simulated days: t2v-cap estimate {scenario.file} --only waiting")

    def name(self) -> str:
        """Return the plan's name; that of flags alone is what they ask for."""
        scenario = self.plan.scenario
        return scenario.name if scenario.file else f"{scenario.choices['model'].value} on {scenario.choices['gpu'].value}"

    def _wrapped(self, text: str) -> Iterator[str]:
        """Yield a text in lines of the page's width."""
        whole = _WHOLE.sub(lambda found: found.group().replace(" ", _HELD), text)
        lines = wrap(whole, self.width, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False)
        yield from (line.replace(_HELD, " ") for line in lines)

    # ------------------------------------------------------------------------------------------------------- the answer

    def warnings(self, most: int | None = None) -> Iterator[str]:
        """Yield the warnings, whole so that remedies can be pasted; if parts or stages share one, it names them all.

        With a number the first of each of so many codes, and the names of the others.
        """
        sharing = dict[str, dict[str, list[str]]]()
        for warning in self.plan.warnings:
            if warning.severity != NOTE:
                found = _OF_A_PART.match(warning.message)
                part, text = found.groups() if found else ("", warning.message)
                sharing.setdefault(warning.code, {}).setdefault(text, []).append(part)
        codes = [*sharing]
        for code in codes[:most]:
            for text, parts in [*sharing[code].items()][: 1 if most else None]:
                yield "\n".join(self._wrapped(f"warning {code}: {''.join((', '.join(parts), ': ')) if any(parts) else ''}{text}"))
        more = [code for code in codes if most and (code in codes[most:] or len(sharing[code]) > 1)]
        if more:
            yield "\n".join(self._wrapped(f"more warnings of {', '.join(more)}: --all"))

    def sentence(self) -> Iterator[str]:
        """Yield the plan's demand in sentences; if it cannot run, that it has no fleet."""
        if self.figures["gpu_seconds_per_video"] is None:
            yield f"No fleet: the clip cannot run on {self.plan.scenario.choices['gpu'].value} as it stands."
            return
        clips, latency = (
            show(self.known["delivered_per_day"], "video/day").replace("videos/day", "clips per day"),
            self.figures["latency_p95"],
        )
        at = "overloaded at the peak" if latency is None else f"at p95 latency {show_headline('latency_p95', self.figures)}"
        demand = self.known["delivered_per_day"] / self.known["served_share"]
        of = f" of {show(demand, 'video/day').partition(' ')[0]}" if self.known["served_share"] < 1 else ""
        yield from self._wrapped(
            f"{show_headline('gpus', self.figures)} generate {clips}{of}, {at}.".replace("clips per day,", "clips per day")
        )
        cost, following = self.figures["cost_per_month"], self.figures["gpu_cost_following"]
        if cost is not None and following is not None:
            autoscaled = f", {show(following + cost - (self.figures['gpu_cost_per_month'] or 0), 'USD')} autoscaled"
            yield f"Monthly cost: {show(cost, 'USD')}{autoscaled if self._bills_differ() else ''}."
        high = self.plan.bands.get("gpus", (None, None, None))[2]
        if high is not None and high > self.known["gpus"]:
            yield from self._wrapped(self._at_most(show(high, "gpu")))

    def _at_most(self, most: str) -> str:
        """Return the GPUs that are enough, with what that is over; and the default of the demand that would move them most."""
        if self.plan.samples:
            return f"95% of the draws need at most {most}."
        share = self.plan.verdict.error.promised
        plans = f"19 in 20 plans like this need at most {most}" if share else f"the model's error reaches {most}"
        asked = [one for one in self.record.drivers if one.name in DEMAND]
        first = max(asked, key=lambda one: one.figures["gpus"], default=None)
        if first is None:
            return f"If demand and peak are as assumed, {plans}."
        other = f"{first.name} is a default, {first.value.partition(' ')[0]}: {first.other} would take {first.figures['gpus']:.2g} times the GPUs"
        return f"If demand and peak are as assumed, {plans}; {other}."

    def budgets(self) -> Iterator[Table]:
        """Yield the plan's budgets, those that fail first."""
        rows = sorted(self.record.budgets, key=lambda row: (row.passed, not row.at_risk))
        if rows:
            cells = tuple((row.result, row.name, self._budget(row)) for row in rows)
            yield Table((Column(""), Column(""), Column("", wrap=True)), (("", cells),), headed=True)

    def _budget(self, row: "Budget") -> str:
        """Return a budget's value, its excess or its probability, and the first alternative that meets it."""
        if row.value is None:
            return "none"
        limit = row.limit or 0.0
        over = f" ({100 * (row.value / limit - 1):+.0f}%)" if not row.passed and limit else ""
        chance = (
            f" (met in {digits(100 * row.chance, 2)}% of {'draws' if self.plan.samples else 'published runs'})"
            if row.at_risk and row.chance
            else ""
        )
        return f"{row.shown}{over}{chance}{self._trying(row)}"

    def _trying(self, row: "Budget") -> str:
        for one in self.record.alternatives:
            asked = row.condition
            if row.passed or asked is None or asked.of_draws or asked.figure not in one.trial.figures:
                continue
            there = finite(one.trial.figures[asked.figure])
            if asked.holds(there):
                return f"; try {one.trial.change}: {show_headline(asked.figure, {**self.figures, asked.figure: there})}"
        return ""

    # -------------------------------------------------------------------------------------------------------- the figures

    def _table(self, sections: tuple[tuple[str, list[Row]], ...], *, aligned: bool) -> Table:
        """Return the rows as one table, each section under its own heading; a name and its value are never cut."""
        banded = bool(self.plan.bands)
        every = [row for _name, section in sections for row in section]
        named = max(len(label) + _APART + len(value) for label, value, _band, _remark in every)
        room = (
            self.width - named - _GAP - (_GAP + max(len(_BAND), *(len(band) for _label, _value, band, _remark in every)) if banded else 0)
        )
        columns = [Column(""), Column("value", number=True)] if not aligned else [Column(f"{'value':>{named}}")]
        columns += [Column(_BAND, number=True, from_width=_BANDED)] if banded else []
        columns.append(Column("note", from_width=_REMARKED))
        rows = []
        for name, section in sections:
            cells = []
            for label, value, band, remark in section:
                first = (label, value) if not aligned else (f"{label}{value:>{named - len(label)}}",)
                cells.append((*first, *((band,) if banded else ()), _within(remark, room)))
            rows.append((name, tuple(cells)))
        return Table(tuple(columns), tuple(rows), headed=True)

    def resources(self, *, bills: bool = True) -> list[Row]:
        """Return the service's resources: GPUs, seconds, money, power."""
        names = ["gpus", "latency_p95", "cost_per_month", "cost_per_video"]
        names += ["gross_margin"] if self.known["revenue_per_video"] else []
        rows = [self._row(name) for name in (*names, "fleet_power")]
        if bills and self._bills_differ():
            place = names.index("cost_per_month") + 1
            rows[place:place] = [(f"  {name}", value, band, said) for name, value, band, said in map(self._row, self._bills())]
        return rows

    def _bills(self) -> list[str]:
        """Return the bills that say something else than the plan's own; without a reserved price the third repeats the second."""
        held = self.known["reserved_price"] or self.known["committed_price"] < self.known["gpu_price"]
        told = [name for name in BILLS if name != "gpu_cost_reserved" or held]
        return [
            name for name in told if name != "gpu_cost_on_demand" or self.known["reserved_price"] or self.known["reserved_fraction"] < 1
        ]

    def _bills_differ(self) -> bool:
        bills = [self.figures[name] or 0.0 for name in (*BILLS[:2], "gpu_cost_per_month")]
        return max(bills) > min(bills) * _SHOWN_LINK

    def moves(self) -> list[Row]:
        """Return the service's traffic and storage: the lesson's questions."""
        return [self._row(name) for name in MOVES]

    def _why_title(self) -> str:
        gpus = self.figures["gpus"]
        return "why so many GPUs" if gpus is None else f"why {show(gpus, 'gpu')}"

    def why(self) -> list[Row]:
        """Return the way from the work to the rent, each factor a line of its own; on the lesson's screen from its rule of thumb."""
        rows = [self._row("rule_of_thumb_gpus")] if self.lesson else []
        rows += [self._row(name) for name in ("gpu_seconds_per_video", "busy_gpus")]
        far = (link for link in self.record.waterfall if not 1 / _SHOWN_LINK < link.factor < _SHOWN_LINK)
        return rows + [(f"  {link.name}", show(link.gpus, "gpu"), "", f"x {link.factor:.2f}  {self._turn(link)}") for link in far]

    def _turn(self, link: Link) -> str:
        """Return the input to change, without its value if a band takes the room."""
        first = link.turn.partition(" ")[0]
        return first if self.plan.bands and first in ASSUMPTIONS else link.turn

    def _row(self, name: str) -> Row:
        plan, band = self.plan, ""
        if plan.bands:
            low, _middle, high = plan.bands[name]
            band = (
                "" if low is None and high is None else show_band(name, headline_like(name, self.figures) or self.figures[name], low, high)
            )
        pin = plan.scenario.pins.get(name)
        value = show_headline(name, self.figures)
        remark = f"pinned, {pin.origin}" if pin else "" if value == CANNOT_RUN else _REMARKS[name](self)
        return f"{name}{'!' if pin else ''}", value, band, remark

    # ---------------------------------------------------------------------------------------------------------- remarks

    def latency_note(self) -> str:
        """Return the target, or the queueing."""
        if self.record.parts:
            return "of the slowest part"
        asked = self.plan.scenario.settings["target_latency"]
        if self.figures["wait_p95"] is None and not asked.origin.by_hand:
            return "no steady state"
        return f"target {self.record.target}" if asked.origin.by_hand else f"{self.shown_seconds('wait_p95')} queueing"

    def cost_note(self) -> str:
        """Return the way in which the GPUs are rented."""
        if self.figures["cost_per_month"] is None:
            return f"no list price of {self.plan.scenario.choices['gpu'].value}"
        if self.known["reserved_fraction"] < 1:
            return f"{digits(self.known['reserved_fraction'] * 100)}% of GPUs reserved"
        return f"always on, {digits(self.known['reserved_price'] or self.known['gpu_price'], 4)} per GPU-hour"

    def trps_note(self) -> str:
        """Return the peak."""
        day = f"{self.brief('requests_per_day')} / 86400"
        return f"{day}, all day" if self._level() else f"{digits(self.figures['peak_trps'] or 0)} at peak"

    def clip_size_note(self) -> str:
        """Return the arithmetic."""
        if self.record.parts:
            return f"mean of {len(self.record.parts)} parts"
        bitrate = (self.record.stages[-1].values if self.record.stages else self.known)["bitrate"]
        return f"{show(bitrate, 'bit/s')} x {_short(self.known['duration'])} s / 8"

    def storage_note(self) -> str:
        """Return clips and index."""
        month = f"{show(self.figures['storage_per_month'] or 0, 'byte')} per month"
        if not self.figures["index_storage_per_day"]:
            return month
        like = headline_like("storage_per_day", self.figures)
        parts = (show(self.figures[f"{part}_storage_per_day"] or 0, "byte", like=like) for part in ("interaction", "index"))
        return f"{' + '.join(parts)} index"

    def egress_note(self) -> str:
        """Return the arithmetic, or the views."""
        if self.known["views_per_video"] != 1:
            return f"views {show(self.figures['view_bandwidth'] or 0, 'bit/s')}"
        return f"{self.brief('delivered_per_day')} x {self.brief('video_size')} x 8 / 86400"

    def thumb_note(self) -> str:
        """Return the error of the rule of thumb, with its cause."""
        thumb, gpus = self.figures["rule_of_thumb_gpus"], self.figures["gpus"]
        times = f"{show(gpus / thumb, 'ratio')} times too few" if thumb and gpus else "too few"
        return f"{times}: 1 token per frame"

    def seconds_note(self) -> str:
        """Return the largest stages."""
        if self.known["gpus_per_replica"] > 1:
            return f"{self.known['gpus_per_replica']:.0f} GPUs x {self.shown_seconds('generation_latency')}"
        parts = {label: self.figures[name] or 0 for name, label in SECONDS_OF.items()}
        whole = sum(parts.values()) or 1
        largest = sorted(parts.items(), key=lambda item: -item[1])[: 1 if self.plan.bands else 3]
        return ", ".join(f"{label} {round(100 * part / whole)}%" for label, part in largest if part)

    def busy_note(self) -> str:
        """Return the arithmetic, or the part of the fleet."""
        if self._level() and not self.plan.bands:
            return f"{digits(self.figures['trps'] or 0)} x {self.shown_seconds('gpu_seconds_per_video')}"
        return f"on average, {digits(100 * (self.figures['average_utilization'] or 0), 2)}% of all"

    def _level(self) -> bool:
        """Return whether every hour asks for as much as any other."""
        return self.figures["peak_trps"] == self.figures["trps"]

    def brief(self, name: str) -> str:
        """Return a value without what it counts and is per, for use within arithmetic."""
        return show_value(name, self.figures[name], brief=True)

    def shown_seconds(self, name: str) -> str:
        """Return a time without what it is per."""
        return show(self.figures[name] or 0, "second")

    # ------------------------------------------------------------------------------------------------- what else, how sure

    def others(self) -> Iterator[Table]:
        """Yield the alternatives, each with the fleet, the latency and the bill of the plan with it."""
        if self.record.alternatives and self.figures["gpus"] is not None:
            rows = tuple(map(self._alternative, self.record.alternatives))
            names = ("", "GPUs", "p95", "USD per month", "evidence")
            heads = [Column(name, itemgetter(at), number=name not in ("", "evidence")) for at, name in enumerate(names)]
            yield Table(in_turn(heads, rows, kept=4), (("alternatives", rows),), headed=True)  # the evidence goes first

    def _alternative(self, one: Alternative) -> tuple[str, ...]:
        there = {name: finite(value) for name, value in one.trial.figures.items()}
        before, after = self.figures["cost_per_month"], there["cost_per_month"]
        change = f" ({100 * (after / before - 1):+.0f}%)" if before and after is not None else ""
        bill = "none" if after is None else f"{show(after, 'USD').removesuffix(' USD')}{change}"
        gpus = show(there["gpus"] or 0, "gpu").partition(" ")[0]
        return str(one.trial.change), gpus, show_headline("latency_p95", there), bill, one.verdict.evidence.kind

    def sure(self, drivers: int, *, apis: bool = True) -> Iterator[str]:
        """Yield whether to build or to buy, what the seconds rest on, what was left at a default, and where the rest is."""
        if self.figures["gpus"] is not None:
            if apis and (found := self.record.apis):
                yield from self._wrapped(f"BUILD OR BUY: {found}")
            yield from self._wrapped(f"CONFIDENCE: {rests_on(self.record)}")
            yield from self._wrapped(self._bands())
        if defaults := [*self._defaults(drivers)]:
            yield from self._wrapped(f"DEFAULTS: {'; '.join(defaults)}")
        yield from self._more()

    def _bands(self) -> str:
        """Return the sources of the bands."""
        plan = self.plan
        if plan.samples:
            ranges = ", ".join(f"{name} ({show_ends(name, value.low, value.high)})" for name, value in plan.ranges.items())
            low, _middle, high = self.record.error_band
            alone = "" if low is None else f" Model error alone: {show_ends('gpus', low, high, brief=False)}."
            return f"p5 to p95: {plan.samples} draws of {ranges}, seed {plan.seed}.{alone}"
        if not plan.bands:
            return "p5 to p95: nothing is uncertain."
        found = plan.verdict.error
        ends = f"{found.low:.2f} to {found.high:.2f} times the predicted GPU time"
        return (
            f"p5 to p95: {found.promised:.0%} of {found.whose} took {ends}." if found.promised else f"p5 to p95: {ends}, by {found.whose}."
        )

    def _defaults(self, most: int) -> Iterator[str]:
        """Yield the defaults that drive the answer, each with its other values and their effect on the fleet or the bill."""
        names = sorted(dict.fromkeys(one.name for one in self.record.drivers), key=lambda name: name != SIZED_BY)[:_DRIVERS]
        for name in names[:most]:
            own = [one for one in self.record.drivers if one.name == name]
            yield f"{name} {own[0].value.partition(' ')[0]} ({_others(own)})"

    def _more(self) -> Iterator[str]:
        """Yield where the rest is."""
        scenario, notes = self.plan.scenario, sum(warning.severity == NOTE for warning in self.plan.warnings)
        flags = shlex.join(words_of(flags_of(scenario)))
        asked = f"{scenario.file} gpus" if scenario.file else f"gpus {flags}"
        counted = f"{notes} note{'' if notes == 1 else 's'}, everything: --all. " if notes else "Everything: --all. "
        yield from self._wrapped(f"{counted}Why: {f't2v-cap explain {asked}'.replace(' ', _HELD)}")
        if not scenario.file:
            yield f"Keep it: t2v-cap init my.yaml {flags}"


# The remark on a figure.
_REMARKS: dict[str, Callable[[_Screen], str]] = {
    "gpus": lambda of: f"{show(of.known['servers'], 'server')} of {of.known['gpus_had_per_server']:.0f}",
    "latency_p95": _Screen.latency_note,
    "cost_per_month": _Screen.cost_note,
    "gpu_cost_on_demand": lambda _of: "always on, all on demand",
    "gpu_cost_following": lambda of: f"autoscaled, GPUs only; {of.brief('gpus_following')} on average",
    "gpu_cost_reserved": lambda of: (
        f"{digits(100 * of.known['cheapest_reserved_fraction'], 2)}% "
        f"{'reserved' if of.known['committed_price'] == of.known['reserved_price'] else 'committed'} at {digits(of.known['committed_price'], 3)}"
    ),
    "cost_per_video": lambda of: (
        f"{digits(of.known['cost_per_video'] / (of.known['delivered_seconds_per_video'] or 1))} per video second"
        if of.figures["cost_per_video"] is not None
        else ""
    ),
    "gross_margin": lambda of: (
        f"sold at {digits(of.known['revenue_per_video'])} USD per clip"
        if of.record.parts
        else f"sold at {digits(of.known['price_per_video_second'])} USD per second"
    ),
    "fleet_power": lambda of: f"average; rated {show(of.figures['nameplate_power'] or 0, 'watt')}",
    "trps": _Screen.trps_note,
    "model_and_encoder_size": lambda of: f"{of.brief('model_size')} + {of.brief('text_encoder_size')}",
    "video_size": _Screen.clip_size_note,
    "storage_per_day": _Screen.storage_note,
    "egress_bandwidth": _Screen.egress_note,
    "rule_of_thumb_gpus": _Screen.thumb_note,
    "gpu_seconds_per_video": _Screen.seconds_note,
    "busy_gpus": _Screen.busy_note,
}


def rests_on(record: PlanRecord) -> str:
    """Return the evidence of a plan, and the nearest published run."""
    plan, own = record.plan, record.own_runs
    count = 0 if own else record.similar_runs
    s = "" if (own or str(count)) == "1" else "s"
    runs = f"{own} run{s} of your own" if own else f"{count} similar published run{s}"
    said = {MEASURED: runs, EXTRAPOLATED: "nothing like it was measured"}.get(plan.evidence, "no published run is like it")
    said = "the seconds are pinned" if "gpu_seconds_per_video" in plan.scenario.pins else said
    one = next(iter(record.nearest), None)
    if one is None:
        return said
    ratio = f"measured {_short(one.measured)} s, predicted {_short(one.predicted)} s ({one.ratio:.2f})"
    return f"{said}; nearest ({one.label}): {ratio}"


def parts_of_mix(plan: Estimate) -> Iterator[Table]:
    """Yield the parts of a mix: what is made, how fast, at what cost and with how many GPUs."""
    if plan.parts:
        heads = (Column(""), *(Column(head, number=True) for head in ("share", "seconds", "p95", "USD per clip", "GPUs")))
        yield Table(heads, (("parts", tuple(map(_part_row, plan.parts))),), headed=True)


def _part_row(part: PartFigures) -> tuple[str, ...]:
    seconds = (show_headline(name, part.figures) for name in ("generation_latency", "latency_p95"))
    cost = digits(part.figures["cost_per_video"])
    return (part.name, show(part.share, "share"), *seconds, cost, digits(part.figures["gpus"]))


def stages_of_clip(plan: Estimate) -> Iterator[Table]:
    """Yield the stages of the plan's clips, or of each part's: at what size, in how many passes and seconds."""
    made = [(f"{part.name}.", part.stages) for part in plan.parts] or [("", plan.stages)]
    rows = tuple(_stage_row(before, stage) for before, stages in made for stage in stages)
    if rows:
        heads = (Column(""), *(Column(head, number=True) for head in ("frame", "steps", "tokens", "denoising", "VAE")))
        yield Table(heads, (("stages", rows),), headed=True)


def _stage_row(before: str, stage: PartFigures) -> tuple[str, ...]:
    """Return a stage as a row: its frame, its steps and passes, its tokens and its seconds; a GPU's before a group shares the VAE."""
    values, figures = stage.values, stage.figures
    return (
        f"{before}{stage.name}",
        f"{digits(values['width'])}x{digits(values['height'])}",
        f"{digits(values['steps'])} x {digits(values['passes_per_step'])}",
        digits(figures["visual_tokens"]),
        show_value("denoising_seconds", figures["denoising_seconds"]),
        show_value("vae_decode_seconds", figures["vae_decode_seconds"] + figures["vae_encode_seconds"]),
    )


def _within(remark: str, room: int) -> str:
    """Return a remark without its last parts, those for which a page has no room.

    >>> _within("autoscaled, GPUs only; 265 on average", 25)
    'autoscaled, GPUs only'
    """
    while remark and len(remark) > room:
        remark = _PART.sub("", remark) if _PART.search(remark) else ""
    return remark


def _short(value: float) -> str:
    return digits(value, exact=False)


def _others(found: list[Driver]) -> str:
    """Return the other values of a driver, each with what it makes of the fleet, or of the bill where that alone moves."""
    if found[0].name == PRICE:
        ends = sorted(found, key=lambda one: one.figures["cost_per_month"])
        prices = " to ".join(f"{float(one.other.partition(' ')[0]):.2f}" for one in ends)
        return f"listed {prices}: cost {' to '.join(_percent(one.figures['cost_per_month']) for one in ends)}"
    return ", ".join(f"{one.other}: GPUs {_percent(one.figures.get('gpus', 1.0))}" for one in found[:_OTHERS])


def _percent(factor: float) -> str:
    return f"{100 * (factor - 1):+.0f}%"
