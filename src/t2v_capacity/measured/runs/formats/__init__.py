"""What benchmarks write, as runs of the program's own form: each file is known by its content.

A file that states its model, clip or GPU has these as settings of the run. The others are the plan's.
"""

from collections.abc import Iterable, Iterator

from t2v_capacity.assumptions.quantities import parse
from t2v_capacity.errors import Mistake
from t2v_capacity.files.document import Document, Scalar
from t2v_capacity.measured.runs.formats.fields import (
    amount_in,
    document_at,
    first_text,
    model_setting,
    nodes_at,
    quantity_at,
    settings_at,
    text_at,
)
from t2v_capacity.measured.runs.formats.tools import Tool, benchmarks

# Requests under way at once, on average, above which the latency holds waiting.
_ALONE = 1.05
# How much longer than the whole a stage may seem: medians of both are of different requests.
_SLACK = 1.05
_IMAGES = ("t2i", "i2i", "ti2i")  # tasks


def _tool(node: Document) -> Tool | None:
    """Return the benchmark that wrote a mapping; nothing of any other mapping."""

    def has(paths: Iterable[str]) -> bool:
        return any(nodes_at(node, path) for path in paths)

    return next((tool for tool in benchmarks() if has(tool.has) and not has(tool.lacks)), None)


def is_benchmark(node: Document) -> bool:
    """Return whether a mapping is what a benchmark writes."""
    return _tool(node) is not None


def as_runs(node: Document, mistakes: list[Mistake]) -> Iterator[tuple[str, Document]]:
    """Yield the measurements of a benchmark's object as mappings of runs, each with the ending of its id.

    Those are the clip, its denoising and its decode. Yield any other mapping as it is.

    >>> from t2v_capacity.files.document import parse_document
    >>> text = '{"latency_median": 9.1, "model": "Wan2.2", "stage_durations_p50": {"Wan22Pipeline.diffuse": 8.5}}'
    >>> benchmark = parse_document(text, "bench.json")
    >>> [(ending, [*run.entries]) for ending, run in as_runs(benchmark, [])]
    [('', ['source', 'model', 'seconds']), ('-denoising', ['source', 'model', 'denoising_seconds'])]
    """
    tool = _tool(node)
    if tool is None:
        yield "", node
        return
    node = Document(tool.entries(node), node.keys, node.place)
    whole, memory = quantity_at(node, tool.seconds), quantity_at(node, tool.memory)
    denoising, decode = quantity_at(node, tool.denoising), quantity_at(node, tool.decode)
    wrong = [*_wrong(node, tool, whole, (denoising, decode))]
    if wrong or whole is None:
        mistakes += wrong
        return
    model = first_text(node, tool.model)
    stated = {"source": Scalar(f"{tool.name}{f' of {model.text}' if model else ''}", node.place)}
    if model and model.text != "default":  # as vLLM-Omni's script writes where it was not given a model
        stated["model"] = model_setting(model)
    stated |= {name: Scalar(text, node.place) for name, text in tool.clip.items()}
    stated |= settings_at(node, tool.settings)
    measured = {"": {"seconds": whole}}
    if memory:
        measured[""]["peak_memory"] = memory
    if denoising:
        measured["-denoising"] = {"denoising_seconds": denoising}
    if decode:
        measured["-vae_decode"] = {"seconds": decode, "includes": Scalar("vae_decode", decode.place)}
    for ending, quantities in measured.items():
        yield ending, document_at(node.place, {**stated, **quantities})


def _wrong(node: Document, tool: Tool, whole: Scalar | None, stages: Iterable[Scalar | None]) -> Iterator[Mistake]:
    """Yield the reasons why a benchmark's times are no run of a clip."""
    completed = first_text(node, tool.completed)
    if completed and amount_in(completed) <= 0:
        message = f"no request succeeded ({completed.text} completed); look into the server's log"
        yield Mistake(message, completed.place)
        return
    if whole is None:
        zero = next(iter(nodes_at(node, tool.seconds[0].rpartition(" ")[0])), node)
        yield Mistake(f"this benchmark has no seconds of a clip; {tool.fix}", zero.place)
    for stage in filter(None, stages):
        if whole and parse(stage.text, "second") > parse(whole.text, "second") * _SLACK:
            message = f"a stage takes {stage.text}, longer than its clip ({whole.text}); measure it again"
            yield Mistake(message, stage.place)
    if (task := text_at(node, "task")) and task.text in _IMAGES:
        yield Mistake(f"this benchmark made images (`task` is {task.text}); a run is of a video", task.place)
    if (batch := text_at(node, "configuration/batch_size")) and amount_in(batch) != 1:
        message = f"`batch_size` is {batch.text}, so that no clip has seconds of its own; run it with `--batch-size 1`"
        yield Mistake(message, batch.place)
    rate, mean = first_text(node, tool.rate), quantity_at(node, tool.mean)
    if rate and mean and (at_once := amount_in(rate) * parse(mean.text, "second")) > _ALONE:
        message = (
            f"{at_once:.2g} requests were under way at once (rate x mean latency), so that a latency holds waiting"
        )
        yield Mistake(f"{message}; run the benchmark with `--max-concurrency 1`", mean.place)
