"""The pairs of published runs that differ in an option, tests/authorities/pairs.yaml, and what the model predicts of each."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import yaml

from fit.shipped import shipped_runs
from places import TESTS
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.catalogue.published import Measurement
from t2v_capacity.engine.figures import evaluate
from t2v_capacity.questions.measured.accuracy import predicted
from t2v_capacity.questions.measured.runs import RAN, Run

FILE = TESTS / "authorities" / "pairs.yaml"
_UNLIKELY = (0.0, 0.99)


class Paired(NamedTuple):
    """Two runs that differ in an option: the measured speed-up, and the predicted one or what the measured one asks for."""

    name: str
    option: str
    base: str
    head: str
    unknown: str  # the assumption whose value the source does not print
    source: str
    measured: float
    predicted: float | None
    implied: float | None

    @property
    def ratio(self) -> float | None:
        """Predicted over measured."""
        return self.predicted / self.measured if self.predicted else None


def pairs_of(rows: Iterable[Measurement]) -> Iterator[Paired]:
    """Yield the pairs of runs: the measured speed-up, and the predicted one or what the measured one asks of an option."""
    by_id, run_of = {row.id: row for row in rows if row.quantity == "seconds"}, {run.id: run for run in shipped_runs()}
    for pair in yaml.safe_load(FILE.read_text(encoding="utf-8"))["pairs"]:
        base, head, unknown = by_id[pair["base"]], by_id[pair["head"]], pair.get("unknown", "")
        measured = base.measured / head.measured
        expected = None if unknown else base.predicted / head.predicted
        implied = _implied(run_of[pair["head"]], unknown, base.predicted / measured) if unknown else None
        yield Paired(pair["name"], pair["option"], pair["base"], pair["head"], unknown, head.source, measured, expected, implied)


def _implied(run: Run, name: str, seconds: float) -> float | None:
    """Return the value of an assumption at which a run's prediction is so many seconds, or nothing where none is."""
    low, high = _UNLIKELY
    given = {*ASSUMPTIONS, RAN, *run.layer.pins}
    settings = {key: value for key, value in predicted(run, Catalogue())[1].items() if key in given}

    def at(value: float) -> float:
        return float(evaluate({**settings, name: value})[run.figure])

    if not at(high) <= seconds <= at(low):
        return None
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if at(middle) > seconds else (low, middle)
    return low
