"""Levers: the single changes that reach a condition reach it, are the nearest, and are ones that a planner can turn."""

import math
from pathlib import Path

import pytest

from places import SHIPPED
from shared import Program, plan_of, some, write
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.errors import Mistakes
from t2v_capacity.plan.conditions import Condition, parse_condition
from t2v_capacity.plan.estimate import Estimate, estimate
from t2v_capacity.plan.uncertain import sampled
from t2v_capacity.questions.search.solve import _can_turn, reach, solution_of
from t2v_capacity.questions.search.trials import Lever, choose
from t2v_capacity.scenario.load import load_scenario, with_flags
from t2v_capacity.scenario.settings import Scenario
from texts import Recorded

# A figure, and what part of its value is asked for.
ASKED = [
    ("gpus", 0.8),
    ("cost_per_month", 0.5),
    ("latency_p95", 0.7),
    ("storage_on_disk", 0.9),
    ("average_utilization", 1.2),
]


def _keeps(scenario: Scenario, condition: Condition) -> bool:
    return condition.holds(estimate(scenario).figures[condition.figure])


def _typed(lever: Lever) -> list[str]:
    return f"{lever.name}={lever.text}".split(" --set ")


def _kind(lever: Lever) -> int:
    """The order in which levers are named: by hand, choices, what the user doesn't see, the picture, demand."""
    if lever.origin.by_hand:
        return 0
    if isinstance(lever.value, str):
        return 1
    return {"video": 3, "generation": 3, "traffic": 4}.get(ASSUMPTIONS[lever.name].section, 2)


def _even(plan: Estimate, size: float) -> bool:
    """Whether the estimate with a group of GPUs has no attention heads left over."""
    there = estimate(with_flags(plan.scenario, (), {"gpus_per_replica": size}))
    return "heads-not-divisible" not in {warning.code for warning in there.warnings}


def _farthest(plan: Estimate, lever: Lever) -> float:
    """The value before, of the part that has farthest to go.

    Parts and stages whose bitrate follows from their frame sizes have several values.
    """
    assert isinstance(lever.value, float)
    parts = [part for part in plan.scenario.parts or plan.scenario.stages if not part.holds(lever.name)]
    values = [part.over(plan.values)[lever.name] for part in parts] or [plan.values[lever.name]]
    return float(max(values) if lever.value < max(values) else min(values))


def _condition(plan: Estimate, figure: str, share: float) -> Condition:
    comparison = "<=" if share < 1 else ">="
    return Condition(figure, comparison, (plan.figures[figure] or 0) * share, f"{figure} {comparison} {share}")


# A few scenarios are asked one of them here, and all of them among the slow tests.
KEPT_BY_NONE = ("stream", "storage_on_disk", 0.9)  # a stream stores nothing, so that its condition holds before too
PAIRS = [(path, *ASKED[index % len(ASKED)]) for index, path in enumerate(SHIPPED)]
PAIRS = [pair for pair in PAIRS if (pair[0].stem, *pair[1:]) != KEPT_BY_NONE]
OTHERS = [
    (path, *asked)
    for path in SHIPPED
    for asked in ASKED
    if (path, *asked) not in PAIRS and (path.stem, *asked) != KEPT_BY_NONE
]


@pytest.mark.wide
@pytest.mark.parametrize(
    ("path", "figure", "share"),
    [*some(PAIRS, 3), *(pytest.param(*other, marks=pytest.mark.slow) for other in OTHERS)],
)
def test_each_lever_alone_reaches_the_condition(path: Path, figure: str, share: float) -> None:
    """The printed value of each lever, given as a flag, keeps the condition, and the value before it does not.

    No lever is an input that a planner holds fixed.
    """
    plan = plan_of(path)
    condition = _condition(plan, figure, share)
    found = reach(plan, [condition], (200, 0))
    assert [kept.kept for kept in found.conditions] == [False]
    for lever in found.levers:
        assert _keeps(with_flags(plan.scenario, _typed(lever)), condition), lever
        if isinstance(lever.value, str):
            continue
        here = _farthest(plan, lever)
        before = [lever.value + (here - lever.value) * 1e-6]
        if lever.name == "gpus_per_replica":
            before = [size for size in (1.0, 2.0, 4.0, 8.0, 16.0) if here < size < lever.value and _even(plan, size)]
        elif ASSUMPTIONS[lever.name].whole:
            before = [lever.value + (1 if here > lever.value else -1)]
        for value in before:
            assert not _keeps(with_flags(plan.scenario, (), {lever.name: value}), condition), lever
    kinds = [_kind(lever) for lever in found.levers]
    assert kinds == sorted(kinds)
    for kind in set(kinds):
        far = [lever.far for lever in found.levers if _kind(lever) == kind and not isinstance(lever.value, str)]
        assert far == sorted(far)
    assert not {"fps", "passes_per_step", "time_factor"} & {lever.name for lever in found.levers}
    assert all(ASSUMPTIONS[lever.name].section != "architecture" for lever in found.levers if lever.name in ASSUMPTIONS)


@pytest.mark.usefixtures("folder")
def test_a_few_step_checkpoint_is_tried_with_its_steps() -> None:
    """Stages of 40 and 10 steps have 4 each with the checkpoint of 4: as in a file by hand, which keeps the limit.

    With the checkpoint alone they keep their steps, and miss it.
    """
    text = "model: wan2.2-t2v-a14b\noffload: all\ndau: 50K\n{}stages: {{base: {{{}}}, refine: {{{}}}}}\n"
    plan = plan_of(write(text.format("", "resolution: 640x368, steps: 40", "steps: 10"), "plan.yaml"))
    by_hand = plan_of(write(text.format("distilled: lightning-4\n", "resolution: 640x368", ""), "by-hand.yaml")).known
    alone = estimate(with_flags(plan.scenario, ["distilled=lightning-4"])).known
    limit = parse_condition(f"gpus <= {by_hand['gpus']:.0f}")
    (lever,) = (one for one in reach(plan, [limit], (200, 0)).levers if one.name == "distilled")
    there = estimate(with_flags(plan.scenario, _typed(lever))).known
    sought = choose(plan.scenario, "distilled", "cost_per_month", [limit])

    assert by_hand["gpus"] < alone["gpus"]
    assert lever.value == "lightning-4"
    assert lever.cost_per_month == pytest.approx(by_hand["cost_per_month"])
    assert (sought.value, sought.plan.known["gpus"], there["gpus"]) == ("lightning-4", *[by_hand["gpus"]] * 2)


def test_what_a_planner_does_not_turn() -> None:
    """What a model, a GPU or a fit supplies, conventions, facts and neutral defaults are no levers.

    What was written by hand is one, and so is what any fleet decides.
    """
    plan = load_scenario("scenarios/start-up.yaml", ["days_per_month=28", "layers=30", "gpu_price=2", "regions=2"])
    turned = {name for name in ASSUMPTIONS if _can_turn(plan, name)}
    assert turned.isdisjoint(
        {"days_per_month", "layers", "gpu_power", "peak_flops", "linear_efficiency", "memory_error", "failed_share"}
        | {"service_age", "spot_fraction", "arrival_variability", "bytes_per_pixel", "softmax_share"}
    )
    assert {"gpu_price", "regions", "dau", "steps", "duration", "max_utilization", "spare_fraction"} <= turned
    assert {"gpus_per_replica", "reserved_fraction", "retention"} <= turned
    assert _can_turn(load_scenario("scenarios/start-up.yaml"), "gpu_price")
    unsold = reach(plan_of("scenarios/start-up.yaml", ["gpu=mi355x"]), [parse_condition("cost_per_month <= 100K USD")])
    assert "gpu_price" not in {lever.name for lever in unsold.levers}


def _levers(plan: Estimate, until: str) -> dict[str, Lever]:
    return {lever.name: lever for lever in reach(plan, [parse_condition(until)]).levers}


def test_servers_are_rented_whole_or_by_the_group() -> None:
    """Servers of four would keep the limit too, and nobody rents half a server of eight: it is one GPU at a time."""
    plan = plan_of("scenarios/wan2.2-h100.yaml", ["videos_per_user_per_day=2", "dau=1K"])
    half = estimate(with_flags(plan.scenario, ["gpus_per_server=4"])).known["gpus"]
    assert half < plan.known["gpus"]
    assert _levers(plan, f"gpus <= {half}")["gpus_per_server"].value == 1


def test_how_long_clips_are_kept_is_a_lever_and_growth_is_none() -> None:
    """A policy keeps the clips of 100 USD, by hand: 5368.7 GB at 78.8 GB a day, of 15% less in each month before.

    More growth would mean fewer clips in the past, which nobody can choose.
    """
    plan = plan_of("scenarios/start-up.yaml", ["growth_per_month=15%"])
    stored = _levers(plan, "storage_cost_per_month <= 100 USD")
    month = 30 * 10_000 * 2 * plan.values["duration"] * 5e6 / 8 * 1.25
    third = (100 / 0.02 * 2**30 / month - 1 - 1 / 1.15) * 1.15**2
    assert stored["retention"].value == pytest.approx((2 + third) * 30 * 86_400)
    assert {"growth_per_month", "service_age"}.isdisjoint(stored)


def test_what_a_fleet_decides_is_a_lever() -> None:
    """The smallest group that is quick enough, and the reserve with which the rest follows demand at the limit.

    The day is summed minute by minute: the reserve is paid, and of the fleet a cosine beyond that. Fewer GPUs wait
    longer for a clip, so that the fleet of a night is a little larger.
    """
    plan = plan_of("scenarios/wan2.2-h100.yaml")
    quick = [count for count in (1, 2, 4, 8) if _keeps(_group(plan, count), parse_condition("latency_p95 <= 90 s"))]
    assert _levers(plan, "latency_p95 <= 90 s")["gpus_per_replica"].value == min(quick)
    reserve = _levers(plan, "cost_per_month <= 30M USD")["reserved_fraction"].value
    assert isinstance(reserve, float)
    fleet = plan.known["gpus"] * 720 * 4.5
    paid = [max(reserve, (1 - 0.7 * math.cos(math.tau * minute / 1440)) / 1.7) for minute in range(1440)]
    assert plan.known["cost_per_month"] - fleet + fleet * sum(paid) / 1440 == pytest.approx(30e6, rel=5e-3)


def _group(plan: Estimate, count: int) -> Scenario:
    return with_flags(plan.scenario, [f"gpus_per_replica={count}"])


@pytest.mark.parametrize(
    ("sets", "until", "group"),
    [
        (["model=wan2.2-t2v-a14b", "gpu=h200", "resolution=720p", "runtime=engine"], "latency_p95 <= 116 s", 16),
        (["model=wan2.2-ti2v-5b", "gpu=h100-sxm"], "latency_p95 <= 54 s", 8),
        (["model=hunyuanvideo", "gpu=h100-sxm", "gpus_per_replica=8"], "latency_p95 <= 125 s", None),
    ],
)
def test_a_group_divides_servers_and_heads(sets: list[str], until: str, group: int | None) -> None:
    """A larger group fills servers of eight, and gives each GPU of a pass as many attention heads.

    By hand: the engine runs two passes of 40 heads on 16 GPUs, five heads on each; 11 GPUs would be quick enough. Of 24
    heads 8 GPUs have three each. HunyuanVideo has 24 heads and one pass: on 16 GPUs they have one and a half each.
    """
    plan = estimate(load_scenario(None, ["dau=50K", *sets]))
    lever = _levers(plan, until).get("gpus_per_replica")

    assert (lever.value if lever else None) == group
    assert _even(plan, group or 8)
    assert _keeps(_group(plan, group or 16), parse_condition(until))
    assert group or not _even(plan, 16)


def test_each_lever_has_its_bill(t2v_cap: Program) -> None:
    """The bill of each change is that of the estimate with its flag; the note has that of the plan."""
    line = ("solve", "scenarios/start-up.yaml", "--until", "latency_p95 <= 60 s")
    plan, changes = plan_of("scenarios/start-up.yaml"), t2v_cap(*line, "--json").json["changes"]
    text = " ".join(t2v_cap(*line).out.split())

    assert {"gpus_per_replica", "steps", "gpu"} <= {change["name"] for change in changes}
    for change in changes:
        with_it = estimate(with_flags(plan.scenario, [f"{change['name']}={change['text']}"]))
        bill = with_it.figures["cost_per_month"]
        assert change["cost_per_month"] == (None if bill is None else pytest.approx(bill, rel=0.02)), change
        assert bill is None or f"{change['text']} {show(bill, 'USD')}" in text or change["name"] == "duration"
    assert f"(now {show(plan.known['cost_per_month'], 'USD')} a month)" in text


STREAM, LATE = "scenarios/stream.yaml", ["time_factor=0.99"]


def test_no_lever_makes_a_stream_slower(t2v_cap: Program) -> None:
    """At 32.2 frames per second two viewers share a GPU, and the first frame is late by 4 ms.

    By hand: 5 steps make 27 frames, which one viewer has alone: his first frame is in time, at twice the bill. That is
    no change to offer, nor is another size of raw pixels. Three steps keep both viewers, on the same 416 GPUs.
    """
    plan = plan_of(STREAM, LATE)
    changes = _levers(plan, "latency_p95 <= 750 ms")
    slower = plan_of(STREAM, [*LATE, "steps=5"])

    assert slower.known["latency_p95"] <= 0.75 < plan.known["latency_p95"]
    assert slower.known["generated_fps"] < 32 < plan.known["generated_fps"]
    assert slower.known["gpus"] == 816
    assert changes["steps"].value == 3
    assert changes["steps"].cost_per_month == pytest.approx(416 * 720 * 4.5, rel=0.02)
    assert changes.keys().isdisjoint({"bytes_per_pixel", "attention_kernel", "runtime"})
    assert "bytes_per_pixel" not in t2v_cap("solve", STREAM, "--until", "cost_per_month <= 1.5M").out


def test_no_lever_breaks_the_target_that_the_plan_keeps() -> None:
    """More waiting frees GPUs, until 95% are ready after 127 s: where 2 minutes are promised, that is no change."""
    loose, promised = (plan_of("scenarios/start-up.yaml", [f"target_latency={limit}"]) for limit in ("10 min", "2 min"))
    waits, kept = _levers(loose, "gpus <= 75"), _levers(promised, "gpus <= 75")
    there = estimate(
        with_flags(promised.scenario, [f"target_wait_probability={waits['target_wait_probability'].text}"])
    )

    assert there.known["latency_p95"] > 120 > promised.known["latency_p95"]
    assert "target_wait_probability" not in kept
    assert {"dau", "steps", "peak_to_average"} <= kept.keys()
    for lever in kept.values():
        with_it = estimate(with_flags(promised.scenario, [f"{lever.name}={lever.text}"]))
        assert with_it.known["latency_p95"] <= 120, lever


PAIR = "gpu: b200-hgx, duration: 15 s, gpus_per_replica: 2, target_latency: 14 min"


@pytest.mark.parametrize(
    ("plan", "until", "group", "loses"),
    [
        ("gpu: h100-sxm, duration: 30 s, gpus_per_replica: 4", "cost_per_month <= 16.2M USD", 2, "fits"),
        (PAIR, "gpus <= 680", 1, "chance"),
        (f"{PAIR}, budgets: [cost_per_month <= 3.5M USD]", "latency_p95 <= 300 s", 4, "bill"),
    ],
    ids=str,
)
def test_no_lever_loses_what_the_plan_has(plan: str, until: str, group: int, loses: str, tmp_path: Path) -> None:
    """A group that reaches the condition, and does not fit, is not surely in time or breaks a kept budget, is no lever.

    So it is of choices. Each lever is estimated with its flag.
    """
    own = plan_of(
        write(f"{{model: wan2.1-t2v-14b, runtime: engine, dau: 20K, resolution: 480p, {plan}}}", tmp_path / "plan.yaml")
    )

    def lost(more: str) -> list[str]:
        there = estimate(with_flags(own.scenario, [more]))
        chance, bill = there.verdict.target, there.figures["cost_per_month"]
        kept = {
            "fits": there.known["memory_needed"] <= there.known["memory_usable"],
            "chance": chance is None or chance >= 0.9,
            "bill": "budgets" not in plan or (bill is not None and bill <= 3.5e6),
        }
        return [what for what, holds in kept.items() if not holds]

    left_out = with_flags(own.scenario, [f"gpus_per_replica={group}"])
    assert _keeps(left_out, parse_condition(until))
    assert lost(f"gpus_per_replica={group}") == [loses]
    levers = _levers(own, until)
    assert {"steps", "duration"} <= levers.keys()
    assert "gpus_per_replica" not in levers
    assert not [name for name, lever in levers.items() if lost(f"{name}={lever.text}")]


@pytest.mark.wide
def test_a_lever_that_has_a_range_says_that_it_is_without_it(t2v_cap: Program) -> None:
    """Clips per user take 50M USD at 1.86 exactly; with a range of half to twice as many they take over 80M.

    By hand: the bill follows the clips, and is twice as high where one in twenty of the draws has more.
    """
    until = ("--until", "p95(cost_per_month) <= 50M USD", "--samples", "2000", "--json")
    note = "`videos_per_user_per_day` is exact there: its range, 1 request/user/day to 4 requests/user/day, is dropped"
    levers = t2v_cap("solve", "scenarios/wan2.2-h100.yaml", *until).json
    (value,) = [lever["value"] for lever in levers["changes"] if lever["name"] == "videos_per_user_per_day"]
    spread = plan_of("scenarios/wan2.2-h100.yaml", [f"videos_per_user_per_day={value / 2} to {value * 2}"])

    assert levers["notes"] == [note]
    assert t2v_cap("solve", "scenarios/wan2.2-h100.yaml", "--for", "videos_per_user_per_day", *until).json["notes"] == [
        note
    ]
    assert parse_condition("p95(cost_per_month) >= 80M USD").holds_of(
        sampled(spread.uncertain, ("cost_per_month",), 2_000)["cost_per_month"]
    )
    assert not t2v_cap("solve", "scenarios/wan2.2-h100.yaml", "--for", "dau", *until).json["notes"]


def test_a_lever_is_the_nearest_where_keeping_comes_and_goes() -> None:
    """Whole servers take a profit away again: of users in steps of 40, none before the answer make it."""
    sets = ["dau=10K", "gpu_price=3", "price_per_video_second=0.043", "peak_to_average=1.7"]
    plan, until = plan_of("scenarios/start-up.yaml", sets), "profit_per_month >= 10K USD"
    (users,) = [lever.value for lever in reach(plan, [parse_condition(until)]).levers if lever.name == "dau"]
    assert isinstance(users, float)
    assert not [
        dau
        for dau in range(10_000, int(users), 40)
        if _keeps(with_flags(plan.scenario, (), {"dau": dau}), parse_condition(until))
    ]


@pytest.mark.wide
def test_solve_without_a_name_lists_the_changes(t2v_cap: Program, recorded: Recorded) -> None:
    """`solve --until` lists the single changes, in JSON too; what is kept already, or out of reach, it says."""
    line = ["solve", "scenarios/start-up.yaml", "--until"]
    for until, code in (("gpus <= 50", 0), ("gpus <= 500", 0), ("cost_per_month <= 1 USD", 3)):
        recorded(t2v_cap(*line, until, code=code).out, until)
    recorded(
        [f"{one['name']} {one['text']}" for one in t2v_cap(*line, "gpus <= 50", "--format", "json").json["changes"]],
        "json",
    )


@pytest.mark.parametrize("product", ["model=wan2.1-t2v-1.3b", "attention_scope=linear"])
def test_another_product_is_no_change_of_a_plan(product: str) -> None:
    """A smaller model or another attention would keep the limit at once; what is offered makes the same clips."""
    plan = plan_of("scenarios/hunyuanvideo-720p.yaml")
    limit = Condition("gpus", "<=", plan.known["gpus"] / 2, "gpus")

    assert {lever.name for lever in reach(plan, [limit]).levers}.isdisjoint(
        {"model", "text_attention", "attention_scope"}
    )
    assert _keeps(plan_of("scenarios/hunyuanvideo-720p.yaml", [product]).scenario, limit)


def test_a_share_of_power_is_no_change_of_a_plan() -> None:
    """What a GPU draws at its load is a fact of it, also where it was typed."""
    plan = plan_of("scenarios/start-up.yaml", ["gpu_load_share=80%"])
    limit = Condition("fleet_power", "<=", plan.known["fleet_power"] * 0.9, "fleet_power")
    assert "gpu_load_share" not in {lever.name for lever in reach(plan, [limit]).levers}


def test_a_figure_to_minimize_needs_a_choice() -> None:
    """Without a name no single changes are listed where a figure is to be the least."""
    with pytest.raises(Mistakes, match="`--for` is missing"):
        solution_of(
            plan_of("scenarios/mochi.yaml"),
            None,
            ["gpus <= 5"],
            smallest=False,
            minimize="gpus",
            maximize=None,
            sampling=(0, 0),
        )


@pytest.mark.parametrize(("server", "values"), [("null", [1.0]), ("8", [])])
def test_gpus_rented_singly_are_a_change_that_reaches_a_bill(server: str, values: list[float]) -> None:
    """Three servers of eight cost 24 x 4.5 x 720 = 77,760 USD, and 11 GPUs rented singly 35,640; a typed server stays.

    The rest of the bill, storage and egress, is below 100 USD.
    """
    sets = ["model=wan2.2-ti2v-5b", "gpu=h100-sxm", "dau=1K", "gpu_price=4.5", f"gpus_per_server={server}"]
    plan = estimate(load_scenario(None, [*sets, "target_latency=5 min"]))
    solution = reach(plan, [parse_condition("cost_per_month <= 40K USD")])
    singly = [lever for lever in solution.levers if lever.name == "gpus_per_server"]

    assert plan.known["cost_per_month"] == pytest.approx(77_760, abs=100)
    assert [lever.value for lever in singly] == values
    for lever in singly:
        assert lever.cost_per_month == pytest.approx(35_640, abs=100)
