"""What a plan rests on: prices off the list or old, no runs like it, pins and their measurements, days, defaults."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.quantities import digits, show
from t2v_capacity.assumptions.traffic import cosine
from t2v_capacity.catalogue import OLDEST_PRICE, read_date
from t2v_capacity.engine.constants import DAY
from t2v_capacity.engine.figures import FIGURES, Known, Number, ancestors
from t2v_capacity.plan.candidates import drivers
from t2v_capacity.plan.cells import ancestry
from t2v_capacity.plan.evidence import (
    EVIDENCE_BY,
    EXTRAPOLATED,
    evidence_of,
    model_error,
    unmeasured,
)
from t2v_capacity.plan.pins import as_written, input_of, measured_pins
from t2v_capacity.plan.tree import homes
from t2v_capacity.plan.verdict import no_value
from t2v_capacity.plan.warnings.register import ROUNDING_ERROR, Case, Test, Text, any_of, note, warning
from t2v_capacity.scenario.measured import measured_at
from t2v_capacity.scenario.settings import Scenario, Setting, point

# The inputs by which a measured clip is named.
NAMED_BY = (
    *("model", "width", "height", "duration", "steps", "passes_per_step", "gpu", "gpus_per_replica"),
    *("runtime", "attention_kernel", "precision", "dau", "videos_per_user_per_day"),
)


def at_now(scenario: Scenario, figure: str) -> str:
    """Return what a figure measured on a plan was measured at, as a scenario writes it."""
    return f"{{{', '.join(f'{name}: {text}' for name, text in inputs_now(scenario, figure).items())}}}"


def inputs_now(scenario: Scenario, figure: str) -> dict[str, str]:
    """Return the inputs that a figure measured on a plan was measured at, by name, as a scenario writes them."""
    return {name: as_written(name, input_of(scenario, name)) for name in NAMED_BY if name in measured_at(figure)}


# A price by hand this many times outside the range of the list is far outside.
_FAR = 2
# A day is near its peak above so much of it.
# It is unlike a cosine where that takes so many times as long, or days vary by more.
_AT_PEAK, _UNLIKE, _VARYING = 0.9, 1.5, 0.05
# So is one whose load above a base, of as many as are tried, differs by more of the fleet's hours: reserves hang on it.
_APART, _BASES = 0.03, 100


def _list_prices(scenario: Scenario) -> tuple[float, ...]:
    """Return what sellers ask for the plan's GPU, where its price is by hand."""
    by_hand = scenario.by_hand("gpu_price")
    return tuple(scenario.catalogue.sellers(scenario.option("gpu")).values()) if by_hand else ()


def _off_the_list(scenario: Scenario) -> Test | None:
    """Return the test of a price far outside what sellers ask; none where it is the list's own."""
    prices = _list_prices(scenario)
    if not prices:
        return None
    return lambda known: (known["gpu_price"] < min(prices) / _FAR) | (known["gpu_price"] > max(prices) * _FAR)


@warning("price-below-list", "gpu_price", due=_off_the_list)
def _unlike_the_list(plan: Case) -> str:
    """Warn of a GPU price by hand that is far outside what sellers ask for that GPU, below or above."""
    prices, price = _list_prices(plan.scenario), plan["gpu_price"]
    side = "below" if price < min(prices) else "above"
    return (
        f"{ASSUMPTIONS['gpu_price'].show(price)} is far {side} what sellers ask for "
        f"{plan.scenario.option('gpu')}, {digits(min(prices))} to {digits(max(prices))}; "
        "check `gpu_price` and its unit"
    )


def _in_the_bill(known: Known) -> dict[str, Number]:
    """Return whether the bill rests on each price."""
    return {
        "gpu_price": (known["paid_burst_share"] != 0) | (known["reserved_price"] == 0),
        "reserved_price": known["reserved_price"] * known["held_fraction"] != 0,
        "spot_price": known["spot_share"] != 0,
        "storage_price": known["storage_price"] != 0,
        "request_price": known["request_price"] != 0,
        "egress_price": known["egress_price"] * known["views_per_video"] != 0,
    }


def _date_of(setting: Setting) -> date | None:
    """Return the date of a value: its own, else the one that its source ends with."""
    match = re.search(r"(\d{4}(?:-\d\d){0,2})$", setting.as_of or setting.source, re.ASCII)
    return read_date(match.group(1)) if match else None


def _doubtful(scenario: Scenario) -> dict[str, date | None]:
    """Return the prices that are old, or of long after the plan's day, each with its date, and those that have none.

    A price that is not known at all is neither.
    """
    reached, today = ancestry("cost_per_month", scenario), read_date(scenario.as_of)
    prices = ("gpu_price", "reserved_price", "spot_price", "storage_price", "request_price", "egress_price")
    settings = {name: scenario.settings[name] for name in prices if name in reached}
    dates = {name: _date_of(price) for name, price in settings.items() if not no_value(point(name, price.value))}
    return {
        name: dated for name, dated in dates.items() if not dated or (today and abs(today - dated).days > OLDEST_PRICE)
    }


def _in_doubt(scenario: Scenario) -> Test:
    """Return the test of a bill that rests on an old or undated price."""
    names = _doubtful(scenario)
    return any_of(lambda known: {name: counts for name, counts in _in_the_bill(known).items() if name in names})


@warning("price-stale", due=_in_doubt, by=("paid_burst_share", "held_fraction", "spot_share"))
def _prices(plan: Case) -> Iterator[Text]:
    """Warn of the prices that the bill rests on and that are of another time than the plan, or undated."""
    in_the_bill = _in_the_bill(plan.known)
    dates = {name: dated for name, dated in _doubtful(plan.scenario).items() if in_the_bill[name]}
    if old := [name for name, dated in dates.items() if dated]:
        ages = ", ".join(f"{name} ({dates[name]})" for name in old)
        yield Text(
            f"more than {OLDEST_PRICE} days from {plan.scenario.as_of}: {ages}; "
            "look the price up, and set it with its `as_of`",
            (*old,),
        )
    if undated := [name for name, dated in dates.items() if not dated]:
        yield Text(f"without a date: {', '.join(undated)}; add `as_of` to the value", (*undated,), "info")


@warning("expired")
def _expired(plan: Case) -> Iterator[Text]:
    """Warn of a value that its author says is valid no longer on the plan's day, or in a forecast's last month."""
    scenario = plan.scenario
    for name, setting in scenario.all_settings().items():
        if "" < setting.expires < scenario.as_of:
            text = f"`{name}` expires on {setting.expires}, before {scenario.as_of}; find out what holds then"
            yield Text(text, (name,))


@warning("extrapolated", "gpu_seconds_per_video", due=unmeasured, by=EVIDENCE_BY, of="stage")
def _evidence(plan: Case) -> Iterator[Text]:
    """Say why a plan is not measured; one that is faster than its GPU has another warning."""
    (kind, reason), error = evidence_of(plan.scenario, plan.known), model_error(plan.scenario, plan.known)
    severity = "warning" if kind == EXTRAPOLATED else "info"
    if error.low < error.high:
        reason += f"; expect {error.low:.2f} to {error.high:.2f} times gpu_seconds_per_video"
    timed = "generated_fps" if plan.scenario.streams else "gpu_seconds_per_video"
    whole = plan.whole_scenario
    if whole.stages or any(part.stages for part in whole.parts):  # seconds of a clip are of all stages
        timed = "vae_decode_seconds" if "denoising_seconds" in plan.scenario.pins else "denoising_seconds"
    pin = f"{timed}: {{value: ..., at: {at_now(plan.scenario, timed)}}}"
    yield Text(f"{reason}. Measure it and pin it: `pins: {{{pin}}}`", severity=severity)


@warning("pin-bypasses")
def _bypassing_pins(plan: Case) -> Iterator[Text]:
    """Warn of an assumption set by hand that counts nowhere, since a pin stands before every figure that uses it."""
    known = plan.scenario.all_settings()
    for home, way in homes(plan.scenario).items():
        own = way[-1].scenario if way else plan.scenario
        reaching = ancestors(FIGURES) - ancestors(FIGURES, stop=own.pins) if own.pins else ()
        idle = [name for name in own.settings if name in reaching and own.by_hand(name) and home + name in known]
        if idle:
            pins = ", ".join(f"`{pin}`" for pin in own.pins if set(idle) & ancestors([pin]))
            names = [home + name for name in idle]
            idling = ", ".join(f"`{name}`" for name in names)
            yield Text(f"pinned {pins}: {idling} no longer counts", (*names,))


def _least(known: Known) -> dict[str, tuple[Number, str]]:
    """Return the least that each latency can be, and why."""
    work = known["gpu_seconds_per_video"] / known["gpus_per_replica"]
    return {
        "latency_p95": (known["first_frame_seconds"], "a clip takes {} to make"),
        "generation_latency": (work, "its GPU-seconds take {} on the GPUs of a replica"),
    }


def _is_impossible(scenario: Scenario) -> Test:
    """Return the test of a pin below what is possible, or of less than a pass per step."""

    def impossible(known: Known) -> dict[str, Number]:
        least = _least(known)
        below = {name: known[name] < least[name][0] * (1 - ROUNDING_ERROR) for name in least if name in scenario.pins}
        return {**below, "passes_per_step": known["passes_per_step"] < 1}

    return any_of(impossible)


@warning(
    "pin-impossible",
    due=_is_impossible,
    by=("latency_p95", "generation_latency", "first_frame_seconds", "gpu_seconds_per_video"),
)
def _impossible_pin(plan: Case) -> Iterator[Text]:
    """Warn of a pinned latency below the time of making a clip, and of less than a pass per step.

    Checkpoints of several sizes have less, since their small frames are parts of a pass.
    """
    for name, (least, why) in _least(plan.known).items():
        if name in plan.scenario.pins and plan[name] < least * (1 - ROUNDING_ERROR):
            limit = f"{name} is pinned at {show(plan[name], 'second')}, and {why.format(show(least, 'second'))}"
            yield Text(f"{limit}; correct the pin", (name, "generation_latency"))
    if plan["passes_per_step"] < 1 and plan.scenario.by_hand("passes_per_step"):
        passes = f"passes_per_step is {plan['passes_per_step']:g}, and a step takes one pass at least"
        yield Text(f"{passes}; write steps that are skipped as `cached_step_share`", ("passes_per_step",))


def _clips_made(known: Known) -> Number:
    runs = known["generation_rate"] * DAY * known["served_share"]
    return runs * (1 - known["failed_share"]) * (1 - known["rejected_output_share"])


def _disagreeing(known: Known) -> dict[str, Number]:
    """Return of each figure that a pin may set apart whether it is over a tenth off what else the plan counts with."""
    seconds = known["generation_latency"] * known["gpus_per_replica"]
    peak, mean = known["peak_busy_gpus"], known["busy_gpus"] * known["week_peak"]
    return {
        "delivered_per_day": 10 * abs(known["delivered_per_day"] - _clips_made(known)) > known["delivered_per_day"],
        "generation_latency": (known["streamed"] <= 0) & (10 * seconds > 11 * known["gpu_seconds_per_video"]),
        "peak_busy_gpus": 10 * abs(peak - mean) > peak,
    }


@warning(
    "pins-disagree",
    due=lambda scenario: any_of(_disagreeing) if scenario.pins else None,
    by=(
        *("delivered_per_day", "generation_rate", "served_share", "generation_latency", "gpu_seconds_per_video"),
        *("streamed", "peak_busy_gpus", "busy_gpus", "week_peak"),
    ),
)
def _disagreeing_pins(plan: Case) -> Iterator[Text]:
    """Warn of figures that are not those of each other, since a pin moves nothing before it."""
    known = plan.known
    apart = {name for name, disagree in _disagreeing(known).items() if disagree}
    if "delivered_per_day" in apart:
        made, delivered = (show(clips, "video/day") for clips in (_clips_made(known), known["delivered_per_day"]))
        message = f"the fleet makes {made}, and {delivered} are delivered; pin `requests_per_day`, which both follow"
        yield Text(message, ("delivered_per_day", "generations_per_day"))
    if "generation_latency" in apart:
        held = known["generation_latency"] * known["gpus_per_replica"]
        message = (
            f"a clip holds its replica for {show(known['generation_latency'], 'second')}, and the fleet counts "
            f"{show(known['gpu_seconds_per_video'], 'second')} of a GPU; pin `gpu_seconds_per_video: {held:.4g} s`"
        )
        yield Text(message, ("generation_latency", "gpu_seconds_per_video"))
    if "peak_busy_gpus" in apart:
        day = f"{known['week_peak']:.3g} times the mean of {show(known['busy_gpus'], 'gpu')}"
        message = (
            f"at the peak {show(known['peak_busy_gpus'], 'gpu')} are at work, and the day's curve has {day}; "
            "write `peak_to_average` in place of the pin"
        )
        yield Text(message, ("peak_busy_gpus", "busy_gpus"))


def _is_outlived(scenario: Scenario) -> Test:
    """Return the test of a pin that was measured at other inputs."""
    pins = [pin for pin in measured_pins(scenario) if pin.stated]
    return lambda known: any(pin.differing(scenario, known) for pin in pins)


@warning("pin-outlived", due=_is_outlived)
def _outlived_pins(plan: Case) -> Iterator[Text]:
    """Warn of a pin that speaks for another clip, or for another demand, than the plan's."""
    for pin in measured_pins(plan.scenario):
        own, names = pin.scenario(plan.scenario), pin.differing(plan.scenario, plan.known)
        if names and pin.stated:
            at = dict(pin.at)
            measured = ", ".join(
                f"{name} {as_written(name, at[name])} (now {as_written(name, input_of(own, name))})" for name in names
            )
            yield Text(
                f"`{pin.called}` was measured at {measured}: measure it again, and write `at: {at_now(own, pin.name)}`",
                (pin.called, *names),
            )


def _near_peak(day: Sequence[float]) -> float:
    """Return the share of a day's parts whose load is within a tenth of its peak."""
    high = _AT_PEAK * max(day)
    return sum(rate > high for rate in day) / len(day)


@cache
def _most_apart(day: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Return by how much the load above any base differs at most between two days, over a fleet at the peak.

    It takes milliseconds, and a comparison asks it of every GPU.
    """
    peak = max(day)
    bases = [peak * part / _BASES for part in range(_BASES)]
    return max(abs(_load_above(base, day) - _load_above(base, other)) for base in bases) / peak


def _load_above(base: float, day: Sequence[float]) -> float:
    return sum(max(0.0, rate - base) for rate in day) / len(day)


@warning("day-unlike-cosine", "wait_p95 latency_p95 fluid_wait gpu_cost_following refused_share served_share")
def _unlike_cosine(plan: Case) -> str:
    """Warn of a day that formulas take for another: near its peak, above a base, or since days vary."""
    curve, varies, weekend = plan.scenario.day_curve, plan["day_variability"], plan["weekend_level"]
    unlike = list[str]()
    if curve:
        day = cosine(plan["zoned_peak"])
        at_peak, usual = _near_peak(curve), _near_peak(day)
        hours = (
            f"the load is within a tenth of its peak for {show(DAY * at_peak, 'second')} a day, "
            f"a cosine's for {show(DAY * usual, 'second')}"
        )
        if not usual / _UNLIKE < at_peak < usual * _UNLIKE:
            unlike.append(hours)
        apart = _most_apart(curve, day)
        if apart > _APART:
            unlike.append(
                f"its GPU-hours above a reserve are up to {show(apart, 'share')} of the fleet's off a cosine's"
            )
    if varies > _VARYING:
        unlike.append(f"days vary by {show(varies, 'share')}, and a busy day's peak exceeds the one planned for")
    if abs(1 - weekend) > _VARYING:
        unlike.append(f"weekends have {show(weekend, 'ratio')} times a weekday's requests")

    if not unlike:
        return ""
    return (
        f"{'; '.join(unlike)}: waits, refusals and bills that follow the day are a cosine's, every day as busy. "
        f"`{plan.to_simulate}` simulates this day's"
    )


@note("default-decides")
def _deciding_defaults(plan: Case) -> Iterator[Text]:
    """Name the defaults that drive the answer: the model, the GPU, and the drivers' list.

    What a catalogue supplies is no default; its price is dated, and `price-stale` watches that.
    """
    if not plan.notes:
        return
    defaults = {
        name: plan.scenario.option(name)
        for name in ("model", "gpu")
        if plan.scenario.choices[name].origin.kind == "default"
    }
    defaults |= {
        driver.name: driver.value
        for driver in drivers(plan.scenario, plan.known, priced=False)
        if driver.origin.kind == "default"
    }
    if defaults:
        shown = ", ".join(f"{name} = {default}" for name, default in defaults.items())
        yield Text(f"these defaults drive the answer: {shown}", tuple(defaults))
