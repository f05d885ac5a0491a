"""The documentation is complete, fresh and true: generated pages, console blocks, links, codes, examples."""

import ast
import re
from pathlib import Path

import pytest

from house import nodes
from places import ROOT, ours
from shared import over, some, write
from t2v_capacity.assumptions.names import kind_of
from t2v_capacity.cli.app import COMMANDS
from t2v_capacity.plan.glossary import GLOSSARY_FILE
from t2v_capacity.plan.warnings.register import REGISTER
from t2v_capacity.release import RELEASED, __version__
from texts import RENEW_DOCS
from write_docs import PAGES, SHOWN, Shown, call, mismatch, plotted, steps, text_of, workplace
from write_plots import PLOTS, page_of, words_of

SOURCES = [path for path in ours("src") if path.suffix == ".py"]
WRITTEN = [ROOT / "README.md", *(path for path in ours("docs") if path.suffix == ".md")]
SHOWN_BESIDE = (*SHOWN, "docs/accuracy.md")
# How many commands each page runs: an example can't vanish unseen.
RAN = {
    "README.md": 6,
    "docs/tutorial.md": 20,
    "docs/your-own.md": 4,
    "docs/actuals.md": 4,
    "docs/money.md": 4,
    "docs/on-call.md": 3,
    "docs/streams.md": 2,
}


@pytest.mark.wide
@pytest.mark.parametrize("page", PAGES)
def test_generated_pages_are_fresh(page: str) -> None:
    """A generated page says what the code says now."""
    assert text_of(page) == PAGES[page](), f"{page} is stale; run `{RENEW_DOCS}`"


@pytest.mark.wide
@pytest.mark.parametrize("plot", some(reversed(PLOTS), 5))
def test_plots_of_pages_are_fresh(plot: str) -> None:
    """A plot that a page shows says what its command draws now, and the command stands on a page."""
    assert words_of(page_of(plot)) == words_of(plotted(plot)), f"{plot} is stale; run `{RENEW_DOCS}`"
    assert len(words_of(page_of(plot))) > 10
    assert any(
        f"]({'/'.join(Path(plot).parts[1:])})" in text_of(page) or f"]({plot})" in text_of(page)
        for page in SHOWN_BESIDE
    )


@pytest.mark.wide
@pytest.mark.parametrize("page", SHOWN)
def test_console_blocks_show_what_is_printed(page: str) -> None:
    """Every command of a console block prints what stands below it, and none has vanished."""
    ran = 0
    with workplace() as folder:
        for step in steps(text_of(page)):
            if not isinstance(step, Shown):
                write(step[1], folder / step[0])
                continue
            printed = call(step.command)
            wrong = mismatch(step, printed.splitlines())
            assert not wrong, (
                f"{page}:{step.line}: `{step.command}` doesn't print\n{wrong}\nrun `{RENEW_DOCS}`; it prints\n{printed}"
            )
            ran += 1

    assert RAN[page] == ran


def test_shown_output_is_compared() -> None:
    """A wrong, missing or misplaced line is found; lines and columns may be left out where the page says so."""
    for shown in (["a  1  x", "b  2"], ["...", "b  2"], ["a  1 ...", "..."]):
        assert mismatch(Shown("", 1, shown), ["a  1  x", "b  2  y"]) == ""
    for shown, wrong in (
        (["a  1"], "(missing) b  2  y"),
        (["a  9", "b  2"], "a  9"),
        (["...", "b  2", "a  1"], "a  1"),
    ):
        assert mismatch(Shown("", 1, shown), ["a  1  x", "b  2  y"]) == wrong


def test_figures_begin_with_what_their_files_say() -> None:
    """The first sentence of each file stands below the heading of its figures."""
    below = {part.partition("\n")[0]: part for part in text_of("docs/figures.md").split("\n## ")}

    for heading, files in {"Demand": ["demand"], "Waiting": ["waiting", "clicks", "overload"]}.items():
        for file in files:
            first = text_of(f"src/t2v_capacity/formulas/{file}.py").partition("\n")[0].strip('"')
            assert first.replace("->", "→") in below[heading]


def test_every_warning_code_is_documented() -> None:
    """Every code that the program can warn with has a section in docs/warnings.md, and no other code has one."""
    codes: set[object] = {*REGISTER}
    for path in SOURCES:
        for node in nodes(path):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "PlanWarning":
                given = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "code")][0]
                if path.name in ("register.py", "findings.py") and isinstance(
                    given, (ast.Subscript, ast.Call, ast.Attribute)
                ):
                    continue  # of a saved estimate, or of a warning that the register wrote
                assert isinstance(given, ast.Constant), f"{path.name}:{node.lineno}: write the code of a warning out"
                codes.add(given.value)

    assert codes == set(re.findall(r"^## `([a-z-]+)`$", text_of("docs/warnings.md"), re.MULTILINE))


@over(("page", WRITTEN))
def test_links_resolve(page: Path) -> None:
    """Every relative link leads to a file or a folder of the repository and, where it names one, to a heading of it."""
    broken = []
    for target in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", _outside_blocks(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _hash, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not (there.exists() and there.is_relative_to(ROOT)) or (anchor and anchor not in _anchors(there)):
            broken.append(target)

    assert broken == []


def test_index_links_every_page() -> None:
    """Every page of the documentation can be reached from docs/index.md."""
    linked = {
        (ROOT / "docs" / target).resolve() for target in re.findall(r"\]\(([^)#\s]+)\)", text_of("docs/index.md"))
    }

    assert {page for page in WRITTEN if page.name != "index.md"} <= linked


def test_glossary_explains_words_by_names_that_there_are() -> None:
    """Every word stands once in the glossary, and what is in backticks is an assumption, choice, figure or command."""
    page = GLOSSARY_FILE.read_text(encoding="utf-8")
    words = re.findall(r"\*\*(.+?)\*\*: ", page)
    names = set(re.findall(r"`([^`]+)`", page))

    assert len(words) == len(set(words))
    assert {name for name in names if not kind_of(name) and name.removeprefix("t2v-cap ") not in COMMANDS} == set()


def _outside_blocks(page: Path) -> str:
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", _outside_blocks(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_changelog_has_this_version() -> None:
    """The newest release in the changelog is this version on its date."""
    releases = re.findall(r"^## \[(\d[^\]]*)\] - (\S+)$", text_of("docs/changelog.md"), re.MULTILINE)

    assert (__version__, RELEASED) == releases[0]


def test_constants_that_contributors_are_told_of_are_there() -> None:
    """Each constant that docs/contributing.md names is assigned in some module."""
    page = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([A-Z][A-Z_]{3,})`", page))
    modules = "\n".join(path.read_text(encoding="utf-8") for path in ours() if path.suffix == ".py")

    assert "COMMANDS" in named
    assert [name for name in named if not re.search(rf"^(?:.*, )?{name}\b[^=\n]*=", modules, re.MULTILINE)] == []
