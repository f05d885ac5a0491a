"""How fast the page is in Chromium, against its goals; run it alone on a quiet machine.

The first answer is from the request for the file to the drawn page, an input from the keystroke to all that follows it but the options,
and the chart is every option computed, drawn and listed. Each is the median of nine.
"""

import shutil
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from t2v_capacity.cli.app import run

GOALS = {"first answer": 300, "an input": 50, "the whole chart": 200}
TIMES = 9
STEP = "(step) => { const from = performance.now(); step === 0 ? (changeInput(SIDES[0], 'dau', String(1e6 + Math.random())), markInputs(), showResults()) : showCompare(); return performance.now() - from; }"
OPENED = "() => performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"


def measured(page: Path) -> dict[str, float]:
    """Return the milliseconds of each goal."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        first = []
        for _ in range(TIMES):
            tab = chromium.new_page(viewport={"width": 1280, "height": 900})
            tab.goto(page.as_uri())
            first.append(tab.evaluate(OPENED))
        steps = [median(tab.evaluate(STEP, step) for _ in range(TIMES)) for step in (0, 1)]
        chromium.close()
    return dict(zip(GOALS, (median(first), *steps), strict=True))


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        file = Path(folder, "plan.html")
        run(["export", "scenarios/wan2.2-h100.yaml", str(file), "--target-latency", "2 min"])
        found = measured(file)
    for name, limit in GOALS.items():
        sys.stdout.write(f"{name}: {found[name]:.0f} ms, goal {limit} ms\n")
    sys.exit(any(found[name] > limit for name, limit in GOALS.items()))
