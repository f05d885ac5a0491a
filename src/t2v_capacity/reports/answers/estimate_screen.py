"""The first screen of a plan: what it takes, what it moves, why so many GPUs, and how sure; the same rows for every scenario."""

import math
import shlex
from collections.abc import Iterator
from textwrap import wrap

from t2v_capacity.questions.measured.near import nearest_here
from t2v_capacity.questions.plan.chain import Link, chain
from t2v_capacity.questions.plan.decides import PRICE, SIZED_BY, Decides, beside, decides
from t2v_capacity.questions.plan.estimate import Estimate
from t2v_capacity.questions.plan.evidence import (
    EXTRAPOLATED,
    LEFT_OPEN,
    MEASURED,
    OWN_RANGE,
    OWN_RUNS,
    SAME_GENERATION,
    STATED,
    model_error,
    near,
    own_rows,
)
from t2v_capacity.questions.plan.serving import promised
from t2v_capacity.questions.search.apis import apis
from t2v_capacity.reports.forms.data import budgets_of
from t2v_capacity.reports.forms.report import Column, Report, Table, conventions
from t2v_capacity.reports.forms.text import plain
from t2v_capacity.reports.forms.title import title
from t2v_capacity.reports.forms.values import CANNOT_RUN, headline_like, show_band, show_ends, show_headline, show_value
from t2v_capacity.scenario.flags import flags_of, words_of
from t2v_capacity.vocabulary.assumptions import ASSUMPTIONS
from t2v_capacity.vocabulary.quantities import digits, show

WIDTH = 80
# The width of a page that folds lines by itself.
_NEVER = 10_000
# What a product manager asks first, and what more where something is sold, on pages that have room; what a service moves.
# The bills are what the same GPUs cost as they may be rented, the usual way first.
BILLS = ("gpu_cost_on_demand", "gpu_cost_following", "gpu_cost_reserved")
TAKES = ("gpus", "latency_p95", "cost_per_month", *BILLS, "cost_per_video", "cost_per_user", "fleet_power")
SOLD = ("break_even_price", "gross_margin")
MOVES = ("trps", "model_and_encoder_size", "video_size", "storage_per_day", "egress_bandwidth")
# Columns of a page without and with a band: the name and its value share the first.
_NAMED, _NAMED_BY_BAND = 32, 33
# The width from which a whole remark stands beside a band; the most characters of one below it.
_ROOMY = 100
_REMARK = 24
# The warnings that are told in full, and the lines that each has.
_TOLD, _LINES = 3, 2
# A link between the work and the rent is shown where it is more than this, and so are bills that differ by more.
_SHOWN_LINK = 1.005
# The room for what a run was of.
_LABEL = 57
# Choices and guesses that were left at a default: how many are shown, and other values of each.
_LEFT, _OTHERS = 5, 2
# So many lines are one screen; what moves the fleet or the bill by this much stands on it even so.
_MOST_LINES, _LARGE = 45, 1.25
_LEVEL = "the peak is the same"
_STAGES = {
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
}
# What the model's error is of, by class.
_ERROR_OF = {
    STATED: "in {} of 10 published runs",
    LEFT_OPEN: "in {} of 10 published runs",
    EXTRAPOLATED: "in the few runs like it",
    OWN_RUNS: "by your own runs",
    OWN_RANGE: "by the plan's own range",
}
Row = tuple[str, str, str, str]  # a name, its value, its band, a remark


def screen(plan: Estimate, width: int | None = None, *, aligned: bool = True) -> Report:
    """Return the first screen; `aligned` puts a name and its value in one column of a page whose letters have one width."""
    found = _Screen(plan, (WIDTH if width is None else width) if aligned else _NEVER)
    sections = (("what it takes", found.takes()), ("what it moves", found.moves()), ("why so many GPUs", found.why()))
    more, footer = tuple(found.more()), conventions(plan.values["days_per_month"], plan.scenario.as_of)
    report = Report(
        title=found.name(),
        subtitle="\n".join(title(plan.scenario, plan.values)),
        alerts=tuple(found.alerts()),
        tables=(*found.budgets(), _table(sections, banded=bool(plan.bands), aligned=aligned), found.left()),
        paragraphs=() if aligned else more,
        footer="\n".join((*more, footer)) if aligned else footer,
    )
    over = len(plain(report).splitlines()) - _MOST_LINES if aligned else 0
    return report._replace(tables=(*report.tables[:-1], found.left(_LEFT - over))) if 0 < over < _LEFT else report


def _table(sections: tuple[tuple[str, list[Row]], ...], *, banded: bool, aligned: bool) -> Table:
    """Return the rows of the screen as one table, each section under its own heading."""
    room = _NAMED_BY_BAND if banded else _NAMED
    columns = [Column(""), Column("value", number=True)] if not aligned else [Column(f"{'value':>{room}}")]
    columns += [Column("5% to 95%", number=True)] if banded else []
    columns.append(Column("remark" if banded else "arithmetic"))
    rows = []
    for name, section in sections:
        cells = []
        for label, value, band, remark in section:
            first = (label, value) if not aligned else (f"{label}{value:>{max(room - len(label), len(value) + 1)}}",)
            cells.append((*first, *((band,) if banded else ()), remark))
        rows.append((name, tuple(cells)))
    return Table(tuple(columns), tuple(rows), headed=True)


class _Screen:
    """The parts of the screen, made from one plan."""

    def __init__(self, plan: Estimate, width: int) -> None:
        self.plan, self.width = plan, width
        self.tight = bool(plan.bands) and width < _ROOMY
        self.known, self.figures = plan.known, plan.figures
        self.chain, self.decides = chain(plan), decides(plan)

    def name(self) -> str:
        """Return the plan's name; that of flags alone is what they ask for."""
        scenario = self.plan.scenario
        return scenario.name if scenario.file else f"{scenario.choices['model'].value} on {scenario.choices['gpu'].value}"

    def alerts(self) -> Iterator[str]:
        """Yield the warnings, at most three of two lines each, and how many more there are."""
        warnings = [warning for warning in self.plan.warnings if warning.severity == "warning"]
        for warning in warnings[:_TOLD]:
            lines = wrap(str(warning), self.width, subsequent_indent=" " * 8)
            if len(lines) > _LINES:
                lines = [*lines[: _LINES - 1], f"{lines[_LINES - 1][: self.width - 4].rstrip()} ..."]
            yield "\n".join(lines)
        if len(warnings) > _TOLD:
            yield f"and {len(warnings) - _TOLD} more: --all"

    def budgets(self) -> Iterator[Table]:
        """Yield the plan's budgets, those that fail first."""
        rows = sorted(budgets_of(self.plan), key=lambda row: row.passed)
        if rows:
            cells = tuple(("PASS" if row.passed else "FAIL", row.name, row.shown, row.message.partition(";")[0]) for row in rows)
            yield Table((Column(""), Column(""), Column("", number=True), Column("", wrap=True)), (("budgets", cells),), headed=True)

    def takes(self) -> list[Row]:
        """Return what the service takes: GPUs, seconds, money, power."""
        names = ["gpus", "latency_p95", "cost_per_month", "cost_per_video"]
        names += ["gross_margin"] if self.known["price_per_video_second"] else []
        rows = [self._row(name) for name in (*names, "fleet_power")]
        told = [name for name in BILLS if name != "gpu_cost_reserved" or self.known["reserved_price"]]  # else it repeats the one before
        bills = [self.figures[name] or 0 for name in told]
        if max(bills) > min(bills) * _SHOWN_LINK:
            place = names.index("cost_per_month") + 1
            rows[place:place] = [(f"  {name}", value, band, said) for name, value, band, said in map(self._row, told)]
        return rows

    def moves(self) -> list[Row]:
        """Return what the service moves: the lesson's questions."""
        return [self._row(name) for name in MOVES]

    def why(self) -> list[Row]:
        """Return the way from the rule of thumb and the work to the rent, each factor a line of its own."""
        rows = [self._row("rule_of_thumb_gpus")]
        rows += (
            [] if self.plan.bands or "rule_of_thumb_gpus" in self.plan.scenario.pins else [("", "", "", line) for line in self._reasons()]
        )
        rows += [self._row(name) for name in ("gpu_seconds_per_video", "busy_gpus")]
        far = (link for link in self.chain if not 1 / _SHOWN_LINK < link.factor < _SHOWN_LINK)
        rows += [(f"  {link.name}", show(link.gpus, "gpu"), "", f"x {link.factor:.2f}  {self._turn(link)}") for link in far]
        return rows

    def _turn(self, link: Link) -> str:
        """Return what to turn, without its value where a band takes the room."""
        return link.turn.partition(" ")[0] if self.tight and link.turn.partition(" ")[0] in ASSUMPTIONS else link.turn

    def _row(self, name: str) -> Row:
        plan, band = self.plan, ""
        if plan.bands:
            low, _middle, high = plan.bands[name]
            band = show_band(name, headline_like(name, self.figures) or self.figures[name], low, high)
        pin = plan.scenario.pins.get(name)
        value = show_headline(name, self.figures)
        remark = f"pinned, {pin.origin}" if pin else "" if value == CANNOT_RUN else getattr(self, f"_{name}")()
        return f"{name}{'!' if pin else ''}", value, band, remark

    # ---------------------------------------------------------------------------------------------------- remarks

    def _gpus(self) -> str:
        of = (
            f"{show(self.known['servers'], 'server')} of {self.known['gpus_had_per_server']:.0f}"
            if self.known["gpus_had_per_server"] > 1
            else ""
        )
        return of or f"{self.brief('busy_gpus')} at work on average"

    def _latency_p95(self) -> str:
        asked = self.plan.scenario.settings["target_latency"]
        waits = f"{self.shown_seconds('wait_p95')} of waiting" if self.figures["wait_p95"] is not None else "no steady state"
        if self.tight and not asked.origin.by_hand:
            return waits
        if asked.origin.by_hand:
            return f"{promised(self.plan.scenario, self.known['target_latency'])} asked"
        return f"{self.shown_seconds('generation_latency')} of work, {waits}"

    def _cost_per_month(self) -> str:
        if self.figures["cost_per_month"] is None:
            return f"no price of {self.plan.scenario.choices['gpu'].value}"
        if self.known["reserved_price"] and self.known["reserved_fraction"] < 1:
            return f"{digits(self.known['reserved_fraction'] * 100)}% of GPUs reserved"
        hours = digits(24 * self.known["days_per_month"])
        price = self.known["reserved_price"] or self.known["gpu_price"]
        share = (self.figures["gpu_cost_per_month"] or 0) / (self.figures["cost_per_month"] or math.inf)
        whole = f"; GPUs are {digits(share * 100)}%" if share < 1 and not self.tight else ""
        return f"{self.brief('gpus')} x {digits(price, 4)} USD x {hours} h{whole}"

    def _cost_per_video(self) -> str:
        if self.figures["cost_per_video"] is None:
            return ""
        seconds = self.known["duration"] or 1
        said = f"{digits((self.figures['cost_per_video'] or 0) / seconds)} USD a second"
        if self.tight:
            return said
        asked = self.plan.scenario.catalogue.video_list_prices()
        return f"{said}; APIs ask {asked[0].price:.2f} to {asked[-1].price:.2f}"

    def _gpu_cost_on_demand(self) -> str:
        return "its GPUs, held all day"

    def _gpu_cost_following(self) -> str:
        return "coming and going by day" if self.tight else f"coming and going by day; {self.brief('gpus_following')} on average"

    def _gpu_cost_reserved(self) -> str:
        return f"{digits(100 * self.known['cheapest_reserved_fraction'], 2)}% reserved at {digits(self.known['reserved_price'], 3)} USD"

    def _gross_margin(self) -> str:
        return f"sold at {digits(self.known['price_per_video_second'])} USD a second"

    def _fleet_power(self) -> str:
        if not self._level():
            return f"{show(self.figures['peak_fleet_power'] or 0, 'watt')} at the peak"
        return f"{show(self.figures['energy_per_video'] or 0, 'joule/video').partition('/')[0]} a clip"

    def _trps(self) -> str:
        if not self._level():
            return f"{digits(self.figures['peak_trps'] or 0)} at the peak"
        return _LEVEL if self.tight else f"{self.brief('requests_per_day')} / 86400; {_LEVEL}"

    def _model_and_encoder_size(self) -> str:
        return f"{self.brief('model_size')} + {self.brief('text_encoder_size')}"

    def _video_size(self) -> str:
        return f"{show(self.known['bitrate'], 'bit/s')} x {_short(self.known['duration'])} s / 8"

    def _storage_per_day(self) -> str:
        month = f"{show(self.figures['storage_per_month'] or 0, 'byte')} a month"
        if self.tight or not self.figures["index_storage_per_day"]:
            return month
        like = headline_like("storage_per_day", self.figures)
        parts = (show(self.figures[f"{part}_storage_per_day"] or 0, "byte", like=like) for part in ("interaction", "index"))
        return f"{' + '.join(parts)} index; {month}"

    def _egress_bandwidth(self) -> str:
        if self.known["views_per_video"] != 1:
            return f"views {show(self.figures['view_bandwidth'] or 0, 'bit/s')} at peak"
        if not self._level():
            return f"{show(self.figures['peak_egress_bandwidth'] or 0, 'bit/s')} at the peak"
        return _LEVEL if self.tight else f"{self.brief('delivered_per_day')} x {self.brief('video_size')} x 8 / 86400"

    def _rule_of_thumb_gpus(self) -> str:
        thumb, gpus = self.figures["rule_of_thumb_gpus"], self.figures["gpus"]
        less = f"{show(gpus / thumb, 'ratio')} times too few, because" if thumb and gpus else "too few, because"
        return (
            less.removesuffix(", because")
            if self.plan.bands
            else f"{digits(self.figures['trps'] or 0)} x {self.shown_seconds('rule_of_thumb_seconds')}; {less}"
        )

    def _reasons(self) -> Iterator[str]:
        """Yield why the rule of thumb and the physical model differ, in lines that fit beside the value."""
        known, work = self.known, self.figures["flops_per_pass"]
        attention = f" ({digits(100 * (self.figures['attention_flops_per_pass'] or 0) / work, 2)}%)" if work else ""
        said = (
            f"it counts {known['frames_per_video']:.0f} tokens, not {known['visual_tokens']:.0f}; 1 pass a step, not "
            f"{digits(known['passes_per_step'])}; no attention{attention}; the full peak"
        )
        yield from wrap(said, self.width - _NAMED - 2)

    def _gpu_seconds_per_video(self) -> str:
        parts = {label: self.figures[name] or 0 for name, label in _STAGES.items()}
        whole = sum(parts.values()) or 1
        largest = sorted(parts.items(), key=lambda item: -item[1])[:3]
        if self.known["gpus_per_replica"] > 1:
            return f"{self.known['gpus_per_replica']:.0f} GPUs x {self.shown_seconds('generation_latency')}"
        shares = [f"{label} {round(100 * part / whole)}%" for label, part in largest if part]
        while self.tight and len(", ".join(shares)) > _REMARK:
            shares.pop()
        return ", ".join(shares)

    def _busy_gpus(self) -> str:
        if self._level() and not self.tight:
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

    # --------------------------------------------------------------------------------------------------- how sure

    def left(self, most: int = _LEFT) -> Table:
        """Return what was left at a default and decides, with the factors of other values; above it, what the seconds rest on."""
        found = self.decides
        rows = []
        named = dict.fromkeys(one.name for one in found)
        names = sorted(named, key=lambda name: name != SIZED_BY)[:_LEFT]  # a promise that somebody wrote stands first
        large = {one.name for one in found if one.largest >= math.log(_LARGE)}
        for name in (name for place, name in enumerate(names) if place < most or name in large):
            own = [one for one in found if one.name == name]
            others = self._by_promise(own[0]) if name == SIZED_BY else _others(own)
            rows.append((f"  {name}", own[0].value.partition(" ")[0] + (" USD" if name == PRICE else ""), others))
        above = [
            "How sure" if self.width == _NEVER else "HOW SURE",
            *self._rests_on(),
            *self._free_or_bought(),
            *(["left at a default (gpus and bill times this):"] if rows else []),
        ]
        return Table((Column(""), Column(""), Column("")), (("", tuple(rows)),), "\n".join(above), headed=True)

    def _by_promise(self, one: Decides) -> str:
        """Return the fleet that the promise alone would take, and its factor."""
        factor = one.figures["gpus"]
        return f"latency, the promise alone: {show(round((self.figures['gpus'] or 0) * factor), 'gpu')}, {factor:.2f}"

    def _rests_on(self) -> Iterator[str]:
        plan = self.plan
        if plan.bands:
            ranges = ", ".join(f"{name} ({show_ends(name, value.low, value.high)})" for name, value in plan.scenario.ranges().items())
            yield from wrap(f"5% to 95% from {plan.samples} draws of {ranges}, seed {plan.seed}", self.width, subsequent_indent="  ")
        error = model_error(plan.scenario, plan.evidence)
        if error.kind in _ERROR_OF and not (error.kind == OWN_RANGE and plan.bands):
            share = _ERROR_OF[error.kind].format(f"{10 * error.share:.0f}")
            yield f"seconds, GPUs, USD, Wh: x {error.low:.2f} to {error.high:.2f} {share}"
        found, because = nearest_here(plan.scenario, self.known), f"{plan.evidence}: {self._because()}"
        yield f"{because:<{_LABEL}} measured   here ratio" if found else because
        for run in found:
            yield f"  {run.label[: _LABEL - 3]:<{_LABEL - 2}} {_short(run.measured):>6} s{_short(run.predicted):>6} s {run.ratio:>5.2f}"

    def _because(self) -> str:
        """Return why the evidence is called so."""
        plan, own = self.plan, own_rows(self.plan.scenario)
        count = 0 if own else len(near(plan.scenario, self.known))
        if "gpu_seconds_per_video" in plan.scenario.pins:
            return "the seconds are pinned; published"
        if plan.evidence == MEASURED:
            return (
                f"{count} published run{'' if count == 1 else 's'} like it; the nearest"
                if count
                else f"by {own} run{'' if own == '1' else 's'} of your own; published ones"
            )
        if plan.evidence == SAME_GENERATION:
            return "no published run is like it; nearest"
        return "nothing like it was timed; the nearest"

    def _free_or_bought(self) -> Iterator[str]:
        """Yield what APIs ask beside it, and what the choices that cost nothing give together, beside a GPU of the next generation."""
        if found := apis(self.plan):
            yield from wrap(str(found), self.width, subsequent_indent="  ")
        if both := beside(self.plan, self.decides):
            yield from wrap(str(both), self.width, subsequent_indent="  ")

    def more(self) -> Iterator[str]:
        """Yield where the rest is."""
        scenario = self.plan.scenario
        flags = shlex.join(words_of(flags_of(scenario)))
        asked = f"{scenario.file} gpus" if scenario.file else f"gpus {flags}"
        told = (f"more: --only storage, --all,{listed} explain {asked}" for listed in (" `list figures`,", ""))
        yield from wrap(
            min(told, key=lambda line: (len(line) > self.width, -len(line))),
            self.width,
            subsequent_indent="      ",
            break_on_hyphens=False,
        )
        if not scenario.file:
            yield f"keep it: t2v-cap init my.yaml {flags}"


def _short(value: float) -> str:
    return digits(value, exact=False)


def _others(found: list[Decides]) -> str:
    """Return the other values of a choice with the factor of each on the fleet, or on the bill where that alone moves."""
    if found[0].name == PRICE:
        ends = sorted(found, key=lambda one: one.figures["cost_per_month"])
        prices = " to ".join(f"{float(one.other.partition(' ')[0]):.2f}" for one in ends)
        factors = " to ".join(f"{one.figures['cost_per_month']:.2f}" for one in ends)
        return f"listed {prices}: bill {factors}"
    return ", ".join(f"{one.other}: {one.figures.get('gpus', 1.0):.2f}" for one in found[:_OTHERS])
