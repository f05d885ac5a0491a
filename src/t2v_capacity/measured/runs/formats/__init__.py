"""What benchmarks write, as runs of the program's own form: each file is known by its content, each tool has a reader.

A file that states its model, clip or GPU has these as settings of the run. The others are the plan's.
"""

from collections.abc import Callable

from t2v_capacity.errors import Mistake
from t2v_capacity.files.document import Document
from t2v_capacity.measured.runs.formats import fastvideo, served, sglang
from t2v_capacity.measured.runs.formats.fields import Runs

# The test of who wrote an object, and its reader.
_READERS: tuple[tuple[Callable[[Document], bool], Callable[[Document, list[Mistake]], Runs]], ...] = (
    (fastvideo.is_fastvideo, fastvideo.fastvideo_runs),
    (sglang.is_dump, sglang.dump_runs),
    (sglang.is_offline, sglang.offline_runs),
    (served.is_served, served.served_runs),
)


def is_benchmark(node: Document) -> bool:
    """Return whether a mapping is what a benchmark writes."""
    return any(wrote(node) for wrote, _read in _READERS)


def as_runs(node: Document, mistakes: list[Mistake]) -> Runs:
    """Return the measurements of a benchmark's object as mappings of runs, each with the ending of its id.

    Return any other mapping as it is.

    >>> from t2v_capacity.files.document import parse_document
    >>> text = '{"latency_median": 9.1, "model": "Wan2.2", "stage_durations_p50": {"Wan22Pipeline.diffuse": 8.5}}'
    >>> benchmark = parse_document(text, "bench.json")
    >>> [(ending, [*run.entries]) for ending, run in as_runs(benchmark, [])]
    [('', ['source', 'model', 'seconds']), ('-denoising', ['source', 'model', 'denoising_seconds'])]
    """
    read = next((read for wrote, read in _READERS if wrote(node)), None)
    return read(node, mistakes) if read else iter([("", node)])
