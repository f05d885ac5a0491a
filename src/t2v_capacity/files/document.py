"""A YAML file as a tree of texts with their places: every scalar stays what was written.

PyYAML's own loader would read `16:9` as 969, `yes` as true and `1.0e6` as text. Here the field that a value is for
decides what it means. The tree is built from PyYAML's events, so that each mistake has a line and a column. Tags,
aliases and deep nesting are refused before anything is built from them.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from os.path import realpath
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TextIO

import yaml

from t2v_capacity.errors import Mistake, Mistakes, Place, collected, gathered, nearest, placed, quote, refuse
from t2v_capacity.files.git_tree import MAX_BYTES, Committed
from t2v_capacity.files.source import ENDINGS, WAS_READ, Source, discreet, named_source

MAX_DEPTH = 9
MAX_NAMES = 1_000
MAX_ITEMS = 1_000
MAX_TEXT = 10_000
STANDARD_INPUT = "-"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_YAML_TAG = "tag:yaml.org,2002:"
_TOO_DEEP = f"this is nested more than {MAX_DEPTH} levels deep; no scenario is"


class Scalar(NamedTuple):
    """A text, and where it stands."""

    text: str
    place: Place
    null: bool = False


class Listing(NamedTuple):
    """A list of nodes."""

    items: list["Node"]
    place: Place


class Document(NamedTuple):
    """Keys in the order of the file, each with its place and its node."""

    entries: dict[str, "Node"]
    keys: dict[str, Place]
    place: Place

    def add(self, key: str, node: "Node", place: Place) -> None:
        """Add a key with its node, and its place."""
        self.entries[key], self.keys[key] = node, place


Node = Scalar | Listing | Document


def tidy_path(file: str) -> str:
    """Return the shortest path of a file, so that it is one file, whoever names it.

    What is not on the disk under its name keeps that name.
    """
    return file if isinstance(file, Committed) else os.path.normpath(file)


def tidy(place: Place) -> Place:
    """Return a place by the shortest path of its file: a base's line is one place, whichever scenario extends it."""
    return place._replace(file=tidy_path(place.file))


def file_from(path: str, other: str) -> str:
    """Return the name of a file that another one calls by a path relative to itself."""
    return path.file_from(other) if isinstance(path, Committed) else str(Path(path).parent / other)


def source_of(path: str | Source) -> Source:
    """Return a file as something to read; a name alone is one of the command line."""
    if isinstance(path, Source):
        return path
    return Source(path) if isinstance(path, Committed) else named_source(path)


def shown_name(path: str) -> str:
    """Return the name of a file in messages.

    >>> shown_name("-"), shown_name("plan.yaml")
    ('<stdin>', 'plan.yaml')
    """
    return "<stdin>" if path == STANDARD_INPUT else path


def read_text(file: str | Source, what: str = "scenario file") -> tuple[str, Source]:
    """Return a file's text, and the file under the name to show for it; `-` is standard input.

    Raises Mistakes where it can't be read, is larger than 1 MB or isn't UTF-8.
    """
    source = source_of(file)
    path, name = source.name, shown_name(source.name)
    try:
        if isinstance(path, Committed):
            content = path.content()
        elif path == STANDARD_INPUT:
            content = _read_stream(sys.stdin) if sys.stdin else b""
        elif "\0" in path:
            raise Mistakes(f"{name} can't be read: no file's name holds the character U+0000")
        elif not path.strip():
            raise Mistakes("the name of the file is empty; write a file's name, or - for standard input")
        else:
            _refuse_device(source)
            WAS_READ.add(realpath(path))
            with Path(path).open("rb") as stream:
                content = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        with placed(source.named):
            raise unreadable(path, error, what, listed=not source.private) from error
    if len(content) > MAX_BYTES:
        raise Mistakes(f"{name} is larger than 1 MB; a scenario is a page of text")
    try:
        return content.decode("utf-8-sig"), source._replace(name=name)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Mistakes(
            f"{name} is not UTF-8: byte {error.start} (line {line}) can't be decoded; save it as UTF-8"
        ) from error


def _refuse_device(source: Source) -> None:
    """Raise Mistakes if a file names a device or a pipe, which may never end."""
    path = Path(source.name)
    if source.named and path.exists() and not (path.is_file() or path.is_dir()):
        raise Mistakes(
            f"{source.name} is a device or a pipe, which a file can't name; write its content into a file", source.named
        )


@lru_cache(maxsize=1)
def _read_stream(stream: TextIO) -> bytes:
    """Return what standard input holds, which both sides of a comparison may read."""
    return stream.buffer.read(MAX_BYTES + 1)


def unreadable(path: str, error: Exception, what: str, *, listed: bool = True) -> Mistakes:
    """Return the message for a file that can't be read, with a remedy: near names in its folder, unless it is private.

    >>> print(unreadable("no/such.yaml", FileNotFoundError(), "scenario file"))
    error: no/such.yaml: there is no such file
    """
    name = shown_name(path)
    if isinstance(error, FileNotFoundError):
        return Mistakes(f"{name}: there is no such file{_near_in_folder(path) if listed else ''}")
    if isinstance(error, IsADirectoryError):
        return Mistakes(f"{name} is a directory; name a {what} in it")
    reason = getattr(error, "strerror", None) or str(error)
    return Mistakes(f"{name} can't be read: {reason[:1].lower()}{reason[1:]}")


def _near_in_folder(path: str) -> str:
    """Return a file of a near name in the same folder, else one in a folder below the working one, as a question."""
    from difflib import get_close_matches

    folder, missing = Path(path).parent, Path(path).name
    try:
        # Looking through more would take longer than the reader.
        names = [file.name for file in islice(folder.iterdir(), MAX_NAMES)]
    except OSError:
        names = []
    same = [name for name in names if name.endswith(ENDINGS) and Path(name).stem == missing]
    near = [folder / name for name in same or get_close_matches(missing, names, cutoff=0.7)]
    near += [file for ending in ENDINGS for file in Path().glob(f"*/{Path(path).stem}{ending}")]
    return f"; did you mean {near[0]}?" if near else ""


class _Reader(NamedTuple):
    """Builds the tree from events, noting every mistake it can go on from."""

    source: Source
    lines: list[str]
    most: int
    mistakes: list[Mistake]

    def place(self, mark: Any, length: int = 1) -> Place:
        text = self.lines[mark.line] if mark.line < len(self.lines) else ""
        return Place(self.source.name, mark.line + 1, mark.column + 1, text, length, self.source.private)

    def refuse(self, message: str, place: Place) -> None:
        refuse(self.mistakes, message, place)

    def stop(self, message: str, place: Place) -> NoReturn:
        raise Mistakes(message, place)

    def not_yaml(self, error: yaml.YAMLError, text: str) -> Mistake:
        from t2v_capacity.files.not_yaml import not_a_character, parser_mistake

        if not isinstance(error, yaml.MarkedYAMLError):
            return not_a_character(error, text, self.source.name)
        if "exceeded maximum nesting depth" in (error.problem or ""):  # a limit of newer parsers, far beyond this one
            return Mistake(_TOO_DEEP, self.place(error.problem_mark))
        return parser_mistake(error, self.source.name, self.place)

    def root(self, events: Iterator[Any]) -> Node | None:
        root = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    self.refuse("a second document begins here; a scenario is one", self.place(event.start_mark, 3))
                    break
            elif isinstance(event, yaml.NodeEvent):
                root = self.node(event, events, 1)
        return root

    def root_mapping(self, root: Node | None, list_of: str) -> Document:
        if list_of and isinstance(root, Listing):
            return Document({list_of: root}, {list_of: root.place}, root.place)
        if root is None or (isinstance(root, Scalar) and not root.text):
            self.stop(
                "the file is empty; a scenario needs at least one line, such as `dau: 1M`", Place(self.source.name)
            )
        if not isinstance(root, Document):
            kind = "a list" if isinstance(root, Listing) else "a single value"
            self.stop(f"this is {kind}; the file must be lines of `name: value`, such as `dau: 1M`", root.place)
        return root

    def node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        start, end = event.start_mark, event.end_mark
        within = isinstance(event, yaml.ScalarEvent) and end.line == start.line
        place = self.place(start, max(end.column - start.column, 1) if within else 1)
        if depth > self.most:
            self.stop(_TOO_DEEP, place)
        if isinstance(event, yaml.AliasEvent):
            at = self.place(start, len(event.anchor or "") + 1)
            self.refuse(f"`*{event.anchor}` is an alias; write the value out", at)
            return Scalar("", place)
        self.refuse_anchor_and_tag(event)

        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event, place)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.listing(place, events, depth)
        return self.mapping(place, events, depth)

    def refuse_anchor_and_tag(self, event: Any) -> None:
        if event.anchor is not None:
            at = self.place(event.start_mark, len(event.anchor) + 1)
            self.refuse(f"`&{event.anchor}` is an anchor; write the value alone", at)
        if event.tag is not None:
            tag = str(event.tag).replace(_YAML_TAG, "!!", 1)
            length = len(tag) if event.anchor is None else 1
            self.refuse(f"{quote(tag)} is a tag; write the value alone", self.place(event.start_mark, length))

    def scalar(self, event: Any, place: Place) -> Scalar:
        if len(event.value) > MAX_TEXT:
            at = self.place(event.start_mark)
            self.refuse(f"this text has {len(event.value)} characters; at most {MAX_TEXT} are read", at)
            return Scalar("", place)
        null = not event.style and event.value in ("", "~", "null", "Null", "NULL")
        return Scalar(event.value, place, null)

    def listing(self, place: Place, events: Iterator[Any], depth: int) -> Listing:
        listing = Listing([], place)
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            if len(listing.items) >= MAX_ITEMS:
                message = f"this list has more than {MAX_ITEMS} items; keep to those that matter, or use several files"
                self.stop(message, place)
            listing.items.append(self.node(event, events, depth + 1))
        return listing

    def mapping(self, place: Place, events: Iterator[Any], depth: int) -> Document:
        mapping = Document({}, {}, place)
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self.node(event, events, depth + 1)
            entry = self.node(next(events), events, depth + 1)
            if len(mapping.entries) >= MAX_NAMES:
                message = f"there are more than {MAX_NAMES} names here; a scenario has some dozens"
                self.stop(message, key.place)
            if not isinstance(key, Scalar):
                self.refuse("a name must be a single word, not a list or a mapping", key.place)
            elif key.text == "<<":
                self.refuse("`<<` merges mappings, which a scenario doesn't do; use `extends`", key.place)
            elif key.text in mapping.entries:
                first = mapping.keys[key.text]
                self.refuse(f"{quote(key.text)} is given twice; the first is on line {first.line}", key.place)
            else:
                mapping.add(key.text, entry, key.place)
        return mapping


def text_of(node: Node) -> str:
    """Return a node as one line, which is the same wherever it stands.

    >>> text_of(parse_document("a: [1,2]\\nb: {c: x}", "my.yaml"))
    '{a: [1, 2], b: {c: x}}'
    """
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Listing):
        return f"[{', '.join(map(text_of, node.items))}]"
    return f"{{{', '.join(f'{key}: {text_of(entry)}' for key, entry in node.entries.items())}}}"


def is_list(text: str) -> bool:
    """Return whether a YAML text is a list, by the first line that says something.

    >>> is_list("# mine\\n- {seconds: 120}"), is_list("dau: 1M")
    (True, False)
    """
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith(("#", "---", "%"))), "")
    return first.startswith(("- ", "[")) or first.rstrip() == "-"


def parts(node: Document, known: Iterable[str], what: str, mistakes: list[Mistake]) -> dict[str, Node]:
    """Return a mapping's entries with known keys; note every other key."""
    known = tuple(known)
    for key, place in node.keys.items():
        if key not in known:
            more = nearest(key, known) or f"; it has {', '.join(known)}"
            refuse(mistakes, f"{quote(key)} is not a part of {what}{more}", place)
    return {key: entry for key, entry in node.entries.items() if key in known}


def read_each(node: Node, place: Place, refusal: str, read: Callable[[str, Node, Place], None]) -> None:
    """Let each entry of a mapping be read, and raise Mistakes with those of all; refuse what is no mapping.

    Null holds nothing.
    """
    if isinstance(node, Document):
        with gathered() as mistakes:
            for name, entry in node.entries.items():
                with collected(mistakes):
                    read(name, entry, node.keys[name])
    elif not (isinstance(node, Scalar) and node.null):
        raise Mistakes(refusal, place)


def fields(
    node: Document, known: Iterable[str], what: str, mistakes: list[Mistake], other_forms: Iterable[str] = ()
) -> dict[str, Scalar]:
    """Return the texts of a mapping whose keys are known; note every other key, and every value that is no text.

    Keys of `other_forms` are the caller's to read.

    >>> mistakes = []
    >>> node = parse_document("{value: 5 s, sauce: a guess}", "my.yaml")
    >>> list(fields(node, ("value", "source"), "a value", mistakes)), mistakes[0].message
    (['value'], '`sauce` is not a part of a value; did you mean `source`?')
    """
    texts = {}
    for key, entry in parts(node, (*known, *other_forms), what, mistakes).items():
        if isinstance(entry, Scalar):
            texts[key] = entry
        elif key not in other_forms:
            refuse(mistakes, f"{quote(key)} must be one value", node.keys[key])
    return texts


def read_document(file: str | Source) -> Document:
    """Return the mapping that a YAML file holds.

    Raises Mistakes with every mistake of form that the file has.
    """
    return parsed(*read_text(file))


@lru_cache(maxsize=1_000)
def parsed(text: str, source: Source) -> Document:
    """Return the result of `parse_document`, kept: a folder's file is parsed to be sorted and to be loaded."""
    return parse_document(text, source)


def parse_document(text: str, source: str | Source, list_of: str = "", most: int = MAX_DEPTH) -> Document:
    """Return the mapping that a YAML text holds; `source` is its file, or the file's name in messages.

    A list alone may stand for a mapping with that list under the name `list_of`. `most` levels may be nested.

    >>> parse_document("dau: 16:9", "my.yaml").entries["dau"].text
    '16:9'
    """
    source = source if isinstance(source, Source) else Source(source)
    with discreet(source), gathered() as mistakes, collected(mistakes):
        reader = _Reader(source, text.splitlines(), most, mistakes)
        try:
            root = reader.root(yaml.parse(text, Loader=_LOADER))
        except yaml.YAMLError as error:
            raise Mistakes(reader.not_yaml(error, text)) from error
        return reader.root_mapping(root, list_of)
