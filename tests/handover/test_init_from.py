"""A catalogue from a transformer's configuration.

Its facts are the known model's, and its parameters those that diffusers has.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from places import AUTHORITIES
from shared import Program, write
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.handover import init_from
from t2v_capacity.handover.init_from import MODEL_CLASSES

pytestmark = pytest.mark.usefixtures("folder")
# Configurations as diffusers 0.42.1 writes them, each with the parameters of the module that it makes of it.
KNOWN: dict[str, dict[str, Any]] = json.loads((AUTHORITIES / "transformer_configs.json").read_text(encoding="utf-8"))
# How far the matrices are from all parameters: biases, norms and embeddings of positions are left out.
NEAR = 0.005


def made(t2v_cap: Program, config: dict[str, Any]) -> Catalogue:
    """Return the catalogue that is written from a configuration."""
    write(json.dumps(config), "config.json")
    t2v_cap("init", "--from", "config.json", "own.yaml")
    return Catalogue(("own.yaml",))


def test_a_configuration_is_read_on_the_readers_day(t2v_cap: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """The source of the facts has the day on which the file was read, and not that of the release."""
    monkeypatch.setattr(init_from, "today", lambda: date(2027, 2, 3))
    config = KNOWN["wan2.1-t2v-14b"]["config"]
    layers = made(t2v_cap, config).find("models", "my-model").facts["layers"]

    assert (layers.text, layers.dated) == (str(config["num_layers"]), "2027-02-03")


@pytest.mark.parametrize("model", KNOWN)
def test_a_configuration_gives_the_known_model_back(model: str, t2v_cap: Program) -> None:
    """What a file says is what the catalogue says of that model.

    The parameters are within half a per cent of diffusers' own.
    """
    found, known = (
        catalogue.find("models", name)
        for catalogue, name in ((made(t2v_cap, KNOWN[model]["config"]), "my-model"), (Catalogue(), model))
    )
    said = {name for name, fact in found.facts.items() if fact.source.startswith("config.json")}

    assert {"layers", "hidden_size", "heads", "ffn_size", "patch_height"} <= said
    parameters = pytest.approx(KNOWN[model]["parameters"], rel=NEAR)
    assert float(found.facts["model_params"].read("model_params")) == parameters  # type: ignore[arg-type]
    for name in said - {"model_params"}:
        assert found.facts[name].read(name) == known.facts[name].read(name), name
    assert found.about["text_attention"] == known.about["text_attention"]
    assert found.facts["steps"].text == known.facts["steps"].text


def test_cogvideox_1_5_has_no_frame_in_its_file(t2v_cap: Program) -> None:
    """Its `sample_width` of 300 is a grid of positions: the frame is the known model's, 1360x768 and 81 frames.

    The keys are those of diffusers' convert_cogvideox_to_diffusers.py, version 1.5. To 5B's parameters they add the
    second frame of a patch of 2 x 2 x 16 numbers, at both ends, and its bias at the last.
    """
    plain = KNOWN["cogvideox-5b"]
    keys = {"patch_size_t": 2, "patch_bias": False, "sample_height": 300, "sample_width": 300, "sample_frames": 81}
    facts = made(t2v_cap, plain["config"] | keys).find("models", "my-model").facts
    *frame, counted = [facts[name].read(name) for name in ("width", "height", "duration", "model_params")]
    parameters = plain["parameters"] + 2 * 64 * 3072 + 64

    assert frame == [1360, 768, pytest.approx(81 / 16)]
    assert counted == pytest.approx(parameters, rel=NEAR)


def test_every_class_is_among_the_known() -> None:
    """Each class that is read is held to a configuration of it."""
    assert {one["config"]["_class_name"] for one in KNOWN.values()} == set(MODEL_CLASSES)


def test_a_plan_is_made_of_it(t2v_cap: Program) -> None:
    """A scenario uses the entry as it is written; what the file does not say is the named model's."""
    made(t2v_cap, KNOWN["wan2.1-t2v-14b"]["config"])
    text = Path("own.yaml").read_text(encoding="utf-8")
    seconds = [
        t2v_cap("estimate", "--model", model, *more, "--dau", "1M", "--format", "json").json["figures"][
            "gpu_seconds_per_video"
        ]["value"]
        for model, more in (("my-model", ("--catalogue", "own.yaml")), ("wan2.1-t2v-14b", ()))
    ]

    assert seconds[0] == pytest.approx(seconds[1], rel=NEAR)
    assert "extends: wan2.1-t2v-14b" in text
