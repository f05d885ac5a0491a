"""Whatever is written, every command ends with 0, 2 or 3, in words or in finite JSON, within seconds.

`T2V_CAP_FUZZ=100000 pytest tests/joints/test_fuzz.py --hypothesis-seed=1` tries so many command lines, a tenth as many
calls of Python and a fiftieth as many requests in git. The ordinary suite tries a few, always the same, and a slow test
more.
"""

import json
import os
import shutil
import subprocess
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import t2v_capacity as t2v
from fuzzing import CASES, COUNTS, GIVEN, REQUESTS
from shared import git
from t2v_capacity.cli.app import run
from t2v_capacity.errors import Mistakes

MANY = int(os.environ.get("T2V_CAP_FUZZ", "0"))
_SLOWEST = 5.0
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")


def many(part: int, few: int) -> settings:
    """Return the settings of a fuzzer: so large a part of what is asked for, or a few that are always the same."""
    return settings(
        max_examples=max(1, MANY // part) if MANY else few,
        derandomize=not MANY,
        database=None,
        deadline=None,
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.too_slow,
            HealthCheck.large_base_example,
            HealthCheck.data_too_large,
        ],
    )


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("few", [60, pytest.param(250, marks=pytest.mark.slow)])
def test_every_answer_is_one(few: int, capsys: pytest.CaptureFixture[str]) -> None:
    """No crash, traceback, empty error, number that is none, Python or numpy warning, or answer over five seconds."""

    @many(1, few)
    @given(case=CASES)
    def is_one(case: tuple[dict[str, str], list[str]]) -> None:
        files, line = case
        for path in Path().iterdir():
            path.unlink()
        for name, text in files.items():
            Path(name).write_text(text, encoding="utf-8", errors="surrogateescape")
        _check(line, capsys)

    is_one()


def _spent() -> float:
    """Return the processor seconds of this process and those that it ran: a busy machine makes no answer slow."""
    return sum(os.times()[:4])


def _timed(line: list[str]) -> tuple[int, float]:
    start = _spent()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        code = run(line)
    return code, _spent() - start


def _check(line: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, taken = _timed(line)
    if taken >= _SLOWEST:  # a long campaign has gigabytes of its own, which Python may collect while it asks
        capsys.readouterr()
        code, taken = _timed(line)
    out, err = capsys.readouterr()
    assert code in (0, 2, 3), line
    assert "Traceback" not in err
    assert code != 2 or err.strip()
    assert taken < _SLOWEST, line
    if code in (0, 3) and line[-1] in ("json", "--format=json") and out:
        json.loads(out, parse_constant=lambda constant: pytest.fail(f"{constant} is no number of JSON: {line}"))


def _text(value: object) -> str:
    """Return what is given as a text, where Python writes one: not of a number of some thousand digits."""
    try:
        return str(value)
    except ValueError:
        return "9" * 400


def _few(count: Any) -> Any:
    """Return a number of draws without its millions where it is one that may be asked for: ten million take 16 s."""
    return count % 10**6 if isinstance(count, int) and 10**6 < count <= 10**7 else count


ASKS: dict[str, Callable[[t2v.Plan, Any, Any], object]] = {
    "bands": lambda plan, _one, _other: plan.bands,
    "draws": lambda plan, one, other: plan.draws("gpus", samples=_few(one), seed=other),
    "groups": lambda plan, _one, _other: plan.groups(),
    "sweep": lambda plan, one, other: plan.sweep(dau=[one, other]),
    "but": lambda plan, one, other: plan.but(dau=one, steps=other),
    "holds": lambda plan, one, _other: plan.holds(f"gpus < {_text(one)}"),
    "compare": lambda plan, one, _other: plan.compare(_text(one)),
    "explain": lambda plan, one, _other: plan.explain(_text(one)),
    "json": lambda plan, _one, _other: plan.json(),
    "total": lambda _plan, one, other: t2v.total(*(path for path in (one, other) if isinstance(path, str))),
}


@many(10, 60)
@given(
    st.dictionaries(st.sampled_from(["dau", "steps", "gpu", "model", "resolution", "retention"]), GIVEN, max_size=3),
    COUNTS,
    COUNTS,
    st.sampled_from([*ASKS]),
    GIVEN,
    GIVEN,
)
def test_python_s_door(values: dict[str, Any], samples: Any, seed: Any, name: str, one: Any, other: Any) -> None:
    """Whatever is given in Python, a plan answers or raises Mistakes, within seconds."""
    start = _spent()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with suppress(Mistakes):
            ASKS[name](t2v.estimate(**{"dau": "1K to 2K", **values}, samples=samples, seed=seed), one, other)
        with suppress(Mistakes):
            ASKS[name](t2v.estimate(dau="1K to 2K", samples=200), one, other)
    assert _spent() - start < _SLOWEST


@pytest.fixture
def repository(folder: Path) -> Path:
    """Run in an empty repository on `main`."""
    git("init", "-q")
    return folder


@pytest.mark.usefixtures("repository")
@many(50, 25)
@given(case=REQUESTS)
def test_every_request_is_judged(
    case: tuple[dict[str, tuple[str, str]], dict[str, tuple[str, str]], list[str], list[str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever files and links stand at the base and in the working tree, a request ends with 0, 2 or 3, in words."""
    base, head, paths, options = case
    _to_git(base)
    for path in Path().iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    for name, (kind, text) in head.items():
        with suppress(OSError):  # a file where another path has a folder
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).symlink_to(text) if kind == "link" else Path(name).write_text(
                text, encoding="utf-8", errors="surrogateescape"
            )
    _check(["diff", "--against", "main", *paths, *options], capsys)


def _to_git(tree: dict[str, tuple[str, str]]) -> None:
    """Make a tree the one commit of `main`."""
    lines = [b"commit refs/heads/main", b"committer a <a@b.example> 1793491200 +0000", b"data 0", b"deleteall"]
    for name, (kind, text) in tree.items():
        data = text.encode("utf-8", "surrogateescape")
        quoted = json.dumps(name).encode()
        lines += [
            b"M %s inline %s" % (b"120000" if kind == "link" else b"100644", quoted),
            b"data %d" % len(data),
            data,
        ]
    program = ["git", "-c", "core.protectNTFS=false", "fast-import", "--quiet", "--force"]
    subprocess.run(program, input=b"\n".join([*lines, b""]), check=True, capture_output=True)
