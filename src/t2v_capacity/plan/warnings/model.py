"""Where the model is not sure: beyond its runs, its frames, its formulas of waits."""

from collections.abc import Collection, Iterator

from t2v_capacity.assumptions.quantities import show
from t2v_capacity.engine.constants import GPUS_SHIPPED_PER_YEAR
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.plan.cells import ancestry
from t2v_capacity.plan.evidence import PEAK_BY, at_peak, faster_than_peak
from t2v_capacity.plan.verdict import at_risk, error_range, promise_at_risk
from t2v_capacity.plan.warnings.register import Case, Test, Text, warning
from t2v_capacity.scenario.settings import PlanWarning, Scenario

# Inputs that can make a clip faster than its GPU if set by hand.
_SPEEDS = (
    *("time_factor", "linear_efficiency", "attention_efficiency", "vae_efficiency"),
    *("peak_flops", "attention_peak_flops", "vae_peak_flops"),
)
# A fleet that is busier at its peak has waits that no formula of a steady queue knows.
_BUSY = 0.95
# Visual tokens of the runs that the generation model was held against, docs/accuracy.md.
_FEWEST, _MOST = 4_000, 130_000


@warning("faster-than-the-gpu", due=faster_than_peak, by=PEAK_BY, of="stage")
def _faster(plan: Case) -> Iterator[Text]:
    """Warn of a plan that is faster than its GPU, naming what was set by hand."""
    seconds, least, gpu = plan["gpu_seconds_per_video"], at_peak(plan.known), plan.scenario.choices["gpu"].value
    pinned = [name for name in (*PEAK_BY, "denoising_seconds") if name in plan.scenario.pins]
    names = [*pinned, *(name for name in _SPEEDS if plan.scenario.settings[name].origin.by_hand)]
    fix = f"correct {', '.join(names)}" if names else f"correct the efficiencies of {gpu} in the catalogue"
    message = f"a clip takes {show(seconds, 'second/video')} of GPU time, but at least {show(least, 'second/video')}"
    message += f" at the whole peak of {gpu}; {fix}"
    yield Text(message, ("gpu_seconds_per_video", *names))


@warning("beyond-reference", "gpus", lambda gpus: gpus > float(GPUS_SHIPPED_PER_YEAR))
def _beyond(plan: Case) -> str:
    shipped = float(GPUS_SHIPPED_PER_YEAR)
    return (
        f"{show(plan['gpus'], 'gpu')}: {show(plan['gpus'] / shipped, 'ratio')} times one class's shipments in a year, "
        f"{show(shipped, 'gpu')} (2025). Check dau and gpu_seconds_per_video"
    )


@warning("waits-uncertain", "wait_p95 latency_p95", lambda utilization: (utilization > _BUSY) & (utilization < 1))
def _uncertain_waits(plan: Case) -> str:
    return (
        f"{show(plan['utilization'], 'share')} of the replicas are at work at the peak: "
        "waits of so full a fleet depend on chance and on the day. "
        f"`t2v-cap estimate {plan.scenario.file} --only waiting` simulates days"
    )


def _beyond_runs(scenario: Scenario) -> Test | None:
    if "gpu_seconds_per_video" in scenario.pins:
        return None
    return lambda known: (known["visual_tokens"] < _FEWEST) | (known["visual_tokens"] > _MOST)


@warning(
    "outside-model-range", "visual_tokens gpu_seconds_per_video", due_in=_beyond_runs, by=("visual_tokens",), of="stage"
)
def _tokens(plan: Case) -> str:
    return (
        f"{plan['visual_tokens']:.0f} visual tokens are outside the {_FEWEST} to {_MOST} "
        "of the runs that the generation model was held against"
    )


@warning("target-latency-uncertain", "latency_p95 target_latency")
def _promise(plan: Case) -> str:
    error = error_range(plan.scenario, plan.known)
    if not error or not at_risk(plan.scenario, plan.known, error):
        return ""
    return promise_at_risk(plan.scenario, plan.known, error)


def model_error_ignored(scenario: Scenario, ranges: Collection[str]) -> Iterator[PlanWarning]:
    """Warn of bands that leave out the model's error, since `time_factor` was set to one number by hand."""
    names = [name for name in FIGURES if "time_factor" in ancestry(name, scenario)]
    if "time_factor" in ranges or not names:
        return
    message = (
        "time_factor is one number, set by hand, so the bands leave out the generation model's own error; "
        "without it they hold the published one"
    )
    yield PlanWarning("model-error-ignored", message, ("time_factor", *names), "info")
