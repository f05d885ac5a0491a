"""Human quantities <-> numbers in base units: "1.25 MB" <-> 1250000.0 byte, "5M to 20M" <-> a range.

Inside the program everything is in base units: byte, bit, second, FLOP, joule, USD. This module is the edge where
people write and read.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from math import isclose, isfinite
from typing import NamedTuple

from t2v_capacity.errors import Mistakes, quote

SI = {"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}
IEC = {f"{prefix}i": 1024.0**power for power, prefix in enumerate("KMGTPE", 1)}
AMOUNTS = {"": 1.0, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
COUNTS = {**AMOUNTS, "k": 1e3, "G": 1e9}

DOLLARS = ("USD", "$")

# Spelling -> factor and base units. Watts are joules a second, so that power and energy fit together.


def _powers(base: str) -> dict[str, int]:
    """Return the dimensions of a base unit such as `FLOP/s`; `` has none."""
    above, *below = base.split("/")
    return {above: 1, **dict.fromkeys(below, -1)} if base else {}


UNITS: dict[str, tuple[float, dict[str, int]]] = {
    name: (factor, _powers(base))
    for names, factor, base in (
        ("B byte bytes", 1, "byte"),
        ("bit bits", 1, "bit"),
        ("s sec second seconds", 1, "s"),
        ("ms", 1e-3, "s"),
        ("us", 1e-6, "s"),
        ("min minute minutes", 60, "s"),
        ("h hour hours", 3600, "s"),
        ("d day days", 86_400, "s"),
        ("week weeks", 604_800, "s"),
        ("FLOP FLOPs", 1, "FLOP"),
        ("FLOPS", 1, "FLOP/s"),
        ("J joule", 1, "joule"),
        ("Wh", 3600, "joule"),
        ("W watt", 1, "joule/s"),
        ("g", 1e-3, "kg"),
        ("kg", 1, "kg"),
        ("t tonne tonnes", 1e3, "kg"),
        ("USD $", 1, "USD"),
        ("fps", 1, "frame/s"),
        ("Krequest Krequests", 1e3, "request"),
        ("Mrequest Mrequests", 1e6, "request"),
        ("bps", 1, "bit/s"),
        ("mbps", 1e6, "bit/s"),
        ("gbps", 1e9, "bit/s"),
        ("share ratio 1", 1, ""),
        ("%", 0.01, ""),
    )
    for name in names.split()
}
# A span of time in calendar units, whatever `days_per_month` is. A month is a label too (`USD/GB-month`), so these
# stand alone.
DURATIONS = {**dict.fromkeys(("month", "months"), 30 * 86_400), **dict.fromkeys(("year", "years"), 365 * 86_400)}
PREFIXED = {"B", "bit", "FLOP", "FLOPs", "FLOPS", "W", "J", "Wh", "bps"}
BINARY = {"B", "bit", "bps"}  # those that also take the prefixes of powers of two
LABELS = frozenset(
    (
        "user video request gpu server replica frame token step layer pass parameter pixel iteration head matrix "
        "region month year view clip key interruption"
    ).split()
)

# Units whose base size is far from what people write.
SHOWN_AS = {
    "USD/byte-month": "USD/GB-month",
    "USD/byte": "USD/GB",
    "USD/request": "USD/Mrequest",
    "USD/watt-month": "USD/kW-month",
    "USD/joule": "USD/kWh",
    "USD/gpu-second": "USD/gpu-hour",
    "kg/joule": "g/kWh",
    "kg/video": "g/video",
    "joule/video": "Wh/video",
    "joule/month": "Wh/month",
    "joule/year": "Wh/year",
    "second/video": "second",  # a latency, and what a name says is per video
}
SYMBOLS = {"byte": "B", "bit": "bit", "FLOP": "FLOP", "watt": "W", "Wh": "Wh", "joule": "J"}
PLURALS = {"pass": "passes", "matrix": "matrices"}
_SINGULARS = {plural: singular for singular, plural in PLURALS.items()}
# Seconds below a limit are written in multiples of a size; beyond the last, in days.
TIMES = ((1e-3, 1e-6, "us"), (1.0, 1e-3, "ms"), (2_000.0, 1.0, "s"), (7_200.0, 60.0, "min"), (172_800.0, 3_600.0, "h"))
# A time or a share below this is written as none; a time beyond this in thousands of days.
NOTHING, MANY_SECONDS = 1e-9, 1e4 * 86_400
TONNE = 1e3  # kg, from which on a mass is written in tonnes
# Default digits of a number, the digits that may show all of it, to this relative distance, and the most of a float.
SIGNIFICANT, ALL, SAME, MOST = 3, 5, 1e-9, 17
# Fleets are counted in whole units below this.
COUNTED, EASILY_COUNTED = ("gpu", "server", "replica"), 1e4
EASILY_READ = 1e5  # a whole number below this, of at most five digits, is written out
_NUMBER = re.compile(r"([+-]?(?:\d+(?:_\d+)*)?(?:\.\d+(?:_\d+)*)?(?:[eE][+-]?\d+)?)\s*", re.ASCII)


class QuantityError(Mistakes, ValueError):
    """A text is not a quantity of the unit asked for; the message says what would be."""

    @property
    def message(self) -> str:
        """The message alone, for a caller that knows the place."""
        return self.mistakes[0].message


class Range(NamedTuple):
    """An uncertain quantity: its 5th and 95th percentile and, where given, its median."""

    low: float
    high: float
    mid: float | None = None


@cache
def unit(text: str) -> tuple[float, dict[str, int]]:
    """Return a unit's factor to base units and its dimensions.

    >>> unit("MB/s")
    (1000000.0, {'byte': 1, 's': -1})
    """
    factor, dimensions = 1.0, Counter[str]()
    for index, part in enumerate(text.split("/")):
        for name in part.strip().split("-"):
            size, powers = _atom(name.strip())
            factor *= 1 / size if index else size
            for dimension, power in powers.items():
                dimensions[dimension] += -power if index else power
    return factor, {dimension: power for dimension, power in dimensions.items() if power}


def _atom(name: str) -> tuple[float, dict[str, int]]:
    if name in UNITS:
        return UNITS[name]
    for prefix, factor in {**IEC, **SI}.items():
        if name.startswith(prefix) and (rest := name.removeprefix(prefix)) in (BINARY if prefix in IEC else PREFIXED):
            return factor * UNITS[rest][0], UNITS[rest][1]
    label = name.lower()
    for spelled in (label, _SINGULARS.get(label, label.removesuffix("s"))):
        if spelled in LABELS:
            return 1.0, {spelled: 1}
    raise QuantityError(f"{quote(name, 20)} is not a unit")


def _essential(dimensions: dict[str, int]) -> dict[str, int]:
    """Return the dimensions that must be written: labels such as user or frame may be left out."""
    return {dimension: power for dimension, power in dimensions.items() if dimension not in LABELS}


def fits(written: str, wanted: str) -> bool:
    """Return whether a quantity written in one unit can stand for one in another; none can in what is no unit."""
    try:
        dimensions, target = unit(written)[1], unit(wanted)[1]
    except QuantityError:
        return False
    return _essential(target).items() <= dimensions.items() <= target.items()


def examples(wanted: str) -> str:
    """Return the spellings of a unit, for an error message.

    >>> examples("byte")
    'B, KB, MB, GB, TB, KiB, MiB, GiB'
    """
    essential = _essential(unit(wanted)[1])
    table = {
        "byte": "B, KB, MB, GB, TB, KiB, MiB, GiB",
        "s": "ms, s, min, h, d",
        "bit/s": "bit/s, kbps, Mbps, Gbps, Mbit/s",
        "byte/s": "B/s, MB/s, GB/s, TB/s, GiB/s",
        "FLOP/s": "GFLOP/s, TFLOP/s, PFLOP/s",
        "FLOP": "FLOP, GFLOP, TFLOP, PFLOP",
        "joule/s": "W, kW, MW",
        "joule": "J, Wh, kWh, MWh",
        "USD": "USD",
        "": "a plain number or %" if wanted in ("share", "ratio") else "a plain number, or one with K, M or B",
        "/s": f"a plain number or {SHOWN_AS.get(wanted, wanted)}",
    }
    written = "".join(d * power if power > 0 else f"/{d}" for d, power in essential.items())
    spellings = table.get(written, SHOWN_AS.get(wanted, wanted))
    # What counts days is written by the day.
    return spellings.replace("/s", "/day") if wanted.endswith("/day") else spellings


def number(text: str) -> tuple[float, str]:
    """Return the number that a text begins with, and the unit after it.

    Raises QuantityError where no number begins the text, and for spellings that are read in two ways.

    >>> number("1_000.5 MB")
    (1000.5, 'MB')
    """
    plain = text.strip()
    _before, digits, rest = _NUMBER.split(plain, maxsplit=1)  # there is always a match, which may be empty
    if not plain[:1].isdecimal() and re.match(r"[+-]?(nan|\.nan|inf|\.inf|infinity)\b", plain, re.IGNORECASE):
        raise QuantityError(f"{quote(text)} is not a finite number")
    if "," in plain and re.match(r"[+-]?\d[\d_]*(,\d)", plain, re.ASCII):
        grouped = re.match(r"[+-]?\d{1,3}(,\d{3})+(?!\d)", plain, re.ASCII)
        plain = plain.replace(",", "_") if grouped else plain.replace(",", ".", 1)
        raise QuantityError(f"{quote(text)} has a comma in it; write {quote(plain)}")
    if not any(c.isdecimal() for c in digits.lower().partition("e")[0]):
        if any(c.isdecimal() and not c.isascii() for c in text):
            raise QuantityError(f"{quote(text)} has digits of another script; write them as 0 to 9")
        raise QuantityError(f"{quote(text)} is not a number")
    if "0" in digits[:2] and re.match(r"[+-]?0[\d_]", digits):
        plain = re.sub(r"^([+-]?)[0_]+(?=[0-9])", r"\1", plain)
        raise QuantityError(f"{quote(text)} begins with a zero; write {quote(plain)}")
    if rest[:1] in tuple("_.:-+x") or rest[:1].isdecimal():
        raise QuantityError(f"{quote(text)} is not a number")
    amount = float(digits.replace("_", ""))
    if not isfinite(amount):
        raise QuantityError(f"{quote(text)} is too large for a number")
    return amount, rest.strip()


@lru_cache(maxsize=1_000)  # a folder's plans say much alike
def parse(text: str, wanted: str, *, bare: bool = True, write: str = "") -> float:
    """Return a human quantity in the base of the unit wanted.

    `bare` says whether a number may stand without a unit; `write` is the unit to suggest where it may not.
    Raises QuantityError, whose message says which units fit.

    >>> parse("1.25 MB", "byte"), parse("2 Mbps", "bit/s"), parse("25%", "share"), parse("200M", "user")
    (1250000.0, 2000000.0, 0.25, 200000000.0)
    >>> parse("36 months", "second") / 86_400, parse("2 years", "second") / 86_400
    (1080.0, 730.0)
    """
    sample = f"10{'' if len(write) == 1 and write in 'KMBT%' else ' '}{write}".strip()
    if not text.strip():
        raise QuantityError(f"the value is empty; write a number, such as {sample}")
    try:
        amount, rest = number(text)
    except QuantityError as error:
        _refuse_range(text)
        raise QuantityError(f"{error.message}; example: {sample}") if "; " not in error.message else error from None
    base, dimensions = unit(wanted)
    essential = _essential(dimensions)
    if not rest:
        if not bare and amount != 0:
            # A large number is one in the base unit; a small one is in the unit that people use.
            large = abs(amount) >= 1e4  # noqa: PLR2004
            likely = show(amount, wanted, 15, brief=True) if large else f"{digits(amount, 15)} {write}"
            fix = f"; write {likely}" if write else f"; add one of {examples(wanted)}"
            raise QuantityError(f"{quote(text)} has no unit{fix}")
        return amount

    head, _, tail = rest.partition(" ")
    # A `B` alone is a byte where bytes may stand, and a billion where a unit follows.
    if head in COUNTS and (fits(tail.strip(), wanted) if tail else not essential or (bare and head not in PREFIXED)):
        return amount * COUNTS[head] * (unit(tail.strip())[0] / base if tail else 1)
    # A bare price is in this unit, and so is one that says its currency.
    if bare and wanted.startswith("USD/") and rest in DOLLARS:
        return amount
    span = DURATIONS.get(rest) if essential == {"s": 1} else None
    if span is None and (not fits(rest, wanted) or (rest == "%" and wanted not in ("share", "ratio"))):
        raise QuantityError(_misfit(text, amount, rest, wanted))
    return amount * (span or unit(rest)[0]) / base


def _misfit(text: str, amount: float, written: str, wanted: str) -> str:
    """Return the message that the unit of a number does not fit, with the units to use."""
    from t2v_capacity.assumptions.synonyms import UNIT_SYNONYMS, meant

    _refuse_range(text)
    if "," in written:
        return f"{quote(text)} is several values; `t2v-cap sweep --over NAME={text}` computes each"
    why = f"wrong unit in {quote(text)}; use"
    try:
        dimensions, target = set(_essential(unit(written)[1])), set(_essential(unit(wanted)[1]))
    except QuantityError:
        spelled = written.lower()
        counts = (count for count, words in UNIT_SYNONYMS.items() if count in COUNTS and spelled in words.split())
        # An m is a million of what has no unit, and else a minute.
        if (spelled != "m" or not _essential(unit(wanted)[1])) and (count := next(counts, "")):
            return f"unknown unit {quote(written, 20)}; write {digits(amount, 15)}{count}"
        hint = meant(written, UNITS, UNIT_SYNONYMS)
        why = f"unknown unit {quote(written, 20)}{hint}{' Use' if hint else '; use'}"
    else:
        if "bit" in target and "byte" in dimensions:
            why = f"`{written}` is bytes, this is bits; use"
        if "byte" in target and "bit" in dimensions:
            why = f"`{written}` is bits, this is bytes; use"
    return f"{why} {examples(wanted)}"


def _refuse_range(text: str) -> None:
    """Raise QuantityError where a text was meant as a range: `10M-20M`, `10M..20M`, `10M to`."""
    ends = re.fullmatch(r"\s*(\d[\w.%]*?)\s*(?:-|\.\.+|\u2013|\u2014|~)\s*(\d[\w.%]*)\s*", text, re.ASCII)
    if text.rstrip().endswith(" to"):
        raise QuantityError(f"{quote(text)} is a range without an end; write both, such as `5M to 20M`")
    if ends:
        low = ends[1] if not ends[1][-1].isdigit() else ends[1] + ends[2].lstrip("0123456789._")
        raise QuantityError(f"{quote(text)} is not one number; a range is written `{low} to {ends[2]}`")


def parse_range(text: str) -> tuple[str, str] | None:
    """Return the two ends of "a to b", or nothing where the text is not a range.

    >>> parse_range("5M to 20M"), parse_range("5M")
    (('5M', '20M'), None)
    """
    parts = " ".join(text.split()).split(" to ")
    return (parts[0], parts[1]) if len(parts) == 2 and all(parts) else None  # noqa: PLR2004


def range_in(amount: object, read: Callable[[object], float]) -> Range | None:
    """Return the range that a value is, or nothing where it is a single value; `read` reads each end.

    >>> range_in("5M to 20M", lambda text: parse(str(text), "user")), range_in("5M", float)
    (Range(low=5000000.0, high=20000000.0, mid=None), None)
    """
    if isinstance(amount, dict):
        return Range(**{end: read(text) for end, text in amount.items()})
    if isinstance(amount, str) and (ends := parse_range(amount)):
        return Range(*numbers_in(ends, read))
    return amount if isinstance(amount, Range) else None


def numbers_in(texts: Sequence[str], read: Callable[[str], float]) -> list[float]:
    """Return the numbers of a range or a list.

    Raise QuantityError where a number without a unit stands before a larger one with a unit: it may share that.

    >>> numbers_in(["5M", "20M"], lambda text: parse(text, "user"))
    [5000000.0, 20000000.0]
    """
    texts = [text.strip() for text in texts]
    numbers = [read(text) for text in texts]
    _before, high, _unit = _NUMBER.split(texts[-1], maxsplit=1)
    for text, number in zip(texts, numbers, strict=True):
        if _NUMBER.fullmatch(text) and 0 < number < float(high or 0) != numbers[-1]:
            fix = f"{100 * number:g}%" if texts[-1].endswith("%") else texts[-1].replace(high, text, 1)
            raise QuantityError(f"{quote(text)} has no unit, and {quote(texts[-1])} has one; write {quote(fix)}")
    return numbers


def digits(amount: float, significant: int = SIGNIFICANT, *, exact: bool = True) -> str:
    """Return a number with so many significant digits, never in exponents where it can be read without.

    Without a number of digits there are three, or, where `exact`, five where these are all of it.

    >>> digits(0.706734), digits(11574.07), digits(5), digits(46.875), digits(1.0050001)
    ('0.707', '11574', '5', '46.875', '1.01')
    """
    if amount == 0:
        return "0"
    rounded = _round_decimal(amount, significant)
    if exact and significant == SIGNIFICANT and isclose(five := _round_decimal(amount, ALL), amount, rel_tol=SAME):
        rounded, significant = five, ALL
    if abs(rounded) >= 10**significant and abs(amount) < EASILY_READ:
        return f"{_round_decimal(amount, len(str(int(abs(amount))))):.0f}"
    if 1e-4 <= abs(rounded) < 1e16:  # noqa: PLR2004 - beyond, Python itself writes exponents
        return repr(rounded).removesuffix(".0")
    return f"{rounded:.{significant}g}"


def second_text(cost: float) -> str:
    """Return the cost of a second of video, in USD.

    >>> second_text(0.0771234), second_text(0.1131)
    ('0.077', '0.113')
    """
    return digits(cost, 2 if cost < 0.1 else SIGNIFICANT, exact=False)  # noqa: PLR2004 - a tenth of a USD


def with_commas(text: str) -> str:
    """Return a sentence whose whole numbers have commas, as prose has them; numbers within names have none.

    >>> with_commas("81 GPUs deliver 20000 clips per day, on rtx-4090")
    '81 GPUs deliver 20,000 clips per day, on rtx-4090'
    """
    return re.sub(r"(?<![\w.])(?<!\w-)\d{4,}(?![\w.]*\d)", lambda number: f"{int(number[0]):,}", text)


def _round_decimal(amount: float, significant: int) -> float:
    """Return a number rounded as its shortest decimal text is, halves away from zero.

    The page and the sheet can round in the same way.
    """
    if not isfinite(amount):
        return amount
    exact = Decimal(repr(float(amount)))
    return float(exact.quantize(Decimal(1).scaleb(exact.adjusted() - significant + 1), ROUND_HALF_UP))


def show(
    amount: float,
    wanted: str,
    significant: int = SIGNIFICANT,
    *,
    brief: bool = False,
    like: float | None = None,
    exact: bool = True,
) -> str:
    """Return a value in base units as a person reads it; `parse` reads it back.

    `brief`, for use within a formula, leaves out labels and what the value is per, unless that is a multiple. `like`
    is a value whose prefix it takes. `exact` lets it have five digits where these are all of it.

    >>> show(1_250_000, "byte/video"), show(11574.074, "request/s"), show(0.25, "share"), show(0.706734, "second")
    ('1.25 MB/video', '11574 requests/s', '25%', '707 ms')
    >>> show(1_250_000, "byte/video", brief=True), show(11574.074, "request/s", brief=True)
    ('1.25 MB', '11574')
    >>> show(5e-6, "USD/request", brief=True)
    '5 USD/million requests'
    >>> show(150_000, "kg/month"), show(999, "kg/month")
    ('150 t/month', '999 kg/month')
    """
    shown = SHOWN_AS.get(wanted, wanted)
    factor = unit(wanted)[0] / unit(shown)[0]
    amount, size = amount * factor, (amount if like is None else like) * factor
    numerator, slash, below = shown.partition("/")
    tail = slash + below.replace("gpu", "GPU")
    if brief and below != "s":  # a price per GB is none without its GB: formulas count bytes
        tail = "" if below == wanted.partition("/")[2] else tail.replace("Mrequest", "million requests")
    if numerator == "share":
        return f"{digits(amount * 100 if abs(amount) >= NOTHING else 0, significant, exact=exact)}%{tail}"
    if numerator in ("second", "s"):
        return _seconds(amount, significant, size, exact=exact) + tail
    if numerator in SYMBOLS:
        kilo = "K" if numerator == "byte" else "k"
        prefix = _prefix(size, prefixes := {"": 1.0, kilo: 1e3, **{p: SI[p] for p in "MGTPE"}}, significant)
        return f"{digits(amount / prefixes[prefix], significant, exact=exact)} {prefix}{SYMBOLS[numerator]}{tail}"
    if numerator == "kg" and abs(size) >= TONNE:
        amount, size, numerator = amount / TONNE, size / TONNE, "t"
    prefix = _prefix(size, AMOUNTS, significant)
    if (
        abs(size) < (EASILY_COUNTED if numerator in COUNTED and significant == SIGNIFICANT else EASILY_READ)
        and numerator != "USD"
    ):
        prefix = ""
    counted = prefix and numerator in COUNTED
    text = f"{digits(amount / AMOUNTS[prefix], significant, exact=exact and not counted)}{prefix}"
    return (
        text
        if numerator in ("ratio", "1") or (brief and numerator in LABELS)
        else f"{text} {label(numerator, text)}{tail}"
    )


def show_apart(amount: float, limit: float, wanted: str, least: int = SIGNIFICANT) -> str:
    """Return a value as a person reads it, with as many more digits as it takes to tell it from a limit.

    >>> show_apart(150.2345, 120, "second"), show_apart(1.00373, 1, "second")
    ('150 s', '1.004 s')
    """
    text = ""
    for significant in range(least, MOST):
        text = show(amount, wanted, significant)
        if text != show(limit, wanted, significant):
            break
    return text


def label(numerator: str, amount: str) -> str:
    """Return a unit's label as it is written after an amount."""
    if numerator.partition("-")[0] not in LABELS and numerator != "day":  # a GPU-hour is counted as GPUs are
        return numerator
    word = numerator.replace("gpu", "GPU")
    return word if amount == "1" else PLURALS.get(word, word + "s")


def _prefix(amount: float, prefixes: dict[str, float], significant: int) -> str:
    """Return the largest prefix that leaves at least 1 of a value after rounding."""
    rounded = abs(_round_decimal(amount, significant))
    return max((p for p in prefixes if prefixes[p] <= max(rounded, 1)), key=prefixes.__getitem__)


def _seconds(seconds: float, significant: int, like: float, *, exact: bool) -> str:
    """Return a time in the unit that people use for one so long, or for another that is so long."""
    if abs(like) < NOTHING:
        return f"{digits(seconds, significant, exact=exact)} s" if abs(seconds) >= NOTHING else "0 s"
    for limit, size, name in TIMES:
        if abs(like) < limit:
            return f"{digits(seconds / size, significant, exact=exact)} {name}"
    prefix = _prefix(like / 86_400, AMOUNTS, significant) if abs(like) >= MANY_SECONDS else ""
    return f"{digits(seconds / 86_400 / AMOUNTS[prefix], significant, exact=exact)}{prefix} d"


def is_date(text: str) -> bool:
    """Return whether a text is a day as contracts write it.

    >>> is_date("2026-11-24"), is_date("24.11.2026")
    (True, False)
    """
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def not_a_date(text: str) -> str:
    """Return the message that a text is no day."""
    return f"{quote(text)} is not a date; write it as 2026-11-24"
