"""One verdict: every door says the same of a plan, what is recommended has no objection, and no other module judges."""

import ast
import json
from collections import Counter
from random import Random

import pytest

from house import MODULES, nodes
from places import PLAIN, shipped
from shared import Program, over, plan_of, some, write
from t2v_capacity.catalogue import LIST
from t2v_capacity.engine.figures import FIGURES, ancestors
from t2v_capacity.errors import Mistakes
from t2v_capacity.forms.data import verdict_data
from t2v_capacity.plan.candidates import HEADLINE, alternatives, candidates, sizes_of
from t2v_capacity.plan.estimate import Estimate, estimate
from t2v_capacity.plan.verdict import Verdict
from t2v_capacity.questions.what_if.compare import compare
from t2v_capacity.scenario.load import load_scenario, with_flags

MODELS = (
    "wan2.2-t2v-a14b wan2.1-t2v-14b wan2.2-ti2v-5b hunyuanvideo-1.5 ltx-video-13b cogvideox-5b mochi-1-preview".split()
)
GPUS = "h100-sxm h200-sxm b200-hgx a100-80gb-sxm l40s rtx-4090 mi300x".split()
# Values of which a plan draws some.
DRAWN: dict[str, list[str]] = {
    "runtime": ["eager", "compiled", "engine"],
    "offload": ["encoder", "all", "blocks"],
    "gpus_per_replica": ["2", "4", "8"],
    "sharding": ["weights"],
    "target_latency": ["30 s", "2 min", "10 min"],
    "peak_to_average": ["1.7", "3"],
    "gpu_limit": ["64", "800"],
    "precision": ["fp8", "fp32"],
    "steps": ["4", "30"],
    "time_factor": ["1.1"],
    "queue_limit": ["40"],
    "gpu_price": ["2.5"],
    "deferrable_share": ["40%"],
    "target_deferred_wait": ["2 h", "8 h"],
}
RECOMMENDED = [shipped(name) for name in ("mochi", "wan2.2-h100", "two-stage", "price-list")]
# What judges a plan: comparing one of these is the verdict's alone.
JUDGED = {"memory_needed", "memory_usable", "resident_weights", "latency_slack", "servers_available"}


def drawn(seed: int) -> list[str]:
    """Return the settings of a plan."""
    chance = Random(f"verdict {seed}")
    found = {"model": chance.choice(MODELS), "gpu": chance.choice(GPUS), "dau": chance.choice(["2K", "100K", "3M"])}
    found |= {name: chance.choice(values) for name, values in DRAWN.items() if chance.random() < 0.3}
    return [f"{name}={value}" for name, value in found.items()]


def plan(seed: int) -> Estimate | None:
    """Return a drawn plan; nothing where its limit holds no replica."""
    try:
        return estimate(load_scenario(None, drawn(seed)))
    except Mistakes:
        return None


def said(verdict: Verdict) -> object:
    """Return a verdict as JSON has it."""
    return json.loads(json.dumps(verdict_data(verdict)))


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("seed", some(range(300), 50))
def test_every_door_says_the_same(seed: int, t2v_cap: Program) -> None:
    """Estimate, total, a cell of compare and of a sweep give one verdict; check has a budget's own chance."""
    found = plan(seed)
    if found is None:
        return
    file, scenario = write("".join(f"{one.replace('=', ': ')}\n" for one in drawn(seed))), found.scenario
    gpu, size, users = scenario.choices["gpu"].value, int(found.values["gpus_per_replica"]), found.values["dau"]
    verdict = said(found.verdict)

    assert t2v_cap("estimate", file, "--format", "json").json["verdict"] == verdict
    assert t2v_cap("total", file, file, "--format", "json").json["scenarios"][0]["verdict"] == verdict
    assert t2v_cap("sweep", file, "--over", f"dau={users!r}", "--format", "json").json["rows"][0]["verdict"] == verdict
    cell = next(candidates(scenario, [gpu], [size]))
    assert cell.verdict
    assert said(cell.verdict) == verdict
    budget = f"gpus <= {(found.figures['gpus'] or 1) * 1.02:.0f}"
    (row,) = t2v_cap("check", file, "--budget", budget, "--format", "json", code=(0, 3)).json["rows"]
    (own,) = t2v_cap(
        "estimate", write(f"extends: {file}\nbudgets: ['{budget}']\n", "own.yaml"), "--format", "json"
    ).json["budgets"]
    assert (own["passed"], own["chance"], own["value"]) == (row["passed"], row["chance"], row["value"])


@pytest.mark.parametrize("seed", some(range(300), 6))
def test_what_has_no_objection_has_a_fleet(seed: int) -> None:
    """What has no objection fits, serves all, and keeps its promise with nine chances of ten.

    It has a fleet, a latency and a power.
    """
    found = plan(seed)
    if found and not found.verdict.objections:
        assert found.verdict.memory == "fits"
        assert found.figures["served_share"] == 1
        assert None not in (found.figures["gpus"], found.figures["fleet_power"])
        # An overloaded fleet has no steady latency.
        assert (found.figures["latency_p95"] is None) == (found.known["utilization"] >= 1)
        assert found.verdict.target is None or found.verdict.target >= 0.9


@pytest.mark.wide
@pytest.mark.parametrize("path", some([*RECOMMENDED, *range(6)], 10), ids=str)
def test_what_is_recommended_has_no_objection(path: str | int) -> None:
    """The best of a comparison, applied, is the estimate with those flags, and the best of its own GPU.

    No candidate is cheaper; what an estimate offers is among them, and no cheaper.
    """
    scenario = load_scenario(None, drawn(path)) if isinstance(path, int) else load_scenario(path)
    names = scenario.catalogue.names("gpus")
    best = compare(scenario, names).best
    good = [one for one in candidates(scenario, names, sizes_of(scenario)) if not one.objections]

    assert (best is None) == (not good)
    if best:
        there = estimate(with_flags(scenario, best.trial.change.sets))
        assert there.verdict.objections == ()
        assert there.figures["cost_per_month"] == best.figures["cost_per_month"] == min(one.cost for one in good)[0]
        of_its_gpu = compare(scenario, [best.gpu]).best
        assert of_its_gpu
        assert of_its_gpu.cost == best.cost
    changed = [with_flags(scenario, one.trial.change.sets).chosen() for one in good]
    for one in alternatives(scenario):
        assert one.verdict
        assert not one.verdict.objections
        assert with_flags(scenario, one.change.sets).chosen() in changed
        assert best
        assert one.figures["cost_per_month"] >= best.cost[0]


@pytest.mark.wide
def test_what_an_estimate_offers_is_nearly_the_cheapest() -> None:
    """An estimate tries the GPU that is most often the cheapest of a whole comparison, so it offers little less.

    Of the shipped plans whose best keeps their group, the offer costs at most a twentieth more than the best.
    """
    scenarios = [load_scenario(str(path)) for path in PLAIN]
    compared = [(scenario, compare(scenario, scenario.catalogue.names("gpus")).best) for scenario in scenarios]
    bests = [(scenario, best) for scenario, best in compared if best]
    cheapest = Counter(best.gpu for _scenario, best in bests).most_common()

    assert cheapest[0][1] > cheapest[1][1]
    assert cheapest[0][0] == scenarios[0].catalogue.find("providers", LIST).about["cheapest_clips"]
    kept = [
        (scenario, best) for scenario, best in bests if best.gpus_per_replica == scenario.values()["gpus_per_replica"]
    ]
    assert len(kept) >= len(bests) / 2
    for scenario, best in kept:
        offered = [one.figures["cost_per_month"] for one in alternatives(scenario)]
        assert min([*offered, estimate(scenario).known["cost_per_month"]]) <= 1.05 * best.cost[0]


@over(("name", ["outgrown", "price-list", "stream"]))
def test_an_option_has_the_verdict_of_the_estimate_with_its_flags(name: str) -> None:
    """What objects to choosing an option, such as a budget that the plan keeps, is no part of that."""
    scenario = load_scenario(shipped(name))

    for option in compare(scenario, GPUS).options:
        if option.verdict:
            there = estimate(with_flags(scenario, option.trial.change.sets))
            assert verdict_data(option.verdict) == verdict_data(there.verdict)
            assert {objection.code for objection in there.verdict.objections} <= {*option.against}


# A plan that is busy enough to wait.
BUSY = ["max_utilization=99%", "target_wait_probability=0.9", "dau=5K"]
# Memory decides whether a clip runs, and no more.
SHOWN = [
    name
    for name in sorted(ancestors(HEADLINE))
    if name in FIGURES and not FIGURES[name].detail and FIGURES[name].group != "memory"
]


@over(("name", SHOWN))
def test_a_pin_moves_a_headline(name: str) -> None:
    """A pinned figure that is shown, and from which a headline follows, moves one of them."""
    before = plan_of(shipped("million-clips"), BUSY)
    value = before.figures[name]
    other = (value or 1.0) * (0.25 if not value or FIGURES[name].most < value * 4 else 4)
    unit = FIGURES[name].unit.replace("share", "").replace("ratio", "")
    pin = f"{name}={round(other) if FIGURES[name].whole else repr(other)} {unit}"
    pinned = plan_of(shipped("million-clips"), BUSY, [pin])

    assert [one for one in HEADLINE if pinned.figures[one] != before.figures[one]]


def test_no_other_module_judges() -> None:
    """What is compared with a GPU's memory, a target or a limit of GPUs is compared in plan/verdict.py alone."""
    judging = set()
    for name, path in MODULES.items():
        for node in nodes(path):
            if isinstance(node, ast.Compare) and JUDGED & {
                one.value for one in ast.walk(node) if isinstance(one, ast.Constant)
            }:
                judging.add(name)
    assert judging == {"plan.verdict"}
