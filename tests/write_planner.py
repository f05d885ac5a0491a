"""Write the planner: the page of no scenario, from flags alone, on which everything is chosen.

`python tests/write_planner.py planner.html` writes the page.

With a second argument, docs/planner.jpg, it opens the page in Chromium too, and takes a picture of it for README.
"""

import shutil
import sys
from pathlib import Path

from t2v_capacity.cli.app import run

# What the planner opens with: the plan of a service that runs an open model and keeps its promise.
FLAGS = (
    *("--model", "wan2.2-t2v-a14b", "--gpu", "h200-sxm", "--runtime", "engine", "--gpus-per-replica", "4"),
    *("--dau", "1M", "--videos-per-user-per-day", "2", "--peak-to-average", "1.7", "--target-latency", "2 min"),
)
# A desk's screen, and what makes Chromium draw alike everywhere.
WIDTH, HEIGHT, SCALE, QUALITY = 1280, 1240, 0.75, 82
SWITCHES = ("--no-sandbox", "--disable-gpu", "--force-color-profile=srgb", "--font-render-hinting=none")


def write(page: Path) -> None:
    """Write the page; end where that fails."""
    page.parent.mkdir(parents=True, exist_ok=True)
    if code := run(["export", str(page), *FLAGS]):
        sys.exit(code)


def picture(page: Path, file: Path) -> None:
    """Take a picture of the first screen."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(SWITCHES))
        tab = chromium.new_page(
            viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=SCALE, color_scheme="light"
        )
        tab.goto(page.resolve().as_uri())
        tab.wait_for_selector("#options:not([aria-busy])")
        tab.screenshot(path=file, type="jpeg", quality=QUALITY)
        chromium.close()


if __name__ == "__main__":
    written, *pictures = map(Path, sys.argv[1:] or ["planner.html"])
    write(written)
    for one in pictures:
        picture(written, one)
