"""Public APIs beside a plan: between which two it breaks even, and from how many clips a day own pays."""

import json
import re

import pytest

import t2v_capacity as t2v
from places import SHIPPED
from shared import Program, plan_of, plan_of_text
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.questions.plan.conditions import parse_condition
from t2v_capacity.questions.search.apis import apis
from t2v_capacity.questions.search.solve import solve


def test_services_are_those_of_the_catalogue() -> None:
    """What is read from the package's text are its entries, the cheapest first."""
    entries = Catalogue().entries("video_prices")
    asked = Catalogue().video_list_prices()

    assert {(one.id, one.label) for one in asked} == {(entry.id, entry.label) for entry in entries.values()}
    assert [one.price for one in asked] == sorted(one.price for one in asked)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_price_lies_between_its_neighbours(path: str) -> None:
    """No service asks a price between the one below and the one above, and the break-even price lies there."""
    found = apis(plan_of(path))
    assert found
    low, high = found.below.price if found.below else 0.0, found.above.price if found.above else float("inf")

    assert low <= found.price <= high
    assert not [one for one in Catalogue().video_list_prices() if low < one.price < high]
    assert found.against == (found.below or found.above)


@pytest.mark.usefixtures("folder")
def test_own_pays_from_where_solve_says() -> None:
    """The clips a day are those of the fewest users that `solve` finds; a little less and own does not pay, a little more and it does."""
    text = "steps: 4\npasses_per_step: 1\nduration: 2 s\ndau: {dau}\n"
    plan = plan_of_text(text.format(dau="1M"))
    found = apis(plan)
    assert found
    assert found.clips_per_day
    sought = solve(plan.scenario, "dau", [parse_condition(f"break_even_price <= {found.against.price} USD/s")], smallest=True)
    users = found.clips_per_day / 2

    assert users == pytest.approx(float(sought.value), rel=1e-6)
    above, below = (plan_of_text(text.format(dau=repr(users * part))).figures["break_even_price"] or 0 for part in (1 + 1e-6, 1 - 1e-6))
    assert above <= found.against.price < below


@pytest.mark.usefixtures("folder")
def test_what_has_no_price_has_no_neighbours(t2v_cap: Program) -> None:
    """Without a GPU's price or without payers there is nothing beside the plan: null in JSON, no line on the screen, none in Python."""
    for text in ("gpu: mi300x\n", "paid_share: 0\n"):
        plan_of_text(text)
        assert t2v_cap("estimate", "plan.yaml", "--format", "json").json["apis"] is None
        assert "break-even" not in t2v_cap("estimate", "plan.yaml").out
        assert t2v.estimate("plan.yaml").apis is None


@pytest.mark.usefixtures("folder")
def test_a_limited_fleet_is_no_bargain() -> None:
    """A fleet that would have to leave clips undone for its price is not what pays."""
    found = apis(plan_of_text("dau: 1M\nprice_per_video_second: 0.1\n"))

    assert found
    assert found.clips_per_day is None


def test_the_screen_says_it_in_a_line(t2v_cap: Program) -> None:
    """The screen has one line with both services, the JSON their ids and the clips a day."""
    path = str(SHIPPED[0])
    line = next(line for line in t2v_cap("estimate", path).out.splitlines() if line.startswith("break-even"))
    data = json.loads(t2v_cap("estimate", path, "--format", "json").out)["apis"]

    assert re.match(r"break-even [\d.]+(:|, above|, below) \S+ [\d.]+ \(own (never pays|pays from \S+ clips a day)\)", line)
    assert list(data) == ["break_even_price", "below", "above", "against", "clips_per_day"]
    assert data["against"] in {one.id for one in Catalogue().video_list_prices()}
