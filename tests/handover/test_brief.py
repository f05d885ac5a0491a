"""The markdown of a plan: what is in it, that its numbers are the plan's, and that nobody's text becomes markup."""

import io
import re
import shlex
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from places import MISTAKES, SHIPPED
from shared import Program, plan_of, some, write
from t2v_capacity.answers.estimate import estimate_answer
from t2v_capacity.answers.explain import explain_answer
from t2v_capacity.handover.brief import brief
from t2v_capacity.plan.estimate import Estimate, with_bands
from t2v_capacity.questions.estimate import PlanRecord
from t2v_capacity.questions.explain import Explained, explain

HOSTILE = "</script><img src=x onerror=alert(1)> [a](javascript:alert(2)) <javascript:alert(3)> @octocat www.evil.example ```\n# b\n|x|"


def banded(path: str | Path, *sets: str) -> Estimate:
    """Return a plan with its bands."""
    return with_bands(plan_of(path, sets), 200, 0)


@pytest.mark.parametrize("path", some(SHIPPED, 3), ids=lambda path: path.stem)
def test_a_brief_is_the_first_screen_and_three_explanations(path: Path) -> None:
    """It has what `estimate --format markdown` has, GPUs, cost and storage as `explain` has them two levels down, and the command."""
    plan = banded(path)
    text = brief(plan)
    screen = estimate_answer(PlanRecord(plan)).markdown()

    assert text.startswith(f"## Capacity plan: {screen.removeprefix('## ')}\n")
    for name in ("gpus", "cost_per_month", "storage_per_day"):
        found = explain(plan, name, 2)
        assert isinstance(found, Explained)
        assert f"\n{explain_answer(plan, found).markdown()}\n" in text
    assert re.search(r"\n```sh\nt2v-cap export \S+ plan\.md.*\n```\n$", text)


@pytest.mark.usefixtures("folder")
def test_a_text_of_a_scenario_stays_text() -> None:
    """Names, sources and paths become no markup, and close no fence."""
    quoted = HOSTILE.replace("\n", "\\n")
    path = write(
        f'name: "{quoted}"\ndescription: "{quoted}"\ndau: {{value: 1M, source: "{quoted}"}}\n'
        f'pins: {{gpus: {{value: 100, source: "{quoted}"}}}}\n'
    )
    Path(path).rename("```<b>@x.yaml")
    parsed = MarkdownIt("commonmark").enable("table").parse(brief(banded("```<b>@x.yaml", "steps=20")))
    inline = [token for block in parsed for token in block.children or []]

    assert [token.content for token in inline if token.type == "html_inline"] == ["<sub>", "</sub>"]
    assert not [block for block in parsed if block.type == "html_block"]
    assert not [token for token in inline if token.type in ("image", "link_open")]
    assert [block.markup for block in parsed if block.type == "heading_open"] == ["##"]
    assert [block.info for block in parsed if block.type == "fence"] == ["text", "text", "text", "sh"]


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
