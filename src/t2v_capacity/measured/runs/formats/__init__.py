"""What benchmarks write, as runs of the program's own form: each file is known by its content, each tool has a reader.

A file that states its model, clip or GPU has these as settings of the run. The others are the plan's.
"""

from collections.abc import Callable

from t2v_capacity.errors import Mistake
from t2v_capacity.files.document import Document
from t2v_capacity.measured.runs.formats.fastvideo import fastvideo_runs, is_fastvideo
from t2v_capacity.measured.runs.formats.fields import Runs
from t2v_capacity.measured.runs.formats.served import is_served, served_runs
from t2v_capacity.measured.runs.formats.sglang import dump_runs, is_dump, is_offline, offline_runs

# The test of who wrote an object, and its reader.
_READERS: tuple[tuple[Callable[[Document], bool], Callable[[Document, list[Mistake]], Runs]], ...] = (
    (is_fastvideo, fastvideo_runs),
    (is_dump, dump_runs),
    (is_offline, offline_runs),
    (is_served, served_runs),
)


def is_benchmark(node: Document) -> bool:
    """Return whether a mapping is what a benchmark writes."""
    return any(wrote(node) for wrote, _read in _READERS)


def as_runs(node: Document, mistakes: list[Mistake]) -> Runs:
    """Yield the measurements of a benchmark's object as mappings of runs, each with the ending of its id.

    Yield any other mapping as it is.

    >>> from t2v_capacity.files.document import parse_document
    >>> text = '{"latency_median": 9.1, "model": "Wan2.2", "stage_durations_p50": {"Wan22Pipeline.diffuse": 8.5}}'
    >>> benchmark = parse_document(text, "bench.json")
    >>> [(ending, [*run.entries]) for ending, run in as_runs(benchmark, [])]
    [('', ['source', 'model', 'seconds']), ('-denoising', ['source', 'model', 'denoising_seconds'])]
    """
    for wrote, read in _READERS:
        if wrote(node):
            yield from read(node, mistakes)
            return
    yield "", node
