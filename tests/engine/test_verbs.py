"""The verbs: one shared table of inputs for the float and the array form.

The special functions are held against exact arithmetic.
"""

import math
from fractions import Fraction
from timeit import timeit
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import over
from t2v_capacity.engine.verbs import VERBS, growth_sum
from t2v_capacity.formulas.queueing import _SURELY_HUGE, HUGE, _inverse_loss, _top, _waiting, erlang_c
from verb_inputs import INF, PRECISE, TABLE


@over(("verb", VERBS))
def test_floats_and_arrays_agree(verb: str) -> None:
    """Each verb gives the same on floats one by one, on arrays, and on floats beside arrays, to 1e-12 relative."""
    rows = TABLE[verb]
    alone = [float(VERBS[verb](*row)) for row in rows]
    together = VERBS[verb](*(np.array(column) for column in zip(*rows, strict=True)))
    first, *rest = zip(*rows[:3], strict=True)
    others = [column[0] for column in rest]

    np.testing.assert_allclose(together, alone, rtol=1e-12, atol=1e-240)
    np.testing.assert_allclose(
        VERBS[verb](np.array(first), *others), [float(VERBS[verb](one, *others)) for one in first], rtol=1e-12
    )


def test_every_verb_is_in_the_table() -> None:
    """No verb is without inputs, and none is tested that is not one."""
    assert set(TABLE) == set(VERBS)


@pytest.mark.parametrize(
    ("verb", "x", "rounded"),
    [("ceil", 100 * 1.1, 110), ("floor", 0.29 * 100, 29), ("ceil", 110.1, 111), ("floor", -0.5, -1)],
)
def test_rounding_sees_the_whole_number_that_was_meant(verb: str, x: float, rounded: int) -> None:
    """A product that binary arithmetic puts a hair beside a whole number is rounded to it."""
    assert VERBS[verb](x) == rounded


def recursion(servers: int, load: Any, most: float = math.inf) -> Any:
    """Return Erlang C by the textbook's recursion, 1/B(k) = 1 + k / load / B(k - 1), in fractions or in floats.

    The recursion never subtracts.
    """
    inverse: Any = 1
    for k in range(1, servers + 1):
        inverse = min(1 + k / load * inverse, most)
    return 1 / (1 + (servers - load) / servers * (inverse - 1))


@pytest.mark.parametrize("servers", [1, 2, 3, 5, 10, 30, 80, 200])
def test_small_fleets_wait_as_exact_fractions_say(servers: int) -> None:
    """erlang_c is exact to 1e-13 for fleets of up to 200 servers."""
    for load in (Fraction(1, 1000), *(Fraction(servers * k, 16) for k in range(1, 16)), Fraction(servers * 1023, 1024)):
        wanted = recursion(servers, Fraction(float(load)))
        if wanted > Fraction(1, 10**240):
            assert erlang_c(servers, float(load)) == pytest.approx(float(wanted), rel=1e-13)


@pytest.mark.wide
@pytest.mark.parametrize("servers", [1_001, 1_100, 3_000, 30_000, 1_000_000])
def test_large_fleets_wait_as_the_recursion_says(servers: int) -> None:
    """erlang_c agrees with the recursion over every server to 1e-10 for fleets of up to a million."""
    for share in (0.8, 0.9, 0.99, 0.999, 0.99999) if servers < 1_000_000 else (0.995, 0.9999):
        wanted = recursion(servers, servers * share, 1e300)
        assert erlang_c(servers, servers * share) == pytest.approx(wanted, rel=1e-10, abs=1e-240)


def both(servers: int, load: float) -> tuple[float, float]:
    """Return a chance of waiting on floats and on arrays."""
    return erlang_c(float(servers), load), float(VERBS["erlang_c"](np.array([float(servers)]), load)[0])


def test_large_loads_wait_as_the_precise_integral_says() -> None:
    """erlang_c keeps 12 digits up to a load of a million and ten up to 1e12, from a margin of 0.001 to one of 36."""
    for servers, load, wanted in PRECISE:
        limit = 1e-10 if load > 1e6 or wanted < 1e-120 else 1e-12
        for chance in both(servers, load):
            assert chance == pytest.approx(wanted, rel=limit, abs=0)


def test_chances_of_nothing_are_tiny() -> None:
    """A chance of waiting below 1e-250 is given as something below 1e-240, and never as a negative number."""
    for load in (10.0, 500.0, 1e4, 1e6, 1e9, 1e12):
        servers = math.floor(load + 40 * math.sqrt(load)) if load > 500 else 5_000
        assert all(0 <= chance < 1e-240 for chance in both(servers, load))


def test_one_server_counts_in_the_largest_fleets_and_half_of_one_in_the_smallest() -> None:
    """One server more makes the wait rarer even among ten billion; half a server is halfway between two."""
    load = 1e10
    servers = math.floor(load + math.sqrt(load))

    assert erlang_c(servers, load) > erlang_c(servers + 1, load) > erlang_c(servers, load) * (1 - 1e-4)
    halfway = (erlang_c(4, 4 * 2 / 3) + erlang_c(5, 5 * 2 / 3)) / 2
    assert erlang_c(4.5, 3.0) == pytest.approx(halfway, rel=1e-12)


def test_nothing_jumps_where_the_series_gives_way_to_the_integral() -> None:
    """Across a load of 1,000 the chance of waiting goes on as the exact recursion does, to 1e-12."""
    for margin in (0.01, 0.5, 1.7, 5, 15):
        servers = math.floor(1_000 + margin * math.sqrt(1_000))
        for load in (999.9999, math.nextafter(1_000, 0), 1_000.0, math.nextafter(1_000, INF), 1_000.0001):
            if load < servers:
                assert erlang_c(servers, load) == pytest.approx(recursion(servers, load), rel=1e-12)


@pytest.mark.slow
@pytest.mark.wide
@settings(max_examples=300, deadline=None, derandomize=True)
@given(load=st.floats(-3, 12).map(lambda power: 10.0**power), margin=st.floats(-1, 40), more=st.floats(1e-3, 1))
def test_waiting_falls_with_servers_and_rises_with_load(load: float, margin: float, more: float) -> None:
    """erlang_c is a share, falls with servers, rises with load, and is certain from a load of all servers on."""
    servers = max(1, math.floor(load + margin * math.sqrt(load)))
    chance = erlang_c(servers, load)

    assert 0 <= chance <= 1
    assert (chance == 1) == (load >= servers) or chance > 1 - 1e-6
    assert erlang_c(servers + math.ceil(more * math.sqrt(load)), load) <= chance * (1 + 1e-9)
    assert erlang_c(servers, load * (1 + more)) >= chance * (1 - 1e-9)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.floats(1_001, 1e15), st.floats(33.0, 36.0) | st.floats(33.0, 1e5))
def test_an_integral_that_is_left_out_changes_nothing(load: float, margin: float) -> None:
    """Where erlang_c takes no integral, its answer is the integral's to the last bit, on floats and on arrays."""
    count = math.floor(load + margin * math.sqrt(load))
    wanted = _waiting(min(_inverse_loss(count, load, math), HUGE), count, load)

    alone, in_an_array = both(count, load)
    assert alone == wanted
    assert in_an_array == wanted or _top(count, load, math) <= _SURELY_HUGE


def test_waiting_is_quick_to_compute() -> None:
    """One chance for a fleet of a hundred thousand takes under 20 ms, and ten thousand of them at once under 5 s."""
    fleets = np.full(10_000, 20_000.0), np.linspace(15_000, 19_990, 10_000)

    assert timeit(lambda: erlang_c(100_000, 99_000), number=1) < 0.02
    assert timeit(lambda: VERBS["erlang_c"](*fleets), number=1) < 5


@pytest.mark.wide
def test_growth_sums_are_exact() -> None:
    """growth_sum is the exact sum to 1e-12, at rate 0 and beside it, for growth and decline.

    Periods are whole, or have a part up to nearly one.
    """
    for rate in (0.0, 1e-18, 1e-12, 1e-9, 1e-6, 1e-3, 0.15, 1.0, -0.13, -0.5, -1e-9):
        ratio = 1 + Fraction(rate)
        for periods in (0, 1, 2, 12, 60, 200):
            whole = sum((ratio**k for k in range(periods)), Fraction(0))
            for part in (Fraction(0), Fraction(3, 8), 1 - Fraction(1, 2**40)):
                wanted = float(whole + part * ratio**periods)
                assert growth_sum(rate, periods + float(part)) == pytest.approx(wanted, rel=1e-12)
