"""How an answer looks. One neutral report; a renderer for each way of showing it."""

from typing import NamedTuple

from t2v_capacity import __version__
from t2v_capacity.vocabulary.quantities import digits


class Column(NamedTuple):
    """A column's heading, whether it holds numbers, the width below which it is left out, and what becomes of long cells."""

    heading: str
    number: bool = False
    from_width: int = 0
    cut: bool = False
    wrap: bool = False


class Table(NamedTuple):
    """Rows under headings, in sections that have a name (or, for a single one, an empty name)."""

    columns: tuple[Column, ...]
    sections: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]
    title: str = ""

    def fitting(self, width: int) -> "Table":
        """Return the table without the columns that a page of this width has no room for."""
        kept = [index for index, column in enumerate(self.columns) if column.from_width <= width]
        sections = tuple((name, tuple(tuple(row[i] for i in kept) for row in rows)) for name, rows in self.sections)
        return Table(tuple(self.columns[i] for i in kept), sections, self.title)


class Report(NamedTuple):
    """A title with a line below it, tables, paragraphs after them, and the conventions at the foot; or a tree, as lines."""

    title: str
    subtitle: str
    tables: tuple[Table, ...]
    paragraphs: tuple[str, ...] = ()
    footer: str = ""
    tree: tuple[str, ...] = ()


def conventions(days_per_month: float, as_of: str) -> str:
    """Return the footer: what the units mean and how old the facts are."""
    return f"GB = 10^9 B; a month = {digits(days_per_month, 6)} days; facts as of {as_of}; t2v-cap {__version__}"
