"""Read fields of a benchmark's file, and write them as the keys of a run of the program's own form.

Every text keeps its place, so that a mistake in it is shown where it stands.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from statistics import median

from t2v_capacity.catalogue import Catalogue
from t2v_capacity.errors import Mistake, Place
from t2v_capacity.files.document import Document, Listing, Node, Scalar

# The ending of a run's id, and the run.
Runs = Iterator[tuple[str, Document]]
# Words of a device's name that no name of the catalogue has.
_VENDORS = ("nvidia", "amd", "instinct", "geforce", "tesla")


def run_of(place: Place, tool: str, model: Scalar | None, *settings: Mapping[str, Scalar]) -> Document:
    """Return a run of a benchmark: its source, its model if the file names one, and what else it states."""
    # vLLM-Omni's script writes "default" where it was not given a model.
    named = {"model": model_setting(model)} if model and model.text != "default" else {}
    source = Scalar(f"{tool}{f' of {model.text}' if model else ''}", place)
    entries = dict[str, Node]({"source": source} | named)
    for stated in settings:
        entries |= stated
    return document_at(place, entries)


def document_at(place: Place, entries: dict[str, Node]) -> Document:
    """Return a mapping of a file whose keys stand where their values do."""
    return Document(entries, {key: entry.place for key, entry in entries.items()}, place)


def file_of_runs(runs: list[Node], place: Place) -> Document:
    """Return runs as a file that lists them."""
    return document_at(place, {"runs": Listing(runs, place)})


def text_at(node: Node | None, *path: str) -> Scalar | None:
    """Return the text at a path of keys; nothing where it is missing, null, empty or `false`."""
    scalar = node_at(node, *path)
    return scalar if isinstance(scalar, Scalar) and not scalar.null and scalar.text not in ("", "false") else None


def node_at(node: Node | None, *path: str) -> Node | None:
    """Return what stands at a path of keys; nothing where it is missing."""
    for key in path:
        node = node.entries.get(key) if isinstance(node, Document) else None
    return node


def with_unit(scalar: Scalar, unit: str) -> Scalar:
    """Return a number of a file with its unit.

    >>> from t2v_capacity.errors import Place
    >>> with_unit(Scalar("315.5", Place("bench.json")), "s").text
    '315.5 s'
    """
    return scalar._replace(text=f"{scalar.text} {unit}")


def amount_in(scalar: Scalar | None) -> float:
    """Return a number; 0 where there is none.

    >>> amount_in(None)
    0.0
    """
    try:
        return float(scalar.text) if scalar else 0.0
    except ValueError:
        return 0.0


def median_of(node: Node | None) -> Scalar | None:
    """Return the median of a list of seconds, at the list's place; nothing of anything else."""
    amounts = [amount_in(text_at(entry)) for entry in node.items] if isinstance(node, Listing) else []
    if node is None or min(amounts, default=0.0) <= 0:
        return None
    return Scalar(f"{median(amounts)!r} s", node.place)


def settings_at(node: Node | None, names: Mapping[str, str]) -> dict[str, Scalar]:
    """Return the settings of a run that a mapping states. `names` are its own keys by the tool's."""
    stated = ((own, text_at(node, theirs)) for theirs, own in names.items())
    return {own: scalar for own, scalar in stated if scalar is not None}


def size_settings(size: Scalar | None) -> dict[str, Scalar]:
    """Return width, height, and frames if they are stated, of a text such as 832x480x81.

    >>> from t2v_capacity.errors import Place
    >>> [text.text for text in size_settings(Scalar("832x480x81", Place("results.json"))).values()]
    ['832', '480', '81']
    """
    numbers = size.text.lower().split("x") if size else []
    if size is None or not all(number.strip().isdecimal() for number in numbers):
        return {}
    return {name: size._replace(text=text) for name, text in zip(("width", "height", "frames"), numbers, strict=False)}


def model_setting(model: Scalar) -> Scalar:
    """Return a model as the catalogue names it: without its publisher or folder, and without `-Diffusers`.

    >>> from t2v_capacity.errors import Place
    >>> model_setting(Scalar("Wan-AI/Wan2.1-T2V-1.3B-Diffusers", Place("perf.json"))).text
    'wan2.1-t2v-1.3b'
    """
    name = model.text.rstrip("/").rpartition("/")[2].lower().replace("_", "-")
    return model._replace(text=name.removesuffix("-diffusers"))


def gpu_setting(device: Scalar) -> Scalar:
    """Return a GPU as the catalogue names it, by the name that its driver reports.

    >>> from t2v_capacity.errors import Place
    >>> [
    ...     gpu_setting(Scalar(name, Place("perf.json"))).text
    ...     for name in ("NVIDIA H100 80GB HBM3", "NVIDIA H100 PCIe", "NVIDIA A100-SXM4-80GB", "NVIDIA L40S")
    ... ]
    ['h100', 'h100-pcie', 'a100-80gb', 'l40s']
    """
    words = [word for word in re.split(r"[^a-z0-9]+", device.text.lower()) if word and word not in _VENDORS]
    plain = [word for word in words if not word.startswith("sxm")]
    catalogue = Catalogue()
    for length in range(len(plain), 0, -1):
        name = "-".join(plain[:length])
        if catalogue.entry("gpus", name):
            return device._replace(text=name)
    return device._replace(text="-".join(words))


def runs_of_clip(
    place: Place,
    tool: str,
    model: Scalar | None,
    settings: Mapping[str, Scalar],
    seconds: Scalar,
    stages: Mapping[str, Scalar | None],
    memory: Scalar | None = None,
) -> Runs:
    """Yield the run of a clip, with the MiB that it took, and those of its stages: denoising, and the VAE decode."""
    peak = {"peak_memory": with_unit(memory, "MiB")} if memory and amount_in(memory) > 0 else {}
    yield "", run_of(place, tool, model, settings, {"seconds": seconds}, peak)
    for name, timed in stages.items():
        if timed is None or amount_in(timed._replace(text=timed.text.split()[0])) <= 0:
            continue
        stage = {name: timed}
        if name == "vae_decode":
            stage = {"seconds": timed, "includes": Scalar(name, timed.place)}
        yield f"-{name.removesuffix('_seconds')}", run_of(place, tool, model, settings, stage)


def failed(completed: Scalar | None) -> Iterable[Mistake]:
    """Yield the mistake of a benchmark of which no request succeeded."""
    if completed is not None and amount_in(completed) <= 0:
        message = f"no request succeeded ({completed.text} completed); look into the server's log"
        yield Mistake(message, completed.place)
