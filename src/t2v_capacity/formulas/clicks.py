"""Replicas and load -> whether a click waits, and how long its clips wait for each other.

A click that asks for several clips is one customer of a region, which serves so many clicks at once. Held against
requests simulated apart: tests/formulas/test_clicks.py.
"""

from t2v_capacity.engine.constants import FULL, LATE_SHARE
from t2v_capacity.engine.figures import figure, main_figure
from t2v_capacity.engine.verbs import floor, maximum, minimum
from t2v_capacity.formulas.queueing import erlang_c


@figure("ratio", "Clicks that a region serves at once", better="higher")
def clicks_at_once(replicas: float, regions: float, arrival_variability: float, sessions_per_replica: float) -> float:
    """A click that asks for several clips takes as many replicas, so a region is as many servers of whole clicks.

    Hayward's rule divides the servers by the variability of arrivals (A. A. Fredericks, Bell System Technical Journal
    59, 1980). Equal clips of clicks for n on m n replicas end together as they began: M^[n]/D/c is M/D/m.
    A replica that plays several sessions is so many servers.

    >>> clicks_at_once(replicas=20, regions=2, arrival_variability=4, sessions_per_replica=3)
    7.5
    """
    return replicas / regions * sessions_per_replica / maximum(1, arrival_variability)


@figure("share", "Clicks that wait")
def click_wait_probability(clicks_at_once: float, utilization: float, peak_over_level: float) -> float:
    """Chance that a click finds every server of its region busy, at the peak (Erlang C; Erlang 1917).

    Work that can wait keeps replicas busy too. If it has a backlog at the peak, that takes every replica that the
    urgent work leaves: then the chance is certain.

    >>> click_wait_probability(clicks_at_once=100, utilization=0.9, peak_over_level=1)
    0.21694048090636658
    >>> round(click_wait_probability(clicks_at_once=1.5, utilization=0.5, peak_over_level=1.2), 9)
    0.525
    """
    return erlang_c(
        maximum(1, clicks_at_once), maximum(1, clicks_at_once) * minimum(FULL, utilization * peak_over_level)
    )


@main_figure("share", "Share of requests that wait")
def wait_probability(click_wait_probability: float, clicks_at_once: float) -> float:
    """Chance that a clip waits: its click does, or the click asks for more clips than there are replicas.

    >>> wait_probability(click_wait_probability=0.2, clicks_at_once=0.75)
    0.4
    """
    return click_wait_probability + (1 - click_wait_probability) * maximum(0, 1 - clicks_at_once)


@figure("second/video", "Wait of the last clips of a click")
def click_wait(generation_latency: float, clicks_at_once: float, sessions_per_replica: float) -> float:
    """A click for more clips than there are replicas waits for its own: 95 of 100 begin within so many rounds.

    The last round counts by its share of clips, up to one in twenty (assumption: a ramp, so that nothing jumps).

    >>> click_wait(generation_latency=60, clicks_at_once=0.25, sessions_per_replica=1)
    180
    >>> click_wait(generation_latency=60, clicks_at_once=0.47, sessions_per_replica=1)
    85.5319148936172
    """
    return (
        generation_latency
        * sessions_per_replica
        * (
            floor(maximum(1, (1 - LATE_SHARE) / clicks_at_once))
            - 1
            + minimum(
                1,
                (maximum(1, (1 - LATE_SHARE) / clicks_at_once) - floor(maximum(1, (1 - LATE_SHARE) / clicks_at_once)))
                / LATE_SHARE,
            )
        )
    )
