"""The markdown of a plan: what is in it, that its numbers are the plan's, and that nobody's text becomes markup."""

import io
import re
import shlex
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from places import MISTAKES, SHIPPED, shipped
from shared import Program, plan_of, some, write
from t2v_capacity.answers.estimate_screen import screen
from t2v_capacity.answers.explain import explanation_lines
from t2v_capacity.forms.text import linked
from t2v_capacity.forms.values import show_headline
from t2v_capacity.handover.brief import brief
from t2v_capacity.plan.estimate import Estimate, with_bands
from t2v_capacity.questions.estimate import PlanRecord
from t2v_capacity.questions.explain import Explained, explain

HEADINGS = [
    "The answer",
    "The assumptions that decide",
    "The formulas, with numbers",
    "Sources",
    "What is left out",
    "The command that makes this again",
]
HOSTILE = "</script><img src=x onerror=alert(1)> [a](javascript:alert(2)) <javascript:alert(3)> @octocat www.evil.example ```\n# b\n|x|"


def banded(path: str | Path, *sets: str, pins: tuple[str, ...] = (), samples: int = 200) -> Estimate:
    """Return a plan with its bands."""
    return with_bands(plan_of(path, sets, pins), samples, 0)


def section(text: str, heading: str) -> str:
    """Return what stands under a heading."""
    return text.split(f"\n### {heading}\n")[1].split("\n### ", maxsplit=1)[0]


def cells(text: str) -> list[list[str]]:
    """Return the rows of a section's tables as texts, markdown's escapes undone."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[plain(cell).strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def plain(text: str) -> str:
    """Return markdown's text without its escapes."""
    return re.sub(r"\\(.)", r"\1", text)


@pytest.mark.parametrize("path", some(SHIPPED, 3), ids=lambda path: path.stem)
def test_a_brief_has_its_sections_and_the_first_screen(path: Path) -> None:
    """Every shipped scenario has all sections in order, each once, and the answer is the plan's first screen."""
    plan = banded(path)
    text = brief(plan)
    answer = section(text, "The answer")

    assert text.startswith(f"## Capacity plan: {linked(plan.scenario.name)}\n")
    assert re.findall(r"^### (.*)$", text, re.MULTILINE) == HEADINGS
    rows = {row[0].strip(): row[1] for row in cells(answer)}
    assert all(rows[name] == show_headline(name, plan.figures) for name in ("gpus", "cost_per_month", "storage_per_day"))
    assert all(linked(line) in answer for line in screen(PlanRecord(plan), None, aligned=False).lead)
    assert len(text.split()) < 2_900 + 50 * len(plan.parts)
    assert text.endswith("</sub>\n")
    assert "\n\n\n" not in text


@pytest.mark.parametrize("path", some(SHIPPED, 3), ids=lambda path: path.stem)
def test_formulas_are_those_of_explain(path: Path) -> None:
    """GPUs, cost and storage are explained two levels down, in names and in numbers, each in a block of its own."""
    plan = banded(path)
    text = section(brief(plan), "The formulas, with numbers")

    for name in ("gpus", "cost_per_month", "storage_per_day"):
        found = explain(plan, name, 2)
        assert isinstance(found, Explained)
        assert "\n".join(("```text", *explanation_lines(plan, found.shown), "```")) in text


def test_what_was_set_by_hand_and_the_defaults_that_decide() -> None:
    """What a hand wrote comes with its range, line and source; defaults come with another value and what it makes of GPUs and bill."""
    plan = banded(shipped("wan2.2-h100"))
    text = brief(plan)
    part = section(text, "The assumptions that decide")
    by_hand, deciding = ({row[at]: row for row in cells(one)[2:]} for at, one in zip((1, 0), part.split("Left at a default"), strict=True))
    sources = re.findall(r"^(\d+)\. (.*) \(", section(text, "Sources"), re.MULTILINE)

    assert by_hand["videos_per_user_per_day"][2:] == ["2 requests/user/day, from 1 to 4", "line 11 [2]"]
    assert by_hand.keys() == {name for name, setting in plan.scenario.settings.items() if setting.origin.by_hand}
    for name, row in by_hand.items():
        (number,) = re.findall(r"\[(\d+)\]$", row[3])
        assert sources[int(number) - 1] == (number, linked(plan.scenario.settings[name].source))
    assert deciding["max_utilization"] == ["max_utilization", "90%", "80%", "+12%", "+12%"]
    assert {one.name for one in PlanRecord(plan).drivers} == deciding.keys()
    assert "attention\\_kernel fa3 (line 15)" in part
    assert "lines are those of " in part
    assert re.search(r"Implied or by default: .*precision bf16", part)


@pytest.mark.parametrize("path", some(SHIPPED, 3), ids=lambda path: path.stem)
def test_each_source_stands_once(path: Path) -> None:
    """Sources are numbered from 1 without a gap, and none of them stands twice."""
    found = re.findall(r"^(\d+)\. (.*) \([a-z0-9\\_., ]+(?: and \d+ more)?\)$", section(brief(banded(path)), "Sources"), re.MULTILINE)

    assert [int(number) for number, _text in found] == list(range(1, len(found) + 1))
    assert len({text for _number, text in found}) == len(found) > 0


def test_what_is_left_out() -> None:
    """The rule of thumb is not for buying."""
    assert "The rule of thumb, 3302 GPUs, is not for buying" in section(brief(banded(shipped("mochi"))), "What is left out")


@pytest.mark.usefixtures("folder")
def test_pins_are_marked_and_not_looked_behind() -> None:
    """A pin is marked in the answer, the table and the formulas, with its place and source; what stood behind it is gone."""
    path = write(
        "pins:\n  gpu_seconds_per_video: {value: 100 s to 200 s, source: our runs}\n  cost_per_month: 1.5M USD/month\n"
        "  video_size: {value: 2 MB, source: our encoder}\n"
    )
    plan = banded(path)
    text = brief(plan)
    formulas = section(text, "The formulas, with numbers")
    rows = {row[1]: row for row in cells(text)}

    assert rows["gpu_seconds_per_video"][2] == "141 s, pinned, from 100 s to 200 s"
    assert "\ncost_per_month = 1.5M USD/month" in formulas
    assert not any(name in formulas for name in ("gpu_cost_per_month", "denoising_seconds", "stage of a clip", "bitrate"))
    assert ". our runs (gpu\\_seconds\\_per\\_video)\n" in text
    assert ". our encoder (video\\_size)\n" in text


def test_the_command_repeats_the_draws() -> None:
    """With a range, the command at the end names the draws and their seed."""
    assert "plan.md --samples 300 --seed 0\n" in brief(banded(shipped("wan2.2-h100"), samples=300))
    assert "--samples" not in brief(banded(shipped("mochi")))


@pytest.mark.usefixtures("folder")
def test_a_text_of_a_scenario_stays_text() -> None:
    """Names, descriptions, sources and paths become no markup, no link but one of the web, no mention, and close no fence."""
    quoted = HOSTILE.replace("\n", "\\n")
    path = write(
        f'name: "{quoted}"\ndescription: "{quoted}"\ndau: {{value: 1M, source: "{quoted}"}}\n'
        f'pins: {{gpu_seconds_per_video: {{value: 100 s, source: "{quoted} https://ok.example/a_b?c=d&e=<i>, 2026"}}}}\n'
    )
    Path(path).rename("```<b>@x.yaml")
    text = brief(banded("```<b>@x.yaml", "steps=20"))
    parsed = MarkdownIt("commonmark").enable("table").parse(text)
    inline = [token for block in parsed for token in block.children or []]
    shown = "".join(token.content for token in inline if token.type == "text")

    assert [token.content for token in inline if token.type == "html_inline"] == ["<sub>", "</sub>"]
    assert not [block for block in parsed if block.type == "html_block"]
    assert all(str(token.attrs["href"]).startswith("https://") for token in inline if token.type == "link_open")
    assert "https://ok.example/a_b?c=d&e=" in [token.attrs["href"] for token in inline if token.type == "link_open"]
    assert not [token for token in inline if token.type == "image"]
    assert [block.markup for block in parsed if block.type == "heading_open"] == ["##", *["###"] * len(HEADINGS)]
    assert [block.info for block in parsed if block.type == "fence"] == ["text", "text", "text", "sh"]
    assert shown.count("</script><img src=x onerror=alert(1)> [a](javascript:alert(2)) <javascript:alert(3)>") == 4
    assert not re.search(r"@\w|www\.|(?<!https):/(?=/)", shown)


def test_the_same_scenario_gives_the_same_text() -> None:
    """Two plans of one scenario are written alike, to the byte."""
    path = shipped("wan2.2-h100")
    assert brief(banded(path)) == brief(banded(path))


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "arguments",
    [
        "my.yaml",
        "my.yaml --dau 2M --gpu=b200-hgx --growth-per-month=-1% --resolution 720p",
        "my.yaml --set 'fps=24' --pin 'gpu_seconds_per_video=100 s to 200 s' --samples 300 --seed 7 --as-of 2026-11-30",
        "my.yaml --patch 1,2,2 --dau null --catalogue chips.yaml --gpu our-chip",
        "- --attention-kernel fa3",
    ],
)
def test_the_command_makes_the_brief_again(arguments: str, monkeypatch: pytest.MonkeyPatch, t2v_cap: Program) -> None:
    """The command at the end of a brief writes the same brief, whatever flags it was made with."""
    content = "dau: {value: 1M, source: counted}\nmodel: wan2.1-t2v-14b\n"
    write(content)
    write((MISTAKES / "parts" / "tpu.yaml").read_text(encoding="utf-8"), "chips.yaml")

    def make(words: list[str]) -> str:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
        t2v_cap(*words)
        return Path("plan.md").read_text(encoding="utf-8")

    first = make(["export", *shlex.split(arguments.replace("my.yaml", "my.yaml plan.md").replace("- --", "- plan.md --"))])
    (command,) = re.findall(r"^```sh\n(.*)\n```$", first, re.MULTILINE)
    Path("plan.md").unlink()

    assert make(shlex.split(command)[1:]) == first
