"""A plot holds what the JSON of the same answer holds, in a file that is the same wherever it is drawn."""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

import t2v_capacity as t2v
from places import ROOT
from shared import Program, some, write
from t2v_capacity.forms.plot import FORMS
from texts import Recorded

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WAN, START_UP = "scenarios/wan2.2-h100.yaml", "scenarios/start-up.yaml"
GROUPS = ("compare", START_UP, "--gpu", "h100-sxm")
DRAWS: dict[str, Any] = {"samples": 400, "seed": 3}
_CROSS = 13  # corners of the mark of a run outside its band
Point = tuple[float, float]


def lines(axes: "Axes", gid: str) -> list[list[Point]]:
    """Return the points of each line of a name."""
    return [
        [(float(x), float(y)) for x, y in np.asarray(line.get_xydata())]
        for line in axes.lines
        if (line.get_gid() or "").startswith(gid)
    ]


def dots(axes: "Axes", gid: str) -> list[Point]:
    """Return the points that were drawn one by one under a name."""
    found = [np.asarray(one.get_offsets()) for one in axes.collections if one.get_gid() == gid]
    return [(float(x), float(y)) for part in found for x, y in part]


def corners(axes: "Axes") -> set[Point]:
    """Return the corners of the band."""
    (band,) = [one for one in axes.collections if one.get_gid() == "band"]
    return {(float(x), float(y)) for path in band.get_paths() for x, y in np.asarray(path.vertices)}


def asked(answer: Any) -> tuple[Any, "list[Axes]"]:
    """Return the JSON of an answer and the axes of its plot."""
    return json.loads(answer.json()), answer.drawing().figure.axes


@pytest.mark.parametrize("over", some(["dau=1K..1M log 7", "dau=10K..40K 4", "steps=20,30,50"], 3))
@pytest.mark.parametrize("other", ["", "gpu=h100-sxm,l40s", "peak_to_average=1.2,2"])
def test_a_sweep_is_drawn_cell_by_cell(over: str, other: str) -> None:
    """Each cell of a sweep is a point of its line, and the plan's own cell, where it is one, has a ring."""
    document, (axes,) = asked(
        t2v.estimate(START_UP).sweep(*filter(None, (over, other)), show=["gpus", "cost_per_month"])
    )
    first, *second = document["axes"]
    wanted: dict[Any, list[Point]] = {}
    for row in document["rows"]:
        wanted.setdefault(tuple(row[axis] for axis in second), []).append((row[first], row["gpus"]))
    plan = t2v.estimate(START_UP)
    own = [
        (row[first], row["gpus"])
        for row in document["rows"]
        if all(row[axis] == getattr(plan, axis) for axis in document["axes"])
    ]

    assert sorted(lines(axes, "line")) == sorted(wanted.values())
    assert lines(axes, "mark") == [[point] for point in own]


def test_cells_without_a_value_are_gaps() -> None:
    """A cell that has no value is a gap in its line, and the plot counts such cells."""
    answer = t2v.estimate(START_UP).sweep("dau=10K,20K,40K", "gpu=h100-sxm,l4", show="gpus")
    document, (axes,) = asked(answer)
    missing = sum(row["gpus"] is None for row in document["rows"])

    assert missing
    assert sum(bool(np.isnan(y)) for line in lines(axes, "line") for _x, y in line) == missing
    assert f"{missing} of {len(document['rows'])} cells have no value" in answer.plot("a.svg").decode()


@pytest.mark.wide
@pytest.mark.parametrize("start", some(["2027-03", None], 2))
def test_a_forecast_is_drawn_month_by_month(start: str | None) -> None:
    """Months, bands, limits and the months that cross them are those of the JSON.

    Each figure that is limited has a panel.
    """
    limits = ["gpus <= 90", "p95(gpus) <= 160", "cost_per_month <= 300K"]
    plan = t2v.estimate(START_UP, dau="8K to 14K", growth_per_month="8%", **DRAWS)
    document, panels = asked(plan.forecast(12, limits, start=start))
    months = document["months"]

    assert len(panels) == 2
    for axes, name in zip(panels, ("gpus", "cost_per_month"), strict=True):
        assert lines(axes, "line") == [[(month["month"], month["figures"][name]) for month in months]]
        assert corners(axes) == {
            (month["month"], month["bands"][name][end]) for month in months for end in ("p5", "p95")
        }
    crossed = [document["crossed"][limit] for limit in limits]
    assert None not in crossed
    held = [("figures", "gpus"), ("bands", "gpus"), ("figures", "cost_per_month")]
    found = [months[month][part][name] for month, (part, name) in zip(crossed, held, strict=True)]
    rings = [
        (month, value["p95"] if isinstance(value, dict) else value) for month, value in zip(crossed, found, strict=True)
    ]
    assert [point for axes in panels for (point,) in lines(axes, "mark")] == rings
    assert [points[0][1] for axes in panels for points in lines(axes, "limit")] == [90, 160, 300_000]
    assert (months[crossed[0]]["date"] or f"month {crossed[0]}") in plan.forecast(12, limits, start=start).plot(
        "a.svg"
    ).decode()


def test_a_tornado_has_the_ends_of_each_input() -> None:
    """Each bar spans the figure's values at an input's ends, from lower to higher; the line is the figure's value."""
    document, (axes,) = asked(t2v.estimate(START_UP, dau="5K to 20K", **DRAWS).sensitivity("gpus"))
    bars = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in axes.patches]  # type: ignore[attr-defined]
    names = [label.get_text().partition("\n")[0].replace(" ", "_") for label in axes.get_yticklabels()]
    by_name = {one["name"]: one for one in document["inputs"]}

    assert len(bars) == len(names) == 10
    assert names[0] == "dau"
    for (low, high), name in zip(bars, names, strict=True):
        assert (low, high) == pytest.approx(sorted((by_name[name]["at_low"], by_name[name]["at_high"])), rel=1e-12)
    assert {x for points in lines(axes, "plan") for x, _y in points} == {document["value"]}


def test_a_tornado_says_which_end_is_which() -> None:
    """A bar's label has the figure at the low end first, as the table has it, also of an input that lowers it."""
    plan = t2v.estimate(START_UP, max_utilization="50% to 90%", **DRAWS)
    document, (axes,) = asked(plan.sensitivity("cost_per_month"))
    rising = [low < high for low, high in (map(read, text.get_text().split(" to ")) for text in axes.texts)]
    names = [label.get_text().partition("\n")[0].replace(" ", "_") for label in axes.get_yticklabels()]
    by_name = {one["name"]: one["at_low"] < one["at_high"] for one in document["inputs"]}

    assert dict(zip(names, rising, strict=True)) == {name: by_name[name] for name in names}
    assert ("max_utilization", False) in zip(names, rising, strict=True)


def test_a_tornado_has_what_leaves_no_value() -> None:
    """An input at whose end the figure has no value leads the tornado, and its label says so."""
    _document, (axes,) = asked(
        t2v.estimate(START_UP, dau="10K to 40K", gpu_limit=160, **DRAWS).sensitivity("latency_p95")
    )

    assert axes.get_yticklabels()[0].get_text().startswith("dau\n")
    assert axes.texts[0].get_text().endswith(" s to none")
    assert not [text for text in axes.texts[1:] if "none" in text.get_text()]


def read(text: str) -> float:
    """Return the number of a label."""
    number = re.match(r"([0-9.]+)([KMB]?)", text)
    assert number
    return float(number[1]) * _LETTERS[number[2]]


@pytest.mark.parametrize(
    ("limit", "label"),
    [
        ("latency_p95 <= 600 s", "month 1"),
        ("P(latency_p95 <= 600 s) >= 0.6", "month 0"),
        ("p95(gpus) <= 100", "month 0: 160"),
    ],
)
def test_a_month_without_a_value_has_none_in_the_legend(limit: str, label: str) -> None:
    """The ring of the month that crosses a limit has what was measured there; nothing where that has no value."""
    plan = t2v.estimate(START_UP, dau="15K to 40K", gpu_limit=160, growth_per_month="8%", **DRAWS)
    document, (axes,) = asked(plan.forecast(6, [limit]))
    (ring,) = [one for one in axes.lines if one.get_gid() == "mark"]

    assert ring.get_label() == label
    month = document["crossed"][limit]
    assert document["months"][month]["figures"]["latency_p95"] is None or month == 0


@pytest.mark.wide
def test_options_are_drawn_by_latency_and_cost() -> None:
    """Each option with a cost and a latency is a point."""
    document, (axes,) = asked(
        t2v.estimate(WAN, target_latency="2 min").compare("h100,h200-sxm,b200,l40s,rtx-4090,mi300x,gb300-nvl72,l4")
    )
    rows = [row for row in document["rows"] if row["cost_per_video"] and row["latency_p95"]]

    assert len(rows) > 3
    assert dots(axes, "option") == [(row["latency_p95"], row["cost_per_video"]) for row in rows]
    assert {x for points in lines(axes, "limit") for x, _y in points} == {120}


def within(row: Any) -> bool:
    """Return whether a run is in its band, about what is predicted without its own source."""
    low, high = (round(row[end] / row["predicted"], 2) for end in ("low", "high"))
    return bool(low <= row["measured"] / (row["source_out_predicted"] or row["predicted"]) <= high)


@pytest.mark.slow
def test_every_judged_run_is_drawn() -> None:
    """The runs that a band judges are drawn by measured and predicted seconds, as many within it as the JSON counts."""
    answer = t2v.accuracy()
    document, (axes,) = asked(answer)
    rows = [row for row in document["rows"] if row["quantity"] == "seconds" and row["low"] is not None]
    held, judged = sum(map(within, rows)), len(rows)
    known = {
        (row["measured"], row["source_out_predicted"] or row["predicted"])
        for row in document["rows"]
        if row["quantity"] == "seconds"
    }
    crosses = [
        one
        for one in axes.collections
        if one.get_gid() == "runs" and len(np.asarray(one.get_paths()[0].vertices)) == _CROSS
    ]

    assert len(dots(axes, "runs")) == judged
    assert set(dots(axes, "runs")) <= known
    assert f"{held} of {judged} published runs are within their band" in answer.plot("a.svg").decode()
    assert sum(len(np.asarray(one.get_offsets())) for one in crosses) == judged - held
    place = document["bands"][0]["nominal"].index(0.9)
    without = [(row["held"][place] * row["rows"], row["rows"]) for row in document["bands"] if row["low"]]
    fewer, of = map(sum, zip(*without, strict=True))
    assert fewer / of < held / judged
    assert "predicted without its own source, which the bands include" in answer.plot("a.svg").decode()


def test_runs_of_ones_own_are_drawn() -> None:
    """A user's runs are drawn against the band of their class."""
    runs, (axes,) = asked(t2v.accuracy("tests/golden/runs.yaml", WAN))
    assert dots(axes, "runs") == [
        (row["measured"], row["predicted"]) for row in runs["rows"] if row["quantity"] == "seconds"
    ]


_LETTERS = {"": 1.0, "K": 1e3, "M": 1e6, "B": 1e9}


@pytest.mark.parametrize(("over", "scale"), [("dau=1K..1M log 7", "log"), ("dau=10K..40K 4", "linear")])
def test_ticks_say_where_they_stand(over: str, scale: str) -> None:
    """The text at each tick is the number at which it stands, and values with one ratio are one step apart."""
    _document, (axes,) = asked(t2v.estimate(START_UP).sweep(over, show="gpus"))

    assert axes.get_xscale() == scale
    for axis in (axes.xaxis, axes.yaxis):
        read = [
            (tick, re.fullmatch(r"([0-9.]+)([KMB]?)", label.get_text()))
            for tick, label in zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=True)
        ]
        assert any(text for _tick, text in read)
        assert all(float(text[1]) * _LETTERS[text[2]] == pytest.approx(tick) for tick, text in read if text)


_DRAW = """
import hashlib, matplotlib
from t2v_capacity.forms.plot import FORMS
matplotlib.rcParams.update({"font.size": 31, "svg.fonttype": "path", "axes.facecolor": "red"})
import t2v_capacity as t2v
answer = t2v.estimate("scenarios/start-up.yaml").groups()
for form in FORMS:
    print(hashlib.sha256(answer.plot(f"a.{form}")).hexdigest())
"""


@pytest.mark.slow
@pytest.mark.wide
def test_a_file_is_the_same_everywhere() -> None:
    """A process with other hashes and Matplotlib settings draws the same bytes in every form; a file has no time."""
    answer = t2v.estimate(START_UP).groups()
    warned = subprocess.run(
        [sys.executable, "-c", _DRAW], capture_output=True, check=True, text=True, cwd=ROOT, env={"PYTHONHASHSEED": "7"}
    )

    assert warned.stdout.split() == [hashlib.sha256(answer.plot(f"a.{form}")).hexdigest() for form in FORMS]
    assert b"<dc:date>" not in answer.plot("a.svg")
    assert b"CreationDate" not in answer.plot("a.pdf")
    assert answer.plot("a.PNG").startswith(b"\x89PNG")


def test_a_name_is_text_whatever_it_holds(tmp_path: Path) -> None:
    """A name with markup, a formula or a control character is shown as it is, in a file that is well formed."""
    file = write(
        'name: "<b> & $x^2_{$ \\\\frac \\e[31m"\nextends: ' + str(ROOT / START_UP) + "\n", tmp_path / "hostile.yaml"
    )
    root = ET.fromstring(t2v.estimate(file).groups().plot("a.svg"))  # noqa: S314 - our own
    texts = [one.text or "" for one in root.iter("{http://www.w3.org/2000/svg}text")]

    assert any(text.startswith("<b> & $x^2_{$ \\frac  [31m ·") for text in texts)


@pytest.mark.parametrize("form", some(FORMS, 3))
def test_a_plot_is_written_beside_the_answer(form: str, t2v_cap: Program, tmp_path: Path) -> None:
    """The command writes the bytes that Python gives, says so on standard error, and answers as without a plot."""
    file = tmp_path / f"gpus.{form}"
    said = t2v_cap(*GROUPS, "--plot", str(file), "--format", "json")

    assert file.read_bytes() == t2v.estimate(START_UP).groups().plot(file.name)
    assert said.err == f"wrote {file}\n"
    assert said.out == t2v_cap(*GROUPS, "--format", "json").out


def test_a_plot_replaces_a_plot_alone(t2v_cap: Program, tmp_path: Path) -> None:
    """A file of the same form is replaced; through a link, a file of another form is not, unless that is forced."""
    kept, link = tmp_path / "notes.txt", tmp_path / "gpus.svg"
    kept.write_text("kept", encoding="utf-8")
    link.symlink_to(kept)

    said = t2v_cap(*GROUPS, "--plot", str(link), code=2)
    assert "`--force`" in said.err
    assert kept.read_text(encoding="utf-8") == "kept"
    t2v_cap(*GROUPS, "--plot", str(link), "--force")
    assert kept.read_text(encoding="utf-8").startswith("<?xml")


WRONG = {
    "another form": [*GROUPS, "--plot", "gpus.gif"],
    "no form": [*GROUPS, "--plot", "-"],
    "the answer's file": [*GROUPS, "--plot", "a.svg", "--output", "./a.svg"],
    "no folder": [*GROUPS, "--plot", "nowhere/gpus.svg"],
    "three axes": [
        "sweep",
        START_UP,
        "--over",
        "dau=1K,2K",
        "--over",
        "steps=20,30",
        "--over",
        "fps=16,24",
        "--plot",
        "a.svg",
    ],
    "too many lines": ["sweep", START_UP, "--over", "dau=1K..2K 20", "--over", "steps=20..32 13", "--plot", "a.svg"],
    "no value": ["sweep", WAN, "--over", "gpu=l40s,l4", "--show", "gpus", "--plot", "a.svg"],
    "no bars": ["sensitivity", WAN, "gpus", "--gpu", "l40s", "--plot", "a.svg"],
    "no option": ["compare", START_UP, "--gpu", "tpu-v5e", "--plot", "a.svg"],
}


@pytest.mark.wide
@pytest.mark.parametrize("line", WRONG.values(), ids=WRONG)
def test_what_cant_be_drawn_is_refused(line: list[str], t2v_cap: Program, recorded: Recorded) -> None:
    """A plot of another form, of nothing, or of more than can be read ends with 2 and says what would help.

    No answer is written.
    """
    said = t2v_cap(*line, code=2)

    assert said.out == ""
    recorded(said.err)


def test_letters_that_the_font_lacks_are_drawn_without_a_word(folder: Path, recwarn: pytest.WarningsRecorder) -> None:
    """A name in any script is drawn, with a box for each letter that matplotlib's font lacks and no word on fonts."""
    plan = t2v.estimate(write("name: 日本語\nmodel: wan2.2-ti2v-5b\ndau: 10K\n", folder / "plan.yaml"))
    assert plan.sweep(dau=["1K", "10K"]).plot("a.png").startswith(b"\x89PNG")
    assert not recwarn.list


def test_an_answer_without_a_plot_says_so() -> None:
    """The plot of an answer that has none is refused with those that have one."""
    with pytest.raises(t2v.Mistakes, match="sweep, forecast, sensitivity, compare"):
        t2v.estimate(START_UP).table().plot("a.svg")


def test_a_day_is_drawn_hour_by_hour() -> None:
    """The servers and requests of each hour are points of two panels, a weekend's too, and the ceiling is a limit."""
    plan = t2v.estimate(START_UP, weekend_level=0.5)
    document, (servers, requests) = asked(plan.table("scaling"))
    scaling = document["scaling"]

    for axes, name in ((servers, "servers"), (requests, "requests")):
        assert lines(axes, "line") == [
            [(hour["hour"], hour[name]) for hour in day] for day in (scaling["hours"], scaling["weekend"])
        ]
    assert {y for _x, y in lines(servers, "limit")[0]} == {scaling["ceiling"]}


def test_failures_are_drawn_as_bars() -> None:
    """Each case has a bar as long as its clips take, and the target is a limit across them."""
    document, (axes,) = asked(t2v.estimate(START_UP).table("failures"))
    rows = document["failures"]

    bars = [patch.get_width() for patch in axes.patches]  # type: ignore[attr-defined]
    assert bars == [row["done_within"] or 0 for row in rows]
    assert [label.get_text() for label in axes.get_yticklabels()] == [row["case"] for row in rows]
    assert {x for x, _y in lines(axes, "limit")[0]} == {300}
