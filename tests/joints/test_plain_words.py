"""Plain words: phrases that readers stumbled over occur nowhere.

The prose of pages and source does without the words that slowed them.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from places import GOLDEN, ROOT, TESTS, ours
from t2v_capacity.cli.app import COMMANDS
from write_docs import call

# Phrases of three words or more that gave way to plainer ones; `...` is a gap.
PHRASES = (
    "a GPU needs ... and has ... to give",
    "seconds, GPUs, USD, Wh: x",
    "in 9 of 10 published runs",
    "measured here ratio",
    "on the GPUs you have",
    "with today's settings",
    "room to queue",
    "95% start at once",
    "the promise is kept",
    "one request in twenty takes longer than ... is asked",
    "decides the answer and is a default",
    "by what is written on its servers",
    "structure, which nobody guesses",
    "what changed between two plans, why, and whether it may",
    "were it known, the band would be",
    "at zero, ... of which is nothing",
    "no price: the catalogue has none with a date",
    "no kernel and runtime lets ... a replica meet",
)
# Words that the prose of the pages and of the source does without.
WORDS = ("told", "beside", "behind", "nobody", "somebody", "laid")
# The changelog says what earlier versions said.
PAGES = [ROOT / "README.md", *(path for path in ours("docs") if path.suffix == ".md" and path.name != "changelog.md")]
SOURCES = [path for path in ours("src") if path.suffix in (".py", ".js", ".css")]
RECORDS = [
    *sorted(path for path in GOLDEN.rglob("*") if path.suffix in (".json", ".txt")),
    *sorted((TESTS / "mistakes").rglob("*.txt")),
]


def _pattern(phrase: str) -> re.Pattern[str]:
    """Return what finds a phrase over line breaks and columns, whatever fills its gaps."""
    parts = [r"[\s|]+".join(map(re.escape, part.split())) for part in phrase.split(" ... ")]
    return re.compile(r"\b" + r".{1,80}?".join(parts), re.IGNORECASE | re.DOTALL)


def found(text: str) -> list[str]:
    """Return the phrases that occur in a text."""
    return [phrase for phrase in PHRASES if _pattern(phrase).search(text)]


def words_of(text: str) -> list[str]:
    """Return the words of the list that occur in a page's prose: outside blocks, code and comments."""
    prose = re.sub(r"^```.*?^```$|``.*?``|`[^`\n]*`|<!--.*?-->", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(rf"\b({'|'.join(WORDS)})\b", prose, re.IGNORECASE)


def prose_of(source: str) -> Iterator[str]:
    """Yield the comments, docstrings and other strings of a module; a string that is a name, such as a key, is code."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not node.value.isidentifier():
            yield node.value


def test_no_text_has_a_phrase_that_gave_way() -> None:
    """No page, recorded answer, screen, error or help has a phrase that gave way to a plainer one."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in (*PAGES, *RECORDS, ROOT / "docs" / "screen.svg")}
    texts |= {words: call(f"{words} --help") for words in ("t2v-cap", *(f"t2v-cap {command}" for command in COMMANDS))}

    assert {name: phrases for name, text in texts.items() if (phrases := found(text))} == {}


def test_prose_does_without_the_words() -> None:
    """No prose of a page, comment, docstring or other string of the source has a word of the list.

    The source has no phrase that gave way.
    """
    breaches = {str(page): words_of(page.read_text(encoding="utf-8")) for page in PAGES}
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        prose = list(prose_of(text)) if path.suffix == ".py" else re.findall(r"//.*|/\*[\s\S]*?\*/", text)
        suspect = prose if found("\n".join(prose)) else []  # all at once is many times as fast
        breaches[str(path)] = [text for text in prose if words_of(text)] + [text for text in suspect if found(text)]

    assert {path: texts for path, texts in breaches.items() if texts} == {}
