"""docs/ci.md: its workflows are played through in a git repository, with a base, a head, a comment, a gate and an exit code."""

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

from t2v_capacity import __version__

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
BASH = shutil.which("bash") or "bash"
BLOCKS = [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)]
SCENARIO = """name: Ours
dau: {dau}
pins: {{gpu_seconds_per_video: 100 s}}
budgets: ["requests_per_day <= 3M"]
gates: {{fail_on: ["gpus > +10% and > +50"]}}
"""
# Stands in for the forge's client: the comment is a file, and what was done is written down.
FORGE = """#!/usr/bin/env bash
printf '%s\\n' "$*" >> "$FORGE/calls"
case "$*" in
  *--request*|*--method*)
    for word; do case "$word" in body*@*) cp "${word##*@}" "$FORGE/comment" ;; esac; done ;;
  *--jq*) if [ -e "$FORGE/comment" ]; then head -c 16 "$FORGE/comment" | grep -q '<!-- t2v-cap -->' && echo 7; fi ;;
  *) if [ -e "$FORGE/comment" ]; then echo '[{"id": 6, "body": "hello"}, {"id": 7, "body": "<!-- t2v-cap -->"}]'; else echo '[]'; fi ;;
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

    def run(self, script: str) -> int:
        """Run a script as a job does, and return its exit code."""
        own = {
            "BASE": self.base,
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": self.base,
            "FORGE": str(self.folder),
            "PULL": "1",
            "GITHUB_REPOSITORY": "us/it",
        }
        paths = f"{self.folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        environment = {
            **os.environ,
            **own,
            "PATH": paths,
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "CI_API_V4_URL": "https://forge",
        }
        return subprocess.run(
            [BASH, "-e", "-c", script], cwd=self.folder / "repo", env=environment, capture_output=True, check=False
        ).returncode

    def commit(self, files: dict[str, str]) -> None:
        """Commit files."""
        for name, text in files.items():
            (self.folder / "repo" / name).write_text(text, encoding="utf-8")
        assert self.run("git add . && git -c user.name=us -c user.email=us@example.com commit --quiet --message change") == 0

    def read(self, name: str) -> str:
        """Return what the jobs left in a file."""
        return (self.folder / name).read_text(encoding="utf-8")


@pytest.fixture
def pull(tmp_path: Path) -> Pull:
    """A repository whose base holds a scenario, one that extends it and one apart, and a stand-in for `gh` and `curl`."""
    made = Pull(tmp_path)
    (tmp_path / "repo" / "scenarios").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    for name in ("gh", "curl"):
        (tmp_path / "bin" / name).write_text(FORGE, encoding="utf-8")
        (tmp_path / "bin" / name).chmod(0o755)
    assert made.run("git init --quiet") == 0
    made.commit({"scenarios/a.yaml": SCENARIO.format(dau="1M"), "scenarios/b.yaml": "extends: a.yaml\nname: Extended\n"})
    assert made.run("git rev-parse HEAD > ../base") == 0
    made.base = made.read("base").strip()
    return made


def _steps() -> dict[str, str]:
    """Return the scripts of the GitHub workflow by the names of their steps."""
    return {step["name"]: step["run"] for step in _block("jobs")["jobs"]["capacity"]["steps"] if "name" in step}


def test_github_workflow(pull: Pull) -> None:
    """A growth that trips a gate fails both steps and is commented on; the next push takes it back, passes, and updates the comment."""
    pull.commit({"scenarios/a.yaml": SCENARIO.format(dau="2M"), "scenarios/c.yaml": "name: New\n"})
    steps = _steps()

    assert list(steps) == ["check", "diff", "comment"]
    assert pull.run(steps["check"]) == 3
    assert "requests_per_day &lt;= 3M" in pull.read("summary").replace("\\", "")
    assert pull.run(steps["diff"]) == 3
    assert pull.run(steps["comment"]) == 0
    comment = pull.read("comment")
    assert comment.startswith("<!-- t2v-cap -->\n")
    assert "**Ours**" in comment
    assert "**Extended**" in comment
    assert "scenarios/c.yaml is new." in comment
    assert "--method POST repos/us/it/issues/1/comments" in pull.read("calls")

    pull.commit({"scenarios/a.yaml": SCENARIO.format(dau="1.01M")})
    assert [pull.run(script) for script in steps.values()] == [0, 0, 0]
    assert "**Ours**" in pull.read("comment")
    assert "--method PATCH repos/us/it/issues/comments/7" in pull.read("calls").splitlines()[-1]


def test_gitlab_job(pull: Pull) -> None:
    """The job fails where a gate trips, with budgets as tests and a comment; a change of nothing passes and updates the comment."""
    assert pull.run("git rm --quiet scenarios/b.yaml") == 0
    pull.commit({"scenarios/a.yaml": SCENARIO.format(dau="1.4M")})
    (script,) = _block("capacity")["capacity"]["script"]

    assert pull.run(script) == 3
    assert "<testsuite" in pull.read("repo/budgets.xml")
    assert "**Ours**" in pull.read("comment")
    assert "--request POST" in pull.read("calls")
    pull.commit({"scenarios/a.yaml": SCENARIO.format(dau="1M")})
    assert pull.run(script) == 0
    assert pull.read("comment") == "<!-- t2v-cap -->\n"
    assert "--request PUT" in pull.read("calls")
    assert pull.read("calls").splitlines()[-1].endswith("/notes/7")


def test_a_broken_scenario_fails(pull: Pull) -> None:
    """A head that can't be read fails the check and the diff with 2."""
    assert pull.run("git rm --quiet scenarios/b.yaml") == 0
    pull.commit({"scenarios/a.yaml": "duu: 1M\n"})
    steps = _steps()

    assert [pull.run(steps["check"]), pull.run(steps["diff"])] == [2, 2]


def test_scenario_of_the_page(pull: Pull) -> None:
    """The budgets and gates that the page shows are read by `check` and `diff`."""
    (pull.folder / "repo" / "scenarios" / "a.yaml").write_text(yaml.safe_dump(_block("budgets")), encoding="utf-8")

    assert pull.run("t2v-cap check scenarios/a.yaml") in (0, 3)
    assert pull.run("t2v-cap diff scenarios/a.yaml scenarios/a.yaml") in (0, 3)


def test_commit_hook(pull: Pull) -> None:
    """The hook is the one that the page names; its command, run on the files that it selects as pre-commit does, finds a broken budget."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    (repository,) = _block("repos")["repos"]
    pull.commit({"scenarios/a.yaml": SCENARIO.format(dau="2M")})
    listed = ["scenarios/a.yaml", "docs/a.yaml", "scenarios/notes.md"]

    assert [hook["id"]] == [used["id"] for used in repository["hooks"]]
    assert [name for name in listed if re.search(hook["files"], name)] == ["scenarios/a.yaml"]
    assert pull.run(f"{hook['entry']} scenarios/a.yaml") == 3


def test_versions_are_this_one() -> None:
    """The page installs this version, by both workflows and the hook."""
    assert set(re.findall(r"t2v-cap==([\d.]+)", PAGE)) == {__version__}
    assert re.findall(r"rev: v(\S+)", PAGE) == [__version__]
