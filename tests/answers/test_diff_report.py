"""What a diff says of two values: as many digits on both sides as tell them apart, in the right direction."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from t2v_capacity.answers.diff_report import before_after, sides
from t2v_capacity.questions.change.diff import Change

# What the letters behind a number mean, by hand.
LETTERS = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
MONEY = st.floats(min_value=1, max_value=1e14)


def dollars(text: str) -> float:
    """Return the dollars of a text such as `55.08M USD`."""
    amount = text.removesuffix(" USD")
    letter = amount[-1] if amount[-1] in LETTERS else ""
    return float(amount.removesuffix(letter)) * LETTERS.get(letter, 1)


@pytest.mark.parametrize(
    ("base", "head", "texts"),
    [
        (55_053_200, 55_080_000, ("55.0532M USD", "55.08M USD")),  # a rise that 55.1M -> 55.08M made a fall
        (55_053_200, 60_080_000, ("55.1M USD", "60.1M USD")),  # three digits tell them apart
        (7_250_000, 7_254_912, ("7.25M USD", "7.25491M USD")),
        (1_234_500, 1_235_000, ("1.2345M USD", "1.235M USD")),  # both are short, and are written out
        (None, 55_053_200, ("none", "55.1M USD")),
    ],
)
def test_both_sides_have_the_same_number_of_digits(base: float | None, head: float, texts: tuple[str, str]) -> None:
    """Of a number that is short and one that is rounded, both are rounded."""
    assert sides("cost_per_month", Change(base, head)) == texts


@given(MONEY, MONEY)
def test_a_rise_reads_as_a_rise(base: float, head: float) -> None:
    """The texts of two numbers differ in the direction in which the numbers do."""
    assume(abs(head - base) > 1e-9 * base)

    before, after = map(dollars, sides("cost_per_month", Change(base, head)))

    assert before < after if base < head else before > after


def test_of_what_did_not_move_three_digits_are_shown() -> None:
    """Two equal numbers are not written out to the last digit."""
    assert sides("cost_per_month", Change(55_053_210.0, 55_053_210.0)) == ("55.1M USD", "55.1M USD")


def test_a_row_of_many_scenarios_is_written_alike() -> None:
    """The row of a scenario has the digits that a diff of two plans has, and how far the figure moved."""
    assert before_after("cost_per_month", 55_053_200, 55_080_000) == "55.0532M -> 55.08M USD (+0.0487%)"
    assert before_after("cost_per_month", 55_053_200, 55_053_300) == "55.1M USD"
