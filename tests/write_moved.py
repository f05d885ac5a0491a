"""Writes into docs/changelog.md what moved in the answers for the shipped scenarios since 0.1.0; tests/write_docs.py calls it too."""

import json

from places import GOLDEN, ROOT, shipped
from t2v_capacity.answers.diff_report import percent
from t2v_capacity.forms.values import show_value
from t2v_capacity.plan.estimate import estimate
from t2v_capacity.scenario.load import load_scenario

PAGE = ROOT / "docs" / "changelog.md"
BEGIN, END = "<!-- moved: written by tests/write_docs.py -->", "<!-- /moved -->"
SHOWN = ("gpus", "gpu_seconds_per_video", "latency_p95", "cost_per_month", "cost_per_video", "storage_per_day", "fleet_power")
# A change below this share is none that a reader of the changelog looks for.
_LEAST = 1e-9


def moved() -> str:
    """Return the table: a row a scenario and headline figure that moved, and in a line those in which none did."""
    recorded = json.loads((GOLDEN / "answers-0.1.0.json").read_text(encoding="utf-8"))
    rows, still = [], []
    for name, before in recorded["figures"].items():
        plan = estimate(load_scenario(shipped(name), as_of=recorded["as_of"]))
        changed = [
            f"| {name} | `{figure}` | {show_value(figure, was, 5)} | {show_value(figure, now, 5)} | {percent(now / was - 1)} |"
            for figure in SHOWN
            if (was := before[figure][0]) and (now := plan.figures[figure]) and abs(now / was - 1) > _LEAST
        ]
        rows += changed
        still += [] if changed else [name]
    heading = ["| scenario | figure | 0.1.0 | now | change |", "| --- | --- | ---: | ---: | ---: |"]
    lines = [*(heading if rows else []), *rows, *([""] if rows else []), f"Nothing moved in {', '.join(still)}." if still else ""]
    return "\n".join(lines).strip("\n")


def page() -> str:
    """Return the changelog with the table of today."""
    before, _begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    return f"{before}{BEGIN}\n{moved()}\n{END}{rest.partition(END)[2]}"


def write_moved() -> None:
    """Write it."""
    PAGE.write_text(page(), encoding="utf-8")
