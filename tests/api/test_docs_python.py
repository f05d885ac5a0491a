"""The page on Python shows what a reader's Python shows."""

import doctest
from pathlib import Path

import pytest

from places import ROOT, shipped
from shared import commit, git, write

PAGE = ROOT / "docs" / "python.md"


@pytest.fixture
def request_at_hand(folder: Path) -> None:  # noqa: ARG001 - a place to write in
    """Make a repository in which a request grows one scenario beyond its gate."""
    text, name = Path(shipped("start-up")).read_text(encoding="utf-8"), "scenarios/start-up.yaml"
    git("init", "-q", "-b", "main")
    commit({name: f'{text}\ngates: {{fail_on: ["gpus > +10%"]}}\n'})
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    write(Path(name).read_text(encoding="utf-8").replace("dau: 10K", "dau: 12K"), name)


@pytest.mark.wide
@pytest.mark.usefixtures("request_at_hand")
def test_the_page_shows_what_is_answered() -> None:
    """Every example runs in the order of the page, and gives what stands below it; there are so many."""
    text = "\n".join("" if line.startswith("```") else line for line in PAGE.read_text(encoding="utf-8").splitlines())
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    warned: list[str] = []

    found = runner.run(doctest.DocTestParser().get_doctest(text, {}, "python.md", str(PAGE), 0), out=warned.append)

    assert found.failed == 0, "".join(warned)
    assert found.attempted == 24
