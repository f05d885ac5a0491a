"""A scenario to begin with: what must be decided or was asked for, each line with its unit and source."""

import re
from collections.abc import Mapping
from json import dumps
from os.path import relpath

from t2v_capacity.assumptions import ASSUMPTIONS, SECTIONS
from t2v_capacity.assumptions.choices import CHOICES, SHORTHANDS
from t2v_capacity.assumptions.names import section_of
from t2v_capacity.formulas import FIGURES
from t2v_capacity.plan.pins import as_written, input_of
from t2v_capacity.plan.warnings.sources import at_now
from t2v_capacity.release import RELEASED
from t2v_capacity.scenario.flags import flags_of
from t2v_capacity.scenario.layers import Value
from t2v_capacity.scenario.measured import measured_at
from t2v_capacity.scenario.settings import Scenario

# Inputs that no catalogue can know: written out, so that a planner decides them.
DECIDE = tuple(
    (
        "dau videos_per_user_per_day peak_to_average duration retention gpus_per_replica target_latency gpu_price "
        "price_per_video_second"
    ).split()
)
HEADS = ("model", "gpu")  # choices that stand at the top


def starter(name: str, plan: Scenario, folder: str = ".") -> str:
    """Return the text of a scenario in a folder that keeps a plan of flags alone: it gives the same figures.

    >>> from t2v_capacity.scenario.load import load_scenario
    >>> text = starter("ours", load_scenario(None, ["model=wan2.1-t2v-14b", "dau=5M"]))
    >>> print(*(line for line in text.splitlines() if line.strip().startswith(("model: ", "dau: "))), sep=chr(10))
    model: wan2.1-t2v-14b
      dau: 5M
    """
    lines = [
        "# A capacity plan of a text-to-video service. These inputs are to be decided. One after a # has its default:",
        "# take the # away and write your own, best with a source: {value: 1M, source: forecast, as_of: 2026-11-24}.",
        "# A range is `1 to 4`. `t2v-cap list assumptions` shows all others. An editor checks this file by",
        "# `t2v-cap schema scenario`.",
        "",
        f"name: {dumps(name, ensure_ascii=False)}",
    ]
    flags = flags_of(plan)
    if plan.as_of != RELEASED:
        lines += ["# The day of the answer, by which dated facts are judged.", f"as_of: {plan.as_of}"]
    if plan.catalogue.files:
        lines.append(f"catalogue: {_text([relpath(own, folder) for own in plan.catalogue.files])}")
    for choice in HEADS:
        lines.append(f"# {CHOICES[choice].label}. `t2v-cap list {CHOICES[choice].kind}` shows them all.")
        lines.append(f"{'' if plan.by_hand(choice) else '# '}{choice}: {plan.option(choice)}")
    # What a flag takes away counts as not set.
    asked = {name: _text(entry) for name, entry in flags.named.items() if name not in HEADS and entry is not None}
    for section in SECTIONS:
        lines += _section(section, plan, asked)
    lines += _pin_lines(plan, {pin: entry for pin, entry in flags.pins.items() if entry is not None})
    lines += [
        "",
        "# What `t2v-cap check` holds the plan to, and `t2v-cap diff` a change of it.",
        '# budgets: ["cost_per_month <= 10M USD"]',
        '# gates: {fail_on: ["gpus > +10% and > +50"]}',
    ]
    return "\n".join(lines) + "\n"


def _pin_lines(plan: Scenario, pins: Mapping[str, Value]) -> list[str]:
    """Return the lines of figures that are known, or of how to write one."""
    if not pins:
        timed = f"{{gpu_seconds_per_video: {{value: ..., at: {at_now(plan, 'gpu_seconds_per_video')}}}}}"
        return [
            "",
            "# Once you have timed a clip, write its GPU-seconds and what it was timed at:",
            f"# pins: {timed}",
        ]

    lines = ["", "# Figures that are known, and stand in the place of their formulas.", "pins:"]
    for pin, figure in pins.items():
        known = f"{{value: {_text(figure)}, at: {at_now(plan, pin)}}}" if measured_at(pin) else _text(figure)
        lines += [f"  # {FIGURES[pin].label}. Unit: {FIGURES[pin].unit}.", f"  {pin}: {known}"]
    return lines


def _text(entry: Value) -> str:
    """Return a value of a flag as YAML reads it back: as the text that it was."""
    if isinstance(entry, list):
        return f"[{', '.join(map(_text, entry))}]"
    return str(entry) if re.fullmatch(r"-?[\w.][\w.+/% -]*", str(entry), re.ASCII) else dumps(entry, ensure_ascii=False)


def _section(section: str, plan: Scenario, asked: dict[str, str]) -> list[str]:
    """Return a section's lines: what is to be decided or was asked, each below what it means."""
    parts = {part for name in asked if name in SHORTHANDS for part in SHORTHANDS[name][1]}
    own = [name for name in dict.fromkeys((*DECIDE, *asked)) if section_of(name) == section and name not in parts]
    lines = ["", f"{section}:"] if own else []
    for name in own:
        if name in SHORTHANDS:
            about = f"Stands for {', '.join(SHORTHANDS[name][1])}. As asked."
        elif name in CHOICES:
            about = f"{CHOICES[name].label}. As asked."
        else:
            about = _about(name, plan)
        lines += [f"  # {about}", f"  {name}: {asked[name]}" if name in asked else f"  # {name}: {_now(name, plan)}"]
    return lines


def _about(name: str, plan: Scenario) -> str:
    """Return what an assumption is, and where its value is from."""
    known, setting = ASSUMPTIONS[name], plan.settings[name]
    came = f"as asked, default {known.default}" if setting.origin.by_hand else f"{setting.origin}: {setting.source}"
    return f"{known.label}. Unit: {known.unit}; {known.bounds()}; {came}."


def _now(name: str, plan: Scenario) -> str:
    """Return an assumption's value as a person writes it; of a price that no list has, nothing."""
    now = input_of(plan, name)
    if plan.settings[name].origin.kind == "default":
        return ASSUMPTIONS[name].default
    return as_written(name, now) if now == now else ""  # noqa: PLR0124 - not a number
