"""Whatever is written, every command ends with 0, 2 or 3, in words or in finite JSON, within seconds.

`T2V_CAP_FUZZ=100000 pytest tests/joints/test_fuzz.py --hypothesis-seed=1` tries so many; the ordinary suite tries a few, always the same, and a slow test more.
"""

import json
import os
import time
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from fuzzing import CASES
from t2v_capacity.commands.app import run

pytestmark = pytest.mark.wide

MANY = int(os.environ.get("T2V_CAP_FUZZ", "0"))
_SLOWEST = 5.0
FEW = 60


def _finite(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_finite, value.values()))
    if isinstance(value, list):
        return all(map(_finite, value))
    return value not in (float("inf"), float("-inf")) and value == value  # noqa: PLR0124 - not a number


FUZZ = settings(
    max_examples=MANY or FEW,
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
@FUZZ
@given(case=CASES)
def test_every_answer_is_one(case: tuple[dict[str, str], list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    """No crash, no traceback, no empty error, no number that is none, no Python or numpy warning, and no answer over five seconds."""
    _is_one(case, capsys)


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
@settings(FUZZ, max_examples=MANY or 250)
@given(case=CASES)
def test_every_answer_is_one_for_more_inputs(case: tuple[dict[str, str], list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    """The same for more of them."""
    _is_one(case, capsys)


def _is_one(case: tuple[dict[str, str], list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    files, line = case
    for path in Path().iterdir():
        path.unlink()
    for name, text in files.items():
        Path(name).write_text(text, encoding="utf-8", errors="surrogateescape")
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        code = run(line)
    taken = time.perf_counter() - start
    out, err = capsys.readouterr()
    assert code in (0, 2, 3), line
    assert "Traceback" not in err
    assert code != 2 or err.strip()
    assert taken < _SLOWEST, line
    if code in (0, 3) and line[-1] == "json" and out:
        assert _finite(json.loads(out)), line
