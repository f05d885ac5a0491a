"""Color on a terminal and where it is asked for: by no-color.org, force-color.org and bixense.com/clicolors."""

import re

import pytest

from places import shipped
from shared import Program, write

_ESCAPE = re.compile(r"\x1b\[([\d;]*)m")
_RED, _GREEN, _YELLOW = "31", "32", "33"
# What the three standards ask for in a pipe: variables, and whether the answer has color.
ASKED = [
    ({}, False),
    ({"FORCE_COLOR": "1"}, True),
    ({"CLICOLOR_FORCE": "1"}, True),
    ({"FORCE_COLOR": ""}, False),
    ({"FORCE_COLOR": "0"}, False),
    ({"CLICOLOR_FORCE": "0"}, False),
    ({"FORCE_COLOR": "0", "CLICOLOR_FORCE": "1"}, False),
    ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ({"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False),
    ({"FORCE_COLOR": "1", "NO_COLOR": ""}, True),
]


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.parametrize(("variables", "has_color"), ASKED)
def test_a_pipe_has_color_where_it_is_asked_for(
    variables: dict[str, str], *, has_color: bool, t2v_cap: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`FORCE_COLOR` and `CLICOLOR_FORCE` give color to a CI log; 0 is none, and `NO_COLOR` beats both."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    line = ("compare", shipped("start-up"), "--gpu", "h100,h200")

    assert bool(_ESCAPE.search(t2v_cap(*line).out)) == has_color
    assert not _ESCAPE.search(t2v_cap(*line, "--no-color").out)
    assert not _ESCAPE.search(t2v_cap(*line, "--format", "json").out)


@pytest.mark.parametrize("variables", [{"FORCE_COLOR": "0"}, {"NO_COLOR": "1"}])
def test_a_terminal_has_none_where_it_is_refused(
    variables: dict[str, str], t2v_cap: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At a terminal `FORCE_COLOR=0` and `NO_COLOR` leave no color."""
    monkeypatch.setattr("t2v_capacity.cli.command_options.on_terminal", lambda _output: True)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    out = t2v_cap("compare", shipped("start-up"), "--gpu", "h100,h200").out

    assert not {code for codes in _ESCAPE.findall(out) for code in codes.split(";")} & {_RED, _GREEN, _YELLOW}


@pytest.mark.usefixtures("folder")
def test_a_color_never_stands_alone(t2v_cap: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """Green, yellow and red are of words that say the same, and headings are dim above a thin rule."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    plan = "model: wan2.2-t2v-a14b\ngpu: h100-sxm\nattention_kernel: fa3\noffload: encoder\nresolution: 480p\n"
    file = write(f"{plan}target_latency: 5.4 min\nbudgets: [gpus <= 1, gpus <= 1M]\n", "plan.yaml")
    out = t2v_cap("estimate", file).out + t2v_cap("compare", file, "--gpu", "h100,h200,l4,gb200-nvl72").out
    colored = {(code, text) for code, text in re.findall(r"\x1b\[(?:1;)?(3[123])m([^\x1b]*)", out)}
    words = {
        color: {text.partition(":")[0].strip() for code, text in colored if code == color}
        for color in "31 32 33".split()
    }

    assert {"FAIL"} <= words[_RED] <= {"FAIL", "memory", "latency", "overloaded", "cannot run"}
    assert {"PASS", "cheapest"} == words[_GREEN]
    assert "AT RISK" in words[_YELLOW]
    assert "few sellers" in words[_YELLOW]
    assert re.search(r"\x1b\[2mgpu *\x1b\[0m.*\n\x1b\[2m─+\x1b", out)
