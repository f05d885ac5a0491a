"""List a request's changes, each once for all scenarios that it reaches.

A line of a base file is one cause for all scenarios that extend it.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from t2v_capacity.questions.change.entry import ScenarioDiff
from t2v_capacity.questions.change.pairing import RENAMED, SAME_PATH
from t2v_capacity.questions.change.rules_changed import ChangedRule
from t2v_capacity.questions.change.why import ChangedInput

# Figures whose change is split over the causes.
_SPLIT = ("gpus", "cost_per_month")


class Cause(NamedTuple):
    """A changed input or rule, the scenarios in which it changed, and what it moves.

    `moved` has the least and greatest part of each figure's change that is its own.
    """

    what: ChangedInput | ChangedRule
    entries: tuple[ScenarioDiff, ...]
    moved: Mapping[str, tuple[float, float]]  # in proportion to the base


def causes(entries: Iterable[ScenarioDiff]) -> tuple[Cause, ...]:
    """Return the changes in scenarios that both sides have.

    Those of the most scenarios come first, then those that move the GPUs most.
    """
    reached_by: dict[ChangedInput | ChangedRule, list[ScenarioDiff]] = {}
    for entry in entries:
        if entry.judged and entry.pairing in (SAME_PATH, RENAMED):
            changed: list[ChangedInput | ChangedRule] = [*entry.judged.inputs.values(), *entry.judged.rules]
            for what in changed:
                reached_by.setdefault(what, []).append(entry)
    listed = [
        Cause(what, tuple(those), _changes_by_figure(what, those) if isinstance(what, ChangedInput) else {})
        for what, those in reached_by.items()
    ]
    return tuple(
        sorted(listed, key=lambda cause: (-len(cause.entries), -max(map(abs, cause.moved.get(_SPLIT[0], (0.0,))))))
    )


def _changes_by_figure(what: ChangedInput, entries: Iterable[ScenarioDiff]) -> dict[str, tuple[float, float]]:
    """Return the least and greatest relative change of each figure that an input makes by itself."""
    shares = {
        figure: [share for entry in entries if (share := _share(what, entry, figure)) is not None] for figure in _SPLIT
    }
    return {figure: (min(those), max(those)) for figure, those in shares.items() if any(those)}


def _share(what: ChangedInput, entry: ScenarioDiff, figure: str) -> float | None:
    """Return an input's part of a figure's change over the base; nothing if the change can't be split."""
    assert entry.judged is not None
    change = entry.judged.difference.figure(figure)
    if change.relative_change is None or len(entry.judged.inputs) == 1 or not change.change:
        return change.relative_change
    why = entry.judged.why(figure)
    return None if why.reason else why.parts.get(what.name, 0.0) * change.relative_change / change.change
