"""The published runs nearest to a plan, as the plan's own catalogue predicts them."""

from collections.abc import Iterable, Mapping

from t2v_capacity.catalogue import Catalogue
from t2v_capacity.catalogue.published import Published
from t2v_capacity.plan.evidence import nearest_runs, physics
from t2v_capacity.scenario.settings import Scenario

# The entries that the seconds of a clip follow from.
_KINDS = ("gpus", "generations", "kernels", "runtimes", "models")


def nearest_here(scenario: Scenario, known: Mapping[str, float]) -> tuple[Published, ...]:
    """Return the nearest published runs; predicted anew where a user's catalogue changes what seconds follow from.

    `known` are the plan's assumptions and figures, by name.
    """
    found, catalogue = nearest_runs(scenario, known), scenario.catalogue
    moved = catalogue.overlaid and any(physics(entry) for kind in _KINDS for entry in catalogue.entries(kind).values())
    return tuple(_anew(found, catalogue)) if found and moved else found


def _anew(found: Iterable[Published], catalogue: Catalogue) -> Iterable[Published]:
    """Yield runs with the seconds that a catalogue predicts: all runs are read, which takes longer than an answer."""
    from t2v_capacity.questions.measured.accuracy import predicted
    from t2v_capacity.questions.measured.runs import shipped_runs

    runs = {run.id: run for run in shipped_runs().runs}
    for one in found:
        run = runs[one.id]
        _scenario, values = predicted(run, catalogue)
        yield one._replace(predicted=values[run.figure])
