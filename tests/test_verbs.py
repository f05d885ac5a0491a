"""The verbs: one shared table of inputs for the float and the array form, and the special functions against exact arithmetic."""

import math
import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from t2v_capacity.engine.verbs import VERBS, erlang_c, growth_sum

NAN, INF = math.nan, math.inf
NUMBERS = (0.0, 0.1, 0.29 * 100, 0.5, 1.0, 28.9, 100 * 1.1, 110.1, 1e-12, 1e12 + 0.5, 3e15)
SIGNED = (*NUMBERS, *(-number for number in NUMBERS))
PAIRS = tuple((x, y) for x in SIGNED for y in (-1.0, 0.0, 0.1, 110.1))
FLEETS = tuple(
    (float(servers), load)
    for load in (0.001, 0.5, 1.0, 9.0, 99.5, 999.0, 1_000.0, 1_000.5, 2_000.0, 1e4, 1e5, 1e6, 1e8, 1e10)
    for margin in (-1, -0.01, 0, 0.01, 0.1, 0.5, 1, 1.7, 3, 5, 8, 12, 20, 25, 40)
    for servers in (math.floor(load + margin * math.sqrt(load)),)
)
GROWTHS = tuple(
    (rate, periods) for rate in (-0.9, -0.13, -1e-9, 0.0, 1e-18, 1e-12, 1e-6, 0.15, 2.0) for periods in (0.0, 0.37, 1.0, 12.0, 60.5, 600.0)
)
# Every verb's inputs, for each of its forms.
TABLE: dict[str, tuple[tuple[float, ...], ...]] = {
    "ceil": tuple((x,) for x in SIGNED),
    "floor": tuple((x,) for x in SIGNED),
    "sqrt": tuple((x,) for x in NUMBERS),
    "exp": tuple((x,) for x in (-700.0, -1.0, 0.0, 1e-9, 1.0, 700.0)),
    "log": tuple((x,) for x in (1e-250, 0.05, 1.0, 2.0, 1e250)),
    "minimum": (*PAIRS, (NAN, 1.0), (1.0, NAN)),
    "maximum": (*PAIRS, (NAN, 1.0), (1.0, NAN)),
    "where": tuple((x > 0, x, y) for x, y in PAIRS),
    "erlang_c": (*FLEETS, (0.0, 0.0), (0.0, 1.0), (5.0, 0.0), (4.5, 3.0), (3 - 1e-12, 2.5), (5.0, NAN)),
    "growth_sum": (*GROWTHS, (-0.1, 1e6), (0.0, 1e6)),
}
# Erlang's chance of waiting by servers and load: the integral for 1/B in 32 digits (mpmath 1.3, tanh-sinh on pieces of two widths).
PRECISE = (
    (1003, 1000.5, 0.9052469439226113),
    (1016, 1000.5, 0.515649772802835),
    (1032, 1000.5, 0.22941036712889018),
    (1054, 1000.5, 0.05868493045636249),
    (1095, 1000.5, 0.0018414847607072535),
    (1158, 1000.5, 6.512013771776052e-07),
    (1253, 1000.5, 8.836444504970377e-15),
    (1380, 1000.5, 4.707784270674402e-30),
    (1633, 1000.5, 4.422353128714997e-75),
    (1949, 1000.5, 5.982957652483049e-155),
    (2139, 1000.5, 6.272299960007335e-214),
    (1004, 1001.0, 0.8871456371013747),
    (1016, 1001.0, 0.5278061309372014),
    (1032, 1001.0, 0.23589895012295142),
    (1054, 1001.0, 0.06080164410859293),
    (1095, 1001.0, 0.0019405217839750734),
    (1159, 1001.0, 6.069950068782486e-07),
    (1254, 1001.0, 7.991637360429724e-15),
    (1380, 1001.0, 5.6974497384646505e-30),
    (1633, 1001.0, 6.069953010973018e-75),
    (1950, 1001.0, 4.9324745536393495e-155),
    (2139, 1001.0, 1.1081542388312353e-213),
    (2004, 2000.0, 0.8930274341052601),
    (2022, 2000.0, 0.5131712406500849),
    (2044, 2000.0, 0.23296502409210462),
    (2076, 2000.0, 0.056828023976695584),
    (2134, 2000.0, 0.0017018115459341732),
    (2223, 2000.0, 5.211741793529735e-07),
    (2357, 2000.0, 4.50505498333488e-15),
    (2536, 2000.0, 7.001981161230465e-31),
    (2894, 2000.0, 1.7524557786887498e-78),
    (3341, 2000.0, 1.2422795382697373e-164),
    (3609, 2000.0, 5.7657501050947445e-229),
    (10010, 10000.0, 0.8805985443131141),
    (10050, 10000.0, 0.505689091108157),
    (10100, 10000.0, 0.22476290646653221),
    (10170, 10000.0, 0.0556384012296495),
    (10300, 10000.0, 0.0015670232797951678),
    (10500, 10000.0, 3.733636002539883e-07),
    (10800, 10000.0, 1.4912651510710307e-15),
    (11200, 10000.0, 2.8698485448751554e-32),
    (12000, 10000.0, 5.668640460156444e-84),
    (13000, 10000.0, 6.318637260999151e-181),
    (1000001, 1000000.0, 0.9987475895903478),
    (1000100, 1000000.0, 0.8803183192946306),
    (1000500, 1000000.0, 0.5046540347134449),
    (1001000, 1000000.0, 0.22350182416901127),
    (1001700, 1000000.0, 0.05482466869645535),
    (1003000, 1000000.0, 0.0014859692819549318),
    (1005000, 1000000.0, 3.0434577534488055e-07),
    (1008000, 1000000.0, 6.903020330490235e-16),
    (1012000, 1000000.0, 2.395786170274636e-33),
    (1020000, 1000000.0, 1.0438089820750491e-88),
    (1030000, 1000000.0, 4.199698938648517e-196),
    (100000010, 100000000.0, 0.9987472898816745),
    (100001000, 100000000.0, 0.8802902078285797),
    (100005000, 100000000.0, 0.5045501838700356),
    (100010000, 100000000.0, 0.22337533361439704),
    (100017000, 100000000.0, 0.054743231684648015),
    (100030000, 100000000.0, 0.0014779809239358651),
    (100050000, 100000000.0, 2.980383382078304e-07),
    (100080000, 100000000.0, 6.37198586604392e-16),
    (100120000, 100000000.0, 1.841987695232026e-33),
    (100200000, 100000000.0, 3.1569350309413585e-89),
    (100300000, 100000000.0, 7.710140913975739e-198),
    (10000000100, 10000000000.0, 0.9987472599015078),
    (10000010000, 10000000000.0, 0.880287395789605),
    (10000050000, 10000000000.0, 0.504539795320173),
    (10000100000, 10000000000.0, 0.2233626807186821),
    (10000170000, 10000000000.0, 0.05473508734834488),
    (10000300000, 10000000000.0, 0.001477183260700201),
    (10000500000, 10000000000.0, 2.97413286367757e-07),
    (10000800000, 10000000000.0, 6.320982851930598e-16),
    (10001200000, 10000000000.0, 1.7939191745476334e-33),
    (10002000000, 10000000000.0, 2.7978029819085496e-89),
    (10003000000, 10000000000.0, 5.138985706688179e-198),
    (1000000001000, 1000000000000.0, 0.998747256903398),
    (1000000100000, 1000000000000.0, 0.8802871145767811),
    (1000000500000, 1000000000000.0, 0.504538756430518),
    (1000001000000, 1000000000000.0, 0.22336141539069096),
    (1000001700000, 1000000000000.0, 0.054734272908365834),
    (1000003000000, 1000000000000.0, 0.0014771035061044195),
    (1000005000000, 1000000000000.0, 2.973508378553884e-07),
    (1000008000000, 1000000000000.0, 6.315903047635068e-16),
    (1000012000000, 1000000000000.0, 1.789179051221136e-33),
    (1000020000000, 1000000000000.0, 2.764184872745959e-89),
    (1000030000000, 1000000000000.0, 4.934381966200029e-198),
)


@pytest.mark.parametrize("verb", VERBS)
def test_floats_and_arrays_agree(verb: str) -> None:
    """Each verb gives the same on floats, one by one, and on arrays of them, to 1e-12 relative."""
    rows = TABLE[verb]
    alone = [float(VERBS[verb](*row)) for row in rows]
    together = VERBS[verb](*(np.array(column) for column in zip(*rows, strict=True)))

    np.testing.assert_allclose(together, alone, rtol=1e-12, atol=1e-240)


def test_every_verb_is_in_the_table() -> None:
    """No verb is without inputs, and none is tested that is not one."""
    assert set(TABLE) == set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_arrays_broadcast(verb: str) -> None:
    """A verb of several arguments takes floats beside arrays."""
    rows = TABLE[verb][:3]
    if len(rows[0]) > 1:
        first, *rest = zip(*rows, strict=True)
        mixed = VERBS[verb](np.array(first), *(column[0] for column in rest))
        np.testing.assert_allclose(mixed, [float(VERBS[verb](one, *(column[0] for column in rest))) for one in first], rtol=1e-12)


@pytest.mark.parametrize(
    ("verb", "x", "rounded"), [("ceil", 100 * 1.1, 110), ("floor", 0.29 * 100, 29), ("ceil", 110.1, 111), ("floor", -0.5, -1)]
)
def test_rounding_sees_the_whole_number_that_was_meant(verb: str, x: float, rounded: int) -> None:
    """A product that binary arithmetic puts a hair beside a whole number is rounded to it."""
    assert VERBS[verb](x) == rounded


def exact(servers: int, load: Fraction) -> Fraction:
    """Return Erlang C by the textbook's recursion in exact fractions: 1/B(k) = 1 + k / load / B(k - 1)."""
    inverse = Fraction(1)
    for k in range(1, servers + 1):
        inverse = 1 + k / load * inverse
    return 1 / (1 + (1 - load / servers) * (inverse - 1))


def recursion(servers: int, load: float) -> float:
    """Return the same in floats: the recursion never subtracts, so it keeps its digits for large fleets too."""
    inverse = 1.0
    for k in range(1, servers + 1):
        inverse = min(1 + k / load * inverse, 1e300)
    return 1 / (1 + (servers - load) / servers * (inverse - 1))


@pytest.mark.parametrize("servers", [1, 2, 3, 5, 10, 30, 80, 200])
def test_small_fleets_wait_as_exact_fractions_say(servers: int) -> None:
    """erlang_c is exact to 1e-13 for fleets of up to 200 servers."""
    for load in (Fraction(1, 1000), *(Fraction(servers * k, 16) for k in range(1, 16)), Fraction(servers * 1023, 1024)):
        wanted = exact(servers, Fraction(float(load)))
        if wanted > Fraction(1, 10**240):
            assert erlang_c(servers, float(load)) == pytest.approx(float(wanted), rel=1e-13)


@pytest.mark.parametrize("servers", [1_001, 1_100, 3_000, 30_000, 1_000_000])
def test_large_fleets_wait_as_the_recursion_says(servers: int) -> None:
    """erlang_c agrees with the recursion over every server to 1e-10 for fleets of up to a million."""
    for share in (0.8, 0.9, 0.99, 0.999, 0.99999) if servers < 1_000_000 else (0.995, 0.9999):
        wanted = recursion(servers, servers * share)
        assert erlang_c(servers, servers * share) == pytest.approx(wanted, rel=1e-10, abs=1e-240)


def test_large_loads_wait_as_the_precise_integral_says() -> None:
    """erlang_c keeps 12 digits up to a load of a million and ten up to 1e12, from a margin of 0.001 to one of 36."""
    for servers, load, wanted in PRECISE:
        limit = 1e-10 if load > 1e6 or wanted < 1e-120 else 1e-12
        assert erlang_c(float(servers), load) == pytest.approx(wanted, rel=limit, abs=0)
        assert float(erlang_c(np.array([float(servers)]), load)[0]) == pytest.approx(wanted, rel=limit, abs=0)


def test_chances_of_nothing_are_tiny() -> None:
    """Where the chance of waiting is below 1e-250 it is given as something below 1e-240, and never as a negative number."""
    for load in (10.0, 500.0, 1e4, 1e6, 1e9, 1e12):
        servers = math.floor(load + 40 * math.sqrt(load)) if load > 500 else 5_000
        for chance in (erlang_c(servers, load), float(erlang_c(np.array([servers]), load)[0])):
            assert 0 <= chance < 1e-240


def test_whole_servers_are_counted_whole_in_the_largest_fleets() -> None:
    """One server more makes the wait rarer even among ten billion, and half a server more changes nothing."""
    load = 1e10
    servers = math.floor(load + math.sqrt(load))
    one, more, half = erlang_c(servers, load), erlang_c(servers + 1, load), erlang_c(4.5, 3.0)

    assert one > more > one * (1 - 1e-4)
    assert half == erlang_c(4, 3.0)
    np.testing.assert_allclose(erlang_c(np.array([servers, servers + 1.0]), load), [one, more], rtol=1e-12)


def test_nothing_jumps_where_the_series_gives_way_to_the_integral() -> None:
    """Across a load of 1,000 the chance of waiting goes on as the exact recursion does, to 1e-12."""
    for margin in (0.01, 0.5, 1.7, 5, 15):
        servers = math.floor(1_000 + margin * math.sqrt(1_000))
        for load in (999.9999, math.nextafter(1_000, 0), 1_000.0, math.nextafter(1_000, INF), 1_000.0001):
            if load < servers:
                assert erlang_c(servers, load) == pytest.approx(recursion(servers, load), rel=1e-12)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(load=st.floats(-3, 12).map(lambda power: 10.0**power), margin=st.floats(-1, 40), more=st.floats(1e-3, 1))
def test_waiting_falls_with_servers_and_rises_with_load(load: float, margin: float, more: float) -> None:
    """erlang_c is a share, falls with servers, rises with load, and is certain where the load is all of the servers or more."""
    servers = max(1, math.floor(load + margin * math.sqrt(load)))
    chance = erlang_c(servers, load)

    assert 0 <= chance <= 1
    assert (chance == 1) == (load >= servers) or chance > 1 - 1e-6
    assert erlang_c(servers + math.ceil(more * math.sqrt(load)), load) <= chance * (1 + 1e-9)
    assert erlang_c(servers, load * (1 + more)) >= chance * (1 - 1e-9)


def test_waiting_is_quick_to_compute() -> None:
    """One chance for a fleet of a hundred thousand takes under 20 ms, and ten thousand of them at once under 5 s."""
    began = time.perf_counter()
    erlang_c(100_000, 99_000)
    once = time.perf_counter() - began
    began = time.perf_counter()
    erlang_c(np.full(10_000, 20_000.0), np.linspace(15_000, 19_990, 10_000))

    assert once < 0.02
    assert time.perf_counter() - began < 5


def test_growth_sums_are_exact() -> None:
    """growth_sum is the exact sum to 1e-12, at rate 0 and beside it, for growth and decline, whole periods and parts of one."""
    for rate in (0.0, 1e-18, 1e-12, 1e-9, 1e-6, 1e-3, 0.15, 1.0, -0.13, -0.5, -1e-9):
        ratio = 1 + Fraction(rate)
        for periods in (0, 1, 2, 12, 60, 200):
            whole = sum((ratio**k for k in range(periods)), Fraction(0))
            for part in (Fraction(0), Fraction(3, 8)):
                wanted = float(whole + part * ratio**periods)
                assert growth_sum(rate, periods + float(part)) == pytest.approx(wanted, rel=1e-12)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(rate=st.floats(-0.9, 2), periods=st.floats(0, 200), step=st.floats(0, 1))
def test_growth_sums_grow_and_do_not_jump(rate: float, periods: float, step: float) -> None:
    """growth_sum grows with its periods, and by no more than the share of the period times what that period adds."""
    longer = growth_sum(rate, periods + step)
    steepest = max((1 + rate) ** math.floor(periods), (1 + rate) ** math.ceil(periods + step))

    assert growth_sum(rate, periods) <= longer * (1 + 1e-9)
    assert longer - growth_sum(rate, periods) <= step * steepest * (1 + 1e-6) + 1e-6 * longer
