"""Every command line that README, a page or a help shows runs as printed, in a clone with the examples' files."""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from places import AUTHORITIES, GOLDEN, ROOT, ours
from shared import git
from t2v_capacity.cli.app import COMMANDS
from traces import Service
from write_docs import text_of

# The changelog tells of command lines that are gone, and decisions of those that were weighed.
PAGES = [
    "README.md",
    *(
        name
        for path in ours("docs")
        if path.suffix == ".md" and (name := path.relative_to(ROOT).as_posix()).count("/") == 1
    ),
]
PAGES.remove("docs/changelog.md")
PLAN = (
    "dau: 11K\nmodel: wan2.2-ti2v-5b\ngpu: h100-sxm\nattention_kernel: fa3\nruntime: compiled\n"
    "reserved_price: {value: 2, as_of: 2026-11-01}\n"
)
CALIBRATED = "gpus:\n  h100-sxm: {gpu_price: {value: 3 USD, source: our contract}}\n"
RUNS = (
    "- {seconds: 100, model: wan2.2-ti2v-5b, gpu: h100-sxm}\n"
    "- {seconds: 50, steps: 20, model: wan2.2-ti2v-5b, gpu: h100-sxm}\n"
)
CONFIG = json.dumps(
    json.loads((AUTHORITIES / "transformer_configs.json").read_text(encoding="utf-8"))["wan2.2-ti2v-5b"]["config"]
)
ENDS_WELL = {0, 3}  # fine, or a budget, a gate or a search that finds nothing


def commands(page: str) -> Iterator[str]:
    """Yield the command lines of a page's blocks and tables.

    Those whose output the page shows are left out: tests/joints/test_docs.py runs them.
    """
    text = re.sub(r" \\\n +", " ", text_of(page))
    blocks = re.findall(rf"^ *((?:z?cat \S+ \| )?t2v-cap (?:{'|'.join(COMMANDS)})\b[^`\n]*)$", text, re.MULTILINE)
    cells = [
        cell for row in re.findall(r"^\|.*$", text, re.MULTILINE) for cell in re.findall(r"`(t2v-cap [^`]+)`", row)
    ]
    # Variables are those of a workflow.
    yield from (line for line in dict.fromkeys((*blocks, *cells)) if "$" not in line)


BILL = """\
EffectiveCost,BillingCurrency,ChargePeriodStart,ServiceCategory
100,USD,2026-09-01T00:00:00Z,Compute
"""


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a clone of the repository with the files that command lines name, which readers have of their own."""
    folder = tmp_path_factory.mktemp("clone") / "t2v-cap"
    git("clone", "--quiet", str(ROOT), str(folder))
    log = "\n".join(("created_at,uid,status,gpu_seconds", *Service().rows())) + "\n"
    (folder / "transformer").mkdir()
    events = "".join(f'{{"event": {{"time": "{row.partition(",")[0]}"}}}}\n' for row in log.splitlines()[1:])
    files = {
        **dict.fromkeys(("plan.yaml", "free.yaml", "paid.yaml", "a.yaml", "b.yaml"), PLAN),
        "requests.csv": log,
        "bill.csv": BILL,
        "requests.jsonl": events,
    }
    for name, text in {
        **files,
        "transformer/config.json": CONFIG,
        "calibrated.yaml": CALIBRATED,
        "runs.yaml": RUNS,
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "requests.csv.gz").write_bytes(gzip.compress(log.encode()))
    for name in ("october", "november"):
        shutil.copy(GOLDEN / f"{name}.yaml", folder)
    for arguments in (
        ["checkout", "-B", "main"],
        ["add", "--force", "."],
        ["commit", "--message", "what readers have of their own"],
    ):
        git("-C", str(folder), *arguments)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if [*commands(page)]])
def test_every_command_of_a_page_runs(page: str, clone: Path) -> None:
    """None ends with 2: it is a command, its flags are options, its files are the repository's or the example's."""
    path, wrong = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", []
    for line in commands(page):
        piped = ["bash", "-c", f"set -o pipefail; {line}"]
        found = subprocess.run(
            piped, cwd=clone, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
        )
        wrong += [] if found.returncode in ENDS_WELL else [f"{line}\n  {found.stderr.strip()[:300]}"]
        git("-C", str(clone), "clean", "-fdxq")

    assert not wrong, "\n".join(wrong)
