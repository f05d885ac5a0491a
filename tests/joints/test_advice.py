"""What is advised is the estimate with those flags, whatever advises it; and little is tried to find it."""

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from places import SHIPPED
from shared import some
from t2v_capacity.answers.estimate import estimate_answer
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.errors import Mistakes
from t2v_capacity.forms.answer import Page
from t2v_capacity.plan import trials as tried
from t2v_capacity.plan.estimate import Estimate, estimate
from t2v_capacity.plan.trials import ADVISED
from t2v_capacity.questions.estimate import PlanRecord
from t2v_capacity.scenario.load import load_scenario, with_flags

GPUS = Catalogue().names("gpus")
MODELS = Catalogue().names("models")


def _check(plan: Estimate) -> None:
    """Hold the figures of each advice to those of the estimate with its flags."""
    for trial in PlanRecord(plan).advice:
        there = estimate(with_flags(plan.scenario, trial.change.sets)).known
        for name in ADVISED:
            assert trial.figures[name] == pytest.approx(there[name], rel=1e-9, nan_ok=True), (trial.change, name)


def _drawn(count: int, seed: int) -> Iterator[Estimate]:
    """Yield plans with a promise, a budget or both, of drawn models, GPUs, kernels and runtimes."""
    chance = random.Random(seed)
    while count:
        sets = [f"model={chance.choice(MODELS)}", f"gpu={chance.choice(GPUS)}", f"dau={chance.randint(100, 10**6)}"]
        sets += chance.choice(([], ["runtime=compiled"], ["runtime=engine"]))
        sets += chance.choice(([], ["gpus_per_replica=2"], ["precision=fp32"], ["offload=encoder"]))
        sets += chance.choice(([], [f"target_latency={chance.randint(20, 600)} s"]))
        try:
            plan = estimate(load_scenario(None, sets))
        except Mistakes:
            continue
        count -= 1
        yield plan


@pytest.mark.parametrize("path", some(SHIPPED, 3), ids=lambda path: path.stem)
def test_what_is_advised_is_the_estimate_with_those_flags(path: Path) -> None:
    """Every remedy, alternative and driver of every shipped scenario gives what the estimate with its flags gives, with a tight promise too."""
    for sets in ([], ["target_latency=20 s"], ["target_latency=95 s", "gpu=b200"], ["gpu=l40s"]):
        try:
            plan = estimate(load_scenario(str(path), sets))
        except Mistakes:  # a number format that this GPU does not run
            continue
        _check(plan)


@pytest.mark.parametrize(
    ("count", "seed"), [pytest.param(25, 1, marks=pytest.mark.wide), pytest.param(200, 2, marks=[pytest.mark.wide, pytest.mark.slow])]
)
def test_what_is_advised_in_drawn_plans_is_the_estimate_with_those_flags(count: int, seed: int) -> None:
    """The same of drawn plans with a promise or without."""
    for plan in _drawn(count, seed):
        _check(plan)


def test_a_remedy_that_exists_is_named() -> None:
    """A kernel and a runtime that meet a promise only together are found, and no plan says that nothing does where a change of both would."""
    plan = estimate(load_scenario("scenarios/hunyuanvideo-720p.yaml", ["gpu=b200", "target_latency=80 s"]))
    met = [one.change.settings for one in PlanRecord(plan).advice if one.figures["latency_p95"] <= 80]

    assert (("attention_kernel", "fa4"), ("runtime", "engine")) in met


@pytest.mark.wide
def test_drivers_are_one_list() -> None:
    """What the note `default-decides` names is what the drivers list of what stands at a default, and the chosen defaults."""
    for path, sets in itertools.product([*map(str, SHIPPED), None], ([], ["steps=20"])):
        plan = estimate(load_scenario(path, sets))
        (names,) = [one.names for one in plan.warnings if one.code == "default-decides"] or [()]
        driving = {one.name for one in PlanRecord(plan).drivers if one.origin.kind == "default" and one.name != "gpu_price"}
        assert {*names} - {"model", "gpu"} == driving


@pytest.mark.parametrize("sets", [[], ["target_latency=5 s"], ["gpu=rtx-4090"], ["target_latency=5 s", "gpu=b200", "runtime=eager"]])
def test_few_changes_are_tried(sets: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The screen and the JSON of a plan try at most 40 changes together."""
    count = 0
    one = tried._tried

    def counting(*arguments: object) -> object:
        nonlocal count
        count += 1
        return one(*arguments)  # type: ignore[arg-type]

    scenario = load_scenario("scenarios/wan2.2-h100.yaml", sets)
    monkeypatch.setattr(tried, "_tried", counting)
    plan = estimate(scenario)
    answer = estimate_answer(PlanRecord(plan))
    answer.document()
    tries = count
    answer.text(Page())

    assert tries == count, "the screen tries nothing that the JSON did not"
    assert 0 < tries <= 40
