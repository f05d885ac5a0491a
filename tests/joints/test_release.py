"""What is published: docs/contributing.md, .github/workflows/release.yml and the list of what travels say one thing.

They refuse what is stray.
"""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from contents import listed, strays
from places import ROOT, tracked
from shared import write

WORKFLOW: Any = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8"))
STEPS = {step["name"]: step["run"] for step in WORKFLOW["jobs"]["build"]["steps"] if "name" in step}
# One file that fits each line of the list.
FITTING = {kind: [line.replace("*", "any") for line in listed(kind)] for kind in ("wheel", "sdist")}


@pytest.mark.parametrize("kind", FITTING)
def test_what_no_line_fits_is_stray(kind: str) -> None:
    """An archive of what the list names passes; one file more is named, and so is a kind of file that is not there."""
    assert strays(kind, FITTING[kind]) == []
    for stray in (
        "t2v_capacity/.env",
        "notes.txt",
        "src/t2v_capacity/draft.ipynb",
        "scenarios/plan.xlsx",
        ".github/x.yml",
    ):
        assert strays(kind, [*FITTING[kind], stray]) == [f"{stray} is stray: no line of tests/contents.txt fits"]
    assert strays(kind, FITTING[kind][1:]) == [f"nothing in it fits `{listed(kind)[0]}` of tests/contents.txt"]


def test_what_git_does_not_know_is_stray() -> None:
    """A file of a listed kind that git doesn't keep is named, and so is one that git keeps and the archive lacks."""
    kept = {f"src/{name}" for name in FITTING["wheel"] if "dist-info" not in name}
    gone, draft = "t2v_capacity/any.py", "t2v_capacity/draft.py"

    assert strays("wheel", FITTING["wheel"], kept) == []
    assert strays("wheel", [draft, *(name for name in FITTING["wheel"] if name != gone)], kept) == [
        f"src/{draft} is not in git",
        f"src/{gone} is missing",
    ]


def test_every_file_of_the_package_travels() -> None:
    """Each file that git keeps of the package fits a line of the wheel's list, so that none is left behind unseen."""
    kept = [name.removeprefix("src/") for name in tracked() or () if name.startswith("src/")]

    assert [line for line in strays("wheel", kept) if "is stray" in line] == []


def _version(folder: Path, tag: str, heading: str, version: str = "9.8.7") -> tuple[int, str]:
    """Run the workflow's first check on a package of a version whose changelog begins with a heading."""
    write(f'__version__ = "{version}"\n# A day.\nRELEASED = "2031-02-03"\n', folder / "src/t2v_capacity/release.py")
    write(f"# Changelog\n\n{heading}\n\n## [0.1.0] - 2026-11-24\n", folder / "docs/changelog.md")
    line, environment = (
        [shutil.which("bash") or "bash", "-e", "-c", STEPS["version"]],
        {"GITHUB_REF_NAME": tag, "PATH": "/usr/bin:/bin"},
    )
    done = subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_a_tag_is_the_version_and_the_changelogs(tmp_path: Path) -> None:
    """A tag passes that is the package's version, of the day that the changelog says first.

    Any other is refused in words.
    """
    assert _version(tmp_path, "v9.8.7", "## [9.8.7] - 2031-02-03") == (0, "")
    assert _version(tmp_path, "v9.8.6", "## [9.8.7] - 2031-02-03") == (1, "the tag is v9.8.6, the package v9.8.7\n")
    for heading in ("## [Unreleased]", "## [9.8.7] - 2031-02-04", "## [9.8.6] - 2031-02-03"):
        warned = f"the changelog begins with {heading}, not with 9.8.7 of 2031-02-03\n"
        assert _version(tmp_path, "v9.8.7", heading) == (1, warned)


def test_nothing_is_published_unchecked() -> None:
    """The job that publishes waits for all others, asks an owner and alone speaks to the index.

    Only the job after it may write.
    """
    jobs = WORKFLOW["jobs"]

    assert list(STEPS) == ["version", "build", "contents", "alone", "schemas"]
    assert set(jobs["publish"]["needs"]) == set(jobs) - {"publish", "attach"}
    assert jobs["attach"]["needs"] == "publish"
    assert [name for name, job in jobs.items() if "contents" in job.get("permissions", {})] == ["attach"]
    assert jobs["publish"]["environment"] == "pypi"
    assert [name for name, job in jobs.items() if "id-token" in job.get("permissions", {})] == ["publish"]
    assert WORKFLOW["permissions"] == {"contents": "read"}


def test_the_page_runs_what_the_workflow_runs() -> None:
    """A person who releases is told the same checks that the tag runs, and each script that the page names is there."""
    page = (
        (ROOT / "docs" / "contributing.md")
        .read_text(encoding="utf-8")
        .partition("## Releasing")[2]
        .partition("\n## ")[0]
    )
    scripts = set(re.findall(r"python (tests/\w+\.py)", page))

    assert {*re.findall(r"python (tests/\w+\.py)", "\n".join(STEPS.values()))} <= scripts
    assert [name for name in scripts if not (ROOT / name).is_file()] == []
    assert "twine check --strict dist/*" in page
    assert "twine check --strict dist/*" in STEPS["build"]
