"""A diff in all its forms, and what it says on standard error."""

from collections.abc import Iterator, Mapping

from t2v_capacity.answers.diff_document import DiffDocument, FigureChange, difference_document
from t2v_capacity.answers.diff_findings import junit, of_judged
from t2v_capacity.answers.diff_report import difference_report, reported_causes, why_note
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import printable
from t2v_capacity.forms.annotations import annotations, stderr_lines
from t2v_capacity.forms.answer import Answer, keyed
from t2v_capacity.questions.change.diff import Change
from t2v_capacity.questions.change.entry import ScenarioDiff
from t2v_capacity.questions.change.judge import Judged
from t2v_capacity.questions.change.pairing import SAME
from t2v_capacity.questions.change.why import Why

# How a run ends where a gate or a budget fails.
GATE = 3


class DiffAnswer(Answer[Judged, DiffDocument]):
    """A diff, by figure: `answer["gpus"].relative_change`."""

    def __getitem__(self, name: str) -> Change:
        """Return a figure before and after, changed or not. Raise KeyError if there is none of that name."""
        if name not in FIGURES and name not in self.found.difference.figures:
            raise KeyError(name)
        return self.found.difference.figure(name)

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the figures that changed."""
        return iter(self.found.difference.figures)


@DiffAnswer.remade
def diff_answer(found: Judged, whys: Mapping[str, Why]) -> DiffAnswer:
    """Return a diff in all its forms, with the parts of the changes that were asked about."""
    head = found.difference.head
    return DiffAnswer(
        found,
        lambda page: difference_report(found, page, reported_causes(found, whys) if page.form == "markdown" else whys),
        lambda: difference_document(found, whys),
        cells=lambda: keyed(difference_document(found, whys)["figures"].items(), "figure", tuple(FigureChange.__annotations__)),
        forms={
            "junit": lambda: junit([ScenarioDiff(head.file, found.difference.base.file, SAME, found)]),
            "github": lambda: annotations(of_judged(found, head.file)),
        },
        code=GATE if found.fails else 0,
        told=lambda form: [*_told(found, whys, form)],
    )


def _told(found: Judged, whys: Mapping[str, Why], form: str) -> Iterator[str]:
    """Yield the notes that data has no place for, then the gates and budgets that trip, each line after its subject."""
    if form in ("json", "csv"):
        yield from (printable(why_note(why)) for why in whys.values() if form == "csv" or why.reason)
    yield from stderr_lines(of_judged(found))
