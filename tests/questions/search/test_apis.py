"""Make or buy: what a delivered second costs, and what public APIs ask for one.

From how many clips per day on, own costs no more.
"""

import math
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from places import SHIPPED, shipped
from shared import Program, answer, plan_of, plan_of_text, some, write
from t2v_capacity.answers.estimate_figures import parts_of_mix
from t2v_capacity.api.plan import Plan
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.plan.conditions import parse_condition
from t2v_capacity.questions.search.apis import BUILD, BUY, OWN, TOO_CLOSE, apis
from t2v_capacity.questions.search.solve import solve


def test_services_are_those_of_the_catalogue() -> None:
    """What is read from the package's text are its entries, the cheapest first."""
    entries = Catalogue().entries("video_prices")
    asked = Catalogue().video_list_prices()

    assert {(one.id, one.label) for one in asked} == {(entry.id, entry.label) for entry in entries.values()}
    assert [one.price for one in asked] == sorted(one.price for one in asked)


@pytest.mark.parametrize("path", some(SHIPPED, 3), ids=lambda path: path.stem)
def test_the_cost_lies_between_its_neighbors(path: str) -> None:
    """No service asks a price between the one below and the one above, and a delivered second's cost lies there."""
    plan = plan_of(path)
    found = apis(plan)
    assert found
    low, high = found.below.price if found.below else 0.0, found.above.price if found.above else float("inf")

    assert low <= found.own <= high
    assert not [
        one
        for one in Catalogue().video_list_prices(
            [(part.share, part.values["duration"], 0.0) for part in plan.parts]
            or [(1.0, plan.known["delivered_seconds_per_video"], 0.0)]
        )
        if low < one.price < high
    ]
    assert found.against == next(iter(found.alike), None)
    seconds = (
        plan.known["delivered_per_day"] * plan.known["delivered_seconds_per_video"] * plan.values["days_per_month"]
    )
    assert (found.own, found.own_autoscaled) == pytest.approx(
        (plan.known["gpu_cost_per_month"] / seconds, plan.known["gpu_cost_mixed"] / seconds), rel=1e-12
    )


def test_a_verdict_follows_the_band_of_the_cost() -> None:
    """Own cost is held against an API's price with the whole band of its model's error."""
    plan = plan_of(shipped("wan2.2-h100"))
    found = apis(plan)
    assert found
    price, (low, high), paid = found.alike[0].price, found.own_ends, plan.values["gpu_price"]
    # The service's price stays, and the GPU's moves the ends of own cost below it, around it and above it.
    paid_for = (0.99 * price / high, price / found.own, 1.01 * price / low)
    answers = [apis(plan_of(shipped("wan2.2-h100"), [f"gpu_price={paid * factor!r}"])) for factor in paid_for]

    assert [answer.verdict and answer.verdict["own"] for answer in answers if answer] == [BUILD, TOO_CLOSE, BUY]


def test_the_ends_of_own_cost_are_those_of_the_plans_there(tmp_path: Path) -> None:
    """A fleet is whole servers: a small one costs the same at both ends, and a second's ends are no factors of it."""
    text = "{model: wan2.1-t2v-14b, gpu: b200-hgx, runtime: engine, steps: 8, passes_per_step: 1}"
    path = write(text, tmp_path / "plan.yaml")
    for users in ("2000", "30000"):
        plan = plan_of(path, [f"dau={users}"])
        found = apis(plan)
        assert found
        error = plan.verdict.error
        costs = [
            plan_of(path, [f"dau={users}", f"time_factor={factor!r}"]).known[OWN] for factor in (error.low, error.high)
        ]
        assert found.own_ends == pytest.approx(costs, rel=1e-9)
        assert found.own_ends[1] / found.own_ends[0] < error.high / error.low


RANGED = """
model: wan2.2-t2v-a14b
gpu: b200-hgx
dau: 200K
videos_per_user_per_day: 2
gpu_price: {} to {}
peak_to_average: 1.3 to 2.2
pins: {{gpu_seconds_per_video: 62 s}}
"""


@pytest.mark.parametrize(
    ("low", "high", "verdict"), [(1.5, 2.5, BUILD), (3.8, 8.5, TOO_CLOSE), (9.0, 14.0, BUY)], ids=str
)
@pytest.mark.usefixtures("folder")
def test_a_verdict_is_over_the_ranges_of_the_plan(low: float, high: float, verdict: str) -> None:
    """A simulation written apart has the ends of own cost: 400K clips of 62 s and 5.0625 s, on servers of 8.

    A verdict is sure in 19 of 20 of its draws; one number of seconds leaves nothing else uncertain.
    """
    numbers = np.random.default_rng(84)

    def between(least: float, most: float) -> Any:
        spread = math.log(most / least) / 2 / NormalDist().inv_cdf(0.95)
        return math.sqrt(least * most) * np.exp(spread * numbers.standard_normal(100_000))

    middle, end = math.sqrt(1.3 * 2.2) - 1, NormalDist().inv_cdf(0.95)
    bent = numbers.standard_normal(100_000) / end
    peak = 1 + middle * np.where(bent < 0, middle / 0.3, 1.2 / middle) ** bent
    servers = np.ceil(400_000 / 86_400 * 62 * peak / 0.9 / 8)
    costs = 8 * (servers + np.ceil(servers / 20)) * between(low, high) * 24 / (400_000 * 5.0625)
    prices = Plan(plan_of_text(RANGED.format(low, high)).scenario).record.apis
    assert prices
    assert prices.verdict

    assert prices.own_ends == pytest.approx(np.quantile(costs, (0.05, 0.95)), rel=0.01)
    sure = {BUILD: (costs < 0.04).mean(), BUY: (costs > 0.04).mean()}
    assert prices.verdict["own"] == next((word for word, chance in sure.items() if chance > 0.95), TOO_CLOSE) == verdict


QUOTED = """
model: wan2.2-t2v-a14b
gpu: h100-sxm
runtime: engine
traffic: {dau: 200K, videos_per_user_per_day: 1, peak_to_average: 1.3}
cost: {gpu_price: 3.2, server_price: 220K USD}
"""


def test_nothing_is_bought_that_servers_make_for_less(tmp_path: Path) -> None:
    """By hand: all GPUs owned cost less than the service even where clips take longest; rented they cost more."""
    path = write(QUOTED, tmp_path / "plan.yaml")
    plan, mix = plan_of(path), plan_of(write(f"{QUOTED}mix: {{a: {{share: 50%}}, b: {{}}}}\n", tmp_path / "mix.yaml"))
    prices, rented, parts = apis(plan), apis(plan_of(path, ["server_price=0"])), apis(mix)
    assert prices
    assert rented
    assert parts
    seconds = 200_000 * plan.known["duration"] * 30
    owned = plan.known["gpus"] * plan.known["owned_price"] * 720 / seconds

    assert owned * plan.verdict.error.high < prices.alike[0].price == 0.04 < prices.own_ends[0]
    assert prices.autoscaled_ends[1] < 0.04
    assert prices.verdict == {"own": BUY, "own_autoscaled": BUILD}
    assert prices.in_words().startswith("buy, but build in the cheapest mix: an API asks 0.04 USD")
    assert [part.verdict for part in parts.parts] == [prices.verdict] * 2
    assert next(parts_of_mix(mix, parts)).sections["parts"][0][-1] == "depends"
    assert rented.verdict
    assert rented.verdict["own_autoscaled"] != BUILD


def test_a_reserve_is_said_where_its_bill_is(t2v_cap: Program, tmp_path: Path) -> None:
    """Every screen says that half of the GPUs are reserved, and none that they are always on."""
    path = write(f"{QUOTED}reserved_price: 2\n", tmp_path / "plan.yaml")
    half = "with 50% of GPUs reserved"
    for given in (["estimate", path], ["compare", path, "--gpu", "h100-sxm,h200-sxm"]):
        said = " ".join(answer(t2v_cap, *given, "--reserved-fraction", "50%").split())
        assert half in said
        assert "always on" not in said
        assert half not in (whole := " ".join(answer(t2v_cap, *given).split()))
        assert "always on" in whole


def test_another_gpu_has_no_reserve(t2v_cap: Program) -> None:
    """A reserve's price is of one GPU; another's bill, by hand all at the price on demand, names no reserve."""
    line = ["compare", "scenarios/mochi.yaml", "--gpu", "h100-sxm,rtx-pro-6000-server"]
    line += ["--reserved-price", "2", "--reserved-fraction", "50%"]
    best, reserved = t2v_cap(*line, "--json").json["rows"]
    text = t2v_cap(*line).out

    assert best["gpu_cost_per_month"] == pytest.approx(best["gpus"] * best["gpu_price"] * 720)
    assert reserved["gpu_cost_per_month"] == pytest.approx(reserved["gpus"] * (4.5 + 2) / 2 * 720)
    assert "with 50% of GPUs always on" in text
    assert "of GPUs reserved" not in text


def test_a_few_step_checkpoint_is_no_service_of_its_model(tmp_path: Path) -> None:
    """An API that sells the full model says nothing of a checkpoint, which makes another picture.

    Among others is fal's Turbo, which asks 0.05 USD for a clip of 81 frames at 16 per second: 0.00988 per second.
    """
    path = write("{model: wan2.2-t2v-a14b, gpu: h100, runtime: engine, dau: 30000}", tmp_path / "plan.yaml")
    full, few = (apis(plan_of(path, more)) for more in ([], ["distilled=lightning-4"]))
    assert full
    assert few

    assert full.in_words().startswith("buy: an API asks 0.04 USD per second of video")
    assert few.alike == ()
    assert few.in_words().startswith(
        "none listed has Wan 2.2 T2V A14B with lightning-4 at 480p; others ask 0.00988 (Wan Turbo) "
    )
    assert few.others[0].price * 81 / 16 == pytest.approx(0.05, rel=1e-6)


def test_a_fine_tune_has_no_name_of_its_base(folder: Path) -> None:
    """No service is said to lack the model that two of them sell: an entry of one's own without a label has its id."""
    write("models:\n  ours: {extends: wan2.2-t2v-a14b}\n", folder / "own.yaml")
    ours = apis(plan_of(write("catalogue: own.yaml\nmodel: ours\ndau: 1M\n", folder / "my.yaml")))

    assert ours
    assert ours.in_words().startswith("none listed has ours at 480p; others ask 0.00988 (Wan Turbo) to ")


def test_the_parts_of_a_mix_cost_what_the_plan_does() -> None:
    """Over the seconds that each part delivers, the parts' costs are the plan's.

    A part whose size an API has is held against it.
    """
    plan = plan_of(shipped("price-list"), ["mix.hd.resolution=1920x1080"])
    found = apis(plan)
    assert found
    seconds = {part.name: plan.of_part(part.name).values["duration"] * part.share for part in plan.parts}
    mean = sum(seconds[one.name] * one.own for one in found.parts) / sum(seconds.values())

    assert mean == pytest.approx(found.own, rel=1e-9)
    assert {one.name for one in found.parts if one.alike} == {"preview", "standard", "long", "teaser"}


def test_rejected_clips_are_paid_for_either_way(tmp_path: Path) -> None:
    """GPUs make the clips that a check rejects, and a service bills them: 400K a day at 0.08 USD a second, 30 days."""
    text = "{model: wan2.2-t2v-a14b, gpu: h100-sxm, resolution: 1280x720, dau: 200K, videos_per_user_per_day: 2}"
    path = write(text, tmp_path / "plan.yaml")
    for sets in ([], ["rejected_output_share=40%"]):
        prices = apis(plan_of(path, sets))
        assert prices
        made = 400_000 * 30 * plan_of(path).known["duration"]

        assert prices.bought_per_month == pytest.approx(made * 0.08, rel=1e-12)
        assert prices.verdict == {"own": BUY, "own_autoscaled": BUY}


@pytest.mark.usefixtures("folder")
def test_who_pays_plays_no_part() -> None:
    """A delivered second costs the same GPUs whatever share of the clips is sold."""
    text = "model: wan2.2-ti2v-5b\ndau: 1M\npaid_share: {}\n"
    found = [apis(plan_of_text(text.format(share))) for share in ("100%", "20%", "0%")]

    assert len({(one.own, one.own_autoscaled, one.clips_per_day) for one in found if one}) == 1


@pytest.mark.usefixtures("folder")
def test_own_pays_from_where_solve_says() -> None:
    """The clips per day are those of the fewest users that `solve` finds.

    A little less and own costs more, a little more and it does not.
    """
    text = "model: wan2.1-t2v-14b\nresolution: 832x480\nsteps: 4\npasses_per_step: 1\nduration: 2 s\ndau: {dau}\n"
    plan = plan_of_text(text.format(dau="1M"))
    found = apis(plan)
    assert found
    assert found.clips_per_day
    assert found.against
    sought = solve(plan.scenario, "dau", [parse_condition(f"{OWN} <= {found.against.price} USD/s")], smallest=True)
    users = found.clips_per_day / 2

    assert users == pytest.approx(float(sought.value), rel=1e-6)
    above, below = (
        plan_of_text(text.format(dau=repr(users * part))).figures[OWN] or 0 for part in (1 + 1e-6, 1 - 1e-6)
    )
    assert above <= found.against.price < below


@pytest.mark.usefixtures("folder")
def test_what_has_no_price_has_no_neighbors(t2v_cap: Program) -> None:
    """Without a GPU's price, or a clip that runs, there is nothing to compare: null in JSON, no line on the screen."""
    for text in ("gpu: mi350x\n", "gpu: rtx-4090\nmodel: hunyuanvideo\n"):
        plan_of_text(text)
        assert t2v_cap("estimate", "plan.yaml", "--format", "json").json["apis"] is None
        assert "API" not in t2v_cap("estimate", "plan.yaml").out


@pytest.mark.usefixtures("folder")
def test_a_limited_fleet_is_no_bargain() -> None:
    """A fleet that would have to leave clips undone for its price is not what pays."""
    found = apis(plan_of_text("dau: 1M\nprice_per_video_second: 0.1\n"))

    assert found
    assert found.clips_per_day is None


def test_what_is_sold_by_the_clip_costs_as_much_for_a_shorter_one() -> None:
    """A price by the clip is spread over the seconds of the plan's clip.

    A service that sells none so long is no choice. fal's pages sell LTX-2.3 at 1080p by the length: Fast for 0.04 USD
    per second at 6, 8, 10 to 20 s, Pro for 0.08 at 6, 8 and 10 s; Hailuo's sells 6 s for 0.49.
    """
    sold = {
        0.5: (0.24, 0.48, 0.49),
        5.0417: (0.24, 0.48, 0.49),
        6: (0.24, 0.48, 0.49),
        6.5: (0.32, 0.64, None),
        11: (0.48, None, None),
        20: (0.8, None, None),
        20.5: (None, None, None),
    }
    plain = {one.id for one in Catalogue().video_list_prices() if not one.clip_seconds}
    for duration, prices in sold.items():
        listed = {one.id: one.price for one in Catalogue().video_list_prices([(1.0, duration, 0.0)])}
        assert plain < {*listed} or not any(prices)
        clips = [listed.get(name, math.nan) * duration for name in ("ltx-2.3-fast", "ltx-2.3-pro", "hailuo-2.3-pro")]
        assert clips == pytest.approx([price or math.nan for price in prices], nan_ok=True)
        assert [*listed.values()] == sorted(listed.values())


@pytest.mark.parametrize(
    ("seconds", "fast", "pro"),
    [
        ((5, 15), (0.24 + 0.64) / 20, None),
        ((1, 19), (0.24 + 0.8) / 20, None),
        ((5, 9), (0.24 + 0.4) / 14, 0.08 * 16 / 14),
    ],
)
def test_a_mix_is_bought_part_by_part(seconds: tuple[int, int], fast: float, pro: float | None, tmp_path: Path) -> None:
    """By hand, of as many short clips as long ones: each costs a length that is sold, and Pro sells none of 15 s.

    The mean of 5 s and 15 s is 10 s, which both sell: 0.04 USD per second was 10% too little, and Pro was named.
    """
    text = "model: ltx-2.3-22b\nresolution: 1080p\nruntime: engine\ngpus_per_replica: 8\nsharding: weights\n"
    parts = "".join(
        f"  {name}: {{share: 50%, duration: {length} s}}\n" for name, length in zip("ab", seconds, strict=True)
    )
    plan = plan_of(write(f"{text}mix:\n{parts}", tmp_path / "mix.yaml"))
    offers = apis(plan)
    assert offers
    asked = {service.id: service.price for service in offers.alike}

    assert asked.keys() == {"ltx-2.3-fast", *(["ltx-2.3-pro"] if pro else [])}
    assert asked["ltx-2.3-fast"] == pytest.approx(fast, rel=0.01)  # in whole frames
    assert asked.get("ltx-2.3-pro", 0.0) == pytest.approx(pro or 0.0, rel=0.01)
    month = 30 * plan.known["delivered_per_day"] * sum(seconds) / 2
    assert offers.bought_per_month == pytest.approx(fast * month, rel=0.01)


@pytest.mark.parametrize(("name", "size", "listed"), [("wan2.2-h100", "480p", 0.04), ("million-clips", "720p", 0.08)])
def test_a_service_that_counts_16_frames_as_a_second_asks_for_the_frames(name: str, size: str, listed: float) -> None:
    """The page of fal on Wan 2.2: video seconds are calculated at 16 frames per second.

    So 5 s at 24 frames per second are 120 frames, 7.5 s of the list; 5 s at 16 are 5. Another model's price stays.
    """
    for fps, seconds in ((16, 5), (24, 7.5), (8, 2.5)):
        plan = plan_of(shipped(name), [f"fps={fps}", "duration=5 s"])
        found = apis(plan)
        assert found
        assert found.against
        assert (found.against.id, found.against.counted_fps) == (f"wan-2.2-a14b-{size}", "16")
        paid = listed * seconds / (1 - plan.known["rejected_output_share"])
        assert found.against.price * 5 == pytest.approx(paid)
        clips = plan.known["delivered_per_day"] * 30
        assert found.bought_per_month == pytest.approx(clips * paid)

    other = apis(plan_of(shipped("mochi")))
    assert other
    assert {one.price for one in other.others if one.id == "wan-2.2-a14b-480p"} == {0.04}


SAID = {
    "wan2.2-h100": "buy: an API asks 0.04 USD per second of video (",
    "mochi": "none listed has Mochi 1 preview at 480p; others ask 0.01 (Wan Turbo) to 0.09 USD (Wan 2.1) per second",
    "start-up": "none listed has Wan 2.2 TI2V 5B at 720p; "
    "others ask 0.0198 (Wan Turbo) to 0.4 USD (Veo 3.1) per second",
}


@pytest.mark.parametrize("name", SAID)
def test_only_the_plan_s_model_has_a_verdict(name: str) -> None:
    """Of its model and size the cheapest is named with its bill; else both ends of the size, without a verdict."""
    plan = plan_of(shipped(name))
    found = apis(plan)
    assert found
    assert found.in_words().startswith(SAID[name])
    height = min(plan.values["width"], plan.values["height"])
    listed = Catalogue().entries("video_prices").values()
    sizes = {one.id: float(one.about.get("frame_height", "0")) for one in listed}
    near = {name for name, size in sizes.items() if size and 1 / 1.1 <= size / height <= 1.1}
    assert {one.id for one in found.others} == near
    assert {one.id for one in found.alike} == {
        one.id
        for one in listed
        if one.id in near and plan.scenario.choices["model"].value in one.about.get("models", "")
    }
    if found.against:
        seconds = plan.known["delivered_per_day"] * plan.known["delivered_seconds_per_video"] * 30
        assert found.bought_per_month == pytest.approx(found.against.price * seconds)
        assert found.against.price == min(one.price for one in found.alike)
