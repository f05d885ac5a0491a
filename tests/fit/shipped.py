"""The published runs that ship with the package, from which its errors are recorded."""

from functools import cache

from t2v_capacity.catalogue import HERE
from t2v_capacity.measured.runs.reading import Run, read_runs


@cache
def shipped_runs() -> tuple[Run, ...]:
    """Return the published runs, which are read once.

    >>> shipped_runs()[0].layer.choices["gpu"].value
    'rtx-4090'
    """
    return read_runs(str(HERE / "runs.yaml"))
