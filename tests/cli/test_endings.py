"""How the program ends: its exit codes, its two streams, a closed pipe, an interrupt, and the file of `--output`."""

import ast
import codecs
import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from itertools import product
from pathlib import Path

import pytest

from places import ours
from shared import Program, shell, some, write
from t2v_capacity.cli.app import _twin

PROGRAM = [sys.executable, "-m", "t2v_capacity"]
SCENARIO = "name: A service\ndau: 2M\n"


@pytest.fixture(autouse=True)
def scenarios(folder: Path) -> Iterator[None]:
    """Run in a folder that holds a right scenario and a wrong one."""
    write(SCENARIO, "right.yaml")
    write("dau: yes\n", "wrong.yaml")
    yield
    assert sorted(path.name for path in folder.iterdir() if path.name.startswith(".")) == []  # no draft is left


@pytest.mark.wide
@pytest.mark.parametrize(("form", "reader"), some(product(["json", "table"], ["head -c 1", "true", "exec 0<&-"]), 2))
def test_a_closed_pipe_ends_quietly_with_0(reader: str, form: str) -> None:
    """A reader that has seen enough, or that closes at once, is no mistake: exit code 0 and nothing on standard error."""
    done = shell(f"set -o pipefail; t2v-cap list assumptions --format {form} | {reader}")
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.wide
def test_a_pipe_that_closes_early_ends_an_estimate_quietly() -> None:
    """An estimate whose first byte alone is read ends with 0 and nothing on standard error."""
    done = shell("set -o pipefail; t2v-cap estimate right.yaml --format json | head -c 1")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"{", b"")


@pytest.mark.wide
def test_an_interrupt_ends_with_130() -> None:
    """An interrupt while the program waits for standard input ends with 130, without a traceback."""
    # Python says on standard error when it opens the input, so that the interrupt comes while the program waits.
    told = (
        "import sys; from t2v_capacity.cli import app; import t2v_capacity.cli.estimate; "
        "sys.addaudithook(lambda name, _: None); print('ready', file=sys.stderr, flush=True); app.main()"
    )
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # what a shell starts behind `&` would ignore it
    line = [sys.executable, "-c", told, "estimate", "-"]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=heard) as process:  # noqa: PLW1509
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
    """`--output` writes what is printed without it, says so on standard error alone, and leaves no other file."""
    printed = t2v_cap("estimate", "right.yaml", "--format", form).out
    assert t2v_cap("estimate", "right.yaml", "--format", form, "--output", "plan.txt") == ("", "wrote plan.txt\n")
    assert Path("plan.txt").read_text(encoding="utf-8") == printed
    assert sorted(path.name for path in Path().iterdir()) == ["plan.txt", "right.yaml", "wrong.yaml"]


def test_a_file_is_untouched_when_the_scenario_is_wrong(t2v_cap: Program) -> None:
    """A wrong scenario leaves an existing file as it was, and makes none that was not there."""
    write("before", "plan.json")
    assert t2v_cap("estimate", "wrong.yaml", "--format", "json", "--output", "plan.json", code=2).out == ""
    assert t2v_cap("estimate", "wrong.yaml", "--format", "json", "--output", "new.json", code=2).out == ""
    assert Path("plan.json").read_text(encoding="utf-8") == "before"
    assert not Path("new.json").exists()


def test_a_file_is_replaced_whole(t2v_cap: Program) -> None:
    """An existing file, longer than the answer, holds the answer alone afterwards."""
    write("x" * 1_000_000, "plan.json")
    assert t2v_cap("estimate", "right.yaml", "--format", "json", "--output", "plan.json") == ("", "wrote plan.json\n")
    assert json.loads(Path("plan.json").read_text(encoding="utf-8"))["command"] == "estimate"


@pytest.mark.parametrize("output", ["missing/plan.json", "taken"])
def test_an_unwritable_file_ends_with_2(output: str, t2v_cap: Program) -> None:
    """A folder that is not there, or a folder in the file's place, ends with 2 and a message that names it."""
    Path("taken").mkdir()
    out, err = t2v_cap("estimate", "right.yaml", "--output", output, code=2)
    assert out == ""
    assert err.startswith(f"error: `--output {output}` can't be written: ")
    assert list(Path("taken").iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["estimate", "right.yaml"],
        ["explain", "right.yaml", "storage_per_day"],
        ["diff", "right.yaml", "right.yaml", "--set", "fps=24"],
        ["list", "models"],
        ["list", "gpus"],
        ["list", "figures"],
        ["list", "assumptions"],
    ],
    ids=" ".join,
)
def test_standard_output_is_clean_json(arguments: list[str], t2v_cap: Program) -> None:
    """With `--format json` the whole of standard output is one JSON document with finite numbers."""
    out, err = t2v_cap(*arguments, "--format", "json")
    document = json.loads(out, parse_constant=lambda constant: pytest.fail(f"{constant} is not JSON"))
    assert list(document)[:3] == ["version", "tool", "command"]
    assert document["command"] == arguments[0]
    assert err == ""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["estimate", "right.yaml"], 0),
        (["estimate", "wrong.yaml"], 2),
        (["estimate", "nowhere.yaml"], 2),
        (["estimat", "right.yaml"], 2),
        (["estimate", "right.yaml", "--duu", "5"], 2),
        (["diff", "right.yaml", "right.yaml", "--exit-code"], 0),
        (["diff", "right.yaml", "other.yaml"], 0),
        (["diff", "right.yaml", "other.yaml", "--exit-code"], 3),
        (["diff", "right.yaml", "wrong.yaml", "--exit-code"], 2),
        (["--version"], 0),
        (["--help"], 0),
        (["estimate", "--help"], 0),
        ([], 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_exit_codes_are_those_of_the_contract(arguments: list[str], code: int, t2v_cap: Program) -> None:
    """0 is fine, 2 wrong input, 3 a difference that was asked about; 2 has a message, the others have an answer."""
    write("dau: 3M\n", "other.yaml")
    out, err = t2v_cap(*arguments, code=code)
    assert (bool(out), bool(err)) == (code != 2, code == 2)


def test_the_full_answer_is_printed_before_a_difference_ends_with_3(t2v_cap: Program) -> None:
    """`diff --exit-code` prints the same answer with exit code 3 as without it."""
    write("dau: 3M\n", "other.yaml")
    printed = t2v_cap("diff", "right.yaml", "other.yaml", "--format", "json").out
    assert t2v_cap("diff", "right.yaml", "other.yaml", "--format", "json", "--exit-code", code=3).out == printed


@pytest.mark.wide
def test_a_full_disk_ends_with_2() -> None:
    """An answer that standard output can't take ends with 2 and one line, not with a crash."""
    done = shell("set -o pipefail; t2v-cap estimate right.yaml --format json > /dev/full")
    assert (done.returncode, done.stderr) == (2, b"error: the answer can't be written: no space left on device\n")


@pytest.mark.slow
@pytest.mark.wide
def test_a_name_that_the_terminal_cannot_show_is_written_in_escapes() -> None:
    """A scenario's name outside the terminal's encoding doesn't end the program."""
    write("name: \u52d5\u753b\ndau: yes\n", "right.yaml")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    for extra, code in (([], 2), (["--dau", "5"], 2)):
        done = subprocess.run([*PROGRAM, "estimate", "right.yaml", *extra], capture_output=True, check=False, env=environment, timeout=60)
        assert done.returncode == code
        assert b"Traceback" not in done.stderr
    write("name: \u52d5\u753b\n", "right.yaml")
    done = subprocess.run([*PROGRAM, "estimate", "right.yaml"], capture_output=True, check=False, env=environment, timeout=60)
    assert (done.returncode, done.stdout.splitlines()[0], done.stderr) == (0, b"\\u52d5\\u753b", b"")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_every_character_of_an_answer_has_a_twin(encoding: str) -> None:
    """What reports are drawn with can be written in an encoding that lacks it, one letter for one on a terminal."""
    codecs.register_error("twin", _twin)
    rooms = ("answers", "forms", "tables", "handover")
    parts = [path for room in rooms for path in ours(f"src/t2v_capacity/{room}") if path.suffix == ".py"]
    nodes = (node for path in parts for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    drawn = {c for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str) for c in node.value if not c.isascii()}

    assert len(drawn) > 10
    assert [c for c in drawn if "\\" in c.encode(encoding, errors="twin").decode(encoding)] == []
    assert "\u52d5".encode(encoding, errors="twin") == b"\\u52d5"


@pytest.mark.slow
@pytest.mark.wide
@pytest.mark.parametrize("encoding", ["ascii", pytest.param("latin-1", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "line",
    some(["explain right.yaml trps", "sweep right.yaml --over 'dau=1M..9M 5'", "forecast right.yaml", "sensitivity right.yaml gpus"], 4),
)
def test_a_terminal_without_boxes_has_twins(line: str, encoding: str) -> None:
    """Answers at a pipe and on a terminal of such an encoding hold no escape, and a file of `--output` is UTF-8 all the same."""
    if encoding == "latin-1":
        write(f"name: Caf\u00e9\n{SCENARIO.partition(chr(10))[2]}", "right.yaml")
    told = shell(f"t2v-cap {line} | tee piped; script -qec 't2v_cap() {{ {shlex.quote(sys.executable)} -m t2v_capacity {line}; }}; t2v_cap' seen; "
                 f"t2v-cap {line} --output saved", PYTHONIOENCODING=encoding)  # fmt: skip

    assert b"\\u" not in told.stdout
    assert b"Traceback" not in told.stdout + told.stderr
    assert Path("piped").read_bytes().decode(encoding)
    assert Path("saved").read_bytes().decode("utf-8").splitlines()[0].startswith(("A service", "Caf\u00e9", "trps"))
