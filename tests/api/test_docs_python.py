"""The page on Python shows what a reader's Python shows."""

import doctest
import shutil
from pathlib import Path

import pytest

from places import ROOT
from shared import commit, git

PAGE = ROOT / "docs" / "python.md"


@pytest.fixture
def request_at_hand(folder: Path) -> None:
    """Make a repository in which a request grows one scenario beyond its gate."""
    shutil.copytree(ROOT / "scenarios", "scenarios")
    for path in Path("scenarios").glob("*.yaml"):
        if path.stem != "start-up":
            path.unlink()
    scenario = Path("scenarios/start-up.yaml")
    scenario.write_text(scenario.read_text(encoding="utf-8") + '\ngates: {fail_on: ["gpus > +10%"]}\n', encoding="utf-8")
    git("init", "-q", "-b", "main")
    commit({})
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    scenario.write_text(scenario.read_text(encoding="utf-8").replace("dau: 10K", "dau: 12K"), encoding="utf-8")
    assert folder == Path.cwd()


@pytest.mark.wide
@pytest.mark.usefixtures("request_at_hand")
def test_the_page_shows_what_is_answered() -> None:
    """Every example runs in the order of the page, and gives what stands below it; there are so many."""
    text = "\n".join("" if line.startswith("```") else line for line in PAGE.read_text(encoding="utf-8").splitlines())
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    told: list[str] = []

    found = runner.run(doctest.DocTestParser().get_doctest(text, {}, "python.md", str(PAGE), 0), out=told.append)

    assert found.failed == 0, "".join(told)
    assert found.attempted == 24
