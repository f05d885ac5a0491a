"""Which files of a folder are scenarios, on the disk or in a git revision, and what the others are."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from t2v_capacity.catalogue import KINDS
from t2v_capacity.errors import Mistakes, count_of, gathered, quote, refuse
from t2v_capacity.files.document import (
    STANDARD_INPUT,
    Listing,
    Scalar,
    file_from,
    is_list,
    parsed,
    read_text,
    tidy_path,
)
from t2v_capacity.files.source import is_folder, is_yaml

_SCENARIO, _CATALOGUE, GATES, _RUNS, ABSTRACT = "scenario", "catalogue", "gates file", "runs file", "abstract base"
# What is not read in a folder, and is named so that nothing is missed: JSON, and folders that are hidden.
_JSON, HIDDEN = "JSON file", "hidden folder"
_NAMED = 5  # the most names of a kind that are listed
_NO_PLANS = {".git", ".venv", ".github"}


class Sorted(NamedTuple):
    """The scenarios among files, and of each other file what it is."""

    scenarios: tuple[str, ...]
    others: dict[str, str]

    def left_out(self) -> str:
        """Return a line on the skipped files: the number of each kind; nothing if there are none."""
        counts = []
        for kind, count in Counter(self.others.values()).items():
            names = [name for name, own in self.others.items() if own == kind]
            first = ", ".join(names if len(names) <= _NAMED else [*names[:_NAMED], "..."])
            named = f" ({first})" if kind in (_JSON, HIDDEN) else ""
            counts.append(f"{count_of(count, kind)}{named}")
        return f"left out: {', '.join(counts)}" if counts else ""


def is_there(path: str) -> bool:
    """Return whether a path names something to read: standard input, or what is on the disk."""
    return path == STANDARD_INPUT or os.path.lexists(path)


def walked(paths: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    """Return the YAML files of paths, in order, and what of folders is not read, with its kind.

    Raise Mistakes with every path that is not there. Of a folder the files are those outside hidden folders, and links
    of folders are not followed. Files stay as they are.
    """
    yaml_files, others = dict[str, str](), dict[str, str]()
    with gathered() as mistakes:
        for path in paths:
            if is_folder(path):
                for name, kind in _in_folder(path):
                    (others if kind else yaml_files)[name] = kind
            elif is_there(path):
                yaml_files[path] = ""
            else:
                refuse(mistakes, f"there is no file or folder {quote(path)}")
    return [*yaml_files], others


def _in_folder(path: str) -> Iterator[tuple[str, str]]:
    """Yield the YAML files of a folder, and with their kinds JSON and hidden folders but those of git and tools."""
    for folder, folders, files in os.walk(path):
        hidden = {name for name in folders if name.startswith(".")}
        folders[:] = sorted({*folders} - hidden)
        kinds = dict.fromkeys(sorted(hidden - _NO_PLANS), HIDDEN)
        kinds |= {name: _JSON for name in sorted(files) if name.endswith(".json")}
        kinds |= {name: "" for name in sorted(files) if is_yaml(name) and (Path(folder) / name).is_file()}
        yield from ((os.path.normpath(Path(folder) / name), kind) for name, kind in kinds.items())


def scenarios_of(paths: Iterable[str]) -> Sorted:
    """Return the scenarios of paths.

    A file that is named is a scenario, each time. In a folder a file may be something else.
    """
    paths = list(paths)
    files, not_read = walked(filter(is_folder, paths))
    in_folders = sort_out(files)
    scenarios = list[str]()
    for path in paths:
        if is_folder(path):
            scenarios += [file for file in walked([path])[0] if file in in_folders.scenarios and file not in scenarios]
        else:
            scenarios.append(path)

    if not scenarios:
        left_out = f"; {in_folders.left_out()}" if in_folders.others else ""
        raise Mistakes(f"there is no scenario in {', '.join(map(quote, paths))}{left_out}")
    return Sorted(tuple(scenarios), in_folders.others | not_read)


def sort_out(files: Iterable[str]) -> Sorted:
    """Return the files that are scenarios; a file that can't be read counts as one, so that it is reported."""
    files = list(files)
    kinds = dict[str, str]()
    catalogues = set[str]()
    for file in files:
        kinds[file], named = _kind(file)
        catalogues |= named

    kinds |= {file: _CATALOGUE for file in files if str(tidy_path(file)) in catalogues}
    return Sorted(
        tuple(file for file in files if kinds[file] == _SCENARIO),
        {f: kind for f, kind in kinds.items() if kind != _SCENARIO},
    )


def _kind(file: str) -> tuple[str, set[str]]:
    """Return a file's kind, and the catalogues that it names."""
    try:
        text, source = read_text(file)
        if is_list(text):
            return _RUNS, set()
        document = parsed(text, source)
    except Mistakes:
        return _SCENARIO, set()
    keys = set(document.entries)
    if keys and keys <= {"fail_on", "warn_on"}:
        return GATES, set()
    if "runs" in keys and keys <= {"sources", "runs", "pairs"}:
        return _RUNS, set()
    if keys and keys <= {"sources", *KINDS}:
        return _CATALOGUE, set()

    own, abstract = document.entries.get("catalogue"), document.entries.get("abstract")
    names = own.items if isinstance(own, Listing) else [own]
    catalogues = {str(tidy_path(file_from(file, name.text))) for name in names if isinstance(name, Scalar)}
    is_abstract = isinstance(abstract, Scalar) and abstract.text == "true"
    return ABSTRACT if is_abstract else _SCENARIO, catalogues
