"""The page's scripts in Chromium: verbs and quantities answer as Python does, number for number.

They take and refuse the same texts.
"""

import json
import math
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from places import MISTAKES
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.quantities import (
    COUNTS,
    EASILY_COUNTED,
    EASILY_READ,
    IEC,
    LABELS,
    MANY_SECONDS,
    NOTHING,
    PREFIXED,
    SI,
    SIGNIFICANT,
    TIMES,
    UNITS,
    QuantityError,
    parse_range,
    show,
)
from t2v_capacity.engine.verbs import VERBS
from t2v_capacity.forms.values import show_value
from t2v_capacity.handover import page as package
from t2v_capacity.handover.page import about_data, unit_data, verb_constants
from verb_inputs import INF, PRECISE, TABLE

pytestmark = pytest.mark.browser

STYLES = ((SIGNIFICANT, False), (SIGNIFICANT, True), (6, False), (15, True))
DATA: dict[str, Callable[[], object]] = {"CONSTANTS_OF_VERBS": verb_constants, "UNITS": unit_data, "ABOUT": about_data}
# What people write, rightly and wrongly, one text a line, characters beyond ASCII as Python escapes them.
WRITTEN = [
    line.encode().decode("unicode_escape")
    for line in Path(__file__).with_name("texts.txt").read_text(encoding="utf-8").splitlines()
]


@pytest.fixture(scope="module")
def page(browser: Any) -> Iterator[Any]:
    """Open a blank page that holds the formulas, the two scripts and their data."""
    folder = Path(package.__file__).parent
    scripts = [f"const {name} = {json.dumps(data())};" for name, data in DATA.items()]
    scripts += [folder.joinpath(f"{name}.js").read_text(encoding="utf-8") for name in ("verbs", "quantities")]
    opened = browser.new_page()
    opened.add_script_tag(content="\n".join(["'use strict';", *package.formula_lines(), *scripts]))
    yield opened
    opened.close()


def answers(page: Any, function: str, cases: list[Any]) -> list[Any]:
    """Return what a function of the page answers to each case, in one call.

    Cases go as JSON, for Playwright is slow with large arguments.
    """
    answered: list[Any] = json.loads(
        page.evaluate(f"(text) => JSON.stringify(JSON.parse(text).map({function}))", json.dumps(cases))
    )
    assert len(answered) == len(cases)
    return answered


@pytest.mark.parametrize("verb", VERBS)
def test_verbs_give_what_python_gives(page: Any, verb: str) -> None:
    """Each verb gives on the shared table what the float form gives, to 1e-12 relative."""
    rows = TABLE[verb]
    found = page.evaluate(f"(rows) => rows.map((row) => {verb}(...row))", [list(row) for row in rows])
    for row, given in zip(rows, found, strict=True):
        assert given == pytest.approx(float(VERBS[verb](*row)), rel=1e-12, abs=1e-240, nan_ok=True), row


def test_precise_chances_of_waiting(page: Any) -> None:
    """erlang_c keeps on the precise integrals the digits that the float form keeps."""
    for (servers, load, wanted), given in zip(
        PRECISE, answers(page, "([c, r]) => erlang_c(c, r)", [row[:2] for row in PRECISE]), strict=True
    ):
        assert given == pytest.approx(wanted, rel=1e-10 if load > 1e6 or wanted < 1e-120 else 1e-12, abs=0), (
            servers,
            load,
        )


def amounts(generator: random.Random) -> Iterator[float]:
    """Yield values to show: of every size, beside every limit of the tables, and whole.

    There are also ties at three, five and six digits.
    """
    limits = [
        *SI.values(),
        *IEC.values(),
        NOTHING,
        MANY_SECONDS,
        EASILY_COUNTED,
        EASILY_READ,
        1e-4,
        1e16,
        *(limit for row in TIMES for limit in row[:2]),
    ]
    for limit in [*limits, 86_400.0, 999.5, 9_999.5, 99_999.5, 999_999.5, 0.01]:
        yield from (
            limit,
            -limit,
            math.nextafter(limit, 0),
            math.nextafter(limit, INF),
            limit * 0.9995,
            limit * 0.99949999,
            limit * 3,
        )
    for exponent in range(-12, 31):
        yield from (generator.choice((1, 1, 1, -1)) * generator.uniform(1, 10) * 10.0**exponent for _ in range(3))
        # In 1.125, 11.25 and 1125000 the digit that is cut is a 5. Nothing is behind it where binary has the number
        # exactly.
        yield from (
            generator.randrange(1_000, 10_000) * 5 * 10.0**exponent,
            (generator.randrange(100, 1_000) + 0.5) * 10.0**exponent,
        )
        # 46.875, 1562.5: five digits are all of it; 1.0005: one more is a tie; a hair beside them is neither
        for all_of_it in (
            generator.randrange(10_000, 100_000) * 10.0**exponent,
            (generator.randrange(10_000, 100_000) + 0.5) * 10.0**exponent,
        ):
            yield from (all_of_it, all_of_it * (1 + 0.9e-9), all_of_it * (1 - 1.1e-9))
    for places in range(1, 21):
        yield from (generator.randrange(1, 2**20, 2) / 2**places for _ in range(3))
    yield from (
        float(number)
        for number in (
            0,
            -0.0,
            1,
            2,
            10,
            312.5,
            313.5,
            1.005,
            2.675,
            1125,
            11_225,
            12.25,
            1.125,
            100_000.5,
            1_000_000.5,
            5e-324,
            1e308,
        )
    )
    yield from (float(generator.randrange(200_000)) for _ in range(10))


SHOWN = "([name, value, significant, brief]) => showValue(name, value, {significant, brief})"


def test_values_are_shown_as_python_shows_them(page: Any) -> None:
    """An assumption or a figure of every unit is shown in the same words.

    It is shown at its usual, 6 and 15 digits, brief or not.
    """
    generator = random.Random(0)
    one_a_unit = {about["unit"]: name for name, about in about_data().items()}
    cases = [
        (name, value, significant, brief)
        for name in one_a_unit.values()
        for value in amounts(generator)
        for significant, brief in STYLES
    ]
    wanted = [show_value(name, value, significant, brief=brief) for name, value, significant, brief in cases]
    differing = [
        (*case, was, now)
        for case, was, now in zip(cases, wanted, answers(page, SHOWN, cases), strict=True)
        if was != now
    ]
    assert not differing, differing[:20]
    assert len(cases) > 50_000


def test_a_value_takes_the_unit_of_another(page: Any) -> None:
    """The end of a band stands in the unit of the value beside it, as in a table."""
    generator = random.Random(2)
    units = {about["unit"] for about in about_data().values()}
    values = [value for value in amounts(generator) if value > 0]
    cases = [
        (value, unit, like)
        for unit in sorted(map(str, units))
        for value, like in zip(values[::3], values[1::3], strict=False)
    ]
    cases += [(value, unit, value * factor) for value, unit, _like in cases for factor in (0.9, 1.2)]
    wanted = [show(value, unit, brief=True, like=like, exact=False) for value, unit, like in cases]
    found = answers(
        page, "([value, unit, like]) => showQuantity(value, unit, {brief: true, like, exact: false})", cases
    )
    assert [(*case, was, now) for case, was, now in zip(cases, wanted, found, strict=True) if was != now][:20] == []


def written_in_mistakes() -> Iterator[str]:
    """Yield every text that stands for a value in a wrong scenario."""
    for path in MISTAKES.glob("*.yaml"):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield line.partition(": ")[2].strip("{}[]\"' ")


def random_texts(generator: random.Random, count: int) -> Iterator[str]:
    """Yield texts that are nearly quantities: amounts, prefixes and units in any combination.

    Some of their characters are changed.
    """
    units = [
        *UNITS,
        *(prefix + name for prefix in (*SI, *IEC) for name in sorted(PREFIXED)),
        *sorted(LABELS),
        *(f"{name}s" for name in sorted(LABELS)),
    ]
    for _ in range(count):
        value = generator.choice((generator.uniform(0, 10), generator.lognormvariate(5, 5), generator.randrange(2_000)))
        text = generator.choice(("", "", "", "-", "+")) + generator.choice(
            (f"{value:.3g}", repr(value), f"{value:.0f}", f"{value:_.2f}")
        )
        text += (
            generator.choice(("", " ", " ", "  "))
            + generator.choice(("", "", "", *COUNTS))
            + generator.choice(("", "", " "))
        )
        text += generator.choice(units) * generator.choice((0, 1, 1, 1)) + generator.choice(
            ("", "", "/", "/ ", "-")
        ) * generator.choice((0, 1))
        text += generator.choice(units) * generator.choice((0, 0, 1))
        for _ in range(generator.choice((0, 0, 0, 1, 2))):
            spot = generator.randrange(len(text) + 1)
            text = (
                text[:spot]
                + generator.choice(",._ -+/%eEKMB0159snxü\U0001f600")
                + text[spot + generator.choice((0, 1)) :]
            )
        yield text


def read(name: str, text: str) -> dict[str, object]:
    """Return what Python makes of a text: its value, or, where it refuses it and for a range, the page's sentence."""
    known = ASSUMPTIONS[name]
    try:
        if parse_range(text) is None:
            return {"value": known.read(text)}
    except QuantityError:
        pass
    kind = "whole number" if known.whole else "value"
    return {"error": f"`{name}` can't be that; write a {kind} such as {known.example}, {known.bounds()}"}


def test_texts_are_read_as_python_reads_them(page: Any) -> None:
    """Every text gives every assumption the very value that Python reads.

    It is refused where Python refuses it, with the one sentence.
    """
    generator = random.Random(0)
    texts = list(
        dict.fromkeys(
            [
                *WRITTEN,
                *written_in_mistakes(),
                *(text for known in ASSUMPTIONS.values() for text in (known.default, known.example)),
                *random_texts(generator, 300),
            ]
        )
    )
    cases = [(name, text) for name in ASSUMPTIONS for text in texts]
    for (
        name
    ) in ASSUMPTIONS:  # around its own bounds and in its own unit, where one in a hundred of the texts above would be
        cases += [(name, text) for text in near_bounds(name, generator)]
    found = answers(page, "([name, text]) => readAssumption(name, text)", cases)
    found = [{key: float(got) if key == "value" else got for key, got in answer.items()} for answer in found]
    wanted = [read(name, text) for name, text in cases]
    differing = [(*case, was, now) for case, was, now in zip(cases, wanted, found, strict=True) if was != now]
    assert not differing, differing[:20]
    assert sum("value" in answer for answer in found) > 5_000
    assert len({answer["error"] for answer in found if "error" in answer}) == len(ASSUMPTIONS)


def near_bounds(name: str, generator: random.Random) -> Iterator[str]:
    """Yield texts of values between and beside an assumption's bounds.

    They are in the unit that its default is written in and in others.
    """
    known = ASSUMPTIONS[name]
    for value in (
        known.low,
        known.high,
        known.low * (1 - 1e-13),
        known.high * (1 + 1e-9),
        generator.uniform(known.low, known.high),
    ):
        yield from (
            known.show(value),
            repr(value),
            f"{value:.6g} {known.write}",
            f"{value:.0f}",
            show_value(name, value, 17),
        )
