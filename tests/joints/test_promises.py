"""The promises of docs/security.md about reading, writing, ending and numbers.

Each is tested on the smallest input that once broke it.
"""

import json
import re
import shlex
import stat
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import Program, shell, some, write
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.names import read_amount
from t2v_capacity.assumptions.quantities import parse, show
from t2v_capacity.cli.app import run
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.forms.text import inert
from texts import Recorded


@pytest.fixture(autouse=True)
def two_folders(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in a folder that holds a scenario, beside another that it has nothing to do with."""
    (folder / "here").mkdir()
    (folder / "there").mkdir()
    monkeypatch.chdir(folder / "here")
    write("dau: 2M\n", "plan.yaml")


@pytest.mark.wide
@given(exponent=st.floats(-3, 15))
@settings(max_examples=30, deadline=None)
def test_what_is_printed_reads_back(exponent: float) -> None:
    """An amount of any figure or assumption, as it is printed, is read back to within the last digit that is shown."""
    value, wrong = 10.0**exponent, []
    for name in [*FIGURES, *(name for name, known in ASSUMPTIONS.items() if known.endless != "forever")]:
        known = FIGURES.get(name) or ASSUMPTIONS[name]
        text = show(value, known.unit, 6)
        read = read_amount(name, text) if name in FIGURES else parse(text, known.unit, bare=True)
        wrong += [] if read == pytest.approx(value, rel=1e-4, abs=1e-9) else [f"{name}: {text}"]
    assert wrong == []


@pytest.mark.wide
@pytest.mark.parametrize("form", ["table", "json", "junit", "csv"])
def test_no_answer_is_infinite(form: str, t2v_cap: Program) -> None:
    """A limit near the ends of what a number holds gives no `inf` in an answer."""
    budgets = ["gpus <= 1e308", "gpus < 5e-324", "utilization < 1e-320", "cost_per_month > 1e308 USD"]
    out, err = t2v_cap(
        "check", "plan.yaml", *(part for one in budgets for part in ("--budget", one)), "--format", form, code=3
    )
    assert not re.search(r"\binf\b|\bnan\b", out + err)


def test_a_change_from_almost_nothing_has_no_proportion(t2v_cap: Program) -> None:
    """A proportion that no number holds is left out, in JSON and CSV alike."""
    for form in ("json", "csv"):
        for flag in (["--user-profile-size", "1e-320 B"], ["--set", "user_profile_size=1e-320 B"]):
            assert "inf" not in t2v_cap("diff", "plan.yaml", *flag, "--format", form).out.replace("info", "")


@pytest.mark.parametrize(
    "budget",
    ["P(" * 500 + "gpus < 1" + ") > 0" * 500, "p" + "9" * 5000 + "(gpus) < 5", "gpus > 1" + " " * 9000 + "x", "gpus"],
    ids=["nested", "digits", "blanks", "alone"],
)
def test_an_odd_budget_or_axis_is_refused(budget: str, t2v_cap: Program) -> None:
    """Nested chances, a percentile or a number of thousands of digits and a text of blanks are refused in words."""
    axis = ["sweep", "plan.yaml", "--over", f"dau=1..2 {'9' * 5000}"]
    assert t2v_cap(*axis, code=2).err.startswith("error: ")
    write(f"budgets: ['{budget}']\n", "plan.yaml")
    for command in (["estimate", "plan.yaml"], ["check", "plan.yaml"], ["solve", "plan.yaml", "--until", budget]):
        assert t2v_cap(*command, code=2).err.startswith("error: ")


@pytest.mark.parametrize(
    "pin", ["replicas=0", "gpus=0", "requests_per_day=0", "gpu_seconds_per_video=0 s", "idle_share=0"]
)
def test_calibrate_takes_the_pins_that_estimate_takes(pin: str, t2v_cap: Program) -> None:
    """A pin of nothing ends `calibrate` as it ends `estimate`, or with 2, never with a traceback."""
    write("- {seconds: 700}\n", "runs.yaml")
    ended = run(["estimate", "plan.yaml", "--pin", pin, "--format", "json"])
    t2v_cap("calibrate", "plan.yaml", "runs.yaml", "--pin", pin, code=(ended, 2))


@pytest.mark.parametrize(
    "text",
    [
        "dau: '1" + " " * 400_000 + "to 2'\n",
        "budgets: [" + "x < 1, " * 60_000 + "]\n",
        "budgets: [" + ", ".join(f"x{n} < 1" for n in range(900)) + "]\n",
        "gates: {fail_on: [" + "gpuz > 1, " * 900 + "]}\n",
    ],
    ids=["blanks", "list", "budgets", "gates"],
)
def test_a_large_file_is_answered_soon(text: str, t2v_cap: Program, recorded: Recorded) -> None:
    """A file of up to a megabyte is answered, or refused, within seconds."""
    write(text, "plan.yaml")
    recorded(t2v_cap("estimate", "plan.yaml", code=2).err)


@pytest.mark.slow
@pytest.mark.wide
def test_many_files_are_answered_soon(t2v_cap: Program) -> None:
    """Fifty files of 1,000 mistakes each, fifty missing ones, and a catalogue named 300 times take seconds at most."""
    for number in range(49):
        write("".join(f"dauu{n}: 1\n" for n in range(990)), f"e{number}.yaml")
    write("gpus:\n" + "".join(f"  g{n}: {{extends: h100-sxm}}\n" for n in range(500)), "own.yaml")
    for key, files, code in (
        ("extends", [f"e{n}.yaml" for n in range(49)], 2),
        ("extends", [f"g{n}.yaml" for n in range(49)], 2),
        ("catalogue", ["own.yaml"] * 300, 0),
    ):
        write(f"{key}: [{', '.join(files)}]\n", "plan.yaml")
        start = time.perf_counter()
        t2v_cap("estimate", "plan.yaml", code=code)
        assert time.perf_counter() - start < 10


@pytest.mark.wide
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("t2v-cap check plan.yaml --budget 'gpus<1' >/dev/null 2>/dev/full", 3),
        ("t2v-cap check plan.yaml --budget 'gpus<1' >/dev/null 2>&-", 3),
        ("t2v-cap estimate nope.yaml 2>&-", 2),
        ("t2v-cap estimate plan.yaml >&-", 0),
        ("t2v-cap estimate plan.yaml --output x.txt >&- && test -s x.txt", 0),
        ("t2v-cap --help >&-", 0),
        ("_T2V_CAP_COMPLETE=x t2v-cap", 2),
    ],
)
def test_codes_survive_streams_that_cannot_be_written(line: str, code: int) -> None:
    """A full or closed standard error takes no exit code away, and a closed standard output is no crash."""
    assert shell(line).returncode == code


@pytest.mark.wide
def test_a_working_folder_that_is_gone_is_told() -> None:
    """Where the working folder was deleted, a relative path ends with 2 and says that the folder is gone."""
    done = shell("mkdir gone && cd gone && rmdir ../gone && t2v-cap estimate ../plan.yaml")
    assert (done.returncode, done.stderr) == (2, b"error: the working folder is gone; change to one that is there\n")


@pytest.mark.slow
@pytest.mark.wide
def test_optimised_python_answers_the_same() -> None:
    """Without docstrings (`-OO`) formulas are shown as with them."""
    for flags in ("", "-OO"):
        assert (
            b"requests_per_day / SECONDS_PER_DAY" in shell("t2v-cap explain plan.yaml trps", PYTHON_FLAGS=flags).stdout
        )


@pytest.mark.wide
@pytest.mark.parametrize("encoding", some(["ascii", "latin-1", "cp1252"], 3))
def test_answers_are_utf_8_in_every_encoding(encoding: str) -> None:
    """What is written to a stream is UTF-8, JSON or not, whatever encoding it is said to have."""
    write("name: é 😀\n", "plan.yaml")
    done = shell("t2v-cap estimate plan.yaml --format json; t2v-cap estimate plan.yaml", PYTHONIOENCODING=encoding)
    document, screen = done.stdout.decode("utf-8").split("\n}\n")
    assert json.loads(document + "}")["scenario"]["name"] == "é 😀"
    assert screen.startswith("é 😀")
    assert done.stderr == b""


def test_an_answer_keeps_mode_and_link(t2v_cap: Program) -> None:
    """A file that is written over keeps its mode, and a link stays a link.

    A name of any length is written; a folder's name is refused.
    """
    write("before", "answer.json")
    Path("answer.json").chmod(0o600)
    Path("link.json").symlink_to("answer.json")
    t2v_cap("estimate", "plan.yaml", "--format", "json", "--output", "link.json")
    assert Path("link.json").is_symlink()
    assert stat.S_IMODE(Path("answer.json").stat().st_mode) == 0o600
    assert json.loads(Path("answer.json").read_text(encoding="utf-8"))["command"] == "estimate"
    long = "x" * 251 + ".csv"
    t2v_cap("estimate", "plan.yaml", "--format", "csv", "--output", long)
    assert Path(long).is_file()
    t2v_cap("estimate", "plan.yaml", "--output", "there/", code=2)
    assert not Path("there").exists()


@pytest.mark.parametrize(
    "command", [["estimate", "plan.txt"], ["check", "plan.txt"], ["sweep", "plan.txt", "--over", "dau=1M,2M"]]
)
def test_an_answer_is_never_written_over_what_it_was_computed_from(
    command: list[str], t2v_cap: Program, recorded: Recorded
) -> None:
    """`--output` over the scenario, or a file that it extends, is refused, and the file stays as it was."""
    write("dau: 1M\n", "base.txt")
    write("extends: base.txt\n", "plan.txt")
    for file, text in (("plan.txt", "extends: base.txt\n"), ("./base.txt", "dau: 1M\n")):
        recorded(t2v_cap(*command, "--format", "json", "--force", "--output", file, code=2).err)
        assert Path(file).read_text(encoding="utf-8") == text


def test_a_cell_of_csv_is_no_formula(t2v_cap: Program) -> None:
    """A file name that begins like a formula is a text in CSV."""
    write("dau: 1M\n", "=cmd|x.yaml")
    for line in (["total", "=cmd|x.yaml", "plan.yaml"], ["check", "=cmd|x.yaml", "--budget", "gpus > 1"]):
        assert not re.search(r"(^|,)=", t2v_cap(*line, "--format", "csv").out, re.MULTILINE)


@pytest.mark.wide
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("models: {m: {extends: mochi-1-preview, frames: 5, fps: 0}}", 1),
        ("models: {m: {extends: mochi-1-preview, frames: 81.5}}", 1),
        ("models: {m: {extends: mochi-1-preview, frames: 1e400}}", 1),
        ("models: {m: {extends: mochi-1-preview, frames: [5]}}", 1),
        ("models: {m: {extends: mochi-1-preview, frames: 5, fps: 24 fpz}}", 1),
        ("models: {m: {extends: mochi-1-preview, aliases: foo}}", 1),
        ("models: {m: {extends: mochi-1-preview, aliases: [[a]]}}", 1),
        ("models:\n  m:\n    extends: mochi-1-preview\n    label: [x]", 4),
    ],
)
def test_a_wrong_entry_is_told_at_its_place(text: str, line: int, t2v_cap: Program, recorded: Recorded) -> None:
    """What an entry of a catalogue says in a wrong form is refused where it stands, and nothing else is blamed."""
    write(text + "\n", "own.yaml")
    for command in (["estimate", "plan.yaml"], ["list", "models"]):
        err = t2v_cap(*command, "--catalogue", "own.yaml", code=2).err
        recorded(err)
        assert f" --> own.yaml:{line}:" in err
        assert err.count("error: ") == 1


def test_a_comment_has_no_emoji_of_somebody() -> None:
    """A shortcode in somebody's text stays the text that it is."""
    assert inert(":+1: and :tada:") == ":\u200b+1: and :\u200btada:"


@pytest.mark.wide
def test_nothing_speaks_to_the_runner(t2v_cap: Program) -> None:
    """No line of either stream begins like a runner's command, whatever a scenario, its rules or its file is called."""
    forged = "::error title=x::forged"
    write(f'name: "{forged}"\ndescription: "##[warning]{forged}"\ndau: 1M\ncatalogue: "{forged}"\n', f"{forged}.yaml")
    write(
        f'name: "{forged}"\ndescription: "##[warning]x"\nbudgets: {{"{forged}": gpus < 1}}\n'
        f'gates: {{fail_on: {{"{forged}": gpus > +1%}}}}\ndau: 1M\n',
        "forged.yaml",
    )
    for line in (
        "estimate forged.yaml",
        "check forged.yaml --strict",
        "diff forged.yaml --dau 9M",
        "total forged.yaml forged.yaml",
        "solve forged.yaml --until 'gpus < 50'",
        f"check '{forged}.yaml'",
        f"estimate '{forged}.yaml'",
        f"estimate '{forged}'",
    ):
        said = "".join(t2v_cap(*shlex.split(line), code=(0, 2, 3)))
        assert "forged" in said
        assert not re.search(r"^\s*(::|##\[)", said, re.MULTILINE), line
