"""The recorded errors of the model, catalogue/published.json, are those that it makes today."""

import json
import math
from collections import defaultdict
from itertools import combinations

import pytest

from fit.index import factor, judged, text
from fit.shipped import shipped_runs
from places import ROOT
from t2v_capacity.catalogue.published import PUBLISHED_FILE, published
from t2v_capacity.plan.evidence import EXTRAPOLATED, FAR, MIDDLE, NEAR, OPEN, STATED

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
                band=was.band,
            ), STALE


@pytest.mark.slow
def test_the_whole_record_is_what_the_runs_say() -> None:
    """All that is recorded is what the shipped runs and constants give now: rows, errors by class, and bands."""
    was, now = (_flat(json.loads(one)) for one in (PUBLISHED_FILE.read_text(encoding="utf-8"), text()))

    assert len(was) == len(now), STALE
    for one, other in zip(was, now, strict=True):
        assert (pytest.approx(one, rel=SAME) if isinstance(one, float) else one) == other, STALE


def _flat(value: object) -> list[object]:
    """Return the leaves of a document, keys among them."""
    if isinstance(value, dict):
        return [leaf for key, one in value.items() for leaf in (key, *_flat(one))]
    return [leaf for one in value for leaf in _flat(one)] if isinstance(value, list) else [value]


@pytest.mark.parametrize("kernel", [STATED, OPEN])
def test_the_bands_hold_what_they_say(kernel: str) -> None:
    """The printed bands that other sources give hold 86 to 95% of runs, and 82% by source.

    That holds for the runs with a stated kernel, and for the others.
    """
    (found,) = (one for one in published().held if one.name == kernel)

    assert 0.86 <= found.held[published().shares.index(published().share)] <= 0.95
    assert found.by_source >= 0.82


def test_a_band_is_no_narrower_where_less_is_known() -> None:
    """A band widens with its share, with the nearest run's distance, and where the kernel is open.

    A band without a run is widest.
    """
    found = published().bands
    for kernel in (STATED, OPEN):
        near, middle, far = (found[f"{kernel}-{how}"] for how in (NEAR, MIDDLE, FAR))
        assert all(
            one <= other <= another <= last
            for one, other, another, last in zip(near, middle, far, found[EXTRAPOLATED], strict=True)
        )
    for how in (NEAR, MIDDLE, FAR):
        assert all(one <= other for one, other in zip(found[f"{STATED}-{how}"], found[f"{OPEN}-{how}"], strict=True))
    assert all(list(one) == sorted(one) for one in found.values())
    printed = published().shares.index(published().share)
    assert found[f"{STATED}-{NEAR}"][printed] < found[f"{STATED}-{MIDDLE}"][printed] <= 1.25


def test_a_factor_holds_its_share() -> None:
    """A factor holds its share of runs and of rooted sources.

    A source of many runs counts by the root of their number.
    """
    many, few = [(1.05, "many")] * 90, [(1.5, name) for name in "abcdefghij"]

    assert factor(many, 0.9) == 1.05
    assert factor([*many, *few], 0.9) == 1.5
    assert factor([*many, *few], 0.15) == 1.05


def test_the_error_between_two_gpus_holds_four_of_five_pairs() -> None:
    """Of runs of one job and source on two GPUs 80% have a ratio of speeds within the factor, and fewer within less.

    Each is predicted without its source; the document says the factor.
    """
    factor = published().between_gpus
    jobs = defaultdict[object, list[tuple[str, float]]](list)
    for run in published().rows:
        if run.label and not run.option:
            clip = (run.model, run.width, run.height, run.frames_per_video, run.steps, run.ways)
            jobs[run.source, clip, run.gpus, run.runtime].append((run.gpu, run.source_out_ratio or run.ratio))
    pairs = [pair for job in jobs.values() for pair in combinations(job, 2) if pair[0][0] != pair[1][0]]
    offs = [abs(math.log(ratio / other)) for (_gpu, ratio), (_other_gpu, other) in pairs]

    assert len(offs) > 250
    assert sum(off < math.log(factor - 0.01) for off in offs) / len(offs) < 0.8
    assert sum(off < math.log(factor) for off in offs) / len(offs) >= 0.8
    assert f"a factor of {factor} in 80% of pairs" in (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
