"""The published speed-ups of tests/authorities/speedups.yaml, and what the model predicts of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from places import TESTS
from t2v_capacity.assumptions.choices import ACCELERATIONS, CHOICES
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.catalogue.published import Summary
from t2v_capacity.engine.figures import FIGURES, evaluate
from t2v_capacity.errors import Mistake, Mistakes
from t2v_capacity.files.document import Listing, Node, Scalar, parse_document
from t2v_capacity.files.document import Mapping as Document
from t2v_capacity.questions.measured.accuracy import summary
from t2v_capacity.questions.measured.runs import INCLUDES, SPELLED, ran
from t2v_capacity.scenario.layers import Layer, read_layer
from t2v_capacity.scenario.load import merged
from t2v_capacity.scenario.settings import Scenario

FILE = "speedups.yaml"
_ABOUT = ("id", "lever", "method", "baseline", "accelerated", "speedup", "includes", "with", "quality", "presumed", "source")


@dataclass(frozen=True, slots=True)
class Pair:
    """A published pair: its settings, what was switched on, and how many times as fast that was."""

    about: Mapping[str, str]
    base: Layer
    switched: Layer
    figure: str
    measured: float
    source: str


@cache
def shipped_speedups() -> tuple[Pair, ...]:
    """Return the published pairs.

    >>> shipped_speedups()[0].about["method"], round(shipped_speedups()[0].measured, 3)
    ('TeaCache 0.05', 1.496)
    """
    document = parse_document((TESTS / "authorities" / FILE).read_text(encoding="utf-8"), FILE)
    listed, mistakes = document.entries["pairs"], list[Mistake]()
    assert isinstance(listed, Listing)
    found = tuple(_speedup(node, document, mistakes) for node in listed.items if isinstance(node, Document))
    if mistakes:
        raise Mistakes(mistakes)
    return found


class SpeedUp(NamedTuple):
    """A published speed-up and its prediction: a run, and the same run with an acceleration."""

    id: str
    lever: str
    method: str
    model: str
    width: int
    height: int
    frames_per_video: int
    steps: int
    gpu: str
    gpus: int
    includes: str
    baseline: float | None
    accelerated: float | None
    switched: str  # as settings
    measured: float
    predicted: float
    gave: str  # the entry that was derived from it, so that it is no prediction
    presumed: str
    quality: str
    source: str

    @property
    def ratio(self) -> float:
        """Predicted over measured."""
        return self.predicted / self.measured


class Accelerations(NamedTuple):
    """Predicted and measured speed-ups by pair, summed up, and by lever, over the pairs that are predictions."""

    rows: tuple[SpeedUp, ...]
    summary: Summary
    levers: tuple[Summary, ...]


@cache
def accelerations() -> Accelerations:
    """Return the predicted speed-ups of the published pairs."""
    rows = tuple(map(speedup, shipped_speedups()))
    judged = [row for row in rows if not row.gave]
    levers = dict.fromkeys(row.lever for row in judged)
    by_lever = [(lever, [row for row in judged if row.lever == lever]) for lever in levers]
    whole, *found = [summary(name, [(row.ratio, row.source) for row in some]) for name, some in [("speed-ups", judged), *by_lever]]
    return Accelerations(rows, whole, tuple(found))


def left_out() -> list[dict[str, str]]:
    """Return the published speed-ups that are not among the pairs: name, publisher, and reason."""
    listed = parse_document((TESTS / "authorities" / FILE).read_text(encoding="utf-8"), FILE).entries["left_out"]
    assert isinstance(listed, Listing)
    return [_texts(node) for node in listed.items]


def _texts(node: Node) -> dict[str, str]:
    return {key: value.text for key, value in node.entries.items() if isinstance(value, Scalar)} if isinstance(node, Document) else {}


def _speedup(node: Document, document: Document, mistakes: list[Mistake]) -> Pair:
    about = {key: text for key, text in _texts(node).items() if key in _ABOUT}
    source = _texts(document.entries["sources"].entries[about["source"]]) if isinstance(document.entries["sources"], Document) else {}
    seconds = [float(about[key].removesuffix(" s")) for key in ("baseline", "accelerated") if key in about]
    measured = seconds[0] / seconds[1] if seconds else float(about["speedup"])
    switched = node.entries["with"]
    assert isinstance(switched, Document)
    base = Document({key: value for key, value in node.entries.items() if key not in _ABOUT}, node.keys, node.place)
    layers = [_layer(part, mistakes) for part in (base, switched)]
    cited = ", ".join(filter(None, (source.get("title"), source.get("url"), source.get("published"))))
    return Pair(about, layers[0], layers[1], INCLUDES[about.get("includes", "clip")], measured, cited)


def _layer(node: Document, mistakes: list[Mistake]) -> Layer:
    """Return settings as a layer of a scenario; figures among them are pinned."""
    named = {SPELLED.get(key, key): (node.keys[key], value) for key, value in node.entries.items()}
    pinned, plain = ({name: both for name, both in named.items() if (name in FIGURES) == is_pin} for is_pin in (True, False))
    parts = [
        Document({name: value for name, (_, value) in of.items()}, {name: at for name, (at, _) in of.items()}, node.place)
        for of in (plain, pinned)
    ]
    if pinned:
        parts[0].entries["pins"], parts[0].keys["pins"] = parts[1], node.place
    return read_layer(parts[0], FILE, mistakes)


def predicted(pair: Pair, catalogue: Catalogue, figure: str = "") -> tuple[Scenario, Scenario, float]:
    """Return a pair's scenarios, plain and with what was switched on, and how many times as fast its figure is by them."""
    scenarios = [merged(layers, [], catalogue=catalogue) for layers in ([pair.base], [pair.base, pair.switched])]
    plain, fast = (evaluate(ran(scenario), (figure or pair.figure,))[figure or pair.figure] for scenario in scenarios)
    return scenarios[0], scenarios[1], plain / fast


def speedup(pair: Pair) -> SpeedUp:
    """Return a published speed-up with its prediction."""
    catalogue, about = Catalogue(), pair.about
    plain, fast, found = predicted(pair, catalogue)
    chosen, values = fast.chosen(), plain.values()
    seconds = [float(about[key].removesuffix(" s")) if key in about else None for key in ("baseline", "accelerated")]
    entries = [catalogue.acceleration(name, chosen) for name in ACCELERATIONS if chosen[name] != CHOICES[name].default]
    return SpeedUp(
        id=about["id"],
        lever=about["lever"],
        method=about["method"],
        model=str(plain.choices["model"].value),
        width=int(values["width"]),
        height=int(values["height"]),
        frames_per_video=round(values.get("frames_per_video", values["duration"] * values["fps"])),
        steps=int(values["steps"]),
        gpu=plain.choices["gpu"].value if "gpu" in pair.base.choices else "not stated",
        gpus=int(values["gpus_per_replica"]),
        includes=about.get("includes", "clip"),
        baseline=seconds[0],
        accelerated=seconds[1],
        switched=", ".join(f"{name}={written.value}" for name, written in {**pair.switched.choices, **pair.switched.numbers}.items()),
        measured=pair.measured,
        predicted=found,
        gave=next((entry.id for entry in entries if entry.about.get("pair") == about["id"]), ""),
        presumed=about.get("presumed", ""),
        quality=about.get("quality", ""),
        source=pair.source,
    )
