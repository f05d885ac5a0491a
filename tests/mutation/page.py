"""What tests/mutation/survivors.md says of mutants: how many the tests notice, and why the others live."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import yaml

from mutation.operators import Mutant
from places import TESTS

KILLED, LATE, SURVIVED = "killed", "late", "survived"
PAGE = TESTS / "mutation" / "survivors.md"
_HEAD = """\
# Survivors of mutation

`just mutate` writes this page; [Contributing](../../docs/contributing.md#where-to-put-a-test) says what it does.
"""
REASONS = TESTS / "mutation" / "survivors.yaml"
PACKAGE = "src/t2v_capacity/"
MOST = 40  # rows of survivors


class Tried(NamedTuple):
    """A mutant and what became of it, after how many tests and seconds."""

    mutant: Mutant
    became: str
    tests: int
    seconds: float
    by: str = ""  # the test that fails; none where its file can't even be collected


def reasons() -> dict[tuple[str, str, str], str]:
    """Return why mutants live, by their keys."""
    rows = yaml.safe_load(REASONS.read_text(encoding="utf-8"))
    return {(f"{PACKAGE}{row['file']}", row["statement"], row["change"]): row["why"] for row in rows}


def lines_of(results: Sequence[Tried], total: int, command: str, minutes: float) -> Iterator[str]:
    """Yield the lines of a run: how many of all mutants were tried and noticed, and a table of those that live."""
    lived, why = [one.mutant for one in results if one.became == SURVIVED], reasons()
    late = sum(one.became == LATE for one in results)
    killed = len(results) - len(lived)
    yield f"`{command}` tried {len(results)} of {total} mutants, in {minutes:.0f} minutes on two cores."
    yield f"**{killed} are killed: {killed / len(results):.1%}**, {late} of them by the limit of time. These live:\n"
    yield "| line | change | why it lives |\n|---|---|---|"
    for mutant in lived[:MOST]:
        place = f"`{mutant.file.removeprefix(PACKAGE)}` {mutant.line}"
        yield f"| {place} | {_code(mutant.change)} | {why.get(mutant.key, 'no reason is known yet')} |"
    if len(lived) > MOST:
        yield f"\nAnd {len(lived) - MOST} more."


def write(lines: Iterator[str]) -> None:
    """Write the page of a run."""
    PAGE.write_text("\n".join((_HEAD, *lines)) + "\n", encoding="utf-8")


def _code(text: str) -> str:
    quote = "``" if "`" in text else "`"
    return quote + text.replace("|", r"\|") + quote
