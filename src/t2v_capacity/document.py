"""A YAML file as a tree of texts with their places: every scalar stays what was written.

PyYAML's own loader would read `16:9` as 969, `yes` as true and `1.0e6` as text; here the field that a value
is for decides what it means. Read with PyYAML's events, so that each mistake has a line and a column, and so
that tags, aliases and deep nesting are refused before anything is built from them.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from t2v_capacity.errors import Mistake, Place, UserError

MAX_BYTES = 1_000_000
MAX_DEPTH = 8
STANDARD_INPUT = "-"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Scalar:
    """A text, and where it stands."""

    text: str
    place: Place
    null: bool = False


@dataclass(slots=True)
class Listing:
    """A list of nodes."""

    items: list["Node"]
    place: Place


@dataclass(slots=True)
class Mapping:
    """Keys in the order of the file, each with its place and its node."""

    entries: dict[str, "Node"]
    keys: dict[str, Place]
    place: Place


Node = Scalar | Listing | Mapping


def read_text(path: str) -> tuple[str, str]:
    """Return a file's text and the name to show for it; `-` is standard input.

    Raises UserError where it can't be read, is larger than 1 MB or isn't UTF-8.
    """
    name = "<stdin>" if path == STANDARD_INPUT else path
    try:
        if path == STANDARD_INPUT:
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(path).open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise UserError(f"{name}: there is no such file{_beside(path)}") from error
    except IsADirectoryError as error:
        raise UserError(f"{name} is a directory; name a scenario file in it{_inside(path)}") from error
    except (OSError, ValueError) as error:
        raise UserError(f"{name} can't be read: {getattr(error, 'strerror', None) or error}") from error
    if len(data) > MAX_BYTES:
        raise UserError(f"{name} is larger than 1 MB; a scenario is a page")
    try:
        return data.decode("utf-8-sig"), name
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(f"{name} is not UTF-8: byte {error.start} (line {line}) can't be decoded; save it as UTF-8") from error


def _beside(path: str) -> str:
    from difflib import get_close_matches

    try:
        near = get_close_matches(Path(path).name, [other.name for other in Path(path).parent.iterdir()], n=1)
    except OSError:
        return ""
    return f"; did you mean {Path(path).parent / near[0]}?" if near else ""


def _inside(path: str) -> str:
    found = sorted(other for other in Path(path).iterdir() if other.suffix in (".yaml", ".yml"))
    return f", such as {found[0]}" if found else ""


@dataclass
class _Reader:
    """Builds the tree from events, noting every mistake it can go on from."""

    name: str
    lines: list[str]
    mistakes: list[Mistake] = field(default_factory=list)

    def place(self, mark: Any, length: int = 1) -> Place:
        text = self.lines[mark.line] if mark.line < len(self.lines) else ""
        return Place(self.name, mark.line + 1, mark.column + 1, text, length)

    def refuse(self, message: str, mark: Any, length: int = 1) -> None:
        self.mistakes.append(Mistake(message, self.place(mark, length)))

    def node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise UserError([*self.mistakes, Mistake(f"nested more than {MAX_DEPTH} levels deep", self.place(event.start_mark))])
        place = self.place(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            self.refuse(f"`*{event.anchor}` is an alias; write the value out (or use `extends`)", event.start_mark)
            return Scalar("", place)
        if event.anchor is not None:
            self.refuse(f"`&{event.anchor}` is an anchor; a scenario has none", event.start_mark, len(event.anchor) + 1)
        if event.tag is not None:
            self.refuse(f"`{event.tag}` is a tag; write the value alone", event.start_mark, 1)
        if isinstance(event, yaml.ScalarEvent):
            start, end = event.start_mark, event.end_mark
            length = end.column - start.column if start and end and end.line == start.line else 1
            null = event.style is None and event.value in ("", "~", "null", "Null", "NULL")
            return Scalar(event.value, self.place(event.start_mark, max(length, 1)), null)
        if isinstance(event, yaml.SequenceStartEvent):
            listing = Listing([], place)
            while not isinstance(event := next(events), yaml.SequenceEndEvent):
                listing.items.append(self.node(event, events, depth + 1))
            return listing
        return self.mapping(place, events, depth)

    def mapping(self, place: Place, events: Iterator[Any], depth: int) -> Mapping:
        mapping = Mapping({}, {}, place)
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key, value = self.node(event, events, depth + 1), self.node(next(events), events, depth + 1)
            if not isinstance(key, Scalar):
                self.mistakes.append(Mistake("a key must be a single word", key.place))
            elif key.text == "<<":
                self.mistakes.append(Mistake("`<<` merges mappings, which a scenario doesn't do; use `extends`", key.place))
            elif key.text in mapping.entries:
                first = mapping.keys[key.text]
                self.mistakes.append(Mistake(f"`{key.text}` is given twice; the first is on line {first.line}", key.place))
            else:
                mapping.entries[key.text], mapping.keys[key.text] = value, key.place
        return mapping


def read_document(path: str) -> Mapping:
    """Return the mapping that a YAML file holds.

    Raises UserError with every mistake of form that the file has.
    """
    text, name = read_text(path)
    return parse_document(text, name)


def parse_document(text: str, name: str) -> Mapping:
    """Return the mapping that a YAML text holds; `name` is the file's name in messages.

    >>> parse_document("dau: 16:9", "my.yaml").entries["dau"].text
    '16:9'
    """
    reader = _Reader(name, text.splitlines())
    try:
        events = yaml.parse(text, Loader=_LOADER)
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    reader.refuse("a second document begins here; a scenario is one", event.start_mark, 3)
                    break
            elif isinstance(event, yaml.NodeEvent):
                root = reader.node(event, events, 1)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(filter(None, (error.context, error.problem)))
        place = reader.place(mark) if mark else Place(name)
        raise UserError([*reader.mistakes, Mistake(f"this is not YAML: {problem}", place)]) from error
    except yaml.YAMLError as error:
        raise UserError([*reader.mistakes, Mistake(f"this is not YAML: {str(error).splitlines()[0]}", Place(name))]) from error
    if root is None or (isinstance(root, Scalar) and not root.text):
        reader.mistakes.append(Mistake("the file is empty; a scenario needs at least one line, such as `dau: 1M`", Place(name)))
    elif not isinstance(root, Mapping):
        kind = "a list" if isinstance(root, Listing) else "a single value"
        reader.mistakes.append(Mistake(f"this is {kind}; a scenario is a mapping such as `dau: 1M`", root.place))
    if reader.mistakes:
        raise UserError(reader.mistakes)
    assert isinstance(root, Mapping)
    return root
