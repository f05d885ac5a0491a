"""Runs that no constant was fitted to, kept for judging: the next fit is held to them."""

from places import TESTS
from t2v_capacity.measured.runs.accuracy import accuracy
from t2v_capacity.measured.runs.reading import read_runs

UNSEEN = TESTS / "fit" / "unseen.yaml"


def test_unseen_runs_are_read_and_predicted() -> None:
    """Each unseen run can be read, none is in the fit, and each has a predicted time beside its measured one."""
    runs = read_runs(str(UNSEEN))
    rows = accuracy(str(UNSEEN)).rows

    assert len(runs) >= 12
    assert {row.id for row in rows} == {run.id for run in runs}
    assert not [run.id for run in runs if run.fit]
    assert all(0.5 < row.predicted / row.measured < 8 for row in rows)
