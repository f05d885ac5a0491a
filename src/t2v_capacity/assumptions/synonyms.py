"""Other words that people use for ours, from synonyms.yaml, and what was meant by a word that nothing has."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from t2v_capacity.errors import nearest

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXT = Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
_FILE: dict[str, Any] = yaml.load(_TEXT, _LOADER)  # noqa: S506 - safe, in C
NAME_SYNONYMS, LIMIT_SYNONYMS, OPTION_SYNONYMS, VALUE_SYNONYMS, UNIT_SYNONYMS, COMMAND_SYNONYMS, GONE = (
    _FILE[kind] for kind in ("names", "limits", "options", "values", "units", "commands", "gone")
)
REMEDIES: dict[str, str] = _FILE["remedies"]
UNPUBLISHED = tuple(_FILE["unpublished"].split())


def meant(text: str, known: Iterable[str], theirs: dict[str, str]) -> str:
    """Return "; did you mean `dau`?" for what a word of theirs means, else for the nearest known name; or nothing.

    >>> meant("users", ["dau", "steps"], NAME_SYNONYMS), meant("duu", ["dau", "steps"], NAME_SYNONYMS)
    ('; did you mean `dau`?', '; did you mean `dau`?')
    >>> meant("x", ["dau"], NAME_SYNONYMS)
    ''
    >>> meant("flash", ["sdpa", "fa2", "fa3"], VALUE_SYNONYMS)
    '; did you mean `fa2` or `fa3`?'
    """
    known, word = list(known), text.strip().lower()
    if word in GONE:
        return f"; write {GONE[word]}"
    spelled = {word, word.replace("-", "_"), word.replace("_", "-"), word.replace(" ", "_")}
    ours = [f"`{name}`" for name, words in theirs.items() if name in known and not spelled.isdisjoint(words.split())]
    if not ours:
        return nearest(text.strip(), known)
    return f"; did you mean {', '.join(ours[:-1])}{' or ' if ours[1:] else ''}{ours[-1]}?"
