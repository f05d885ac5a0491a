"""Sweeps: every cell is the estimate with those flags, and a cell that has none says why."""

import csv
import io
import random
from pathlib import Path

import pytest

from places import ROOT
from shared import Program, over, plan_of, write
from t2v_capacity.errors import Mistakes
from t2v_capacity.questions.what_if import sweep as sweeps
from t2v_capacity.questions.what_if.sweep import SWEPT_FIGURES, Sweep, read_axes, read_axis, sweep
from t2v_capacity.scenario.load import load_scenario
from texts import Recorded

WAN, LESSON = "scenarios/wan2.2-h100.yaml", "scenarios/lesson.yaml"
OWN_GPU = "h100-sxm"
FIGURES = (*SWEPT_FIGURES, "latency_p95", "video_size", "storage_on_disk", "gross_margin", "memory_needed")


def swept(path: str, over: list[str], shown: tuple[str, ...] = FIGURES, sets: tuple[str, ...] = ()) -> Sweep:
    """Return a sweep of a scenario file."""
    plan = load_scenario(path, sets)
    return sweep(plan, read_axes(over, plan), shown)


def estimated(path: str, flags: list[str]) -> dict[str, float | None] | str:
    """Return the figures of an estimate with flags, or why there is none."""
    try:
        return dict(plan_of(path, flags).figures)
    except Mistakes as error:
        return error.mistakes[0].message


AXES = [
    ["dau=10M..1B log 5", "gpu=h100,b200-hgx,l4"],
    ["steps=20,30,50", "compute_precision=bf16,fp8", "gpu=a100-80gb-sxm,h100-sxm"],
    ["resolution=480p,720p,1280x704", "duration=2 s..10 s 3"],
    ["width=480..1280 6", "height=400,720"],
    ["model=mochi-1-preview,hunyuanvideo", "gpus_per_replica=1,2,8", "sharding=none,weights"],
    ["retention=30 d,360 d,forever", "max_utilization=0.5..0.9 3"],
    ["attention_kernel=sdpa,fa2,sage", "attention_sparsity=0%,50%,99%"],
]


@pytest.mark.wide
@pytest.mark.parametrize("over", AXES, ids=lambda over: " ".join(text.partition("=")[0] for text in over))
@pytest.mark.parametrize("sets", [(), ("gpu_price=2.5", "duration=6 s")], ids=["plain", "flags"])
def test_cells_are_estimates(over: list[str], sets: tuple[str, ...]) -> None:
    """Every cell of a sweep is the estimate with those flags, to the last bit, or the same refusal.

    A price that was typed for the plan's GPU is no price of another.
    """
    for place, figures, error, *_ in swept(WAN, over, sets=sets).cells:
        flags = [f"{name}={_written(name, value)}" for name, value in place.items()]
        another_gpu = place.get("gpu", OWN_GPU) != OWN_GPU
        typed = [text for text in sets if not (another_gpu and text.startswith("gpu_price="))]
        wanted = estimated(WAN, [*typed, *flags])
        if isinstance(wanted, str):
            assert error is not None
            assert error.split(";")[0] == wanted.split(";")[0]
        else:
            assert error is None
            assert figures == {name: wanted[name] for name in FIGURES}


def _written(name: str, value: float | str) -> str:
    units = {"duration": " s", "retention": " s"}
    return str(value) if isinstance(value, str) else f"{value!r}{units.get(name, '')}"


@pytest.mark.wide
def test_a_cell_has_the_target_of_its_estimate() -> None:
    """A swept target is a promise that is judged, and a swept factor of the seconds leaves no error of the model."""
    path, target = "scenarios/wan2.2-h100.yaml", "target_latency=300 s"
    for axis, sets in (("target_latency=200 s,300 s,400 s", ()), ("time_factor=1,1.5", (target,))):
        plan = load_scenario(path, sets)
        name, _equals, values = axis.partition("=")
        estimates = [plan_of(path, [*sets, f"{name}={value}"]) for value in values.split(",")]
        targets = [cell.verdict and cell.verdict.target for cell in sweep(plan, read_axes([axis], plan)).cells]

        assert targets == [estimate.verdict.target for estimate in estimates]
        assert None not in targets


@pytest.mark.parametrize(
    ("path", "sets", "axis", "refusals"),
    [
        ("scenarios/stream.yaml", ("spot_price=1.5",), "spot_fraction=0%,50%", ["", "`spot_fraction` is of clips"]),
        ("scenarios/stream.yaml", (), "window_frames=4,84", ["`window_frames` is 4, less than", ""]),
        (
            "scenarios/wan2.2-h100.yaml",
            ("model=wan2.1-t2v-1.3b", "step_cache=teacache-0.05"),
            "steps=4,50",
            ["`step_cache`: `teacache-0.05` was measured at 50 steps", ""],
        ),
    ],
    ids=["spot", "window", "cache"],
)
def test_what_no_scenario_can_have_is_no_cell(path: str, sets: tuple[str, ...], axis: str, refusals: list[str]) -> None:
    """A stream is not on spot GPUs, a chunk sees itself, and a cache of 50 steps skips nothing of 4."""
    plan = load_scenario(path, sets)
    cells = sweep(plan, read_axes([axis], plan)).cells

    for cell, refusal in zip(cells, refusals, strict=True):
        assert (cell.error or "").startswith(refusal)
        assert bool(cell.error) == bool(refusal) != bool(cell.figures)


def test_very_many_cells_are_estimates() -> None:
    """Beyond 10,000 cells, cells picked at random are the estimate with those flags, those out of bounds too.

    Warnings are of a thousand.
    """
    found = swept(
        WAN, ["dau=1M..1B log 150", "gpu=h100-sxm,b200-hgx", "width=300,800,1920,20000", "duration=2 s..12 s 11"]
    )
    assert len(found.cells) == 150 * 2 * 4 * 11
    assert any("cells, each 14th of all" in warning.message for warning in found.warnings)
    for index in random.Random(0).sample(range(len(found.cells)), 60):
        place, figures, error, *_ = found.cells[index]
        wanted = estimated(WAN, [f"{name}={_written(name, value)}" for name, value in place.items()])
        if isinstance(wanted, str):
            assert error == wanted.removeprefix("`width`: ")
        else:
            known = [wanted[name] for name in FIGURES]
            assert [figures[name] is None for name in FIGURES] == [value is None for value in known]
            assert [figures[name] or 0 for name in FIGURES] == pytest.approx([value or 0 for value in known], rel=1e-12)


@pytest.mark.wide
def test_very_many_cells_of_a_part() -> None:
    """Beyond 10,000 cells an axis can be what a part of a mix has from the plan, as in a smaller sweep."""
    path, steps = "scenarios/price-list.yaml", "mix.standard.steps=10,2000,50"
    many = swept(path, [steps, "dau=100K..1M 3400"], SWEPT_FIGURES)
    few = swept(path, [steps, "dau=100K,1M"], SWEPT_FIGURES)

    ends = [many.cells[index] for row in range(3) for index in (3400 * row, 3400 * row + 3399)]
    assert [cell.error for cell in ends] == [cell.error for cell in few.cells]
    for found, wanted in zip(ends, few.cells, strict=True):
        assert found.figures == pytest.approx(wanted.figures, rel=1e-12)


@pytest.mark.wide
@pytest.mark.parametrize("axis", ["spot_fraction=0,25%,50%", "deferrable_share=0,25%,50%"])
@pytest.mark.parametrize("users", ["dau=10K,20K", "dau=10K..20K 4000"])
def test_a_cell_whose_estimate_is_refused_has_no_figures(axis: str, users: str) -> None:
    """A stream on spot GPUs, or one that waits for a quiet hour, is refused by `estimate` and by a sweep of any size.

    As clips the same settings have figures.
    """
    found = swept("scenarios/stream.yaml", [axis, "delivery=clip,stream", users])
    name = axis.partition("=")[0]
    for cell in (found.cells[index] for index in range(0, len(found.cells), len(found.cells) // 12)):
        flags = [f"{name}={cell.place[name]}", f"delivery={cell.place['delivery']}", f"dau={cell.place['dau']}"]
        assert (cell.error is not None) == isinstance(estimated("scenarios/stream.yaml", flags), str), flags
        assert (cell.figures == {}) == bool(cell.error)


def test_the_page_says_the_limits() -> None:
    """The page on speed says how many cells one run takes, and from how many on they are computed in arrays."""
    page = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")

    assert f"{sweeps._MOST:,} cells are the most of one run. Up to {sweeps._MANY:,} cells" in page


def test_spans() -> None:
    """Spans hold both ends exactly, equal steps or ratios between them, and round numbers where those are meant."""
    plan = load_scenario(LESSON)
    assert read_axis("max_utilization=0.1..0.9 9", plan).values == (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
    assert read_axis("dau=10M..1B log 3", plan).values == (10e6, 100e6, 1e9)
    assert read_axis("steps=20..50 linear 4", plan).values == (20, 30, 40, 50)
    assert read_axis("bitrate=1 Mbps..3 Mbps 3", plan).values == (1e6, 2e6, 3e6)


@over(("axis", ["dau=1,2,4M", "dau=1, 2M, 4M", "dau=1..4M log 3", "duration=1,2,5 min"]))
def test_a_unit_that_is_written_once(axis: str) -> None:
    """A list whose last value alone has a unit is refused, as a range is: 1 may be one user or a million."""
    with pytest.raises(Mistakes, match=r"`1` has no unit, and `(4M|5 min)` has one; write `1( min|M)`"):
        read_axis(axis, load_scenario(LESSON))


def test_values_that_share_no_unit() -> None:
    """A number that is larger than the last one's is in units by itself."""
    assert read_axis("dau=500000,1M,2M", load_scenario(LESSON)).values == (5e5, 1e6, 2e6)


def test_warnings(recorded: Recorded) -> None:
    """A sweep tells one warning a code, the grave ones first, with how many cells and the first.

    It also tells which axis moves nothing.
    """
    found = swept(WAN, ["gpu=h100-sxm,l4", "dau=1M,2M"], ("gpus", "gross_margin"))

    recorded(f"{warning.severity} {warning.code}: {warning.message}" for warning in found.warnings)
    assert found.idle == ()
    assert swept(WAN, ["views_per_video=1,2"], ("gpus",)).idle == ("views_per_video",)


def test_a_cell_without_a_value(t2v_cap: Program, recorded: Recorded) -> None:
    """A cell that is out of bounds is null in JSON, with the reason, and empty in CSV."""
    command = ["sweep", WAN, "--over", "steps=20,2000", "--show", "gpus", "--format"]
    found = t2v_cap(*command, "json").json["rows"]
    rows = list(csv.DictReader(io.StringIO(t2v_cap(*command, "csv").out)))

    assert found[1]["gpus"] is None
    recorded(found[1]["error"])
    assert [row["gpus"] for row in rows] == [str(found[0]["gpus"]), ""]


def test_shares_that_leave_some_requests_to_no_part_have_no_value() -> None:
    """Where an axis sets the share of each part, only cells whose shares add to 100% have figures."""
    shares = ["mix.short.share=50%,60%,70%", "mix.long.share=25%", "mix.hd.share=15%"]
    cells = swept("tests/mistakes/parts/mix.yaml", shares, ("gpus",)).cells

    refused = "the shares of the parts would not add to 100%"
    assert [cell.error for cell in cells] == [refused, None, refused]


@pytest.mark.slow
def test_a_table_of_many_rows_is_cut(t2v_cap: Program, recorded: Recorded) -> None:
    """A sweep's CSV has a line a cell in the order of the axes, and its table the first of them."""
    command = ["sweep", LESSON, "--over", "dau=1..2000 2000", "--show", "trps"]
    lines = t2v_cap(*command, "--format", "csv").out.splitlines()

    assert [float(line.partition(",")[0]) for line in lines[1:]] == [float(value) for value in range(1, 2_001)]
    recorded(t2v_cap(*command).out)


@pytest.mark.parametrize(("text", "frames"), [("dau: 10K\n", 5 * 30), ("model: ltx-video-13b\n", 163)])
def test_the_default_model_keeps_the_default_clip(text: str, frames: int, tmp_path: Path) -> None:
    """Named over the defaults, Mochi makes 5 s of 30 frames; in the place of another model, its own 163 frames."""
    models = swept(
        write(text, tmp_path / "plan.yaml"), ["model=mochi-1-preview,wan2.2-t2v-a14b"], ("frames_per_video",)
    )

    assert [cell.figures["frames_per_video"] for cell in models.cells] == [frames, 81]
