"""How fast the page is in Chromium, against its goals; run it alone on a quiet machine.

The first answer is from the request for the file to the first paint, which holds the answer and the open inputs; the
whole page is until the chart, the table and every figure stand too. An input is from the keystroke to all that follows
it but the options, and the chart is every option computed, drawn and listed. Each is the median of nine, with the least
and the most.
"""

import math
import shutil
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from t2v_capacity.cli.app import run

GOALS = {"first answer": 300, "the whole page": math.inf, "an input": 50, "the whole chart": 200}
TIMES = 9
STEP = (
    "(step) => { const from = performance.now(); "
    "step === 0 ? (changeInput(SIDES[0], 'dau', String(1e6 + Math.random())), markInputs(), showResults()) "
    ": showCompare(); return performance.now() - from; }"
)
PAINTED = (
    "new Promise(done => new PerformanceObserver("
    "list => list.getEntriesByName('first-contentful-paint').forEach(one => done(\n"
    "    document.querySelector('#results .lead') && one.startTime))).observe({ type: 'paint', buffered: true }))"
)
DRAWN = (
    "new Promise(done => { const look = () => document.querySelector('#options[aria-busy]') "
    "? setTimeout(look) : done(performance.now()); look(); })"
)


def measured(page: Path) -> dict[str, list[float]]:
    """Return the milliseconds of each goal, in order of size."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        first, whole = [], []
        for _ in range(TIMES):
            tab = chromium.new_page(viewport={"width": 1280, "height": 900})
            tab.goto(page.as_uri())
            whole.append(tab.evaluate(DRAWN))
            first.append(tab.evaluate(PAINTED))
        steps = [[tab.evaluate(STEP, step) for _ in range(TIMES)] for step in (0, 1)]
        chromium.close()
    return dict(zip(GOALS, map(sorted, (first, whole, *steps)), strict=True))


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        file = Path(folder, "plan.html")
        run(["export", "scenarios/wan2.2-h100.yaml", str(file), "--target-latency", "2 min"])
        found = measured(file)
    for name, limit in GOALS.items():
        least, *_, most = found[name]
        goal = f", goal {limit} ms" if limit < math.inf else ""
        sys.stdout.write(f"{name}: {median(found[name]):.0f} ms ({least:.0f} to {most:.0f}){goal}\n")
    sys.exit(any(median(found[name]) > limit for name, limit in GOALS.items()))
