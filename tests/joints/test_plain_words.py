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
    "time over that at the whole peak",
    "fleet over its work",
    "without an objection",
    "in ... cells, first",
    "the predicted seconds as they are",
    "formulas are of the peak hour",
    "variance over mean of requests",
    "a constant takes runs that differ",
    "figures of detail, or by less than",
    "the plan at the ends of the model",
    "queueing; one of 20 takes longer",
    "the model's error reaches",
    "19 in 20 plans like this",
    "times too few",
    "keep it: t2v-cap init",
    "steps x ... passes",
    "GPUs held ... in bursts",
    "USD autoscaled",
)
# Labels of lines, headings and remarks that gave way, as screens had them.
LINES = re.compile(
    r"^(?:moves|sure|buy) {4}|^(?:APART|TO CHOOSE FROM)\b|; front$|\bfront; |: x \d.*, or \d|"
    r"\(measured\)|^P\.\.\.|rated \d|\b(?:sdpa|fa[234])\*?, (?:eager|compiled|engine)|peak [\d.]+\*? {2}|"
    r"^name .*\bratio +inside\b|  [\d.]+  tokens per frame",
    re.MULTILINE,
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
    shown = {name: LINES.findall(text) for name, text in texts.items() if not name.endswith(".json")}
    assert {name: lines for name, lines in shown.items() if lines} == {}


def test_the_page_has_no_phrase_that_gave_way() -> None:
    """No text of the page's scripts has one, whether it is a comment or not."""
    scripts = {path.name: found(path.read_text(encoding="utf-8")) for path in SOURCES if path.suffix == ".js"}

    assert {name: phrases for name, phrases in scripts.items() if phrases} == {}


def test_the_old_screen_is_refused() -> None:
    """The lines of a screen of 0.4 are found: a test that finds nothing proves nothing."""
    old = (
        "h100-sxm, 1 GPU per clip; sdpa*, eager*; 4.5 USD/h*; peak 1  (* default)\n"
        "moves    gpu_price* 3.20 to 12.29; max_utilization* 90%, or 80%: x 1.1\n"
        "fleet_power             5.51 GW    2.45 to 12.4  rated 8.42 GW\n"
        "sure     no published run is like it; 0.44 to 2.25 times the prediction\n"
        "buy      no API has Mochi 1 preview\nAPART\nTO CHOOSE FROM\nP...   share\n"
    )

    assert len(LINES.findall(old)) >= 8


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
