"""Plans to compare: a scenario on the disk, one of a git revision, or an estimate saved as JSON."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.parts import is_of_a_part, is_own, known_of, named_of
from t2v_capacity.errors import Mistakes, unquoted
from t2v_capacity.files.document import STANDARD_INPUT, read_text
from t2v_capacity.files.git_tree import Committed
from t2v_capacity.files.revisions import named
from t2v_capacity.files.source import Source
from t2v_capacity.formulas import FIGURES
from t2v_capacity.plan.estimate import Estimate, estimate
from t2v_capacity.release import __version__
from t2v_capacity.scenario.load import load_scenario
from t2v_capacity.scenario.settings import PlanWarning, Scenario, point

_SHORT = 10
_SINCE = "a figure may differ because its formula does"

TOOL = f"t2v-cap {__version__}"

# The ends of a range.
Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Side:
    """One of two plans that are compared, computed now or saved earlier: what was assumed, what follows, and where it was read."""

    name: str
    file: str
    as_of: str
    choices: Mapping[str, str]
    assumptions: Mapping[str, float | None]
    pins: Mapping[str, float]
    figures: Mapping[str, float | None]
    warnings: tuple[PlanWarning, ...]
    ranges: Mapping[str, Ends] = field(default_factory=dict)
    tool: str = TOOL
    revision: str | None = None  # a commit of git
    shown: str = ""  # the file as a title shows it
    scenario: Scenario | None = None  # none of a saved plan
    plan: Estimate | None = None  # likewise
    notes: tuple[str, ...] = ()
    of_parts: Mapping[str, float | None] = field(default_factory=dict)  # figures of the parts of a mix

    def figure(self, name: str) -> float | None:
        """Return a figure of the plan, or of a part of its mix."""
        return (self.of_parts if is_of_a_part(name) else self.figures).get(name)


NOBODY = Side("", "", "", {}, {}, {}, {}, ())  # the side that a new or a deleted scenario lacks


def side(plan: Estimate) -> Side:
    """Return a plan that was just computed as one side of a comparison."""
    scenario, own = plan.scenario, plan.scenario.of_parts()
    return Side(
        name=scenario.name,
        file=scenario.file,
        as_of=scenario.as_of,
        choices=scenario.chosen(),
        assumptions={name: finite(point(name, one.value)) for name, one in {**scenario.settings, **own}.items() if known_of(name)},
        pins={name: point(name, one.value) for name, one in {**scenario.pins, **own}.items() if not known_of(name)},
        figures=plan.figures,
        warnings=plan.warnings,
        ranges={name: (value.low, value.high) for name, value in scenario.ranges().items()},
        shown=scenario.file,
        scenario=scenario,
        plan=plan,
        of_parts={named_of(part.name, name): finite(value) for part in plan.parts for name, value in part.figures.items()},
    )


def opened(path: str) -> Source | Side:
    """Return a plan's file with its content read, or the plan itself where it is an estimate that was saved.

    A path may be a file, - for standard input, or a file of a git revision. Raises Mistakes where it can't be read.
    """
    found = named(path)
    text, source = read_text(found)
    if text.lstrip().startswith("{"):
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            document = None  # braces are YAML too
        if isinstance(document, dict) and "command" in document:
            try:
                return saved(document, source.name)
            except Mistakes as error:
                raise unquoted(error, source.name) if source.private else error from None
    return source._replace(name=found, text=text)


def saved(document: dict[str, Any], name: str) -> Side:
    """Return the plan of a saved `estimate` document, without figures that this version does not know.

    Raises Mistakes where it is another document, or is not as `estimate --format json` writes it.
    """
    command, version = document.get("command"), document.get("version")
    if command != "estimate":
        raise Mistakes(f"{name} is the JSON of `{command}`; save one with `t2v-cap estimate SCENARIO --format json --output {name}`")
    if version != 1:
        raise Mistakes(f"{name} is of version {version} of the JSON documents, and this is {TOOL}, which reads version 1")
    try:
        figures = {key: _amount(part["value"]) for key, part in document["figures"].items() if key in FIGURES}
        settings, tool = document["assumptions"], str(document["tool"])
        date.fromisoformat(str(document["as_of"]))
        pins = {key: float(value or 0) for key, value in figures.items() if document["figures"][key]["pinned"]}
        assumptions = {key: _amount(part["value"]) for key, part in settings.items()}
        pins |= {key: float(assumptions.pop(key) or 0) for key in [*assumptions] if is_own(key) and not known_of(key)}
        return Side(
            name=str(document["scenario"]["name"]),
            file=str(document["scenario"]["file"]),
            as_of=str(document["as_of"]),
            choices={key: str(part["value"]) for key, part in document["choices"].items()},
            assumptions=assumptions,
            pins=pins,
            figures=figures,
            warnings=tuple(
                PlanWarning(str(w["code"]), str(w["message"]), tuple(map(str, w["names"])), str(w["severity"]))
                for w in document["warnings"]
            ),
            ranges={key: (float(part["low"]), float(part["high"])) for key, part in settings.items() if part["low"] is not None},
            tool=tool,
            shown=name,
            of_parts={
                named_of(str(part["name"]), key): _amount(one["value"])
                for part in document.get("mix", ())
                for key, one in part["figures"].items()
            },
            notes=() if tool == TOOL else (f"warning other-version: {name} was saved by {tool}, and this is {TOOL}; {_SINCE}",),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise Mistakes(
            f"{name} is not as `t2v-cap estimate --format json` writes it ({type(error).__name__}: {error}); save it again"
        ) from error


def _amount(value: object) -> float | None:
    """Return the value of a figure or an assumption. Raise ValueError if it is not a finite number or null."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"{value!r} is not a number")
    return value


def read_side(file: Source | Side, sets: Iterable[str], pins: Iterable[str], catalogues: Iterable[str]) -> Side:
    """Return a plan as one side of a comparison, with flags over it. Raise Mistakes if it can't be read, or is saved and can't change."""
    if isinstance(file, Side):
        for option, given in (("--set", sets), ("--pin", pins), ("--catalogue", catalogues)):
            if given:
                raise Mistakes(f"`{option}` can't change {file.shown}, which is a saved estimate; name its scenario")
        return file
    plan, path = side(estimate(load_scenario(file, sets, pins, catalogues))), file.name
    assert plan.scenario is not None
    own = next(layer for layer in reversed(plan.scenario.layers) if layer.kind == "file")
    plan = replace(plan, name=plan.name if "name" in own.about else _stem(path), shown=_shown(path))
    return replace(plan, file=path.inside, revision=path.commit) if isinstance(path, Committed) else plan


def _shown(path: str) -> str:
    """Return a path as a title shows it: a revision that is a name with the commit that it stands for."""
    if isinstance(path, Committed) and not path.commit.startswith(path.revision):
        return f"{path} ({path.commit[:_SHORT]})"
    return "<stdin>" if path == STANDARD_INPUT else str(path)


def _stem(path: str) -> str:
    """Return the name of a plan whose file gives it none."""
    return "scenario" if path == STANDARD_INPUT else Path(path.inside if isinstance(path, Committed) else path).stem
