"""The changes of docs/contributing.md, applied as they stand in tests/examples: the files that it lists suffice."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from places import ROOT, ours

# Each change with the files that its row lists.
GUIDE = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| \[[^]]+\]\(\.\./tests/examples/(\w+)\.diff\) \| (.+) \|$", GUIDE, re.MULTILINE)
# The most files that an assumption with its figure and a warning of it take.
MOST_FILES = 4
LAWS = ("tests/laws", "tests/catalogue", "tests/plan", "tests/test_house.py", "src/t2v_capacity/formulas")


def touched(change: str) -> list[str]:
    """Return the files of a change, in the order in which the diff has them."""
    text = (ROOT / "tests" / "examples" / f"{change}.diff").read_text(encoding="utf-8")
    return re.findall(r"^\+\+\+ b/(.+)$", text, re.MULTILINE)


def test_the_files_of_each_change_are_listed() -> None:
    """The guide names exactly the files of each change; an assumption, its figure and its warning take four."""
    listed = {change: re.findall(r"`([^`]+)`", files) for change, files in ROWS}
    named = {change: [name.removeprefix("src/t2v_capacity/") for name in touched(change)] for change in listed}

    assert {*listed} == {path.stem for path in (ROOT / "tests" / "examples").glob("*.diff")}
    assert listed == named
    assert len({*listed["figure"], *listed["warning"]}) == MOST_FILES


@pytest.mark.slow
def test_the_listed_files_suffice(tmp_path: Path) -> None:
    """With all changes applied the laws hold, and the command line has what each of them adds."""
    for path in ours():
        (tmp_path / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, tmp_path / path.relative_to(ROOT))
    for change, _files in ROWS:
        run(tmp_path, "git", "apply", "--unidiff-zero", f"tests/examples/{change}.diff")
    run(tmp_path, sys.executable, "tests/record.py", "catalogue")
    limits = ("--deselect", "tests/test_house.py::test_no_room_grows")
    run(tmp_path, sys.executable, "-m", "pytest", "-q", "-n", "0", *limits, *LAWS)

    def t2v_cap(*line: str) -> str:
        return run(tmp_path, sys.executable, "-m", "t2v_capacity", *line)

    plan, helped = ("--dau", "1M", "--model", "wan2.2-ti2v-5b"), "--support-cost-per-user"
    figures = json.loads(t2v_cap("estimate", *plan, helped, "0.02 USD", "--format", "json"))["figures"]
    assert figures["support_cost_per_month"]["value"] == 1_000_000 * 0.02
    assert "Acme One" in t2v_cap("list", "gpus", "acme-one")
    assert "support-dearer" in t2v_cap("estimate", *plan, helped, "900 USD", "--all")
    assert re.search(r"energy a clip +power", t2v_cap("compare", *plan, "--gpu", "h100,b200", "--all"))
    assert "The fleet carries" in t2v_cap("headroom", *plan)


def run(folder: Path, *line: str) -> str:
    """Return what a program prints in a folder whose sources it uses."""
    paths = os.pathsep.join([str(folder / "src"), str(folder / "tests")])
    ended = subprocess.run(
        line, cwd=folder, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
    return ended.stdout
