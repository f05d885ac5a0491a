"""The recorded errors of the model, catalogue/published.json, are those that it makes today."""

import json

import pytest

from fit.index import FEWEST, judged, text
from fit.shipped import shipped_runs
from t2v_capacity.catalogue.published import FILE, published
from t2v_capacity.plan.evidence import BANDS

SAME = 1e-6
STALE = "catalogue/published.json is stale: python tests/record.py errors"


def test_the_record_is_what_the_model_says() -> None:
    """Each kind of run is recorded as it is predicted and judged today, by all constants and by those of the others."""
    recorded = {(row.id, row.quantity): row for row in published().rows}
    one_of_each = {row.kind: row.id for row in published().rows}

    for run in shipped_runs():
        for one in judged(run) if run.id in one_of_each.values() else ():
            was = recorded[run.id, one.row.quantity]
            numbers = [
                (row.measured, row.predicted, row.left_out_predicted or 0, row.source_out_predicted or 0, row.tokens)
                for row in (was, one.row)
            ]
            assert numbers[0] == pytest.approx(numbers[1], rel=SAME), STALE
            assert was == one.row._replace(
                measured=was.measured,
                predicted=was.predicted,
                left_out_predicted=was.left_out_predicted,
                source_out_predicted=was.source_out_predicted,
                tokens=was.tokens,
            ), STALE


@pytest.mark.slow
def test_the_whole_record_is_what_the_runs_say() -> None:
    """All that is recorded is what the shipped runs and constants give now: rows, errors by class, and bands."""
    was, now = (_flat(json.loads(one)) for one in (FILE.read_text(encoding="utf-8"), text()))

    assert len(was) == len(now), STALE
    for one, other in zip(was, now, strict=True):
        assert (pytest.approx(one, rel=SAME) if isinstance(one, float) else one) == other, STALE


def _flat(value: object) -> list[object]:
    """Return the leaves of a document, keys among them."""
    if isinstance(value, dict):
        return [leaf for key, one in value.items() for leaf in (key, *_flat(one))]
    return [leaf for one in value for leaf in _flat(one)] if isinstance(value, list) else [value]


@pytest.mark.parametrize("name", BANDS)
def test_the_band_holds_what_it_says(name: str) -> None:
    """Of the runs of a class, each predicted without its source, the band holds 86 to 94%."""
    held, of = published().held[name]

    assert of >= FEWEST
    assert 0.86 <= held / of <= 0.94
