"""Compiles the package's catalogue into catalogue/compiled.json, which the program reads: an entry a line.

The command is `python tests/record.py catalogue`.
"""

import json
from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from t2v_capacity.catalogue import compiled
from t2v_capacity.catalogue.kinds import KINDS
from t2v_capacity.catalogue.reading import Entry, Fact, Reading
from t2v_capacity.files.document import Document, Listing, Node, Scalar, parse_document

RENEW_CATALOGUE = "python tests/record.py catalogue"


def write() -> None:
    """Write catalogue/compiled.json, and forget what was read of the one before."""
    compiled.COMPILED_FILE.write_text(compiled_text(), encoding="utf-8")
    for read in (compiled._lines, compiled.package_ids, compiled.package_entry, compiled._entry):
        read.cache_clear()


def compiled_text() -> str:
    """Return what the package's YAML files say now, as catalogue/compiled.json has it."""
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(row, separators=(',', ':'))}" for key, row in _rows())
    return f"{{\n{lines}\n}}\n"


def _rows() -> Iterator[tuple[str, Any]]:
    """Yield each kind with its aliases, and then each of its entries."""
    files = {
        file: (compiled.HERE / file).read_text(encoding="utf-8") for file in {kind.file for kind in KINDS.values()}
    }
    documents = {file: parse_document(text, f"catalogue/{file}") for file, text in files.items()}
    for name, kind in KINDS.items():
        document, lines = documents[kind.file], files[kind.file].splitlines()
        entries = Reading(name, kind, document, {}).entries
        yield name, {alias: entry.id for entry in entries.values() for alias in entry.aliases}
        for entry in entries.values():
            yield f"{name}/{entry.id}", {**_row(entry), "lines": _extents(document, name, entry.id, lines)}


def _row(entry: Entry) -> dict[str, Any]:
    """Return an entry with each of its sources once, which its facts name by their place."""
    by_precision = [fact for table in entry.at_precision.values() for fact in table.values()]
    sources = list(dict.fromkeys((fact.source, fact.dated) for fact in (*entry.facts.values(), *by_precision)))

    def rows(facts: dict[str, Fact]) -> dict[str, tuple[str, int, str]]:
        return {name: (fact.text, sources.index((fact.source, fact.dated)), fact.note) for name, fact in facts.items()}

    return {
        "about": entry.about,
        "aliases": entry.aliases,
        "facts": rows({**entry.facts}),
        "at_precision": {name: rows({**table}) for name, table in entry.at_precision.items()},
        "sources": sources,
    }


def _extents(document: Document, kind: str, name: str, lines: list[str]) -> list[tuple[int, int]]:
    """Return the first and the last line of each source that an entry cites, and then of the entry itself."""
    sources, entries = document.entries["sources"], document.entries[kind]
    assert isinstance(sources, Document)
    assert isinstance(entries, Document)
    cited = dict.fromkeys(_cited(entries.entries[name]))
    headings = [sources.keys[source] for source in cited if source in sources.keys]
    return [_extent(heading.line, lines) for heading in (*headings, entries.keys[name])]


def _cited(node: Node) -> Iterator[str]:
    """Yield what an entry and its facts name as their source, in the order of the file."""
    if isinstance(node, Listing):
        for part in node.items:
            yield from _cited(part)
    elif isinstance(node, Document):
        for key, part in node.entries.items():
            if key == "source" and isinstance(part, Scalar):
                yield part.text
            else:
                yield from _cited(part)


def _extent(first: int, lines: list[str]) -> tuple[int, int]:
    """Return the first and the last line of what stands below a heading: all that is indented deeper, comments too."""
    return first, first + sum(1 for _ in takewhile(lambda line: line.startswith("    "), lines[first:]))
