"""A price belongs to a GPU: whatever was typed for the plan's GPU moves no row of another, at any door."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

import t2v_capacity as t2v
from places import shipped
from shared import Program, write
from t2v_capacity.answers.compare import CompareDocument
from t2v_capacity.catalogue import Catalogue

pytestmark = pytest.mark.usefixtures("folder")
PLAN = "model: wan2.2-t2v-a14b\ngpu: h100-sxm\ndau: 1M\nattention_kernel: fa3\n"
OTHERS = ("b200-hgx", "h200-sxm", "l40s", "a100-80gb-sxm", "mi300x", "b300-hgx")


def listed(gpu: str) -> float:
    """Return the list's price of a GPU-hour, or that of none."""
    return float(Catalogue().entries("gpus")[gpu].facts["gpu_price"].read("gpu_price"))  # type: ignore[arg-type]


def priced(seed: int) -> str:
    """Return prices of the plan's GPU, as a file writes them."""
    chance = random.Random(seed)
    prices = {
        "gpu_price": chance.uniform(0.5, 12),
        "reserved_price": chance.uniform(0.3, 6),
        "reserved_3_year_price": chance.uniform(0.3, 4),
        "spot_price": chance.uniform(0.2, 5),
    }
    return "".join(f"{name}: {value:.2f} USD\n" for name, value in prices.items())


@pytest.mark.wide
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_prices_of_the_plan_move_no_row_of_another_gpu(seed: int, t2v_cap: Program) -> None:
    """Rows of compare, sweep and solve, and Python's `but`, have another GPU's own price, whatever the plan's is."""
    bare, own = write(PLAN, "bare.yaml"), write(PLAN + priced(seed), "own.yaml")
    flags = ("--gpu-price", "2.00")
    for line in (("compare",), ("sweep", "--over", f"gpu={','.join(OTHERS)}", "--show", "cost_per_month,gpus")):
        before, after, typed = (
            t2v_cap(line[0], file, *line[1:], *more, "--format", "json").json["rows"]
            for file, more in ((bare, ()), (own, ()), (bare, flags))
        )
        bills = [
            {(row["gpu"], row.get("gpus_per_replica"), row.get("sharded")): row["cost_per_month"] for row in rows}
            for rows in (before, after, typed)
        ]
        for option, bill in bills[0].items():
            if option[0] != "h100-sxm":
                assert bill == bills[1][option] == bills[2][option], option
    for gpu in OTHERS:
        plain, changed = t2v.estimate(bare).but(gpu=gpu), t2v.estimate(own).but(gpu=gpu)
        if plain.gpus > 0:  # a clip runs on one GPU
            assert changed.gpu_cost_on_demand == pytest.approx(changed.gpus * listed(gpu) * 24 * 30)
            assert changed.cost_per_month == plain.cost_per_month
            assert t2v.estimate(bare, gpu_price=2).but(gpu=gpu).cost_per_month == plain.cost_per_month


def test_a_price_holds_again_where_its_gpu_comes_back() -> None:
    """A later file that takes another GPU sets the prices aside, with one warning; the first GPU has them still."""
    write(PLAN + "reserved_price: 2 USD\n", "base.yaml")
    plan = t2v.estimate(write("extends: base.yaml\ngpu: b200-hgx\n", "plan.yaml"))
    (warning,) = (one for one in plan.warnings if "reserved_price" in one.names and one.code == "override-replaced")

    assert "sets aside prices of h100-sxm: `reserved_price` (base.yaml:5" in warning.message
    assert plan.committed_price == listed("b200-hgx")
    assert plan.but(gpu="h100-sxm").committed_price == 2
    assert plan.but(gpu="b200-hgx", reserved_price=3).committed_price == 3


def test_a_layer_s_own_gpu_has_its_prices_in_any_order() -> None:
    """A price is of the GPU at the end of its layer, above it or below it in the file; so are all flags together."""
    for text in ("gpu_price: 1 USD\ngpu: b200-hgx\n", "gpu: b200-hgx\ngpu_price: 1 USD\n"):
        assert t2v.estimate(write(f"model: wan2.2-t2v-a14b\n{text}")).gpu_cost_on_demand > 0
    flagged = t2v.estimate(write(PLAN), gpu_price=1, gpu="b200-hgx")
    assert flagged.gpu_cost_on_demand == pytest.approx(flagged.gpus * 24 * 30)


@pytest.mark.wide
def test_no_advice_of_a_shipped_scenario_rests_on_another_gpus_price(t2v_cap: Program) -> None:
    """What a shipped scenario is advised to do has the bill of the plan with those flags, at the GPU's own price."""
    file = shipped("million-clips")
    document = t2v_cap("estimate", file, "--format", "json").json
    bill = document["figures"]["cost_per_month"]["value"]
    b200 = t2v.estimate(file).but(gpu="b200-hgx")

    assert b200.gpu_cost_on_demand == pytest.approx(b200.gpus * listed("b200-hgx") * 24 * 30)
    assert b200.cost_per_month > bill  # and not 29% less
    for advice in document["advice"]:
        assert "gpu=b200-hgx" not in advice["flags"] or advice["figures"]["cost_per_month"] > bill


FIVE = ("wan2.2-h100", "start-up", "mochi", "hunyuanvideo-720p", "free")
FAR_OFF = "price-below-list"


@pytest.mark.wide
@pytest.mark.parametrize("name", FIVE)
def test_at_the_crossing_price_the_two_gpus_tie(name: str) -> None:
    """The winner at its printed crossing price costs as much as the runner-up, within a server; no text rounds that.

    A little below it is the cheapest of all, and a little above it no longer is.
    """
    plan = t2v.estimate(shipped(name))
    found = json.loads(plan.compare().json())
    tie = found["crossing"]
    assert tie is not None
    rivals, winner = (dict[str, Any](flags_of(found, tie[which])) for which in ("other", "gpu"))
    rival = plan.but(**rivals)
    at_tie, printed = (
        plan.but(**{**winner, "gpu_price": price}) for price in (tie["gpu_price"], round(tie["gpu_price"], 2))
    )
    server, cent = at_tie.gpus_per_server * at_tie.gpu_price * 24 * 30, 0.01 * at_tie.gpus * 24 * 30

    assert at_tie.cost_per_month == pytest.approx(rival.cost_per_month, abs=server)
    assert printed.cost_per_month == pytest.approx(rival.cost_per_month, abs=server + cent)
    for factor, cheaper in ((0.98, True), (1.02, False)):
        moved = plan.but(**{**winner, "gpu_price": factor * tie["gpu_price"]})
        assert (moved.cost_per_month < rival.cost_per_month) == cheaper
    asked, other = (Catalogue().sellers(tie[which]) for which in ("gpu", "other"))
    assert sorted(tie["asked"]) == sorted(asked.values())
    assert tie["lost_at"] == [
        seller
        for seller in asked
        if seller in other
        and plan.but(**{**winner, "gpu_price": asked[seller]}).cost_per_month
        > plan.but(**{**rivals, "gpu_price": other[seller]}).cost_per_month
    ]


def flags_of(found: CompareDocument, gpu: str) -> Iterator[tuple[str, Any]]:
    """Yield the settings that give the row of a GPU."""
    (row,) = (row for row in found["rows"] if row["gpu"] == gpu)
    yield "gpu", gpu
    yield "gpus_per_replica", str(row["gpus_per_replica"])
    yield "runtime", row["runtime"]
    if row["sharded"]:
        yield "sharding", "weights"


@pytest.mark.wide
@pytest.mark.parametrize("name", FIVE)
def test_a_gpu_that_few_sell_is_never_recommended(name: str) -> None:
    """Fewer than three sellers make no winner and no saving, unless the price is the plan's own."""
    plan = t2v.estimate(shipped(name))
    few = {gpu for gpu in Catalogue().names("gpus") if 0 < len(Catalogue().sellers(gpu)) < 3}
    found = json.loads(plan.compare().json())
    best, chosen = found["best"], plan.solve("gpu", minimize="cost_per_month")
    marked = {row["gpu"] for row in found["rows"] if "few sellers" in row["against"]}

    assert best is not None
    assert few & {row["gpu"] for row in found["rows"] if row["cost_per_month"]} <= marked <= few
    assert not few & {text.removeprefix("gpu=") for text in (*best["flags"], *chosen.flags)}
    assert not few & {
        text.removeprefix("gpu=") for advice in json.loads(plan.json())["advice"] for text in advice["flags"]
    }
    own = json.loads(plan.but(gpu="b300-hgx", gpu_price=5).compare(["b300-hgx", "h100-sxm"]).json())
    assert not any("few sellers" in row["against"] for row in own["rows"] if row["gpu"] == "b300-hgx")
    sizes = json.loads(plan.but(gpu="b300-hgx").compare("b300-hgx").json())
    assert not any("few sellers" in row["against"] for row in sizes["rows"])


def test_a_price_far_from_the_list_is_warned_of() -> None:
    """A price by hand below half of the lowest offer or above twice the highest is warned of; the list's never is."""
    said = {
        price: [one.message for one in t2v.estimate(write(PLAN), gpu_price=price).warnings if one.code == FAR_OFF]
        for price in (1.59, 1.61, 24.5, 24.7)
    }

    assert said == {
        1.59: [
            "1.59 USD/GPU-hour is far below what sellers ask for h100-sxm, 3.2 to 12.29; check `gpu_price` and its unit"
        ],
        1.61: [],
        24.5: [],
        24.7: [
            "24.7 USD/GPU-hour is far above what sellers ask for h100-sxm, 3.2 to 12.29; check `gpu_price` and its unit"
        ],
    }
    for gpu in Catalogue().names("gpus"):
        assert not any(one.code == FAR_OFF for one in t2v.estimate(write(PLAN), gpu=gpu).warnings)


@pytest.mark.wide
@pytest.mark.parametrize("name", ["wan2.2-h100", "million-clips", "start-up"])
def test_each_row_is_billed_at_its_own_list_price(name: str) -> None:
    """A row's bill on demand is its GPUs, its price and the hours of a month; following the day never costs more.

    Of every other GPU than the plan's the price is the list's, whatever is typed for the plan's.
    """
    plan = t2v.estimate(shipped(name), gpu_price=2, reserved_price=1.5)
    rows = [row for row in json.loads(plan.compare().json())["rows"] if row["gpu_cost_on_demand"]]

    assert len(rows) > 10
    for row in rows:
        price = 2 if row["gpu"] == "h100-sxm" else listed(row["gpu"])
        assert row["gpu_price"] == price, row["gpu"]
        assert row["gpu_cost_on_demand"] == pytest.approx(row["gpus"] * price * 24 * 30), row["gpu"]
        assert row["gpu_cost_following"] <= row["gpu_cost_on_demand"] * (1 + 1e-9), row["gpu"]


def test_advice_of_another_gpu_takes_a_typed_price_away(t2v_cap: Program) -> None:
    """The flags that an answer prints give its figures again on the command line that they are added to."""
    line = ("estimate", "--model", "wan2.2-t2v-a14b", "--gpu-price", "8")
    (advice,) = (one for one in t2v_cap(*line, "--format", "json").json["advice"] if "gpu=b200-hgx" in one["flags"])
    again = t2v_cap(*line, *advice["flags"], "--format", "json").json["figures"]

    assert advice["flags"] == ["--set", "gpu=b200-hgx", "--set", "gpu_price=null"]
    assert again["cost_per_month"]["value"] == advice["figures"]["cost_per_month"]
    assert "--gpu b200-hgx --set gpu_price=null" in " ".join(t2v_cap(*line).out.split())
