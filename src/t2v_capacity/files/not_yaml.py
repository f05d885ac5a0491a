"""Explain why a text is not YAML, with a remedy."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from t2v_capacity.errors import Mistake, Place

# The YAML parser's message -> the remedy, and whether its place is where the parser began.
_TEXT = Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
_PROBLEMS: dict[str, tuple[str, bool]] = yaml.safe_load(_TEXT)
_TAB = "a tab can't indent a line; use spaces"


def parser_mistake(error: yaml.MarkedYAMLError, name: str, place_of: Callable[[Any], Place]) -> Mistake:
    """Return the mistake that stopped the YAML parser, at the place of the fix."""
    message = next((known for known in _PROBLEMS if known in (error.problem or "")), "")
    problem, at_start = _PROBLEMS.get(message, (" ".join(filter(None, (error.context, error.problem))), False))
    mark = error.context_mark if at_start and error.context_mark else error.problem_mark or error.context_mark
    if mark is None:
        return Mistake(f"this is not YAML: {problem}", Place(name))
    place = place_of(mark)
    if place.text[place.column - 1 :].startswith(chr(9)):
        problem = _TAB
    return Mistake(f"this is not YAML: {problem}", place)


def not_a_character(error: yaml.YAMLError, text: str, name: str) -> Mistake:
    """Return the mistake of a control character, which no YAML text may hold, and its place."""
    character = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if character is None:
        return Mistake(f"this is not YAML: {str(error).splitlines()[0]}", Place(name))
    before = text[: character.start()]
    row = before.count("\n")
    place = Place(name, row + 1, len(before) - before.rfind("\n"), text.split("\n")[row])
    code = f"U+{ord(character.group()):04X}"
    return Mistake(f"this is not YAML: the control character {code} can't stand in a text; take it out", place)
