"""The predictions stay as near to the published runs as docs/accuracy.md says, without a bias."""

from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fit.shipped import shipped_runs
from shared import Program, plan_of, write
from t2v_capacity.catalogue import HERE
from t2v_capacity.catalogue.published import Summary
from t2v_capacity.errors import Mistakes
from t2v_capacity.questions.measured.accuracy import (
    BY,
    NOT_GROUPED,
    Accuracy,
    accuracy,
    grouped,
    quantile,
    summary,
)
from t2v_capacity.questions.measured.runs import read_runs
from texts import Recorded
from write_accuracy import CLAIMS

BIAS = (0.9, 1.1)
# What was aimed at: median error, 90th percentile.
AIMS = {"left-out": (0.08, 0.20), "several-gpus": (0.15, 1.0), "memory": (0.15, 1.0)}
MOST_BYTES = 160_000
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


@pytest.mark.parametrize("name", AIMS)
def test_claims_reach_what_was_aimed_at(name: str) -> None:
    """What the page promises is at least what a good model of this kind reaches."""
    assert CLAIMS[name][0] <= AIMS[name][0]
    assert CLAIMS[name][1] <= AIMS[name][1]


@pytest.mark.parametrize(
    "name",
    [
        "in-fit",
        "left-out",
        "one-gpu",
        "several-gpus",
        "several-gpus-left-out",
        "groups",
        "engines",
        "kernel-unknown",
        "memory",
        "memory-sharded",
    ],
)
def test_nothing_is_biased(name: str) -> None:
    """The median of predicted over measured lies within 0.9 to 1.1 in every class."""
    assert BIAS[0] <= summaries()[name].median_ratio <= BIAS[1]


def test_what_the_fit_has_not_seen_is_not_biased() -> None:
    """Over families and over sources that the fit has not seen, the median of predicted over measured lies within 0.95 to 1.05."""
    assert 0.95 <= summaries()["left-out"].median_ratio <= 1.05
    assert 0.95 <= summaries()["one-gpu"].median_ratio <= 1.05


def test_leaving_a_family_out_costs_something() -> None:
    """Predicted without its own family, a run is off by more than within the fit: the constants are really others."""
    assert summaries()["left-out"].median_error > summaries()["in-fit"].median_error


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


def test_time_factors_hold_the_runs() -> None:
    """Each range of `time_factor` holds 1 or ends near it, and is in order."""
    ranges = list(published().time_factors)

    assert len(ranges) == 9
    for _name, rows, low, middle, high in ranges:
        assert rows
        assert 0.4 < low <= middle <= high < 2.5


@pytest.mark.parametrize("by", BY)
def test_groups_hold_every_judged_row(by: str) -> None:
    """Grouped rows are as many as there are to group, whatever they are grouped by."""
    found = published()
    rows = sum(row.quantity == "seconds" and row.kind not in NOT_GROUPED for row in found.rows)

    assert sum(group.rows for group in grouped(found.rows, by)) == rows


def test_a_source_is_a_group_of_its_own() -> None:
    """By source, each group's rows are of one source, and weighing sources changes nothing in it."""
    found = published()
    for group in grouped(found.rows, "source"):
        assert group.sources == 1
        assert group.weighted_median_error == pytest.approx(group.median_error)
        assert group.weighted_p90_error == pytest.approx(group.p90_error)


RATIOS = st.lists(st.floats(0.2, 5), min_size=1, max_size=12)


@given(values=RATIOS, share=st.floats(0, 1), weight=st.floats(0.01, 100))
def test_equal_weights_are_none(values: list[float], share: float, weight: float) -> None:
    """Where all weigh the same, a weighted quantile is the plain one, whatever the weight; and NumPy's."""
    assert quantile(values, share, [weight] * len(values)) == pytest.approx(quantile(values, share))
    assert quantile(values, share) == pytest.approx(np.quantile(values, share))


@given(data=st.data(), values=RATIOS)
def test_weighted_quantiles_climb_from_the_least_to_the_most(data: st.DataObject, values: list[float]) -> None:
    """A weighted quantile begins at the least value, ends at the most, and never falls between."""
    weights = data.draw(st.lists(st.floats(0.1, 10), min_size=len(values), max_size=len(values)))
    climbing = [quantile(values, number / 20, weights) for number in range(21)]

    assert (climbing[0], climbing[-1]) == pytest.approx((min(values), max(values)))
    assert all(high >= low - 1e-12 for low, high in pairwise(climbing))


@given(ratios=RATIOS)
def test_sources_of_one_row_weigh_as_rows(ratios: list[float]) -> None:
    """Where each source has one row, both medians and both percentiles agree."""
    found = summary("apart", [(ratio, str(number)) for number, ratio in enumerate(ratios)])

    assert found.sources == found.rows
    assert (found.weighted_median_error, found.weighted_p90_error) == pytest.approx((found.median_error, found.p90_error))
    assert found.weighted_median_ratio == pytest.approx(found.median_ratio)


@pytest.mark.parametrize("rows", [3, 30, 300])
def test_a_source_weighs_once_whatever_its_rows(rows: int) -> None:
    """One source's many good rows carry the plain median, and not the median of three sources."""
    found = summary("one large table", [(1.0, "table"), *[(1.0, "table")] * rows, (1.2, "b"), (1.4, "c")])

    assert found.median_error == 0
    assert found.weighted_median_error == pytest.approx(0.2, abs=0.04)


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


def test_own_runs_are_judged(own: Path, t2v_cap: Program) -> None:
    """A user's file gets the same document as the published runs, with a summary of its own."""
    document = t2v_cap("accuracy", str(own), "--format", "json").json
    assert [summary["name"] for summary in document["summary"]] == ["yours"]
    assert document["rows"][0]["ratio"] == document["rows"][0]["predicted"] / 100
    assert list(document)[:6] == ["version", "tool", "command", "as_of", "seed", "samples"]


@pytest.mark.slow
@pytest.mark.wide
def test_document_has_the_same_shape_whatever_is_asked(t2v_cap: Program) -> None:
    """No flag changes the keys of the JSON document or of its rows."""
    shapes = []
    for flags in (["--all"], ["--by", "gpu"]):
        document = t2v_cap("accuracy", "--format", "json", *flags).json
        shapes.append((list(document), list(document["rows"][0]), list(document["summary"][0]), len(document["rows"])))

    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("form", ["table", "markdown", "csv"])
def test_every_format_shows_a_run_and_its_source(form: str, own: Path, t2v_cap: Program) -> None:
    """Each format has the run, its model and both numbers."""
    write(RUN.replace("{", '{source: "our log", '), own)
    printed = t2v_cap("accuracy", str(own), "--format", form).out
    for word in ("wan2.1-t2v-14b", "100", "our log"):
        assert word in printed


@pytest.mark.parametrize(
    "text",
    [
        "- {secnds: 3}\n",
        "- {seconds: 3, stepps: 50}\n",
        "- {steps: 50}\n",
        "- {seconds: 0}\n",
        "- {seconds: 3, denoising_seconds: 2}\n",
        "- {seconds: 3, includes: vae}\n",
        "- {seconds: 3, model: wan2.1, gpu: h1000}\n",
        "- {seconds: 3, kernel: guessed}\n",
        "- {seconds: 3, peak_memory: 40}\n",
        "- 3\n",
        "runs: 3\n",
        "runs: []\n",
        "run:\n  - {seconds: 3}\n",
        "pairs:\n  - {name: x}\nruns:\n  - {seconds: 3}\n",
    ],
)
def test_mistakes_in_runs_are_told(text: str, own: Path, recorded: Recorded) -> None:
    """A mistake in a file of runs is refused with what would be right."""
    write(text, own)
    with pytest.raises(Mistakes) as refused:
        accuracy(str(own))
    recorded(str(refused.value))


def test_a_mistake_in_a_list_alone_has_its_own_line(own: Path) -> None:
    """In a file that is a list alone, a mistake's line is that of the file."""
    write(f"# mine\n{RUN}- {{seconds: 3, gpu: h1000}}\n", own)
    with pytest.raises(Mistakes) as refused:
        accuracy(str(own))

    place = refused.value.mistakes[0].place
    assert place
    assert (place.line, place.text) == (3, "- {seconds: 3, gpu: h1000}")


def test_a_list_in_brackets_is_a_list(own: Path) -> None:
    """A list in brackets, over several lines from the first column on, is read as one with hyphens, with its own lines."""
    hyphens = accuracy(str(own)).rows[0].predicted
    write(f"# mine\n---\n[\n{RUN.removeprefix('- ')},\n]\n", own)
    assert accuracy(str(own)).rows[0].predicted == hyphens

    write("[\n{seconds: 3, gpu: h1000},\n]\n", own)
    with pytest.raises(Mistakes) as refused:
        accuracy(str(own))
    place = refused.value.mistakes[0].place
    assert place
    assert (place.line, place.text) == (2, "{seconds: 3, gpu: h1000},")


def test_a_list_alone_is_the_same_as_under_its_key(own: Path, tmp_path: Path) -> None:
    """A list of runs may stand alone or under `runs:`."""
    keyed = tmp_path / "keyed.yaml"
    write(f"runs:\n{RUN}", keyed)

    assert read_runs(str(own))[0].seconds == read_runs(str(keyed))[0].seconds
    assert accuracy(str(own)).rows[0].predicted == accuracy(str(keyed)).rows[0].predicted


def test_an_unknown_grouping_is_refused(recorded: Recorded) -> None:
    """`--by` of something else says what rows are grouped by."""
    with pytest.raises(Mistakes) as refused:
        accuracy(by="color")
    recorded(str(refused.value))


def test_runs_alone_name_their_model_and_gpu(tmp_path: Path, t2v_cap: Program) -> None:
    """A run that names no model or no GPU is refused at its line, not held against a default; behind a scenario it takes that one's."""
    own = tmp_path / "runs.yaml"
    write("- {seconds: 100, model: wan2.1, gpu: h100}\n- {seconds: 100, model: wan2.1}\n- {seconds: 100}\n", own)
    with pytest.raises(Mistakes) as refused:
        accuracy(str(own))
    assert [(mistake.place and mistake.place.line, mistake.message.partition(";")[0]) for mistake in refused.value.mistakes] == [
        (2, "this run names no gpu"),
        (3, "this run names no model and no gpu"),
    ]
    scenario = str(Path("scenarios/wan2.2-h100.yaml").resolve())
    rows = t2v_cap("accuracy", scenario, str(own), "--format", "json").json["rows"]
    plan = plan_of(scenario)
    assert rows[2]["predicted"] == plan.figures["generation_latency"]
    assert (rows[2]["model"], rows[2]["gpu"]) == ("wan2.2-t2v-a14b", "h100-sxm")
