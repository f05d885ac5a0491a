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
from t2v_capacity.catalogue.published import SummaryData
from t2v_capacity.errors import Mistakes
from t2v_capacity.measured.runs.accuracy import Accuracy, accuracy, quantile, summary
from texts import Recorded
from write_accuracy import CLAIMS

MOST_BYTES = 330_000
RUN = "- {seconds: 1000, model: wan2.1, gpu: h100, attention_kernel: fa3, frames: 81, steps: 50}\n"


@cache
def published() -> Accuracy:
    """Return the predictions of the published runs."""
    return accuracy()


def summaries() -> dict[str, SummaryData]:
    """Return their summary by class."""
    return {summary["name"]: summary for summary in published().summary}


@pytest.mark.parametrize("name", CLAIMS)
def test_errors_are_what_the_page_claims(name: str) -> None:
    """The median error and the 90th percentile of a class are no worse than docs/accuracy.md promises."""
    median, p90 = CLAIMS[name]

    assert summaries()[name]["median_error"] <= median
    assert summaries()[name]["p90_error"] <= p90


def test_nothing_is_biased() -> None:
    """The median of predicted over measured lies within 0.9 to 1.1 in every class.

    Over what the fit has not seen it lies within 0.95 to 1.05. Of memory, whose constants have two sources each, it is
    that of the constants in the catalogue.
    """
    for name, found in summaries().items():
        shipped = [row.ratio for row in published().rows if row.kind == name and row.quantity == "memory"]
        low, high = (0.95, 1.05) if name in ("left-out", "one-gpu") else (0.9, 1.1)
        assert low <= (median(shipped) if shipped else found["median_ratio"]) <= high, name


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
    write(f"- {{seconds: 1000, {', '.join(f'{name}: {value}' for name, value in run.items())}}}\n", own)
    (row,) = t2v_cap("accuracy", str(own), "--format", "json").json["rows"]
    plan = t2v_cap(
        "estimate", *(f"--{name.replace('_', '-')}={value}" for name, value in run.items()), "--format", "json"
    ).json
    seconds, error = plan["figures"]["generation_latency"]["value"], plan["model_error"]

    assert (row["low"], row["high"]) == pytest.approx((seconds * error["low"], seconds * error["high"]))
    assert error["class"].startswith("stated" if "attention_kernel" in run else ("open", "extrapolated"))


def predicted_seconds(runs: str, own: Path) -> float:
    """Return the predicted seconds of one run as a person writes it."""
    write(f"- {{seconds: 1e5, {runs}}}\n", own)
    return accuracy(str(own)).rows[0].predicted


def test_sdpa_is_the_kernel_of_the_runs_day_and_way_of_sharing(own: Path) -> None:
    """A run of 2025 is predicted as FlashAttention-2, one of 2026 as cuDNN, and diffusers in a group as the former.

    A date stands before its source's, and a source that names only a year means the end of it.
    """
    clip = "model: wan2.1, gpu: h20, frames: 81, steps: 50"
    fa2, cudnn = (predicted_seconds(f"{clip}, attention_kernel: {kernel}", own) for kernel in ("fa2", "cudnn"))
    sdpa = f"{clip}, attention_kernel: sdpa"
    assert predicted_seconds(f"{sdpa}, date: 2025-12", own) == fa2 > 1.2 * cudnn
    assert predicted_seconds(f"{sdpa}, date: 2026-01-31", own) == predicted_seconds(sdpa, own) == cudnn

    in_group = [f"{clip}, gpus: 8, attention_kernel: {kernel}" for kernel in ("sdpa", "fa2", "cudnn")]
    assert predicted_seconds(in_group[0], own) == predicted_seconds(in_group[1], own)
    engines = [predicted_seconds(f"{run}, runtime: engine", own) for run in in_group]
    assert engines[0] == engines[2] < engines[1]

    for published, date, kernel in ((2025, "", fa2), (2026, "", cudnn), (2026, ", date: 2025-11", fa2)):
        source = f"sources: {{lab: {{title: lab, published: {published}}}}}"
        write(f"{source}\nruns: [{{seconds: 1e5, {sdpa}, source: lab{date}}}]\n", own)
        assert accuracy(str(own)).rows[0].predicted == kernel


def test_a_published_run_of_2025_fits_the_kernel_of_its_day(own: Path) -> None:
    """Wan 2.1's own table of 2025-02 has 6,935.5 s on one H20: sdpa of that day is within 10%, today's is not."""
    clip = "model: wan2.1-t2v-14b, gpu: h20, frames: 81, steps: 50, resolution: 1280x720, offload: all"
    of_day = [predicted_seconds(f"{clip}, attention_kernel: sdpa, date: {day}", own) for day in ("2025-02", "2026-02")]

    assert of_day[0] / 6935.5 == pytest.approx(1, abs=0.1)
    assert of_day[1] / 6935.5 < 0.85


def test_a_date_that_is_none_is_refused(own: Path, recorded: Recorded) -> None:
    """A run's date is a day, a month or a year."""
    write("- {seconds: 1000, model: wan2.1, gpu: h100, date: last week}\n", own)
    with pytest.raises(Mistakes) as refused:
        accuracy(str(own))
    recorded(str(refused.value))


def test_a_run_faster_than_its_card_is_refused(own: Path, recorded: Recorded) -> None:
    """A run whose FLOPs exceed the card's peak is refused with what to look at; one that says its option is not.

    A pass of Wan 14B at 1280x720x81 is 6,523 TFLOP (tests/authorities/forward_flops.json). Eighty of them in 823 s are
    634 TFLOP/s on an RTX 5090 of 209.
    """
    clip = "model: wan2.2-t2v-a14b, gpu: rtx-5090, frames: 81, steps: 40, resolution: 1280x720"
    write(f"- {{seconds: 823, {clip}}}\n", own)
    with pytest.raises(Mistakes) as refused:
        accuracy(str(own))
    recorded(str(refused.value))
    write(f"- {{seconds: 823, {clip}, option: a cache}}\n- {{seconds: 400, {clip}, gpus: 8}}\n", own)
    assert len(accuracy(str(own)).rows) == 2


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

    assert alone["mean_low"] == pytest.approx(alone["mean_error"]) == alone["mean_high"]
    assert alone["mean_error"] <= found["mean_low"] < found["mean_error"]
    assert found["mean_high"] > 2 * alone["mean_error"]


def test_a_class_shows_its_tail_by_source(t2v_cap: Program) -> None:
    """The median comes with the 90th percentile of the sources' medians, and the source that is furthest off."""
    table = [(1.0, "a"), (1.1, "a"), (1.3, "a"), (1.2, "b"), (3.0, "c")]
    found = summary("one", table)

    assert found["tail_source"] == "c"
    assert found["tail_error"] == pytest.approx(2.0)
    assert found["p90_by_source"] == pytest.approx(np.quantile([0.1, 0.2, 2.0], 0.9))
    shown = t2v_cap("accuracy").out
    assert {"few-steps", "decodes"} < summaries().keys()
    assert "Tails: median errors of sources, and the source that is furthest off" in shown
    assert "clips of few steps, each source predicted from the others" in shown


def test_runs_without_a_source_stand_each_for_itself(own: Path) -> None:
    """A user's runs that name no source are not taken for one source."""
    write(RUN * 2 + RUN.replace("{", '{source: "our log", ') * 2, own)

    assert accuracy(str(own)).summary[0]["sources"] == 3


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
    write("- {seconds: 1000, model: wan2.1, gpu: h100}\n- {seconds: 1000, model: wan2.1}\n- {seconds: 1000}\n", own)
    scenario = "scenarios/wan2.2-h100.yaml"
    rows = t2v_cap("accuracy", scenario, str(own), "--format", "json").json["rows"]
    assert rows[2]["predicted"] == plan_of(scenario).figures["generation_latency"]
    assert (rows[2]["model"], rows[2]["gpu"]) == ("wan2.2-t2v-a14b", "h100-sxm")
