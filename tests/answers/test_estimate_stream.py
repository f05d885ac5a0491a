"""What is said of a stream: its first screen, its verdict, and how many users a few GPUs carry."""

import math

import pytest

from shared import Program, write
from t2v_capacity.plan.estimate import estimate, with_bands
from t2v_capacity.questions.estimate import PlanRecord
from t2v_capacity.scenario.load import load_scenario

STREAM = "scenarios/stream.yaml"
WORLD = ("model=lingbot-world-2-14b", "gpu=h200-sxm")


def test_a_stream_that_fails_is_no_clip(t2v_cap: Program) -> None:
    """A session of 10 min is not done within 423 ms: its first frame is there; and streams take longer, not clips."""
    failures = t2v_cap("estimate", STREAM, "--only", "failures").out
    screen = t2v_cap("estimate", STREAM, "--gpu", "b200-hgx").out

    assert "first frame within" in failures
    assert "streams take 2.21 times as long" in failures
    assert "If streams take 2.21 times as long as predicted: " in screen
    assert "clips" not in failures + screen


def test_the_first_screen_is_of_a_stream(t2v_cap: Program) -> None:
    """It has at most 28 lines, none of clips, and says how sure its frames are and what to measure."""
    text = t2v_cap("estimate", STREAM).out

    assert len(text.splitlines()) <= 28
    assert "clip" not in text
    assert "storage_per_day" not in text
    assert "816 GPUs carry 694 streams at the peak, 1 on each replica." in text
    assert "A replica makes 31.9 frames per second, and a stream plays 16." in text
    assert "The first frame comes within 423 ms for 19 of 20." in text
    assert "streams take 0.45 to 2.21 times the predicted time" in " ".join(text.split())
    assert "`--pin generated_fps=...`" in text
    assert "0.177 per minute watched" in text


def test_the_example_by_hand() -> None:
    """By hand: sessions at the peak, the replicas that hold one each at 90%, and the bill of a minute."""
    known = estimate(load_scenario(STREAM)).known
    sessions = 100_000 * 0.5 / 86_400 * 2 * 600

    assert known["peak_sessions"] == pytest.approx(sessions, rel=1e-4)
    assert known["replicas_needed"] == -(-sessions / 0.9 // 1)
    assert known["replicas"] == 8 * -(-known["replicas_needed"] // 8)  # a server holds 8
    assert known["gpus"] == 8 * (-(-known["replicas"] // 8) + 5)  # 5% of 97 servers are spare
    # A region with no queue has nothing that waits, and nothing of a stream is kept.
    assert known["storage_per_day"] == 0
    assert known["latency_p95"] == known["first_frame_seconds"] + known["encoding_seconds"]


@pytest.mark.parametrize("gpus", [5, 8, 15])
def test_few_gpus_carry_what_their_places_do(gpus: int, t2v_cap: Program) -> None:
    """By hand: of five GPUs one is spare; four places hold a load L of which 5% would wait, L + 1.74 sqrt(L) = 4.

    So do those of a whole server and of less than two, one of which would be spare.
    """
    text = t2v_cap("solve", STREAM, "--for", "dau", "--until", f"gpus <= {gpus}").out
    load = ((-1.7398 + (1.7398**2 + 4 * (gpus - 1)) ** 0.5) / 2) ** 2
    users = float(text.partition("largest dau")[2].split()[0])

    assert users == pytest.approx(load * 86_400 / 600 / 0.5 / 2, rel=1e-3)
    assert "`--gpus-per-server 1`" in text


def test_a_slow_stream_is_told_to_share_its_work() -> None:
    """A replica that makes fewer frames than play misses its promise; a larger group is the first remedy."""
    plan = estimate(load_scenario(STREAM, WORLD))
    (objection, *_others) = plan.verdict.objections
    remedy = PlanRecord(plan).remedies[0]
    made = plan.known["generated_fps"]

    assert made < 16
    assert objection.message == f"a replica makes {made:.2f} frames per second; playing takes 16"
    assert str(remedy.change).startswith("--gpus-per-replica ")
    assert remedy.figures["playing_speed"] >= 1


def test_a_slow_stream_has_no_fleet_and_no_bill(t2v_cap: Program) -> None:
    """What is made slower than it plays is not served: it has no fleet, bill, margin or break-even, at every door."""
    plan = estimate(load_scenario(STREAM, ["model=lingbot-world-2-14b"]))
    flags = ("--model", "lingbot-world-2-14b")
    text = t2v_cap("estimate", STREAM, *flags).out
    why = f"a replica makes {plan.known['generated_fps']:.3g} frames per second; playing takes 16"

    without = "gpus servers cost_per_month cost_per_video gross_margin break_even_price fleet_power gpu_cost_following"
    assert plan.known["playing_speed"] < 1
    assert {name: plan.figures[name] for name in without.split()} == dict.fromkeys(without.split())
    assert plan.known["first_frame_seconds"] > 0
    assert f"TARGET MISSED: {why}" in " ".join(text.split())
    assert "carry" not in text
    assert f"no bill: {why}" in t2v_cap("estimate", STREAM, *flags, "--only", "buying").out
    assert why in t2v_cap("estimate", STREAM, *flags, "--only", "failures", code=2).err
    price = ("--for", "price_per_video_second", "--until", "gross_margin >= 0")
    assert not t2v_cap("solve", STREAM, *flags, *price, "--format", "json", code=3).json["feasible"]


def test_a_stream_that_may_stop_has_no_most(t2v_cap: Program) -> None:
    """By hand: at 2.21 times the time a replica makes 14.4 frames per second, so no number of them plays 16.

    Two GPUs of a replica play one session then: 694 of 90% are 772, in 193 servers of eight, and 5% are spare.
    """
    plan = with_bands(estimate(load_scenario(STREAM)), 100, 0)
    text = " ".join(t2v_cap("estimate", STREAM).out.split())
    servers = math.ceil(math.ceil(100_000 * 0.5 / 86_400 * 2 * 600 / 0.9) * 2 / 8)
    document = t2v_cap("estimate", STREAM, "--format", "json").json["figures"]
    draws = with_bands(estimate(load_scenario(STREAM, ["dau=90K to 110K", "time_factor=0.5 to 2.3"])), 500, 0).bands

    assert plan.known["generated_fps"] / plan.model_error.high == pytest.approx(14.43, abs=0.05)
    for bands in (plan.bands, draws):
        assert {bands[name][2] for name in ("gpus", "cost_per_month", "cost_per_video")} == {None}
        assert bands["gpus"][0]
        least, _middle, most = bands["gross_margin"]
        assert least is None
        assert most
    assert document["gpus"]["p95"] is None
    assert document["egress_bandwidth"]["p5"] is None  # what a stream sends does not move
    gpus = 8 * (servers + math.ceil(0.05 * servers))
    assert f"none plays without a stop: `--gpus-per-replica 2` then does, on {gpus:,} GPUs." in text
    assert "none plays" not in t2v_cap("estimate", STREAM, "--gpus-per-replica", "2").out


def test_a_stream_may_stop_within_the_error() -> None:
    """A stream that keeps up by a little stops in a part of the model's error, and is at risk."""
    plan = estimate(load_scenario(STREAM, ["gpu=mi325x", "target_latency=1 min"]))
    (objection, *_others) = plan.verdict.objections

    assert 1 <= plan.known["playing_speed"] < 2.25
    assert plan.verdict.target
    assert plan.verdict.target < 0.9
    assert objection.message.startswith("plays without a stop and 1 min is met in ")


def test_a_stream_without_chunks_is_warned_of() -> None:
    """Frames that are made at once come when all are made."""
    plan = estimate(load_scenario(None, ["delivery=stream", "model=wan2.1-t2v-1.3b"]))
    (warning,) = [warning for warning in plan.warnings if warning.code == "stream-without-chunks"]

    assert plan.known["first_frame_seconds"] == pytest.approx(plan.known["gpu_seconds_per_video"])
    assert "when all are made" in warning.message


@pytest.mark.usefixtures("folder")
def test_a_stream_that_no_fleet_plays_is_not_overloaded_too(t2v_cap: Program) -> None:
    """Of a replica that makes fewer frames than are played no number is enough: a limit of GPUs changes nothing."""
    write("delivery: stream\ngpu_limit: 1\n", "plan.yaml")

    said = t2v_cap("estimate", "plan.yaml", "--samples", "20").out

    assert "TARGET MISSED: a replica makes 0.372 frames per second; playing takes 30." in said
    assert "overloaded" not in said.lower()
