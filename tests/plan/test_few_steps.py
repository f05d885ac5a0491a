"""Few steps: told where nothing says that the checkpoint was distilled to so few, and where a cache would skip some of them."""

from pathlib import Path

import pytest

from shared import some, write
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.plan.estimate import estimate
from t2v_capacity.scenario.load import load_scenario

MODELS = Catalogue().names("models")


def _codes(sets: list[str], file: str | None = None) -> set[str]:
    return {warning.code for warning in estimate(load_scenario(file, ["dau=1M", *sets])).warnings}


@pytest.mark.parametrize("model", some(MODELS, 12))
def test_steps_far_below_the_checkpoints_are_told(model: str) -> None:
    """Fewer than a quarter of a checkpoint's steps are told, a quarter is not, and less guidance is the sign of a distilled one."""
    facts = Catalogue().find("models", model).facts
    steps, passes = int(facts["steps"].text), int(facts["passes_per_step"].text)
    fewer = (steps - 1) // 4
    tried = {1, fewer - 1, fewer, fewer + 1, fewer + 2, steps // 2, steps} & {*range(1, steps + 1)}
    told = {count: "steps-not-distilled" in _codes([f"model={model}", f"steps={count}"]) for count in tried}
    assert told == {count: count <= fewer for count in tried}
    if fewer and passes > 1:
        assert "steps-not-distilled" not in _codes([f"model={model}", f"steps={fewer}", f"passes_per_step={passes - 1}"])


def test_a_source_beside_steps_says_why_they_are_few(tmp_path: Path) -> None:
    """Steps with a source, and a clip whose seconds are pinned, are nobody's oversight."""
    file = tmp_path / "plan.yaml"
    for text, told in (("4", True), ("{value: 4, source: our distilled LoRA}", False)):
        write(f"model: wan2.2-t2v-a14b\nsteps: {text}\n", file)
        assert ("steps-not-distilled" in _codes([], str(file))) is told
    plan = estimate(load_scenario(None, ["model=wan2.2-t2v-a14b", "steps=4"], ["gpu_seconds_per_video=60"]))
    assert "steps-not-distilled" not in {warning.code for warning in plan.warnings}
