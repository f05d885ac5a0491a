"""A plan that cannot run has no fleet, latency, bill or power, on every door.

What does not follow from a run stands.
"""

import io
import itertools
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

import t2v_capacity as t2v
from fit.shipped import shipped_runs
from laws import RUNNING
from shared import Program, plan_of, write
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.engine.figures import FIGURES, evaluate
from t2v_capacity.plan.estimate import estimate
from t2v_capacity.plan.verdict import FITS_BY, cannot_run
from t2v_capacity.scenario.load import load_scenario, merged
from workbooks import held

pytestmark = pytest.mark.usefixtures("folder")
STANDING = "requests_per_day trps peak_trps video_size model_size memory_needed".split()
# The weights of a stage and what it holds beside them.
BUFFERS = {"denoising_weights": "activation_memory", "vae_decode_weights": "vae_decode_buffers"}
# What follows from clips that are served, whatever is pinned of the fleet, and what is of the fleet itself.
UNSERVED = (
    "served_share delivered_per_day refused_share wait_p95 latency_p95 utilization average_utilization "
    "gpu_cost_per_month gpu_cost_on_demand gpu_cost_following cost_per_month cost_per_video cost_per_user "
    "fleet_power nameplate_power energy_per_video gpu_seconds_per_video storage_per_day egress_bandwidth"
).split()
WITHOUT = ("gpus", "servers", "replicas", *UNSERVED)


def drawn(count: int, seed: int) -> Iterator[tuple[str, str]]:
    """Yield pairs of a model and a GPU, at their defaults, on which a clip cannot run."""
    chance, catalogue = random.Random(seed), Catalogue()
    pairs = list(itertools.product(catalogue.names("models"), catalogue.names("gpus")))
    for model, gpu in chance.sample(pairs, len(pairs)):
        if (
            count
            and estimate(load_scenario(None, [f"model={model}", f"gpu={gpu}"])).figures["gpu_seconds_per_video"] is None
        ):
            count -= 1
            yield model, gpu


def nulls(figures: dict[str, Any]) -> set[str]:
    """Return the names of the figures of a document that have no value."""
    return {name for name, one in figures.items() if (one["value"] if isinstance(one, dict) else one) is None}


def _check_doors(model: str, gpu: str, t2v_cap: Program) -> None:
    file = write(
        f"model: {model}\ngpu: {gpu}\ndau: 1M\nprice_per_video_second: 0.1\nserver_price: 100K\n"
        "budgets: ['gpus <= 1B']\n",
        "plan.yaml",
    )
    document = t2v_cap("estimate", file, "--format", "json").json
    without = nulls(document["figures"])

    unpriced = {name for one in document["warnings"] if one["code"] == "price-unknown" for name in one["names"]}
    assert {*WITHOUT} <= without <= RUNNING | {"can_run"} | unpriced
    assert without.isdisjoint(STANDING)
    assert [(one["passed"], one["chance"], one["value"]) for one in document["budgets"]] == [(False, None, None)]
    (warning,) = (one for one in document["warnings"] if one["code"] == "memory-does-not-fit")
    assert {*warning["names"]} - {"memory_needed"} == without & (RUNNING | {"can_run"})
    assert not {"overloaded", "misses-target-latency"} & {one["code"] for one in document["warnings"]}
    plan = t2v.estimate(file)
    assert {name for name in FIGURES if plan[name] != plan[name]} == without
    book = load_workbook(io.BytesIO(plan.export(Path("plan.xlsx"))), data_only=True)
    assert {name for name in FIGURES if held(book, name) == "#N/A"} == without
    assert "none" in t2v_cap("estimate", file).out
    swept = t2v_cap("sweep", file, "--over", "dau=1M,2M", "--show", ",".join(FIGURES), "--format", "json").json
    assert [nulls({name: row[name] for name in FIGURES}) for row in swept["rows"]] == [without, without]
    months = t2v_cap("forecast", file, "--months", "2", "--limit", "gpus <= 1B", "--format", "json").json
    assert [nulls(month["figures"]) for month in months["months"]] == [without, without]
    assert list(months["crossed"].values()) == [0]
    assert without <= {*t2v_cap("total", file, file, "--format", "json").json["not_added"]}
    assert t2v_cap("check", file, "--format", "json", code=3).json["rows"][0]["value"] is None
    solved = t2v_cap("solve", file, "--for", "dau", "--until", "gpus <= 1B", "--format", "json", code=3).json
    assert (solved["value"], solved["feasible"]) == (None, False)
    rows = t2v_cap("compare", file, "--gpu", gpu, "--format", "json").json["rows"]
    (option,) = (row for row in rows if row["gpus_per_replica"] == 1)
    assert "memory" in option["against"]
    if option["runtime"] == document["choices"]["runtime"]["value"]:
        assert option["gpus"] is None
    else:  # one that may fit, within the error of memory
        other = t2v_cap("estimate", file, "--runtime", option["runtime"], "--format", "json").json
        assert option["gpus"] == other["figures"]["gpus"]["value"]


@pytest.mark.wide
@pytest.mark.parametrize(("count", "seed"), [(1, 1), pytest.param(40, 2, marks=pytest.mark.slow)])
def test_what_cannot_run_is_null_on_every_door(count: int, seed: int, t2v_cap: Program) -> None:
    """Of drawn pairs of model and GPU every door has no value for the same figures."""
    for model, gpu in drawn(count, seed):
        _check_doors(model, gpu, t2v_cap)


def test_a_shortage_within_the_models_error_has_numbers_and_a_warning() -> None:
    """A clip that is short by less than the memory model's error has every figure and a warning that it may not fit."""
    plan = plan_of(write("model: wan2.2-t2v-a14b\ngpu: h100-sxm\n"))

    assert (
        plan.known["memory_usable"]
        < plan.known["memory_needed"]
        < plan.known["memory_usable"] * plan.values["memory_error"]
    )
    assert plan.figures["gpus"] is not None
    assert "memory-does-not-fit" in {warning.code for warning in plan.warnings}
    assert not cannot_run(plan.known)


@pytest.mark.wide
@pytest.mark.parametrize("pin", ["gpus: 40", "servers: 5", "replicas: 10"])
def test_pinned_gpus_serve_nothing_of_a_clip_that_cannot_run(pin: str, t2v_cap: Program) -> None:
    """With a pinned fleet too, nothing of the service and the bill of drawn pairs has a value; no door crashes."""
    more = "queue_limit: 5\nserver_price: 100K USD\nreserved_price: 1 USD\nprice_per_video_second: 0.1\n"
    other = write("model: wan2.1-t2v-1.3b\ngpu: h100-sxm\ndau: 1K\n", "other.yaml")
    for model, gpu in drawn(2, 3):
        file = write(f"model: {model}\ngpu: {gpu}\ndau: 10K\n{more}pins: {{{pin}}}\n", "plan.yaml")
        plan = t2v.estimate(file)
        assert {name for name in UNSERVED if plan[name] == plan[name]} == set(), (model, gpu)
        assert plan[pin.partition(":")[0]] > 0
        assert "no bill: a clip cannot run" in t2v_cap("estimate", file, "--only", "buying").out
        assert "no day is simulated" in t2v_cap("estimate", file, "--only", "waiting").out
        t2v_cap("estimate", file, "--only", "alerts")
        t2v_cap("explain", file, "cost_per_month")
        t2v_cap("export", file, "plan.html", "--samples", "100")
        t2v_cap("check", file, "--budget", "served_share >= 99%", "--budget", "delivered_per_day >= 1", code=3)
        t2v_cap("total", "--pooled", file, file)
        for order in ((file, other), (other, file)):
            t2v_cap("total", *order)
            t2v_cap("total", "--pooled", *order, code=2)  # the GPUs differ


@pytest.mark.parametrize(
    "pin", ["gpu_seconds_per_video=300", "denoising_seconds=200", "memory_needed=20 GB", "can_run=1"]
)
def test_what_was_measured_is_believed(pin: str) -> None:
    """Pinned seconds or memory are of a clip that ran, so that the plan has its fleet and its bill."""
    plan = plan_of(write("model: hunyuanvideo\ngpu: rtx-4090\n"), pins=[pin])

    assert plan.figures["gpus"] is not None
    assert plan.figures["cost_per_month"] is not None


def test_a_part_that_may_not_fit_is_told_of_itself(folder: Path) -> None:
    """A part next to one that cannot run is said to lack what it lacks as a plan of its own; nothing is pinned here."""
    plan, hd = "model: wan2.2-t2v-a14b\ngpu: h100-sxm\n", "resolution: 1280x720"
    write(f"{plan}{hd}\n", folder / "alone.yaml")
    write(f"{plan}mix:\n  hd: {{share: 30%, {hd}}}\n  long: {{{hd}, duration: 12 s}}\n", folder / "mix.yaml")
    alone, short, unable = (
        warning.message.partition(";")[0]
        for file in ("alone.yaml", "mix.yaml")
        for warning in plan_of(folder / file).warnings
        if warning.code == "memory-does-not-fit"
    )
    assert alone.startswith("may not fit: needs")
    assert short == f"mix.hd: {alone}"
    assert unable.startswith("mix.long: cannot run")


def test_no_published_run_is_called_impossible() -> None:
    """Every published run is predicted to fit, or not to fit by at most the memory model's error.

    All of them ran, and the error is no larger than that takes.
    """
    tightest, assumed = 0.0, float(ASSUMPTIONS["memory_error"].default)
    for run in shipped_runs():
        plan = merged([run.layer], []).but(parts=(), stages=())
        known = plan.values() | evaluate(plan.values(), (*FITS_BY, *BUFFERS, *BUFFERS.values()))
        assert not cannot_run(known), run.id
        tightest = max(
            tightest, *(known[held] / (known["memory_usable"] - known[weights]) for weights, held in BUFFERS.items())
        )
    assert 0.95 * assumed < tightest <= assumed


def test_a_limit_below_a_replica_per_region_is_refused(t2v_cap: Program) -> None:
    """A limit that holds no replica in each region is refused, and in a sweep that cell alone; both names are told."""
    write("model: wan2.1-t2v-14b\ngpu: h200\ndau: 20\n", "plan.yaml")
    for name, limit in (("gpus_per_replica=8", "7"), ("regions=3", "2")):
        err = t2v_cap("estimate", "plan.yaml", "--set", name, "--gpu-limit", limit, code=2).err
        assert "gpu_limit" in err
        assert name.partition("=")[0] in err
    line = ("sweep", "plan.yaml", "--over", "gpu_limit=1,2,8,16", "--gpus-per-replica", "2", "--format", "json")
    rows = t2v_cap(*line).json["rows"]
    assert [row["gpus"] for row in rows] == [None, 2, 8, 16]
    assert [row["error"] is None for row in rows] == [False, True, True, True]
    with pytest.raises(t2v.Mistakes):
        t2v.estimate("plan.yaml", gpus_per_replica=8, gpu_limit=1)
