"""Streams: chunk seconds against published readings, sessions against simulated days, and what they have of clips."""

import heapq
import math
import random
from statistics import median
from typing import Any, NamedTuple

import pytest
import yaml

import recorded_streams
from chunks_apart import chunk_seconds_apart
from places import AUTHORITIES
from shared import over
from t2v_capacity.catalogue.published import published
from t2v_capacity.engine.constants import FEWEST_REFUSED
from t2v_capacity.errors import Mistakes
from t2v_capacity.formulas.fleet import replicas_by_waiting
from t2v_capacity.formulas.renting import emptying_seconds
from t2v_capacity.plan.estimate import estimate
from t2v_capacity.questions.what_if.simulated import simulated
from t2v_capacity.questions.what_if.total import total
from t2v_capacity.scenario.load import load_scenario

READ = yaml.safe_load((AUTHORITIES / "stream_readings.yaml").read_text(encoding="utf-8"))
READINGS = {reading["id"]: reading for reading in READ["readings"]}
# A pyramid of three sizes is no chunk with one size: the catalogue's entry stands for it.
PYRAMID = "pyramid"
LINGBOT = [name for name, reading in READINGS.items() if reading["source"].startswith("vllm-omni") and name != "s16"]
PLAYED = ("model=self-forcing", "delivery=stream", "fps=16", "duration=10 min", "dau=1300", "peak_to_average=1.7")
WORLD = ("model=lingbot-world-2-14b", "gpu=h200-sxm", "delivery=stream", "resolution=832x480", "duration=10 min")


def known_of(*sets: str, pins: tuple[str, ...] = ()) -> dict[str, float]:
    """Return the assumptions and figures of a plan."""
    return dict(estimate(load_scenario(None, sets, pins)).known)


def settings_of(reading: dict[str, Any]) -> dict[str, Any]:
    """Return the plan of a reading: two hours of it, so that few chunks have less than their window before them."""
    settings = {
        **{name: reading[name] for name in ("model", "gpu", "height", "width", "runtime")},
        "gpus_per_replica": reading["gpus"],
        "fps": 16,
        "duration": "2 h",
        "delivery": "stream",
        "decoder": reading.get("decoder", "full"),
        "vae_bytes_per_number": "2 B",
    }
    if reading["runtime"] == "v-eager":
        # vLLM-Omni's LingBot-World 2: eager code in an engine, whose exchanges start as an engine's do.
        engine = known_of("runtime=engine")
        settings |= {"runtime": "eager", "exchange_latency": f"{engine['exchange_latency']} s"}
    if "kernel" in reading:
        settings["attention_kernel"] = reading["kernel"]
    if reading.get("how") == "tensor":
        settings["tensor_parallel"] = reading["gpus"]
    if "precision" in reading:
        settings |= {"precision": reading["precision"], "compute_precision": reading["precision"]}
    if reading.get("note") == PYRAMID:
        return {**settings, "distilled": "pyramid-3"}
    written = min(1, reading["forwards"] - 1)
    return settings | {
        "chunk_frames": 4 * reading["latents"],
        "window_frames": 4 * reading["window"],
        "steps": reading["forwards"] - written,
        "passes_per_step": 1,
        "cache_passes": written,
    }


def chunk_seconds(name: str) -> float:
    """Return the predicted seconds of a reading: of the forwards of a chunk, or of all of it."""
    reading = READINGS[name]
    known = known_of(*(f"{key}={value}" for key, value in settings_of(reading).items()))
    seconds = known["denoising_seconds"]
    if reading["part"] == "all":
        seconds = known["gpu_seconds_per_video"] / known["gpus_per_replica"]
    return seconds / known["chunks_per_video"]


def test_keys_and_values_are_those_that_were_reported() -> None:
    """The keys and values of LingBot-World 2 on one GPU are vLLM-Omni's 21.42 GiB, and four GPUs divide them."""
    alone, shared = (known_of(*WORLD, f"gpus_per_replica={gpus}") for gpus in (1, 4))

    assert alone["session_memory"] / 2**30 == pytest.approx(21.42, abs=0.005)
    assert shared["session_memory"] == alone["session_memory"] / 4


@over(("passes", [1, 1.5, 2, 3]), ("gpus", [1, 2]), ("groups", [1, 2]))
def test_guidance_keeps_two_sets_of_keys_and_values(passes: float, gpus: int, groups: int) -> None:
    """By hand, as Self-Forcing allocates them: two of 40 layers, 5,120 wide, of 7 chunks of 3 x 30 x 52 tokens.

    Two GPUs hold half of each set, or with guidance side by side a whole set each.
    """
    chunks = ("chunk_frames=12", "window_frames=84", "cache_passes=2", "resolution=832x480", "fps=16", "duration=20 s")
    layout = (f"gpus_per_replica={gpus}", f"guidance_groups={groups}", f"passes_per_step={passes}", "gpu=h100-sxm")
    one_set = 2 * 2 * 40 * 5_120 * 7 * 3 * 30 * 52

    known = known_of("model=wan2.1-t2v-14b", *chunks, *layout)
    assert known["session_memory"] == pytest.approx(one_set * (1 if passes == 1 else 2) / gpus)


@pytest.mark.parametrize(("model", "layers", "tokens"), [("magi-1-24b", 48, 3_600), ("magi-1-4.5b", 34, 2_025)])
def test_heads_that_share_keys_and_values_store_theirs_alone(model: str, layers: int, tokens: int) -> None:
    """By hand: MAGI-1 stores 8 heads of 128 keys and values for four chunks of six latent frames, in 16 bits."""
    stored = 2 * 2 * layers * 8 * 128 * tokens * 6 * 4

    assert known_of(f"model={model}")["session_memory"] == pytest.approx(stored, rel=1e-4)


@pytest.mark.parametrize("name", LINGBOT)
def test_chunks_of_an_engine_take_their_published_seconds(name: str) -> None:
    """Forwards of LingBot-World 2 on one, two and four GPUs of three kinds: 0.85 to 1.2 of what was measured."""
    assert len(LINGBOT) == 11
    assert 0.85 <= chunk_seconds(name) / READINGS[name]["seconds"] <= 1.2


@pytest.mark.parametrize("row", READ["computed"], ids=lambda row: row["reading"])
def test_arithmetic_apart_is_that_of_the_collection(row: dict[str, Any]) -> None:
    """With its constants and its two sums a layer, the arithmetic forward by forward gives the script's seconds."""
    reading = {**READINGS[row["reading"]], "sums": 2}

    assert chunk_seconds_apart(reading, row["constants"]) == pytest.approx(row["computed"], rel=1e-6)


@pytest.mark.parametrize("name", [name for name, reading in READINGS.items() if reading.get("note") != PYRAMID])
def test_chunks_take_the_seconds_that_are_computed_apart(name: str) -> None:
    """A plan in chunks, and arithmetic forward by forward with the same constants, give the same seconds."""
    reading = READINGS[name]
    known = known_of(*(f"{key}={value}" for key, value in settings_of(reading).items()))

    assert chunk_seconds(name) == pytest.approx(chunk_seconds_apart(reading, known), rel=1e-3)


def test_published_readings_lie_within_the_band_that_is_printed() -> None:
    """All 71 readings of 19 sources, by nothing fitted to them: the median error, and those in the widest band."""
    low, high = published().ends("extrapolated")
    factors = {name: reading["seconds"] / chunk_seconds(name) for name, reading in READINGS.items()}
    within = {name: low <= factor <= high for name, factor in factors.items()}
    sources = {reading["source"] for reading in READINGS.values()}
    outside = {READINGS[name]["source"] for name, holds in within.items() if not holds}

    assert (len(factors), len(sources)) == (71, 19)
    assert math.exp(median(abs(math.log(factor)) for factor in factors.values())) <= 1.27
    assert sum(within.values()) == 68 >= 0.94 * len(within)
    assert len(sources - outside) == 16
    # What docs/streams.md publishes of the others, and of tensor parallelism on four GPUs.
    assert (min(factors.values()), max(factors.values())) == pytest.approx((0.42, 2.31), abs=0.005)
    assert factors["s12"] == pytest.approx(1.16, abs=0.005)


@pytest.mark.parametrize("refuses", [True, False])
def test_sessions_and_their_waits_are_those_of_simulated_days(*, refuses: bool) -> None:
    """Days of sessions up to ten minutes, simulated event by event, on the places of a plan and on fewer."""
    rows = [row for row in recorded_streams.recorded() if row.case.refuses == refuses]
    known = [recorded_streams.plan_of(row.case, row.places).known for row in rows]

    assert len(rows) >= 24
    assert {plan["sessions_per_replica"] for plan in known} == {2}
    if refuses:
        # What is refused less often counts as served.
        seen = [(row, plan) for row, plan in zip(rows, known, strict=True) if row.refused >= FEWEST_REFUSED]
        assert len(seen) >= 24
        assert all(0.95 <= plan["refused_share"] / row.refused <= 1.5 for row, plan in seen)
        return
    assert all(
        plan["peak_sessions"] == pytest.approx(row.busy, rel=0.03) for row, plan in zip(rows, known, strict=True)
    )
    near = [abs(plan["wait_probability"] - row.waited) <= 0.015 for row, plan in zip(rows, known, strict=True)]
    assert sum(near) / len(near) >= 8 / 9


def test_the_record_is_of_its_cases() -> None:
    """The recorded days are those that the simulation draws, each of at least a hundred thousand sessions."""
    assert [row.case for row in recorded_streams.recorded()] == [*recorded_streams.cases()]
    assert min(row.sessions for row in recorded_streams.recorded()) >= 100_000


def test_a_chunk_of_the_whole_clip_is_the_clip() -> None:
    """A clip in one chunk has every figure of the clip that is not made in chunks."""
    whole, chunk = (
        dict(estimate(load_scenario("scenarios/wan2.2-h100.yaml", sets)).figures)
        for sets in ((), ("chunk_frames=81", "window_frames=81"))
    )

    assert chunk == whole


def test_places_wait_as_replicas() -> None:
    """On a known load n places of a replica wait, and are refused, as n replicas of one place each."""
    clicks = ("arrival_variability=4", "queue_limit=20", "service_variability=0.5", "failed_share=10%")
    pins = ("replicas=12", "generated_fps=49")
    places = known_of(*PLAYED, *clicks, pins=pins)
    alone = known_of(*PLAYED, *clicks, pins=("replicas=36", "generated_fps=17"))
    waits = ("wait_probability", "wait_p95", "latency_p95", "refused_share", "utilization", "fluid_wait", "click_wait")

    assert (places["sessions_per_replica"], alone["sessions_per_replica"]) == (3, 1)
    assert places["wait_p95"] > 0 < places["refused_share"]
    first = places["first_play_seconds"] - alone["first_play_seconds"]
    for name in waits:
        shift = first if name == "latency_p95" else 0
        assert places[name] - shift == pytest.approx(alone[name], rel=1e-9), name


def test_a_region_of_streams_is_sized_in_places() -> None:
    """By hand: of a load of 64 replicas with four places each, the margin is that of 256 servers, a quarter of it."""
    margin = replicas_by_waiting(64, 1.5, 1, sessions_per_replica=4)

    assert margin == (4 * 64 + 1.5 * math.sqrt(4 * 64)) / 4


@pytest.mark.parametrize(("pin", "sessions"), [(15.9, 1), (16, 1), (31.9, 1), (32, 2), (50, 3)])
def test_measured_frames_say_the_sessions(pin: float, sessions: int) -> None:
    """A pinned `generated_fps` is a measurement: whole sessions of 16 frames per second, at least one.

    At 16 the first chunk takes 0.75 s of the second that is promised. At 32 it takes half of that, and waits as long
    for the other session's. The first chunk waits for all of the text: by hand 512 tokens of the 5.68 billion
    parameters of UMT5-XXL, of which its own share of 800 chunks is in the frames per second already.
    Its 9,600 frames take energy while they are made, and a fleet with idle GPUs takes no less.
    """
    plan = estimate(load_scenario("scenarios/stream.yaml", pins=[f"generated_fps={pin}"]))
    assert plan.known["active_energy_per_video"] == pytest.approx(9_600 / pin * plan.known["working_power"])
    assert pin < 16 or plan.known["active_energy_per_video"] < plan.known["energy_per_video"]
    rate = 989.4e12 * plan.known["vae_efficiency"] * plan.known["sustained_share"]
    text = 2 * 5_680_910_336 * 512 / rate

    assert plan.known["sessions_per_replica"] == sessions
    assert plan.evidence == "measured"
    assert (plan.model_error.low, plan.model_error.high) == (1, 1)
    assert plan.known["first_frame_seconds"] == pytest.approx(12 / pin + text * 799 / 800)
    assert [objection.code for objection in plan.verdict.objections] == (["latency"] if pin < 16 else [])


def waits_of_first_chunks(others: int, speed: float) -> list[float]:
    """Return how long new sessions wait for a replica that plays others, in chunks, first come first served.

    A replica makes `speed` chunks while one plays. Each session asks for its next chunk when the one before starts to
    play, by a clock that began with its own first frame.
    """
    chance, waits = random.Random(7), list[float]()
    for _session in range(40_000):
        clocks = [chance.random() * speed for _other in range(others)]
        asks = sorted(clock + speed * turn for turn in range(2) for clock in clocks)
        comes, done = (1 + chance.random()) * speed, 0.0
        for ask in asks:
            if ask > comes:
                break
            done = max(done, ask) + 1
        waits.append(max(0.0, done - comes))
    return sorted(waits)


def of_newcomers(places: int, speed: float, encoding: float) -> float:
    """Return the 95th percentile of the waits of sessions that join and leave, in chunks, by events.

    Sessions of 200 chunks come to each place, which is taken nine tenths of the time.
    """
    chance, free, waits = random.Random(7), 0.0, list[float]()
    events = [(chance.random() * speed, place, 0, 0.0) for place in range(places)]
    while len(waits) < 4_000:
        now, place, left, due = heapq.heappop(events)
        start = max(free, now)
        if due:
            free = start + 1
            plays = max(due, free)
        else:
            waits.append(start - now)
            plays = free = start + 1 + encoding
            left = max(1, round(chance.expovariate(1 / 200)))
        if left > 1:
            heapq.heappush(events, (plays, place, left - 1, plays + speed))
        else:
            heapq.heappush(events, (plays + speed * (1 + chance.expovariate(9 / 200)), place, 0, 0.0))
    return sorted(waits)[int(0.95 * len(waits))]


FRAMES = [(32, 2), (33, 2), (47, 2), (50, 3), (63, 3), (64, 4), (66.7, 4), (79, 4), (128, 8), (143, 8), (150, 9)]


@pytest.mark.wide
@pytest.mark.parametrize(("pin", "sessions"), FRAMES)
def test_a_first_frame_waits_its_turn(pin: float, sessions: int) -> None:
    """The 95th percentile of first frames on a replica that plays other sessions is within 2% of the simulated one."""
    known = known_of(*PLAYED, "queue_limit=0", pins=(f"generated_fps={pin}",))
    waits = waits_of_first_chunks(sessions - 1, pin / 16)
    first = known["first_frame_seconds"] + known["off_gpu_seconds"] + waits[int(0.95 * len(waits))] * 12 / pin

    assert known["sessions_per_replica"] == sessions
    assert known["latency_p95"] == pytest.approx(first, rel=0.02)


@pytest.mark.wide
@pytest.mark.parametrize(("pin", "sessions"), [(33, 2), (48, 3), (50, 3), (64, 4), (67, 4), (136, 8)])
def test_sessions_that_join_move_a_first_frame_by_little(pin: float, sessions: int) -> None:
    """Sessions that join one after another crowd in time where frames just suffice: at most 8% more, or less."""
    known = known_of(*PLAYED, "queue_limit=0", pins=(f"generated_fps={pin}",))
    encoding = (known["first_frame_seconds"] - 12 / pin) * pin / 12
    wait = of_newcomers(sessions, pin / 16, encoding) * 12 / pin

    assert known["latency_p95"] == pytest.approx(
        known["first_frame_seconds"] + known["off_gpu_seconds"] + wait, rel=0.08
    )


class Servers(NamedTuple):
    """Servers of so many places that take sessions, and those that leave: each a heap of the ends of its sessions."""

    places: int
    playing: list[list[float]]
    leaving: list[list[float]]

    def end(self, now: float) -> None:
        """End the sessions that are over; a server that leaves is gone once it is empty."""
        for server in (*self.playing, *self.leaving):
            while server and server[0] <= now:
                heapq.heappop(server)
        self.leaving[:] = [server for server in self.leaving if server]

    def follow(self, needed: int) -> None:
        """Ask servers that leave back, or new ones; or let the emptiest leave."""
        while len(self.playing) < needed:
            self.leaving.sort(key=len)
            self.playing.append(self.leaving.pop() if self.leaving else [])
        self.playing.sort(key=len, reverse=True)
        while len(self.playing) > needed:
            self.leaving.append(self.playing.pop())

    def place(self, end: float, *, packed: bool) -> None:
        """Place a session on the fullest server with room, or on the emptiest."""
        room = [server for server in self.playing if len(server) < self.places]
        if room:
            heapq.heappush((max if packed else min)(room, key=len), end)


def paid_until_empty(places: int, spread: float, *, packed: bool) -> float:
    """Return for how long a server that leaves is paid for, in sessions' lengths, in a day that is simulated.

    Sessions of an hour come on a cosine of the day, 600 at once at its peak. Servers follow them minute by minute, at
    90% of their places.
    """
    chance, servers = random.Random(3), Servers(places, [], [])
    paid = 0.0
    for minute in range(2 * 1_440):
        level = (1 - math.cos(2 * math.pi * minute / 1_440)) / 2
        needed = max(1, math.ceil(600 * level / 0.9 / places))
        servers.end(minute)
        servers.follow(needed)
        due = chance.expovariate(1) / 10
        while due < level:  # ten a minute at the peak
            plays = 60 * (chance.gammavariate(1 / spread, spread) if spread else 1)
            servers.place(minute + plays, packed=packed)
            due += chance.expovariate(1) / 10
        if minute >= 1_440:
            servers.end(minute)
            paid += len(servers.leaving)
    return paid / (600 / 0.9 / places) / 60


@pytest.mark.wide
@pytest.mark.parametrize("places", [4, 8, 32])
@pytest.mark.parametrize("spread", [0, 0.25, 1, 2])
def test_a_server_that_leaves_is_paid_until_it_is_empty(places: int, spread: float) -> None:
    """It takes longer than where sessions are packed, and less long than where they are spread, or nearly so."""
    fullest, emptiest = (paid_until_empty(places, spread, packed=packed) for packed in (True, False))
    hour = emptying_seconds(1, 3_600, spread, places / 2, 2) / 3_600

    assert 0.49 * hour <= fullest <= emptiest <= 1.3 * hour
    assert fullest <= 1.1 * hour
    assert 0.8 * hour <= emptiest


def test_an_autoscaled_stream_pays_for_servers_that_play_out() -> None:
    """By hand: of sessions of an hour, 32 to a server, each server that comes and goes is held 3.47 hours longer."""
    sets = ["duration=60 min", "dau=20000"]
    known = estimate(load_scenario("scenarios/stream.yaml", sets, pins=["generated_fps=64"])).known
    following = (1 - known["server_share"]) * known["gpus"]
    cosine = known["gpus"] * known["server_share"] + following / 2
    hours = known["cold_start"] / 3_600 + math.log(32)

    assert known["gpus_following"] == pytest.approx(cosine + following * hours / 24)
    # Simulated apart with the hourly servers of such a plan: 153 GPUs where sessions are packed, 164 where spread.
    assert 153 <= known["gpus_following"] <= 164 * 1.03


def test_the_shipped_stream_stands_at_an_edge() -> None:
    """A hundredth more frames per second carry a second session on each replica, by half the GPUs."""
    plan = estimate(load_scenario("scenarios/stream.yaml"))
    faster = estimate(
        load_scenario("scenarios/stream.yaml", pins=[f"generated_fps={plan.known['generated_fps'] * 1.01}"])
    )

    assert (plan.known["sessions_per_replica"], faster.known["sessions_per_replica"]) == (1, 2)
    assert faster.known["gpus"] == pytest.approx(plan.known["gpus"] / 2, rel=0.03)


def test_a_session_encodes_its_text_once_and_copies_its_frames_as_they_are_made() -> None:
    """A session ten times as long has ten times the copies, the same text, and its first frame as soon."""
    long, short = (
        known_of("model=self-forcing", "delivery=stream", "fps=16", f"duration={minutes} min") for minutes in (100, 10)
    )
    copied = 4 * 3 * 832 * 480 * 12 / 6e9

    assert long["text_encoding_seconds"] == short["text_encoding_seconds"] > 0
    assert long["clip_copy_seconds"] / 8_000 == pytest.approx(copied)
    assert short["clip_copy_seconds"] / 800 == pytest.approx(copied)
    chunk = (short["gpu_seconds_per_video"] - short["text_encoding_seconds"]) / 800
    assert short["first_frame_seconds"] == pytest.approx(chunk + short["text_encoding_seconds"])
    assert long["first_frame_seconds"] == pytest.approx(short["first_frame_seconds"], rel=0.01)


def test_an_offloaded_model_comes_to_the_gpu_for_every_chunk_of_a_stream() -> None:
    """By hand: model and VAE in and out for each of 800 chunks, the text encoder once; of a clip all of them once."""
    sets = ("model=self-forcing", "fps=16", "duration=10 min", "offload=all")
    stream, clip = (known_of(*sets, f"delivery={delivery}") for delivery in ("stream", "clip"))
    chunk, once = 2 * (stream["model_size"] + stream["vae_size"]), 2 * stream["text_encoder_size"]

    assert stream["offloaded_bytes"] == pytest.approx(800 * chunk + once)
    assert clip["offloaded_bytes"] == pytest.approx(chunk + once)


def test_memory_limits_sessions() -> None:
    """By hand: LingBot-World 2 on four H200 makes frames for more sessions than keys and values have room for."""
    known = known_of(*WORLD, "gpus_per_replica=4", "fps=2", "gpu_memory=70 GB")
    room = known["gpu_memory"] * known["usable_memory_share"] - known["memory_needed"]

    assert known["sessions_per_replica"] == 1 + room // known["session_memory"] < known["playing_speed"]


def test_a_pinned_measurement_of_a_clip_moves_no_clip() -> None:
    """Frames per second of a clip are no measurement of its seconds."""
    plan = estimate(load_scenario("scenarios/wan2.2-h100.yaml", pins=["generated_fps=50"]))

    assert plan.evidence == estimate(load_scenario("scenarios/wan2.2-h100.yaml")).evidence
    assert plan.figures["gpus"] == estimate(load_scenario("scenarios/wan2.2-h100.yaml")).figures["gpus"]


@pytest.mark.wide
def test_simulated_days_play_in_places() -> None:
    """Days of a stream hold places, and answer with the first frame: no request has the session's length in it."""
    plan = estimate(load_scenario("scenarios/stream.yaml", ["dau=5000", "gpus_per_server=1"]))
    waiting = estimate(load_scenario("scenarios/stream.yaml", ["dau=5000", "gpus_per_server=1", "queue_limit=none"]))
    refused, waits = simulated(plan), simulated(waiting)
    first = plan.known["first_frame_seconds"] + plan.known["off_gpu_seconds"]

    assert refused["latency_p99"].value == pytest.approx(first)
    assert waits["latency_p50"].value == pytest.approx(first)
    assert waits["latency_p99"].value > first
    assert refused["refused_share"].value == pytest.approx(plan.known["refused_share"], rel=0.5)


@pytest.mark.wide
def test_a_pool_plays_streams_or_makes_clips() -> None:
    """A pool of a stream alone is its plan; one of streams and clips is refused by its `delivery`."""
    stream = estimate(load_scenario("scenarios/stream.yaml", pins=["generated_fps=24"]))
    clips = estimate(load_scenario("scenarios/start-up.yaml"))
    alone = total([stream], pooled=True).pool

    assert alone
    assert all(
        alone.figures[name] == stream.figures[name] for name in ("gpus", "latency_p95", "refused_share", "fleet_power")
    )
    slow = estimate(load_scenario("scenarios/stream.yaml", pins=["generated_fps=12"]))
    together = total([stream, slow], pooled=True).pool
    assert together
    assert (together.figures["gpus"], together.figures["cost_per_month"]) == (None, None)
    with pytest.raises(Mistakes, match=r"`delivery` differs: .*one pool makes clips or streams"):
        total([stream, clips], pooled=True)


def test_a_window_of_0_sees_all_before_it() -> None:
    """A window of 0 is none: with chunks of three frames it is no window that is smaller than a chunk."""
    sets = ["delivery=stream", "chunk_frames=3", "window_frames=0", "dau=1000"]
    assert load_scenario(None, sets).values()["window_frames"] == 0
    with pytest.raises(Mistakes, match="`window_frames` is 2, less than `chunk_frames`, which is 3"):
        load_scenario(None, [*sets[:2], "window_frames=2", "dau=1000"])
