"""Vary a plan in one way: the options of a choice, the estimate with flags, and the cheapest changes that mend a plan.

Flags are applied as the command line does, so each remedy was tried.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain, islice, product
from typing import NamedTuple

from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.assumptions.cost import TERMS
from t2v_capacity.assumptions.parts import flagged, is_own, plain_name
from t2v_capacity.engine.figures import Known, Names
from t2v_capacity.errors import Mistakes
from t2v_capacity.plan.cells import Compute, cells_of
from t2v_capacity.plan.conditions import Condition
from t2v_capacity.plan.evidence import EVIDENCE_BY, no_engine, uncalibrated
from t2v_capacity.plan.pins import formula_figures, measured_pins, other_seconds, pinned_bills
from t2v_capacity.plan.rules import broken_budgets, figure_budgets, kept_budgets
from t2v_capacity.plan.tree import remembered
from t2v_capacity.plan.verdict import (
    BREAKS_BUDGET,
    FITS_BY,
    LATE_BY,
    LIMITED_BY,
    MEASURED_ELSEWHERE,
    OVERLOADED,
    Objection,
    Verdict,
    below_limit,
    broken,
    deferred_late,
    heads_left_over,
    late,
    limit_refused,
    no_fuller,
    no_value,
    overfull,
    overload_in_words,
    queues,
)
from t2v_capacity.scenario.load import PRICES, with_flags
from t2v_capacity.scenario.settings import Scenario

# The figures that advice shows for a change, and those that judge it.
ADVISED = ("gpus", "latency_p95", "cost_per_month")
# A budget on one of these says how late what a peak leaves may be.
WAITS = ("overload_wait", "fluid_wait")
_ALSO = "cost_per_video", "fleet_power", "spot_share", "overload_time", "replicas", "gpus_per_pass"
TRIED = (*ADVISED, *_ALSO, *FITS_BY, *LATE_BY, *EVIDENCE_BY)
_ENDLESS = "pinned values leave a figure without a finite value"


class FlagChange(NamedTuple):
    """Settings as a person would type them, each a name and a text: `(("runtime", "engine"),)`."""

    settings: tuple[tuple[str, str], ...]

    @property
    def flags(self) -> Names:
        """The flags that every command takes: `("--set", "runtime=engine")`."""
        return tuple(part for text in self.sets for part in ("--set", text))

    @property
    def sets(self) -> list[str]:
        """The texts after `--set`."""
        return [f"{name}={text}" for name, text in self.settings]

    def __str__(self) -> str:
        """Return it as it is typed: `--runtime engine`."""
        # What takes a typed value away stands with it on one command line, so that it isn't the same flag again.
        return " ".join(f"--set {name}=null" if text == "null" else flagged(name, text) for name, text in self.settings)


def change(**settings: str) -> FlagChange:
    """Return the change of these settings."""
    return FlagChange(tuple(settings.items()))


class _Fields(NamedTuple):
    change: FlagChange
    figures: Mapping[str, float]
    scenario: Scenario | None = None
    refused: str = ""
    known: Mapping[str, float] = {}
    """The plan's assumptions with it, and these figures"""
    to_change: tuple[Objection, ...] = ()
    """The objections to what it changes: pins are of it, or a budget is broken"""
    has_stale_pin: bool = False
    """Whether a pin, or seconds by hand, were measured on what it changes, so that its figures say nothing"""
    to_choose: tuple[Objection, ...] = ()
    """The objection to recommending it: the plan itself may run so, with a peak that is made later"""


class Trial(_Fields):
    """A change, and the figures of the estimate with its flags, or why it is refused.

    The figures are in base units, nan where they have no value.
    """

    @cached_property
    def verdict(self) -> Verdict | None:
        """The verdict on the plan with it; none where it is refused."""
        return Verdict(self.scenario, self.known) if self.scenario and self.figures else None

    @property
    def sure(self) -> bool:
        """Whether a promised latency is kept with a chance of at least 90%; so it is where none is promised."""
        if not self.verdict or not self.verdict.scenario.promises:
            return True
        return not (broken(self.known) or self.verdict.at_risk)

    @property
    def engine_note(self) -> str:
        """That no engine is listed for the model, where the plan with it is in one; else empty."""
        return no_engine(self.scenario, self.known) if self.scenario else ""

    @cached_property
    def caveat(self) -> str:
        """What speaks against the change itself: a broken budget, seconds beyond the user's own runs, or its engine."""
        for objection in self.to_change:
            if objection.code == BREAKS_BUDGET:
                return f"breaks {objection.message}"
        if self.scenario and uncalibrated(self.scenario):
            return "not among your own runs"
        return self.engine_note if "runtime" in dict(self.change.settings) else ""

    @property
    def makes_another_picture(self) -> bool:
        """Whether it takes another checkpoint or decoder."""
        return not {*REPAINTED}.isdisjoint(dict(self.change.settings))

    @property
    def holds(self) -> bool:
        """Whether nothing objects to it."""
        return self.verdict is not None and not (self.to_choose or self.to_change) and self.verdict.holds


@remembered
def _trial_cache(_scenario: Scenario) -> dict[tuple[FlagChange, Names], Trial]:
    """Return the cache of a plan's trials, which `trials` fills: several answers ask for the same ones."""
    return {}


def trials(scenario: Scenario, changes: Iterable[FlagChange], figures: Names = ()) -> Iterator[Trial]:
    """Yield each change with its result; apply none before it is asked for, and none of the same plan again."""
    tried = _trial_cache(scenario)
    for flags in changes:
        priced = at_own_prices(scenario, flags)
        if (priced, figures) not in tried:
            (tried[priced, figures],) = trials_over(scenario, priced, [(priced, {})], figures)
        yield tried[priced, figures]


def at_own_prices(scenario: Scenario, flags: FlagChange) -> FlagChange:
    """Return a change of the GPU or the provider with the prices taken away that were typed for the plan's own.

    On one command line they would be the other one's. A server of one's own has no provider.
    """
    settings = dict(flags.settings)
    gpu, seller = (settings.get(name, own := scenario.option(name)) != own for name in ("gpu", "provider"))
    prices = PRICES if gpu else [name for name in PRICES if seller and name != TERMS["server"]]
    typed = [name for name in prices if scenario.settings[name].origin.kind == "flag" and name not in settings]
    return FlagChange((*flags.settings, *((name, "null") for name in typed)))


def trials_over(
    scenario: Scenario,
    flags: FlagChange,
    cells: Sequence[tuple[FlagChange, dict[str, float]]],
    figures: Sequence[str] = (),
    budgets: Sequence[Condition] | None = None,
) -> Iterator[Trial]:
    """Yield the trials of changes that have these flags, and over them the values of a cell each.

    They are judged by these budgets, without any by those that the plan itself keeps. Each cell is the whole change and
    its values by name. The flags are applied once for all cells. So the scenario of a trial doesn't have the values of
    its cell; its figures do.
    """
    names = dict.fromkeys(name for _change, values in cells for name in values)
    try:
        budgets = kept_budgets(scenario) if budgets is None else budgets
        bills = pinned_bills(scenario)
        judged = (*(limit.figure for limit in figure_budgets(scenario)), *formula_figures(bill.name for bill in bills))
        deferred = ("deferred_slack",) if scenario.by_hand("target_deferred_wait") else ()
        wanted = tuple(dict.fromkeys((*TRIED, *figures, *LIMITED_BY, *judged, *deferred)))
        changed = with_flags(scenario, flags.sets)
        known = changed.values()
        compute = cells_of(changed, names, wanted, known)
    except (Mistakes, ArithmeticError, ValueError) as error:
        refused = error.mistakes[0].message if isinstance(error, Mistakes) else _ENDLESS
        yield from (Trial(whole, {}, refused=refused) for whole, _values in cells)
        return
    at = {pin.called: pin.at for pin in measured_pins(scenario)}
    pins = [pin._replace(at=at.get(pin.called, ())) for pin in measured_pins(changed)]
    for whole, values in cells:
        trial = _trial_of(whole, changed, known, values, compute)
        if trial.figures:
            measured, billed = (
                [Objection(MEASURED_ELSEWHERE, text) for pin in some if (text := pin.outlived_by(changed, trial.known))]
                for some in (pins, bills)
            )
            other = other_seconds(scenario, changed, trial.known)
            over = "; ".join(broken_budgets(budgets, trial.known))
            also = ((MEASURED_ELSEWHERE, other), (BREAKS_BUDGET, over))
            objections = (*measured, *billed, *(Objection(code, text) for code, text in also if text))
            to_choose = () if any(budget.figure in WAITS for budget in budgets) else _queueing(changed, trial.known)
            trial = trial._replace(to_change=objections, to_choose=to_choose, has_stale_pin=bool(measured or other))
        yield trial


def _queueing(changed: Scenario, known: Known) -> tuple[Objection, ...]:
    """Return the objection to a fleet that a limit keeps too small for its peak, where no target says how late it is.

    With a target the wait is judged. A pinned fleet is what there is.
    """
    limited = changed.by_hand("gpu_limit") and not changed.promises
    return (Objection(OVERLOADED, overload_in_words(known)),) if limited and queues(known) else ()


def _trial_of(
    change: FlagChange, changed: Scenario, known: Mapping[str, float], values: dict[str, float], compute: Compute
) -> Trial:
    """Return the trial of a cell: these values over the known ones of the changed plan."""
    try:
        figures = {**values, **compute(values)}
    except (ArithmeticError, ValueError):
        return Trial(change, {}, refused=_ENDLESS)
    known = {**known, **figures}
    if below_limit(known):
        return Trial(change, {}, changed, limit_refused(known))
    if any(map(math.isinf, figures.values())):
        return Trial(change, {}, changed, _ENDLESS)
    return Trial(change, figures, changed, known=known)


def options(scenario: Scenario, name: str) -> dict[str, str]:
    """Return the options of a choice, each with the id of its entry.

    Kernels are those of the GPU's generation, caches those of the model; marketplaces are no providers.
    """
    choice, prefix = CHOICES[name], ""
    if choice.of:
        generation = scenario.catalogue.generation(scenario.chosen()).id
        prefix = f"{generation if choice.of == 'gpu' else scenario.option(choice.of)}/"
    return {
        name.removeprefix(prefix): name
        for name, entry in scenario.catalogue.entries(choice.kind).items()
        if (name.startswith(prefix) or name == choice.default) and entry.about.get("sells") != "marketplace"
    }


def other_options(scenario: Scenario, name: str) -> list[str]:
    """Return the options of a choice that make the same picture, but the one in force."""
    chosen, kind = scenario.option(name), CHOICES[name].kind
    return [
        option
        for option, entry in options(scenario, name).items()
        if option != chosen and scenario.catalogue.same_picture(kind, entry)
    ]


FIXES, LARGER = 2, (2, 4, 8)  # changes that a warning names, and groups that are tried
QUICKER = ("attention_kernel", "runtime")  # choices that make the same clip sooner
REPAINTED = ("distilled", "decoder")  # those that make another picture
LESS_USED = tuple(percent / 100 for percent in range(85, 0, -5))  # values of `max_utilization`, of larger fleets


def memory_fixes(scenario: Scenario, known: Known) -> Iterator[Trial]:
    """Yield the changes with which a clip fits its GPU, the cheapest first; last weights in 8 bits: another picture.

    Other runtimes are tried alone, and with the cheapest of the other changes.
    """
    fitting = partial(fixing, scenario, fixed=lambda changed: not overfull(changed))
    runtimes = [change(runtime=option) for option in other_options(scenario, "runtime")]
    in_8_bits = [change(precision="fp8"), change(precision="fp8", vae_tiling="tiled", offload="all")]
    for changes in (_for_memory(known), in_8_bits):
        cheapest = [fix.change for fix in islice(fitting(changes), 2 * FIXES)]
        yield from fitting([*runtimes, *changes, *_combinations(cheapest, runtimes)])


def _combinations(*parts: Sequence[FlagChange]) -> list[FlagChange]:
    """Return every way to take one change of each part together, those of fewest settings first."""
    changes = (tuple(chain(*(part.settings for part in whole))) for whole in product(*parts))
    once = (settings for settings in changes if len(dict(settings)) == len(settings))
    return [*map(FlagChange, sorted(once, key=len))]


def latency_fixes(scenario: Scenario, known: Known) -> Iterator[Trial]:
    """Yield the changes that meet the promised latency, the cheapest first; last those that make another picture."""
    yield from _lifting(scenario, _for_latency(scenario, known), _meets(known))
    yield from repainted_fixes(scenario, known)


def repainted_fixes(scenario: Scenario, known: Known) -> Iterator[Trial]:
    """Yield the few-step checkpoints and the light decoders of the model that meet the promised latency."""
    changes = [
        to_option(scenario, choice, option) for choice in REPAINTED for option in sorted(options(scenario, choice))
    ]
    yield from fixing(scenario, changes, _meets(known))


def to_option(scenario: Scenario, choice: str, option: str) -> FlagChange:
    """Return the change to an option; to a checkpoint with its steps where a part, a stage or a flag has more."""
    changes = {choice: option}
    if choice == "distilled":
        facts, known = scenario.catalogue.entries(choice)[options(scenario, choice)[option]].facts, scenario.values()
        for name, setting in scenario.all_settings().items():
            fact = facts.get(plain_name(name))
            if fact and (is_own(name) or setting.origin.kind == "flag") and known[name] > float(fact.text):
                changes[name] = fact.text
    return change(**changes)


def _meets(known: Known) -> Callable[[Known], bool]:
    """Return the test of whether a changed plan keeps its promise, and fits as well as before."""
    return lambda changed: no_fuller(changed, known) and not late(changed) and not no_value(changed["latency_p95"])


def limit_fixes(scenario: Scenario, known: Known) -> Iterator[Trial]:
    """Yield the changes with which a fleet carries its peak: first a `gpu_limit` alone, then the cheapest of all."""
    for changes in ((), _for_latency(scenario, known)):
        yield from _lifting(scenario, changes, lambda changed: no_fuller(changed, known) and changed["utilization"] < 1)


def deferred_fixes(scenario: Scenario, known: Known) -> Iterator[Trial]:
    """Yield the changes that keep the promise to work that can wait: a larger fleet, or at a limit quicker clips."""
    less = (change(max_utilization=f"{share:g}") for share in LESS_USED if share < known["max_utilization"])
    quicker = _for_latency(scenario, known) if scenario.by_hand("gpu_limit") else ()
    yield from _lifting(scenario, [*less, *quicker], lambda changed: not deferred_late(changed))


def _lifting(scenario: Scenario, changes: Iterable[FlagChange], fixed: Callable[[Known], bool]) -> Iterator[Trial]:
    """Yield the changes that mend a plan, and of a plan with a limit also a higher one, alone and with each of them.

    That is the lowest, in tenths of the fleet, that keeps a promise as surely as no limit does.
    """
    changes = [*changes]
    raised = (change(), *changes) if scenario.by_hand("gpu_limit") else ()
    free = [FlagChange((*flags.settings, ("gpu_limit", "null"))) for flags in raised]
    for fix in fixing(scenario, [*free, *changes], fixed):
        settings = dict(fix.change.settings)
        tenths = range(10, 20) if settings.pop("gpu_limit", "") else ()
        held = (change(**settings, gpu_limit=f"{math.ceil(fix.figures['gpus'] * tenth / 10)}") for tenth in tenths)
        tried = trials(scenario, [change(**settings), *held])
        mended = (trial for trial in tried if trial.figures and fixed(trial.known))
        yield next((trial for trial in mended if trial.sure or not fix.sure), fix)


def in_brackets(*notes: str) -> str:
    """Return notes in brackets after a blank; nothing where there are none."""
    return f" ({text})" if (text := "; ".join(filter(None, notes))) else ""


def fixing(scenario: Scenario, changes: Iterable[FlagChange], fixed: Callable[[Known], bool]) -> Iterator[Trial]:
    """Yield the changes that mend a plan: first what fits, then what keeps a promise surely, then the cheapest.

    A change with a caveat comes after its like. Of those with the same seconds and bill it is the first.
    """
    tried = (trial for trial in trials(scenario, changes) if trial.figures and not trial.has_stale_pin)
    mended = [trial for trial in tried if fixed(trial.known) and _shares_evenly(trial)]
    fixes = {rank_of(trial): trial for trial in reversed(mended)}
    for full, sure in product((False, True), (True, False)):  # chances take longest: few are asked for
        yield from (fixes[rank] for rank in sorted(fixes) if rank[0] == full and fixes[rank].sure is sure)


def _shares_evenly(trial: Trial) -> bool:
    """Return whether attention heads divide over a group that it takes, as its runtime shares a clip."""
    grouped = "gpus_per_replica" in dict(trial.change.settings)
    return not (grouped and heads_left_over(trial.known["heads"], trial.known["gpus_per_pass"]))


def rank_of(trial: Trial) -> tuple[bool, str, float, float, float]:
    """Return whether memory is too small, its caveat, a clip's cost (a month's sinks unserved), GPUs and seconds."""
    figures, cost = trial.figures, trial.figures["cost_per_video"]
    bill = math.inf if no_value(cost) else cost
    return bool(overfull(trial.known)), trial.caveat, bill, figures["gpus"], figures["gpu_seconds_per_video"]


def _for_memory(known: Known) -> list[FlagChange]:
    """Return the changes that may mend memory: tiles, offloads and divided weights, alone and with each other."""
    tiles = [change(), change(vae_tiling="tiled")]
    offloads = [change(offload=offload) for offload in ("encoder", "all", "blocks", "layers")]
    streams = [change(), change(offload="blocks")]
    if known["unified_memory"]:  # the CPU has no memory of its own
        offloads, streams = [], [change()]
    shards = [change(), change(sharding="weights"), *_groups(known, sharding="weights")]
    changes = [*_combinations(tiles, offloads), *_combinations(tiles, streams, shards)]
    wider = known["bytes_per_parameter"] > 2  # noqa: PLR2004 - 16 bits
    return _combinations([change(precision="bf16")], changes) if wider else changes


def _for_latency(scenario: Scenario, known: Known) -> Iterator[FlagChange]:
    """Yield the changes that may meet a latency.

    Kernels and runtimes are quicker ones: a slower one that makes too few frames for two streams costs twice as much.
    Where memory is too small, they are tried with what mends it. No fleet helps a clip longer than its target.
    """
    quicker = [
        [
            trial.change
            for trial in trials(scenario, [change(**{name: option}) for option in other_options(scenario, name)])
            if trial.figures and trial.figures["first_frame_seconds"] < known["first_frame_seconds"]
        ]
        for name in QUICKER
    ]
    fixes = islice(memory_fixes(scenario, known), FIXES)
    fitting = [change(sharding="weights"), *(fix.change for fix in fixes)] if overfull(known) else []
    quick = _combinations(*([change(), *part] for part in (fitting, *quicker, _groups(known))))
    yield from quick[1:]
    for trial in trials(scenario, quick) if scenario.promises and not known["sized_by_latency"] else ():
        if trial.figures and (scenario.parts or trial.known["delivery_seconds"] < trial.known["target_latency"]):
            yield FlagChange((*trial.change.settings, ("sized_by", "latency")))


def _groups(known: Known, **also: str) -> list[FlagChange]:
    """Return the groups of more GPUs, with what they also change."""
    return [change(gpus_per_replica=str(group), **also) for group in LARGER if group > known["gpus_per_replica"]]
