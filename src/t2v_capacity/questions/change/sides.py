"""Plans to compare: of a scenario on the disk, or of one of a git revision."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.parts import is_of_a_part, known_of
from t2v_capacity.files.document import STANDARD_INPUT
from t2v_capacity.files.git_tree import Committed
from t2v_capacity.plan.estimate import Estimate, estimate
from t2v_capacity.scenario.load import load_scenario, with_flags
from t2v_capacity.scenario.settings import PlanWarning, Scenario, point

# The ends of a range.
Ends = tuple[float, float]


class Side(NamedTuple):
    """One of two plans that are compared: what was assumed, what follows, and where it was read."""

    name: str
    file: str
    as_of: str
    choices: Mapping[str, str]
    assumptions: Mapping[str, float | None]
    pins: Mapping[str, float]
    figures: Mapping[str, float | None]
    warnings: tuple[PlanWarning, ...]
    ranges: Mapping[str, Ends] = {}
    revision: str | None = None  # a commit of git
    shown: str = ""  # the file as a title shows it
    scenario: Scenario | None = None  # none of the side that a new or a deleted scenario lacks
    plan: Estimate | None = None  # likewise

    def figure(self, name: str) -> float | None:
        """Return a figure of the plan, or of a part of its mix."""
        return self.plan.figure(name) if self.plan and is_of_a_part(name) else self.figures.get(name)


NOBODY = Side("", "", "", {}, {}, {}, {}, ())  # the side that a new or a deleted scenario lacks


def side(plan: Estimate) -> Side:
    """Return a plan that was just computed as one side of a comparison."""
    scenario, own = plan.scenario, plan.scenario.of_parts()
    return Side(
        name=scenario.name,
        file=scenario.file,
        as_of=scenario.as_of,
        choices=scenario.chosen(),
        assumptions={
            name: finite(point(name, setting.value))
            for name, setting in {**scenario.settings, **own}.items()
            if known_of(name)
        },
        pins={
            name: point(name, setting.value) for name, setting in {**scenario.pins, **own}.items() if not known_of(name)
        },
        figures=plan.figures,
        warnings=plan.brief_warnings,
        ranges={name: (ends.low, ends.high) for name, ends in scenario.ranges().items()},
        shown=scenario.file,
        scenario=scenario,
        plan=plan,
    )


def read_side(
    path: str, sets: Iterable[str], pins: Iterable[str], catalogues: Iterable[str], like: Side = NOBODY
) -> Side:
    """Return a plan as one side of a comparison, with flags over it. Raise Mistakes if it can't be read.

    A scenario that says the same as that of `like` is not computed again.
    """
    scenario = load_scenario(path, sets, pins, catalogues)
    own = next(layer for layer in reversed(scenario.layers) if layer.kind == "file")
    alike = like.scenario and like.scenario.says_what(scenario)

    read = like._replace(scenario=scenario) if alike else side(estimate(scenario))
    read = read._replace(name=scenario.name if "name" in own.about else _stem(path), shown=_title(path))
    return read._replace(file=path.inside, revision=path.commit) if isinstance(path, Committed) else read


def changed_side(base: Side, sets: Iterable[str], pins: Iterable[str], flags: Iterable[str]) -> Side:
    """Return a side with flags over it, which are what changed."""
    assert base.scenario is not None
    head = side(estimate(with_flags(base.scenario, sets, pins=pins)))
    return head._replace(name=base.name, file=base.file, revision=base.revision, shown=" ".join([base.shown, *flags]))


def _title(path: str) -> str:
    """Return a path as a title shows it: a revision that is a name with the commit that it stands for."""
    if isinstance(path, Committed) and not path.commit.startswith(path.revision):
        return f"{path} ({path.commit[:10]})"
    return "<stdin>" if path == STANDARD_INPUT else str(path)


def _stem(path: str) -> str:
    """Return the name of a plan whose file gives it none."""
    if path == STANDARD_INPUT:
        return "scenario"
    return Path(path.inside if isinstance(path, Committed) else path).stem
