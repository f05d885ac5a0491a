"""A diff in all its forms, and what it says on standard error."""

from collections.abc import Iterator, Mapping

from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import printable
from t2v_capacity.questions.change.diff import Change, Difference
from t2v_capacity.questions.change.judge import Judged, Verdict
from t2v_capacity.questions.change.why import Why, refusal, why
from t2v_capacity.reports.forms.answer import Answer, Cells, Page, keyed
from t2v_capacity.reports.forms.report import Report

# How a run ends where a gate or a budget fails.
GATE = 3
# What a comment explains, asked or not, where it changed; and how many figures of gates it explains at most.
_EXPLAINED, _MOST_EXPLAINED = ("gpus", "cost_per_month"), 6


class DiffAnswer(Answer[Judged]):
    """A diff, by figure: `answer["gpus"].relative_change`."""

    def __getitem__(self, name: str) -> Change:
        """Return a figure before and after, changed or not; raise KeyError where there is none of that name."""
        if name not in FIGURES and name not in self.found.difference.figures:
            raise KeyError(name)
        return self.found.difference.figure(name)

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the figures that changed."""
        return iter(self.found.difference.figures)


def diff_answer(found: Judged, whys: Mapping[str, Why]) -> DiffAnswer:
    """Return a diff in all its forms, with the parts of the changes that were asked about."""

    def report(page: Page) -> Report:
        from t2v_capacity.reports.answers.diff_report import difference_report

        return difference_report(found, everything=page.everything, whys=whys)

    def document() -> dict[str, object]:
        from t2v_capacity.reports.answers.diff_document import difference_document

        return difference_document(found, whys)

    def rows() -> Cells:
        heading, cells = keyed(document()["figures"].items(), "figure", ("base", "head", "change", "relative_change", "unit", "label"))  # type: ignore[attr-defined]
        tools = found.difference.base.tool, found.difference.head.tool
        return heading, [*cells, *([] if tools[0] == tools[1] else [("tool", *tools, None, None, "", "What computed the two sides")])]

    def comment(page: Page) -> str:
        from t2v_capacity.reports.answers import diff_comment

        return diff_comment.comment(found, explained(found, whys), everything=page.everything)

    return DiffAnswer(
        found, report, document, cells=rows, comment=comment, code=GATE if found.fails else 0, told=lambda form: [*told(found, whys, form)]
    )


def explained(found: Judged, whys: Mapping[str, Why]) -> dict[str, Why]:
    """Return what a comment explains: what was asked, the figures of the gates, the tripped ones first, the fleet and the bill."""
    difference = found.difference
    if refusal(difference):
        return dict(whys)
    gated = [verdict.gate.figure for verdict in sorted(found.verdicts, key=lambda verdict: verdict.passed)]
    wanted = [figure for figure in dict.fromkeys(gated) if figure in difference.figures][:_MOST_EXPLAINED]
    wanted += [figure for figure in _EXPLAINED if figure in difference.figures]
    return {**whys, **{figure: why(difference, figure) for figure in dict.fromkeys(wanted) if figure not in whys}}


def told(found: Judged, whys: Mapping[str, Why], form: str, before: str = "") -> Iterator[str]:
    """Yield which gates and budgets trip, each line after what it is about; and what data has no place for."""
    from t2v_capacity.reports.answers.diff_report import broken_lines, tripped_lines, why_note

    difference = found.difference
    lines = list(difference.side_notes) if form in ("json", "csv") else []
    lines += [why_note(w) for w in whys.values() if (form == "csv" or w.reason) and form in ("json", "csv")]
    known = dict(whys)
    for verdict in found.verdicts:
        if not verdict.passed:
            of = _driven(verdict, difference)
            if of and of not in known:
                known[of] = why(difference, of)
            lines += tripped_lines(verdict, difference, known.get(of))
    yield from (printable(before + line) for line in (*lines, *broken_lines(found)))


def _driven(verdict: Verdict, found: Difference) -> str:
    """Return the figure whose change stands behind a tripped gate: its own, or one that the warning is about."""
    return next((name for name in (verdict.gate.figure, *verdict.names) if name in found.figures), "")
