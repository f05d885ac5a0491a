"""A pull request played through in a real git repository: a revision's base, the comment, the gate, the exit code."""

import json
import re
from pathlib import Path

import pytest

import t2v_capacity as t2v
from shared import Program, branched, commit, git, plan_of, write
from t2v_capacity.answers.diff import diff_answer
from t2v_capacity.forms.data import TOOL
from t2v_capacity.questions.change.diff import side
from t2v_capacity.questions.change.judge import GateOptions, Judged, judge_change
from texts import Recorded

pytestmark = pytest.mark.wide

BASE = "traffic:\n  peak_to_average: 1.5\ncatalogue: prices/own.yaml\n"
SERVICE = "name: Clips\nextends: ../base.yaml\ndau: 1M\ngates:\n  fail_on: [gpus > +10% and > +50]\n"
OWN = (
    "sources:\n  own:\n    title: measured\n    published: 2026-10-01\n"
    "precisions:\n  int6: {label: 6 bits, source: own, bytes_per_parameter: 0.75}\n"
)
LINE = ("main:scenarios/clips.yaml", "scenarios/clips.yaml")
LIMIT = 65_536
_HOSTILE = "</details> --> <img src=x> @team #1 | `x` **b** [l](http://e.x) ~~s~~ $y$ www.e.x \x1b[31m"


@pytest.fixture(autouse=True)
def repository(folder: Path) -> Path:
    """Run in a repository whose files have changed since `main`.

    There a service extends a base with a catalogue.
    """
    branched({"base.yaml": BASE, "prices/own.yaml": OWN, "scenarios/clips.yaml": SERVICE})
    write(BASE.replace("1.5", "1.8"), "base.yaml")
    write(OWN.replace("0.75", "0.8"), "prices/own.yaml")
    return folder


def comment(found: Judged, *figures: str, everything: bool = False) -> str:
    """Return the markdown of a diff that was asked why figures changed."""
    return diff_answer(found, {figure: found.why(figure) for figure in figures}).markdown(everything=everything)


def test_a_pull_request(t2v_cap: Program, recorded: Recorded) -> None:
    """A change of a file that the scenario extends fails the scenario's gate with 3.

    The comment says so, what moved it and what changed. Two equal plans are a line.
    """
    out, err = t2v_cap("diff", *LINE, "--format", "markdown", code=3)
    recorded(out)
    recorded(err)
    git("checkout", "-q", "-f", "feature")
    recorded(t2v_cap("diff", *LINE, "--format", "markdown", "--exit-code").out)


def test_the_base_is_that_of_the_revision(t2v_cap: Program) -> None:
    """A revision's scenario is read with that revision's `extends` and catalogue, whatever stands on the disk."""
    document = t2v_cap("diff", *LINE, "--set", "precision=int6", "--format", "json", code=3).json
    main = git("rev-parse", "main")
    assert document["base"] == {"name": "Clips", "file": "scenarios/clips.yaml", "revision": main, "tool": TOOL}
    assert document["head"] == {"name": "Clips", "file": "scenarios/clips.yaml", "revision": None, "tool": TOOL}
    for name, base, head in (("peak_to_average", 1.5, 1.8), ("bytes_per_parameter", 0.75, 0.8)):
        assert document["assumptions"][name] == {"base": base, "head": head, "base_range": None, "head_range": None}
    for name in ("base.yaml", "prices/own.yaml"):
        Path(name).unlink()
    assert (
        t2v_cap("diff", "main:scenarios/clips.yaml", "HEAD:scenarios/clips.yaml", "--format", "json").json["figures"]
        == {}
    )


def test_a_wrong_revision_ends_with_2(t2v_cap: Program, recorded: Recorded) -> None:
    """A revision or a path in it that is not there ends with 2 and the likely fix, and nothing is printed."""
    for path in (
        "mian:scenarios/clips.yaml",
        "--all:scenarios/clips.yaml",
        "main:scenarios/clip.yaml",
        "main:scenarios",
        "main:/etc/passwd",
    ):
        out, err = t2v_cap("diff", "--format", "json", "--", path, "scenarios/clips.yaml", code=2)
        assert out == ""
        recorded(err)


def test_without_git_or_a_repository(
    t2v_cap: Program, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, recorded: Recorded
) -> None:
    """A revision where there is no repository, or no git, ends with 2 and says which of them is missing."""
    monkeypatch.chdir(tmp_path_factory.mktemp("bare"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(Path.cwd().parent))
    recorded(t2v_cap("diff", "main:a.yaml", "main:a.yaml", code=2).err)
    monkeypatch.setenv("PATH", "")
    recorded(t2v_cap("diff", "main:a.yaml", "main:a.yaml", code=2).err)


def test_a_path_below_the_working_folder(t2v_cap: Program, monkeypatch: pytest.MonkeyPatch, recorded: Recorded) -> None:
    """As in git, a path starts at the top of the repository and `./` in the working folder; a mix-up is told."""
    monkeypatch.chdir("scenarios")
    assert "Clips" in t2v_cap("diff", "main:./clips.yaml", "clips.yaml", code=3).out
    assert "Clips" in t2v_cap("diff", "main:scenarios/clips.yaml", "clips.yaml", code=3).out
    recorded(t2v_cap("diff", "main:clips.yaml", "clips.yaml", code=2).err)


def test_no_file_stands_for_a_revision(t2v_cap: Program) -> None:
    """A revision is a revision, whatever files are there: a branch, a hash or a short one.

    A name that is none may be a file.
    """
    main = git("rev-parse", "main")
    for revision in ("main", main, main[:8]):
        write("name: Odd\ndau: 900M\n", f"{revision}:scenarios/clips.yaml")
        document = t2v_cap(
            "diff", f"{revision}:scenarios/clips.yaml", "scenarios/clips.yaml", "--format", "json", code=3
        ).json
        assert (document["base"]["name"], document["base"]["revision"]) == ("Clips", main)
    write("name: Odd\ndau: 1M\n", "nobody:odd.yaml")
    document = t2v_cap("diff", "nobody:odd.yaml", "nobody:odd.yaml", "--format", "json").json
    assert (document["base"]["name"], document["base"]["revision"]) == ("Odd", None)
    commit({"scenarios/wrong.yaml": "duu: 1M\n"})
    assert (
        " --> feature:scenarios/wrong.yaml:1:1\n"
        in t2v_cap("diff", "feature:scenarios/wrong.yaml", "scenarios/clips.yaml", code=2).err
    )


def test_a_point_that_became_a_range_is_a_difference(t2v_cap: Program) -> None:
    """A range around the same point, and another range, are changes that are shown with their ends."""
    write("dau: 2M\n", "a.yaml")
    write("dau: {low: 1.9M, mid: 2M, high: 900M}\n", "b.yaml")
    document = t2v_cap("diff", "a.yaml", "b.yaml", "--format", "json").json
    assert document["assumptions"] == {
        "dau": {"base": 2e6, "head": 2e6, "base_range": None, "head_range": [1.9e6, 9e8]}
    }
    assert "2M, 1.9M to 900M" in t2v_cap("diff", "a.yaml", "b.yaml", "--exit-code", code=3).out


def test_flags_of_one_plan_make_the_plan_after(t2v_cap: Program) -> None:
    """With one plan, flags are the head's; with two, they are laid on both, of a revision too."""
    assert (
        "Nothing changed."
        in t2v_cap("diff", *LINE, "--set", "peak_to_average=2", "--pin", "gpu_seconds_per_video=90 s").out
    )
    alone = t2v_cap(
        "diff", "scenarios/clips.yaml", "--dau", "2M", "--pin", "video_size=1 MB", "--format", "json", code=3
    ).json
    assert alone["assumptions"]["dau"]["head"] == 2e6
    assert alone["figures"]["video_size"]["head"] == 1e6
    assert (
        "scenarios/clips.yaml -> scenarios/clips.yaml --dau 2M"
        in t2v_cap("diff", "scenarios/clips.yaml", "--dau", "2M", code=3).out
    )
    both = t2v_cap("diff", "base.yaml", "scenarios/clips.yaml", "--dau", "2M", "--format", "json").json
    assert "dau" not in both["assumptions"]


def test_a_file_of_gates_is_that_of_the_revision(t2v_cap: Program) -> None:
    """A file of gates is read as it was with the base, from Python too, so that a request can't loosen it."""
    plan = "name: Clips\ndau: 1M\n"
    commit({"gates.yaml": "fail_on: [gpus > +10%]\n", "a.yaml": plan}, base=True)
    write("fail_on: [gpus > +900%]\n", "gates.yaml")
    write(plan.replace("1M", "2M"), "a.yaml")
    t2v_cap("diff", "main:a.yaml", "a.yaml", "--gates", "gates.yaml", code=3)
    assert t2v.diff("main:a.yaml", "a.yaml", gates="gates.yaml").code == 3


def test_a_comment_shows_hostile_texts_as_they_are() -> None:
    """A name with markup, a mention or an escape sequence adds no markup and ends no comment."""
    name, file = json.dumps(_HOSTILE), Path("x --> <b>.yaml")
    write(f"name: {name}\ndau: 2M\ngates:\n  fail_on: {{{name}: gpus > +1}}\n", file)
    found = judge_change(side(plan_of("scenarios/clips.yaml")), side(plan_of(file)), GateOptions(gates_from="head"))
    title, mark, rest = re.split(" (?=<!--)|(?<=-->)\n", comment(found, "gpus"), maxsplit=2)
    text = title + rest
    assert mark == "<!-- t2v-cap diff: x --&gt; <b&gt;.yaml -->"
    assert re.findall(r"<(?!/?details>|/?summary>|/?sub>)", text) == []
    assert "\x1b" not in text
    assert not re.search(r"@\w|#\d|://|www\.|(?<!\\)\]\(|(?<!\\)\*\*b|(?<!\\)~~", text)
    rows = [line for line in rest.splitlines() if line.startswith("| ❌")]
    assert [len(re.findall(r"(?<!\\)\|", row)) for row in rows] == [8]


@pytest.mark.slow
def test_a_comment_is_below_the_limit_whatever_the_scenario() -> None:
    """With hundreds of long gates a comment stays below GitHub's 65,536 characters.

    It says what is cut, and keeps its form.
    """
    long = json.dumps("é|<" * 100)
    gates = "".join(f'  "{n} {long[1:]}: gpus > +{n + 1}\n' for n in range(300))
    write(f"fail_on:\n{gates}", "gates.yaml")
    flags = (["dau=1M"], ["dau=20M", "gpu=b200-hgx", "model=wan2.2-t2v-a14b"])
    base, head = (side(plan_of("scenarios/clips.yaml", more)) for more in flags)
    own = [f"gpus > +{n + 1}" for n in range(500)]
    found = judge_change(base, head, GateOptions(own, file="gates.yaml", gates_from="head"))
    text = comment(found, *found.difference.figures, everything=True)
    assert len(text.encode()) < LIMIT
    assert "Cut to the size" in text
    assert text.count("<details>") == text.count("</details>")
    assert " <!-- t2v-cap diff: " in text.splitlines()[0]
    assert "; 801 gates fail" in text


def test_what_matters_and_the_rest() -> None:
    """Every form shows figures that changed by 0.01 % or more, alike ones in a line; else `--all` shows the rest."""
    base, head = (side(plan_of("scenarios/clips.yaml", [f"dau={users}"])) for users in (1_000_000, 1_000_500))
    held = judge_change(base, head, GateOptions())
    brief, full = comment(held), comment(held, everything=True)
    # Users are 0.05% more, and so are their clips.
    assert "figures by +0.05%: requests\\_per\\_day, trps, " in brief
    alike = sum(map(int, re.findall(r"^(\d+) figures by \S+: ", brief, re.MULTILINE)))
    left = sum(f"| `{name}` |" not in brief for name in held.difference.figures) - alike
    assert left > 20
    assert f"\n{left} smaller changes: --all\n" in brief
    assert [name for name in held.difference.figures if f"`{name}`" not in full] == []
    assert "| `trps` | 23.1 | 23.2 | +0.05% |" in full
