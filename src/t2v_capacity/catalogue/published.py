"""Index the published runs for an estimate: the fit writes this small file, since reading all runs takes as long as an answer."""

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from pydantic_core import from_json

from t2v_capacity.catalogue import HERE

FILE = HERE / "published.json"


class Published(NamedTuple):
    """A published run: what ran where, how many tokens its clip has, and its seconds, measured and predicted."""

    id: str
    label: str
    model: str
    generation: str
    kernel: str  # empty where its source does not say
    runtime: str
    precision: str  # of the arithmetic
    gpus: int
    tokens: float
    option: str
    judged: bool  # whether it counts as evidence: a plain run whose kernel is known, of a generation that the fit has runs of
    measured: float
    predicted: float
    source: str
    gpu: str
    ways: frozenset[str] = frozenset()  # what it did otherwise than a plain clip, of what was timed

    @property
    def ratio(self) -> float:
        """Predicted over measured."""
        return self.predicted / self.measured


class Index(NamedTuple):
    """The runs, and the ends of true over predicted seconds in so large a share of them, by how much of a plan is known."""

    share: float
    bands: Mapping[str, tuple[float, float]]
    runs: tuple[Published, ...]


@cache
def published() -> Index:
    """Return the index of the published runs.

    >>> published().runs[0].model
    'wan2.1-t2v-1.3b'
    """
    document = from_json(FILE.read_bytes())
    return Index(
        document["share"], document["bands"], tuple(Published(*row[:-1])._replace(ways=frozenset(row[-1])) for row in document["runs"])
    )
