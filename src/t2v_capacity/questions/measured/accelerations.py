"""Compare published speed-ups with predicted ones: a run, and the same run with a checkpoint, a cache, a kernel, or more GPUs."""

from dataclasses import dataclass

from t2v_capacity.catalogue.published import SpeedUp, Summary, published
from t2v_capacity.questions.measured.accuracy import summary

FILE = "catalogue/speedups.yaml"


@dataclass(frozen=True, slots=True)
class Accelerations:
    """Predicted and measured speed-ups by pair, summed up by lever over the pairs that are predictions."""

    rows: tuple[SpeedUp, ...]
    summary: tuple[Summary, ...]
    levers: tuple[Summary, ...]


def accelerations() -> Accelerations:
    """Return the predicted speed-ups of the published pairs, as recorded.

    >>> next(row.gave for row in accelerations().rows)
    'wan2.1-t2v-1.3b/teacache-0.05'
    """
    rows = published().speedups
    judged = [row for row in rows if not row.gave]
    levers = dict.fromkeys(row.lever for row in judged)
    by_lever = [(lever, [row for row in judged if row.lever == lever]) for lever in levers]
    found = [summary(name, [(row.ratio, row.source) for row in some]) for name, some in [("speed-ups", judged), *by_lever]]
    return Accelerations(rows, tuple(found[:1]), tuple(found[1:]))
