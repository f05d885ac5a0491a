"""What is advised is the estimate with those flags, whatever advises it; and little is tried to find it."""

from itertools import product
from pathlib import Path
from unittest import mock

import pytest
import yaml

from places import ROOT, SHIPPED
from shared import Program, plan_of, some, write
from t2v_capacity.answers.estimate import estimate_answer
from t2v_capacity.forms.answer import Page
from t2v_capacity.plan import trials
from t2v_capacity.plan.candidates import PRICE, drivers
from t2v_capacity.plan.estimate import estimate
from t2v_capacity.plan.trials import ADVISED
from t2v_capacity.questions.estimate import PlanRecord
from t2v_capacity.scenario.load import load_scenario, with_flags

# What is asked of each shipped scenario: tight promises, other GPUs, models, kernels and runtimes.
ASKED: tuple[list[str], ...] = (
    [],
    ["target_latency=20 s"],
    ["target_latency=95 s", "gpu=b200", "gpus_per_replica=2"],
    ["gpu=l40s", "runtime=compiled"],
    ["model=open-sora-1.2", "decoder=null", "runtime=engine", "target_latency=1 min"],
    ["gpu=mi300x", "model=wan2.2-t2v-a14b", "target_latency=5 min"],
    ["gpu=rtx-4090", "model=hunyuanvideo", "offload=encoder"],
    ["gpu=a100", "model=mochi-1-preview", "decoder=null", "dau=100K", "precision=fp32"],
)


@pytest.mark.parametrize(("path", "sets"), some(product(SHIPPED, ASKED), 8))
def test_what_is_advised_is_the_estimate_with_those_flags(path: Path, sets: list[str]) -> None:
    """Every remedy, alternative and driver of every shipped scenario gives what the estimate with its flags gives.

    This holds with a tight promise too.
    """
    plan = estimate(load_scenario(str(path), sets))
    for trial in PlanRecord(plan).advice:
        there = estimate(with_flags(plan.scenario, trial.change.sets)).known
        for name in ADVISED:
            assert trial.figures[name] == pytest.approx(there[name], rel=1e-9, nan_ok=True), (trial.change, name)


def test_a_remedy_that_exists_is_named() -> None:
    """A kernel and a runtime that meet a promise only together are found.

    No plan says that nothing does where a change of both would.
    """
    sets = ["gpu=b200", "attention_kernel=cudnn", "target_latency=81 s"]
    plan = estimate(load_scenario("scenarios/hunyuanvideo-720p.yaml", sets))
    met = [one.change.settings for one in PlanRecord(plan).advice if one.figures["latency_p95"] <= 81]

    assert (("attention_kernel", "fa4"), ("runtime", "engine")) in met


@pytest.mark.wide
def test_drivers_are_one_list() -> None:
    """The note `default-decides` names what the drivers list of what stands at a default, and the chosen defaults."""
    for path, sets in product([*map(str, SHIPPED), None], ([], ["steps=20"])):
        plan = estimate(load_scenario(path, sets))
        (names,) = [one.names for one in plan.warnings if one.code == "default-decides"] or [()]
        driving = {
            one.name for one in PlanRecord(plan).drivers if one.origin.kind == "default" and one.name != "gpu_price"
        }
        assert {*names} - {"model", "gpu"} == driving


@pytest.mark.parametrize(
    "sets", [[], ["target_latency=5 s"], ["gpu=rtx-4090"], ["target_latency=5 s", "gpu=b200", "runtime=eager"]]
)
def test_few_changes_are_tried(sets: list[str]) -> None:
    """The JSON of a plan tries at most 54 changes, kernel by runtime by group among them, and its screen no more."""
    with mock.patch.object(trials, "_trial_of", wraps=trials._trial_of) as tried:
        answer = estimate_answer(PlanRecord(estimate(load_scenario("scenarios/wan2.2-h100.yaml", sets))))
        answer.document()
        count = tried.call_count
        answer.text(Page())

        assert 0 < count <= 54
        assert tried.call_count == count


@pytest.mark.usefixtures("folder")
def test_the_range_of_prices_is_a_driver() -> None:
    """The lowest and the highest listed price of a GPU drive the bill where the plan has no price of its own.

    A price of one's own has no range.
    """
    plan, own = (plan_of(write("dau: 1M\ngpu: h100-sxm\nprecision: bf16\n"), sets) for sets in ([], ["gpu_price=3"]))
    listed = plan.scenario.catalogue.sellers("h100-sxm").values()
    found, none = ([one.other for one in drivers(of.scenario, of.known) if one.name == PRICE] for of in (plan, own))

    assert sorted(float(other.partition(" ")[0]) for other in found) == [min(listed), max(listed)]
    assert none == []


@pytest.mark.wide
def test_an_engine_that_no_list_has_is_said(t2v_cap: Program) -> None:
    """Advice to take an engine says where neither the catalogue's lists nor a published run has one for the model."""
    catalogue = ROOT / "src/t2v_capacity/catalogue"
    models, runs = (yaml.safe_load((catalogue / file).read_text()) for file in ("models.yaml", "runs.yaml"))
    timed = {run["model"] for run in runs["runs"] if run.get("runtime") == "engine"}
    for model in ("ltx-video-13b", "minimax-h3", "mochi-1-preview", "sana-video-2b", "wan2.2-t2v-a14b"):
        entry, note = models["models"][model], f"no engine listed for {model}"
        listed = {"vllm-omni", "sglang", "fastvideo"} & {*entry.get("engines", "").split(", ")}
        known = bool(listed) or "engine" in entry or model in timed
        plan = ["--model", model, "--dau", "100K", "--runtime", "engine", "--gpu", "h100,b200"]
        best = t2v_cap("compare", *plan, "--format", "json").json["best"]

        assert (note in " ".join(t2v_cap("compare", *plan).out.split())) == (not known)
        assert best["note"] == ("" if known else note)


@pytest.mark.parametrize(
    ("target", "first", "tried"),
    [
        ("100s", "--runtime compiled", "--gpu b200-hgx:"),
        ("60s", "--runtime compiled", "--gpu b200-hgx:"),
        ("44s", "--runtime engine", "--runtime engine"),
    ],
)
def test_an_engine_that_no_list_has_comes_after_its_like(
    target: str, first: str, tried: str, folder: Path, t2v_cap: Program
) -> None:
    """The note stands at the cure that it is of, after its like without, on the screen, in the warning and in check.

    models.yaml lists diffusers alone for CogVideoX 5B. An engine is first where the others do not keep the target.
    """
    plan = f"model: cogvideox-5b\ngpu: a100-80gb-pcie\nserving: {{target_latency: {target}}}\n"
    write(f"{plan}budgets: ['latency_p95 <= {target}']\n", folder / "plan.yaml")
    out = t2v_cap("estimate", "plan.yaml").out
    screen = " ".join(out.split()).partition(" cure ")[2].partition(" GPUs deliver")[0].split(" | ")
    messages = [warning["message"] for warning in t2v_cap("estimate", "plan.yaml", "--format", "json").json["warnings"]]
    warned = next(text for text in messages if "met with" in text).partition("met with ")[2].split(" or ")
    checked = t2v_cap("check", "plan.yaml", code=3).out.partition("; try ")[2].partition("\n")[0]

    for start, cures in ((first, screen), (f"`{first}", warned), (tried, [checked])):
        assert cures[0].startswith(start)
        for cure in cures:
            assert ("no engine listed for cogvideox-5b)" in cure) == ("--runtime engine" in cure)
