"""What a figure hangs on: narrowing against known answers, swings against estimates, and how it is told."""

import csv
import io
import math
import re
from statistics import NormalDist

import numpy as np
import pytest

from shared import Program, some
from t2v_capacity.answers.sensitivity import sensitivity_report
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.quantities import Range
from t2v_capacity.engine.figures import Known, Number, ancestors
from t2v_capacity.forms.answer import Page
from t2v_capacity.forms.text import plain_text
from t2v_capacity.plan.estimate import estimate, with_bands
from t2v_capacity.plan.uncertain import draw
from t2v_capacity.questions.what_if.sensitivity import Sensitivity, is_structure, narrowing, sensitivity, with_narrowing
from t2v_capacity.scenario.load import load_scenario
from t2v_capacity.scenario.settings import Scenario
from texts import Recorded

LESSON = "scenarios/lesson.yaml"
SAMPLES = 20_000
Z95 = NormalDist().inv_cdf(0.95)
# Lognormal, or so near to it that the lower bound of 1 in 50,000,000 doesn't count.
FACTORS = {
    "dau": Range(50e6, 200e6),
    "peak_flops": Range(5e14, 2e15),
    "prompt_size": Range(1e3, 3e3),
    "gpu_power": Range(200, 300),
}
LOG_VARIANCES = {name: (math.log(one.high / one.low) / (2 * Z95)) ** 2 for name, one in FACTORS.items()}
LOG_VARIANCE = sum(LOG_VARIANCES.values())


def scenario(*sets: str, pins: tuple[str, ...] = (), file: str = LESSON) -> Scenario:
    """Return a scenario with flags over it."""
    return load_scenario(file, sets, pins)


def drawn_answer(plan: Scenario, name: str, samples: int = SAMPLES, seed: int = 0) -> Sensitivity:
    """Return the whole answer for a figure."""
    return with_narrowing(sensitivity(plan, name), samples, seed)


def product(drawn: Known) -> Number:
    """Return the product of all that is drawn."""
    return np.prod(list(drawn.values()), axis=0)


@pytest.mark.parametrize("name", FACTORS)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_narrowing_of_a_product(name: str, seed: int) -> None:
    """What knowing a factor of a product of lognormals takes from the band is within 0.02 of its closed form."""
    draws = {one: draw(one, ends, SAMPLES, seed) for one, ends in FACTORS.items()}
    known = LOG_VARIANCES[name]
    left, whole = (math.sinh(Z95 * math.sqrt(variance)) for variance in (LOG_VARIANCE - known, LOG_VARIANCE))

    assert narrowing(product, draws, name, product(draws)) == pytest.approx(
        1 - math.exp(known / 2) * left / whole, abs=0.02
    )


@pytest.mark.parametrize("name", FACTORS)
@pytest.mark.parametrize("without", [0.2, 0.4])
def test_what_decides_whether_there_is_a_value(name: str, without: float) -> None:
    """A product without a value above a limit: what knowing a factor takes from that doubt is within 0.02 of theory."""
    draws = {one: draw(one, ends, SAMPLES, 0) for one, ends in FACTORS.items()}
    limit = NormalDist(0, math.sqrt(LOG_VARIANCE)).inv_cdf(1 - without)
    middle = sum(math.log(ends.low * ends.high) / 2 for ends in FACTORS.values())
    known = math.sqrt(LOG_VARIANCES[name])
    rest = NormalDist(0, math.sqrt(LOG_VARIANCE - known**2))
    chances = [1 - rest.cdf(limit - known * NormalDist().inv_cdf((step + 0.5) / 999)) for step in range(999)]

    def below(drawn: Known) -> Number:
        figures = product(drawn)
        return np.where(np.log(figures) < middle + limit, figures, math.nan)

    assert narrowing(below, draws, name, below(draws)) == pytest.approx(
        float(np.var(chances)) / (without * (1 - without)), abs=0.02
    )


def test_what_leaves_no_value_is_measured_first() -> None:
    """Beyond the users that 160 GPUs carry there is no latency: their number comes first, not the seconds of a clip.

    Where the users alone have a range, they decide all of it, and draws without a value are those of more users.
    """
    limited = ("dau=10K to 40K", "gpu_limit=160")
    both, alone = (
        drawn_answer(estimate(scenario(*limited, *more, file="scenarios/start-up.yaml")).uncertain, "latency_p95")
        for more in ((), ("time_factor=1",))
    )
    carried = max(
        users
        for users in range(20_000, 30_000, 50)
        if estimate(scenario("gpu_limit=160", f"dau={users}", file="scenarios/start-up.yaml")).figures["latency_p95"]
    )
    more_users = 1 - NormalDist(math.log(20_000), math.log(2) / Z95).cdf(math.log(carried))

    assert [row.name for row in both.by_worth] == ["dau", "time_factor"]
    assert [row.band_narrowing for row in alone.by_worth] == [1]
    assert alone.null_share == pytest.approx(more_users, abs=0.003)
    text = plain_text(sensitivity_report(alone, Page()))
    assert "Measure this first: dau; knowing it narrows the doubt whether latency_p95 has a value by 100%" in text


@pytest.mark.wide
@pytest.mark.parametrize("name", ["cost_per_month", "latency_p95"])
def test_swings_are_estimates(name: str) -> None:
    """Both ends of every bar are the estimates with those flags, all else as it was."""
    plan = scenario("dau=50M to 200M", "duration=4 s to 9 s", "retention=30 d to 90 d")
    answer = sensitivity(plan, name)

    assert {one.kind for one in answer.inputs} == {"range", "step"}
    for one in answer.inputs:
        for end, found in ((one.low, one.at_low), (one.high, one.at_high)):
            flags = [f"{one.name}={end!r} {ASSUMPTIONS[one.name].unit}"]
            if one.name in ("width", "height"):  # a frame size looks up a bitrate, which is an assumption of its own
                flags.append(f"bitrate={plan.values()['bitrate']!r} bit/s")
            there = estimate(
                scenario("dau=50M to 200M", "duration=4 s to 9 s", "retention=30 d to 90 d", *flags)
            ).figures[name]
            assert found == (there if there is None else pytest.approx(there, rel=1e-12)), (one.name, end)


def test_inputs_are_what_the_figure_depends_on() -> None:
    """An answer has every assumption behind the figure once, with a swing or a reason for having none.

    The widest come first, and structure last.
    """
    answer = sensitivity(scenario(), "cost_per_month")
    names = [one.name for one in answer.inputs]
    parts = [
        [one.swing for one in answer.inputs if one.swing is not None and is_structure(one.name) == built]
        for built in (False, True)
    ]

    assert sorted([*names, *answer.left_out]) == sorted(set(ASSUMPTIONS) & ancestors(["cost_per_month"]))
    assert parts == [sorted(swings, reverse=True) for swings in parts]
    assert [is_structure(name) for name in names] == sorted(is_structure(name) for name in names)
    assert answer.left_out["weights_sharded"] == "switch"
    assert answer.left_out["retention"] == "forever"
    assert answer.left_out["failed_share"] == "zero"


@pytest.mark.parametrize("file", [LESSON, "scenarios/wan2.2-h100.yaml", "scenarios/start-up.yaml"])
@pytest.mark.parametrize("count", some([7, 1, 2, 8], 4))
def test_structure_leads_no_tornado(file: str, count: int) -> None:
    """A group of GPUs is decided, not guessed.

    It stands in no tornado and among no deciding inputs, and is named with `--all`.
    """
    plan = scenario(f"gpus_per_replica={count}", "gpus_per_server=8", file=file)
    for name in ("gpus", "latency_p95", "cost_per_month"):
        answer = sensitivity(plan, name)
        (shown,) = sensitivity_report(answer, Page()).tables
        assert not [row[0] for rows in shown.sections.values() for row in rows if is_structure(row[0])]
        assert {"gpus_per_replica"} <= {one.name for one in answer.inputs}


def test_what_is_tried() -> None:
    """A range is tried at its ends; the rest 10 % either way, within bounds, a count by at least one."""
    plan = scenario("dau=50M to 200M", "gpus_per_server=4", "max_utilization=0.95")
    tried = {one.name: (one.kind, one.low, one.high) for one in sensitivity(plan, "gpus").inputs}

    assert tried["dau"] == ("range", 50e6, 200e6)
    assert [tried[n][1:] for n in ("gpus_per_server", "gpus_per_replica", "steps")] == [(3, 5), (1, 2), (45, 55)]
    assert tried["max_utilization"][1:] == pytest.approx((0.855, ASSUMPTIONS["max_utilization"].high))


def test_elasticities() -> None:
    """The elasticity of a power is its exponent, and it is null where the figure doesn't move."""
    found = {one.name: one.elasticity for one in sensitivity(scenario(), "rule_of_thumb_seconds").inputs}
    still = next(one for one in sensitivity(scenario("dau=20"), "gpus").inputs if one.name == "dau")

    assert found["peak_flops"] == pytest.approx(-1, rel=1e-9)
    assert (still.swing, still.elasticity) == (0, None)


def test_a_cost_makes_a_loss_larger() -> None:
    """A loss is revenue less cost: a higher price of clips lifts it, a higher one of GPUs lowers it, by its size."""
    plan = scenario("price_per_video_second=0.01", file="scenarios/start-up.yaml")
    figures = estimate(plan).known
    profit, revenue = figures["profit_per_month"], figures["revenue_per_month"]
    by_name = {one.name: one.elasticity for one in sensitivity(plan, "profit_per_month").inputs}

    assert profit < 0
    assert by_name["price_per_video_second"] == pytest.approx(revenue / -profit, rel=0.02)
    assert by_name["gpu_price"] == pytest.approx(-figures["gpu_cost_per_month"] / -profit, rel=0.02)


def test_pins_are_inputs(recorded: Recorded) -> None:
    """A pinned figure with a range is an input, nothing behind it is, and a pinned figure hangs on its pin alone."""
    plan = scenario("time_factor=0.9 to 1.2", "dau=50M to 60M", pins=("gpu_seconds_per_video=200 s to 400 s",))
    found = {one.name: one for one in drawn_answer(plan, "busy_gpus", 2_000).inputs}
    pinned = sensitivity(scenario(pins=("gpus=100",)), "gpus")

    assert "time_factor" not in found
    assert found["gpu_seconds_per_video"].kind == "range"
    assert (found["gpu_seconds_per_video"].band_narrowing or 0) > 0.5
    assert [one.name for one in pinned.inputs] == ["gpus"]
    recorded(plain_text(sensitivity_report(pinned, Page())))


def test_the_band_is_the_estimates() -> None:
    """The band is that of an estimate with the same seed and draws, and another seed gives another."""
    plan = scenario("dau=50M to 200M", "time_factor=0.9 to 1.2")

    for seed in (0, 7):
        assert drawn_answer(plan, "gpus", 500, seed).band == with_bands(estimate(plan), 500, seed).bands["gpus"]
    assert drawn_answer(plan, "gpus", 500, 0) == drawn_answer(plan, "gpus", 500, 0)
    assert drawn_answer(plan, "gpus", 500, 0).band != drawn_answer(plan, "gpus", 500, 7).band


def test_an_open_band_is_the_models_error_too() -> None:
    """At the slow end the shipped stream has no fleet: the error alone makes the band, though one end has no value."""
    answer = drawn_answer(estimate(load_scenario("scenarios/stream.yaml")).uncertain, "gpus")

    assert answer.band == (216, 816, None)
    assert {row.name: row.band_narrowing for row in answer.inputs if row.band_narrowing} == {"time_factor": 1.0}


def test_a_figure_that_no_draw_reaches() -> None:
    """The playing speed of clips is 1 in every draw, though the model's error is an input of a stream's."""
    answer = drawn_answer(scenario("dau=50K to 2M"), "playing_speed", 100)

    assert answer.band == (1, 1, 1)
    assert {row.band_narrowing for row in answer.inputs} == {None}


def test_draws_without_a_value(recorded: Recorded) -> None:
    """A figure that is null in some draws is narrowed, and the answer says in how many.

    It says so too of the point values.
    """
    plan = scenario(
        "dau=5000 to 30000", "time_factor=0.8 to 1.3", pins=("replicas=100",), file="scenarios/start-up.yaml"
    )
    answer = drawn_answer(plan, "wait_p95", 2_000)
    nowhere = sensitivity(scenario(pins=("replicas=1",)), "wait_p95")

    assert 0 < answer.null_share < 1
    assert None not in [one.band_narrowing for one in answer.inputs if one.kind == "range"]
    recorded(plain_text(sensitivity_report(answer, Page())))
    recorded(plain_text(sensitivity_report(nowhere, Page())))


def test_model_error_is_not_forgotten() -> None:
    """The band of a figure that rests on the generation model says if the model's error is ignored.

    It is ignored where the model's factor is one number by hand. No other band says so.
    """
    plan = scenario("dau=50M to 200M", "time_factor=1")

    def ignored(plan: Scenario, figure: str) -> bool:
        return "model-error-ignored" in [warning.code for warning in drawn_answer(plan, figure, 200).warnings]

    assert ignored(plan, "gpus")
    assert not ignored(plan, "trps")
    assert not ignored(scenario("dau=50M to 200M", "time_factor=0.9 to 1.2"), "gpus")
    assert not ignored(scenario("dau=50M to 200M"), "gpus")


@pytest.mark.parametrize(("name", "first"), [("start-up", True), ("ltx-distilled-l40s", False)])
def test_what_sellers_ask_is_no_range(name: str, first: bool) -> None:  # noqa: FBT001 - a table's column
    """The least and the most that sellers ask make two bills, of plans with these prices by hand.

    They stand first where they are further apart than the band. Another price and another figure have none.
    """
    file = f"scenarios/{name}.yaml"
    plan = scenario(file=file)
    answer = drawn_answer(plan, "cost_per_month")
    quotes, (low, _middle, high) = answer.quotes, answer.band
    asked = plan.catalogue.sellers(plan.option("gpu")).values()
    assert quotes is not None
    least, most = (
        estimate(scenario(f"gpu_price={price!r}", file=file)).figures["cost_per_month"] or 0.0
        for price in (min(asked), max(asked))
    )

    assert (quotes.at_low, quotes.at_high) == pytest.approx((least, most))
    assert answer.quote_first == first == (most - least > (high or 0) - (low or 0))
    text = plain_text(sensitivity_report(answer, Page("table", 120)))
    said = re.findall(r"(Get a quote first|Get a quote|Measure this first|Then measure):", text)
    assert said == (["Get a quote first", "Then measure"] if first else ["Measure this first", "Get a quote"])
    assert drawn_answer(scenario("gpu_price=4", file=file), "cost_per_month").quotes is None
    assert drawn_answer(scenario(file=file), "gpus").quotes is None


def test_data(t2v_cap: Program) -> None:
    """JSON says the draws, and what to measure first; CSV has the same inputs; a name may have dashes."""
    command = [
        "sensitivity",
        LESSON,
        "busy-gpus",
        "--dau",
        "50M to 200M",
        "--samples",
        "300",
        "--seed",
        "3",
        "--format",
    ]
    data = t2v_cap(*command, "json").json
    rows = list(csv.DictReader(io.StringIO(t2v_cap(*command, "csv").out)))

    assert (data["seed"], data["samples"], data["figure"], data["measure_first"]) == (3, 300, "busy_gpus", "dau")
    assert [row["name"] for row in rows] == [one["name"] for one in data["inputs"]]
    assert float(rows[0]["at_high"]) == data["inputs"][0]["at_high"]
    assert t2v_cap(*command, "csv", "--output", "/dev/null").out == ""


def test_the_table_tells_ranges_from_steps(t2v_cap: Program, recorded: Recorded) -> None:
    """Ranges differ from steps, one that plays no part is not there, and the last sentence says what to measure first.

    Without any range it says so.
    """
    ranges = ["--dau", "50M to 200M", "--time-factor", "0.9 to 1.2", "--carbon-intensity", "100 g/kWh to 500 g/kWh"]
    for flags in (ranges, ["--time-factor", "1"]):
        recorded(t2v_cap("sensitivity", LESSON, "gpus", *flags).out)


def test_all_shows_all(t2v_cap: Program) -> None:
    """With `--all` each assumption has a row or a reason."""
    answer = sensitivity(scenario(), "gpus")
    everything = t2v_cap("sensitivity", LESSON, "gpus", "--all").out

    assert [name for name in (*(one.name for one in answer.inputs), *answer.left_out) if name not in everything] == []
