"""The Python door is typed: names complete and are checked, and what is answered has the types that the door says.

Mypy reads this file with the others: each `assert_type` holds, and each `type: ignore` stands on a mistake that it
finds.
"""

import doctest
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, assert_type

import numpy as np
import pytest

import t2v_capacity as t2v
from places import ROOT
from t2v_capacity.answers.compare import OptionRow
from t2v_capacity.formulas import FIGURES
from t2v_capacity.questions.what_if.months import MOVING

START_UP = "scenarios/start-up.yaml"
# What the page shows of libraries: pandas has no types of its own, and numpy none of a mean.
_LIBRARIES = re.compile(r"\bpandas\b|\bframe\b|\.mean\(\)")


@pytest.fixture
def plan() -> t2v.Plan:
    """Return a small plan."""
    return t2v.estimate(START_UP, samples=200)


def test_what_a_plan_has_is_typed(plan: t2v.Plan) -> None:
    """Figures and assumptions of a plan are floats, nan where one has no value; choices are texts."""
    assert isinstance(assert_type(plan.gpus, float), int)
    assert isinstance(assert_type(plan.dau, float), float)
    assert isinstance(assert_type(plan.gpu, str), str)
    assert np.isnan(assert_type(plan.but(dau="1M", gpu_limit=8).wait_p95, float))


def test_what_a_plan_is_given_is_typed(plan: t2v.Plan) -> None:
    """Assumptions, choices and shorthands are keywords.

    Another name, or a value of no kind that a file takes, is a mistake.
    """
    assert (
        plan.but(dau=t2v.Range(1e4, 4e4), gpu="l40s", gpu_price="null", resolution=(832, 480), patch=[1, 2, 2]).gpu
        == "l40s"
    )
    wrong: list[Callable[[], object]] = [
        lambda: t2v.estimate(START_UP, duu="200M"),  # type: ignore[call-arg]
        lambda: plan.but(duu=1),  # type: ignore[call-arg]
        lambda: plan.but(dau=object()),  # type: ignore[arg-type]
        lambda: plan.sweep(duu=[1, 2]),  # type: ignore[call-arg]
        lambda: plan.solve("dau", minimize="gpus", smallest=True),
    ]
    for ask in wrong:
        with pytest.raises(t2v.Mistakes):
            ask()
    assert t2v.check(START_UP, gpus=2).code == 2  # type: ignore[call-arg]


def test_rows_are_typed(plan: t2v.Plan) -> None:
    """A row of options has the columns of its type, of a sweep axes and figures shown, of a forecast all figures."""
    swept = plan.sweep(dau=range(10_000, 30_000, 10_000), gpu=["h100-sxm", "l40s"], show="gpus")
    months = plan.forecast(2)

    assert assert_type(swept[0], dict[str, Any])["gpus"] == plan.but(dau=10_000, gpu="h100-sxm").gpus
    assert (swept[0]["dau"], swept[0]["gpu"], swept[0]["error"]) == (10_000, "h100-sxm", None)
    assert swept[0]["warnings"]
    for options in (plan.compare("h100,l40s"), plan.groups()):
        assert assert_type(options[0], OptionRow).keys() == OptionRow.__required_keys__
    assert months[0].keys() == {"month", *MOVING, *FIGURES}
    assert assert_type(months[0]["gpus"], float | None) == plan.gpus


@pytest.mark.slow
@pytest.mark.wide
def test_the_page_on_python_is_typed(tmp_path: Path) -> None:
    """Mypy finds nothing in docs/python.md's examples, and no expression of unknown type but of other libraries."""
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8").replace("```", "")
    source = [line for example in doctest.DocTestParser().get_examples(page) for line in example.source.splitlines()]
    (tmp_path / "page.py").write_text("\n".join(source), encoding="utf-8")
    options = [
        "--strict",
        "--disallow-any-expr",
        "--disable-error-code=import-untyped",
        "--config-file=",
        "--cache-dir=cache",
    ]

    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "page.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    found = re.findall(r"^page\.py:(\d+): error: (.*)", done.stdout, re.MULTILINE)

    assert len(source) > 20
    assert done.stderr == ""
    assert [
        f"{source[int(line) - 1]}: {wrong}" for line, wrong in found if not _LIBRARIES.search(source[int(line) - 1])
    ] == []
