"""Explain the words of screens and pages, and the names of choices.

The text is `glossary.md` in this folder, which docs/glossary.md repeats, and of which the page has a part.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

GLOSSARY_FILE = Path(__file__).with_name("glossary.md")
_ENTRY = re.compile(r"^- (\*\*.+)$", re.MULTILINE)


@cache
def glossary() -> Mapping[str, str]:
    """Return what each word means, in markdown; several words of one entry have the same text.

    >>> glossary()["p95"] == glossary()["p50"]
    True
    """
    meanings = dict[str, str]()
    for entry in _ENTRY.findall(GLOSSARY_FILE.read_text(encoding="utf-8")):
        heads, means = entry.split("**: ", 1)
        for words in (heads.removeprefix("**"), *re.findall(r"\*\*(.+?)\*\*", means)):
            for word in words.split(", "):
                meanings.setdefault(word.lower(), f"{heads}**: {means}".replace("**", ""))
    return meanings


def meaning_of(word: str) -> str:
    """Return the entry of a word, or of the family of a name; nothing if there is none.

    >>> meaning_of("teacache-0.05") == meaning_of("TeaCache") != ""
    True
    """
    wanted = " ".join(word.lower().replace("_", " ").split())
    spelled = (wanted, wanted.replace(" ", "-"), wanted.replace("-", " "), wanted.removesuffix("s"))
    families = (wanted.rpartition("-")[0], wanted.partition("-")[0])
    return next((glossary()[name] for name in (*spelled, *families) if name in glossary()), "")
