"""An answer in each form that it has; only the form that is asked for is made.

What a command writes and what Python is given is the same object: a value that shows itself.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, overload

from t2v_capacity.errors import Mistakes

if TYPE_CHECKING:
    from t2v_capacity.forms.plot import Plot
    from t2v_capacity.forms.report import Report

Found = TypeVar("Found")
Doc = TypeVar("Doc", bound=Mapping[str, Any])  # the TypedDict of the answer's JSON
Row = TypeVar("Row")  # the TypedDict of a row
Cells = tuple[Iterable[str], Iterable[Iterable[object]]]


class Page(NamedTuple):
    """The target of a report: a form, the width of a terminal, and whether all is shown."""

    form: str = "plain"  # or terminal, or markdown
    width: int | None = None  # none where text is piped or saved
    everything: bool = False


class Answer(Generic[Found, Doc]):
    """The answer to a question: the value found, and the functions that write it as report, data, rows and markdown.

    The value's own attributes are the answer's: `answer.feasible` is `answer.found.feasible`. Type checkers know the
    type of the second. The text of an answer is its report. It can be copied and pickled, so each of its functions
    stands in a module, or is a `partial` of one that does.
    """

    def __init__(  # noqa: PLR0913 - each form of an answer has a function that makes it
        self,
        record: Found,
        report: Callable[[Found, Page], "Report"],
        document: Callable[[Found], Doc],
        *,
        cells: Callable[[Found], Cells] | None = None,
        forms: Mapping[str, Callable[[Found], str]] = {},
        code: int = 0,
        stderr: Callable[[Found, str], Sequence[str]] | None = None,
        plot: "Callable[[Found, Doc], Plot] | None" = None,
        codes: Callable[[Found, int], Sequence[str]] | None = None,
    ) -> None:
        """Take the value and what makes each form of it.

        `forms` are those that it alone has, such as JUnit's. `stderr` gives the lines for standard error in a form,
        `code` how a run ends, `plot` draws its document, and `codes` are those of a row's warnings, where known.
        """
        self.found = record
        self._report, self._document, self._stderr = report, document, stderr
        self._cells, self._plot, self._codes = cells, plot, codes
        self.forms, self.code = forms, code

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the value. Raise AttributeError if it has none of that name."""
        if name.startswith("_") or name == "found":
            raise AttributeError(name)
        return getattr(self.found, name)

    def __str__(self) -> str:
        """Return the report as aligned plain text."""
        return self.text(Page())

    def _repr_markdown_(self) -> str:
        """Return the report as a notebook shows it."""
        return self.markdown()

    def report(self, page: Page) -> "Report":
        """Return the report for a page."""
        return self._report(self.found, page)

    def document(self) -> Doc:
        """Return the document of the contract."""
        return self._document(self.found)

    def stderr(self, form: str) -> Sequence[str]:
        """Return the lines for standard error where the answer is written in a form."""
        return self._stderr(self.found, form) if self._stderr else ()

    def text(self, page: Page) -> str:
        """Return the report as plain text, for a page."""
        from t2v_capacity.forms.text import plain_text

        return plain_text(self.report(page))

    def markdown(self, *, everything: bool = False) -> str:
        """Return the report as GitHub-flavoured markdown: of a diff, as a comment on a pull request."""
        from t2v_capacity.forms.text import markdown

        return markdown(self.report(Page("markdown", everything=everything)))

    def json(self) -> str:
        """Return the document of the contract as text."""
        from t2v_capacity.forms.data import as_json

        return as_json(self.document())

    def csv(self) -> str:
        """Return the rows as CSV."""
        from t2v_capacity.forms.data import as_csv

        return as_csv(*self.cells())

    def cells(self) -> Cells:
        """Return the heading and the rows that CSV and a data frame have. Raise Mistakes if it has none."""
        if self._cells:
            return self._cells(self.found)
        document = self.document()
        if "rows" not in document:
            raise Mistakes("this answer has no rows; it has .json() and .markdown()")
        return rows_of(document["rows"])

    def frame(self) -> Any:
        """Return the rows that CSV has as a pandas data frame, each with the codes of its warnings.

        This needs pandas, which is no extra.
        """
        from importlib import import_module  # type checkers do not follow this: pandas brings no types

        heading, rows = rows_of(self.rows) if isinstance(self, Rows) and self._codes else self.cells()
        return import_module("pandas").DataFrame([[*row] for row in rows], columns=[*heading])

    def drawing(self) -> "Plot":
        """Return the plot of the answer. Raise Mistakes if it has none."""
        from t2v_capacity.forms.plot import styled_plot

        if self._plot is None:
            raise Mistakes(
                "this answer has no plot; sweep, forecast, sensitivity, compare, accuracy, and "
                "`estimate --only scaling` or `failures` have one"
            )
        return styled_plot(partial(self._plot, self.found, self.document()))

    def plot(self, file: str) -> bytes:
        """Return what `--plot` writes to a file of that name: a picture of the answer, .svg, .png or .pdf."""
        from t2v_capacity.forms.plot import form_of

        return self.drawing().saved(form_of(str(file)))


AnyAnswer = Answer[Any, Any]


def fixed_answer(record: Found, report: "Report", document: Doc) -> Answer[Found, Doc]:
    """Return an answer whose report and document are made already: neither depends on a page."""
    return Answer(record, partial(as_made, report), partial(as_made, document))


def as_made(form: Any, *_asked: object) -> Any:
    """Return a form that is made already, whatever it is asked for."""
    return form


class Rows(Answer[Found, Doc], Sequence[Row]):
    """An answer of many rows: a sequence of mappings of names to values in base units, for a data frame say."""

    @cached_property
    def rows(self) -> list[Row]:
        """All of the rows, with the codes of their warnings where these are known."""
        document = self.document()
        rows: list[Any] = document.get("rows") or [
            {"month": month["month"], **month["assumptions"], **month["figures"]}
            for month in document.get("months", ())
        ]
        if not self._codes:
            return rows
        return [row | {"warnings": list(self._codes(self.found, index))} for index, row in enumerate(rows)]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        """Return a row, or some of them."""
        return self.rows[index]


def rows_of(rows: Sequence[Mapping[str, Any]]) -> Cells:
    """Return the heading and the cells of rows of a document."""
    return (rows[0] if rows else ()), (map(_flat, row.values()) for row in rows)


def _flat(cell: object) -> object:
    """Return a cell of a row; a list is joined by spaces, a mapping by semicolons."""
    if isinstance(cell, list):
        return " ".join(map(str, cell))
    if isinstance(cell, dict):
        return "; ".join(f"{key}: {_flat(inner)}" for key, inner in cell.items())
    return cell


def keyed(figures: Mapping[str, Mapping[str, Any]], keys: Sequence[str]) -> Cells:
    """Return the figures of a document as a heading and rows: the name, then some of its keys."""
    return ("figure", *keys), ((name, *(figure[key] for key in keys)) for name, figure in figures.items())
