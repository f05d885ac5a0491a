"""What is asked of `explain`: a figure to a depth, a choice with what it supplies, and the code of a warning."""

import math
import re

import pytest

from places import SHIPPED, shipped
from shared import Program, some
from t2v_capacity.api.plan import plan_of
from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.plan.glossary import GUIDES_FILE, guides
from t2v_capacity.plan.warnings import WARNING_CODES
from t2v_capacity.questions.explain import Chosen, Explained, Reason, explain
from t2v_capacity.questions.review.findings import FINDING_CODES as FINDINGS
from texts import Recorded


def shown(reason: Reason, level: int = 0) -> dict[str, int]:
    """Return the names of an explanation, a part's with its part, each with the level on which it lies first."""
    found = {f"{reason.part}.{reason.name}" if reason.part else reason.name: level}
    for one in reason.inputs:
        for name, deeper in shown(one, level + 1).items():
            found[name] = min(found.get(name, deeper), deeper)
    return found


@pytest.mark.parametrize("path", some(SHIPPED, 6))
@pytest.mark.parametrize("figure", ["gpus", "cost_per_month", "video_size"])
def test_a_depth_shows_that_many_levels(path: object, figure: str) -> None:
    """An explanation of N levels has every name that lies so near, and none that lies deeper.

    It is the whole where nothing lies deeper.
    """
    plan = plan_of(str(path)).at_points
    whole = explain(plan, figure, 100)
    assert isinstance(whole, Explained)
    levels = max(shown(whole.whole).values())
    for depth in (0, 1, 3, 6, levels):
        found = explain(plan, figure, depth)
        assert isinstance(found, Explained)
        near = {name for name, level in shown(found.whole).items() if level <= depth}
        assert near <= set(shown(found.shown))
        assert max(shown(found.shown).values()) <= depth
        assert (found.shown == found.whole) == (set(shown(found.shown)) == set(shown(found.whole)))
    assert found == whole
    assert len(inner(whole.whole)) == len(set(inner(whole.whole)))


def inner(reason: Reason) -> list[str]:
    """Return the figures whose inputs an explanation shows, each as often as it does."""
    return [*([reason.name] if reason.inputs else []), *(name for one in reason.inputs for name in inner(one))]


@pytest.mark.parametrize(
    ("plan", "name", "own"),
    [
        ("two-stage", "steps", ["stages.base.steps = 8 steps/video", "stages.refine.steps = 3 steps/video"]),
        # YouTube's 1080p, of which refine has the whole latents.
        ("two-stage", "bitrate", ["stages.refine.bitrate = 8 Mbit/s"]),
        ("price-list", "duration", ["mix.long.duration = 8 s", "mix.preview.duration = 3 s"]),
    ],
)
def test_an_assumption_names_what_parts_and_stages_have(plan: str, name: str, own: list[str], t2v_cap: Program) -> None:
    """The plan's value is no clip's where parts or stages have their own, as their file says."""
    lines = [line.lstrip("├└─ ") for line in t2v_cap("explain", shipped(plan), name).out.splitlines()]

    assert {*own} <= {*lines}
    assert not any("mix.standard" in line for line in lines)


def test_the_tree_is_brief_and_data_is_whole(t2v_cap: Program) -> None:
    """Three levels are shown, and how to see the rest; JSON has the whole tree unless a depth is typed."""
    line = ("explain", "scenarios/mochi.yaml", "gpus")
    brief, whole = t2v_cap(*line).out, t2v_cap(*line, "--depth", "100").out
    assert "\nmore lies deeper: --all\n" in brief

    assert brief == t2v_cap(*line, "--depth", "3").out
    assert t2v_cap(*line, "--all").out == whole
    assert "deeper" not in whole
    assert t2v_cap(*line, "--format", "json").out == t2v_cap(*line, "--format", "json", "--depth", "100").out
    assert t2v_cap(*line, "--format", "json", "--depth", "0").json["figure"]["inputs"] == []
    assert "write a whole number from 0" in t2v_cap(*line, "--depth", "-1", code=2).err


@pytest.mark.parametrize("path", some(SHIPPED, 4))
def test_every_value_of_the_catalogue_is_one_that_a_choice_supplies(path: object) -> None:
    """What choices are said to supply, together, is each assumption with a value from the catalogue, and no other."""
    plan = plan_of(str(path)).at_points
    said = [explain(plan, name) for name in CHOICES]
    supplied = {name for one in said if isinstance(one, Chosen) for name in one.supplies}

    assert supplied == {name for name, setting in plan.scenario.settings.items() if setting.origin.kind == "catalogue"}


def test_a_choice_says_what_it_may_be_and_supplies(t2v_cap: Program, recorded: Recorded) -> None:
    """A choice is explained with its options, the assumptions that have its values, and the choices it implies."""
    line = ("explain", "scenarios/mochi.yaml", "gpu")
    recorded(t2v_cap(*line).out)
    data = t2v_cap(*line, "--format", "json").json["choice"]

    assert data["supplies"]["gpu_memory"]["value"] == plan_of("scenarios/mochi.yaml")["gpu_memory"]
    assert {"h100-sxm", "l4"} <= set(data["options"])
    assert data["implies"]["attention_kernel"]["value"] == "fa3"
    assert "stands for width, height" in t2v_cap("explain", "scenarios/mochi.yaml", "resolution", code=2).err


def test_every_code_has_one_guide() -> None:
    """Each code that a plan, a change or a strict check is told with has one section; the file holds sections alone."""
    text = GUIDES_FILE.read_text(encoding="utf-8")
    heading, _, _sections = text.partition("\n## ")

    assert sorted([*WARNING_CODES, *set(FINDINGS) - set(WARNING_CODES), "waiver-unused"]) == sorted(guides())
    sections = (
        "\n\n".join((f"## `{code}`", *guide.means, f"Example: {guide.example}", f"What to do: {guide.remedy}\n"))
        for code, guide in guides().items()
    )
    assert text == f"{heading}\n" + "\n".join(sections)


@pytest.mark.parametrize("code", guides())
def test_a_code_is_explained_without_a_plan(code: str, t2v_cap: Program) -> None:
    """A code says what it means, an example and what to do, and its name is no other's."""
    guide = guides()[code]
    said, data = t2v_cap("explain", code).out, t2v_cap("explain", code, "--format", "json").json["warning"]

    assert code.replace("-", "_") not in {*FIGURES, *CHOICES}
    assert re.match(r"Severity: (warning|info)", guide.means[0])
    assert guide.example
    assert guide.remedy
    assert said.startswith(f"{code}\nSeverity: ")
    assert "\nExample: " in said
    assert "\nWhat to do: " in said
    assert not re.search(r"\]\(|^\|", said, re.MULTILINE)
    assert (data["code"], data["example"], data["told"]) == (code, guide.example, [])


def test_a_code_of_a_plan_comes_with_what_the_plan_says(t2v_cap: Program) -> None:
    """Asked of a plan, a code is explained below the plan's own warnings of that code."""
    plan = t2v_cap("estimate", "scenarios/lesson.yaml", "--format", "json").json
    (message,) = (one["message"] for one in plan["warnings"] if one["code"] == "beyond-reference")

    assert f"warning beyond-reference: {message}" in t2v_cap("explain", "scenarios/lesson.yaml", "beyond_reference").out
    warned = t2v_cap("explain", "scenarios/lesson.yaml", "beyond-reference", "--format", "json").json["warning"]["told"]
    assert warned == [f"warning beyond-reference: {message}"]


# What people write after a number, in bytes, joules, kilograms, USD and days.
WRITTEN = {
    "": 1.0,
    "K": 1e3,
    " days": 1.0,
    " MB": 1e6,
    " PB": 1e15,
    " Wh": 3_600.0,
    " GWh": 3.6e12,
    " Gbit/s / 8": 1e9 / 8,
    " USD/million requests": 1e-6,
    " USD/GB": 1e-9,
    " USD/GB-month": 1e-9,
    " g/kWh": 1e-3 / 3.6e6,
}


@pytest.mark.parametrize(
    "name",
    [
        "request_cost_per_month",
        "storage_cost_per_month",
        "egress_cost_per_month",
        "carbon_per_video",
        "carbon_per_month",
    ],
)
def test_a_formula_in_numbers_gives_its_figure(name: str, t2v_cap: Program) -> None:
    """The printed numbers, each with its unit as people write it, multiply to the figure.

    980,000 clips a day for 30 days at 5 USD per million are 147 USD.
    """
    figure = t2v_cap("explain", "scenarios/million-clips.yaml", name, "--format", "json").json["figure"]
    factors = [re.fullmatch(r"([\d.]+)(.*)", factor) for factor in figure["formula"]["numbers"].split(" x ")]

    assert math.prod(float(factor[1]) * WRITTEN[factor[2]] for factor in factors if factor) == pytest.approx(
        figure["value"], rel=1e-4
    )
    if name == "request_cost_per_month":
        assert figure["formula"]["numbers"] == "980K x 30 days x 5 USD/million requests"
        assert figure["value"] == pytest.approx(0.98 * 30 * 5)


def test_a_formula_of_a_mix_is_the_mean_of_its_parts(t2v_cap: Program) -> None:
    """JSON has the parts' numbers, as the text has: five products by their shares sell for 0.9075 USD per clip."""
    figure = t2v_cap("explain", "scenarios/price-list.yaml", "revenue_per_video", "--format", "json").json["figure"]
    shares = [
        re.fullmatch(r"([\d.]+)% x ([\d.]+) USD/video", part) for part in figure["formula"]["numbers"].split(" + ")
    ]

    assert sum(float(part[1]) / 100 * float(part[2]) for part in shares if part) == pytest.approx(0.9075, rel=1e-3)
    assert figure["value"] == pytest.approx(0.9075)
