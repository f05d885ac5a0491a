"""The package's own entries as they are compiled: an entry a line of compiled.json.

A start parses the lines of the entries that it asks for. `python tests/record.py catalogue` writes the file from the
YAML files of the same folder, as the strict reader reads them.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from t2v_capacity.catalogue.kinds import KINDS
from t2v_capacity.catalogue.reading import Entry, Fact

HERE = Path(__file__).parent
COMPILED_FILE = HERE / "compiled.json"


@cache
def _lines() -> Mapping[str, str]:
    """Return the JSON of each entry by `KIND/ID`, and that of a kind's aliases by `KIND`; none is parsed."""
    lines = COMPILED_FILE.read_text(encoding="utf-8").splitlines()[1:-1]
    return dict(line.removeprefix('"').removesuffix(",").split('": ', 1) for line in lines)


@cache
def package_ids(kind: str) -> list[str]:
    """Return the ids of a kind, in the order of its file.

    >>> package_ids("runtimes")
    ['eager', 'fused', 'compiled', 'engine']
    """
    return [key.removeprefix(f"{kind}/") for key in _lines() if key.startswith(f"{kind}/")]


@cache
def package_entry(kind: str, name: str) -> Entry | None:
    """Return an entry by its id or an alias, without parsing another; nothing if there is none.

    >>> package_entry("gpus", "h100").label
    'NVIDIA H100 SXM 80 GB'
    """
    own_id = name if f"{kind}/{name}" in _lines() else from_json(_lines()[kind]).get(name)
    return _entry(kind, own_id) if own_id else None


def package_entries(kind: str, mentioned: str = "") -> Iterator[Entry]:
    """Yield the entries of a kind whose lines mention a word, without parsing the others.

    >>> [offer.id for offer in package_entries("prices", "rtx-4090")][:2]
    ['runpod-rtx-4090', 'runpod-community-rtx-4090']
    """
    for own_id in package_ids(kind):
        if mentioned in _lines()[f"{kind}/{own_id}"]:
            yield _entry(kind, own_id)


def yaml_of(kind: str, own_id: str) -> str:
    """Return an entry with its sources as its YAML file has them, comments too: a catalogue of its own.

    >>> print(yaml_of("runtimes", "eager").splitlines()[-3])
    runtimes:
    """
    lines = (HERE / KINDS[kind].file).read_text(encoding="utf-8").splitlines(keepends=True)
    *sources, entry = ("".join(lines[first - 1 : last]) for first, last in _compiled_entry(kind, own_id)["lines"])
    return f"sources:\n{''.join(sources)}{kind}:\n{entry}"


@cache
def _entry(kind: str, own_id: str) -> Entry:
    """Return an entry by its id."""
    compiled = _compiled_entry(kind, own_id)
    sources = compiled["sources"]
    return Entry(
        own_id,
        compiled["about"],
        tuple(compiled["aliases"]),
        _facts(compiled["facts"], sources),
        {name: _facts(by_precision, sources) for name, by_precision in compiled["at_precision"].items()},
    )


def _compiled_entry(kind: str, own_id: str) -> dict[str, Any]:
    """Return what is compiled of an entry."""
    compiled: dict[str, Any] = from_json(_lines()[f"{kind}/{own_id}"])
    return compiled


def _facts(compiled: Mapping[str, tuple[str, int, str]], sources: list[tuple[str, str]]) -> dict[str, Fact]:
    """Return facts from their texts, the places of their sources in the entry's list, and their notes."""
    return {
        name: Fact(text, source=sources[place][0], note=note, dated=sources[place][1])
        for name, (text, place, note) in compiled.items()
    }
