"""What a request changed, each line once: a line of a base that sixty scenarios extend is one cause, in every form."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from shared import Program, branched, commit, git
from texts import Recorded

pytestmark = [pytest.mark.wide, pytest.mark.usefixtures("folder")]

MANY, FEW = 60, 9
BASE = """abstract: true
model: wan2.2-ti2v-5b
gpu: h100-sxm
steps: 40
budgets: {latency: latency_p95 <= 60 min}
gates:
  fail_on:
    growth: gpus > +10% and > +50
  warn_on: [cost_per_month > +5%]
"""
LOOSE = BASE.partition("gates:")[0]
SERVICE = "name: Service {n}\nextends: {base}\ndau: {dau}K\n"


def services(base: str, many: int = FEW) -> dict[str, str | None]:
    """Return a base and scenarios that extend it, a third of them from a folder below."""
    files: dict[str, str | None] = {"s/base.yaml": base}
    for n in range(many):
        name, path = (f"s/more/n{n:02}.yaml", "../base.yaml") if n % 3 == 2 else (f"s/n{n:02}.yaml", "base.yaml")
        files[name] = SERVICE.format(n=n, base=path, dau=100 + 10 * n)
    return files


def _asked(t2v_cap: Program, form: str, code: int) -> tuple[str, str]:
    return t2v_cap("diff", "--against", "main", "s", "--format", form, code=code)


@pytest.mark.slow
def test_a_line_of_a_base_is_one_cause(t2v_cap: Program, recorded: Recorded) -> None:
    """Sixty scenarios that fail by one line of their base are one line, with each gate once.

    The comment has at most sixty lines, and standard error thirty.
    """
    branched(services(BASE, MANY))
    commit({"s/base.yaml": BASE.replace("steps: 40", "steps: 80")})
    comment, err = _asked(t2v_cap, "markdown", 3)
    assert comment.count("`steps` 40 -&gt; 80, s/base.yaml:4: 60 scenarios, GPUs +") == 1
    assert ", 60 gates fail |" in comment
    assert len(comment.splitlines()) <= 60
    assert len(err.splitlines()) <= 30
    assert err.count(": failed: growth") == 1
    assert [n for n in range(MANY) if f"n{n:02}.yaml" not in comment] == []
    recorded(_asked(t2v_cap, "table", 3)[0])
    every = t2v_cap("diff", "--against", "main", "s", "--all", code=3).out
    assert len([line for line in every.splitlines() if ".yaml " in line]) == MANY


def test_a_cause_is_data(t2v_cap: Program) -> None:
    """JSON has each cause with its values, its file and line, its scenarios, and its own least and greatest change."""
    branched(services(LOOSE))
    grown = SERVICE.format(n=0, base="base.yaml", dau=300)
    commit({"s/base.yaml": LOOSE.replace("steps: 40", "steps: 80"), "s/n00.yaml": grown})
    steps, dau = json.loads(_asked(t2v_cap, "json", 0)[0])["causes"]
    assert [steps[key] for key in ("kind", "name", "base", "head", "file", "line")] == [
        "input",
        "steps",
        40,
        80,
        "s/base.yaml",
        4,
    ]
    assert len(steps["scenarios"]) == FEW
    # That is its own change, though one scenario grew sixfold.
    assert 0.7 < steps["figures"]["gpus"]["low"] <= steps["figures"]["gpus"]["high"] < 2.2
    assert (dau["name"], dau["file"], dau["line"], dau["scenarios"]) == ("dau", "s/n00.yaml", 3, ["s/n00.yaml"])
    assert dau["figures"]["gpus"]["low"] == dau["figures"]["gpus"]["high"] > steps["figures"]["gpus"]["high"]


def test_rules_and_mistakes_of_a_base_are_said_once(t2v_cap: Program, recorded: Recorded) -> None:
    """A gate taken from a base, and a mistake in it, are each one line of the report and few of standard error."""
    branched(services(BASE))
    commit({"s/base.yaml": BASE.replace("  warn_on: [cost_per_month > +5%]\n", "")})
    comment, err = _asked(t2v_cap, "markdown", 3)
    cause = "warn\\_on cost\\_per\\_month &gt; +5% -&gt; none (main:s/base.yaml:9:13): 9 scenarios, 9 rules changed |"
    assert f"| ❌ fail | gate `cost_per_month`: {cause}\n" in comment
    recorded(err)
    commit({"s/base.yaml": f"{BASE}duu: 5\n"})
    github, _err = _asked(t2v_cap, "github", 2)
    assert github.startswith("::error file=s/base.yaml,line=10,col=1,title=can't be read (9 scenarios)::")
    assert github.count("\n") == 1


def test_a_change_below_what_is_shown_has_no_row(t2v_cap: Program) -> None:
    """A change of a part in a hundred million is named as a cause, with the digits that differ.

    It moves no row of figures.
    """
    branched({"s/a.yaml": "dau: 100M\nmodel: wan2.2-ti2v-5b\n"})
    commit({"s/a.yaml": "dau: 100000001\nmodel: wan2.2-ti2v-5b\n"})
    out = t2v_cap("diff", "--against", "main", "s").out
    assert "`dau` 100M -> 100.000001M, s/a.yaml:1: s/a.yaml\n" in out
    assert "%" not in out


def test_annotations(t2v_cap: Program, recorded: Recorded) -> None:
    """Each gate, budget, mistake and finding is one command at its file and line.

    No text in it ends it or begins another.
    """
    odd = "a%0A::error::b, c: d"
    gates = f"gates: {{fail_on: {{'{odd}': gpus > +5%}}, warn_on: [trps > +5%]}}\n"
    text = f"dau: 1M\nmodel: wan2.2-ti2v-5b\nbudgets: [gpus <= 8]\n{gates}"
    branched({"s/a.yaml": text})
    commit({"s/a.yaml": text.replace("1M", "2M"), "s/b.yaml": "duu: 1\n"})
    lines = _asked(t2v_cap, "github", 2)[0].splitlines()
    recorded(lines)
    pair = t2v_cap("diff", "main:s/a.yaml", "s/a.yaml", "--format", "github", code=3).out
    assert pair.splitlines() == lines[1:]


def test_no_name_is_a_command(t2v_cap: Program) -> None:
    """A scenario or a gate named as a workflow command begins no line of a comment, and no annotation but its own."""
    text = "name: Odd\nmodel: wan2.2-ti2v-5b\ndau: 1M\ngates: {fail_on: {'::error::forged': gpus > 1}}\n"
    branched({"::warning::a.yaml": text, "##[group]b.yaml": text})
    commit(
        {
            "::warning::a.yaml": text.replace("1M", "2M"),
            "##[group]b.yaml": text.replace("Odd", "Even"),
            "::debug::c.yaml": text,
        }
    )
    for form in ("markdown", "table"):
        out = t2v_cap("diff", "--against", "main", ".", "--format", form, code=3).out
        assert not re.search(r"^\s*(::|##\[)", out, re.MULTILINE)
    lines = t2v_cap("diff", "--against", "main", ".", "--format", "github", code=3).out.splitlines()
    assert all(re.match("::error file=[^:,]*,line=4,col=[0-9]+,title=[^:,]*::failed: ", line) for line in lines)
    assert len(lines) == 3


def test_the_step_has_a_summary(t2v_cap: Program, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """With `--format github` the markdown is appended to the step's summary.

    A summary that can't be written is an error in words.
    """
    branched(services(LOOSE))
    summary = folder / "summary.md"
    summary.write_text("before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    comment, _err = _asked(t2v_cap, "markdown", 0)
    assert summary.read_text(encoding="utf-8") == "before\n"
    assert _asked(t2v_cap, "github", 0)[0] == ""
    assert summary.read_text(encoding="utf-8") == f"before\n{comment}"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder / "none" / "summary.md"))
    assert "GITHUB_STEP_SUMMARY can't be written: there is no directory" in _asked(t2v_cap, "github", 2)[1]


def test_junit_tells_what_fails(t2v_cap: Program, recorded: Recorded) -> None:
    """Each suite counts its cases; a failure tells rule, value, limit, place and cause, in one line and in several."""
    base = BASE.replace("60 min", "2 min")
    branched(services(base, 2))
    commit({"s/base.yaml": base.replace("steps: 40", "steps: 80"), "s/n01.yaml": "duu: 1\n"})
    recorded(_asked(t2v_cap, "junit", 2)[0])


def test_a_base_that_is_missing_is_said_in_the_comment(t2v_cap: Program, recorded: Recorded) -> None:
    """A revision that is not there says what fetches it, a name as a hash.

    The comment, XML and annotations are written and say so.
    """
    branched({"s/a.yaml": "dau: 1M\n"})
    git("remote", "add", "origin", "https://example.com/none")
    for revision in ("origin/release", "0123456789abcdef"):
        recorded(t2v_cap("diff", "--against", revision, "s", code=2).err)
    line = ("diff", "--against", "origin/release", "s", "--format")
    t2v_cap(*line, "markdown", "--output", "comment.md", code=2)
    recorded(Path("comment.md").read_text(encoding="utf-8"))
    assert ET.fromstring(t2v_cap(*line, "junit", code=2).out).get("errors") == "1"  # noqa: S314 - ours
    assert t2v_cap(*line, "github", code=2).out.startswith("::error title=")
    document = t2v_cap(*line, "json", code=2).json
    assert (document["code"], len(document["mistakes"]), document["scenarios"]) == (2, 1, [])
    assert [t2v_cap(*line, form, code=2).out for form in ("table", "csv")] == ["", ""]
