"""What tests of many rooms are given: the program, a folder of their own, a browser."""

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared import Program

# Run as root in a container, and ask nobody for anything.
SWITCHES = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync --no-first-run".split()


def pytest_collection_finish() -> None:
    """Let Python look for garbage seldom, as the program does; nothing is frozen, since Hypothesis asks the collector who holds its generator."""
    gc.set_threshold(200_000)


@pytest.fixture
def t2v_cap(capsys: pytest.CaptureFixture[str]) -> Program:
    """Give the program: `t2v_cap("estimate", "plan.yaml", code=2).err`."""
    return Program(capsys)


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
