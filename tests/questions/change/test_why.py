"""Why a figure changed: what each change does alone and what they do together, which sum to the change."""

import math
import random

import pytest

from places import SHIPPED, shipped
from shared import plan_of, quiet, write
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.engine.figures import FIGURES, evaluate
from t2v_capacity.questions.change.diff import Difference, diff, side
from t2v_capacity.questions.change.why import TOGETHER, Why, inputs, names_by_input, why
from t2v_capacity.scenario.load import load_scenario, with_flags
from texts import Recorded

SCENARIOS = list(map(str, SHIPPED))
MOCHI = shipped("mochi")
# Figures with `ceil` in the path, and some without.
WATCHED = (
    "gpus",
    "servers",
    "cost_per_month",
    "storage_per_day",
    "latency_p95",
    "energy_per_video",
    "gpu_seconds_per_video",
)
# Assumptions that may be half or one and a half times what they are, written without a unit.
SCALED = "dau videos_per_user_per_day fps steps peak_to_average time_factor service_variability views_per_video".split()


def _difference(base: str, head: str, sets: tuple[str, ...] = (), pins: tuple[str, ...] = ()) -> Difference:
    return diff(side(plan_of(base)), side(plan_of(head, sets, pins)))


def _scaled(name: str, value: float) -> str:
    """Return a value as a flag takes it, within the assumption's bounds."""
    value = max(value, 1.0) if name == "peak_to_average" else value
    return f"{max(1, round(value))}" if ASSUMPTIONS[name].whole else f"{value:.6f}"


def _exactly(found: Difference, figure: str) -> bool:
    """Return whether a figure's parts sum to its change within 1e-9 of it; one that can't be split has a reason."""
    explained, change = why(found, figure), found.figure(figure).change
    if explained.reason or change is None:
        return bool(explained.reason)
    return abs(math.fsum(explained.parts.values()) - change) <= 1e-9 * abs(change)


@pytest.mark.wide
@pytest.mark.parametrize(("pairs", "seed"), [(120, 8), pytest.param(500, 7, marks=pytest.mark.slow)])
def test_the_parts_sum_to_the_change(pairs: int, seed: int) -> None:
    """On random pairs, with whole servers in the path, the parts sum to the change within 1e-9 of it."""
    chance, split = random.Random(seed), 0
    # With so much memory all of them run.
    plans = {path: load_scenario(path, ["memory_error=1e6", "gpu_memory=9 TB"]) for path in SCENARIOS}
    bases = {path: side(quiet(plan)) for path, plan in plans.items()}
    for _ in range(pairs):
        base, head = chance.choice(SCENARIOS), chance.choice(SCENARIOS)
        values = plans[head].values()
        names = chance.sample(SCALED, chance.randint(0, 5))
        sets = tuple(f"{name}={_scaled(name, values[name] * chance.uniform(0.5, 1.5))}" for name in names)
        found = diff(bases[base], side(quiet(with_flags(plans[head], sets))))
        figure = chance.choice(WATCHED)
        assert _exactly(found, figure), (base, head, sets, figure)
        explained = why(found, figure)
        split += bool(explained.parts)
    assert split > pairs * 0.8


def test_a_part_is_what_a_change_does_alone() -> None:
    """The parts are those of the definition, the biggest first, and last what the changes do together beyond that."""
    found = _difference(MOCHI, MOCHI, ("dau=110M", "fps=24", "precision=bf16", "peak_to_average=1.7"))
    inputs = names_by_input(found)
    assert list(inputs) == ["dau", "peak_to_average", "fps", "precision"]
    before = {**found.base.assumptions, **found.base.pins}
    after = {**found.head.assumptions, **found.head.pins}
    ends = found.ends("gpus")

    def gpus(*names: str) -> float:
        return float(
            evaluate({**before, **{key: after[key] for name in names for key in inputs[name]}}, ("gpus",))["gpus"]
        )

    alone = {name: gpus(name) - gpus() for name in inputs}
    parts = why(found, "gpus").parts
    assert parts == pytest.approx({**alone, TOGETHER: (ends[1] or 0) - (ends[0] or 0) - sum(alone.values())}, rel=1e-9)
    assert list(parts) == [*sorted(alone, key=lambda name: -abs(alone[name])), TOGETHER]


def test_what_a_product_adds_is_of_both_together() -> None:
    """Of users and clips that both double, each doubles the requests, and together they do as much again.

    What moves nothing has no part.
    """
    found = _difference(MOCHI, MOCHI, ("dau=200M", "videos_per_user_per_day=20", "fps=24"))
    assert why(found, "requests_per_day").parts == {"dau": 1e9, "videos_per_user_per_day": 1e9, TOGETHER: 1e9}


@pytest.mark.parametrize(
    ("sets", "moved"),
    [
        (("gpu=b200-hgx",), {"gpu"}),  # with the kernel that it implies
        (("gpu=b200-hgx", "gpu_price=3.5"), {"gpu + gpu_price"}),  # a price is one of a GPU
        (("gpu_price=3.5",), {"gpu_price"}),
        (("gpu=b200-hgx", "compute_precision=fp8"), {"compute_precision + gpu"}),  # both set the peak
        (("runtime=engine",), {"runtime"}),  # with a kernel that a GPU could have brought too
    ],
)
def test_a_choice_is_one_input_with_what_it_supplies(sets: tuple[str, ...], moved: set[str]) -> None:
    """What a choice supplies or implies is its part, and so are the prices that were typed for another GPU."""
    assert {*names_by_input(_difference(MOCHI, MOCHI, sets))} == moved


def test_a_kernel_is_of_the_choice_that_changed() -> None:
    """An engine brings a B200 its FlashAttention-4: that is the runtime's part, since the GPU is the same."""
    plans = (plan_of(MOCHI, ["gpu=b200-hgx", *sets]) for sets in ([], ["runtime=engine"]))
    kernels = diff(*map(side, plans))
    change = kernels.choices["attention_kernel"]
    assert (change.base, change.head) == ("cudnn", "fa4")
    assert {*names_by_input(kernels)} == {"runtime"}


def test_a_gpu_and_a_runtime_have_each_the_kernel_that_it_implies_alone() -> None:
    """An engine's kernel on a new GPU is of both together: the part of each is a plan with it alone."""
    path = shipped("wan2.2-h100")
    flags = ("gpu=b200-hgx", "runtime=engine")
    parts = why(_difference(path, path, flags), "cost_per_month").parts
    base, *alone = (plan_of(path, sets).known["cost_per_month"] for sets in ((), *((flag,) for flag in flags)))
    assert [parts["gpu"], parts["runtime"]] == pytest.approx([cost - base for cost in alone], rel=1e-9)


def test_a_frame_size_is_one_input() -> None:
    """A resolution is listed by its sides, at the place that states it."""
    found = inputs(diff(*(side(plan_of(MOCHI, [f"resolution={size}"])) for size in ("640x360", "1280x720"))))[
        "resolution"
    ]
    assert (found.change.base, found.change.head, str(found.place)) == ("640x360", "1280x720", "--resolution 1280x720")


@pytest.mark.usefixtures("folder")
def test_another_gpu_has_the_prices_that_it_brings() -> None:
    """Prices that a GPU sets aside, and those of the next, are its part; those typed anew are named with it.

    By hand: 400 GPUs for 720 hours cost 80% x 1.50 USD reserved + 20% x 1 USD spot, and then 80% x 5 USD + 20% x 3 USD.
    With 4 USD typed for the next, they cost 80% x 4 USD + 20% x 3 USD.
    """
    prices = "cost: {gpu_price: 2 USD, reserved_price: 1.5 USD, spot_fraction: 20%, spot_price: 1 USD}"
    write(f"pins: {{gpus: 400}}\n{prices}\nprices: {{b200-hgx: {{on-demand: 5 USD, spot: 3 USD}}}}\n", "base.yaml")
    before = write("extends: base.yaml\ngpu: h100-sxm\ndau: 1M\n", "before.yaml")
    after = write("extends: base.yaml\ngpu: b200-hgx\ndau: 2M\n", "after.yaml")

    swap = why(_difference(before, after), "gpu_cost_per_month")
    assert swap.parts["gpu"] == pytest.approx(400 * 720 * ((0.8 * 5 + 0.2 * 3) - (0.8 * 1.5 + 0.2 * 1)))
    assert {*swap.parts} == {"gpu", "dau"}
    typed = _difference(before, after, ("gpu_price=4",))
    typed_anew = 400 * 720 * ((0.8 * 4 + 0.2 * 3) - (0.8 * 1.5 + 0.2 * 1))
    assert why(typed, "gpu_cost_per_month").parts == pytest.approx({"gpu + gpu_price": typed_anew, "dau": 0})
    change = inputs(typed)["gpu + gpu_price"].change
    assert (change.base, change.head) == ("h100-sxm, 2 USD", "b200-hgx, 4 USD")


@pytest.mark.usefixtures("folder")
def test_an_input_that_is_no_longer_written_is_at_its_line_in_the_base() -> None:
    """What only the base states has the base's line, and a GPU that is gone takes its kernel along."""
    base, head = write("dau: 1M\ngpu: l4\nsteps: 30\n", "base.yaml"), write("dau: 1M\n", "head.yaml")
    found = inputs(_difference(base, head))

    assert {name: (change.change.base, change.where) for name, change in found.items()} == {
        "steps": (30, "base.yaml:3"),
        "gpu": ("l4", "base.yaml:2"),
    }


def test_a_choice_that_moves_nothing_is_listed() -> None:
    """A GPU computes as fast in fp16 as in bf16, so that no figure changes; what was written did."""
    found = _difference(MOCHI, MOCHI, ("compute_precision=fp16",))

    assert (names_by_input(found), found.figures) == ({}, {})
    assert {name: (change.change.base, change.change.head) for name, change in inputs(found).items()} == {
        "compute_precision": ("bf16", "fp16")
    }


def test_an_input_has_all_that_it_moves() -> None:
    """A GPU moves its peak, the kernel's efficiency and its price, and a price typed for the same GPU is its own.

    A resolution moves the bitrate that follows from it.
    """
    found = names_by_input(_difference(MOCHI, MOCHI, ("gpu=b200-hgx", "gpu_price=3.5")))
    assert {"peak_flops", "attention_efficiency", "gpu_price"} < {*found["gpu + gpu_price"]}
    assert {*names_by_input(diff(side(plan_of(MOCHI, ["gpu=b200-hgx"])), side(plan_of(MOCHI))))} == {"gpu"}
    plain = shipped("start-up")
    found = names_by_input(_difference(plain, plain, ("resolution=1920x1072",)))
    assert {name: {*keys} for name, keys in found.items()} == {"resolution": {"width", "height", "bitrate"}}


def test_a_pin_is_an_input() -> None:
    """A pin that came, went or changed is an input by the figure's name, and the parts still sum to the change."""
    found = _difference(MOCHI, MOCHI, ("dau=120M",), ("gpu_seconds_per_video=300 s",))
    assert set(why(found, "gpus").parts) == {"dau", "gpu_seconds_per_video", TOGETHER}
    assert _exactly(found, "gpus")
    assert _exactly(diff(found.head, found.base), "gpus")
    itself = _difference(MOCHI, MOCHI, ("dau=120M",), ("gpus=5000",))
    assert _exactly(itself, "gpus")
    assert set(why(itself, "gpus").parts) >= {"dau", "gpus"}


def test_what_can_not_be_split_says_why(recorded: Recorded) -> None:
    """A figure without a value on one side, or with some of the changes alone, has no parts and a reason.

    One that nothing moves has neither.
    """
    found = _difference(MOCHI, MOCHI, ("price_per_video_second=0.1",))
    recorded(why(found, "gross_margin").reason)
    assert why(found, "gpus") == Why("gpus", {})
    base, head = (
        side(plan_of(MOCHI, [f"dau={dau}"], [f"replicas={count}"])) for dau, count in (("1M", 110_000), ("4M", 440_000))
    )
    assert None not in (base.figures["latency_p95"], head.figures["latency_p95"])
    lost = why(diff(base, head), "latency_p95")
    assert (lost.parts, lost.towards(1)) == ({}, ())
    recorded(lost.reason)


def test_the_inputs_that_move_a_figure_to_a_side() -> None:
    """They are those whose own part goes there, or all together where that is the most of it."""
    assert Why("gpus", {"steps": -2.0, "dau": 3.0}).towards(1) == ("dau",)
    assert Why("gpus", {"steps": -2.0, "dau": 3.0}).towards(-1) == ("steps",)
    assert Why("gpus", {"dau": 3.0, "fps": 2.0, "steps": -1.0}).towards(0.5) == ("dau", "fps")
    assert Why("gpus", {}).towards(1) == ()
    # Twice the users and three times the steps are 2 + 1 alone, and 2 more together, which is as much as the steps.
    assert Why("gpus", {"steps": 2.0, "dau": 1.0, TOGETHER: 2.0}).towards(1) == ("steps", "dau")
    assert Why("gpus", {"steps": 2.0, "dau": 1.0, TOGETHER: 2.5}).towards(1) == ("steps", "dau", TOGETHER)
    # A share moves by less than 1.
    assert Why("utilization", {"dau": 0.1, TOGETHER: 0.2}).towards(1) == ("dau", TOGETHER)
    # Two savings overlap: that is no cause of a rise.
    assert Why("gpus", {"steps": -4.0, "dau": -3.0, TOGETHER: 2.0}).towards(1) == ()


def test_every_figure_of_a_pair_can_be_explained() -> None:
    """For every figure that changed between two shipped scenarios the parts sum to the change within 1e-9 of it."""
    found = _difference(SCENARIOS[2], SCENARIOS[-1])
    assert len(found.figures) > 80
    assert all(_exactly(found, name) for name in FIGURES if name in found.figures)


@pytest.mark.usefixtures("folder")
def test_a_curve_has_six_digits_and_no_mix_is_called_so() -> None:
    """The peak of a curve has six digits, 1.23456 over a mean of 1.00977; a side without a mix is called that."""
    base = plan_of(write(f"dau: 1M\nday_curve: [1.23456{', 1' * 23}]\n", "base.yaml"))
    head = plan_of(
        write(f"dau: 1M\nday_curve: [2{', 1' * 23}]\nmix: {{a: {{share: 60%}}, b: {{steps: 20}}}}\n", "head.yaml")
    )
    changed = inputs(diff(side(base), side(head)))
    assert changed["mix"].change.base == "no mix"
    assert str(changed["day_curve"].change.base).startswith("1.22261, ")
