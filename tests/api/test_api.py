"""The Python door answers what the command line answers, and takes what a file takes."""

import copy
import datetime as dt
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from inspect import Parameter, signature
from typing import Any

import numpy as np
import pytest

import t2v_capacity as t2v
from shared import Program
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES, SHORTHANDS
from t2v_capacity.cli.app import run
from t2v_capacity.engine.figures import FIGURES
from texts import Recorded

MOCHI, START_UP = "scenarios/mochi.yaml", "scenarios/start-up.yaml"
RANGES: dict[str, Any] = {"dau": "50M to 200M", "peak_to_average": "1.5 to 2"}
DRAWS: dict[str, Any] = {"samples": 500, "seed": 3}


MONTHS = ("tests/golden/october.yaml", "tests/golden/november.yaml")
# What each command asks of a plan, by the method that it calls.
ASKED: dict[str, Callable[[t2v.Plan], Any]] = {
    "estimate": lambda plan: plan.table(),
    "explain": lambda plan: plan.explain("gpus"),
    "sensitivity": lambda plan: plan.sensitivity("gpus"),
    "sweep": lambda plan: plan.sweep(
        "steps=20,30", dau=[1e6, "2M"], gpu=["h100-sxm", "l40s"], show=["gpus", "cost_per_month"]
    ),
    "measure": lambda plan: plan.measure("sglang"),
    "compare": lambda plan: plan.compare(["h100", "b200"]),
    "forecast": lambda plan: plan.forecast(6, "gpus <= 1K", start="2027-03", lead_time="5 months"),
    "actuals": lambda plan: plan.actuals(*MONTHS, start="2026-08"),
    "solve": lambda plan: plan.solve("dau", until="gpus <= 10K"),
    "diff": lambda plan: t2v.diff(plan, plan.but(dau="20K")),
}


def test_files_are_answered_as_by_commands(t2v_cap: Program) -> None:
    """What Python reads by itself is read as the command reads it.

    These are rules and reasons of a diff, budgets and draws of a check, and runs.
    """
    plan, runs, budget = "scenarios/wan2.2-h100.yaml", "tests/golden/runs.yaml", "gpus <= 10"
    changed, checked = (
        t2v.diff(START_UP, MOCHI, why="gpus", fail_on="gpus > +10%"),
        t2v.check(START_UP, MOCHI, budgets=budget, **DRAWS),
    )
    found: dict[tuple[str, ...], Any] = {
        ("diff", START_UP, MOCHI, "--why", "gpus", "--fail-on", "gpus > +10%"): changed,
        ("check", START_UP, MOCHI, "--budget", budget, "--samples", "500", "--seed", "3"): checked,
        ("calibrate", plan, runs): t2v.calibrate(plan, runs),
    }

    assert changed.code == checked.code == 3
    for line, one in found.items():
        assert json.loads(one.json()) == t2v_cap(*line, "--format", "json", code=(0, 3)).json


def test_a_plan_changes_as_flags_change_it() -> None:
    """`but` is a layer of flags: the later of two values counts, the first plan stays, a price stays its GPU's."""
    plan = t2v.estimate(MOCHI)
    one = plan.but(gpu="b200-hgx").but(gpu_price="4.5 USD", retention="30 d")
    other = plan.but(retention="1 d").but(gpu="b200-hgx").but(gpu_price="4.5 USD", retention="30 d")

    assert one == other == t2v.estimate(MOCHI, gpu="b200-hgx", gpu_price="4.5 USD", retention="30 d")
    assert plan == t2v.estimate(MOCHI) != one
    assert one.but(pins={"video_size": "1.4 MB"}).video_size == 1.4e6
    assert t2v.estimate().choices["model"] == "mochi-1-preview"  # what no file says is a default
    assert one.but(gpu_price="null", gpu="null", retention="null") == plan
    typed = plan.but(gpu_price=2)
    assert typed.but(gpu="b200-hgx").cost_per_month == plan.but(gpu="b200-hgx").cost_per_month
    assert typed.but(gpu="b200-hgx").but(gpu="h100-sxm").cost_per_month == typed.cost_per_month
    changed = t2v.diff(plan, one, fail_on=["gpus > +10%"])
    assert (changed.code, changed.unchanged) == (0, changed.found.unchanged)
    assert changed["gpus"].relative_change == pytest.approx(one.gpus / plan.gpus - 1)


@pytest.mark.parametrize(
    ("values", "arguments"),
    [
        ({"retention": 30}, ["--retention", "30"]),
        ({"daus": "1M"}, ["--set", "daus=1M"]),
        ({"dau": -1}, ["--dau=-1"]),
        ({"gpu": "h1000"}, ["--gpu", "h1000"]),
        ({"steps": t2v.Range(10, 20)}, ["--steps", "10 to 20"]),
        ({"dau": True}, ["--dau", "True"]),
    ],
)
def test_python_refuses_what_a_flag_refuses(
    values: dict[str, Any], arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Where a file refuses a value, Python refuses it with the text that the command prints, and it has its parts."""
    with pytest.raises(t2v.Mistakes) as refused:
        t2v.estimate(MOCHI, **values)

    assert run(["estimate", MOCHI, *arguments]) == 2
    assert str(refused.value) == capsys.readouterr().err.rstrip("\n")
    (mistake,) = refused.value.mistakes
    assert (mistake.line, mistake.column) == (0, 0)


def test_numbers_are_read_in_all_their_digits() -> None:
    """A float, a numpy scalar and a range go in as they are, and come out in base units."""
    awkward = 123456789.12345679
    plan = t2v.estimate(MOCHI, dau=awkward)

    assert plan.dau == t2v.estimate(MOCHI, dau=np.float64(awkward)).dau == awkward
    assert t2v.estimate(MOCHI, steps=np.int64(20)).steps == 20
    assert plan.but(dau=t2v.Range(5e7, 2e8)).dau == plan.but(dau="50M to 200M").dau == 1e8
    assert plan.but(resolution=(832, 480)).width == 832


def test_names_of_a_plan_are_apart(recorded: Recorded) -> None:
    """No attribute of a plan has the name of a figure, assumption, choice or shorthand, and each of those is one."""
    plan = t2v.estimate(START_UP)
    own = {name for name in object.__dir__(plan) if not name.startswith("_")}

    assert own & {*FIGURES, *ASSUMPTIONS, *CHOICES, *SHORTHANDS} == set()
    for name in (*FIGURES, *ASSUMPTIONS):
        assert getattr(plan, name) == plan[name] or np.isnan(plan[name])
    with pytest.raises(AttributeError) as refused:
        _ = plan.gpuz  # type: ignore[attr-defined]
    recorded(str(refused.value))
    with pytest.raises(KeyError):
        plan["gpuz"]
    assert not hasattr(plan, "_repr_latex_")


def test_a_plan_is_a_mapping_that_travels() -> None:
    """A plan is a mapping of its figures, goes through pickle unchanged, and shows itself in a notebook and as text."""
    plan = t2v.estimate(MOCHI, dau="50M to 200M", samples=200)

    assert list(plan) == list(FIGURES)
    assert dict(plan)["gpus"] == plan.gpus
    again = pickle.loads(pickle.dumps(plan))  # noqa: S301 - ours
    assert again == plan
    assert again.bands == plan.bands
    assert str(plan).startswith("Mochi 1")
    assert repr(plan).startswith("<Plan Mochi 1")
    assert plan._repr_markdown_() == plan.markdown()
    assert "```text\ngpus = " in plan.explain("gpus")._repr_markdown_()
    assert str(plan.explain("trps")).startswith("trps = ")
    words = {"warning": "warning", "info": "note"}
    assert all(str(one).startswith(f"{words[one.severity]} {one.code}: ") for one in plan.warnings)


def test_a_plan_never_changes() -> None:
    """Nothing of a plan can be set or deleted, and it has all that a mapping has."""
    plan = t2v.estimate(MOCHI)

    with pytest.raises(AttributeError, match="a plan never changes"):
        plan.seed = 5
    with pytest.raises(AttributeError, match="a plan never changes"):
        plan.gpus = 5
    with pytest.raises(AttributeError, match="a plan never changes"):
        del plan.seed
    assert 5 not in plan  # type: ignore[comparison-overlap]
    assert plan.get("gpuz") is None
    assert plan.gpus == plan["gpus"] == dict(plan.items())["gpus"]


@pytest.mark.parametrize("question", sorted(ASKED))
def test_answers_are_copied_and_pickled(question: str) -> None:
    """An answer that was copied, or went through pickle, says the same in each form."""
    answer = ASKED[question](t2v.estimate(START_UP))

    for again in (copy.copy(answer), copy.deepcopy(answer), pickle.loads(pickle.dumps(answer))):  # noqa: S301 - ours
        assert (again.json(), str(again)) == (answer.json(), str(answer))


def test_uncertainty_is_the_commands() -> None:
    """Bands are percentiles of the draws, a condition on them holds as `check` says, and a certain plan has no band."""
    plan = t2v.estimate(MOCHI, **DRAWS, **RANGES)
    drawn = plan.draws("gpus", "dau")

    assert plan.bands["gpus"].p95 == pytest.approx(np.quantile(drawn["gpus"], 0.95))
    assert drawn["dau"].shape == (500,)
    assert plan.bands["gpus"].source == "draws"
    limit = f"{plan.bands['gpus'].p50:.0f}"
    assert plan.holds(f"P(gpus <= {limit}) >= 40%")
    assert not plan.holds(f"p95(gpus) <= {limit}")
    assert t2v.estimate(MOCHI, time_factor=1).bands == {}


@pytest.mark.wide
def test_many_rows_have_their_own_evidence() -> None:
    """In a sweep on arrays each row says that it was not measured where the estimate with its flags says so."""
    plan = t2v.estimate("scenarios/wan2.2-h100.yaml")
    rows = list(plan.sweep(steps=list(range(2, 52)), duration=list(range(1, 26)), show="gpus"))
    found = [
        ("extrapolated" in row["warnings"], plan.but(steps=row["steps"], duration=row["duration"]).evidence)
        for row in rows[::83]
    ]

    assert {unmeasured for unmeasured, _evidence in found} == {True, False}
    assert all(unmeasured == (kind != "measured") for unmeasured, kind in found)


def test_a_figure_is_a_function() -> None:
    """Figures and assumptions are tables of what is known of each; a figure can be called."""
    assert t2v.figures["gpus"](servers=24, gpus_had_per_server=8) == 192
    assert t2v.figures["gpus"].unit == "gpu"
    assert t2v.assumptions.ASSUMPTIONS["dau"].unit == "user"
    assert t2v.catalogue.Catalogue().find("gpus", "h100").id == "h100-sxm"


def test_the_package_offers_what_it_names() -> None:
    """The public names are sorted, each is there, and no other is offered; a wrong one is refused."""
    assert t2v.__all__ == sorted(t2v.__all__)
    for name in t2v.__all__:
        assert getattr(t2v, name) is not None
    with pytest.raises(AttributeError, match="no attribute `plans`"):
        _ = t2v.plans  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("asked", "without"),
    [
        ("0", "('t2v_capacity.', 'pydantic', 'numpy', 'yaml')"),
        (
            "[*t2v.estimate('scenarios/start-up.yaml').but(dau=1e4).sweep(steps=[10])]",
            "'t2v_capacity.assumptions.typed'",
        ),
    ],
)
def test_importing_the_package_imports_nothing_else(asked: str, without: str) -> None:
    """What the package offers is loaded when first asked for, and names as types are read by type checkers alone."""
    code = (
        f"import sys, t2v_capacity as t2v; {asked}; print([name for name in sys.modules if name.startswith({without})])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda _plan: t2v.estimate(samples=0), "`samples` is 0; write a whole number from 1 to"),
        (lambda _plan: t2v.estimate(samples=True), "`samples` is True"),
        (lambda _plan: t2v.estimate(seed=-1), "`seed` is -1; write a whole number from 0"),
        (lambda plan: plan.draws("gpus", samples=-5), "`samples` is -5"),
        (lambda _plan: t2v.total(), "there is nothing to add"),
        (
            lambda _plan: t2v.estimate(pins=["gpus=5"]),  # type: ignore[arg-type]
            "`['gpus=5']` is not a mapping; write names with their values",
        ),
        (lambda _plan: t2v.estimate(as_of=5), "`5` is not a date"),  # type: ignore[arg-type]
        (lambda plan: plan.but(sets=5), "`5` is not a mapping"),
        (lambda plan: plan.forecast(2.5), "`months` is 2.5; write a whole number from 1 to"),
        (lambda plan: plan.table("buying", 2.5).document(), "a forecast is of 1 to 600 months"),
        (lambda plan: plan.forecast(start=dt.date(2026, 10, 1)), "`2026-10-01` is not a month"),
        (
            lambda plan: plan.actuals({"month": dt.date(2026, 10, 1), "actuals": {"dau": 5}}),
            "`2026-10-01` is not a month",
        ),
        (
            lambda plan: plan.but(dau=None),
            '`dau` is None; leave it out, or write "null" to take',
        ),
        (lambda plan: plan.solve("dau", until="gpus <= 10K").csv(), "this answer has no rows; it has .json() and"),
        (lambda plan: plan.sweep(dau=5), "`5` is not a list; write the values in brackets"),
        (lambda plan: plan.solve("dau", until=None), "`None` is not a list"),
        (lambda plan: plan.solve("dau", until=[5]), "`5` has no comparison"),
        (lambda plan: plan.explain("gpus", depth="all"), "`depth` is 'all'; write a whole number"),
        (lambda plan: plan.explain(5), "`5` is not a figure, an assumption or a choice"),
        (lambda plan: plan.compare(5), "`5` is not a list"),
        (t2v.check, "is not a file; write its path"),
        (
            lambda _plan: t2v.estimate(dau=np.array([1.0, 2.0])),
            "`dau` is one value, and this is an array of 2; `sweep` takes several",
        ),
    ],
)
def test_what_is_asked_wrongly_is_mistakes(ask: Callable[[t2v.Plan], object], said: str) -> None:
    """What a command line refuses in words Python refuses alike, with no error of a library, to another process too."""
    with pytest.raises(t2v.Mistakes) as refused:
        ask(t2v.estimate(dau="1K to 2K"))
    assert said in str(refused.value)
    assert str(pickle.loads(pickle.dumps(refused.value))) == str(refused.value)  # noqa: S301 - ours


@pytest.mark.slow
def test_a_frame_has_no_lists() -> None:
    """The data frame of rows has their values: counts whole, missing ones missing, and texts where rows have lists."""
    plan = t2v.estimate(model="wan2.2-t2v-a14b", dau="10K")
    rows = plan.sweep(dau=["10K", "20K"], gpu=["h100-sxm", "mi350x"], show=["gpus", "cost_per_month"])
    frame = rows.frame()

    assert list(frame.columns) == list(rows[0])
    assert frame.gpus.tolist() == [row["gpus"] for row in rows]
    assert frame.warnings.tolist() == [" ".join(row["warnings"]) for row in rows]
    assert frame.cost_per_month.isna().tolist() == [row["cost_per_month"] is None for row in rows]
    assert len(plan.compare(["h100-sxm", "l4"]).frame()) == len(plan.compare(["h100-sxm", "l4"]))
    assert frame.nunique().gpu == 2


def test_a_notebook_completes_names() -> None:
    """A shell that asks Python is told the figures of a plan, and each keyword that a function takes by name."""
    plan = t2v.estimate("scenarios/lesson.yaml")
    settable = {*ASSUMPTIONS, *CHOICES, *SHORTHANDS}

    assert {*FIGURES, *ASSUMPTIONS} == {*plan._ipython_key_completions_()}
    assert {*FIGURES, *settable - {*SHORTHANDS}} <= {*dir(plan)}
    for function in (plan.but, plan.sweep, t2v.estimate, t2v.check, t2v.calibrate):
        named = {name for name, one in signature(function).parameters.items() if one.kind is Parameter.KEYWORD_ONLY}
        assert settable <= named | {*signature(function).parameters}, function


def test_a_name_with_a_zero_byte_is_no_file() -> None:
    """No file's name holds that character, in a folder's name either."""
    with pytest.raises(t2v.Mistakes, match="no file's name holds the character U\\+0000"):
        t2v.estimate("a\0b/plan.yaml")
