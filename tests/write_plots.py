"""The plots that pages show, each drawn by the command that its page names.

`python tests/record.py docs` draws them anew.
"""

import re
from pathlib import Path

from places import ROOT

# File -> the command line that draws it, in a folder with the scenarios and the files of the page below.
PLOTS = {
    "docs/plots/compare.svg": "t2v-cap compare scenarios/wan2.2-h100.yaml --target-latency '2 min' --plot compare.svg",
    "docs/plots/forecast.svg": (
        "t2v-cap forecast scenarios/wan2.2-h100.yaml --growth-per-month 5% --start 2026-12 "
        "--limit 'gpus <= 20000' --plot forecast.svg"
    ),
    "docs/plots/sweep.svg": "t2v-cap sweep first.yaml --over 'dau=100K..10M log 9' --show gpus --plot sweep.svg",
    "docs/plots/accuracy.svg": "t2v-cap accuracy --plot accuracy.svg",
}
# The page whose files a command reads.
FILES = {"docs/plots/sweep.svg": "docs/tutorial.md"}


def words_of(svg: str) -> list[str]:
    """Return what a plot says, in order.

    Its texts hold the values that were drawn, and no version of the library moves them.
    """
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def page_of(plot: str) -> str:
    """Return a plot as its page's folder holds it."""
    return (ROOT / plot).read_text(encoding="utf-8") if Path(ROOT / plot).is_file() else ""
