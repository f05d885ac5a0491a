"""docs/ci.md and the GitHub action: their workflows are played through in a git repository.

The play has a base, a head, a comment, a gate and an exit code.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from places import ROOT
from shared import git, some, write

pytestmark = pytest.mark.wide

PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
BASH = shutil.which("bash") or "bash"
BLOCKS = [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)]
ACTION_FILE = ROOT / ".github" / "actions" / "t2v-cap" / "action.yml"
ACTION = yaml.safe_load(ACTION_FILE.read_text(encoding="utf-8"))
BASE = """abstract: true
pins: {gpu_seconds_per_video: 100 s}
budgets: {demand: requests_per_day <= 3M}
gates: {fail_on: ["gpus > +10% and > +50"]}
"""
SCENARIO = "name: Ours\nextends: base.yaml\ndau: {dau}\n"
# Stands in for the forge's client: the comment is a file, and what was done is written down.
FORGE = """#!/usr/bin/env bash
printf '%s\\n' "$*" >> "$FORGE/calls"
if [ -e "$FORGE/down" ]; then exit 22; fi
case "$*" in
  *--request*|*--method\\ P*)
    for word; do case "$word" in body*@*) cp "${word##*@}" "$FORGE/comment" ;; esac; done ;;
  *DELETE*) echo "$*" >> "$FORGE/deleted" ;;
  *approval_state*)
    if [ -e "$FORGE/approved" ]; then
      echo '{"rules": [{"name": "capacity", "approved": true, "approved_by": [{"id": 1}]}]}'
    else
      echo '{"rules": [{"name": "capacity", "approved": true, "approved_by": []},
        {"name": "other", "approved_by": [{"id": 2}]}]}'
    fi ;;
  *--jq*)
    if [ -e "$FORGE/comment" ]; then
      head -n 1 "$FORGE/comment" | grep -q '<!-- t2v-cap -->' && echo repos/us/it/issues/comments/7
    fi ;;
  *)
    if [ -e "$FORGE/comment" ]; then
      echo '[{"id": 6, "body": "hello"}, {"id": 7, "body": "**x** <!-- t2v-cap -->"}]'
    else
      echo '[]'
    fi ;;
esac
"""


def _block(key: str) -> Any:
    """Return the one block of the page that has a key."""
    (found,) = [block for block in BLOCKS if isinstance(block, dict) and key in block]
    return found


@dataclass
class Pull:
    """A repository with a base commit, in which a head is checked out; and a forge that keeps one comment."""

    folder: Path
    base: str = ""
    rules: str = "base"
    paths: str = "scenarios"
    options: str = ""
    said: str = ""

    def run(self, script: str) -> int:
        """Run a script as a job does, and return its exit code."""
        environment = {
            **os.environ,
            "PATH": f"{self.folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "BASE": self.base,
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": self.base,
            "FORGE": str(self.folder),
            "RULES": self.rules,
            "PATHS": self.paths,
            "OPTIONS": self.options,
            "GITHUB_ACTION_PATH": str(ACTION_FILE.parent),
            "GITHUB_PATH": str(self.folder / "path"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "RUNNER_TEMP": str(self.folder / "temporary"),
            "CI_API_V4_URL": "https://forge",
            "CI_MERGE_REQUEST_LABELS": "bug,capacity-approved",  # which an author can set, and which counts for nothing
            "LABELS": "repos/us/it/issues/1/labels",
            "LABEL": "capacity-approved",
            "COMMENTS": "repos/us/it/issues/1/comments",
        }
        (self.folder / "summary").write_text("", encoding="utf-8")  # each step has its own
        done = subprocess.run(
            [BASH, "-e", "-c", script],
            cwd=self.folder / "repo",
            env=environment,
            capture_output=True,
            check=False,
            text=True,
        )
        self.said = done.stdout + done.stderr
        return done.returncode

    def commit(self, files: dict[str, str]) -> None:
        """Commit files."""
        for name, text in files.items():
            write(text, self.folder / "repo" / name)
        assert (
            self.run("git add . && git -c user.name=us -c user.email=us@example.com commit --quiet --message change")
            == 0
        )

    def rebase(self) -> None:
        """Take what is committed for the base."""
        self.base = git("-C", str(self.folder / "repo"), "rev-parse", "HEAD")

    def read(self, name: str) -> str:
        """Return what the jobs left in a file."""
        return (self.folder / name).read_text(encoding="utf-8")


@pytest.fixture
def pull(tmp_path: Path) -> Pull:
    """A repository whose base holds a scenario, one that extends it and one apart; a stand-in for `gh` and `curl`."""
    made = Pull(tmp_path)
    (tmp_path / "repo" / "scenarios").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    for name in ("gh", "curl"):
        write(FORGE, tmp_path / "bin" / name)
        (tmp_path / "bin" / name).chmod(0o755)
    assert made.run("git init --quiet") == 0
    extended = "extends: a.yaml\nname: Extended\n"
    made.commit(
        {"scenarios/base.yaml": BASE, "scenarios/a.yaml": SCENARIO.format(dau="1M"), "scenarios/b.yaml": extended}
    )
    made.rebase()
    return made


# The GitHub workflows of the page: ten lines, with the action, and written out.
TEN, SHORT, LONG = [block for block in BLOCKS if isinstance(block, dict) and "jobs" in block]


def _steps(source: str = "page") -> dict[str, str]:
    """Return the scripts of the GitHub workflow that is written out, or of the action, by the names of their steps."""
    steps = ACTION["runs"]["steps"] if source == "action" else LONG["jobs"]["capacity"]["steps"]
    return {step["name"]: step["run"] for step in steps if "name" in step}


def test_the_page_opens_with_ten_lines_that_work(pull: Pull) -> None:
    """The page's first workflow compares with the base's branch: growth that trips a gate fails, other changes pass."""
    *_first, script = [step["run"] for step in TEN["jobs"]["capacity"]["steps"] if "run" in step]
    assert pull.run("git update-ref refs/remotes/origin/main HEAD") == 0
    assert PAGE.index("```yaml") < PAGE.index("\n## ")
    assert len(re.findall(r"```yaml\n(.*?)\n```", PAGE, re.DOTALL)[0].splitlines()) == 10

    pull.commit({"scenarios/a.yaml": SCENARIO.format(dau="1.01M")})
    assert pull.run(f"export GITHUB_BASE_REF=main; {script}") == 0
    pull.commit({"scenarios/a.yaml": SCENARIO.format(dau="1.4M")})
    assert pull.run(f"export GITHUB_BASE_REF=main; {script}") == 3


@pytest.mark.slow
@pytest.mark.parametrize("source", some(["action", "page"], 2))
def test_github_workflow(source: str, pull: Pull) -> None:
    """A growth that trips a gate fails and is commented on.

    The label lets it through; the next push takes it back and passes.
    """
    pull.commit({"scenarios/a.yaml": SCENARIO.format(dau="1.4M"), "scenarios/c.yaml": "name: New\ndau: 1M\n"})
    steps = _steps(source)
    install = steps.pop("install", "")

    assert bool(install) == (source == "action")
    assert list(steps) == ["diff", "label", "comment"]
    assert pull.run(steps.pop("label")) == 0
    assert pull.read("deleted").strip() == "api --method DELETE repos/us/it/issues/1/labels/capacity-approved"
    assert [pull.run(script) for script in steps.values()] == [3, 0]
    assert pull.run(steps["diff"]) == 3
    assert pull.read("repo/comment.md") == pull.read("summary") == pull.read("comment")
    assert pull.said.startswith(
        "::error file=scenarios/base.yaml,line=4,col=19,title=gpus > +10%25 and > +50 (2 scenarios)::"
    )
    comment = pull.read("comment")
    assert comment.startswith("**Capacity: 2 gates fail; 3 scenarios against ")
    assert re.search(r"\| scenarios/c\.yaml \| .* \| new \|", comment)
    assert "--method POST repos/us/it/issues/1/comments" in pull.read("calls")

    pull.rules = "head"
    pull.commit({"scenarios/base.yaml": BASE.replace("+10%", "+90%")})
    assert [pull.run(script) for script in steps.values()] == [0, 0]
    assert "held to the rules of the head" in pull.read("comment")
    pull.rules = "base"
    assert pull.run(steps["diff"]) == 3

    pull.commit({"scenarios/a.yaml": SCENARIO.format(dau="1.01M"), "scenarios/base.yaml": BASE})
    assert [pull.run(script) for script in steps.values()] == [0, 0]
    assert "nothing fails, 3 scenarios changed" in pull.read("comment")
    assert "--method PATCH repos/us/it/issues/comments/7" in pull.read("calls").splitlines()[-1]


def test_the_action_is_the_page_written_out() -> None:
    """The action comments with the page's own script, and says when it does in the same words.

    It has every value and input that the page has.
    """
    short, long = SHORT["jobs"]["capacity"], LONG["jobs"]["capacity"]
    by_name, on_page = (
        {step.get("name"): step for step in steps} for steps in (ACTION["runs"]["steps"], long["steps"])
    )
    known = {name: value for step in by_name.values() for name, value in step.get("env", {}).items()}

    def written_out(value: str) -> str:
        return value.replace("${{ inputs.label }}", "capacity-approved").replace("inputs.label", "'capacity-approved'")

    for name in ("comment", "label"):
        assert by_name[name]["run"] == on_page[name]["run"]
        assert written_out(by_name[name]["if"]) == on_page[name]["if"]
    assert {name: written_out(known[name]) for name in long["env"]} == long["env"]
    # Nothing of a request is spliced into a script.
    assert [name for name, step in by_name.items() if "${{" in step["run"]] == []
    assert {**SHORT, "jobs": None} == {**LONG, "jobs": None}
    assert short["steps"][0] == long["steps"][0]
    assert short["steps"][1]["uses"].partition("@")[0] == f"example/t2v-cap/{ACTION_FILE.parent.relative_to(ROOT)}"
    assert [name for name in ACTION["inputs"] if f"`{name}`" not in PAGE] == []


def test_the_action_takes_paths_and_options(pull: Pull) -> None:
    """Several paths and an option of `diff` reach the program, and a gate that it names fails."""
    pull.commit({"more/d.yaml": "name: More\ndau: 1M\n"})
    pull.rebase()
    pull.commit({"more/d.yaml": "name: More\ndau: 2M\n"})
    pull.paths, pull.options = "scenarios\nmore\n", "--fail-on gpus>5\n--gates-from base"

    assert pull.run(_steps("action")["diff"]) == 3
    assert "more/d.yaml" in pull.read("repo/comment.md")


def test_the_label_stands_for_one_commit() -> None:
    """The label counts in the run that it starts alone.

    Every event that can change what is judged starts a run; a queue is judged too.
    """
    events, rules = LONG[True], LONG["jobs"]["capacity"]["env"]["RULES"]  # YAML reads `on` as true

    assert set(events["pull_request"]["types"]) == {
        "opened",
        "synchronize",
        "reopened",
        "edited",
        "labeled",
        "unlabeled",
    }
    assert "merge_group" in events
    assert "github.event.action == 'labeled' && github.event.label.name == 'capacity-approved'" in rules
    assert "labels.*.name" not in rules


def test_actions_are_pinned_by_commit() -> None:
    """Every action of another's, in this repository's workflows and on the page, is one commit.

    No checkout keeps the token.
    """
    files = [path.read_text(encoding="utf-8") for path in (ROOT / ".github").rglob("*.yml")]
    used = [one for text in (*files, PAGE) for one in re.findall(r"uses: (\S+)@(\S+)", text)]
    others = [(name, at) for name, at in used if not name.startswith(("./", "example/", "pypa/"))]

    assert len(others) > 5
    assert [name for name, at in others if not re.fullmatch("[0-9a-f]{40}", at)] == []
    for text in (*files, PAGE):
        assert text.count("actions/checkout@") == len(
            re.findall(r"actions/checkout@.*\n +with: \{.*persist-credentials: false\}", text)
        )


@pytest.mark.slow
def test_the_action_installs_the_program(pull: Pull) -> None:
    """The action's first step makes an environment of this repository, and puts the program on the path.

    It imports nothing of the request's.
    """
    pull.commit({"venv.py": "print('SHADOWED')\n", "pip.py": "print('SHADOWED')\n"})
    assert pull.run(_steps("action")["install"]) == 0, pull.said
    assert "SHADOWED" not in pull.said
    (added,) = pull.read("path").splitlines()

    assert pull.run(f"{added}/t2v-cap --version") == 0
    assert pull.said.startswith("t2v-cap ")


@pytest.mark.slow
def test_gitlab_job(pull: Pull) -> None:
    """The job fails where a gate trips, with rules as tests and a comment.

    An approval lets it through. The job says when the API is down.
    """
    pull.commit({"scenarios/a.yaml": SCENARIO.format(dau="1.4M")})
    (script,) = _block("capacity")["capacity"]["script"]

    assert pull.run(script) == 3
    assert "<testsuite" in pull.read("repo/capacity.xml")
    assert "**Capacity: " in pull.read("comment")
    assert "--request POST" in pull.read("calls")
    pull.commit({"scenarios/base.yaml": BASE.replace("+10%", "+90%")})
    assert pull.run(script) == 3
    (pull.folder / "approved").touch()
    assert pull.run(script) == 0
    (pull.folder / "approved").unlink()
    pull.commit({"scenarios/base.yaml": BASE})
    (pull.folder / "down").touch()
    assert pull.run(script) == 3
    assert "no comment: the API does not answer" in pull.said
    assert "Traceback" not in pull.said
    (pull.folder / "down").unlink()
    pull.commit({"scenarios/a.yaml": SCENARIO.format(dau="1M")})
    assert pull.run(script) == 0
    assert "nothing changed" in pull.read("comment")
    assert "--request PUT" in pull.read("calls")
    assert pull.read("calls").splitlines()[-1].endswith("/notes/7")


def test_a_broken_scenario_fails(pull: Pull) -> None:
    """A head that can't be read fails with 2, and is named in the comment."""
    pull.commit({"scenarios/b.yaml": "duu: 1M\n"})

    assert [pull.run(script) for script in _steps().values()] == [2, 0, 0]
    assert "1 file can't be read" in pull.read("comment").replace("\\", "")


def test_scenarios_of_the_page(pull: Pull) -> None:
    """The base and the scenario that the page shows are read, and held to each other's rules."""
    for file, key in (("base.yaml", "gates"), ("a.yaml", "name")):
        block = next(block for block in BLOCKS if isinstance(block, dict) and key in block and "budgets" in block)
        write(yaml.safe_dump(block), pull.folder / "repo" / "scenarios" / file)

    assert pull.run("t2v-cap check scenarios/a.yaml --format json > ../checked") in (0, 3)
    assert '"latency (latency_p95 <= 20 min)"' in pull.read("checked")
    assert '"gpus <= 5000"' in pull.read("checked")


def test_commit_hook(pull: Pull) -> None:
    """The hook is the one that the page names.

    It runs on a change of a scenario, checks the folder, and finds a broken budget.
    """
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    (repository,) = _block("repos")["repos"]
    pull.commit({"scenarios/a.yaml": SCENARIO.format(dau="2M")})
    listed = ["scenarios/a.yaml", "docs/a.yaml", "scenarios/notes.md"]

    assert [hook["id"]] == [used["id"] for used in repository["hooks"]]
    assert [name for name in listed if re.search(hook["files"], name)] == ["scenarios/a.yaml"]
    assert hook["pass_filenames"] is False
    assert pull.run(" ".join([hook["entry"], *hook["args"]])) == 3
