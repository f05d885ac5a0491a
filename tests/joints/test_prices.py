"""A price belongs to a GPU: whatever was typed for the plan's GPU moves no row of another, at any door."""

import contextlib
import io
import json
import math
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from openpyxl import load_workbook

import t2v_capacity as t2v
from places import shipped
from shared import Program, Terminal, plan_of, write
from t2v_capacity.answers.compare import CompareDocument
from t2v_capacity.catalogue import HERE, Catalogue
from t2v_capacity.cli.app import run
from t2v_capacity.handover.workbook import workbook
from t2v_capacity.questions.what_if.buying import buying
from workbooks import held

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
        changed = t2v.estimate(file).but(**dict(flag.split("=") for flag in advice["flags"][1::2]))
        assert advice["figures"]["cost_per_month"] == pytest.approx(changed.cost_per_month)


FIVE = ("wan2.2-h100", "start-up", "mochi", "hunyuanvideo-720p", "free")
FAR_OFF = "price-below-list"


@pytest.mark.wide
@pytest.mark.parametrize("name", FIVE)
def test_at_the_crossing_price_the_two_gpus_tie(name: str) -> None:
    """The winner at its printed crossing price costs as much as the runner-up, within a server.

    A little below it is the cheapest of all, and a little above it no longer is.
    """
    plan = t2v.estimate(shipped(name))
    found = json.loads(plan.compare().json())
    tie = found["crossing"]
    assert tie is not None
    rivals, winner = (dict[str, Any](flags_of(found, tie[which])) for which in ("other", "gpu"))
    rival = plan.but(**rivals)
    typed = re.findall(r"costs less than ([\d.]+) USD/h", str(plan.compare()))[0]
    server = rival.gpus_per_server * tie["gpu_price"] * 24 * 30

    for price in (tie["gpu_price"], typed):
        at_tie = plan.but(**{**winner, "gpu_price": price})
        assert at_tie.cost_per_month == pytest.approx(rival.cost_per_month, abs=server)
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


def test_spot_is_what_the_limit_leaves() -> None:
    """Without a GPU on demand none is spot: fleet, latency and bill are those without, and no spot price is missed.

    By hand, 500 spot GPUs lose 1 - r / (e^r - 1) of their work where r interruptions come in a run: so much is made up
    for, by GPUs that are used to 80% or more and come in servers of 8.
    """
    names = ("gpus", "latency_p95", "cost_per_month", "gpu_cost_following", "spot_seconds_per_video")
    asked = t2v.estimate(model="wan2.2-ti2v-5b", gpu="l40s", dau="400K")  # which the list has no spot price of
    spot: dict[str, Any] = {"spot_fraction": "50%", "interruptions_per_hour": 4}
    none, some = (asked.but(**spot, on_demand_limit=limit) for limit in (0, 500))

    assert [getattr(none, name) for name in names] == [getattr(asked.but(on_demand_limit=0), name) for name in names]
    missing = [[warning.code for warning in plan.warnings].count("price-unknown") for plan in (none, some)]
    assert missing == [0, 1]
    listed = [plan.but(gpu="h100-sxm").compare(["h100-sxm", "b200-hgx"]).json() for plan in (none, some)]
    best = [json.loads(text)["best"] for text in listed]
    assert [bool(option) for option in best] == [True, False]
    interruptions = 4 * some.generation_latency / 3600
    lost = 500 * (1 - interruptions / (math.exp(interruptions) - 1))
    assert 0.8 * lost <= some.gpus - asked.gpus <= lost / 0.8 + 8


def test_no_gpu_is_chosen_at_a_spot_price_that_few_ask() -> None:
    """The list has two sellers of H100 and one of B200 on spot: a plan on spot at those prices has no winner.

    A spot price by hand, or the list's on demand, has one.
    """
    plan = t2v.estimate(model="wan2.2-ti2v-5b", gpu="h100-sxm", dau="100K", spot_fraction="60%")
    by_hand = plan.but(spot_price=2)
    answers = [json.loads(one.compare(["h100-sxm", "b200-hgx"]).json()) for one in (plan, by_hand)]
    sellers = {gpu: len(Catalogue().sellers(gpu, "spot")) for gpu in ("h100-sxm", "b200-hgx")}

    assert sellers == {"h100-sxm": 2, "b200-hgx": 1}
    assert [row["against"].keys() for row in answers[0]["rows"]] == [{"few sellers"}, {"few sellers"}]
    assert answers[0]["best"] is None
    assert answers[1]["best"]
    assert not any("gpu=" in text for change in json.loads(plan.json())["advice"] for text in change["flags"])


@pytest.mark.wide
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

    assert advice["flags"] == ["--set", "gpu=b200-hgx", "--set", "runtime=engine", "--set", "gpu_price=null"]
    assert again["cost_per_month"]["value"] == advice["figures"]["cost_per_month"]
    assert "--gpu b200-hgx --runtime engine --set gpu_price=null" in " ".join(t2v_cap(*line).out.split())


def test_another_provider_takes_a_typed_price_away(t2v_cap: Program) -> None:
    """The change to a seller that `solve` lists has its bill, GPUs by the seller's price, where it is typed."""
    line = ("--model", "wan2.2-t2v-a14b", "--dau", "20K", "--gpu-price", "4.2", "--server-price", "250K")
    until = ("--until", "gpu_cost_per_month <= 800K USD")
    changes = t2v_cap("solve", *line, *until, "--json").json["changes"]
    change = next(one for one in changes if one["value"] == "hyperstack")
    again = t2v_cap("estimate", *line, *f"--provider {change['text']}".split(), "--json").json["figures"]

    assert change["text"].endswith(" --set gpu_price=null")
    assert again["cost_per_month"]["value"] == pytest.approx(change["cost_per_month"])
    price = row_of("h100-sxm", LIST["providers"][change["value"]]["label"])
    assert again["gpu_cost_per_month"]["value"] == pytest.approx(again["gpus"]["value"] * (price or 0) * 720)


def test_the_list_s_price_is_a_lever(t2v_cap: Program) -> None:
    """The price at which a limit is met, which a seller may give, is the limit over the hours of the fleet's GPUs."""
    line = ("--model", "wan2.2-t2v-a14b", "--dau", "20K")
    found = t2v_cap("solve", *line, "--until", "gpu_cost_per_month <= 800K USD", "--json").json
    price = next(one["value"] for one in found["changes"] if one["name"] == "gpu_price")

    assert price == pytest.approx(800_000 / found["figures"]["gpus"]["value"] / 720)


def row_of(gpu: str, provider: str, kind: str = "on-demand") -> float | None:
    """Return a provider's newest price in the file of prices itself, without the program's reader."""
    rows = [one for one in LIST_ROWS if (one["gpu"], one["provider"], one["kind"]) == (gpu, provider, kind)]
    newest = max(rows, key=lambda one: str(one["date"]), default=None)
    return float(newest["gpu_price"].split()[0]) if newest else None


LIST: dict[str, Any] = yaml.safe_load((HERE / "prices.yaml").read_text(encoding="utf-8"))
LIST_ROWS: list[dict[str, Any]] = [*LIST["prices"].values()]
SELLERS = {"lambda": "Lambda", "coreweave": "CoreWeave", "aws": "AWS", "runpod": "RunPod Secure"}


@pytest.mark.parametrize("gpu", ["h100-sxm", "l40s", "b200-hgx", "mi300x"])
def test_a_provider_bills_its_own_prices(gpu: str, t2v_cap: Program) -> None:
    """A sweep over providers has the row of each in the list, or no bill; half of the fleet as spot has both prices."""
    axis = f"provider={','.join(SELLERS)}"
    line = ("sweep", write(PLAN), "--gpu", gpu, "--runtime", "engine", "--offload", "all", "--over", axis)
    shown = ("--show", "gpus,gpu_cost_per_month", "--format", "json")
    for share in (0.0, 0.5):
        for row in t2v_cap(*line, "--spot-fraction", str(share), *shown).json["rows"]:
            seller = SELLERS[row["provider"]]
            asked, spot = row_of(gpu, seller), row_of(gpu, seller, "spot")
            known = asked is not None and (spot is not None or not share)
            price = (1 - share) * (asked or 0) + share * (spot or 0)
            wanted = pytest.approx(row["gpus"] * price * 720) if known else None
            assert row["gpu_cost_per_month"] == wanted, (seller, share)


def test_no_list_price_is_an_objection() -> None:
    """A spot share without a spot price has no bill, and says so; the on-demand price never stands for it."""
    small = write(PLAN + "resolution: 480p\n")
    plan = t2v.estimate(small, provider="lambda", spot_fraction="50%")
    (warning,) = (one for one in plan.warnings if one.code == "price-unknown")

    assert math.isnan(plan.cost_per_month)
    assert "no spot price of h100-sxm is known, so what follows from it has no value" in warning.message
    assert "cost_per_month" in warning.names
    objections = json.loads(plan.json())["verdict"]["objections"]
    assert objections[-1] == {"code": "no list price", "message": "set `--spot-price`"}
    assert t2v.estimate(small, provider="coreweave", spot_fraction="100%").gpu_cost_per_month == pytest.approx(
        plan.gpus * 2.46375 * 720
    )
    marketplace = t2v.estimate(write(PLAN), provider="runpod-community")
    assert marketplace.gpu_cost_on_demand == pytest.approx(marketplace.gpus * 2.69 * 720)


QUOTES = (
    "prices:\n  h100: 2.10 USD\n  b200-hgx: {on-demand: 5.50 USD, reserved: 4.20 USD}\n"
    "  l40s: {value: 1.20 USD, source: a quote, as_of: 2026-11-01}\n  a100: {low: 1 USD, high: 2 USD}\n"
)


def test_own_prices_of_several_gpus() -> None:
    """`prices:` is what each of its GPUs costs, at any provider; other GPUs have the list's price."""
    plan = t2v.estimate(write(PLAN + QUOTES))
    own = {"h100-sxm": 2.10, "b200-hgx": 5.50, "l40s": 1.20, "a100-80gb-sxm": math.sqrt(2)}
    for gpu in (*own, "h200-sxm", "h100-pcie"):
        for provider in ("list", "coreweave"):
            there = plan.but(gpu=gpu, provider=provider, offload="all")
            price = own.get(gpu) or (listed(gpu) if provider == "list" else row_of(gpu, "CoreWeave"))
            wanted = there.gpus * price * 720 if price else math.nan
            assert there.gpu_cost_on_demand == pytest.approx(wanted, nan_ok=True), (gpu, provider)
    b200 = plan.but(gpu="b200-hgx")
    assert b200.gpu_cost_per_month == pytest.approx(b200.gpus * 4.20 * 720)
    assert plan.gpu_cost_per_month == pytest.approx(plan.gpus * 2.10 * 720)
    rows = {row["gpu"]: row for row in json.loads(plan.compare().json())["rows"]}
    assert "reserved at 4.20" in rows["b200-hgx"]["marks"]
    assert {row["gpu"] for row in rows.values() if "on demand" in row["marks"]} >= {"h100-sxm", "h200-sxm", "l40s"}
    assert rows["h100-sxm"]["sellers"] is None
    of_h200 = [one for one in LIST_ROWS if (one["gpu"], one["kind"]) == ("h200-sxm", "on-demand")]
    assert rows["h200-sxm"]["sellers"] == len({one["provider"] for one in of_h200})


def test_own_prices_merge_by_gpu_and_term() -> None:
    """A file over another adds and replaces by GPU and term, null takes away, and a flag is over both."""
    write(PLAN + QUOTES, "base.yaml")
    over = write("extends: base.yaml\nprices: {b200-hgx: {reserved: null, spot: 3 USD}, l40s: null}\n", "over.yaml")
    plan = t2v.estimate(over, spot_fraction="50%")
    b200, flagged = plan.but(gpu="b200-hgx"), plan_of(over, ["prices.h100-sxm=2 USD", "prices.b200.spot=4"])

    assert b200.gpu_cost_per_month == pytest.approx(b200.gpus * (5.50 + 3) / 2 * 720)
    assert t2v.estimate(over).gpu_cost_on_demand == pytest.approx(plan.gpus * 2.10 * 720)
    assert flagged.known["gpu_cost_on_demand"] == pytest.approx(flagged.known["gpus"] * 2 * 720)
    assert plan_of(over, ["prices.b200.spot=4", "gpu=b200"]).known["spot_price"] == 4
    assert plan_of(over, ["gpu=l40s"]).known["gpu_price"] == listed("l40s")


def test_by_hand_stands_above_all(t2v_cap: Program) -> None:
    """A price by hand is above `prices:`, that above an own catalogue, that above a provider, that above the list."""
    write("sources: {q: {title: a quote}}\ngpus: {h100-sxm: {gpu_price: 3 USD/GPU-hour, source: q}}\n", "own.yaml")
    layers = ("", "provider: lambda\n", "catalogue: own.yaml\n", "prices: {h100: 2.5 USD}\n")
    found = []
    for count in range(1, len(layers) + 1):
        path = write(PLAN + "".join(layers[:count]), "plan.yaml")
        found.append(plan_of(path).known["gpu_price"])
    by_hand = write("extends: plan.yaml\ngpu_price: 2 USD\n", "hand.yaml")

    assert [*found, plan_of(by_hand).known["gpu_price"]] == [4.5, 3.99, 3, 2.5, 2]
    assert plan_of(by_hand, ["provider=aws"]).known["gpu_price"] == 2.5  # the price by hand is Lambda's
    said = [one.message for one in t2v.estimate(by_hand, provider="aws").warnings if one.code == "override-replaced"]
    assert said == ["`provider: aws` (--provider aws) sets aside prices of lambda: `gpu_price` (hand.yaml:2:12)"]
    table = t2v_cap("compare", "plan.yaml", "--provider", "lambda", "--all").out
    assert re.search(r"^h100-sxm +1 +engine +2\.50 ", table, re.MULTILINE)
    assert re.search(r"^b200-hgx +1 +engine +6\.69 ", table, re.MULTILINE)


WRONG = {
    "gpu_price: 3 USD\nprices: {h100: 2 USD}\n": (
        "`prices`: `gpu_price` (plan.yaml:5:12) prices h100-sxm too; keep one of them"
    ),
    "prices: {h100: 2 USD, h100-sxm: 3 USD}\n": (
        "`prices`: h100-sxm is given twice, as `h100` and as `h100-sxm`; keep one of them"
    ),
    "prices: {h101-sxm: 2 USD}\n": "`prices`: `h101-sxm` is not among the known gpus; did you mean `h100-sxm`?",
    "prices: {h100: {monthly: 2 USD}}\n": (
        "`monthly` is not a term of `prices`; there are on-demand, reserved, reserved-3-year, spot, server"
    ),
    "prices: {h100: cheap}\n": "`gpu_price`: `cheap` is not a number; example: 10 USD/GPU-hour",
    "prices: 2 USD\n": "`prices` holds GPUs; write each below it, indented, as `h100-sxm: 2.10 USD`",
    "mix: {a: {prices: {h100: 2}}}\n": "`prices` applies to the whole service; write it at the top level",
    "provider: lamda\n": "`provider`: `lamda` is not among the known providers; did you mean `lambda`?",
}


@pytest.mark.parametrize(("text", "message"), WRONG.items())
def test_wrong_prices_say_so(text: str, message: str, t2v_cap: Program) -> None:
    """A wrong price of a GPU is refused at its place, with the likely fix."""
    found = t2v_cap("estimate", write(PLAN + text, "plan.yaml"), code=2)
    assert found.err.splitlines()[0] == f"error: {message}"
    assert not found.out


@pytest.mark.parametrize("name", ["wan2.2-h100", "start-up", "price-list", "million-clips"])
def test_a_month_costs_the_same_at_every_door(name: str, t2v_cap: Program) -> None:
    """The month of an estimate is month 0 of the forecast, the row of buying that is cheapest now, and a cell."""
    flags = ("--provider", "coreweave", "--spot-fraction", "30%", "--set", "prices.h100.reserved=3 USD")
    bill = t2v_cap("estimate", shipped(name), *flags, "--format", "json").json["figures"]
    months = t2v_cap("forecast", shipped(name), *flags, "--months", "2", "--format", "json").json["months"]
    plan = plan_of(shipped(name), ["provider=coreweave", "spot_fraction=30%", "prices.h100.reserved=3 USD"])
    bought = {row["name"]: row for row in reversed(buying(plan, 1))}
    book = load_workbook(io.BytesIO(workbook(plan)), data_only=True)

    for figure in ("cost_per_month", "gpu_cost_per_month"):
        assert months[0]["figures"][figure] == pytest.approx(bill[figure]["value"], rel=1e-9)
        assert held(book, figure) == pytest.approx(bill[figure]["value"], rel=1e-9)
    for way, figure in (("on demand", "gpu_cost_on_demand"), ("with spot", "gpu_cost_mixed")):
        assert bought[way]["per_month"] == pytest.approx(bill[figure]["value"], rel=1e-9)


@pytest.mark.wide
@pytest.mark.parametrize("seed", range(4))
def test_following_the_day_is_never_dearer(seed: int) -> None:
    """At list prices autoscaled GPUs cost no more than the same GPUs always on: over drawn days, and every GPU."""
    draw = random.Random(seed)
    for gpu in Catalogue().names("gpus"):
        plan = t2v.estimate(
            write("model: wan2.2-t2v-a14b\n"),
            gpu=gpu,
            offload="blocks",
            dau=10 ** draw.uniform(3, 7),
            peak_to_average=draw.uniform(1, 4),
            time_zones=draw.choice((0, 3)),
        )
        if plan.gpus > 0 and plan.cost_per_month > 0:
            assert plan.gpu_cost_following <= plan.gpu_cost_on_demand * (1 + 1e-9), gpu


@pytest.mark.wide
@pytest.mark.parametrize("name", ["wan2.2-h100", "million-clips", "price-list"])
def test_a_comparison_fits_a_terminal(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No row of a comparison is wider than a terminal of 80 columns; a price that few ask says of how many."""
    screen = Terminal()
    monkeypatch.setenv("COLUMNS", "80")
    with contextlib.redirect_stdout(screen):
        run(["compare", shipped(name)])
    text = re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue())
    rows = [line.rstrip() for line in text.splitlines() if re.search(r" \d+\.\d\d( of \d)? +\d", line)]

    assert len(rows) > 6
    assert max(map(len, rows)) <= 80
    assert all(re.search(r" \d+\.\d\d of [12] .* few sellers", row) for row in rows if "few sellers" in row)


def test_marketplaces_are_chosen_by_name_alone(t2v_cap: Program) -> None:
    """A search among providers tries those with data centers of their own; a name takes a marketplace."""
    found = t2v.estimate(write(PLAN)).solve("provider", minimize="cost_per_month")
    kinds = dict[str, set[str]]()
    for one in LIST_ROWS:
        kinds.setdefault(one["provider"], set()).add(one["kind"])
    providers = Catalogue().entries("providers").values()
    markets = {entry.id for entry in providers if kinds.get(entry.label) == {"marketplace"}}

    assert markets == {"akash", "openrelay", "runpod-community"}
    assert not markets & {tried.option for tried in found.options}
    assert found.nearest == "hyperstack"  # 3.20 USD, the least that a provider asks for an H100 SXM
    assert "2.71 USD/h" in t2v_cap("estimate", write(PLAN), "--provider", "akash").out


WRONG_FLAGS = {
    ("sweep", "--over", "prices.h100=1,3"): (
        "a price in `prices` is written, not varied; sweep `gpu_price`, that of the plan's GPU"
    ),
    ("estimate", "--pin", "prices.h100=3"): "`prices.h100` is not a figure; `t2v-cap list figures` shows them all",
    ("estimate", "--set", "prices.=3"): "a GPU is missing; write it as `prices.h100-sxm=2.10 USD`",
    ("estimate", "--set", "mix.a.prices.h100=3"): (
        "`mix.a.prices.h100` names nothing of a part; write it as `mix.PART.NAME=VALUE`, such as `mix.hd.share=30%`"
    ),
}


@pytest.mark.parametrize(("line", "message"), WRONG_FLAGS.items())
def test_flags_of_prices_say_what_is_wrong(line: tuple[str, ...], message: str, t2v_cap: Program) -> None:
    """A price of one GPU is a flag alone: no axis, no pin, and of no part."""
    command, *flags = line
    found = t2v_cap(command, write(PLAN), *flags, code=2)
    assert found.err.splitlines()[0] == f"error: {message}"


def test_each_cell_says_its_own_unknown_price(t2v_cap: Program) -> None:
    """A cell with spot GPUs and no spot price has the objection, and a cell without them has none."""
    line = ("sweep", write(PLAN + "resolution: 480p\n"), "--provider", "lambda", "--over", "spot_fraction=0,0.5")
    rows = t2v_cap(*line, "--format", "json").json["rows"]
    codes = [[one["code"] for one in row["verdict"]["objections"]] for row in rows]

    assert ["no list price" in found for found in codes] == [False, True]


def test_a_price_that_is_not_known_has_no_date_to_miss() -> None:
    """An unknown spot price is missing, not undated; the date of the other prices is judged as ever."""
    plan = t2v.estimate(write(PLAN), provider="lambda", spot_fraction="50%")
    undated = [one.names for one in plan.warnings if one.code == "price-stale"]
    assert not any("spot_price" in names for names in undated)
