"""Why so many GPUs: from those at work on average to those that are rented, one factor after the other."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from t2v_capacity.assumptions.quantities import digits, with_commas
from t2v_capacity.engine.constants import FLOPS_PER_MULTIPLY_ADD
from t2v_capacity.plan.estimate import Estimate

# Rounding up to whole replicas is a link of its own where it is more than this.
ROUNDING = 1.01


class Link(NamedTuple):
    """One factor between the work and the rent: its cause, the GPUs after it, and the factor."""

    name: str
    gpus: float
    factor: float


def gpu_waterfall(plan: Estimate) -> tuple[Link, ...]:
    """Return the factors from `busy_gpus` to `gpus`, whose product is their ratio.

    Return none if one of them has no value or is zero.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> links = gpu_waterfall(estimate(load_scenario("scenarios/million-clips.yaml")))
    >>> [(link.name, round(link.factor, 2)) for link in links][:3]
    [('peak', 1.7), ('headroom', 1.11), ('lost region', 1.5)]
    """
    known = plan.known
    if not known["gpus"] > 0:
        return ()
    links = list[Link]()
    gpus = known["busy_gpus"]
    for name, after in _links(plan):
        if not gpus > 0:
            return ()
        links.append(Link(name, after, after / gpus))
        gpus = after
    return tuple(links)


def _links(plan: Estimate) -> Iterator[tuple[str, float]]:
    """Yield each step and the GPUs after it; a pinned figure comes before its inputs."""
    pins, known = plan.scenario.pins, plan.known
    pinned_rent = pins.keys() & {"servers", "gpus"}
    yield "peak", known["peak_busy_gpus"]
    working = known["replicas"] * known["gpus_per_replica"]
    if "replicas" in pins:
        yield "pinned replicas", working
    else:
        needed = known["replicas_needed"] * known["gpus_per_replica"]
        by_utilization = known["replicas_by_utilization"]
        by_waiting = known["replicas_by_latency"] or known["replicas_by_waiting"]
        asked = known["regions"] * max(1.0, by_utilization, by_waiting) * known["gpus_per_replica"]
        rounded = asked if needed > asked * ROUNDING else needed
        name = "headroom"
        if max(by_utilization, by_waiting) < 1:
            name = "one per region"
        elif by_waiting > by_utilization:
            name = "latency target" if known["replicas_by_latency"] else "queue"
        yield name, rounded * max(1.0, known["regions"] - known["regions_lost"]) / known["regions"]
        yield "lost region", rounded
        yield "whole replicas", needed
        if not pinned_rent:
            yield "gpu_limit", min(needed, working)
    serving = known["regions"] * known["servers_per_region"] * known["gpus_had_per_server"]
    if pinned_rent:
        yield "pinned servers", known["gpus"]
        return
    yield "whole servers", min(serving, known["gpus"])
    yield "spare", known["gpus"]


def thumb_to_gpus(plan: Estimate) -> dict[str, float]:
    """Return the factors from the rule of thumb's GPUs to the model's, whose product is their ratio.

    Return none where a link between work and rent has no value or is zero. Each factor is one thing that the rule
    leaves out, over all that the factors before it have put in. From the GPUs at work they are the links of
    `gpu_waterfall`. A pass that fills a chunk's cache is one of its step's. Factors of a mix are of its mean clip, and
    those of stages of the last one's frames.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> [round(factor, 3) for factor in thumb_to_gpus(estimate(load_scenario("scenarios/lesson.yaml"))).values()]
    [270.0, 2.0, 0.68, 0.547, 3.211, 1.007, 1.822, 1.111, 1.05]
    """
    known, links = plan.known, gpu_waterfall(plan)
    work, linear = known["gpu_seconds_per_video"] * known["peak_flops"], known["linear_flops_per_pass"]
    if not (links and min(work, linear) > 0):
        return {}
    params = known["model_params"] + known["text_encoder_params"]
    steps = known["steps"]
    if plan.scenario.stages:
        steps = known["rule_of_thumb_iterations"] / known["frames_per_video"]
    tokens, frames = known["visual_tokens"] * known["chunks_per_video"], known["frames_per_video"]
    clip = with_commas(f"{digits(tokens, 6)} tokens in {digits(frames, 6)} frames")
    rule, whole = known["trps"] * known["rule_of_thumb_seconds"], known["rule_of_thumb_gpus"]
    held = "failed runs and lost spot GPUs, less rejected prompts"
    if plan.scenario.streams:
        held = "a stream holds its place while it plays"
    factors = dict[str, float]()
    if whole > rule * ROUNDING:
        factors[f"the rule rounds {digits(rule)} GPUs up to {digits(whole)}"] = rule / whole
    factors |= {
        f"the rule takes a frame for one token; it is {digits(tokens / frames)} ({clip})": tokens / frames,
        "passes per step": known["passes_per_video"] / known["chunks_per_video"] / steps,
        "the text encoder, which is not in every step": known["model_params"] / params,
        "weights that a token does not use": linear
        / (FLOPS_PER_MULTIPLY_ADD * known["model_params"] * known["visual_tokens"]),
        "attention": 1 + known["attention_flops_per_pass"] * (1 - known["attention_sparsity"]) / linear,
        "VAE": known["flops_per_video"] / known["denoising_flops"],
        f"a GPU reaches {digits(100 * known['flops_per_video'] / work, 2)}% of its data-sheet speed": work
        / known["flops_per_video"],
    }
    factors[held] = known["busy_gpus"] / (known["trps"] * known["gpu_seconds_per_video"])
    factors |= {link.name: link.factor for link in links}
    factors = {cause: factor for cause, factor in factors.items() if not math.isclose(factor, 1)}
    rest = known["gpus"] / whole / math.prod(factors.values())
    if plan.scenario.inner:
        return factors | {"parts or stages differ in frames and passes": rest}
    factors[[*factors][-1]] *= rest  # a rounding that is no factor of its own
    return factors
