"""The browser that the tests of the page share."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

# Run as root in a container, and ask nobody for anything.
SWITCHES = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync --no-first-run".split()


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
