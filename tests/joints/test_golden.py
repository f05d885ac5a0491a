"""What the program answers moves by a deliberate change alone."""

from pathlib import Path

import pytest

from goldens import MATRIX, NAMES, answer, apart, asked, at_terminal, breaches, differences, recorded, screen_of
from places import GOLDEN
from shared import some
from texts import RENEW_ANSWERS, TEXTS, Recorded, read, stale

_LARGEST, _LARGEST_TEXTS = 2_400_000, 350_000  # of texts most are screens: four widths of every shipped scenario
_SHOWN = 20
APART = {f"{command} {name}": (command, name, line) for command, name, line in apart()}


def test_the_matrix_is_the_recorded_one(tmp_path: Path) -> None:
    """Every command says of every kind of plan what is recorded: as a table, at a terminal, on standard error, as JSON.

    Texts, keys, order and exit code are the same, and numbers to 1e-9 (of draws to 1e-6).
    """
    found = breaches(tmp_path)
    more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    assert not found, "\n".join(
        ["the golden answers differ:", *found[:_SHOWN], *more, f"if that is meant: {RENEW_ANSWERS}"]
    )


@pytest.mark.wide
@pytest.mark.parametrize("question", some(APART, 3))
def test_an_answer_is_the_recorded_one(question: str, tmp_path: Path) -> None:
    """The same of the estimate of each other shipped scenario and of the model's errors, as JSON."""
    command, name, line = APART[question]
    found = list(differences(recorded(command).get(name, {}), answer(command, line, tmp_path)))
    more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    assert not found, "\n".join(
        [f"{question} differs from tests/golden:", *found[:_SHOWN], *more, f"if that is meant: {RENEW_ANSWERS}"]
    )


@pytest.mark.wide
@pytest.mark.parametrize("name", some(NAMES, 3))
def test_a_terminal_of_each_width_shows_the_recorded_screen(name: str, recorded: Recorded) -> None:
    """A narrow, odd and wide terminal show what is recorded, line by line.

    A pipe is as the usual one but for the rules below headings.
    """
    for columns in (40, 60, 120):
        recorded(at_terminal(name, columns), f"{columns} columns")
    piped = screen_of(name)
    recorded(piped, "80 columns")
    usual = at_terminal(name, 80).split("\n")
    assert [line for line in usual if not line or line.strip("─ ")] == piped.split("\n")


@pytest.mark.wide
def test_every_recorded_text_has_its_test() -> None:
    """No text is left of a test that is gone, and none is recorded for two."""
    assert stale() == []


@pytest.mark.wide
def test_nothing_is_recorded_that_is_not_asked() -> None:
    """Each recorded answer belongs to a question, and all of them are small."""
    questions = {(command, name) for command, name, _line in (*asked(), *apart())}
    files = [path for path in GOLDEN.glob("*.json") if path.stem in {command for command, _name in questions}]
    assert {(path.stem, name) for path in files for name in recorded(path.stem)} == questions
    assert {(path.stem, cell.rpartition(" ")[0]) for path in MATRIX.iterdir() for cell in read(path)} <= questions
    assert sum(path.stat().st_size for folder in (GOLDEN, MATRIX) for path in folder.iterdir()) < _LARGEST
    assert sum(path.stat().st_size for path in TEXTS.iterdir()) < _LARGEST_TEXTS
