"""Accelerations: what was measured is what comes out, what is written by hand stays, and a model has its own."""

from pathlib import Path

import pytest

from shared import over, refusal, write
from t2v_capacity.assumptions.choices import ACCELERATIONS, CHOICES
from t2v_capacity.catalogue import KINDS, Catalogue, Entry
from t2v_capacity.catalogue.reading import factor
from t2v_capacity.engine.figures import evaluate
from t2v_capacity.measured.runs.reading import ran
from t2v_capacity.scenario.load import load_scenario
from texts import Recorded

ENTRIES = [
    (choice, entry)
    for choice in ACCELERATIONS
    for entry in Catalogue().entries(CHOICES[choice].kind).values()
    if "/" in entry.id
]
every_entry = over(("choice entry", ENTRIES))
pytestmark = pytest.mark.usefixtures("folder")
SPEEDS = {"step_cache": "denoising_seconds", "decoder": "vae_decode_seconds"}


def _sets(choice: str, entry: Entry) -> list[str]:
    model, _slash, option = entry.id.partition("/")
    return [f"model={model}", f"{choice}={option}"]


def _written(sets: list[str]) -> str:
    """Write settings into a scenario."""
    return write("".join(f"{one.replace('=', ': ')}\n" for one in sets))


@every_entry
def test_an_entry_says_where_it_is_from_and_what_the_picture_is(choice: str, entry: Entry) -> None:
    """Every entry names its model, evidence, and numbers with a source that can be opened.

    It also names what is known of the picture, which is never the same.
    """
    catalogue = Catalogue()
    assert entry.id.partition("/")[0] in catalogue.names("models")
    assert entry.about["evidence"] in {"measured", "stated"}
    assert entry.about["quality"]
    assert entry.facts
    assert all("https://" in fact.source for fact in entry.facts.values())
    assert not catalogue.same_picture(CHOICES[choice].kind, entry.id)


@over(("choice entry", [one for one in ENTRIES if one[0] in SPEEDS]), ("gpus", [1, 4]))
def test_what_was_measured_is_what_comes_out(choice: str, entry: Entry, gpus: int) -> None:
    """A cache speeds up denoising, and a light decoder the decode, by its entry's measured speed-up, groups too."""
    sets, figure = [*_sets(choice, entry), f"gpus_per_replica={gpus}"], SPEEDS[choice]
    plain, fast = (
        evaluate(ran(load_scenario(None, one)), (figure,))[figure] for one in ([*sets, f"{choice}=null"], sets)
    )
    assert plain / fast == pytest.approx(factor(entry.about["speedup"]), rel=1e-6)


@every_entry
def test_what_is_written_by_hand_wins(choice: str, entry: Entry) -> None:
    """A number in the layer of an acceleration, or in a later one, is the plan's; taken away, the entry's is."""
    sets = _sets(choice, entry)
    base = _written(sets)
    for name in KINDS[CHOICES[choice].kind].facts:
        own = "2" if name in {"steps", "passes_per_step"} else "0.125"
        assert load_scenario(None, [*sets, f"{name}={own}"]).values()[name] == float(own)
        assert load_scenario(base, [f"{name}={own}"]).values()[name] == float(own)
        assert load_scenario(base, [f"{name}={own}", f"{name}=null"]).values() == load_scenario(base).values()


@every_entry
def test_the_pair_in_force_counts(choice: str, entry: Entry) -> None:
    """Whichever of model and acceleration is written first, or in an earlier layer, the plan is the same.

    Without an acceleration it is the model's.
    """
    sets = _sets(choice, entry)
    together, model = load_scenario(None, sets).values(), load_scenario(None, sets[:1]).values()
    for order in (sets, sets[::-1]):
        both = _written(order)
        assert load_scenario(both).values() == together
        assert load_scenario(both, [f"{choice}={CHOICES[choice].default}"]).values() == model
    assert load_scenario(_written(sets[:1]), sets[1:]).values() == together


BROUGHT = [
    (entry, name)
    for choice, entry in ENTRIES
    if choice == "distilled"
    for name in ("sparse_attention", "decoder")
    if name in entry.about
]


@over(("entry name", BROUGHT))
def test_a_checkpoint_brings_what_it_was_trained_with(entry: Entry, name: str) -> None:
    """A distilled checkpoint brings its attention and decoder.

    A choice written by hand stays, in its layer and in an earlier one.
    """
    sets, usual = _sets("distilled", entry), CHOICES[name].default
    by_hand = f"{name}={usual}"
    assert load_scenario(None, sets).choices[name].value == entry.about[name]
    assert load_scenario(None, [*sets, by_hand]).choices[name].value == usual
    assert load_scenario(_written([sets[0], by_hand]), sets[1:]).choices[name].value == usual
    assert load_scenario(_written(sets), ["distilled=none"]).choices[name].value == usual


def test_a_cache_on_few_steps_takes_its_own_measurement(tmp_path: Path, recorded: Recorded) -> None:
    """A cache is refused at eight steps and fewer, unless it was measured there or its share is written.

    The share may be written by hand or in the cache's own entry.
    """
    cached = ["model=wan2.1-t2v-14b", "step_cache=teacache-0.20"]
    load_scenario(None, [*cached, "steps=9"])
    recorded(refusal(load_scenario, None, [*cached, "steps=8"]))
    load_scenario(None, [*cached, "steps=8", "cached_step_share=0.2"])
    own = "step_caches:\n  wan2.1-t2v-14b/mine: {speedup: 1.2, steps: 8, evidence: measured}\n"
    share = "  wan2.1-t2v-14b/share: {extends: wan2.1-t2v-14b/mine, cached_step_share: 0.3}\n"
    for name, expected in (("mine", 1 - 1 / 1.2), ("share", 0.3)):
        found = load_scenario(
            None, [cached[0], f"step_cache={name}", "steps=4"], catalogues=[write(own + share, tmp_path / "own.yaml")]
        )
        assert found.values()["cached_step_share"] == pytest.approx(expected)
