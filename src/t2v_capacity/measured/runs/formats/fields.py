"""Read fields of a benchmark's file, and write them as the keys of a run of the program's own form.

Every text keeps its place, so that a mistake in it is shown where it stands.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from statistics import median

from t2v_capacity.catalogue import Catalogue
from t2v_capacity.errors import Place
from t2v_capacity.files.document import Document, Listing, Node, Scalar

# Words of a device's name that no name of the catalogue has.
_VENDORS = ("nvidia", "amd", "instinct", "geforce", "tesla")
# Attention backends of FastVideo that name a kernel of the catalogue; `FLASH_ATTN` is of two generations, and the
# plan's counts.
_KERNELS = {"TORCH_SDPA": "sdpa", "SAGE_ATTN": "sage2", "SAGE_ATTN_THREE": "sage3"}


def document_at(place: Place, entries: dict[str, Node]) -> Document:
    """Return a mapping of a file whose keys stand where their values do."""
    return Document(entries, {key: entry.place for key, entry in entries.items()}, place)


def file_of_runs(runs: list[Node], place: Place) -> Document:
    """Return runs as a file that lists them."""
    return document_at(place, {"runs": Listing(runs, place)})


def nodes_at(node: Node, path: str) -> list[Node]:
    """Return what stands at a path of keys; `*` in a key is anything, and by itself also any entry of a list.

    >>> from t2v_capacity.files.document import parse_document
    >>> stages = parse_document('{"stages": {"vae.decode": 3, "diffuse": 8}, "times": [1, 2]}', "bench.json")
    >>> [node.text for path in ("stages/*.decode", "times/*", "sizes") for node in nodes_at(stages, path)]
    ['3', '1', '2']
    """
    nodes = [node]
    for key in path.split("/"):
        nodes = [inner for outer in nodes for inner in _inner(outer, key)]
    return nodes


def _inner(node: Node, key: str) -> list[Node]:
    if isinstance(node, Document):
        return [entry for name, entry in node.entries.items() if fnmatchcase(name, key)]
    return node.items if isinstance(node, Listing) and key == "*" else []


def text_at(node: Node, path: str) -> Scalar | None:
    """Return the first text at a path; nothing where it is missing, null, empty or `false`."""
    scalar = next(iter(nodes_at(node, path)), None)
    return scalar if isinstance(scalar, Scalar) and not scalar.null and scalar.text not in ("", "false") else None


def first_text(node: Node, paths: Iterable[str]) -> Scalar | None:
    """Return the text at the first of several paths that has one."""
    return next((text for path in paths if (text := text_at(node, path))), None)


def quantity_at(node: Node, paths: Iterable[str]) -> Scalar | None:
    """Return the first quantity at several paths, each with its unit; of a list its median; nothing of 0.

    Of a pipeline of two denoisers neither time is the clip's.

    >>> from t2v_capacity.errors import Place
    >>> quantity_at(document_at(Place("a"), {"took": Scalar("315.5", Place("a"))}), ["time ms", "took s"]).text
    '315.5 s'
    """
    for path, unit in map(str.split, paths):
        nodes = nodes_at(node, path)
        median = median_of(nodes[0]) if nodes else None
        amount = median or text_at(node, path)
        if amount and len(nodes) == 1:
            return amount._replace(text=f"{amount.text} {unit}") if amount_in(amount) else None
    return None


def amount_in(node: Node) -> float:
    """Return a number; 0 where there is none."""
    try:
        return float(node.text) if isinstance(node, Scalar) else 0.0
    except ValueError:
        return 0.0


def median_of(node: Node) -> Scalar | None:
    """Return the median of a list of seconds, at the list's place; nothing of anything else."""
    amounts = [amount_in(entry) for entry in node.items] if isinstance(node, Listing) else []
    return Scalar(repr(median(amounts)), node.place) if min(amounts, default=0.0) > 0 else None


def settings_at(node: Node, paths: Mapping[str, str]) -> dict[str, Scalar]:
    """Return the settings of a run that a benchmark states at their paths."""
    settings = dict[str, Scalar]()
    for name, path in paths.items():
        if stated := text_at(node, path):
            settings |= _SETTINGS[name](stated) if name in _SETTINGS else {name: stated}
    return settings


def size_settings(size: Scalar) -> dict[str, Scalar]:
    """Return width, height, and frames if they are stated, of a text such as 832x480x81.

    >>> from t2v_capacity.errors import Place
    >>> [text.text for text in size_settings(Scalar("832x480x81", Place("results.json"))).values()]
    ['832', '480', '81']
    """
    numbers = size.text.lower().split("x")
    if not all(number.strip().isdecimal() for number in numbers):
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


def _kernel_settings(backend: Scalar) -> dict[str, Scalar]:
    return {"attention_kernel": backend._replace(text=_KERNELS[backend.text])} if backend.text in _KERNELS else {}


# Settings that a benchmark writes in another way than a run.
_SETTINGS: dict[str, Callable[[Scalar], dict[str, Scalar]]] = {
    "size": size_settings,
    "gpu": lambda device: {"gpu": gpu_setting(device)},
    "attention_kernel": _kernel_settings,
}
