"""Warn the reader of a plan. Each code is stable; `warnings.md` in this folder explains it."""

import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial, reduce
from itertools import chain, islice, pairwise
from operator import or_

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import ACCELERATIONS, CHOICES
from t2v_capacity.assumptions.generation import FEW_STEPS
from t2v_capacity.assumptions.parts import PROMISE_BY
from t2v_capacity.assumptions.quantities import Range, show
from t2v_capacity.catalogue import read_date
from t2v_capacity.engine.constants import DAY, FEWEST_REFUSED, SMALLEST_SPREAD
from t2v_capacity.engine.figures import FIGURES, Number, ancestors
from t2v_capacity.plan.cells import behind, bitrate
from t2v_capacity.plan.drivers import drivers
from t2v_capacity.plan.evidence import EVIDENCE_BY, EXTRAPOLATED, MEASURED, evidence_of, model_error, unmeasured
from t2v_capacity.plan.fixes import latency_fixes, memory_fixes
from t2v_capacity.plan.mix import View, of_any_part, stages_of, views
from t2v_capacity.plan.sanity import BEYOND_BY, beyond, faster_than_peak, tell_beyond, tell_faster
from t2v_capacity.plan.trials import Memo, Trial
from t2v_capacity.plan.verdict import (
    at_risk,
    cannot_run,
    error_range,
    late,
    no_value,
    overfull,
    price_unknown,
    promise_at_risk,
    promised,
    short_of_memory,
    slowest_said,
)
from t2v_capacity.scenario.settings import PlanWarning, Scenario, Setting, point

# Every code that a plan or a change of one may be warned with; `warnings.md` has a section on each.
CODES = (
    "another-picture beyond-reference bitrate-unlike-frame cache-on-few-steps day-unlike-cosine default-decides egress-tiers exceeds-on-demand exceeds-site-power extrapolated "
    "faster-than-the-gpu "
    "gates-loosened heads-not-divisible hit-ratio-impossible idle-draws-more limit-drops-spares memory-does-not-fit misses-deferred-wait "
    "misses-target-latency model-error-ignored no-region-left no-revenue no-server-price outside-model-range overloaded "
    "override-replaced parameters-unlike-architecture pin-bypasses pin-impossible pool-long-clips price-below-list price-stale price-unknown regional-peak requests-refused "
    "reserve-dearer "
    "spares-too-few spot-without-promise steps-not-distilled target-latency-uncertain tiers-out-of-order unpaired "
    "waits-uncertain"
).split()
# Visual tokens of the runs that the generation model was held against, docs/accuracy.md.
_FEWEST, _MOST = 4_000, 130_000
# From how many bytes of a month each further price of egress holds, in order.
_BEGINS = tuple(name for name in ASSUMPTIONS if name.startswith("egress_from_"))
# A checkpoint that isn't distilled is not run at fewer than one step in so many of its own.
_FEWER = 4
# Figures of waiting, absent for an overloaded fleet; and of revenue, absent if nothing is sold.
WAITING = ("idle_share", "delayed_wait", "wait_p95", "runs_latency_p95", "latency_p95", "latency_slack")
# Of one whose urgent work leaves nothing, also these; and of one that never catches up.
ENDLESS = ("fluid_deferred_wait", "deferred_slack", "fluid_backlog", "fluid_wait")
SELLING = ("gross_margin", "break_even_price")
# Of servers of one's own, where none has a price.
OWNING = ("owned_server_price", "owned_price", "owning_utilization")
# Figures of the bill named first if no price is known.
_BILLED = ("cost_per_month", "cost_per_video")
# A fleet that is busier at its peak has waits that no formula of a steady queue knows.
_BUSY = 0.95
# A day is near its peak above so much of it; unlike a cosine where that takes so many times as long, or days vary by more.
_AT_PEAK, _UNLIKE, _VARYING = 0.9, 1.5, 0.05
# The provider whose tiers include the default egress price; a difference of a tenth gives a warning.
_TIERED, _A_TENTH = "cloudfront", 0.1
# Changes that a warning names; seconds within this part of each other are the same.
FIXES, _SAME = 2, 1e-3
_OLDEST_PRICE = 180  # days
# A bitrate this many times below that of its frame's size was meant for another; a default price below this part of the median is far below.
_LOW_BITRATE, _LOW_PRICE = 5, 2 / 3
_NEAR = 1e-9
# Parameters of a transformer lie within this factor of those that its layers imply; audio streams and embeddings are the rest.
_UNLIKE = 1.5
# Matrices of a block's adaptive norms, which modulate before and after its two halves; Peebles and Xie, arXiv:2212.09748, 2022.
_MODULATION = 6

# Assumptions and figures by name: floats, or arrays of them for many cells; nan if one has no value.
Known = Mapping[str, Number]


def plan_warnings(scenario: Scenario, known: Known, memo: Memo | None = None, *, notes: bool = True) -> tuple[PlanWarning, ...]:
    """Return the warnings of a plan, those of its scenario first; `known` are all of its values as floats, `memo` what was tried of it.

    Without `notes`, what drives it is not looked for, which takes longer than all else.
    """
    plan = _Case(scenario, known, error_range(scenario, known), memo, notes, scenario, known)
    tests = due(scenario, plan.error)
    told = (_told(plan, code, tell) for code, tell in _TELLS.items() if code in _FOUND_OUT or (code in tests and tests[code](known)))
    return (*scenario.warnings, *chain.from_iterable(told))


def _told(plan: "_Case", code: str, tell: "_Tell") -> Iterator[PlanWarning]:
    """Yield the warnings of a code: of the plan, or where it is about a clip's making, of each part of a mix or stage, which they name."""
    told = views(plan.scenario, plan.known) if code in _OF_A_CLIP else ()
    told = tuple(stage for view in told for stage in stages_of(view)) if code in _OF_A_STAGE else told
    if not any(view.part for view in told):
        yield from tell(plan)
        return
    for view in told:
        test = _OF_A_CLIP[code](view.scenario)
        if test and test(view.known):
            part = plan.but(view)
            yield from (one._replace(message=f"{view.name}: {one.message}", names=tuple(map(view.of, one.names))) for one in tell(part))


@dataclass(frozen=True, slots=True)
class _Case:
    """A plan that may be warned of: its values, the error of its promise, and what was tried of it."""

    scenario: Scenario
    known: Known
    error: Range | None
    memo: Memo | None
    notes: bool
    whole: Scenario  # the whole plan if this is a part; trials apply the parts again
    plan: Known

    def but(self, view: View) -> "_Case":
        """Return the case of a part."""
        return replace(self, scenario=view.scenario, known=view.known)

    def __getitem__(self, name: str) -> Number:
        return self.known[name]


def _runs(known: Known) -> Number:
    return known["gpu_seconds_per_video"] == known["gpu_seconds_per_video"]


def _overloaded(known: Known) -> Number:
    without = reduce(or_, (no_value(known[name]) for name in WAITING))
    return (without | (known["utilization"] >= 1) | (known["peak_busy_gpus"] > known["gpus"])) & _runs(known)


def _implied_params(known: Known) -> tuple[Number, Number]:
    """Return the fewest and the most parameters that layers, width and feed-forward imply: joint attention may hold text apart."""
    hidden, joint = known["hidden_size"], known["text_in_sequence"]
    block = (8 - 4 * joint) * hidden**2 + known["ffn_matrices"] * hidden * known["ffn_size"]
    layers = known["layers"] / known["active_share"]
    return layers * block, layers * (block + joint * (block + 2 * _MODULATION * hidden**2))


def _unlike(known: Known) -> Number:
    least, most = _implied_params(known)
    return (known["model_params"] * _UNLIKE < least) | (known["model_params"] > most * _UNLIKE)


def _parameters(plan: _Case) -> Iterator[PlanWarning]:
    least, most = _implied_params(plan.known)
    implied = show(least, "parameter") if least == most else f"{show(least, 'parameter')} to {show(most, 'parameter')}"
    message = (
        f"model_params is {show(plan['model_params'], 'parameter')}, but {plan['layers']:.0f} layers of hidden_size "
        f"{plan['hidden_size']:.0f} imply {implied}; sizes follow the one and seconds the other, so correct whichever is wrong"
    )
    yield PlanWarning("parameters-unlike-architecture", message, ("model_params", "layers", "hidden_size", "ffn_size", "ffn_matrices"))


def _indivisible(known: Known) -> Number:
    sharing = known["gpus_per_replica"] / known["guidance_split"]
    return (sharing > 1) & (known["heads"] % sharing != 0)


# The figures that the tests of warnings ask for.
DUE_BY = (
    *("memory_needed", "memory_usable", "gpu_seconds_per_video", "utilization", "served_share", "peak_busy_gpus", "gpus"),
    *(*WAITING, *ENDLESS, *SELLING, *OWNING, *EVIDENCE_BY, *BEYOND_BY, "overload_time", "latency_room", "hit_ratio_limit", "spares_slack"),
    *("servers", "servers_per_region", "spares_per_region", "replicas", "replicas_needed"),
    *("revenue_per_month", "paid_seconds_per_month", "site_power_share", "visual_tokens", "paid_burst_share", "guidance_split"),
    *("egress_per_month", "egress_cost_per_month", "peak_trps", "regional_peak_trps", "held_fraction", "gpus_held_idle"),
    *(*PROMISE_BY, "refused_share", "refused_per_day", "off_gpu_seconds", "resident_weights"),
)


def due(scenario: Scenario, error: Range | None) -> dict[str, Callable[[Known], Number]]:
    """Return, by code, the tests of the warnings that numbers decide; what was chosen and set decides the others.

    A test takes assumptions and the figures of `DUE_BY`, as floats or as arrays of many cells; `error` is that of the promise.
    """
    names = [name for found in _doubtful_prices(scenario) for name in found]
    tests = {code: test for code, (test, _tell) in _BY_NUMBERS.items() if code not in _OF_A_CLIP}
    tests |= {code: test for code, test_of in _OF_A_CLIP.items() if (test := of_any_part(scenario, test_of, stages=code in _OF_A_STAGE))}
    if error:
        tests["target-latency-uncertain"] = lambda known: at_risk(scenario, known, error)
    if tiered := _in_tiers(scenario):
        tests["egress-tiers"] = lambda known: _far_from(known["egress_cost_per_month"], tiered(known))
    return tests | ({"price-stale": _any_counted(names)} if names else {})


def _any_counted(names: list[str]) -> Callable[[Known], Number]:
    def test(known: Known) -> Number:
        counted = _counted(known)
        return reduce(or_, (counted[name] for name in names))

    return test


def _memory(plan: _Case) -> Iterator[PlanWarning]:
    """Warn of a clip that does not fit its GPU, or cannot run there, with the cheapest changes that mend it and what each costs."""
    needed = plan["memory_needed"]
    fitting = _first(
        memory_fixes(plan.whole, plan.plan, plan.memo), lambda one: f"{show(one['memory_needed'], 'byte')}, {_slower(one, plan.plan)}"
    )
    fix = f"fits with {fitting}" if fitting else f"fits on a GPU with {show(needed / plan['usable_memory_share'], 'byte')}"
    short = short_of_memory(plan.known)
    without: tuple[str, ...] = ()
    if no_value(plan["can_run"]):
        pins = frozenset(plan.scenario.pins)
        without = tuple(name for name in FIGURES if no_value(plan[name]) and "can_run" in (name, *behind((name,), pins)))
    said = f"cannot run: {short}"
    if not cannot_run(plan.known):
        pinned, near = "is predicted not to run, but its seconds are pinned", "within the memory model's error"
        said = f"{pinned}: {short}" if without else f"may not fit: {short}, {near}"
    yield PlanWarning("memory-does-not-fit", f"{said}; {fix}", ("memory_needed", *without))


def _slower(found: Mapping[str, float], known: Known) -> str:
    """Return a change's cost in seconds per clip, in words."""
    seconds, before = found["gpu_seconds_per_video"], known["gpu_seconds_per_video"]
    if no_value(before) or not before:
        return show(seconds, "second/video")
    share = seconds / before - 1
    return "same seconds" if abs(share) < _SAME else f"{max(1, round(abs(share) * 100))}% {'more' if share > 0 else 'fewer'} seconds"


def _first(fixes: Iterator[Trial], cost: Callable[[Mapping[str, float]], str]) -> str:
    """Return the first changes as they are typed, the very first with what it costs; nothing if there is none."""
    return " or ".join(
        f"`{one.change}`{'' if place else f' ({cost(one.figures)}{_other_weights(one)})'}" for place, one in enumerate(islice(fixes, FIXES))
    )


def _other_weights(one: Trial) -> str:
    return ", another checkpoint" if "distilled" in dict(one.change.settings) else ""


def _idle_power(plan: _Case) -> Iterator[PlanWarning]:
    at_work = plan["gpu_power"] * plan["gpu_load_share"]
    message = (
        f"an idle GPU would draw {show(plan['gpu_idle_power'], 'watt')} and one at work {show(at_work, 'watt')}, so that more users take "
        "less energy; look at gpu_idle_power and gpu_load_share"
    )
    yield PlanWarning("idle-draws-more", message, ("gpu_idle_power", "gpu_load_share"))


def _undistilled(scenario: Scenario) -> Callable[[Known], Number] | None:
    """Return the test of steps far below the checkpoint's, since it was distilled to no fewer; none if `steps` has a source.

    A distilled checkpoint is recognized by its distilled guidance: fewer passes per step than the model's own.
    """
    if scenario.settings["steps"].source and scenario.settings["steps"].origin.by_hand:
        return None
    if "gpu_seconds_per_video" in scenario.pins or scenario.settings["model_params"].origin.by_hand:
        return None
    steps, passes = _own(scenario)
    return lambda known: (known["steps"] * _FEWER < steps) & (known["passes_per_step"] >= passes)


def _own(scenario: Scenario) -> tuple[float, float]:
    """Return the steps and the passes a step of the chosen checkpoint; the defaults are those of the default model."""
    distilled = scenario.choices["distilled"].value != CHOICES["distilled"].default
    if scenario.choices["model"].origin.kind == "default" and not distilled:
        return float(ASSUMPTIONS["steps"].default), float(ASSUMPTIONS["passes_per_step"].default)
    supplied = scenario.catalogue.supplied("distilled" if distilled else "model", scenario.chosen())
    return float(supplied["steps"][0].text), float(supplied["passes_per_step"][0].text)


def _undistilled_steps(plan: _Case) -> Iterator[PlanWarning]:
    model, (own, _passes) = plan.scenario.choices["model"].value, _own(plan.scenario)
    message = (
        f"{show(plan['steps'], 'step')} are far below the {own:g} of {model}, which is not distilled to so few; take a distilled model, "
        "or add the `source` of `steps`"
    )
    yield PlanWarning("steps-not-distilled", message, ("steps",))


def _cached(plan: _Case) -> Iterator[PlanWarning]:
    message = (
        f"a cache that skips {show(plan['cached_step_share'], 'share')} of {show(plan['steps'], 'step')} skips what a clip is made of: "
        "caches rest on steps that resemble each other, and few steps don't; set cached_step_share to 0"
    )
    yield PlanWarning("cache-on-few-steps", message, ("cached_step_share", "steps"))


def _another_picture(plan: _Case) -> Iterator[PlanWarning]:
    """State the known effect of each chosen acceleration on picture quality."""
    chosen = plan.scenario.chosen()
    for name in ACCELERATIONS:
        if chosen[name] != CHOICES[name].default and not (entry := plan.scenario.catalogue.acceleration(name, chosen)).private:
            known = "; ".join(filter(None, (entry.about.get("quality", "nothing is said of it"), entry.about.get("note"))))
            yield PlanWarning("another-picture", f"`{name}: {chosen[name]}` changes the picture: {known}", (name,), "info")


def _heads(plan: _Case) -> Iterator[PlanWarning]:
    sharing = plan["gpus_per_replica"] / plan["guidance_split"]
    message = f"{plan['heads']:.0f} attention heads don't divide over {sharing:g} GPUs; sequence parallelism by heads (Ulysses) needs that"
    yield PlanWarning("heads-not-divisible", message, ("heads", "gpus_per_replica"))


def _evidence(plan: _Case) -> Iterator[PlanWarning]:
    """Say why a plan is not measured; a plan that is faster than its GPU has a warning of its own."""
    kind, reason = evidence_of(plan.scenario, plan.known)
    if kind == MEASURED or faster_than_peak(plan.known):
        return
    error, severity = model_error(plan.scenario, plan.known), "warning" if kind == EXTRAPOLATED else "info"
    message = f"{reason}; expect {error.low:.2f} to {error.high:.2f} times gpu_seconds_per_video. Measure a clip and pin it"
    yield PlanWarning("extrapolated", message, ("gpu_seconds_per_video",), severity)


def _tokens(plan: _Case) -> Iterator[PlanWarning]:
    message = f"{plan['visual_tokens']:.0f} visual tokens are outside the {_FEWEST} to {_MOST} of the runs that the generation model was held against"
    yield PlanWarning("outside-model-range", message, ("visual_tokens", "gpu_seconds_per_video"))


def _overload(plan: _Case) -> Iterator[PlanWarning]:
    """Warn of a fleet that can't carry its peak: how long its backlog grows, or that it never clears."""
    waiting = tuple(name for name in (*WAITING, *ENDLESS) if no_value(plan[name]))
    if not waiting and plan["utilization"] < 1:
        message = (
            f"at the peak {show(plan['peak_busy_gpus'], 'gpu')} would be at work and {show(plan['gpus'], 'gpu')} are rented; "
            f"waits and latencies are those of the {show(plan['replicas'], 'replica')} that the load asks for; write "
            f"`gpu_limit: {plan['gpus']:.0f}` in place of the pin, and they follow"
        )
        yield PlanWarning("overloaded", message, ("gpus", "average_utilization"))
        return
    fix = "; raise the pinned number of them" if "replicas" in plan.scenario.pins else f"; {_carried(plan.known)}"
    if no_value(plan["fluid_wait"]):
        served, demand = plan["delivered_per_day"], plan["delivered_per_day"] / plan["served_share"]
        message = f"serves {show(served, 'video/day')} of {show(demand, 'video/day')}; the queue grows indefinitely{fix}"
    else:
        message = (
            f"for {show(plan['overload_time'], 'second')} a day more arrives than the fleet ({show(plan['replicas'], 'replica')}) can make; "
            f"the last request of the overload waits {show(plan['fluid_wait'], 'second')}{fix}"
        )
    yield PlanWarning("overloaded", message, ("utilization", *waiting))


def _carried(known: Known) -> str:
    """Return the number of users that the fleet would carry at their peak, by its utilization only."""
    share = 1 / known["utilization"] if known["utilization"] else 0.0
    return f"it carries the peak of {show(known['dau'] * share, ASSUMPTIONS['dau'].unit)}"


def _latency(plan: _Case) -> Iterator[PlanWarning]:
    """Warn of a missed promise, with the cheapest changes that keep it and what each gives."""
    latency, target = plan["latency_p95"], plan["target_latency"]
    fixes = iter(()) if no_value(latency) else latency_fixes(plan.whole, plan.plan, plan.memo)
    meeting = _first(fixes, lambda one: show(one["latency_p95"], "second"))
    fix = f"met with {meeting}" if meeting else "no kernel, runtime, group size, few-step checkpoint, or fleet tested meets it"
    if no_value(latency):
        fix = "it takes more GPUs, or fewer requests"
    message = f"{slowest_said(plan.known)}, target {promised(plan.scenario, target)}; {fix}"
    yield PlanWarning("misses-target-latency", message, ("latency_p95", "target_latency"))


def _refusals(plan: _Case) -> Iterator[PlanWarning]:
    share, number = show(plan["refused_share"], "share"), show(plan["refused_per_day"], "video/day")
    message = (
        f"the queue holds {show(plan['queue_limit'], 'video')}: {share} of runs, {number}, come to a full one and are refused; raise "
        "`queue_limit` or use more GPUs"
    )
    yield PlanWarning("requests-refused", message, ("refused_per_day", "served_share", "queue_limit"))


def _uncertain_waits(plan: _Case) -> Iterator[PlanWarning]:
    message = (
        f"{show(plan['utilization'], 'share')} of the replicas are at work at the peak: waits of so full a fleet depend on chance and on the day. "
        f"`t2v-cap estimate {plan.scenario.file} --only waiting` simulates days"
    )
    yield PlanWarning("waits-uncertain", message, ("wait_p95", "latency_p95"))


def _deferred(plan: _Case) -> Iterator[PlanWarning]:
    target = plan.scenario.written("target_deferred_wait") or show(plan["target_deferred_wait"], "second")
    message = (
        f"deferred work waits up to {show(plan['fluid_deferred_wait'], 'second')}, target {target}; it takes more GPUs, or a "
        f"deferrable_share other than {show(plan['deferrable_share'], 'share')}"
    )
    yield PlanWarning("misses-deferred-wait", message, ("fluid_deferred_wait", "target_deferred_wait"))


def _hit_ratio(plan: _Case) -> Iterator[PlanWarning]:
    message = (
        f"a cache can't serve {show(plan['cdn_hit_ratio'], 'share')} of {show(plan['views_per_video'], 'view')} a clip: the first "
        f"view comes from the origin, so {show(plan['hit_ratio_limit'], 'share')} is the most, and origin_bandwidth takes that"
    )
    yield PlanWarning("hit-ratio-impossible", message, ("cdn_hit_ratio", "views_per_video"))


def _prices(plan: _Case) -> Iterator[PlanWarning]:
    """Warn of the prices that the bill rests on and that are old or undated."""
    counted = _counted(plan.known)
    old, undated = ({name: what for name, what in found.items() if counted[name]} for found in _doubtful_prices(plan.scenario))
    if old:
        ages = ", ".join(f"{name} ({dated})" for name, dated in old.items())
        message = f"older than {_OLDEST_PRICE} days on {plan.scenario.as_of}: {ages}; look the price up, and set it with its `as_of`"
        yield PlanWarning("price-stale", message, tuple(old))
    if undated:
        message = f"without a date: {', '.join(undated)}; add `as_of` to the value"
        yield PlanWarning("price-stale", message, tuple(undated), "info")


def _unpriced(plan: _Case) -> Iterator[PlanWarning]:
    """Warn that costs have no value because the GPU's price is unknown."""
    names = tuple(name for name in FIGURES if no_value(plan[name]) and "gpu_price" in ancestors([name], stop=plan.scenario.pins))
    first = [name for name in _BILLED if name in names] or list(names[:1])
    more = f" and {len(names) - len(first)} more figures" if len(names) > len(first) else ""
    without = f", so there is no {', no '.join(first)}{more}" if names else ""
    message = f"no price of {plan.scenario.choices['gpu'].value} is known{without}; set `gpu_price`"
    yield PlanWarning("price-unknown", message, ("gpu_price", *names))


def _cheap(plan: _Case) -> Iterator[PlanWarning]:
    """Warn of a default price of the GPU that is far below the median of its listed ones."""
    gpu, price = plan.scenario.choices["gpu"].value, plan["gpu_price"]
    own = plan.scenario.settings["gpu_price"].origin.by_hand or plan.scenario.choices["gpu"].origin.kind == "default"
    listed = [] if own else sorted(plan.scenario.catalogue.listed_prices(gpu))
    median = (listed[(len(listed) - 1) // 2] + listed[len(listed) // 2]) / 2 if listed else 0.0  # `statistics` costs a start 15 ms
    if price < _LOW_PRICE * median:
        show_price = ASSUMPTIONS["gpu_price"].show
        message = (
            f"the default price of {gpu}, {show_price(price)}, is far below the median of its list, {show_price(median)}; set `gpu_price`"
        )
        yield PlanWarning("price-below-list", message, ("gpu_price",))


def _low_bitrate(scenario: Scenario) -> Callable[[Known], Number] | None:
    """Return the test of a bitrate written by hand that is far below that of the frame's size; none if the bitrate follows the size."""
    if scenario.bitrate_follows:
        return None
    return lambda known: known["bitrate"] * _LOW_BITRATE < bitrate(scenario, known["width"], known["height"])


def _bitrate(plan: _Case) -> Iterator[PlanWarning]:
    usual = ASSUMPTIONS["bitrate"].show(bitrate(plan.scenario, plan["width"], plan["height"]))
    message = (
        f"bitrate is {ASSUMPTIONS['bitrate'].show(plan['bitrate'])}, and a frame of {plan['width']:.0f}x{plan['height']:.0f} usually has {usual}; "
        "set `bitrate`, or `bitrate: null` to take that"
    )
    yield PlanWarning("bitrate-unlike-frame", message, ("bitrate", "width", "height"))


def _in_tiers(scenario: Scenario) -> Callable[[Known], Number] | None:
    """Return a month's egress cost in USD by the tiers of the default provider; none if egress was chosen."""
    hand = any(setting.origin.by_hand for name, setting in scenario.settings.items() if name.startswith("egress_"))
    if hand or scenario.choices["egress"].origin.by_hand or not {"egress_per_month", "egress_cost_per_month"}.isdisjoint(scenario.pins):
        return None
    supplied = scenario.catalogue.supplied("egress", {**scenario.chosen(), "egress": _TIERED})
    prices = {name: point(name, fact.read(name)) for name, (fact, _entry) in supplied.items()}
    discount = FIGURES["egress_discount"]

    def cost(known: Known) -> Number:
        sent = known["egress_per_month"]
        given = [sent if name == "egress_per_month" else prices[name] for name in discount.parameters]
        return sent * prices["egress_price"] - discount.formula(*given)

    return cost


def _far_from(flat: Number, tiered: Number) -> Number:
    return (flat > 0) & (abs(tiered - flat) >= _A_TENTH * flat)  # a price of 0 was set by the user


def _tiers(plan: _Case) -> Iterator[PlanWarning]:
    """Tell what a provider's tiers would make of egress that is billed at one price."""
    tiered = _in_tiers(plan.scenario)
    assert tiered
    flat, cost, sent = plan["egress_cost_per_month"], tiered(plan.known), plan["egress_per_month"]
    message = (
        f"{show(sent, 'byte')} a month at one price cost {show(flat, 'USD')}; by the tiers of {_TIERED}, {show(cost, 'USD')}; "
        f"set `egress: {_TIERED}`, or your own egress_price"
    )
    yield PlanWarning("egress-tiers", message, ("egress_price", "egress_cost_per_month"), "info")


def _counted(known: Known) -> dict[str, Number]:
    """Return of each price whether the bill rests on it."""
    return {
        "gpu_price": (known["paid_burst_share"] != 0) | (known["reserved_price"] == 0),
        "reserved_price": known["reserved_price"] * known["held_fraction"] != 0,
        "spot_price": known["spot_price"] * known["spot_fraction"] != 0,
        "storage_price": known["storage_price"] != 0,
        "request_price": known["request_price"] != 0,
        "egress_price": known["egress_price"] * known["views_per_video"] != 0,
        "read_price": known["read_price"] * known["views_per_video"] != 0,
    }


def _doubtful_prices(scenario: Scenario) -> tuple[dict[str, date], dict[str, None]]:
    """Return the prices that are old (and how old), and those that have no date; one that is not known at all is neither."""
    reached, today = behind(("cost_per_month",), frozenset(scenario.pins)), read_date(scenario.as_of)
    old, undated = dict[str, date](), dict[str, None]()
    for name in ("gpu_price", "reserved_price", "spot_price", "storage_price", "request_price", "egress_price", "read_price"):
        setting = scenario.settings[name]
        dated = _dated(setting)
        if name not in reached or (name == "gpu_price" and price_unknown(scenario)):
            continue
        if dated is None:
            undated[name] = None
        elif today and (today - dated).days > _OLDEST_PRICE:
            old[name] = dated
    return old, undated


def _dated(setting: Setting) -> date | None:
    """Return the date of a value: its own, else the one that its source ends with."""
    found = re.search(r"(\d{4}(?:-\d\d){0,2})$", setting.as_of or setting.source, re.ASCII)
    return read_date(found.group(1)) if found else None


def _unsold(known: Known) -> dict[str, Number]:
    """Return of each figure of what is sold whether it has no value since nothing is."""
    sold = {"gross_margin": "revenue_per_month", "break_even_price": "paid_seconds_per_month"}
    return {name: no_value(known[name]) & (known[of] <= 0) for name, of in sold.items()}


def _selling(plan: _Case) -> Iterator[PlanWarning]:
    """Tell why a service that sells nothing has no margin."""
    names = tuple(name for name, unsold in _unsold(plan.known).items() if unsold)
    fix = "set price_per_video_second" if names == ("gross_margin",) else "set price_per_video_second and paid_share"
    yield PlanWarning("no-revenue", f"nothing is sold, so there is no {' and no '.join(names)}; {fix}", names, "info")


def _unowned(known: Known) -> dict[str, Number]:
    """Return of each figure of owning whether it has no value since no server has a price."""
    without = {name: no_value(known[name]) for name in OWNING}
    unpriced = without["owned_server_price"]
    return {
        "owned_server_price": unpriced,
        "owned_price": without["owned_price"] & unpriced,
        "owning_utilization": without["owning_utilization"] & without["owned_price"] & unpriced,
    }


def _owning(plan: _Case) -> Iterator[PlanWarning]:
    names = tuple(name for name, unowned in _unowned(plan.known).items() if unowned)
    yield PlanWarning("no-server-price", f"no server has a price, so there is no {', no '.join(names)}; set server_price", names, "info")


def _site(plan: _Case) -> Iterator[PlanWarning]:
    whose = f" at each of {plan['regions']:.0f} sites" if plan["regions"] > 1 else ""
    message = (
        f"rated power {show(plan['nameplate_power'] / plan['regions'], 'watt')}{whose} exceeds the "
        f"{show(plan['site_power_limit'], 'watt')} site limit"
    )
    yield PlanWarning("exceeds-site-power", message, ("nameplate_power", "site_power_share", "site_power_limit"))


def _flattened(known: Known) -> Number:
    """Return whether regions that serve their own users would peak above their part of a world that time zones flatten."""
    return (
        (known["regions"] > 1)
        & (known["time_zones"] > 0)
        & (known["regional_peak_trps"] > known["peak_trps"] / known["regions"] * (1 + _NEAR))
    )


def _regions(plan: _Case) -> Iterator[PlanWarning]:
    own, part = plan["regional_peak_trps"], plan["peak_trps"] / plan["regions"]
    message = (
        f"a region that serves its own users alone peaks at {show(own, 'request/s')}, {show(own / part, 'ratio')} times its part of the "
        f"world's peak, {show(part, 'request/s')}, by which the fleet is sized: {plan['time_zones']:.3g} time zones flatten the world's day and "
        "not a region's; where requests stay in their region, size it with `time_zones: 0`"
    )
    yield PlanWarning("regional-peak", message, ("regional_peak_trps", "peak_trps", "regions", "time_zones"), "info")


def _spot(plan: _Case) -> Iterator[PlanWarning]:
    """Tell what the fleet does without its spot GPUs, which may all be taken away at once."""
    left = plan["gpus"] * (1 - plan["spot_fraction"])
    peak, mean = plan["peak_busy_gpus"] / plan["spot_work"], plan["busy_gpus"] / plan["spot_work"]
    does = (
        "carry the peak" if left >= peak else "carry the day's mean and not its peak" if left >= mean else "make less than a day asks for"
    )
    more = f", {show(left / peak, 'share')} of it" if left < peak else ""
    lost = (
        f"; interruptions take {show(plan['interrupted_work'], 'ratio')} times a clip's GPU-seconds on them"
        if plan["interruptions_per_run"]
        else ""
    )
    message = (
        f"{show(plan['spot_fraction'], 'share')} of the fleet is spot and carries no promise: without it {show(left, 'gpu')} are left, which "
        f"{does}{more}{lost}"
    )
    yield PlanWarning("spot-without-promise", message, ("spot_fraction", "gpus"), "info")


def _spares(plan: _Case) -> Iterator[PlanWarning]:
    down, spares = plan["down_per_region"], plan["spares_per_region"]
    message = (
        f"of {show(plan['servers_per_region'], 'server')} per region {show(down, 'server')} are down on average and "
        f"{show(spares - plan['spares_slack'], 'server')} one hour in twenty, with {show(spares, 'server')} spare; raise spare_fraction or spare_servers"
    )
    yield PlanWarning("spares-too-few", message, ("spares_slack", "spare_fraction"))


def _no_room(plan: _Case) -> Iterator[PlanWarning]:
    short = plan["regions"] * (plan["servers_per_region"] + plan["spares_per_region"]) - plan["servers"]
    lost = "replicas for a lost region" if plan["regions_lost"] and plan["replicas"] < plan["replicas_needed"] else ""
    dropped = " and ".join(filter(None, (f"{show(short, 'server')} of the spares" if short > 0 else "", lost)))
    message = f"the fleet has no room for {dropped}; give it more GPUs, or plan without them"
    yield PlanWarning("limit-drops-spares", message, ("servers", "gpu_limit"), "info")


def _dear_reserve(plan: _Case) -> Iterator[PlanWarning]:
    reserved, demanded = (show(plan[name], ASSUMPTIONS[name].unit) for name in ("reserved_price", "gpu_price"))
    message = f"a reserved GPU costs {reserved} and one on demand {demanded}, so that reserving never pays; look at both prices"
    yield PlanWarning("reserve-dearer", message, ("reserved_price", "gpu_price"))


def _on_demand(plan: _Case) -> Iterator[PlanWarning]:
    had = f"{plan['on_demand_limit']:.0f} of {show(plan['gpus'], 'gpu')} can be had on demand"
    message = (
        f"{had}: the others are held at every hour, so that autoscaling leaves {show(plan['gpus_held_idle'], 'gpu')} idle on average, "
        "which is counted as no saving; raise `on_demand_limit` if more can be had"
    )
    yield PlanWarning("exceeds-on-demand", message, ("on_demand_limit", "gpu_cost_following", "gpus_held_idle"))


def _none_left(plan: _Case) -> Iterator[PlanWarning]:
    lost, regions = (show(plan[name], ASSUMPTIONS[name].unit) for name in ("regions_lost", "regions"))
    message = (
        f"of {regions} as many as {lost} may be lost, which leaves none; the fleet is that of one left: set `regions_lost` below `regions`"
    )
    yield PlanWarning("no-region-left", message, ("regions_lost", "regions"))


def _odd_tiers(known: Known) -> dict[tuple[str, str], Number]:
    """Return of each pair of a tier's assumptions whether it makes no sense: one begins before the last, or costs nothing by default."""
    found = {(begins, before): known[begins] < known[before] for before, begins in pairwise(_BEGINS)}
    for begins in _BEGINS:
        price = begins.replace("from", "price")
        found[price, begins] = (known[price] <= 0) & (known[begins] < ASSUMPTIONS[begins].high) & (known["egress_price"] > 0)
    return found


def _tiers_odd(plan: _Case) -> Iterator[PlanWarning]:
    (one, other), _odd = next(pair for pair in _odd_tiers(plan.known).items() if pair[1])
    below = f"`{one}` is below `{other}`, and a price holds from where the one before it ends; write them rising"
    free = f"`{one}` is 0, so that every byte beyond `{other}` costs nothing; set it"
    yield PlanWarning("tiers-out-of-order", below if one.startswith("egress_from") else free, (one, other))


def _bypassing_pins(plan: _Case) -> Iterator[PlanWarning]:
    """Warn where an assumption was set by hand but counts nowhere, since a pin stands before every figure that uses it."""
    yield from _bypassed(plan.scenario, [*plan.scenario.settings], lambda name: name)
    for part in (*plan.scenario.parts, *plan.scenario.stages):
        yield from _bypassed(part.scenario, [name for name in part.scenario.settings if name in part.own], part.called)


def _impossible_pin(plan: _Case) -> Iterator[PlanWarning]:
    """Warn of a pinned latency that is shorter than a clip takes to make."""
    latency, making = plan["latency_p95"], plan["generation_latency"]
    if "latency_p95" in plan.scenario.pins and latency < making * (1 - _NEAR):
        message = f"latency_p95 is pinned at {show(latency, 'second')}, and a clip takes {show(making, 'second')} to make; correct the pin"
        yield PlanWarning("pin-impossible", message, ("latency_p95", "generation_latency"))


def _unlike_cosine(plan: _Case) -> Iterator[PlanWarning]:
    """Warn of a day that formulas take for another: by the hours near the peak, or since days vary."""
    curve, peak, varies, weekend = plan.scenario.day_curve, plan["zoned_peak"], plan["day_variability"], plan["weekend_level"]
    at_peak = sum(rate > _AT_PEAK * max(curve) for rate in curve) / len(curve) if curve else 0.0
    swing = max(SMALLEST_SPREAD, peak - max(1.0, peak / 2))
    cosine = min(1.0, 2 / peak) * math.acos(max(-1.0, 1 - (1 - _AT_PEAK) * peak / swing)) / math.pi
    said = (
        f"the load is within a tenth of its peak for {show(DAY * at_peak, 'second')} a day, a cosine's for {show(DAY * cosine, 'second')}"
    )
    unlike = [said] if curve and not cosine / _UNLIKE < at_peak < cosine * _UNLIKE else []
    unlike += [f"days vary by {show(varies, 'share')}"] if varies > _VARYING else []
    unlike += [f"weekends have {show(weekend, 'ratio')} times a weekday's requests"] if abs(1 - weekend) > _VARYING else []
    if unlike:
        message = (
            f"{'; '.join(unlike)}: waits and bills that follow the day are a cosine's, every day alike. "
            f"`t2v-cap estimate {plan.scenario.file} --only waiting` simulates this day's"
        )
        yield PlanWarning("day-unlike-cosine", message, ("wait_p95", "latency_p95", "fluid_wait", "gpu_cost_following"))


def _bypassed(scenario: Scenario, names: Iterable[str], called: Callable[[str], str]) -> Iterator[PlanWarning]:
    if not scenario.pins:
        return
    reaching = ancestors(FIGURES) - ancestors(FIGURES, stop=scenario.pins)
    idle = [name for name in names if scenario.settings[name].origin.by_hand and name in reaching]
    if not idle:
        return
    pins = ", ".join(f"`{pin}`" for pin in scenario.pins if set(idle) & ancestors([pin]))
    message = f"pinned {pins}: {', '.join(f'`{called(name)}`' for name in idle)} no longer counts"
    yield PlanWarning("pin-bypasses", message, tuple(map(called, idle)))


def _deciding_defaults(plan: _Case) -> Iterator[PlanWarning]:
    """Name the defaults that drive the answer: the model, the GPU, and the drivers' list.

    What a catalogue supplies is no default; its price is dated, and `price-stale` watches that.
    """
    if not plan.notes:
        return
    chosen = {name: plan.scenario.choices[name].value for name in ("model", "gpu") if plan.scenario.choices[name].origin.kind == "default"}
    driving = {one.name: one.value for one in drivers(plan.scenario, plan.known, plan.memo, priced=False) if one.origin.kind == "default"}
    if not chosen and not driving:
        return
    shown = ", ".join(f"{name} = {value}" for name, value in {**chosen, **driving}.items())
    yield PlanWarning("default-decides", f"these defaults drive the answer: {shown}", (*chosen, *driving), "info")


def model_error_ignored(scenario: Scenario, ranges: Collection[str]) -> Iterator[PlanWarning]:
    """Warn where figures have a band that leaves out the model's error, since `time_factor` was set to one number by hand."""
    behind = ancestors(FIGURES, stop=scenario.pins)
    if "time_factor" in ranges or "time_factor" not in behind:
        return
    names = tuple(name for name in FIGURES if "time_factor" in ancestors([name], stop=scenario.pins))
    message = "time_factor is one number, set by hand, so the bands leave out the generation model's own error; without it they hold the published one"
    yield PlanWarning("model-error-ignored", message, ("time_factor", *names), "info")


def _promise(plan: _Case) -> Iterator[PlanWarning]:
    assert plan.error
    message = promise_at_risk(plan.scenario, plan.known, plan.error)
    yield PlanWarning("target-latency-uncertain", message, ("latency_p95", "target_latency"))


def _always(test: Callable[[Known], Number], _scenario: Scenario) -> Callable[[Known], Number]:
    return test


# The function that writes a due warning.
_Tell = Callable[[_Case], Iterable[PlanWarning]]
# The warnings decided by numbers: the test, of floats or of arrays of cells, and the function that writes it.
_BY_NUMBERS: dict[str, tuple[Callable[[Known], Number], _Tell]] = {
    "memory-does-not-fit": (overfull, _memory),
    "heads-not-divisible": (_indivisible, _heads),
    "parameters-unlike-architecture": (_unlike, _parameters),
    "overloaded": (_overloaded, _overload),
    "requests-refused": (lambda known: known["refused_share"] > FEWEST_REFUSED, _refusals),
    "misses-target-latency": (late, _latency),
    "misses-deferred-wait": (lambda known: known["deferred_slack"] < 0, _deferred),
    "hit-ratio-impossible": (lambda known: known["cdn_hit_ratio"] > known["hit_ratio_limit"] + _NEAR, _hit_ratio),
    "price-unknown": (lambda known: no_value(known["gpu_price"]), _unpriced),
    "no-revenue": (lambda known: reduce(or_, _unsold(known).values()), _selling),
    "no-server-price": (lambda known: reduce(or_, _unowned(known).values()), _owning),
    "exceeds-site-power": (lambda known: known["site_power_share"] > 1 + _NEAR, _site),
    "regional-peak": (_flattened, _regions),
    "no-region-left": (lambda known: known["regions_lost"] >= known["regions"], _none_left),
    "tiers-out-of-order": (lambda known: reduce(or_, _odd_tiers(known).values()), _tiers_odd),
    "limit-drops-spares": (
        lambda known: (
            (known["servers"] < known["regions"] * (known["servers_per_region"] + known["spares_per_region"]))
            | ((known["regions_lost"] > 0) & (known["replicas"] < known["replicas_needed"]))
        ),
        _no_room,
    ),
    "reserve-dearer": (lambda known: known["reserved_price"] > known["gpu_price"], _dear_reserve),
    "exceeds-on-demand": (lambda known: known["on_demand_limit"] < known["gpus"], _on_demand),
    "spot-without-promise": (lambda known: (known["spot_fraction"] > 0) & _runs(known), _spot),
    "spares-too-few": (lambda known: known["spares_slack"] < 0, _spares),
    "faster-than-the-gpu": (faster_than_peak, lambda plan: [tell_faster(plan.scenario, plan.known)]),
    "beyond-reference": (beyond, lambda plan: [tell_beyond(plan.scenario, plan.known)]),
    "waits-uncertain": (lambda known: (known["utilization"] > _BUSY) & (known["utilization"] < 1), _uncertain_waits),
    "outside-model-range": (lambda known: (known["visual_tokens"] < _FEWEST) | (known["visual_tokens"] > _MOST), _tokens),
    "cache-on-few-steps": (lambda known: (known["cached_step_share"] > 0) & (known["steps"] <= FEW_STEPS), _cached),
    "idle-draws-more": (lambda known: known["gpu_idle_power"] > known["gpu_power"] * known["gpu_load_share"], _idle_power),
}
# Of these and others, those about how a clip is made and what it is promised: in a mix they are asked of each part, by its scenario.
_OF_A_CLIP: dict[str, Callable[[Scenario], Callable[[Known], Number] | None]] = {
    **{
        code: partial(_always, _BY_NUMBERS[code][0])
        for code in ("memory-does-not-fit", "heads-not-divisible", "faster-than-the-gpu", "cache-on-few-steps")
    },
    "misses-target-latency": lambda scenario: (
        late if scenario.settings["target_latency"].origin.by_hand else None
    ),  # a default is no promise
    "outside-model-range": lambda scenario: None if "gpu_seconds_per_video" in scenario.pins else _BY_NUMBERS["outside-model-range"][0],
    "steps-not-distilled": _undistilled,
    "bitrate-unlike-frame": _low_bitrate,
    "extrapolated": unmeasured,
}
# Of these, those of a stage of a clip.
_OF_A_STAGE = ("faster-than-the-gpu", "cache-on-few-steps", "outside-model-range", "steps-not-distilled", "extrapolated")
# All, in the order in which they are reported.
_TELLS: dict[str, _Tell] = {
    **{code: tell for code, (_test, tell) in _BY_NUMBERS.items()},
    "target-latency-uncertain": _promise,
    "steps-not-distilled": _undistilled_steps,
    "another-picture": _another_picture,
    "bitrate-unlike-frame": _bitrate,
    "price-below-list": _cheap,
    "price-stale": _prices,
    "egress-tiers": _tiers,
    "extrapolated": _evidence,
    "pin-bypasses": _bypassing_pins,
    "pin-impossible": _impossible_pin,
    "day-unlike-cosine": _unlike_cosine,
    "default-decides": _deciding_defaults,
}
# Those whose words find out themselves whether they are due.
_FOUND_OUT = (
    "another-picture",
    "price-below-list",
    "price-stale",
    "extrapolated",
    "pin-bypasses",
    "pin-impossible",
    "day-unlike-cosine",
    "default-decides",
)
