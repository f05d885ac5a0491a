"""How a plan is made again: the command that writes it, or a scenario file that extends the one it came from."""

import shlex
from json import dumps
from os.path import relpath
from pathlib import Path
from typing import Any

from t2v_capacity.assumptions.choices import SHORTHANDS
from t2v_capacity.errors import printable
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.scenario.flags import flags_of, words_of
from t2v_capacity.scenario.settings import Scenario, point


def command_line(plan: Estimate, file: str) -> str:
    """Return the command that writes a plan to a file as it is.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> command_line(estimate(load_scenario("scenarios/mochi.yaml", sets=["dau=200e6"])), "plan.md")
    't2v-cap export scenarios/mochi.yaml plan.md --dau=200e6'
    """
    flags = flags_of(plan.scenario)
    scenario = "-" if plan.scenario.file == "<stdin>" else plan.scenario.file
    # A name that begins with a dash would be an option.
    words = ["t2v-cap", "export", f"./{scenario}" if scenario.startswith("-") and scenario != "-" else scenario, file]
    words += words_of(flags)
    if plan.samples:
        words += ["--samples", str(plan.samples), "--seed", str(plan.seed)]
    return printable(shlex.join(words))


def overlay_lines(scenario: Scenario) -> list[str]:
    """Return the lines of a scenario file that makes a plan again, saved beside the one that it extends.

    Values are quoted as JSON, which is YAML.

    >>> from t2v_capacity.scenario.load import load_scenario
    >>> overlay_lines(load_scenario("scenarios/mochi.yaml", sets=["dau=200e6"], pins=["video_size=1.4MB"]))
    ['extends: "mochi.yaml"', 'dau: "200e6"', 'pins: {"video_size": "1.4MB"}']
    """
    flags = flags_of(scenario)
    file = Path(scenario.file) if scenario.file not in ("", "<stdin>") else Path("scenario.yaml")
    # The name of a catalogue is read from where the file that names it is.
    catalogues = [relpath(own, file.parent) for own in flags.catalogues]
    lines: dict[str, Any] = {
        key: value for key, value in (("extends", file.name), ("catalogue", catalogues), ("as_of", flags.as_of)) if value
    }
    for name, value in flags.named.items():
        if name in SHORTHANDS:  # parts, since a reader may change one of them, and a shorthand can't stand beside its parts
            lines |= {part: f"{point(part, scenario.settings[part].value):.15g}" for part in SHORTHANDS[name][1]}
        else:
            lines[name] = value
    if flags.pins:
        lines["pins"] = flags.pins
    return [f"{name}: {dumps(value, ensure_ascii=False)}" for name, value in lines.items()]
