"""What the program answers of the shipped scenarios moves by a deliberate change alone."""

from pathlib import Path

import pytest

from goldens import NAMES, answer, asked, at_terminal, differences, packed, recorded, unpacked
from places import GOLDEN
from shared import some
from texts import RENEW_ANSWERS, TEXTS, Recorded, stale

pytestmark = pytest.mark.wide

_LARGEST, _LARGEST_TEXTS = 2_000_000, 350_000  # of texts most are screens: four widths of every shipped scenario
_SHOWN = 20
QUESTIONS = {f"{command} {name}": (command, name, line) for command, name, line in asked()}


@pytest.mark.parametrize("question", some(QUESTIONS, 3))
def test_an_answer_is_the_recorded_one(question: str, tmp_path: Path) -> None:
    """Keys, order, texts and exit code are as recorded, numbers to 1e-9 (of draws to 1e-6)."""
    command, name, line = QUESTIONS[question]
    known = recorded(command).get(name, {})
    found = list(differences(known, answer(command, line, tmp_path)))
    more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    assert not found, "\n".join([f"{question} differs from tests/golden:", *found[:_SHOWN], *more, f"if that is meant: {RENEW_ANSWERS}"])


@pytest.mark.parametrize("name", some(NAMES, 3))
def test_a_terminal_of_each_width_shows_the_recorded_screen(name: str, recorded: Recorded) -> None:
    """A narrow, an odd, a usual and a wide terminal show what is recorded, line by line."""
    for columns in (40, 60, 80, 120):
        recorded(at_terminal(name, columns), f"{columns} columns")


def test_every_recorded_text_has_its_test() -> None:
    """No text is left of a test that is gone, and none is recorded for two."""
    assert stale() == []


def test_nothing_is_recorded_that_is_not_asked() -> None:
    """Each recorded answer belongs to a question, and all of them are small."""
    files = [path for path in GOLDEN.glob("*.json") if path.stem in {command for command, _, _ in asked()}]
    assert sorted(f"{path.stem} {name}" for path in files for name in recorded(path.stem)) == sorted(QUESTIONS)
    assert sum(path.stat().st_size for path in GOLDEN.iterdir()) < _LARGEST
    assert sum(path.stat().st_size for path in TEXTS.iterdir()) < _LARGEST_TEXTS


def test_a_table_reads_back() -> None:
    """What is written as a table, for its size, is the same document when it is read."""
    for document in (
        {"a": {"x": {"p": 1, "q": [2]}, "y": {"p": 3, "q": []}, "z": {"p": 5, "q": [{}]}}},
        [{"p": 1}, {"p": {"r": 2}}, {"p": None}],
        {"a": [], "b": {}, "c": [1, "x", {"d": None}]},
    ):
        assert unpacked(packed(document)) == document
