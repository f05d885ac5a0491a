"""The generated parts of docs/accuracy.md, each between two comments.

The comments are `<!-- NAME ARGUMENTS -->` and `<!-- /NAME -->`.
"""

import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import yaml

from fit.problem import PARALLEL, PRIORS
from fit.refit import fitted, shares
from places import ROOT
from t2v_capacity.assumptions.quantities import digits
from t2v_capacity.catalogue.published import Measurement, SummaryData, published
from t2v_capacity.measured.runs.accuracy import CLASSES, accuracy
from texts import table

PAGE = "docs/accuracy.md"
_TABLE = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
_FROM_OTHERS = ", each source predicted from the others"  # a star, which the page explains
# What the page promises of a class: median error, 90th percentile. A test fails where the program is worse.
CLAIMS: dict[str, tuple[float, float]] = _TABLE["claims"]


def _lines(headings: str, rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table between line breaks."""
    return f"\n{table(headings.split(' | '), rows)}\n"


def accuracy_page() -> str:
    """Return docs/accuracy.md as it is, but for its generated parts."""
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    return re.sub(r"(<!-- (\w+)([\w -]*) -->).*?(<!-- /\2 -->)", _part, text, flags=re.DOTALL)


def _part(found: re.Match[str]) -> str:
    begin, name, arguments, end = found.groups()
    return f"{begin}{PARTS[name](*arguments.split())}{end}"


def _near(name: str) -> str:
    """Return how near the model comes to a class of runs, in words."""
    one = _summaries()[name]
    runs = f"({one['rows']} runs of {one['sources']} sources)"
    return f"{one['median_error']:.1%} at the median and {one['p90_error']:.1%} at the 90th percentile {runs}"


@cache
def _summaries() -> dict[str, SummaryData]:
    return {one["name"]: one for one in accuracy().summary}


@cache
def _by_id() -> dict[str, Measurement]:
    return {row.id: row for row in accuracy().rows if row.quantity == "seconds"}


def _off(*ids: str) -> str:
    """Return how far runs are off, in words: those too fast together, then those too slow."""
    ratios = {name: _by_id()[name].ratio for name in ids}
    parts = []
    for way, is_slow in (("fast", False), ("slow", True)):
        off = {name: ratio for name, ratio in ratios.items() if (ratio > 1) is is_slow}
        if off:
            errors, runs = ", ".join(f"{abs(ratio - 1):.0%}" for ratio in off.values()), ", ".join(off)
            parts.append(f"{errors} too {way} ({'run' if len(off) == 1 else 'runs'} {runs})")
    return ", ".join(parts)


def _constants() -> str:
    found = fitted()
    said = shares(found)
    rows = (
        (f"`{name}`", f"{digits(prior)} ± {spread:.0%}", digits(found[name]), f"{abs(said[name]):.0%}")
        for name, (prior, spread) in (PRIORS | PARALLEL).items()
    )
    return _lines("constant | prior | fitted | data", rows)


def _errors() -> str:
    rows = (
        (
            CLASSES[one["name"]].replace(_FROM_OTHERS, r"\*"),
            *(str(count) for count in (one["rows"], one["sources"])),
            *(f"{error:.1%}" for error in (one["median_error"], one["p90_error"])),
            f"{one['mean_error']:.1%} ({one['mean_low']:.1%} to {one['mean_high']:.1%})",
            f"{one['median_ratio']:.2f}",
            ", ".join(f"{most:.0%}" for most in CLAIMS.get(one["name"], ())),
        )
        for one in accuracy().summary
    )
    return _lines(
        (
            "what | runs | sources | median error | 90th percentile | mean (90% range over sources) "
            "| median ratio | required"
        ),
        rows,
    )


def _band() -> str:
    index = published()
    rows = (
        (
            _TABLE["classes_of_error"][one.name],
            "{:.2f} to {:.2f}".format(*index.ends(one.name)) if one.name in index.bands else "",
            f"{one.rows}, {one.sources}",
            *(f"{share:.0%}" for share in one.held),
            f"{one.by_source:.0%}",
        )
        for one in index.held
    )
    return _lines("class | band | runs, sources | 50% | 80% | 90% | 95% | 90% by source", rows)


PARTS: dict[str, Callable[..., str]] = {
    "near": _near,
    "off": _off,
    "constants": _constants,
    "errors": _errors,
    "band": _band,
}
