"""What a diff says of two values: as many digits on both sides as tell them apart, in the right direction."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from t2v_capacity.answers.diff_report import before_after, sides
from t2v_capacity.api.ask import diff, estimate
from t2v_capacity.api.plan import Plan
from t2v_capacity.forms.answer import Page
from t2v_capacity.questions.change.diff import Change

# What the letters after a number mean, by hand.
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


def lines_of(head: Plan, base: Plan) -> list[str]:
    """Return the lines of a diff on a page of 80 columns."""
    return diff(base, head).text(Page("table", 80)).splitlines()


def test_figures_that_moved_alike_share_a_line() -> None:
    """A fifth more users are a fifth more clips and bytes; the fleet and the bill keep rows, and so do assumptions."""
    plan = estimate("scenarios/lesson.yaml")

    lines = lines_of(plan.but(dau="120M", failed_share="20%"), plan)

    (clips,) = (line for line in lines if "figures by +20%" in line)
    assert re.fullmatch(r"\d+ figures by \+20%: requests_per_day, trps, peak_trps and \d+ more, --all", clips)
    # Each clip of which a fifth fails is made 1.25 times: 1.2 x 1.25 = 1.5.
    assert any(re.match(r"\d+ figures by \+50%: generations_per_day, ", line) for line in lines)
    rows = [line.split()[1] for line in lines if line.startswith("~")]
    assert rows[:2] == ["dau", "failed_share"]
    assert {"gpus", "cost_per_month", "fleet_power"} <= set(rows)
    assert "trps" not in rows


def test_everything_has_a_row_for_each_figure() -> None:
    """With `--all` no figure shares a line."""
    plan = estimate("scenarios/lesson.yaml")

    text = diff(plan, plan.but(dau="120M")).text(Page("table", 80, everything=True))

    assert "figures by" not in text
    assert re.search(r"^~  trps +.* \+20%$", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("changes", "headline"),
    [
        ({"dau": "150M"}, "gpus +50%"),
        # A price moves no GPU: 3.00 USD are 20% more than 2.50 USD, for what is GPUs alone.
        ({"gpu_price": "3 USD"}, "cost_per_month +20%"),
        ({"pue": "1.5"}, "fleet_power +"),
    ],
)
def test_the_headline_is_the_first_figure_that_moved(changes: dict[str, str], headline: str) -> None:
    """It is the fleet, then the bill, the latency, a clip's cost and the power, not the one that rounds up most."""
    plan = estimate("scenarios/lesson.yaml").but(gpu_price="2.5 USD")

    title = lines_of(plan.but(sets=changes), plan)[0]

    assert title.partition(": ")[2].startswith(headline)


def test_figures_that_fell_to_nearly_nothing_share_a_line_only_by_their_factor() -> None:
    """Both fall by 100%, to three digits: clips to 0.00033 times, and whole GPUs of the rule to another factor."""
    plan = estimate("scenarios/lesson.yaml")

    lines = [line.partition(",")[0] for line in lines_of(plan.but(dau="33K"), plan) if "figures by -100%" in line]

    assert [line.partition(": ")[2] for line in lines] == ["requests_per_day", "rule_of_thumb_gpus"]


def test_a_share_moves_by_points() -> None:
    """A margin of 34.4% at half a price and of -31.1% at the whole of it are by hand 65.5 points apart, not percent."""
    sold = estimate(model="wan2.2-t2v-a14b", gpu="h200", dau=1e6, price_per_video_second=0.12)
    judged = diff(sold.but(gpu_price=2.7), sold, fail_on=["gross_margin < -5%"])
    base, head = (100 * (1 - plan["break_even_price"] / 0.12) for plan in (sold.but(gpu_price=2.7), sold))
    (line,) = judged.stderr("plain")

    assert f"gross_margin: {base:.1f}% -> {head:.1f}% ({head - base:.1f} points, " in line
    assert f"limit: {0.95 * base:.1f}%; it is {0.95 * base - head:.1f} points below" in line


def test_a_wider_range_says_which_gate_sees_it() -> None:
    """Of users of 10M to 1B, not 50M to 200M, the middle is the same and the 95th percentile five times as high."""
    base = estimate(model="wan2.2-t2v-a14b", gpu="h100-sxm", dau="50M to 200M")
    head = base.but(dau="10M to 1B")

    lines = lines_of(head, base)

    assert "A range changed, and figures are at its point: gate the range with `p95(gpus) > +10%`." in lines
    assert diff(base, head, fail_on="p95(gpus) > +10%").code == 3
    ends = [plan.bands["gpus"].p95 or 0 for plan in (base, head)]
    assert ends[1] / ends[0] == pytest.approx(5, rel=0.1)
    assert not any("A range changed" in line for line in lines_of(base, base.but(steps=20)))
