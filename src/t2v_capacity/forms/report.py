"""Define a report: one neutral form, and a renderer for each output format."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from t2v_capacity.assumptions.quantities import digits
from t2v_capacity.errors import count_of
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.uncertain import error_alone
from t2v_capacity.release import RELEASED, __version__
from t2v_capacity.scenario.settings import NOTE, PlanWarning, Scenario

_GAP = 2  # blanks between columns
Telling = Callable[[Any], str] | str  # what makes a text of a row, or the key or the attribute whose value it is


class Column(NamedTuple):
    """A column's heading, and what a person reads in it of a row of values; whether it holds numbers.

    It is left out below a width of the page, and its long cells may be cut or wrapped. Names of the program are code in
    markdown. A `named` cell is a name and its value, which alone stands out; `plain` numbers do not. Where the last
    column has a `widest` page, it is wrapped to that in a pipe too. An `optional` column gives way in turn.
    """

    heading: str
    text: Telling = str
    form: str = ""  # how the value of a key is written
    number: bool = False
    from_width: int = 0
    cut: bool = False
    wrap: bool = False
    code: bool = False
    named: bool = False
    plain: bool = False
    widest: int = 0
    optional: bool = False

    def cell(self, row: Any) -> str:
        """Return the cell in a row."""
        return _text_of(row, self.text, self.form)


def _text_of(row: Any, telling: Telling, form: str = "") -> str:
    """Return a text of a row; nothing where its value is none."""
    if callable(telling):
        return telling(row)
    cell = row[telling] if isinstance(row, dict) else getattr(row, telling)
    return "" if cell is None else format(cell, form)


numbers = partial(Column, number=True)  # a column of numbers
optional_numbers = partial(numbers, optional=True)


class Table(NamedTuple):
    """Rows under headings, in sections that have a name (or, for a single one, an empty name)."""

    columns: Sequence[Column]
    sections: Mapping[str, Sequence[Sequence[str]]]
    title: str = ""
    headed: bool = False  # the name of its one section stands in the place of the first heading

    @property
    def headings(self) -> list[str]:
        """The headings; the first of a headed table is the name of its section."""
        first, *others = (column.heading for column in self.columns)
        return ["".join(self.sections).upper() if self.headed else first, *others]

    @staticmethod
    def section_heading(name: str) -> tuple[str, str]:
        """Return the name of a section as a heading: capitals, and what follows a comma.

        >>> Table.section_heading("candidates, all with an engine")
        ('CANDIDATES', ', all with an engine')
        """
        head, comma, tail = name.partition(",")
        return head.upper(), f"{comma}{tail}"

    def widths(self, length: Callable[[str], int] = len) -> list[int]:
        """Return the width of each column: of its heading or its widest cell."""
        rows = [row for section in self.sections.values() for row in section]
        return [max(map(length, cells)) for cells in zip(self.headings, *rows, strict=True)]

    def fitting(self, width: int) -> "Table":
        """Return the table without the columns that a page of this width has no room for."""
        places = [place for place, column in enumerate(self.columns) if column.from_width <= width]
        sections = {name: [[row[place] for place in places] for row in rows] for name, rows in self.sections.items()}
        return self._replace(columns=[self.columns[place] for place in places], sections=sections)


class Fold(NamedTuple):
    """A report below a line that opens it, a verdict and its scenario.

    Markdown folds the report; a terminal and plain text have the line alone.
    """

    summary: str
    inside: "Report"


class Report(NamedTuple):
    """A title, a line below it, tables, paragraphs after them, and the conventions at the foot; or a tree, as lines.

    With a `mark` it is a comment on a pull request in markdown. The mark is hidden text by which it is found again. The
    comment has a size that GitHub takes, and nothing that a person wrote becomes markup, a link or a mention.
    """

    title: str = ""
    subtitle: str = ""
    tables: Sequence[Table] = ()
    paragraphs: Sequence[str] = ()
    footer: str = ""
    tree: Sequence[str] = ()
    alerts: Sequence[str] = ()  # what must not be missed: before everything else
    lead: Sequence[str] = ()  # the answer in sentences, before the tables
    folds: Sequence[Fold] = ()
    mark: str = ""

    @property
    def summary_lines(self) -> Sequence[str]:
        """Its paragraphs, and the lines that open its folds."""
        return (*self.paragraphs, *(fold.summary for fold in self.folds))


def table(columns: Iterable[Column], rows: Iterable[Any], title: str = "", section: Telling | None = None) -> Table:
    """Return rows of values as a table: each column reads its cell in a row, and rows of one section stand together.

    >>> columns = [Column("n", "name"), Column("size", lambda row: f"{row['bytes']} B")]
    >>> table(columns, [{"name": "a", "bytes": 1}]).sections
    {'': [['a', '1 B']]}
    """
    columns = tuple(columns)
    sections: dict[str, list[list[str]]] = {} if section else {"": []}
    for row in rows:
        name = _text_of(row, section) if section else ""
        sections.setdefault(name, []).append([column.cell(row) for column in columns])
    return Table(columns, sections, title)


def with_minimum_widths(columns: Iterable[Column], rows: Sequence[Any], room: int = -_GAP) -> list[Column]:
    """Return all columns, each optional one with the width of page from which it fits, the last one first to go.

    `room` is that of a column which follows them.
    """
    columns = list(columns)
    widths = [_GAP + max(map(len, (column.heading, *map(column.cell, rows)))) for column in columns]
    used = room + sum(width for column, width in zip(columns, widths, strict=True) if not column.optional)
    for place, column in enumerate(columns):
        if column.optional:
            used += widths[place]
            columns[place] = column._replace(from_width=used)
    return columns


def left_out(columns: Iterable[Column], width: int | None) -> list[str]:
    """Return a paragraph that names the columns for which a page has no room, and where they are.

    >>> left_out([Column("gpu"), Column("cost", from_width=100)], 80)
    ['left out at 80 columns: cost; a terminal of 100 has room, a pipe and `--format csv` have all']
    """
    missing = [column for column in columns if width is not None and column.from_width > width]
    if not missing:
        return []
    headings = ", ".join(dict.fromkeys(column.heading for column in missing))
    widest = max(column.from_width for column in missing)
    return [
        f"left out at {width} columns: {headings}; a terminal of {widest} has room, a pipe and `--format csv` have all"
    ]


def of_scenario(
    scenario: Scenario,
    tables: Iterable[Table],
    paragraphs: Iterable[str],
    warnings: Iterable[PlanWarning],
    *,
    everything: bool,
    about: str = "",
) -> Report:
    """Return a report under the name of a scenario, and what it is about, with the conventions at the foot.

    Its warnings stand last.
    """
    foot = conventions(scenario.values()["days_per_month"], scenario.as_of)
    texts = [*paragraphs, *warning_lines(warnings, everything=everything)]
    return Report(scenario.name, about or scenario.description or scenario.file, [*tables], texts, foot)


def warning_lines(warnings: Iterable[PlanWarning], *, everything: bool) -> Iterator[str]:
    """Yield warnings as lines, and how many notes there are besides; with `everything`, yield the notes too."""
    warnings = list(warnings)
    yield from (str(warning) for warning in warnings if everything or warning.severity != NOTE)
    if not everything and (notes := sum(warning.severity == NOTE for warning in warnings)):
        yield f"{count_of(notes, 'note')}: --all"


def shared_warnings(names: Iterable[str], warnings: Iterable[Sequence[PlanWarning]]) -> Iterator[PlanWarning]:
    """Yield the warnings of several plans, each once, with the names of those that have it."""
    of_plans = [*zip(names, warnings, strict=True)]
    for warning in dict.fromkeys(warning for _name, own in of_plans for warning in own):
        having = ", ".join(name for name, own in of_plans if warning in own)
        yield warning._replace(message=f"{having}: {warning.message}")


def of_ranges(plan: Estimate, samples: int, seed: int | None) -> Iterator[str]:
    """Yield what is uncertain in a plan, and over how many draws."""
    error = plan.model_error
    if error_alone(plan.uncertain):
        yield (
            f"bands: the model's error, {error.low:.2f} to {error.high:.2f} times the predicted seconds; "
            "nothing else has a range"
        )
    else:
        yield f"ranges: {', '.join(plan.ranges)}; {samples} draws, seed {seed}; a value is the plan at the medians"


def youngest(plans: Iterable[Estimate]) -> str:
    """Return the latest date of the scenarios of plans."""
    return max((plan.scenario.as_of for plan in plans), default=RELEASED)


def conventions_of(plans: Sequence[Estimate]) -> str:
    """Return the footer of several plans."""
    return conventions(max(plan.values["days_per_month"] for plan in plans), youngest(plans))


def conventions(days_per_month: float, as_of: str) -> str:
    """Return the footer: what the units mean and how old the facts are."""
    return f"GB = 10^9 B; a month = {digits(days_per_month, 6)} days; facts as of {as_of}; t2v-cap {__version__}"
