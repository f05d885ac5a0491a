"""A log of three kinds of clip, which a simulator apart served.

Its shares, what was refused, the spread within kinds, and its p95 come out.
"""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from day_fleet import heap_waits
from shared import Program, write
from t2v_capacity.errors import Mistakes
from t2v_capacity.measured.logs.fit import fit
from t2v_capacity.measured.logs.fit_answer import fit_notes, fit_warnings, overlay
from t2v_capacity.plan.estimate import estimate
from t2v_capacity.questions.what_if.simulated import simulated
from t2v_capacity.scenario.load import load_scenario

pytestmark = pytest.mark.usefixtures("folder")
DAY, START, DAYS, REPLICAS = 86_400, 1_793_491_200, 6, 24
# Of each kind: its size and length, its share, and the mean and the spread of its runs.
KINDS = {("832x480", 3): (0.5, 60.0, 0.04), ("832x480", 8): (0.3, 180.0, 0.09), ("1280x720", 5): (0.2, 420.0, 0.02)}
MEAN = sum(share * seconds for share, seconds, _spread in KINDS.values())


def log(load: float = 0.85) -> tuple[str, Any, Any, Any]:
    """Return a log with 4% of 429 and 4% of 400, and three facts of each clip that was made.

    These are its kind, its latency, and whether it came at the peak.
    """
    rng = np.random.default_rng(3)
    curve = 1 - 0.4 * np.cos(2 * np.pi * (np.arange(1_440) + 0.5) / 1_440)
    a_day = load * REPLICAS * DAY / MEAN / 1.4 / 0.92
    starts = [
        DAY * day + 60 * (rng.choice(1_440, rng.poisson(a_day), p=curve / curve.sum()) + rng.random())
        for day in range(DAYS)
    ]
    came = np.sort(np.concatenate(starts) + rng.random(sum(map(len, starts))) * 60)
    kinds = rng.choice(len(KINDS), len(came), p=[share for share, *_ in KINDS.values()])
    about = list(KINDS.values())
    took = np.array([rng.gamma(1 / about[kind][2], about[kind][1] * about[kind][2]) for kind in kinds.tolist()])
    status = rng.choice([200, 429, 400], len(came), p=[0.92, 0.04, 0.04])
    made = status == 200
    waits = np.array(heap_waits(REPLICAS, came[made].tolist(), [0] * made.sum(), took[made].tolist()))
    with Path("requests.csv").open("w", encoding="utf-8", newline="") as stream:
        lines = csv.writer(stream)
        lines.writerow("time user resolution seconds gpu_s status".split())
        lines.writerow([START, "first", *next(iter(KINDS)), 60, 200])
        for at, kind, seconds, code in zip(came.tolist(), kinds.tolist(), took.tolist(), status.tolist(), strict=True):
            lines.writerow(
                [
                    int(START + at),
                    f"u{int(at) % 997}",
                    *list(KINDS)[kind],
                    f"{seconds:.2f}" if code == 200 else "",
                    code,
                ]
            )
        lines.writerow([START + DAYS * DAY - 1, "last", *next(iter(KINDS)), 60, 200])
    return "requests.csv", kinds[made], waits + took[made], abs(came[made] % DAY - DAY / 2) < 3_600


@pytest.mark.wide
def test_a_log_of_three_kinds_makes_their_mix() -> None:
    """Shares within 3 points, refused and rejected requests and the spread within kinds come out.

    The plan's p95 is the log's within 15%. The plan is that of what the log's fleet served, without the requests that
    it refused.
    """
    file, kinds, latency, at_peak = log()
    found = fit(file)
    value, shares = (
        {name: one.value for name, one in found.fitted.items()},
        {tuple(kind["columns"].values()): kind["share"] for kind in found.mix},
    )

    assert shares == pytest.approx(
        {(size, str(length)): share for (size, length), (share, *_) in KINDS.items()}, abs=0.03
    )
    assert [kind["seconds"] for kind in found.mix] == pytest.approx(
        [seconds for _share, seconds, _spread in KINDS.values()], rel=0.03
    )
    assert found.refused_share == pytest.approx(0.04, abs=0.01)
    assert value["rejected_prompt_share"] == pytest.approx(0.04 / 0.96, abs=0.01)
    assert "failed_share" not in value
    assert 0.02 < value["service_variability"] < 0.09

    pins = [
        f"mix.{name}.{figure}={kind['seconds']} s"
        for name, kind in zip(("832x480_3", "832x480_8", "1280x720_5"), found.mix, strict=True)
        for figure in ("gpu_seconds_per_video", "generation_latency")
    ]
    sets = ["model=wan2.1-t2v-14b", "gpus_per_replica=1", "gpus_per_server=1", "encoding_seconds_per_pixel=0"]
    sets += [f"request_share={1 - found.refused_share}"]
    plan = estimate(load_scenario(write(overlay(found), "traffic.yaml"), sets, [*pins, f"replicas={REPLICAS}"]))

    assert [part.values["duration"] for part in plan.parts] == [5, 3, 8]
    # The p95 of the plan is that of the slowest part.
    slowest = latency[at_peak & (kinds == 2)]
    assert plan.known["latency_p95"] == pytest.approx(np.quantile(slowest, 0.95), rel=0.15)
    assert simulated(plan)["latency_p95"].value == pytest.approx(np.quantile(latency[at_peak], 0.95), rel=0.15)


ROWS = [f"{START + 60 * minute},u{minute % 7}" for minute in range(300)]


def test_a_clip_s_length_is_no_run_time(t2v_cap: Program) -> None:
    """A column of few values is no run time, unless a person says so.

    Of two that may be, the command line says which.
    """
    file = write(
        "time,user,seconds\n" + "".join(f"{row},{(3, 5, 8)[at % 3]}\n" for at, row in enumerate(ROWS)), "a.csv"
    )
    assert "service_variability" not in fit(file).fitted
    assert "it is no run time" in " ".join(fit_notes(fit(file)))
    assert fit(file, {"duration": "seconds"}).fitted["service_variability"].value == pytest.approx(0.15, abs=0.01)
    assert [kind["columns"] for kind in fit(file, {"length": "seconds"}).mix] == [
        {"length": length} for length in "358"
    ]

    both = write("time,user,seconds,duration\n" + "".join(f"{row},5,{at}\n" for at, row in enumerate(ROWS)), "b.csv")
    assert "`--columns duration=seconds`" in t2v_cap("fit", both, code=2).err
    with pytest.raises(Mistakes, match="may each be the run time"):
        fit(both)
    sure = write("time,user,seconds,gpu_s\n" + "".join(f"{row},5,{at + 1}\n" for at, row in enumerate(ROWS)), "c.csv")
    assert fit(sure).trace.columns["duration"] == "gpu_s"


def test_a_status_that_nobody_knows_is_a_warning() -> None:
    """Unknown words are counted in a warning, and codes of HTTP are known.

    No share is written of what no word of the log means.
    """
    words = ["200", "404", "429", "502", "zebra"]
    found = fit(
        write("time,user,status\n" + "".join(f"{row},{words[at % 5]}\n" for at, row in enumerate(ROWS)), "a.csv")
    )

    assert fit_warnings(found) == [
        "60 of 300 requests have a status that is not known. They count, but in no share: zebra 60. "
        "`--statuses WORD=done` says what one means; leave out rows of other events, such as a request's steps"
    ]
    assert {word: found.trace.kinds[word] for word in words[:4]} == {
        "200": "done",
        "404": "rejected_prompt",
        "429": "refused",
        "502": "failed",
    }
    assert found.refused_share == pytest.approx(1 / 3)
    assert "rejected_output_share" not in overlay(found)


def test_too_many_kinds_are_no_mix() -> None:
    """A column with a value for each request says no kind, and a log of one kind has no mix."""
    many = fit(write("time,user,model\n" + "".join(f"{row},m{at}\n" for at, row in enumerate(ROWS)), "a.csv"))
    one = fit(write("time,user,model\n" + "".join(f"{row},m\n" for row in ROWS), "b.csv"))

    assert not many.mix
    assert "too many for a mix" in " ".join(fit_notes(many))
    assert not one.mix
    assert "mix:" not in overlay(one)


@pytest.mark.wide
def test_a_spread_over_all_kinds_beside_a_mix_is_warned_of() -> None:
    """What fit writes of a log of kinds draws no warning; the spread of all its runs beside its mix does."""
    found = fit(log()[0])
    pins = [f"mix.{kind['name']}.generation_latency={kind['seconds']} s" for kind in found.mix]
    traffic = write(overlay(found), "traffic.yaml")

    def codes(*sets: str) -> set[str]:
        return {
            warning.code for warning in estimate(load_scenario(traffic, ["model=wan2.1-t2v-14b", *sets], pins)).warnings
        }

    every = (
        sum(kind["share"] * (kind["seconds"] or 0) ** 2 for kind in found.mix)
        / sum(kind["share"] * (kind["seconds"] or 0) for kind in found.mix) ** 2
    )
    assert "spread-counted-twice" not in codes()
    assert "spread-counted-twice" in codes(f"service_variability={every - 1}")
