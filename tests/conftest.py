"""What tests of many rooms are given: the program, a folder of their own, a browser."""

import gc
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from pages import Opened, Page
from places import ROOT, landing
from shared import Program
from texts import Recorded

# A landing draws one in so many of a module's slow tests, of its wide ones and of those that need another program.
# It draws so many at most.
_ONE_IN = {"slow": 12, "browser": 12, "wide": 5, "office": 5}
_MOST, _LONGEST = 16, "test_the_matrix_is_the_recorded_one"
# Run as root in a container, and ask nobody for anything.
SWITCHES = (
    "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update "
    "--disable-sync --no-first-run"
).split()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take what `tests/record.py` and `.ci/run` ask for."""
    parser.addoption(
        "--record", action="store_true", help="run the tests that hold recorded texts, and write these down anew"
    )
    parser.addoption(
        "--landing",
        action="store_true",
        help=(
            "of each module run a twelfth of the slow tests and of a browser's, "
            "a fifth of the wide ones and of an office's, drawn by the commit"
        ),
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what a run doesn't ask for."""
    kept = set(items)
    if config.getoption("--record"):
        kept = {item for item in items if "recorded" in getattr(item, "fixturenames", ())}
    if config.getoption("--landing"):
        kept -= set(items) - set(drawn(items))
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    # The longest first, so that no process waits for it at the end.
    items[:] = sorted((item for item in items if item in kept), key=lambda item: item.name != _LONGEST)


def drawn(items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    """Yield each test, but of a module's slow ones and a browser's a twelfth, of its wide ones and an office's a fifth.

    At most 16 are drawn. They are others at each commit, and the same in each process of it. What is left over is drawn
    too, so that a module's only slow test runs at one landing in twelve.
    """
    cases: dict[tuple[str, str], list[pytest.Item]] = {}
    for item in items:
        kind = next((kind for kind in _ONE_IN if item.get_closest_marker(kind)), None)
        if kind:
            cases.setdefault((item.nodeid.partition("::")[0], kind), []).append(item)
        else:
            yield item
    for (name, kind), of in cases.items():
        chance = Random(f"{landing()} {name} {kind}")
        yield from chance.sample(of, min(int(len(of) / _ONE_IN[kind] + chance.random()), _MOST))


def pytest_collection_finish() -> None:
    """Let Python look for garbage seldom, as the program does.

    Nothing is frozen, since Hypothesis asks the collector who holds its generator.
    """
    gc.set_threshold(200_000)


@pytest.fixture
def t2v_cap(capsys: pytest.CaptureFixture[str]) -> Program:
    """Give the program: `t2v_cap("estimate", "plan.yaml", code=2).err`."""
    return Program(capsys)


@pytest.fixture
def recorded(request: pytest.FixtureRequest) -> Recorded:
    """Give what holds a text against the recorded one: `recorded(said.err)`."""
    folder = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
    return Recorded(request.path.stem, request.node.name, folder, renews=bool(request.config.getoption("--record")))


@pytest.fixture(scope="session", autouse=True)
def _the_top_level_stays() -> Iterator[None]:
    """Let no test write into the top level of the tree."""
    before = _at_the_top()
    yield
    assert _at_the_top() == before


def _at_the_top() -> set[str]:
    return {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Step into an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Start Chromium, headless."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    assert chromium, "these tests drive `chromium`, which is not on PATH"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        yield opened
        opened.close()


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Opened]:
    """Give what exports a page of scenarios and flags and opens it.

    Nothing may have gone wrong on it when the test is done.
    """
    pages = list[Page]()

    def opens(*arguments: object, **how: Any) -> Page:
        pages.append(Page(browser, tmp_path, *arguments, **how))
        return pages[-1]

    yield opens
    for page in pages:
        page.close()
