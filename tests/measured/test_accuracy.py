"""The predictions stay as near to the published runs as docs/accuracy.md says, without a bias."""

from functools import cache
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fit.shipped import shipped_runs
from shared import Program, plan_of, write
from t2v_capacity.catalogue import HERE
from t2v_capacity.catalogue.published import Summary
from t2v_capacity.measured.runs.accuracy import Accuracy, accuracy, quantile, summary
from write_accuracy import CLAIMS

MOST_BYTES = 200_000
RUN = "- {seconds: 100, model: wan2.1, gpu: h100, attention_kernel: fa3, frames: 81, steps: 50}\n"


@cache
def published() -> Accuracy:
    """Return the predictions of the published runs."""
    return accuracy()


def summaries() -> dict[str, Summary]:
    """Return their summary by class."""
    return {summary.name: summary for summary in published().summary}


@pytest.mark.parametrize("name", CLAIMS)
def test_errors_are_what_the_page_claims(name: str) -> None:
    """The median error and the 90th percentile of a class are no worse than docs/accuracy.md promises."""
    median, p90 = CLAIMS[name]

    assert summaries()[name].median_error <= median
    assert summaries()[name].p90_error <= p90


def test_nothing_is_biased() -> None:
    """The median of predicted over measured lies within 0.9 to 1.1 in every class.

    Over what the fit has not seen it lies within 0.95 to 1.05. Of memory, whose constants have two sources each, it is
    that of the constants in the catalogue.
    """
    for name, found in summaries().items():
        shipped = [row.ratio for row in published().rows if row.kind == name and row.quantity == "memory"]
        low, high = (0.95, 1.05) if name in ("left-out", "one-gpu") else (0.9, 1.1)
        assert low <= (median(shipped) if shipped else found.median_ratio) <= high, name


def test_every_run_can_be_read_again() -> None:
    """Each published run has its own id, a source with an address, and either is in the fit or says why it is not."""
    runs = shipped_runs()

    assert len({run.id for run in runs}) == len(runs)
    assert [run.id for run in runs if "https://" not in run.source] == []
    assert [run.id for run in runs if run.fit == ("why" in run.about)] == []
    assert [run.id for run in runs if "kernel" not in run.about or "confidence" not in run.about] == []
    assert (HERE / "runs.yaml").stat().st_size < MOST_BYTES


def test_fitted_runs_obey_the_rule() -> None:
    """A run in the fit is on one GPU, with a known kernel, no option, and confidence that is not low."""
    fitted = [row for row in published().rows if row.in_fit and row.kind != "stages"]

    assert {row.kind for row in fitted} == {"in-fit"}
    assert {row.gpus for row in fitted} == {1}
    assert {row.kernel_known for row in fitted} == {"stated", "unambiguous"}
    assert {row.confidence for row in fitted} <= {"high", "medium"}


RUNS = (
    {"model": "wan2.2-t2v-a14b", "gpu": "h100", "attention_kernel": "fa3"},
    {"model": "wan2.2-t2v-a14b", "gpu": "h100"},
    {"model": "mochi", "gpu": "l40s", "gpus_per_replica": "4", "tensor_parallel": "2", "vae_parallel_gpus": "4"},
    {"model": "ltx-2.3", "gpu": "b200", "runtime": "engine"},
    {"model": "hunyuanvideo", "gpu": "mi300x"},
)


@pytest.mark.parametrize("run", RUNS)
def test_a_run_is_judged_by_the_band_that_an_estimate_prints(run: dict[str, str], own: Path, t2v_cap: Program) -> None:
    """`low` and `high` of a user's run are the seconds of the band that an estimate with its settings has.

    No other run has them.
    """
    write(f"- {{seconds: 100, {', '.join(f'{name}: {value}' for name, value in run.items())}}}\n", own)
    (row,) = t2v_cap("accuracy", str(own), "--format", "json").json["rows"]
    plan = t2v_cap(
        "estimate", *(f"--{name.replace('_', '-')}={value}" for name, value in run.items()), "--format", "json"
    ).json
    seconds, error = plan["figures"]["generation_latency"]["value"], plan["model_error"]

    assert (row["low"], row["high"]) == pytest.approx((seconds * error["low"], seconds * error["high"]))
    assert error["class"].startswith("stated" if "attention_kernel" in run else ("open", "extrapolated"))


RATIOS = st.lists(st.floats(0.2, 5), min_size=1, max_size=12)


@given(values=RATIOS, share=st.floats(0, 1))
def test_quantiles_are_those_of_numpy(values: list[float], share: float) -> None:
    """A quantile is NumPy's."""
    assert quantile(values, share) == pytest.approx(np.quantile(values, share))


@pytest.mark.parametrize("rows", [3, 30, 300])
def test_a_mean_of_one_table_is_as_sure_as_its_sources(rows: int) -> None:
    """The mean error's range follows from sources, not from rows.

    The range of one large table and two others is wide, and that of one table is a point.
    """
    table = [(1.0, "table"), (1.2, "table")] * rows
    alone, found = summary("one", table), summary("three", [*table, (1.5, "b"), (0.5, "c")])

    assert alone.mean_low == pytest.approx(alone.mean_error) == alone.mean_high
    assert alone.mean_error <= found.mean_low < found.mean_error
    assert found.mean_high > 2 * alone.mean_error


def test_runs_without_a_source_stand_each_for_itself(own: Path) -> None:
    """A user's runs that name no source are not taken for one source."""
    write(RUN * 2 + RUN.replace("{", '{source: "our log", ') * 2, own)

    assert accuracy(str(own)).summary[0].sources == 3


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Return a file with one run of a user's own."""
    path = tmp_path / "runs.yaml"
    write(RUN, path)
    return path


@pytest.mark.parametrize("form", ["table", "markdown", "csv"])
def test_every_format_shows_a_run_and_its_source(form: str, own: Path, t2v_cap: Program) -> None:
    """Each format has the run, its model and both numbers."""
    write(RUN.replace("{", '{source: "our log", '), own)
    printed = t2v_cap("accuracy", str(own), "--format", form).out
    for word in ("wan2.1-t2v-14b", "100", "our log"):
        assert word in printed


@pytest.mark.parametrize("text", [f"# mine\n---\n[\n{RUN.removeprefix('- ')},\n]\n", f"runs:\n{RUN}"])
def test_a_list_is_one_however_it_is_written(text: str, own: Path) -> None:
    """A list of runs may stand alone, in brackets over several lines, or under `runs:`."""
    hyphens = accuracy(str(own)).rows[0].predicted
    write(text, own)
    assert accuracy(str(own)).rows[0].predicted == hyphens


def test_a_run_takes_its_model_and_gpu_from_the_scenario(own: Path, t2v_cap: Program) -> None:
    """A run that names no model or no GPU takes that of the scenario before it."""
    write("- {seconds: 100, model: wan2.1, gpu: h100}\n- {seconds: 100, model: wan2.1}\n- {seconds: 100}\n", own)
    scenario = "scenarios/wan2.2-h100.yaml"
    rows = t2v_cap("accuracy", scenario, str(own), "--format", "json").json["rows"]
    assert rows[2]["predicted"] == plan_of(scenario).figures["generation_latency"]
    assert (rows[2]["model"], rows[2]["gpu"]) == ("wan2.2-t2v-a14b", "h100-sxm")
