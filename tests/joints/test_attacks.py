"""Hostile input for every command: a right answer or a message with exit code 2, never a crash."""

from pathlib import Path

import pytest

from shared import Program, write
from texts import Recorded

HOSTILE = 'name: "</script>|`x`\\e[31m"\n'


@pytest.fixture(autouse=True)
def scenarios(folder: Path) -> None:
    """Run in a folder that holds a scenario, and one with a hostile name."""
    write("name: A service\ndau: 2M\n", folder / "plan.yaml")
    write(HOSTILE, folder / "hostile.yaml")


@pytest.mark.parametrize("form", ["table", "markdown", "json", "csv"])
@pytest.mark.parametrize(
    "command",
    [
        ["compare", "hostile.yaml", "--gpu", "h100-sxm"],
        ["total", "hostile.yaml", "plan.yaml"],
        ["diff", "hostile.yaml", "plan.yaml"],
    ],
)
def test_a_name_moves_no_terminal(command: list[str], form: str, t2v_cap: Program) -> None:
    """A name with an escape sequence reaches no output as one."""
    assert "\x1b" not in t2v_cap(*command, "--format", form).out


def test_a_name_moves_no_terminal_in_colour(capsys: pytest.CaptureFixture[str]) -> None:
    """What a terminal is shown has the tool's own escapes alone."""
    from t2v_capacity.forms.report import Report
    from t2v_capacity.tables.terminal import print_report

    print_report(Report("name \x1b[31m", "file \x1b]0;x", (), ("note: \x1b[2J",)), color=False)
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "pin", ["gpus=0", "replicas=0", "gpu_seconds_per_video=0 s", "requests_per_day=0", "gpus=1e300"]
)
@pytest.mark.parametrize(
    "command",
    [
        ["sweep", "--over", "dau=1,1M"],
        ["solve", "--for", "gpu", "--minimize", "cost_per_month"],
        ["compare", "--gpu", "h100-sxm"],
        ["compare"],
    ],
)
def test_a_pin_that_leaves_no_value_is_refused(
    command: list[str], pin: str, t2v_cap: Program, recorded: Recorded
) -> None:
    """A pin from which a figure has no finite value is named, by every command as by estimate."""
    name, *options = command
    found = t2v_cap(name, "plan.yaml", *options, "--pin", pin, "--format", "json", code=2)
    assert found.out == ""
    assert f"`{pin.partition('=')[0]}`" in found.err
    recorded(found.err)


def test_a_sweep_with_one_cell_that_has_a_value_is_drawn(t2v_cap: Program) -> None:
    """A curve of one known value among refused ones has no scale, and is drawn all the same."""
    assert t2v_cap("sweep", "plan.yaml", "--over", "steps=1..99999999999999999999999999 3", code=(0, 2)).err == ""


def test_a_span_of_a_billion_is_refused_at_once(t2v_cap: Program) -> None:
    """Whole values near those of a wide span are named without looking through it."""
    assert (
        "write steps=1,500000000,1000000000"
        in t2v_cap("sweep", "plan.yaml", "--over", "steps=1..1000000000 3", code=2).err
    )


def test_a_sum_beyond_all_numbers_is_not_added(t2v_cap: Program) -> None:
    """Two amounts whose sum no number holds have no total, and it says so."""
    line = ("total", "plan.yaml", "hostile.yaml", "--pin", "storage_on_disk=1e308 B", "--format", "json")
    assert t2v_cap(*line).json["not_added"]["storage_on_disk"] == "has no value for the sums"
