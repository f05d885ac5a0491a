"""The shell lines that time a plan's clips with an engine, and the line that calibrates on what they write.

engines.yaml has the lines of each engine.
"""

import shlex
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from string import Template
from typing import NamedTuple

import yaml
from typing_extensions import TypedDict

from t2v_capacity.errors import Mistakes, nearest
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.tree import View, views_of
from t2v_capacity.scenario.flags import flags_of, words_of
from t2v_capacity.scenario.settings import Scenario

# What the lines leave to the tool, and how a run of them is counted; a null is the default of the model or the GPU.
_AS_TIMED: dict[str, str | float] = {
    **dict.fromkeys(("distilled", "step_cache", "sparse_attention", "offload", "sharding"), "none"),
    **dict.fromkeys(("precision", "compute_precision"), "bf16"),
    **dict.fromkeys(("attention_kernel", "passes_per_step"), "null"),
    "decoder": "full",
    "vae_tiling": "model",
}
_OF_A_GROUP = {"guidance_groups": 1, "tensor_parallel": 1}


class Engine(NamedTuple):
    """How an engine times a clip, as engines.yaml says it."""

    runtime: str
    vendors: Sequence[str]
    offloads: Mapping[str, str]
    types: Mapping[str, str]
    group: str
    file: str
    lines: str


@cache
def engines() -> dict[str, Engine]:
    """Return the engines by name."""
    text = Path(__file__).with_name("engines.yaml").read_text(encoding="utf-8")
    return {name: Engine(**entry) for name, entry in yaml.safe_load(text).items()}


class Clip(NamedTuple):
    """A clip to be timed: what a tool is given of it."""

    name: str  # of a part or a stage
    model: str
    repository: str  # and the options that select its checkpoint
    width: int
    height: int
    frames: int
    steps: int
    gpus: int
    fps: float
    precision: str
    offload: str


class BlockData(TypedDict):
    """The shell lines that time a clip with an engine."""

    part: str
    """The part of a mix or the stage; empty for the plan itself"""
    engine: str
    lines: list[str]
    """None where the engine can't time it; the last one calibrates the plan"""
    note: str


class Measuring(NamedTuple):
    """A plan, and the lines that time its clips."""

    scenario: Scenario
    rows: list[BlockData]


def measuring(plan: Estimate, engine: str = "") -> Measuring:
    """Return the blocks of a plan's clips, of one engine or of all. Raise Mistakes if the engine is unknown."""
    if engine and engine not in engines():
        near = nearest(engine, engines()) or f"; write {', '.join(engines())}"
        raise Mistakes(f"`--with` is no `{engine}`{near}")
    names = [engine] if engine else [*engines()]
    views = views_of(plan.scenario, plan.known, "stage")
    return Measuring(plan.scenario, [_block(view, name, plan) for view in views for name in names])


def _block(view: View, engine: str, plan: Estimate) -> BlockData:
    chosen, catalogue = view.scenario.chosen(), view.scenario.catalogue
    model, gpu = catalogue.find("models", chosen["model"]), catalogue.find("gpus", chosen["gpu"])
    checkpoints = {
        name: options
        for name, _blank, options in (word.partition(" ") for word in model.about.get("engines", "").split(", "))
    }
    repository = f"{model.about.get('repository', '')} {checkpoints.get(engine, '')}".strip()
    width, height, frames, steps, gpus = (
        int(view.known[name]) for name in ("width", "height", "frames_per_video", "steps", "gpus_per_replica")
    )
    timed = {**_AS_TIMED, **(_OF_A_GROUP if gpus > 1 else {})}
    if chosen["offload"] in engines()[engine].offloads:
        timed["offload"] = chosen["offload"]
    if chosen["compute_precision"] in engines()[engine].types:
        timed["precision"] = timed["compute_precision"] = chosen["compute_precision"]
    size = (width, height, frames, steps, gpus, view.known["fps"])
    clip = Clip(view.name or "", model.id, repository, *size, str(timed["compute_precision"]), str(timed["offload"]))
    reason = _why_not(clip, engine, checkpoints, gpu.about.get("vendor", ""))
    block: BlockData = {"part": clip.name, "engine": engine, "lines": [], "note": reason}
    if reason:
        return block
    undone = differences(view.scenario, timed)
    prefix = f"{clip.name}: " if clip.name else ""
    notes = [
        warning.message.removeprefix(prefix)
        for warning in plan.warnings
        if warning.code == "frames-left-out" and warning.message.startswith(prefix)
    ]
    if "extends" in model.about and "repository" not in model.changed:
        notes.append(f"these lines load the weights of {model.about['extends']}")
    if undone:
        notes.append(
            f"these lines do not set {', '.join(undone.values())}, and the last line counts the run without; "
            f"to time the plan's own, set it as {engine} documents, and leave it out of the last line"
        )
    block["note"] = "; ".join(notes)
    # The runtime of the lines may have other guidance groups than the plan's.
    counted = {name: str(timed[name]) for name in timed if name in undone or name == "guidance_groups"}
    return {**block, "lines": [*_lines(clip, engines()[engine]), _calibrate_line(clip, engine, plan.scenario, counted)]}


def differences(scenario: Scenario, timed: Mapping[str, str | float] = _AS_TIMED) -> dict[str, str]:
    """Return what a plan has otherwise than a clip as it is timed, by name, in words such as `offload all`."""
    values = {**scenario.values(), **scenario.chosen()}
    return {
        name: f"{name} {values[name]}".removesuffix(".0")
        for name, default in timed.items()
        if (scenario.by_hand(name) if default == "null" else values[name] != default)
    }


def _why_not(clip: Clip, engine: str, known: Collection[str], vendor: str) -> str:
    """Return why an engine can't time a clip; nothing where it can."""
    if engine not in known:
        return f"it is not known that {engine} runs {clip.model}; if so, write `engines` and `repository` in its entry"
    if vendor not in engines()[engine].vendors:
        return f"{engine} does not document GPUs of {vendor or 'this vendor'}"
    if engine == "diffusers" and clip.gpus > 1:
        return f"diffusers makes a clip on one GPU, and the plan's group has {clip.gpus}"
    return ""


def _lines(clip: Clip, engine: Engine) -> list[str]:
    """Return the shell lines by which an engine times a clip."""
    text = engine.lines.replace("$group", engine.group if clip.gpus > 1 else "")
    words = {
        **clip._asdict(),
        "offload": engine.offloads[clip.offload],
        "type": engine.types[clip.precision],
        "fps": f"{clip.fps:g}",
        "whole_fps": round(clip.fps),
    }
    return Template(text).substitute(words).splitlines()


def _calibrate_line(clip: Clip, engine: str, plan: Scenario, counted: Mapping[str, str]) -> str:
    """Return the line that reads what the lines before it write; of a part with the part's clip."""
    flags, runtime = flags_of(plan), engines()[engine].runtime
    named = {**flags.named, **counted}
    if plan.option("runtime") != runtime:
        named["runtime"] = runtime
    if clip.name or "distilled" in counted:
        named["steps"] = str(clip.steps)
    if clip.name:
        named.pop("resolution", None)
        named |= {
            "model": clip.model,
            "width": str(clip.width),
            "height": str(clip.height),
            "gpus_per_replica": str(clip.gpus),
        }
        flags.pins["frames_per_video"] = str(clip.frames)
    output = "-".join(filter(None, ("calibrated", clip.name, engine)))
    files, words = [plan.file or "PLAN.yaml", engines()[engine].file], words_of(flags._replace(named=named))
    return shlex.join(["t2v-cap", "calibrate", *files, *words, "--output", f"{output}.yaml"])
