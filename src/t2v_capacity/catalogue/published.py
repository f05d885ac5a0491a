"""The published runs and the model's errors on them.

These are facts, which `python tests/record.py errors` writes and no answer computes.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from pydantic_core import from_json
from typing_extensions import TypedDict

from t2v_capacity.catalogue import HERE

PUBLISHED_FILE = HERE / "published.json"


class Measurement(NamedTuple):
    """A measured run and its prediction: seconds, or bytes where its memory was measured."""

    id: str
    quantity: str  # seconds or memory
    kind: str  # the class of runs in which it is judged; empty where it is shown only
    model: str
    width: int
    height: int
    frames_per_video: int
    steps: int
    gpu: str
    gpus: int
    generation: str
    kernel: str  # empty where its source does not say
    runtime: str
    option: str
    measured: float
    predicted: float
    in_fit: bool
    why_not: str  # why it is not in the fit
    kernel_known: str
    confidence: str
    source: str
    left_out_predicted: float | None = None  # with constants fitted without the model's family
    source_out_predicted: float | None = (
        None  # the same without the runs of its source; nothing where these gave no constant
    )
    band: str = ""  # the class of the model's error in which it is judged, by the runs of other sources
    label: str = ""  # of the first screen; empty where no estimate is near it
    network: str = ""  # the model by whose name its network is timed
    precision: str = ""  # of the arithmetic
    tokens: float = 0.0
    judged: bool = False  # whether it is evidence: a plain run with a known kernel, of a generation in the fit
    rate: float = 0.0  # FLOP/s of 16 bits that its GPU's power sustains: cards of one rate are alike
    ways: frozenset[str] = frozenset()  # what it did otherwise than a plain clip, of what was timed
    own_ends: tuple[float, float] | None = (
        None  # of a user's run: true over predicted seconds, as an estimate prints them
    )

    @property
    def ratio(self) -> float:
        """Predicted over measured."""
        return self.predicted / self.measured

    @property
    def left_out_ratio(self) -> float | None:
        """Predicted over measured, without the model's family."""
        return self.left_out_predicted / self.measured if self.left_out_predicted else None

    @property
    def source_out_ratio(self) -> float | None:
        """Predicted over measured, without its source."""
        return self.source_out_predicted / self.measured if self.source_out_predicted else None

    @property
    def ends(self) -> tuple[float, float] | None:
        """The ends of true over predicted seconds; none of a run that is judged with nothing."""
        return self.own_ends or (published().ends(self.band) if self.band else None)

    @property
    def attention_kernel(self) -> str:
        """The GPU generation and the kernel."""
        return f"{self.generation}/{self.kernel}" if self.kernel else f"{self.generation}, not stated"

    @property
    def measured_by(self) -> str:
        """Who measured it; a run without a source stands for itself."""
        return self.source or f"run {self.id}"


class SummaryData(TypedDict):
    """The error of several rows, and how far its mean depends on their sources."""

    name: str
    label: str
    rows: int
    median_error: float
    p90_error: float
    median_ratio: float
    sources: int
    mean_error: float
    """The mean of |log(predicted / measured)|, and the 5th and 95th percentile of it over sources drawn anew"""
    mean_low: float
    mean_high: float
    p90_by_source: float
    """The 90th percentile over sources of their median errors; the largest of these, and whose it is"""
    tail_source: str
    tail_error: float


class Held(NamedTuple):
    """The share of a class's runs, each by the runs of other sources, that the band of each nominal share holds."""

    name: str
    rows: int
    sources: int
    held: tuple[float, ...]
    by_source: float  # of the band that is printed: the mean over sources of their share


class Index(NamedTuple):
    """The runs; and by class how many times off the predicted seconds are, at most, in each nominal share of them."""

    shares: Sequence[float]
    share: float  # the nominal share whose band is printed
    bands: Mapping[str, tuple[float, ...]]
    alike: float  # how many times apart two runs of one kind and source are, at most, in so large a share
    between_gpus: float  # how many times off the speed of two GPUs to each other is, at most, in 80% of pairs
    held: tuple[Held, ...]
    summary: list[SummaryData]
    rows: tuple[Measurement, ...]
    runs: tuple[Measurement, ...]  # the rows that an estimate can be near

    def ends(self, kind: str) -> tuple[float, float]:
        """Return the ends of true over predicted seconds of a class.

        >>> low, high = published().ends("stated-near")
        >>> low < 1 < high
        True
        """
        factor = self.bands[kind][self.shares.index(self.share)]
        return 1 / factor, factor


@cache
def published() -> Index:
    """Return the published runs and the model's errors.

    >>> published().runs[0].model
    'wan2.1-t2v-1.3b'
    """
    document = from_json(PUBLISHED_FILE.read_bytes())
    rows = tuple(Measurement._make([*row[:-1], frozenset(row[-1]), None]) for row in document["rows"])
    held = tuple(map(Held._make, document["held"]))
    return Index(**{**document, "held": held, "rows": rows, "runs": tuple(row for row in rows if row.label)})


@cache
def runs_of(network: str) -> tuple[Measurement, ...]:
    """Return the published runs of a network.

    >>> {run.model for run in runs_of("mochi-1-preview")}
    {'mochi-1-preview'}
    """
    return tuple(run for run in published().runs if run.network == network)
