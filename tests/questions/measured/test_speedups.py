"""Published speed-ups: each pair can be read again, entries reproduce those that gave them, and the others are predicted."""

import csv
import io
import json
from functools import cache

import pytest

from fit.speedups import left_out, predicted, shipped_speedups
from shared import Program
from t2v_capacity.answers.accuracy_speedups import accelerations_answer, accelerations_report
from t2v_capacity.assumptions.choices import ACCELERATIONS, CHOICES
from t2v_capacity.assumptions.quantities import digits
from t2v_capacity.catalogue import Catalogue, Entry
from t2v_capacity.catalogue.reading import factor
from t2v_capacity.questions.measured.accelerations import Accelerations, accelerations

PAIRS = {pair.about["id"]: pair for pair in shipped_speedups()}
DERIVED = {"step_cache": "denoising_seconds", "decoder": "vae_decode_seconds"}
ENTRIES = [(choice, entry) for choice in DERIVED for entry in Catalogue().entries(CHOICES[choice].kind).values() if "/" in entry.id]
# Median error and 90th percentile of the pairs that are predictions; of caches that others measured too.
PROMISED = {"speed-ups": (0.12, 0.4), "step cache": (0.06, 0.12)}


@cache
def found() -> Accelerations:
    """Return the predictions of the published pairs."""
    return accelerations()


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
        assert next(row for row in found().rows if row.id == pair.about["id"]).predicted < speedup


def test_a_pair_that_gave_an_entry_is_not_judged() -> None:
    """The summary counts every pair but those that gave the entry they are predicted with, each lever by itself."""
    judged = [row for row in found().rows if not row.gave]
    assert found().summary[0].rows == len(judged) == sum(one.rows for one in found().levers)
    assert {row.gave for row in found().rows} - {""} <= {
        entry.id for choice in ACCELERATIONS for entry in Catalogue().entries(CHOICES[choice].kind).values()
    }
    assert len(judged) < len(found().rows)


@pytest.mark.parametrize("name", PROMISED)
def test_speed_ups_are_as_near_as_is_promised(name: str) -> None:
    """Predicted speed-ups lie within what is promised of their lever, without a bias beyond a tenth."""
    one = next(one for one in (*found().summary, *found().levers) if one.name == name)
    median, p90 = PROMISED[name]
    assert one.median_error <= median
    assert one.p90_error <= p90
    assert 0.9 <= one.median_ratio <= 1.1


@pytest.mark.wide
def test_every_form_says_the_same(t2v_cap: Program) -> None:
    """Table, JSON, CSV, markdown and Python have the same pairs with the same numbers."""
    document = t2v_cap("accuracy", "--accelerations", "--format", "json").json
    pairs = document["accelerations"]
    assert document["rows"] == document["pairs"] == []
    assert json.loads(accelerations_answer(found()).json()) == document
    assert [(row.id, row.predicted) for row in found().rows] == [(pair["id"], pair["predicted"]) for pair in pairs]
    shown = [cells for _name, rows in accelerations_report(found()).tables[-1].sections for cells in rows]
    text, markdown = (t2v_cap("accuracy", "--accelerations", *more).out for more in ([], ["--format", "markdown"]))
    by_id = {cells[0]: cells for cells in shown}
    assert list(by_id) == [
        pair["id"] for pair in sorted(pairs, key=lambda one: [*dict.fromkeys(p["lever"] for p in pairs)].index(one["lever"]))
    ]
    for pair in pairs:
        numbers = (f"{digits(pair['measured'])}x", f"{digits(pair['predicted'])}x", f"{pair['ratio']:.2f}")
        assert by_id[pair["id"]][7:10] == numbers
        assert (by_id[pair["id"]][10] != "yes") == bool(pair["gave"])
        line = next(line for line in text.splitlines() if line.startswith(f"{pair['id']} "))
        assert all(number in line for number in numbers)
        assert any(line.startswith(f"| {pair['id']} ") and all(number in line for number in numbers) for line in markdown.splitlines())
    rows = list(csv.DictReader(io.StringIO(t2v_cap("accuracy", "--accelerations", "--format", "csv").out)))
    assert [(row["id"], float(row["measured"]), float(row["predicted"])) for row in rows] == [
        (p["id"], p["measured"], p["predicted"]) for p in pairs
    ]
    assert [one["rows"] for one in document["groups"]] == [one.rows for one in found().levers]
