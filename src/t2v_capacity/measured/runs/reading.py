"""Read measured runs: the time, the hardware, and the scenario that describes each.

A key of a run that is an assumption, a choice or a figure is a setting; the others say what was measured.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from t2v_capacity.assumptions.names import kind_of
from t2v_capacity.assumptions.parts import PINS
from t2v_capacity.assumptions.quantities import QuantityError, not_a_date, parse
from t2v_capacity.catalogue.reading import read_date
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import Mistake, Place, gathered, nearest, quote, refuse
from t2v_capacity.files.document import Document, Listing, Node, Scalar, parts, read_text
from t2v_capacity.measured.runs.formats import as_runs, is_benchmark
from t2v_capacity.measured.runs.formats.fields import file_of_runs
from t2v_capacity.measured.runs.formats.texts import document_of
from t2v_capacity.scenario.layers import Layer, read_layer
from t2v_capacity.scenario.settings import Scenario

# The content of a run's seconds -> the figure that predicts them.
INCLUDES = {"clip": "generation_latency", "denoising": "denoising_seconds", "vae_decode": "group_decode_seconds"}
# Keys that hold seconds of another kind -> the same.
OTHER_SECONDS = {"gpu_seconds": "gpu_seconds_per_video", "denoising_seconds": "denoising_seconds"}
SPELLED = {"gpus": "gpus_per_replica", "frames": "frames_per_video"}
ABOUT = ("id", "task", "option", "kernel", "confidence", "fit", "why", "source", "note", "date")
KNOWN = {
    "kernel": ("stated", "unambiguous", "presumed", "unknown"),
    "confidence": ("high", "medium", "low"),
    "fit": ("true", "false"),
}
# The figure of a plan's memory that a measured run settles: it ran.
RAN = "can_run"
# Bounds of a run's measurements, far wider than any run needs: microseconds to three years, a kilobyte to an exabyte.
_LIKELY = {"second": (1e-6, 1e8), "byte": (1e3, 1e18)}
_MEASURED = ("seconds", "includes", "peak_memory", *OTHER_SECONDS)


class Run(NamedTuple):
    """One measured run: its settings as a layer of a scenario, and what was measured."""

    id: str
    layer: Layer
    place: Place
    figure: str  # the figure that predicts its seconds
    seconds: float | None
    peak_memory: float | None
    about: Mapping[str, str]
    source: str
    published: str = ""  # the date of its source

    @property
    def day(self) -> str:
        """The last day that its date can mean, else its source's; nothing if neither has one.

        PyTorch's `sdpa` took another kernel before 2026.
        """
        date = self.about.get("date") or self.published
        return date + "-12-31"[len(date) - 4 :] if date else ""

    @property
    def fit(self) -> bool:
        """Whether the constants were fitted on it."""
        return self.about.get("fit") == "true"


def ran(scenario: Scenario) -> dict[str, float]:
    """Return the values that a measured run is predicted from: its memory sufficed, whatever the memory model says."""
    return {**scenario.values(), RAN: 1.0}


def read_runs(path: str) -> tuple[Run, ...]:
    """Return a user's runs: a list of mappings, alone or under `runs:`, a table of them, or what a benchmark writes.

    Raises Mistakes with every mistake of the file.
    """
    document = document_of(*read_text(path), ("seconds", "peak_memory", *OTHER_SECONDS))
    if is_benchmark(document):
        document = file_of_runs([document], document.place)
    with gathered() as mistakes:
        table = parts(document, ("sources", "runs"), "a file of runs", mistakes).get("sources")
        entries = table.entries.items() if isinstance(table, Document) else ()
        sources = {name: _texts(node) for name, node in entries}
        numbered = enumerate(_run_nodes(document, mistakes), 1)
        runs = [
            _run(run, f"{number}{part}", mistakes) for number, node in numbered for part, run in as_runs(node, mistakes)
        ]
        if not runs and not mistakes:
            refuse(
                mistakes,
                "there is no run here; write a list of them, such as `- {seconds: 120, steps: 50}`",
                document.place,
            )
    return tuple([_of_source(run, sources[run.source]) if run.source in sources else run for run in runs])


def _of_source(run: Run, source: Mapping[str, str]) -> Run:
    """Return a run with its source as it is cited, and its date."""
    published = source.get("published", "")
    cited = ", ".join(filter(None, (source.get("title"), source.get("url"), published)))
    return run._replace(source=cited, published=published if read_date(published) else "")


def _run_nodes(document: Document, mistakes: list[Mistake]) -> Iterator[Document]:
    node = document.entries.get("runs")
    if node is not None and not isinstance(node, Listing):
        refuse(mistakes, "`runs` is a list; begin each of them with `- `", document.keys["runs"])
    for run in node.items if isinstance(node, Listing) else ():
        if isinstance(run, Document):
            yield run
        else:
            refuse(mistakes, "this must be a mapping, such as `{seconds: 120, steps: 50}`", run.place)


def _texts(node: Node) -> dict[str, str]:
    if not isinstance(node, Document):
        return {}
    return {key: scalar.text for key, scalar in node.entries.items() if isinstance(scalar, Scalar)}


def _run(node: Document, number: str, mistakes: list[Mistake]) -> Run:
    about = {key: text for key, text in _texts(node).items() if key in ABOUT}
    for key, words in KNOWN.items():
        if about.get(key, words[0]) not in words:
            refuse(mistakes, f"`{key}` is {', '.join(words)}; not `{about[key]}`", node.entries[key].place)
    if "date" in about and not read_date(about["date"]):
        refuse(mistakes, f"`date`: {not_a_date(about['date'])}, or as 2026-11", node.entries["date"].place)
    settings, pins = Document({}, {}, node.place), Document({}, {}, node.place)
    for key, setting in node.entries.items():
        name = SPELLED.get(key, key)
        if key in (*ABOUT, *_MEASURED):
            continue
        if near := "" if kind_of(name) else nearest(key, (*ABOUT, *_MEASURED)):
            refuse(mistakes, f"`{key}` is not a part of a run{near}", node.keys[key])
        else:
            (pins if name in FIGURES else settings).add(name, setting, node.keys[key])
    settings.add(PINS, pins, node.place)
    layer = read_layer(settings, node.place.file, mistakes)
    figure, seconds = _seconds(node, mistakes)
    memory = _quantity(node, "peak_memory", "byte", mistakes)
    if seconds is None and memory is None and not mistakes:
        refuse(
            mistakes,
            "this run measured nothing; add `seconds` (or `gpu_seconds`, `denoising_seconds`, `peak_memory`)",
            node.place,
        )
    return Run(about.get("id", number), layer, node.place, figure, seconds, memory, about, about.get("source", ""))


def _seconds(node: Document, mistakes: list[Mistake]) -> tuple[str, float | None]:
    given = [key for key in ("seconds", *OTHER_SECONDS) if key in node.entries]
    if len(given) > 1:
        refuse(mistakes, f"`{given[0]}` and `{given[1]}` measure the same run; keep one of them", node.keys[given[1]])
    includes = _texts(node).get("includes", "clip")
    if includes not in INCLUDES:
        refuse(mistakes, f"`includes` is {', '.join(INCLUDES)}; not `{includes}`", node.entries["includes"].place)
    key = given[0] if given else "seconds"
    return OTHER_SECONDS.get(key) or INCLUDES.get(includes, ""), _quantity(node, key, "second", mistakes)


def _quantity(node: Document, key: str, unit: str, mistakes: list[Mistake]) -> float | None:
    written = node.entries.get(key)
    if written is None:
        return None
    text = written.text if isinstance(written, Scalar) else ""
    try:
        number = parse(text, unit, bare=unit == "second", write="GB" if unit == "byte" else "s")
    except QuantityError as error:
        refuse(mistakes, f"`{key}`: {error.message}", written.place)
        return None
    low, high = _LIKELY[unit]
    if not low <= number <= high:
        refuse(mistakes, f"`{key}`: nothing that is measured is {quote(text)}", written.place)
    return number
