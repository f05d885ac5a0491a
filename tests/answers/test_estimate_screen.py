"""The first screen: one page that answers, the same rows for every scenario."""

import json
import math
import re
from pathlib import Path

import pytest

from goldens import NAMES, recorded_screens, screen_of
from places import ROOT, shipped
from shared import Program, plan_of, plan_of_text, some, write
from t2v_capacity.answers.estimate import estimate_answer
from t2v_capacity.answers.estimate_screen import screen
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.plan.drivers import DECIDES, HEADLINE, SIZED_BY
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.gpu_waterfall import gpu_waterfall
from t2v_capacity.questions.estimate import PlanRecord
from t2v_capacity.release import __version__
from texts import RENEW_ANSWERS, Recorded

MOST_LINES, WIDTH = 45, 80
SECTIONS = ("RESOURCES", "TRAFFIC AND STORAGE", "WHY ", "ALTERNATIVES", "BUILD OR BUY: ", "CONFIDENCE: ", "p5 to p95: ", "DEFAULTS: ")
# Those that a full screen leaves out, and those of a service that somebody sells as an API.
MAY_LACK = {"ALTERNATIVES", "DEFAULTS: ", "BUILD OR BUY: "}
# A row: its name, then its value with what that counts.
ROW = re.compile(r"^( *[a-z][\w ]*?!?) {2,}(\S+(?: [A-Za-z%/]+)?)(?= {2}|$)", re.MULTILINE)
TWO_LINES = "dau: 1M\nmodel: wan2.2-t2v-a14b\n"


@pytest.mark.wide
@pytest.mark.parametrize("name", NAMES)
def test_a_screen_is_the_recorded_one(name: str) -> None:
    """What a person sees first of a shipped scenario moves by a deliberate change alone."""
    assert screen_of(name) == recorded_screens()[name], f"the screen of {name} differs; if that is meant: {RENEW_ANSWERS}"


@pytest.mark.parametrize("name", NAMES)
def test_a_screen_is_one_screen(name: str) -> None:
    """It has at most 45 lines of at most 80 columns, its sections in one order, nothing cut, and warnings above the first figure."""
    lines = recorded_screens()[name].splitlines()

    assert len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= WIDTH
    assert [line for line in lines if f"t2v-cap explain scenarios/{name}.yaml gpus" in line]
    found = [next(part for part in SECTIONS if line.startswith(part)) for line in lines if line.startswith(SECTIONS)]
    assert found == [part for part in SECTIONS if part in found]
    assert {*SECTIONS} - {*found} <= MAY_LACK
    assert not [line for line in lines if "…" in line or (line.endswith("...") and not line.lstrip().startswith("t2v-cap"))]
    first = next(index for index, line in enumerate(lines) if line.startswith("gpus"))
    warned = [index for index, line in enumerate(lines) if line.startswith("warning ")]
    assert all(index < first for index in warned)
    assert bool(warned) == any(warning.severity == "warning" for warning in plan_of(shipped(name)).warnings)


@pytest.mark.parametrize("name", NAMES)
def test_a_row_stands_once(name: str) -> None:
    """No figure has two rows; a name that begins a line is that of a figure, of an assumption or of a choice."""
    rows = re.findall(r"^([a-z]\w*_\w+|gpus|trps)!? ", recorded_screens()[name], re.MULTILINE)

    assert len(rows) == len(set(rows))
    assert set(rows) <= {*FIGURES}


@pytest.mark.parametrize("columns", [80, 100, 120])
@pytest.mark.parametrize("name", ["mochi", "million-clips"])
def test_a_terminal_shows_what_is_piped(name: str, columns: int, t2v_cap: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal of any width from 80 columns each figure has the value that the piped screen gives it."""
    monkeypatch.setattr("t2v_capacity.cli.command_options.on_terminal", lambda _output: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    found = t2v_cap("estimate", shipped(name), "--samples", "200", "--seed", "1", "--as-of", "2026-11-24").out

    assert len(ROW.findall(found)) >= 15
    assert ROW.findall(found) == ROW.findall(recorded_screens()[name])
    assert max(map(len, found.splitlines())) <= columns


def test_no_color_is_plain(t2v_cap: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """With NO_COLOR a terminal gets no escape for a colour, and the same text as a pipe."""
    monkeypatch.setattr("t2v_capacity.cli.command_options.on_terminal", lambda _output: True)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    monkeypatch.chdir(ROOT)
    found = t2v_cap("estimate", "scenarios/mochi.yaml", "--as-of", "2026-11-24").out.replace(f"t2v-cap {__version__}", "t2v-cap")

    assert "\x1b[3" not in found
    assert found.split() == recorded_screens()["mochi"].split()


@pytest.mark.parametrize("name", NAMES)
def test_the_chain_ends_at_the_gpus(name: str) -> None:
    """From the GPUs at work on average each factor leads to the next number, and the last is the GPUs that are rented."""
    plan = plan_of(shipped(name))
    links = gpu_waterfall(plan)

    assert math.isclose(math.prod(link.factor for link in links) * plan.known["busy_gpus"], plan.known["gpus"], rel_tol=1e-12)
    assert links[-1].gpus == plan.known["gpus"]
    shown = math.prod(float(factor) for factor in re.findall(r"^  .* GPUs? .*?x (\d+\.\d\d)  ", recorded_screens()[name], re.MULTILINE))
    assert math.isclose(shown * plan.known["busy_gpus"], plan.known["gpus"], rel_tol=0.02)


def decided(plan: str, t2v_cap: Program) -> list[dict[str, object]]:
    """Return what decides, as data, of a plan that is drawn a few times."""
    found: list[dict[str, object]] = t2v_cap("estimate", plan, "--format", "json", "--samples", "10").json["decides"]
    return found


@pytest.mark.wide
@pytest.mark.parametrize("name", some([*NAMES, "two-lines"], 3))
def test_a_factor_is_that_of_two_estimates(name: str, t2v_cap: Program, tmp_path: Path) -> None:
    """What another value makes of a headline figure is what `estimate` with that value as a flag gives over what it gives without."""
    file = write(TWO_LINES, tmp_path / "two.yaml") if name == "two-lines" else shipped(name)
    base = plan_of(file)
    found = decided(file, t2v_cap)

    assert found
    for one in found:
        head = plan_of(file, [f"{one['name']}={one['other']}"])
        factors = one["figures"]
        assert isinstance(factors, dict)
        assert one["name"] == SIZED_BY or any(not 1 / DECIDES < factor < DECIDES for factor in factors.values())
        for figure, factor in factors.items():
            assert figure in HEADLINE
            assert math.isclose(value(head, figure) / value(base, figure), factor, rel_tol=1e-9)


def value(plan: Estimate, figure: str) -> float:
    """Return a figure that a plan has."""
    found = plan.figures[figure]
    assert found is not None
    return found


@pytest.mark.parametrize("name", ["mochi", "two-lines"])
def test_kernel_and_runtime_decide(name: str, t2v_cap: Program, tmp_path: Path) -> None:
    """A kernel and a runtime at their defaults drive the plan: the title marks both, and a page with room gives each its other values."""
    file = write(TWO_LINES, tmp_path / "two.yaml") if name == "two-lines" else shipped(name)
    names = {one["name"] for one in decided(file, t2v_cap)}
    title = " ".join(t2v_cap("estimate", file, "--samples", "10").out.split())
    text = "\n".join(screen(PlanRecord(plan_of(file)), aligned=False).paragraphs)

    assert {"attention_kernel", "runtime"} <= names
    assert "; kernel sdpa*, runtime eager* (* default) " in title
    assert re.search(r"^DEFAULTS: .*attention_kernel sdpa \(\w+: GPUs -\d+%", text, re.MULTILINE)
    assert re.search(r"^DEFAULTS: .*runtime eager \(\w+: GPUs -\d+%", text, re.MULTILINE)


def test_what_was_chosen_does_not_decide(t2v_cap: Program, tmp_path: Path) -> None:
    """What was written by hand was decided: it isn't listed, whatever it is worth."""
    chosen = "attention_kernel: fa3\nruntime: compiled\nmax_utilization: 80%\ngpu_price: 3 USD\npeak_to_average: 1.5\n"
    file = write(TWO_LINES + chosen, tmp_path / "chosen.yaml")

    assert not {one["name"] for one in decided(file, t2v_cap)} & {
        "attention_kernel",
        "runtime",
        "max_utilization",
        "gpu_price",
        "peak_to_average",
    }


def test_only_the_same_picture_is_listed(t2v_cap: Program) -> None:
    """Kernels and runtimes that change the picture are never among what decides."""
    document = t2v_cap("estimate", shipped("mochi"), "--format", "json").json
    others = {one["other"] for one in document["decides"]}

    assert not others & {"sage2", "fa3-fp8", "fp8", "int8"}


def test_a_plan_that_does_not_wait_says_so(tmp_path: Path, t2v_cap: Program) -> None:
    """Where a fleet is overloaded, its latency is said to be, not a number."""
    file = write("dau: 1M\npins: {replicas: 3}\n", tmp_path / "small.yaml")
    text = t2v_cap("estimate", file).out

    assert re.search(r"^latency_p95 +overloaded", text, re.MULTILINE)
    assert text.index("warning overloaded") < text.index("gpus ")


@pytest.mark.usefixtures("folder")
def test_a_clip_that_fits_nowhere_takes_nothing(t2v_cap: Program, recorded: Recorded) -> None:
    """Where a clip cannot run, the rows of what it takes say so instead of numbers."""
    file = write("model: wan2.2-t2v-a14b\ngpu: tpu-v5e\n", "small.yaml")
    text = t2v_cap("estimate", file).out

    recorded(text)
    assert len(re.findall(r"^\w+ +cannot run$", text, re.MULTILINE)) == 7


def test_a_wide_terminal_shows_the_arithmetic_beside_a_band(t2v_cap: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """A remark without room at 80 columns loses its last part, and is whole from 100 columns on."""
    monkeypatch.setattr("t2v_capacity.cli.command_options.on_terminal", lambda _output: True)
    for columns, whole in ((80, False), (100, True)):
        monkeypatch.setenv("COLUMNS", str(columns))
        text = t2v_cap("estimate", shipped("start-up"), "--samples", "200").out

        assert "autoscaled, GPUs only" in text
        assert ("autoscaled, GPUs only; 32.9 on average" in text) == whole


def test_only_shows_a_group_whole(t2v_cap: Program) -> None:
    """`--only` shows each figure of a group, by its words or a name, and nothing else."""
    text = t2v_cap("estimate", shipped("mochi"), "--only", "rule-of-thumb", "--only", "trps").out
    names = {name for name in FIGURES if re.search(rf"^{name} ", text, re.MULTILINE)}

    assert names == {name for name, figure in FIGURES.items() if figure.group == "rule of thumb"} | {"trps"}


@pytest.mark.parametrize(("asked", "names"), [(["trps"], ["trps"]), (["gpus", "trps"], ["trps", "gpus"]), (["model"], ["model_size"])])
def test_only_selects_in_every_form(asked: list[str], names: list[str], t2v_cap: Program) -> None:
    """`--only` selects the figures of JSON and CSV as it does those of a table; the rest of the document stays."""
    line = ["estimate", shipped("mochi"), *(word for name in asked for word in ("--only", name))]
    whole = t2v_cap("estimate", shipped("mochi"), "--format", "json").json
    document = t2v_cap(*line, "--format", "json").json
    figures = [*document["figures"]]
    assert set(names) <= set(figures)
    assert len(figures) < 12
    assert figures == [name for name in whole["figures"] if name in figures]
    assert document == {**whole, "figures": {name: whole["figures"][name] for name in figures}}
    assert [row.partition(",")[0] for row in t2v_cap(*line, "--format", "csv").out.splitlines()[1:]] == figures


def test_a_plan_of_flags_is_that_of_a_file(t2v_cap: Program, tmp_path: Path) -> None:
    """Flags alone give the figures that a file of the same lines gives, and the screen says how to keep them."""
    file = write(TWO_LINES, tmp_path / "two.yaml")
    flags = ("--dau", "1M", "--model", "wan2.2-t2v-a14b")
    from_flags, from_file = (t2v_cap("estimate", *line, "--format", "json").json for line in (flags, (file,)))
    kept = re.search(r"Keep it: t2v-cap (init my\.yaml .*)", t2v_cap("estimate", *flags).out)

    assert from_flags["figures"] == from_file["figures"]
    assert kept is not None
    words = kept.group(1).replace("my.yaml", str(tmp_path / "my.yaml")).split()
    t2v_cap(*words)
    assert t2v_cap("estimate", str(tmp_path / "my.yaml"), "--format", "json").json["figures"] == from_file["figures"]


def test_usual_other_values_are_values() -> None:
    """The other value of an assumption is one that it takes, and not its default."""
    for name, known in ASSUMPTIONS.items():
        if known.other:
            assert known.read(known.other) != known.read(known.default), name


@pytest.mark.usefixtures("folder")
def test_choices_are_marked() -> None:
    """A kernel that nobody chose has a star in the title, a chosen one has none."""
    assert "sdpa*" in json.dumps(screen_text(TWO_LINES))
    assert "fa3," in screen_text(TWO_LINES + "attention_kernel: fa3\n")
    assert "attention_kernel" in CHOICES


def screen_text(text: str) -> str:
    """Return the first lines of the screen of a scenario's text."""
    return screen(PlanRecord(plan_of_text(text))).subtitle


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("text", ["peak_to_average: 1.7\nreserved_price: 2\n", "dau: 1M\n"])
def test_three_bills_stand_where_they_differ(text: str) -> None:
    """The bill on demand, the one that follows the day and the cheapest reserve stand below the month's cost where they differ at all."""
    plan, shown = plan_of_text(text), "peak" in text
    lines = str(estimate_answer(PlanRecord(plan))).splitlines()
    bills = [line.split()[:2] for line in lines if line.startswith("  gpu_cost_")]
    values = [plan.figures[name] for name in ("gpu_cost_on_demand", "gpu_cost_following", "gpu_cost_reserved")]

    assert [name for name, _value in bills] == (["gpu_cost_on_demand", "gpu_cost_following", "gpu_cost_reserved"] if shown else [])
    assert [value for _name, value in bills] == ([show(value or 0, "USD").partition(" ")[0] for value in values] if shown else [])
    assert not shown or any(line.endswith("  59% reserved at 2") for line in lines)
    assert (len({round(value or 0) for value in values}) > 1) == shown
