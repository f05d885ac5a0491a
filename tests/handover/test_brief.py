"""The markdown of a plan: what is in it, that its numbers are the plan's, and that nobody's text becomes markup."""

import io
import re
import shlex
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from places import MISTAKES
from shared import Program, plan_of, write
from t2v_capacity.handover.brief import brief
from t2v_capacity.plan.estimate import with_bands

HOSTILE = (
    "</script><img src=x onerror=alert(1)> [a](javascript:alert(2)) <javascript:alert(3)> "
    "@octocat www.evil.example ```\n# b\n|x|"
)


@pytest.mark.usefixtures("folder")
def test_a_text_of_a_scenario_stays_text() -> None:
    """Names, sources and paths become no markup, and close no fence."""
    quoted = HOSTILE.replace("\n", "\\n")
    path = write(
        f'name: "{quoted}"\ndescription: "{quoted}"\ndau: {{value: 1M, source: "{quoted}"}}\n'
        f'pins: {{gpus: {{value: 100, source: "{quoted}"}}}}\n'
    )
    Path(path).rename("```<b>@x.yaml")
    parsed = (
        MarkdownIt("commonmark")
        .enable("table")
        .parse(brief(with_bands(plan_of("```<b>@x.yaml", ["steps=20"]), 200, 0)))
    )
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
        "my.yaml --dau 2M --gpu=b200-hgx --growth-per-month=-1% --resolution 720p --views-per-video 7",
        "my.yaml --set 'fps=24' --pin 'gpu_seconds_per_video=100 s to 200 s' --samples 300 --seed 7 --as-of 2026-11-30",
        "my.yaml --patch 1,2,2 --dau null --catalogue chips.yaml --gpu our-chip --pin trps=null --pin gpus=5",
        (
            "dated.yaml --as-of 2027-01-01 --set mix.hd.steps=12 --set stages.refine.decoded=true "
            "--pin mix.hd.video_size=2MB"
        ),
        "- --attention-kernel fa3",
        " --model wan2.2-t2v-a14b --dau 1M",
    ],
)
def test_the_command_makes_the_brief_again(arguments: str, monkeypatch: pytest.MonkeyPatch, t2v_cap: Program) -> None:
    """The command at the end of a brief writes the same brief, whatever flags it was made with."""
    content = "dau: {value: 1M, source: counted}\nmodel: wan2.1-t2v-14b\n"
    write(content)
    write((MISTAKES / "parts" / "tpu.yaml").read_text(encoding="utf-8"), "chips.yaml")
    own = (
        "catalogue: chips.yaml\nas_of: 2026-10-01\nstages: {base: {steps: 8, decoded: true}, refine: {steps: 3}}\n"
        "mix: {hd: {share: 20%}, sd: {}}\n"
    )
    write(f"{content}{own}", "dated.yaml")

    def make(words: list[str]) -> str:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
        t2v_cap(*words)
        return Path("docs/plan.md").read_text(encoding="utf-8")

    Path("docs").mkdir()
    first = make(["export", *shlex.split(re.sub(r"^(\S*)", r"\1 docs/plan.md", arguments))])
    (command,) = re.findall(r"^```sh\n(.*)\n```$", first, re.MULTILINE)
    Path("docs/plan.md").unlink()

    assert make(shlex.split(command)[1:]) == first
