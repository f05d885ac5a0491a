"""Runs that wait, fail and are interrupted -> how long the latest clips take."""

import math
from collections.abc import Callable, Iterator
from typing import Any

from t2v_capacity.engine.figures import Number
from t2v_capacity.engine.verbs import FLOATS, TOLERANCE, Functions, on_arrays, scalars, verb

# Of a clip so many runs are counted, and of a run so many times its own that interruptions cost it; what comes after counts as the last.
MOST_RUNS, MOST_LOST = 24, 12
# Halvings of the latency; below this share of clips nothing is counted.
RUN_HALVINGS, NEGLIGIBLE = 44, 1e-15


@verb
def latency_in_runs(late: float, failed: float, interrupted: float, lost_again: float, chance: float, tail: float) -> float:
    """Return the latency, in times of a run, that a share `late` of clips exceeds.

    A run waits longer than w with the chance `chance` exp(-w / `tail`). It fails with the chance `failed`, and then waits and runs again, as
    long as the run before, since it meets the same queue: a clip of k runs takes k times as long. It is interrupted with the chance
    `interrupted`, and begins again on its replica at once: it loses n whole runs and any part of one more, with the chance (1 - `lost_again`)
    `lost_again`^n. The share of clips that takes longer than a latency is the sum over k and n; the latency is found by halving.

    >>> latency_in_runs(0.05, 0, 0, 0, 0.5, 2), latency_in_runs(0.05, 0, 0, 0, 0.01, 2)
    (5.605170185988092, 1.0)
    >>> round(latency_in_runs(0.05, 0.1, 0, 0, 0.01, 2), 6), round(latency_in_runs(0.01, 0.1, 0.2, 0.1, 0.5, 2), 6)
    (2.0, 10.972903)
    """
    known = (late, failed, interrupted, lost_again, chance, tail)
    if not scalars(*known):
        latencies: float = _latencies(*known)
        return latencies
    if any(map(math.isnan, known)):
        return math.nan
    if failed <= 0 and interrupted <= 0:
        return 1 + tail * max(0.0, math.log(max(chance, NEGLIGIBLE) / late))
    latency: float = _latency(FLOATS, *known)
    return latency


def _latencies(*columns: Number) -> Any:
    """Return the same on arrays: those elements are halved of which some runs are run again."""
    import numpy as np

    shaped = np.broadcast_arrays(*(np.asarray(column, float) for column in columns))
    late, failed, interrupted, lost_again, chance, tail = (column.ravel() for column in shaped)
    answer = 1 + tail * np.maximum(0, np.log(np.maximum(chance, NEGLIGIBLE) / late)) + 0 * (failed + interrupted + lost_again)
    (again,) = np.nonzero((failed > 0) | (interrupted > 0))
    if len(again):
        answer[again] = _latency(on_arrays(), *(column[again] for column in (late, failed, interrupted, lost_again, chance, tail)))
    return answer.reshape(shaped[0].shape)


def _latency(of: Functions, late: Number, failed: Number, interrupted: Number, lost_again: Number, chance: Number, tail: Number) -> Any:
    """Return the latency where some runs are run again."""
    longer = share_longer(of, failed, interrupted, lost_again, chance, tail)
    span = longest_span(of, late, failed, interrupted, lost_again, chance, tail)
    meant = late * (1 - TOLERANCE)  # a share that is just reached counts: of runs that fail, one in twenty are meant
    latency = 1 + span / 2
    for k in range(2, RUN_HALVINGS + 2):
        latency = latency + of.choose(longer(latency) > meant, 1.0, -1.0) * span / 2**k
    return latency - span / 2 ** (RUN_HALVINGS + 1)  # the lower end, by which a promise of whole runs is kept


def share_longer(
    of: Functions, failed: Number, interrupted: Number, lost_again: Number, chance: Number, tail: Number
) -> Callable[[Number], Number]:
    """Return the share of clips that takes longer than a latency, in times of a run."""
    surely = tail * of.most(0.0, of.log(of.most(chance, NEGLIGIBLE)))  # what every run waits
    waits, scale = of.least(of.most(chance, NEGLIGIBLE), 1.0), of.most(tail, NEGLIGIBLE)
    cases = [*_cases(failed, interrupted, lost_again)]

    def until(wait: Number) -> Number:
        """Return the integral of the chance to wait longer, which is certain below 0, up to a wait."""
        return of.least(wait, 0.0) + waits * scale * (1 - of.exp(-of.most(wait, 0.0) / scale))

    def longer(latency: Number) -> Number:
        found = 0.0 * latency
        for runs, share, losing in cases:
            wait = latency / runs - 1 - surely
            found = found + share * of.choose(wait < 0, 1.0, waits * of.exp(-of.most(wait, 0.0) / scale))
            before = until(wait) if losing else 0.0
            for lost, share_of_lost in enumerate(losing):
                after = until(wait - lost - 1)
                found, before = found + share_of_lost * (before - after), after
        return found

    return longer


def longest_span(
    of: Functions, late: Number, failed: Number, interrupted: Number, lost_again: Number, chance: Number, tail: Number
) -> Number:
    """Return how far beyond one run the latency may lie: a quarter of `late` has more runs, as many lose more, and as many wait longer."""
    few, chance = late / 4, of.most(chance, NEGLIGIBLE)
    runs = of.least(MOST_RUNS, 1 + of.log(few) / of.log(_ratio(failed, of)))
    lost = of.least(MOST_LOST, 1 + of.most(0.0, of.log(few / of.most(interrupted, NEGLIGIBLE)) / of.log(_ratio(lost_again, of))))
    return runs * (1 + lost + of.most(tail, NEGLIGIBLE) * of.most(0.0, of.log(chance / few))) - 1


def _ratio(share: Number, of: Functions) -> Number:
    """Return a share whose logarithm divides."""
    return of.least(of.most(share, NEGLIGIBLE), 1 - NEGLIGIBLE)


def _cases(failed: Number, interrupted: Number, lost_again: Number) -> Iterator[tuple[int, Number, list[Number]]]:
    """Yield the runs of a clip, the share of clips whose runs are not interrupted, and the shares whose runs lose no whole run more, one, two."""
    left: Number = 1.0
    for runs in range(1, MOST_RUNS + 1):
        then = left * failed if runs < MOST_RUNS else 0.0
        losing, more = list[Number](), (left - then) * interrupted
        while len(losing) < MOST_LOST and not _negligible(more):
            again = more * lost_again if len(losing) < MOST_LOST - 1 else 0.0
            losing.append(more - again)
            more = again
        yield runs, (left - then) * (1 - interrupted), losing
        left = then
        if _negligible(left):
            break


def _negligible(share: Number) -> bool:
    return bool(share < NEGLIGIBLE if scalars(share) else (share < NEGLIGIBLE).all())
