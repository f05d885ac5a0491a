"""Wrong scenarios and command lines: each is refused with exactly the text that stands beside it.

`tests/mistakes/` holds a wrong scenario NAME.yaml with its answer in NAME.txt, the wrong command lines with their
answers in `command_lines.yaml`, and the answers to wrong inputs that are made here (too large, not text) in
`generated/`.
"""

import io
import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from places import MISTAKES
from shared import Program, write
from t2v_capacity.cli.app import run
from t2v_capacity.files.git_tree import MAX_BYTES
from t2v_capacity.scenario.layers import MAX_FILES
from texts import Recorded

LINES = MISTAKES / "command_lines.yaml"
SCENARIOS = sorted(path.stem for path in MISTAKES.glob("*.yaml") if path != LINES)


@dataclass(frozen=True)
class Line:
    """A wrong command line, and what it is answered."""

    name: str
    args: str
    expected: str
    stdin: str | None = None

    def __str__(self) -> str:
        """Return the line as it stands in the file."""
        given = "" if self.stdin is None else f"  stdin: {json.dumps(self.stdin)}\n"
        answer = "".join(f"    {line}\n" if line else "\n" for line in self.expected.splitlines())
        return f"- name: {self.name}\n  args: {json.dumps(self.args)}\n{given}  expected: |\n{answer}"


COMMAND_LINES = [Line(**row) for row in yaml.safe_load(LINES.read_text(encoding="utf-8"))]


@pytest.fixture
def in_mistakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in the folder of the mistakes, so that every path in an answer is relative."""
    monkeypatch.chdir(MISTAKES)


def _answer(t2v_cap: Program, arguments: list[str]) -> str:
    """Return what the program says to wrong input, after checking that it ends as the contract says."""
    out, err = t2v_cap(*arguments, code=2)
    assert out == ""
    assert "Traceback" not in err
    return err


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.usefixtures("in_mistakes")
def test_a_wrong_scenario_is_refused_with_exactly_its_text(name: str, t2v_cap: Program, recorded: Recorded) -> None:
    """A wrong scenario ends with 2, nothing on standard output, and exactly the text beside it."""
    recorded.file(_answer(t2v_cap, ["estimate", f"{name}.yaml"]), MISTAKES / f"{name}.txt")


@pytest.mark.usefixtures("in_mistakes")
def test_a_wrong_command_line_is_refused_with_exactly_its_text(
    t2v_cap: Program, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every wrong command line ends with 2, no output, no file, and exactly the text in `command_lines.yaml`."""
    answers, files = [], sorted(Path().rglob("*"))
    for line in COMMAND_LINES:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO((line.stdin or "").encode())))
        answers.append(Line(line.name, line.args, _answer(t2v_cap, shlex.split(line.args)), line.stdin))
    assert sorted(Path().rglob("*")) == files
    heading = LINES.read_text(encoding="utf-8").splitlines(keepends=True)[0]
    recorded.file(heading + "".join(map(str, answers)), LINES)


# Wrong inputs that are made when they are needed; each is the scenario `wrong.yaml` in an empty folder.


def _bytes(content: bytes) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        folder.joinpath("wrong.yaml").write_bytes(content)

    return write


def _symlink_loop(folder: Path) -> None:
    folder.joinpath("wrong.yaml").symlink_to("other.yaml")
    folder.joinpath("other.yaml").symlink_to("wrong.yaml")


def _chain(folder: Path) -> None:
    write("extends: 1.yaml\n", "wrong.yaml")
    for index in range(1, 1_500):
        write(f"extends: {index + 1}.yaml\n", folder / f"{index}.yaml")


ALIASES = "a: &a [x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
GENERATED: dict[str, Callable[[Path], None]] = {
    "alias-bomb": _bytes(ALIASES.encode()),
    "nested-brackets": _bytes(b"dau: " + b"[" * 900 + b"]" * 900),
    "nested-lines": _bytes("".join(f"{' ' * index}a:\n" for index in range(1_000)).encode()),
    "unclosed-brackets": _bytes(b"dau: " + b"[" * 900),
    "just-over-a-megabyte": _bytes(b"#" * (MAX_BYTES + 1)),
    "empty-file": _bytes(b""),
    "byte-order-mark-alone": _bytes(b"\xef\xbb\xbf"),
    "latin-1": _bytes("traffic:\n  dau: 1M\nname: Café\n".encode("latin-1")),
    "utf-16": _bytes("dau: 1M\n".encode("utf-16")),
    "an-image": _bytes(b"\x89PNG\r\n\x1a\n\x00\x00"),
    "nul": _bytes(b"name: a service\ndau: 1M\x00\n"),
    "escape-character": _bytes(b"dau: \x1b[31m5\n"),
    "escape-character-in-escapes": _bytes(b'dau: "\\e[31m5"\n"\\e[2J": 5\n'),
    "mistake-after-crlf": _bytes(b"traffic:\r\n  dau: yes\r\n"),
    "mistake-after-a-byte-order-mark": _bytes(b"\xef\xbb\xbfduu: 1M\n"),
    "mistake-after-wide-characters": _bytes("traffic: {dau: {source: 動画サービス e\u0301 😀, value: yes}}\n".encode()),
    "a-name-of-a-thousand-letters": _bytes(b"zebra-" * 170 + b": 5\n"),
    "a-value-of-a-hundred-thousand-digits": _bytes(b"dau: " + b"9" * 100_000 + b"\n"),
    "sixty-thousand-names": _bytes("".join(f"name{index}: 5\n" for index in range(60_000)).encode()),
    "extends-a-name-with-nul": _bytes(b'extends: "a\\0b"\n'),
    "extends-standard-input": _bytes(b'extends: "-"\n'),
    "extends-a-chain-of-files": _chain,
    "a-circle-of-links": _symlink_loop,
}


@pytest.mark.parametrize("name", GENERATED)
def test_a_wrong_input_is_refused_with_exactly_its_text(
    name: str, folder: Path, t2v_cap: Program, recorded: Recorded
) -> None:
    """An input that is too large, too deep or not text ends with 2 and exactly the text in `generated/`."""
    GENERATED[name](folder)
    recorded.file(_answer(t2v_cap, ["estimate", "wrong.yaml"]), MISTAKES / "generated" / f"{name}.txt")


def test_an_endless_input_is_read_with_a_limit(
    t2v_cap: Program, monkeypatch: pytest.MonkeyPatch, recorded: Recorded
) -> None:
    """An endless file and endless standard input are refused once they are larger than a scenario may be."""
    recorded(_answer(t2v_cap, ["estimate", "/dev/zero"]))
    with Path("/dev/zero").open(encoding="utf-8") as endless:
        monkeypatch.setattr("sys.stdin", endless)
        recorded(_answer(t2v_cap, ["estimate", "-"]))


@pytest.mark.parametrize(
    "content", [b"\xef\xbb\xbfdau: 2M\n", b"name: x\r\ntraffic:\r\n  dau: 2M\r\n", b"dau: 2M", b"---\ndau: 2M\n...\n"]
)
def test_what_only_looks_odd_is_accepted(content: bytes, tmp_path: Path, t2v_cap: Program) -> None:
    """A byte order mark, CRLF, a missing last line end and one explicit document are fine."""
    scenario = tmp_path / "odd.yaml"
    scenario.write_bytes(content)
    assert '"value": 2000000' in t2v_cap("estimate", str(scenario), "--format", "json").out


@pytest.mark.wide
@pytest.mark.parametrize(
    "name", ["several-mistakes", "full-width-digits", "extends-in-a-circle", "tag-that-would-run-code"]
)
def test_the_installed_program_answers_the_same(name: str) -> None:
    """The program as a process of its own refuses a wrong scenario with the same text and code."""
    command = [sys.executable, "-m", "t2v_capacity", "estimate", f"{name}.yaml"]
    done = subprocess.run(command, cwd=MISTAKES, capture_output=True, check=False, timeout=60)
    wanted = (MISTAKES / f"{name}.txt").read_text(encoding="utf-8")
    assert (done.returncode, done.stdout, done.stderr.decode()) == (2, b"", wanted)


def test_no_answer_is_without_its_case() -> None:
    """Every text of an answer belongs to a case, and every command line has a name of its own."""
    assert sorted(path.stem for path in MISTAKES.glob("*.txt")) == SCENARIOS
    assert sorted(path.stem for path in MISTAKES.glob("generated/*.txt")) == sorted(GENERATED)
    assert len({line.name for line in COMMAND_LINES}) == len(COMMAND_LINES)


def test_answers_are_fit_to_be_read() -> None:
    """An answer begins with what is wrong, holds no control character, repeats no word, and speaks no Python."""
    texts = [(path.stem, path.read_text(encoding="utf-8")) for path in MISTAKES.rglob("*.txt")]
    for name, answer in (*texts, *((line.name, line.expected) for line in COMMAND_LINES)):
        assert all(character.isprintable() or character == "\n" for character in answer), name
        for block in answer.rstrip("\n").split("\n\n"):
            message = block.splitlines()[0]
            assert message.startswith("error: "), name
            assert [one for one, two in pairwise(message.split()) if one == two] == [], name
            assert len(message) < 320, name
            assert not any(
                sign in message for sign in ("Error(", "{'", "['", "None", "``", "argument(s)", "object at")
            ), name


def test_a_scenario_may_extend_as_many_files_as_the_limit_says(tmp_path: Path, t2v_cap: Program) -> None:
    """A scenario of just the allowed number of files is computed."""
    for index in range(1, MAX_FILES):
        write(f"extends: {index + 1}.yaml\n", tmp_path / f"{index}.yaml")
    write("dau: 1M\n", tmp_path / f"{MAX_FILES}.yaml")
    assert t2v_cap("estimate", str(tmp_path / "1.yaml"), "--format", "json").err == ""


# Texts as a person could write them; tests/joints/test_fuzz.py draws files of known names, and command lines.
AMOUNTS = st.from_regex(
    r"[-+]?[0-9_.,]{1,8}([eE][-+]?[0-9]{1,3})? ?[KMGTPE]?i?(B|bit|bps|FLOP|s|d|h|%|USD)?(/s|/user)?", fullmatch=True
)
TEXTS = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="ab:-?!&*{}[]|>'\"%@` \n\t#,", max_size=40),
    st.builds(
        "{}: {}\n".format, st.sampled_from(["dau", "bitrate", "retention", "resolution", "patch", "as_of"]), AMOUNTS
    ),
)


@pytest.mark.wide
@settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(text=TEXTS)
@pytest.mark.usefixtures("in_mistakes")
def test_no_text_makes_the_program_crash(
    text: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever stands in a scenario, the program answers, or ends with 2 and says why."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode("utf-8", "surrogatepass"))))
    code = run(["estimate", "-", "--format", "json"])
    out, err = capsys.readouterr()
    assert (code, bool(out), bool(err)) in {(0, True, False), (2, False, True)}
    assert "Traceback" not in err
