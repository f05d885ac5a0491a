"""Quantities as people write and read them: units are what others say they are, and every text is exact."""

from functools import cache

import pint
import pytest

from shared import over
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.quantities import (
    BINARY,
    IEC,
    PREFIXED,
    SHOWN_AS,
    UNITS,
    QuantityError,
    digits,
    examples,
    fits,
    number,
    parse,
    parse_range,
    show,
    unit,
)
from t2v_capacity.engine.figures import FIGURES

# The spellings of ours that another library writes in another way.
SPELLED = {"B": "byte", "FLOPs": "FLOP", "FLOPS": "FLOP/s", "$": "USD", "fps": "frame/s", "%": "percent", "d": "day"}
SPELLED |= {"bps": "bit/s", "mbps": "megabit/s", "gbps": "gigabit/s"}
SPELLED |= dict.fromkeys(("share", "ratio", "1"), "dimensionless") | dict.fromkeys(
    ("Krequest", "Krequests"), "kilorequest"
)


# Bits and bytes are dimensions of their own here, so that neither is taken for the other.
@cache
def registry() -> "pint.UnitRegistry[float]":
    """Return the units of another library, with ours that it lacks."""
    found: pint.UnitRegistry[float] = pint.UnitRegistry()
    for own in ("FLOP", "USD", "frame", "byte", "bit", "request"):
        found.define(f"{own} = [{own}s]")
    return found


@over(("name", UNITS))
def test_a_unit_is_what_others_say_it_is(name: str) -> None:
    """Each unit is as many of its base units, and of the same dimensions, as another library of units says."""
    factor, dimensions = unit(name)
    base = "*".join(f"{of}**{power}" for of, power in dimensions.items()) or "dimensionless"
    assert registry().Quantity(1.0, SPELLED.get(name, name)).to(base).magnitude == pytest.approx(factor, rel=1e-12)


@over(("name", sorted(PREFIXED)))
def test_prefixes_are_powers(name: str) -> None:
    """K, M, G, T, P and E are powers of 1000 and Ki to Ei of 1024, before each unit that takes them.

    Other units take no Ki to Ei.
    """
    one, dimensions = unit(name)
    for power, prefix in enumerate(("", "k", "M", "G", "T", "P", "E")):
        size, found = unit(f"{prefix}{name}")
        assert size == pytest.approx(one * 1000**power, rel=1e-15)
        assert found == dimensions
    assert unit(f"K{name}") == unit(f"k{name}")
    for power, prefix in enumerate(IEC, 1):
        if name in BINARY:
            assert unit(f"{prefix}{name}") == (one * 1024**power, dimensions)
        else:
            with pytest.raises(QuantityError, match="is not a unit"):
                unit(f"{prefix}{name}")


def test_labels_are_told_in_one_and_in_many() -> None:
    """A label is one in singular and plural, in capitals or not, above and below a slash.

    A power that is gone leaves nothing.
    """
    for text in ("passes/step", "Pass/steps", "pass/step"):
        assert unit(text) == (1.0, {"pass": 1, "step": -1})
    assert unit("matrices") == unit("matrix") == (1.0, {"matrix": 1})
    assert unit("B-s/s") == (1.0, {"byte": 1})
    size, found = unit("USD/GB-month")
    assert size == pytest.approx(1e-9)
    assert found == {"USD": 1, "byte": -1, "month": -1}


@pytest.mark.parametrize(
    ("wanted", "fitting", "others"),
    [
        ("USD/byte-month", ["USD/GB", "USD/GB-month"], ["USD/GB-day", "USD"]),
        ("byte/video", ["GB", "GB/video"], ["GB/request", "bit"]),
        ("frame/video/s", ["frame/video/s", "frame/s", "1/s"], ["user/s", "frame"]),
    ],
)
def test_a_unit_fits_with_its_labels_or_without(wanted: str, fitting: list[str], others: list[str]) -> None:
    """A unit fits with all of its labels, with some, or with none; never with one that is not its own."""
    assert [one for one in (*fitting, *others) if fits(one, wanted)] == fitting


UNITS_IN_USE = sorted({*(known.unit for known in FIGURES.values()), *(known.unit for known in ASSUMPTIONS.values())})


@over(("wanted", UNITS_IN_USE))
def test_what_an_error_says_to_write_is_read(wanted: str) -> None:
    """Each unit that the message of a wrong one names can be written instead."""
    named = examples(wanted)
    counts = named == "a plain number, or one with K, M or B"
    for one in ("", "K", "M", "B") if counts else named.replace(" or ", ", ").split(", "):
        assert parse(f"1 {one.removeprefix('a plain number')}", wanted) > 0


@over(
    (
        "text wanted how said",
        [
            (" ", "byte", {"write": "GB"}, "the value is empty; write a number, such as 10 GB"),
            ("x", "user", {"write": "M"}, "`x` is not a number; example: 10M"),
            ("5", "joule", {"bare": False}, "`5` has no unit; add one of J, Wh, kWh, MWh"),
            ("10000", "byte", {"bare": False, "write": "KB"}, "`10000` has no unit; write 10 KB"),
            ("-50000", "byte", {"bare": False, "write": "MB"}, "`-50000` has no unit; write -50 KB"),
            ("5 Mbit", "byte", {}, "`Mbit` is bits, this is bytes; use B, KB, MB, GB, TB, KiB, MiB, GiB"),
            ("5 MB", "bit/s", {}, "`MB` is bytes, this is bits; use bit/s, kbps, Mbps, Gbps, Mbit/s"),
            ("5 J", "byte/s", {}, "wrong unit in `5 J`; use B/s, MB/s, GB/s, TB/s, GiB/s"),
            ("5 s", "FLOP/s", {}, "wrong unit in `5 s`; use GFLOP/s, TFLOP/s, PFLOP/s"),
            ("5 s", "USD", {}, "wrong unit in `5 s`; use USD"),
            ("5 s", "ratio", {}, "wrong unit in `5 s`; use a plain number or %"),
            ("5 s", "request/s", {}, "wrong unit in `5 s`; use a plain number or request/s"),
            ("5 s", "USD/byte-month", {}, "wrong unit in `5 s`; use USD/GB-month"),
            ("5 foo", "byte", {}, "unknown unit `foo`; use B, KB"),
            ("5 million", "user", {}, "unknown unit `million`; write 5M"),
            ("1_2.5 billion", "user", {}, "unknown unit `billion`; write 12.5B"),
            ("10M..20M", "user", {}, "`10M..20M` is not one number; a range is written `10M to 20M`"),
            ("-0_5 s", "s", {}, "`-0_5 s` begins with a zero; write `-5 s`"),
            ("1,5 GB", "byte", {}, "`1,5 GB` has a comma in it; write `1.5 GB`"),
            ("1,2345", "user", {}, "`1,2345` has a comma in it; write `1.2345`"),
            ("10M,20M", "user", {}, "`10M,20M` is several values; `t2v-cap sweep --over NAME=10M,20M` computes each"),
            ("\u0665", "user", {}, "`\u0665` has digits of another script; write them as 0 to 9"),
            ("1e999", "user", {}, "`1e999` is too large for a number; example: 10"),
            ("5\u0665", "user", {}, "`5\u0665` is not a number; example: 10"),
            *((f"5{after}1", "user", {}, f"`5{after}1` is not a number; example: 10") for after in (*":x+", " x")),
            *(
                (text, "user", {}, f"`{text}` is not a finite number; example: 10")
                for text in ("nan", "-.inf", "+Infinity", ".NaN")
            ),
        ],
    )
)
def test_what_is_no_quantity_is_told(text: str, wanted: str, how: dict[str, str], said: str) -> None:
    """What can't be read is refused in words that say what to write instead; tests/mistakes has the usual ones."""
    with pytest.raises(QuantityError) as refused:
        parse(text, wanted, **how)
    assert said in refused.value.message
    assert refused.value.message.startswith(("`", "the value", "unknown unit `", "wrong unit in `"))


@pytest.mark.parametrize(
    ("text", "wanted", "value"),
    [
        ("1_000.5 MB", "byte", 1_000.5e6),
        ("+.5", "share", 0.5),
        ("-1e3", "user", -1000),
        ("5 B", "user", 5e9),
        ("5 B", "byte", 5),
        ("5k users", "user", 5e3),
        ("2 K min", "s", 120_000),
        ("2 G requests/h", "request/s", 2e9 / 3600),
        ("3 USD", "USD/gpu-hour", 3),
        ("3 USD/GPU-day", "USD/gpu-hour", 3 / 24),
        ("5 USD/Mrequests", "USD/request", 5e-6),
        ("1 month", "s", 2_592_000),
        ("50%", "ratio", 0.5),
        ("1 week", "day", 7),
        ("3.6 MJ/h", "watt", 1_000),
    ],
)
def test_a_quantity_is_read(text: str, wanted: str, value: float) -> None:
    """A count, a unit, both, or a currency alone where it is meant are read in the base of the unit wanted."""
    assert parse(text, wanted) == pytest.approx(value, rel=1e-12)


def test_a_currency_alone_stands_where_a_number_may() -> None:
    """A price may say its currency and nothing more only where it may say nothing at all."""
    with pytest.raises(QuantityError):
        parse("3 USD", "USD/gpu-hour", bare=False)


def test_what_is_shown_has_its_digits_however_small() -> None:
    """The smallest float has the digits asked for, as it has on the page, and not the one that would do."""
    assert [digits(5e-324), digits(5e-324, 3, exact=False), digits(1.5e20)] == ["4.9407e-324", "4.94e-324", "1.5e+20"]


def test_a_range_has_two_ends() -> None:
    """A text is a range where ` to ` stands between two texts, however many blanks there are.

    The ends are kept as they are.
    """
    assert parse_range(" 5 M  to\t20M ") == ("5 M", "20M")
    assert [parse_range(text) for text in ("5M", "5 to 6 to 7", " to 7", "5 to ", "5to6")] == [None] * 5


@over(
    (
        "name text ends",
        [
            ("dau", "500_000 to 2M", (5e5, 2e6)),  # 500,000M is no lower end
            ("dau", "5M to 20M", (5e6, 2e7)),
            ("server_price", "250K to 300K", (2.5e5, 3e5)),
            ("target_latency", "30 to 2 min", (30, 120)),
            ("target_latency", "2 to 5 s", (2, 5)),
            ("gpu_price", "2 to 5 USD", (2, 5)),
            ("gpu_price", "2 to 5 USD/GPU-hour", (2, 5)),
        ],
    )
)
def test_ends_of_a_range_that_read_in_one_way(name: str, text: str, ends: tuple[float, float]) -> None:
    """A lower end without a unit stands where the upper one's would change nothing, or make no range."""
    assert ASSUMPTIONS[name].read(text) == (*ends, None)


@over(
    (
        "name text reason",
        [
            ("dau", "5 to 20M", "`5` has no unit, and `20M` has one; write `5M`"),
            ("server_price", "250 to 300K", "`250` has no unit, and `300K` has one; write `250K`"),
            ("target_latency", "2 to 5 min", "`2` has no unit, and `5 min` has one; write `2 min`"),
            ("growth_per_month", "0.01 to 5%", "`0.01` has no unit, and `5%` has one; write `1%`"),
        ],
    )
)
def test_ends_of_a_range_that_read_in_two_ways(name: str, text: str, reason: str) -> None:
    """Five to twenty million may be 5 users or 5 million: the error says how to write the likely one."""
    with pytest.raises(QuantityError) as caught:
        ASSUMPTIONS[name].read(text)

    assert caught.value.message == reason


@over(
    (
        "value wanted said",
        [
            (0, "second", "0 s"),
            (2e-6, "second", "2 us"),
            (9.99e-4, "second", "999 us"),
            (0.999, "second", "999 ms"),
            (1999, "second", "1999 s"),
            (2000, "second", "33.3 min"),
            (7199.9, "second", "120 min"),
            (172_799, "second", "48 h"),
            (172_800, "second", "2 d"),
            (86_400 * 9_999.9, "second", "9999.9 d"),
            (86_400 * 1e4, "second", "10K d"),
            (-90, "second", "-90 s"),
            (1, "gpu", "1 GPU"),
            (10_000, "gpu", "10K GPUs"),
            (12_345_000, "gpu", "12.3M GPUs"),
            (12_345_000, "user", "12.345M users"),
            (99_999, "request", "99999 requests"),
            (1e-10, "share", "0%"),
            (0.12345, "share", "12.345%"),
            (1.5, "ratio", "1.5"),
            (2, "matrix", "2 matrices"),
            (2, "pass/step", "2 passes/step"),
            (1500, "byte", "1.5 KB"),
            (1500, "bit/s", "1.5 kbit/s"),
            (2e18, "FLOP", "2 EFLOP"),
            (1500, "USD", "1.5K USD"),
            (3_600_000, "joule/video", "1 kWh/video"),
            (3600, "gpu/hour", "3600 GPUs/hour"),
            (0.02e-9, "USD/byte-month", "0.02 USD/GB-month"),
            (1e-5, "request/s", "1e-05 requests/s"),
        ],
    )
)
def test_an_amount_is_shown_as_people_write_it(value: float, wanted: str, said: str) -> None:
    """An amount has the prefix and the unit that people write, in singular or plural.

    GPUs are counted to 9,999, and long times are in days.
    """
    assert show(value, wanted) == said


def test_shown_units_are_of_the_same_kind() -> None:
    """A unit that is shown in place of another measures the same thing."""
    assert all(fits(shown, base) for base, shown in SHOWN_AS.items())


def test_a_number_ends_where_its_unit_begins() -> None:
    """The unit is what stands behind the number, blanks or not, in as many lines as there are."""
    assert [number(text) for text in (" 5  GB ", "5\nGB", "5e3GB", "5 e3")] == [
        (5, "GB"),
        (5, "GB"),
        (5000, "GB"),
        (5, "e3"),
    ]


def test_a_mass_of_a_tonne_is_written_in_tonnes() -> None:
    """Of CO2 people write tonnes, never thousands of kilograms; below one, kilograms."""
    shown = {kg: show(kg, "kg/month") for kg in (150_000, 2.14e9, 1_000, 999.9, 998, 0.5)}

    assert [*shown.values()] == [
        "150 t/month",
        "2.14M t/month",
        "1 t/month",
        "999.9 kg/month",
        "998 kg/month",
        "0.5 kg/month",
    ]
    assert all(parse(text, "kg/month") == pytest.approx(kg, rel=1e-9) for kg, text in shown.items())
    assert show(900, "kg/month", like=1_200) == "0.9 t/month"
