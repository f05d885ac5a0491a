"""Published speed-ups: each pair can be read again, entries reproduce those that gave them, and the others are predicted."""

import pytest

from fit.speedups import accelerations, left_out, predicted, shipped_speedups
from t2v_capacity.assumptions.choices import ACCELERATIONS, CHOICES
from t2v_capacity.catalogue import Catalogue, Entry
from t2v_capacity.catalogue.reading import factor

PAIRS = {pair.about["id"]: pair for pair in shipped_speedups()}
DERIVED = {"step_cache": "denoising_seconds", "decoder": "vae_decode_seconds"}
ENTRIES = [(choice, entry) for choice in DERIVED for entry in Catalogue().entries(CHOICES[choice].kind).values() if "/" in entry.id]
# Median error and 90th percentile of the pairs that are predictions; of caches that others measured too.
PROMISED = {"speed-ups": (0.12, 0.4), "step cache": (0.06, 0.12)}


def test_every_pair_can_be_read_again() -> None:
    """Each pair has its own id, an address, a lever and a model that the catalogue has, and its two runs differ in something."""
    assert len(PAIRS) == len(shipped_speedups())
    for pair in PAIRS.values():
        assert "https://" in pair.source
        assert pair.about["lever"]
        assert pair.base.choices["model"].value in Catalogue().names("models")
        assert {**pair.switched.choices, **pair.switched.numbers}
        assert pair.measured > 0.9


def test_what_is_left_out_says_why() -> None:
    """What was published and is no pair is named with its source and the reason; what the facts call not believable is among it."""
    assert all(one["what"] and one["by"] and one["why"] for one in left_out())
    assert any("not believable" in one["why"] for one in left_out())


@pytest.mark.parametrize(("choice", "entry"), ENTRIES, ids=lambda one: one.id if isinstance(one, Entry) else one)
def test_an_entry_reproduces_the_pair_that_gave_it(choice: str, entry: Entry) -> None:
    """At its own pair's setting an entry's derived share gives the published speed-up, or the entry says what else the seconds covered."""
    pair, catalogue = PAIRS[entry.about["pair"]], Catalogue()
    assert factor(entry.about["speedup"]) == pytest.approx(pair.measured, rel=1e-6)
    model, own = pair.base.choices["model"].value, entry.id.partition("/")[0]
    if model != own:  # the same decoder, on a model that has the same VAE
        facts = [catalogue.find("models", name).facts["vae_decode_flops_per_pixel"] for name in (str(model), own)]
        assert facts[0] == facts[1]
        return
    assert str(pair.switched.choices[choice].value) == entry.id.partition("/")[2]
    _plain, _fast, speedup = predicted(pair, catalogue, DERIVED[choice])
    assert speedup == pytest.approx(pair.measured, rel=1e-6)
    if pair.figure != DERIVED[choice]:
        assert entry.about["of"] == "clip"
        assert next(row for row in accelerations().rows if row.id == pair.about["id"]).predicted < speedup


def test_a_pair_that_gave_an_entry_is_not_judged() -> None:
    """The summary counts every pair but those that gave the entry they are predicted with, each lever by itself."""
    judged = [row for row in accelerations().rows if not row.gave]
    assert accelerations().summary.rows == len(judged) == sum(one.rows for one in accelerations().levers)
    assert {row.gave for row in accelerations().rows} - {""} <= {
        entry.id for choice in ACCELERATIONS for entry in Catalogue().entries(CHOICES[choice].kind).values()
    }
    assert len(judged) < len(accelerations().rows)


@pytest.mark.parametrize("name", PROMISED)
def test_speed_ups_are_as_near_as_is_promised(name: str) -> None:
    """Predicted speed-ups lie within what is promised of their lever, without a bias beyond a tenth."""
    one = next(one for one in (accelerations().summary, *accelerations().levers) if one.name == name)
    median, p90 = PROMISED[name]
    assert one.median_error <= median
    assert one.p90_error <= p90
    assert 0.9 <= one.median_ratio <= 1.1
