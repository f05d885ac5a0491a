"""The first screen: 24 lines that answer, the same rows for every scenario."""

import json
import math
import re
from pathlib import Path

import pytest

from goldens import NAMES, recorded_screens, screen_of
from places import ROOT, shipped
from shared import Program, plan_of, plan_of_text, some, write
from t2v_capacity.answers.estimate_screen import screen
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.plan.drivers import DECIDES, HEADLINE, SIZED_BY
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.gpu_waterfall import gpu_waterfall
from t2v_capacity.questions.estimate import PlanRecord
from t2v_capacity.release import __version__
from texts import RENEW_ANSWERS, Recorded

MOST_LINES, WIDTH = 24, 80
FIRST_ROWS = ("gpus", "latency_p95", "cost_per_month", "cost_per_video")
# The words that begin the lines below the figures, in their order.
HEADS = ("why", "save", "buy", "sure", "days", "warning", "more")
# A row: its name, then its value with what that counts.
ROW = re.compile(r"^([a-z]\w+!?) {2,}(\S+(?: [A-Za-z%/]+)?)(?= {2}|$)", re.MULTILINE)
TWO_LINES = "dau: 1M\nmodel: wan2.2-t2v-a14b\n"


@pytest.mark.wide
@pytest.mark.parametrize("name", NAMES)
def test_a_screen_is_the_recorded_one(name: str) -> None:
    """What a person sees first of a shipped scenario moves by a deliberate change alone."""
    assert screen_of(name) == recorded_screens()[name], f"the screen of {name} differs; if that is meant: {RENEW_ANSWERS}"


def heads(text: str) -> dict[str, str]:
    """Return the lines below the figures by the word that begins them, each unfolded."""
    found: dict[str, str] = {}
    word = ""
    for line in text.splitlines():
        first = line[:9].strip()
        word = first if first in ("moves", "cure", *HEADS) else word if line.startswith(" " * 9) else ""
        if word:
            found[word] = f"{found.get(word, '')} {line[9:]}".strip()
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_screen_is_one_screen(name: str) -> None:
    """It has at most 24 lines of at most 80 columns; what comes on top are trouble, warnings, budgets, parts, stages and what folds."""
    text, plan = recorded_screens()[name], plan_of(shipped(name))
    lines = text.splitlines()
    inner = max(len(plan.parts), len(plan.stages), sum(len(part.stages) for part in plan.parts))
    more = [line for line in lines if re.match(r" |warning|days|gross_margin|rule_of_thumb|cure|[A-Z ]+: |(PASS|FAIL|AT RISK) ", line)]
    title = plan.scenario.choices["model"].value not in lines[0]  # a long name has a line of its own

    assert len(lines) - len(more) - (inner + 2) * bool(inner) - title < MOST_LINES
    assert max(map(len, lines)) <= WIDTH
    assert [row for row, _value in ROW.findall(text)][: len(FIRST_ROWS)] == [*FIRST_ROWS]
    assert [word for line in lines if (word := line[:9].strip()) in HEADS] == sorted(
        (word for line in lines if (word := line[:9].strip()) in HEADS), key=HEADS.index
    )
    assert {"why", "sure", "more"} <= heads(text).keys()


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

    assert len(ROW.findall(found)) >= 9
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
    why = heads(recorded_screens()[name])["why"]
    shown = math.prod(float(factor) for factor in re.findall(r", x (\S+)", why))
    assert math.isclose(shown * plan.known["busy_gpus"], plan.known["gpus"], rel_tol=0.02)


@pytest.mark.parametrize("name", some(NAMES, 3))
def test_a_saving_is_that_of_two_estimates(name: str) -> None:
    """Each change that the screen offers makes the bill as much smaller as `estimate` with those flags says."""
    plan = plan_of(shipped(name))
    for part, flags in re.findall(r"(-\d+)% ((?:--\S+ \S+ ?)+)\(", heads(recorded_screens()[name]).get("save", "")):
        words = flags.split()
        sets = [f"{flag[2:].replace('-', '_')}={value}" for flag, value in zip(words[::2], words[1::2], strict=True)]
        cost, there = (one.figures["cost_per_month"] or 0 for one in (plan, plan_of(shipped(name), sets)))
        assert round(100 * (there / cost - 1)) == int(part)


def test_what_moves_a_plan_is_that_of_two_estimates() -> None:
    """The ends of a range, and another usual value of a default, make of the GPUs what the screen says."""
    path = shipped("wan2.2-h100")
    plan = plan_of(path)
    low, high = (plan_of(path, [f"videos_per_user_per_day={end}"]).known["gpus"] / plan.known["gpus"] for end in (1, 4))
    moves = heads(recorded_screens()["wan2.2-h100"])["moves"]
    assert moves == "videos_per_user_per_day 1 to 4: x 0.5 to 2; gpu_price* 3.20 to 12.29"
    assert (low, high) == pytest.approx((0.5, 2), rel=0.01)
    listed = plan.scenario.catalogue.listed_prices("h100-sxm")
    assert (min(listed), max(listed)) == (3.20, 12.29)


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
    """A kernel and a runtime at their defaults drive the plan, and the title marks both."""
    file = write(TWO_LINES, tmp_path / "two.yaml") if name == "two-lines" else shipped(name)
    names = {one["name"] for one in decided(file, t2v_cap)}

    assert {"attention_kernel", "runtime"} <= names
    assert "; sdpa*, eager*; " in t2v_cap("estimate", file, "--samples", "10").out


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


@pytest.mark.usefixtures("folder")
def test_trouble_stands_before_the_answer_with_its_cures(t2v_cap: Program, recorded: Recorded) -> None:
    """A capped fleet, a missed target, a target at risk and a clip that cannot run: each says so first, and what mends it works."""
    plan = (
        "model: wan2.2-t2v-a14b\ngpu: h100-sxm\nattention_kernel: fa3\noffload: encoder\ndau: 1M\nresolution: 480p\npeak_to_average: 1.7\n"
    )
    texts = (
        ("capped.yaml", f"{plan}gpu_limit: 5000\n"),
        ("peak.yaml", f"{plan}gpu_limit: 10000\n"),
        ("late.yaml", f"{plan}target_latency: 2 min\n"),
        ("risky.yaml", f"{plan}target_latency: 5.4 min\n"),
        ("small.yaml", "model: wan2.2-t2v-a14b\ngpu: rtx-4090\n"),
    )
    for name, text in texts:
        file = write(text, name)
        out = t2v_cap("estimate", file).out
        recorded(out)
        first = heads(out).get("cure", "").partition(" | ")[0]
        if first:
            assert out.index("cure ") < out.index("trps ")
            mended = t2v_cap("estimate", file, *first.split()).out
            assert not re.search(r"^(OVERLOADED|TARGET MISSED|CANNOT RUN)", mended, re.MULTILINE)
    assert len(out.splitlines()) <= 14
    assert re.search(r"^CANNOT RUN: weights alone need ", out, re.MULTILINE)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("columns", [60, 80, 120])
def test_no_section_is_missing_on_a_narrow_page(columns: int, t2v_cap: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 60 columns every figure and every line is there; remarks alone are left out."""
    monkeypatch.setattr("t2v_capacity.cli.command_options.on_terminal", lambda _output: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    text = t2v_cap("estimate", shipped("price-list")).out

    assert max(map(len, text.splitlines())) <= columns
    assert {"moves", "why", "save", "buy", "sure", "more"} <= heads(text).keys()
    assert [name for name, _value in ROW.findall(text)][:10] == [name for name, _value in ROW.findall(recorded_screens()["price-list"])][
        :10
    ]
    assert ("311 servers of 8" in text) == (columns >= 80)
    assert "PARTS" in text


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
    kept = re.search(r"keep it: t2v-cap (init my\.yaml .*)", " ".join(t2v_cap("estimate", *flags).out.split()))

    assert from_flags["figures"] == from_file["figures"]
    assert kept is not None
    words = kept.group(1).partition(" GB =")[0].replace("my.yaml", str(tmp_path / "my.yaml")).split()
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
