"""A user's own runs as `calibrate` wrote them: what they say of a GPU with a runtime, of one catalogue or of several.

Catalogues add up. Of the same GPU and runtime, each counts by its runs, and what any of them timed was timed.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from t2v_capacity.assumptions.quantities import digits
from t2v_capacity.catalogue.reading import Entry, Fact

CONSTANT = "other_gpu_seconds_per_video"
# An efficiency -> the key of its factor on the published one.
FACTORS = {"linear_efficiency": "linear", "attention_efficiency": "attention"}


# Runs say how far off a clip is of half to twice the tokens, and the steps, that were timed.
TOKENS_APART = 2.0


def is_near(tokens: float, least: float, most: float) -> bool:
    """Return whether a clip has half to twice the tokens of others, or the steps, from the least to the most."""
    return least / TOKENS_APART <= tokens <= most * TOKENS_APART


class TimedClip(NamedTuple):
    """Clips that own runs timed: their model and GPUs, tokens and steps, and how many times off the next is at most.

    The fit may leave a run farther off: no band excludes it.
    """

    clip: str
    least_tokens: float
    most_tokens: float
    least_steps: float
    most_steps: float
    error: float
    worst: float  # how many times off the worst of them is, after the fit

    def is_like(self, clip: str, tokens: float, steps: float) -> bool:
        """Return whether a clip is of their model and group, and of half to twice their tokens and steps."""
        near = is_near(tokens, self.least_tokens, self.most_tokens)
        return clip == self.clip and near and is_near(steps, self.least_steps, self.most_steps)


class OwnRuns(NamedTuple):
    """What own runs of one GPU and runtime give."""

    id: str  # the GPU and the runtime
    rows: int
    factors: Mapping[str, float]  # on the published efficiencies
    constant: Fact  # GPU-seconds per clip
    timed: frozenset[str]  # precision and kernel of each run
    ways: frozenset[str]  # what each did otherwise than a plain clip
    clips: tuple[TimedClip, ...]

    def scaled(self, name: str, fact: Fact) -> Fact:
        """Return a published efficiency by its factor; none exceeds the peak."""
        return self.constant._replace(text=digits(min(1.0, fact.point(name) * self.factors[name]), 6))

    def error(self, clip: str, tokens: float, steps: float) -> float:
        """Return how many times off a clip like those timed is at most; infinity where none is like it."""
        like = [timed for timed in self.clips if timed.is_like(clip, tokens, steps)]
        return max([min((timed.error for timed in like), default=math.inf), *(timed.worst for timed in like)])


def own_runs_in(entries: Sequence[Entry]) -> OwnRuns | None:
    """Return what the entries of one GPU and runtime say together; nothing where there is none."""
    if not entries:
        return None
    total = sum(int(entry.about["rows"]) for entry in entries)
    weighed = [(int(entry.about["rows"]) / total, entry) for entry in entries]
    logs = {
        name: sum(weight * math.log(float(entry.about[key])) for weight, entry in weighed)
        for name, key in FACTORS.items()
    }
    seconds = sum(weight * entry.facts[CONSTANT].point(CONSTANT) for weight, entry in weighed)
    return OwnRuns(
        entries[-1].id,
        total,
        {name: math.exp(log) for name, log in logs.items()},
        entries[-1].facts[CONSTANT]._replace(text=f"{digits(seconds, 6)} s"),
        frozenset(_listed("timed", *entries)),
        frozenset(_listed("ways", *entries)),
        tuple(_timed_clip(text, _apart(entry, logs)) for entry in entries for text in _listed("like", entry)),
    )


def _apart(entry: Entry, logs: Mapping[str, float]) -> float:
    """Return how many times off the runs of an entry are by the factors of all, beyond what its own leave."""
    return math.exp(max(abs(math.log(float(entry.about[key])) - logs[name]) for name, key in FACTORS.items()))


def _timed_clip(text: str, apart: float) -> TimedClip:
    """Return a clip as `calibrate` writes it: `wan2.2-ti2v-5b 1 9000 36000 50 50 1.16 1.02`."""
    clip, *numbers = text.rsplit(" ", 6)
    timed = TimedClip(clip, *map(float, numbers))
    return timed._replace(worst=timed.worst * apart)


def _listed(key: str, *entries: Entry) -> list[str]:
    return [text.strip() for entry in entries for text in entry.about[key].split(",")]
