"""Explain the words of screens and pages, the names of choices, and each warning code with an example and the remedy.

The texts are `glossary.md` and `warnings.md` in this folder, which docs/glossary.md and docs/warnings.md repeat. The
page has a part of the first.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

GLOSSARY_FILE = Path(__file__).with_name("glossary.md")
_ENTRY = re.compile(r"^- (\*\*.+)$", re.MULTILINE)


@cache
def glossary() -> Mapping[str, str]:
    """Return what each word means, in markdown; several words of one entry have the same text.

    An entry of a word alone goes before one in which it stands with others.

    >>> glossary()["p95"] == glossary()["p50"], glossary()["latency"].partition(":")[0]
    (True, 'Latency')
    """
    meanings = dict[str, str]()
    for entry in _ENTRY.findall(GLOSSARY_FILE.read_text(encoding="utf-8")):
        heads, means = entry.split("**: ", 1)
        for words in (heads.removeprefix("**"), *re.findall(r"\*\*(.+?)\*\*", means)):
            for word in words.split(", "):
                if heads == f"**{word}" or word.lower() not in meanings:
                    meanings[word.lower()] = f"{heads}**: {means}".replace("**", "")
    return meanings


def meaning_of(word: str) -> str:
    """Return the entry of a word, or of the family of a name; nothing if there is none.

    >>> meaning_of("teacache-0.05") == meaning_of("TeaCache") != ""
    True
    """
    wanted = " ".join(word.lower().replace("_", " ").split())
    spelled = (wanted, wanted.replace(" ", "-"), wanted.replace("-", " "), wanted.removesuffix("s"), f"{wanted}s")
    families = (wanted.rpartition("-")[0], wanted.partition("-")[0])
    return next((glossary()[name] for name in (*spelled, *families) if name in glossary()), "")


GUIDES_FILE = Path(__file__).with_name("warnings.md")
_EXAMPLE, _REMEDY = "Example: ", "What to do: "
_LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")


class Guide(NamedTuple):
    """The meaning of a code, as paragraphs, an example, and the remedy."""

    code: str
    means: tuple[str, ...]
    example: str
    remedy: str


@cache
def guides() -> Mapping[str, Guide]:
    """Return the guide of each code, in the order of the page.

    >>> guides()["no-revenue"].example
    'a plan without `price_per_video_second`.'
    """
    sections = re.split(r"^## `([a-z-]+)`$", GUIDES_FILE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {code: _guide(code, text) for code, text in zip(sections[::2], sections[1::2], strict=True)}


def _guide(code: str, text: str) -> Guide:
    *means, example, remedy = (part.strip() for part in text.strip().split("\n\n"))
    # A law of the tests holds every section to this form.
    return Guide(code, tuple(means), example.removeprefix(_EXAMPLE), remedy.removeprefix(_REMEDY))


def readable_lines(text: str) -> list[str]:
    """Return a paragraph of markdown as lines for a terminal.

    Links become their words, and each item has a line.

    >>> readable_lines("See [runs](accuracy.md) and [this](https://example.com/a)."), readable_lines("- a\\n- b")
    (['See runs and this (https://example.com/a).'], ['- a', '- b'])
    """
    plain = _LINK.sub(lambda link: f"{link[1]} ({link[2]})" if "://" in link[2] else link[1], text)
    return plain.splitlines() if plain.startswith("- ") else [plain]
