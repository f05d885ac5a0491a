"""How the program ends: its exit codes, its two streams, a closed pipe, an interrupt, and the file of `--output`."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from shared import Program, shell, write


@pytest.fixture(autouse=True)
def scenarios(folder: Path) -> Iterator[None]:
    """Run in a folder that holds a right scenario and a wrong one."""
    write("name: A service\ndau: 2M\n", "right.yaml")
    write("dau: yes\n", "wrong.yaml")
    yield
    assert sorted(path.name for path in folder.iterdir() if path.name.startswith(".")) == []  # no draft is left


@pytest.mark.wide
@pytest.mark.parametrize(
    ("line", "ending"),
    [
        ("estimate right.yaml --format json | head -c 1", (0, b"{", b"")),
        ("list assumptions --format table | true", (0, b"", b"")),
        ("list assumptions --format json | exec 0<&-", (0, b"", b"")),
        ("estimate right.yaml > /dev/full", (2, b"", b"error: the answer can't be written: no space left on device\n")),
    ],
)
def test_only_a_full_disk_is_a_mistake(line: str, ending: tuple[int, bytes, bytes]) -> None:
    """A reader that has seen enough, or that closes at once, is none.

    An answer that no disk takes ends with 2 and one line.
    """
    done = shell(f"set -o pipefail; t2v-cap {line}")
    assert (done.returncode, done.stdout, done.stderr) == ending


@pytest.mark.wide
def test_an_interrupt_ends_with_130() -> None:
    """An interrupt while the program waits for standard input ends with 130, without a traceback."""
    # Python says on standard error when it opens the input, so that the interrupt comes while the program waits.
    warned = (
        "import sys; from t2v_capacity.cli import app; import t2v_capacity.cli.estimate; "
        "sys.addaudithook(lambda name, _: None); print('ready', file=sys.stderr, flush=True); app.main()"
    )
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # what a shell starts behind `&` would ignore it
    line = [sys.executable, "-c", warned, "estimate", "-"]
    pipe = subprocess.PIPE
    with subprocess.Popen(line, stdin=pipe, stdout=pipe, stderr=pipe, preexec_fn=heard) as process:  # noqa: PLW1509
        assert process.stdin
        assert process.stdout
        assert process.stderr
        assert process.stderr.readline() == b"ready\n"
        process.stdin.write(b"dau: 1M\n")
        process.stdin.flush()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.3)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        assert (process.stdout.read(), process.stderr.read()) == (b"", b"")


@pytest.mark.parametrize("form", ["table", "json", "markdown", "csv"])
def test_a_file_holds_the_answer_that_would_be_printed(form: str, t2v_cap: Program) -> None:
    """`--output` writes what is printed without it, in place of a longer file, and leaves no other file.

    It says so on standard error alone.
    """
    write("x" * 1_000_000, "plan.txt")
    printed = t2v_cap("estimate", "right.yaml", "--format", form).out
    assert t2v_cap("estimate", "right.yaml", "--format", form, "--force", "--output", "plan.txt") == (
        "",
        "wrote plan.txt\n",
    )
    assert Path("plan.txt").read_text(encoding="utf-8") == printed
    assert sorted(path.name for path in Path().iterdir()) == ["plan.txt", "right.yaml", "wrong.yaml"]


def test_a_file_is_untouched_when_the_scenario_is_wrong(t2v_cap: Program) -> None:
    """A wrong scenario leaves an existing file as it was, and makes none that was not there."""
    write("before", "plan.json")
    assert t2v_cap("estimate", "wrong.yaml", "--format", "json", "--output", "plan.json", code=2).out == ""
    assert t2v_cap("estimate", "wrong.yaml", "--format", "json", "--output", "new.json", code=2).out == ""
    assert Path("plan.json").read_text(encoding="utf-8") == "before"
    assert not Path("new.json").exists()
