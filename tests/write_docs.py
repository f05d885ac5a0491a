"""The generated pages of the documentation, and the output that its other pages show.

`python tests/record.py docs` writes docs/figures.md, docs/assumptions.md, docs/cli.md and others, and puts the shown
lines of output in the pages of SHOWN back as the program prints them. A line whose words changed beyond recognition is
left for a person: the test in tests/joints/test_docs.py names it.
"""

import contextlib
import io
import os
import re
import shlex
import shutil
import sys
import tempfile
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from places import ROOT, SHIPPED
from t2v_capacity.assumptions import ASSUMPTIONS, SECTIONS, Assumption
from t2v_capacity.assumptions.choices import CHOICES, SHORTHANDS
from t2v_capacity.assumptions.quantities import digits, show
from t2v_capacity.cli.app import COMMANDS, run
from t2v_capacity.engine import constants
from t2v_capacity.engine.figures import FIGURES, Figure
from t2v_capacity.forms.formula_text import in_names, reason, sentence
from t2v_capacity.formulas import GROUPS
from t2v_capacity.plan.glossary import GLOSSARY_FILE, GUIDES_FILE
from texts import GENERATED, table
from write_accuracy import PAGE, accuracy_page
from write_claims import PAGE as CLAIMS_PAGE
from write_claims import claims_page, write_claims
from write_plots import FILES, PLOTS, page_of, words_of
from write_schemas import write_schemas
from write_screen import SCREEN, screen_svg
from write_typed import TYPED, typed_module

# The pages whose console blocks are run.
SHOWN = (
    *("README.md", "docs/tutorial.md", "docs/your-own.md", "docs/actuals.md", "docs/money.md", "docs/on-call.md"),
    "docs/streams.md",
)


def text_of(page: str) -> str:
    """Return a page of the repository."""
    return (ROOT / page).read_text(encoding="utf-8")


# The program, called as a person calls it.


def call(line: str) -> str:
    """Return what a command line prints on either stream at 80 columns; it may end in ` < file`."""
    program, *words = shlex.split(line)
    assert program == "t2v-cap", line
    path = words.pop() if "<" in words else ""
    words = words[:-1] if path else words
    printed, fed = io.StringIO(), io.TextIOWrapper(io.BytesIO(Path(path).read_bytes() if path else b""))
    columns = mock.patch.dict(os.environ, {"COLUMNS": "80", "NO_COLOR": "1"})
    with (
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
        mock.patch.object(sys, "stdin", fed),
        columns,
    ):
        run(words)
    return printed.getvalue()


@contextlib.contextmanager
def workplace(page: str = "") -> Iterator[Path]:
    """Step into a new folder that holds the example scenarios and the files of a page, and out again."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "scenarios").mkdir()
        for scenario in SHIPPED:
            shutil.copy(scenario, Path(folder) / "scenarios")
        for name, text in (step for step in steps(page) if not isinstance(step, Shown)):
            (Path(folder) / name).write_text(text, encoding="utf-8")
        with contextlib.chdir(folder):
            yield Path(folder)


# Console blocks: commands and what they print.


class Shown(NamedTuple):
    """One command of a console block, and the lines that stand below it."""

    command: str
    line: int  # of the page, where the output begins
    output: list[str]


def steps(text: str) -> Iterator[tuple[str, str] | Shown]:
    """Yield, in order, a page's files (name, text) and the commands of its console blocks.

    A file is a yaml block whose first line is a comment with its name alone: `# first.yaml`; or a json block with its
    name behind the fence's word: `json first.json`.
    """
    lines = text.splitlines()
    fence, begins = "", 0
    for number, line in enumerate(lines):
        if not line.startswith("```"):
            continue
        if not fence:
            fence, begins = line.removeprefix("```") or "text", number + 1
            continue
        block = lines[begins:number]
        if fence == "console":
            yield from _commands(block, begins)
        elif fence == "yaml" and (name := re.fullmatch(r"# ([\w-]+\.yaml)", block[0])):
            yield name[1], "\n".join(block[1:]) + "\n"
        elif name := re.fullmatch(r"json ([\w-]+\.json)", fence):
            yield name[1], "\n".join(block) + "\n"
        fence = ""


def _commands(block: list[str], begins: int) -> Iterator[Shown]:
    for number, line in enumerate(block, begins):
        if line.startswith("$ "):
            after = block[number - begins + 1 :]
            output = list(takewhile(lambda one: not one.startswith("$ "), after))
            while output and not output[-1]:
                output.pop()
            yield Shown(line.removeprefix("$ "), number + 1, output)


def same(shown: str, printed: str) -> bool:
    """Return whether a shown line is what was printed; a formula's line number may differ.

    It may leave out columns at its end, and words behind ` ...`.
    """
    left, right = _without_line_numbers(shown), _without_line_numbers(printed)
    return left == right or (
        bool(left) and right.startswith(left.removesuffix("...") if left.endswith(" ...") else f"{left}  ")
    )


def _without_line_numbers(line: str) -> str:
    return re.sub(r"(formulas/\w+\.py):\d+", r"\1", line.rstrip())


def mismatch(shown: Shown, printed: list[str]) -> str:
    """Return the first shown line that isn't printed in its place, or nothing; `...` stands for any lines."""
    at, free = 0, False
    for line in shown.output:
        if line.strip() == "...":
            free = True
            continue
        while free and at < len(printed) and not same(line, printed[at]):
            at += 1
        if at >= len(printed) or not same(line, printed[at]):
            return line or "(an empty line)"
        at, free = at + 1, False
    rest = [line for line in printed[at:] if line.strip()]
    return f"(missing) {rest[0]}" if rest and not free else ""


def refreshed(text: str) -> str:
    """Return a page with each shown line as it is printed now.

    A line is found by its place, its words, or the name that it begins with.
    """
    lines = text.splitlines()
    with workplace() as folder:
        for step in steps(text):
            if not isinstance(step, Shown):
                (folder / step[0]).write_text(step[1], encoding="utf-8")
            elif mismatch(step, printed := call(step.command).splitlines()):
                for number, line in enumerate(step.output, step.line):
                    at = printed[number - step.line] if len(printed) > number - step.line else ""
                    lines[number] = at if _name(at) == _name(line) else _as_printed(line, printed)
    return "\n".join(lines) + "\n"


def _as_printed(line: str, printed: list[str]) -> str:
    words = line.split()
    if not words or words[-1] == "...":
        return line
    alike = [p for p in printed if p.split()[: len(words)] == words] or [p for p in printed if _name(p) == _name(line)]
    if len(alike) != 1:
        return line
    further_columns = len(re.findall(r"\S\s{2,}(?=\S)", line))
    cut = re.match(r"\s*\S+(?: \S+)*" + r"(?:\s{2,}\S+(?: \S+)*)?" * further_columns, alike[0])
    return cut[0] if cut else line


def _name(line: str) -> str:
    """Return the name that a line of a table, a diff or CSV begins with."""
    words = [word for word in line.replace(",", " ").split() if word not in ("~", "+", "-")]
    return words[0] if words else ""


# The generated pages.


def figures_page() -> str:
    """Return docs/figures.md: the figures that tables show, by question, and the internal ones in a table."""
    parts = [
        "# Figures",
        GENERATED,
        f"All {len(FIGURES)} figures, in the order in which a plan is read. "
        "Each has a formula on assumptions and other figures; names in capitals are the [constants](#constants). "
        "Any figure can be pinned: `--pin NAME=VALUE`. "
        "The [internal ones](#internal-figures), which `--all` shows, are in a table; "
        "`t2v-cap explain PLAN NAME` prints the formula, the numbers and the source of each.",
    ]
    for group, modules in GROUPS.items():
        reasons = [paragraphs(module.__doc__)[0] for module in modules]
        figures = [figure for figure in FIGURES.values() if figure.group == group and not figure.detail]
        parts += [f"## {group.capitalize()}", *reasons, *(_figure(figure) for figure in figures)]
    internal = [(f"`{one.name}`", one.label, f"`{one.unit}`", one.group) for one in FIGURES.values() if one.detail]
    known = ((name, value) for name, value in vars(constants).items() if isinstance(value, constants.Constant))
    rows = [(f"`{name}`", digits(value, 9), value.unit, value.source) for name, value in known]
    parts += ["## Internal figures", _table(("name", "meaning", "unit", "group"), internal)]
    parts += [
        "## Constants",
        "These numbers are the same in every plan.",
        _table(("name", "value", "unit", "source"), rows),
    ]
    return "\n\n".join(parts) + "\n"


def paragraphs(docstring: str | None) -> list[str]:
    """Return the paragraphs of a docstring, each on one line."""
    return [" ".join(paragraph.split()).replace("->", "→") for paragraph in (docstring or "").strip().split("\n\n")]


def _figure(figure: Figure) -> str:
    notes = [
        f"unit `{figure.unit}`",
        "a whole number" if figure.whole else "",
        "adds up over products" if figure.adds else "",
    ]
    notes += [f"{figure.better} is better" if figure.better else ""]
    said = f"{figure.label}; {', '.join(filter(None, notes))}."
    why = f" {reason(figure)}" if reason(figure) else ""
    formula = f"```text\n{figure.name} = {in_names(figure)}\n```"
    return "\n\n".join((f"### {figure.name}", said, _prose(sentence(figure) + why), formula))


def assumptions_page() -> str:
    """Return docs/assumptions.md: every assumption, choice and shorthand by section."""
    parts = [
        "# Assumptions and choices",
        GENERATED,
        f"Assumptions: {len(ASSUMPTIONS)}. Choices: {len(CHOICES)}. Shorthands: {len(SHORTHANDS)}. "
        "They are grouped by section of a scenario file. "
        "A name is its key in the file and, with hyphens, its flag: "
        "`videos_per_user_per_day` is `--videos-per-user-per-day`. "
        "If the column *bare* says yes, a number needs no unit.",
    ]
    for section, model in SECTIONS.items():
        parts += [f"## {section.capitalize()}", *paragraphs(model.__doc__)]
        own = [assumption for assumption in ASSUMPTIONS.values() if assumption.section == section]
        headings = ("name", "meaning", "default", "unit", "bounds", "bare", "source of the default")
        parts.append(_table(headings, (_assumption(assumption) for assumption in own)))
        words = [
            (f"`{c.name}`", c.label, f"`{c.default}`", f"a choice; {_options(c.kind)}")
            for c in CHOICES.values()
            if c.section == section
        ]
        words += [
            (f"`{name}`", f"Stands for {', '.join(f'`{part}`' for part in stands)}", "", "a shorthand")
            for name, (home, stands) in SHORTHANDS.items()
            if home == section
        ]
        if words:
            parts.append(_table(("name", "meaning", "default", "kind"), words))
    return "\n\n".join(parts) + "\n"


def _assumption(assumption: Assumption) -> tuple[str, ...]:
    low, high = (show(end, assumption.unit, 6, brief=True) for end in (assumption.low, assumption.high))
    bounds = f"{low} to {high}{', whole' if assumption.whole else ''}"
    bare = "yes" if assumption.bare else "no"
    return (
        f"`{assumption.name}`",
        assumption.label,
        f"`{assumption.default}`",
        f"`{assumption.unit}`",
        bounds,
        bare,
        assumption.source,
    )


def _options(kind: str) -> str:
    from t2v_capacity.catalogue import Catalogue

    if kind in ("models", "gpus", "kernels"):
        return f"`t2v-cap list {kind}` shows the options"
    return f"one of {', '.join(f'`{name}`' for name in Catalogue().entries(kind))}"


_COMMAND_LINE = """\
The output of `--help`, for the program and for each command. What several commands take stands first, and once.

CSV and JSON have numbers without units, in base units: bytes, bits, seconds, joules, kg and USD. \
`t2v-cap list figures --format csv` has the unit of each figure, and `t2v-cap list assumptions --format csv` that of \
each input.

`--csv` is `--format csv`, as `--json` is `--format json`. An `--output` that ends in `.xml` is JUnit. \
A `--format` that the ending of `--output` contradicts is refused.

An answer ends with its warnings and counts its notes (`3 notes: --all`); `--all` prints them.

Where a command takes `--set`, every assumption and every choice is a flag too: `--dau 200M`, `--precision fp16`. \
So is `--clips-per-day 400K`, where the help of a command says so: of the plan's users, or without any of as many as \
ask for them. `t2v-cap list assumptions` lists them."""
_SEVERAL = 3  # commands that take an option, from which on it stands once for all


class _Entry(NamedTuple):
    """An argument or an option in a command's help."""

    name: str
    meaning: str

    @classmethod
    def of(cls, text: str) -> "_Entry":
        """Read its lines."""
        head, meaning = re.split(r"\s{2,}", text.strip(), maxsplit=1)
        option = re.search(r"--[\w-]+", head)
        return cls(option[0] if option else head, " ".join(meaning.split()))


def _sections(page: str) -> tuple[str, list[list[str]]]:
    """Return what a help says of its command, then each list: its title and its entries."""
    about, *lists = re.split(r"^(?=(?:Arguments|Options):$)", page, flags=re.MULTILINE)
    return about, [re.split(r"^  (?=\S)", text.partition("\n\n")[0], flags=re.MULTILINE) for text in lists]


def _own_help(page: str, shared: dict[_Entry, str]) -> str:
    """Return the help of a command without what several take, which it names in its last line."""
    about, lists = _sections(page)
    parts, also = [about.rstrip()], list[str]()
    for title, *entries in lists:
        own = [f"  {text.rstrip()}" for text in entries if _Entry.of(text) not in shared]
        parts += ["\n".join((title.rstrip(), *own))] if own else []
        also += [text for text in entries if _Entry.of(text) in shared and "--" in text and "--help" not in text]
    names = (_head(text) if "|" in _head(text) else _Entry.of(text).name for text in also)
    return "\n\n".join((*parts, textwrap.fill(f"Also: {', '.join(names)}", 80, break_on_hyphens=False)))


def _head(text: str) -> str:
    return re.split(r"\s{2,}", text.strip(), maxsplit=1)[0]


def cli_page() -> str:
    """Return docs/cli.md: the help of the program and of every command, at 80 columns."""
    pages = {name: call(f"t2v-cap {name} --help") for name in COMMANDS}
    texts = [text for page in pages.values() for _title, *entries in _sections(page)[1] for text in entries]
    counts = Counter(map(_Entry.of, texts))
    shared = {_Entry.of(text): _head(text) for text in texts if counts[_Entry.of(text)] >= _SEVERAL}
    rows = [(f"`{entry.name if '|' in head else head}`", entry.meaning) for entry, head in shared.items()]
    parts = ["# Command line", GENERATED, _COMMAND_LINE]
    parts += ["## What several commands take", _table(("argument or option", "meaning"), rows)]
    parts += ["## t2v-cap", f"```text\n{call('t2v-cap --help').rstrip()}\n```"]
    for name, page in pages.items():
        parts += [f"## t2v-cap {name}", f"```text\n{_own_help(page, shared)}\n```"]
    return "\n\n".join(parts) + "\n"


def warnings_page() -> str:
    """Return docs/warnings.md: what `t2v-cap explain CODE` says of each code."""
    heading, _blank, rest = GUIDES_FILE.read_text(encoding="utf-8").split("\n", 2)
    return f"{heading}\n\n{GENERATED}\n\n{rest}"


def llms_page() -> str:
    """Return docs/llms.txt: what the program is, its commands and its pages, for readers that are models."""
    about, *_rest = [line for line in text_of("README.md").splitlines() if line and not line.startswith("#")]
    commands = [f"- `t2v-cap {name}`: {_first_sentence(name)}" for name in COMMANDS]
    pages = re.findall(r"^- \[([^\]]+)\]\(([^)]+)\): (.+)$", text_of("docs/index.md"), re.MULTILINE)
    links = [f"- [{title}]({page}): {sentence}" for title, page, sentence in pages]
    parts = ["# t2v-cap", f"> {about}", _FOR_MODELS, "## Commands", "\n".join(commands), "## Pages", "\n".join(links)]
    return "\n\n".join(parts) + "\n"


_FOR_MODELS = (
    "A scenario is a YAML file; `scenarios/` has examples and `docs/schema/scenario.json` its JSON Schema. Every "
    "assumption and choice is a flag too (`--dau 2M`). `--json` writes any answer as JSON, whose shape "
    "`t2v-cap schema COMMAND` prints. Exit codes: 0 fine, 2 wrong input, 3 a gate or budget."
)


def _first_sentence(command: str) -> str:
    """Return the first sentence of a command's help."""
    return call(f"t2v-cap {command} --help").split("\n\n")[1].strip()


def glossary_page() -> str:
    """Return docs/glossary.md: what `t2v-cap explain WORD` says of each word."""
    heading, _blank, rest = GLOSSARY_FILE.read_text(encoding="utf-8").split("\n", 2)
    return f"{heading}\n\n{GENERATED}\n\n{rest}"


PAGES: dict[str, Callable[[], str]] = {
    "docs/llms.txt": llms_page,
    "docs/figures.md": figures_page,
    "docs/assumptions.md": assumptions_page,
    "docs/cli.md": cli_page,
    "docs/warnings.md": warnings_page,
    "docs/glossary.md": glossary_page,
    PAGE: accuracy_page,
    CLAIMS_PAGE: claims_page,
    SCREEN: screen_svg,
    TYPED: typed_module,
}


def _table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return table(headings, (map(_prose, row) for row in rows))


def _prose(text: str) -> str:
    """Return text that markdown shows as it is, but for code between backticks and addresses."""
    pieces = re.split(r"(`[^`]*`|https?://[^\s,;)]+)", text)
    pieces[::2] = [re.sub(r"([\\|*_<\[])", r"\\\1", piece) for piece in pieces[::2]]
    return "".join(pieces)


def plotted(plot: str) -> str:
    """Return a plot of a page, drawn by its command in a folder with the page's files."""
    with workplace(text_of(FILES[plot]) if plot in FILES else "") as folder:
        call(PLOTS[plot])
        return (folder / Path(plot).name).read_text(encoding="utf-8")


def write_plots() -> None:
    """Draw the plots that say something else now.

    Another version of the library would write other bytes for the same plot.
    """
    for plot in PLOTS:
        drawn = plotted(plot)
        if words_of(drawn) != words_of(page_of(plot)):
            (ROOT / plot).write_text(drawn, encoding="utf-8")


def write_all() -> None:
    """Write every generated page and plot, and refresh the shown output."""
    write_plots()
    write_schemas()
    write_claims()
    for page, write in PAGES.items():
        (ROOT / page).write_text(write(), encoding="utf-8")
    for page in SHOWN:
        (ROOT / page).write_text(refreshed(text_of(page)), encoding="utf-8")
