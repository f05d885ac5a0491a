"""Runs that wait, fail and are interrupted -> how long the latest clips take."""

import math
from collections.abc import Callable, Iterator
from typing import Any

from t2v_capacity.engine.figures import Number
from t2v_capacity.engine.verbs import FLOATS, TOLERANCE, Functions, on_arrays, scalars, verb

# Of a clip so many runs are counted; what comes after counts as the last. Of one that interruptions cost so many runs on average the rest is
# not counted: it is never finished.
MOST_RUNS, MOST_LOST = 24, 1_000
# Halvings of the latency's logarithm; below this share of clips nothing is counted.
RUN_HALVINGS, NEGLIGIBLE = 44, 1e-15


@verb
def latency_in_runs(late: float, failed: float, interrupted: float, lost_again: float, chance: float, tail: float) -> float:
    """Return the latency, in times of a run, that a share `late` of clips exceeds.

    A run waits longer than w with the chance `chance` exp(-w / `tail`). It fails with the chance `failed`, and then waits and runs again, as
    long as the run before, since it meets the same queue: a clip of k runs takes k times as long. It is interrupted with the chance
    `interrupted`, and begins again on its replica at once: it loses n whole runs and any part of one more, with the chance (1 - `lost_again`)
    `lost_again`^n. The share of clips that takes longer than a latency is the sum over k and n (`late_in_runs`); the latency is found by
    halving its logarithm, since it may be thousands of runs.

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
    most = log_most(of, late, failed, interrupted, lost_again, chance, tail)
    meant = late * (1 - TOLERANCE)  # a share that is just reached counts: of runs that fail, one in twenty are meant
    part = 1 / 2 + 0 * most
    for k in range(2, RUN_HALVINGS + 2):
        part = part + of.choose(longer(of.exp(most * part)) > meant, 1.0, -1.0) / 2**k
    return of.exp(most * (part - 1 / 2 ** (RUN_HALVINGS + 1)))  # the lower end, by which a promise of whole runs is kept


@verb
def late_in_runs(latency: float, failed: float, interrupted: float, lost_again: float, chance: float, tail: float) -> float:
    """Return the share of clips that takes longer than a latency, in times of a run; the rest as in `latency_in_runs`.

    >>> [round(late_in_runs(*run), 9) for run in ((5.605170185988092, 0, 0, 0, 0.5, 2), (1.5, 0.1, 0, 0, 0, 2), (3, 0, 0.5, 0.2, 0, 2))]
    [0.05, 0.1, 0.02]
    """
    known = (latency, failed, interrupted, lost_again, chance, tail)
    if scalars(*known) and any(map(math.isnan, known)):
        return math.nan
    late: float = share_longer(FLOATS if scalars(*known) else on_arrays(), *known[1:])(latency)
    return late


def share_longer(
    of: Functions, failed: Number, interrupted: Number, lost_again: Number, chance: Number, tail: Number
) -> Callable[[Number], Number]:
    """Return the share of clips that takes longer than a latency.

    A run that loses n whole runs with the chance (1 - a) a^n, and any part of one more, waits longer than x - n less that part. Of its sum
    over n, the terms of less than x whole runs are a geometric series of two ratios, a and e^(-1 / `tail`); that of the next one meets the
    end of the queue within that part; and what loses still more takes longer anyway.
    """
    surely = tail * of.most(0.0, of.log(of.most(chance, NEGLIGIBLE)))  # what every run waits
    lost_again = _finished(lost_again, of)
    waits, scale = of.least(of.most(chance, NEGLIGIBLE), 1.0), of.most(tail, NEGLIGIBLE)
    cases = [*_cases(failed)]
    any_interrupted = not _negligible(interrupted)
    log_lost = of.log(_ratio(lost_again, of))
    slower, apart = of.most(log_lost, -1 / scale), of.most(abs(log_lost + 1 / scale), NEGLIGIBLE)
    of_series = waits * scale * of.expm1(-1 / scale) / of.expm1(-apart)

    def interrupted_longer(wait: Number) -> Number:
        whole = of.floor(wait)
        still, lost = of.exp((whole - wait) / scale), of.exp(whole * log_lost)
        series = of_series * still * of.exp((whole - 1) * slower) * -of.expm1(-whole * apart)
        return (1 - lost_again) * (series + lost * (waits * scale * (1 - still) + 1 - wait + whole)) + lost * lost_again

    def longer(latency: Number) -> Number:
        found = 0.0 * latency
        for runs, share in cases:
            beyond = latency / runs - 1 - surely
            wait = of.most(beyond, 0.0)
            once = of.choose(beyond < 0, 1.0, waits * of.exp(-wait / scale))
            found = found + share * (once + interrupted * (interrupted_longer(wait) - once) if any_interrupted else once)
        return found

    return longer


def log_most(of: Functions, late: Number, failed: Number, interrupted: Number, lost_again: Number, chance: Number, tail: Number) -> Number:
    """Return the logarithm of the longest latency: a quarter of `late` has more runs, as many lose more, and as many wait longer."""
    few, chance = late / 4, of.most(chance, NEGLIGIBLE)
    runs = of.least(MOST_RUNS, 1 + of.log(few) / of.log(_ratio(failed, of)))
    lost_again = _finished(lost_again, of)
    lost = 1 + of.most(0.0, of.log(few / of.most(interrupted, NEGLIGIBLE)) / of.log(_ratio(lost_again, of)))
    return of.log(runs * (1 + lost + of.most(tail, NEGLIGIBLE) * of.most(0.0, of.log(chance / few))))


def _finished(lost_again: Number, of: Functions) -> Number:
    """Return the share of runs that are lost again, of clips that are ever finished."""
    return of.least(lost_again, 1 - 1 / MOST_LOST)


def _ratio(share: Number, of: Functions) -> Number:
    """Return a share whose logarithm divides."""
    return of.least(of.most(share, NEGLIGIBLE), 1 - NEGLIGIBLE)


def _cases(failed: Number) -> Iterator[tuple[int, Number]]:
    """Yield the runs of a clip and the share of clips that has so many."""
    left: Number = 1.0
    for runs in range(1, MOST_RUNS + 1):
        then = left * failed if runs < MOST_RUNS else 0.0
        yield runs, left - then
        left = then
        if _negligible(left):
            break


def _negligible(share: Number) -> bool:
    return bool(share < NEGLIGIBLE if scalars(share) else (share < NEGLIGIBLE).all())
