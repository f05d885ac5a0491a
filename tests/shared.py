"""What tests of many rooms do: run the program, write a scenario, load a plan, keep a git repository."""

import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterable
from itertools import product
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from t2v_capacity import Plan
from t2v_capacity import estimate as plan_from
from t2v_capacity.cli.app import run
from t2v_capacity.errors import Mistake, Mistakes
from t2v_capacity.files.document import parse_document
from t2v_capacity.plan.estimate import Estimate, estimate
from t2v_capacity.scenario.layers import file_layers, read_layer
from t2v_capacity.scenario.load import load_scenario, merged
from t2v_capacity.scenario.settings import Scenario

Flags = list[str]

_DRAWN: dict[str, tuple[str, ...]] = {
    "--gpu": ("h100", "b200", "l40s", "a100", "mi300x"),
    "--model": ("wan2.2-t2v-a14b", "mochi", "hunyuanvideo", "wan2.2-ti2v-5b"),
    "--precision": ("bf16", "fp8", "fp32"),
    "--compute-precision": ("bf16", "fp16"),
    "--attention-kernel": ("sdpa", "fa2"),
    "--runtime": ("eager", "compiled"),
    "--offload": ("none", "encoder", "all"),
    "--sharding": ("none", "weights"),
    "--resolution": ("720p", "832x480", "480p"),
    "--duration": ("4 s", "8 s", "3 s to 6 s"),
    "--dau": ("20K", "3M", "50K to 200K"),
    "--videos-per-user-per-day": ("1 to 4", "3"),
    "--steps": ("8", "30"),
    "--gpu-price": ("1", "2.5 to 5"),
    "--reserved-price": ("1.5",),
    "--gpus-per-replica": ("2", "4"),
    "--gpus-per-server": ("4",),
    "--target-latency": ("30 s", "1 h"),
    "--price-per-video-second": ("0.2 USD",),
    "--peak-to-average": ("1.4", "1.2 to 2.5"),
    "--pin": ("video_size=1.4 MB", "generation_latency=90 s", "gpu_seconds_per_video=300 s"),
}


def some(cases: Iterable[Any], every: int) -> list[Any]:
    """Return cases of a law of which every so many'th is in the ordinary suite, and the others are slow."""
    known = [case if isinstance(case, tuple) else (case,) for case in cases]
    return [pytest.param(*case, marks=pytest.mark.slow if index % every else ()) for index, case in enumerate(known)]


def over(*axes: tuple[str, Iterable[Any]]) -> Callable[[Callable[..., None]], Callable[[], None]]:
    """Hold a law over all combinations of cases as one test, which lists those that break it.

    Names are parted by blanks.
    """
    names = [name.split() for name, _cases in axes]
    cases = [
        dict(
            pair
            for own, case in zip(names, found, strict=True)
            for pair in zip(own, case if len(own) > 1 else (case,), strict=True)
        )
        for found in product(*(cases for _name, cases in axes))
    ]
    assert cases

    def of(law: Callable[..., None]) -> Callable[[], None]:
        def held() -> None:
            broken = []
            for case in cases:
                try:
                    law(**case)
                except AssertionError as error:
                    broken.append(f"{case}: {error}")
            assert not broken, "\n".join([f"{len(broken)} of {len(cases)} cases:", *broken])

        held.__name__, held.__doc__, held.__module__ = law.__name__, law.__doc__, law.__module__
        return held

    return of


class Said(NamedTuple):
    """What the program said on its two streams."""

    out: str
    err: str

    @property
    def json(self) -> Any:
        """The JSON document of its answer."""
        return json.loads(self.out)


class Terminal(io.StringIO):
    """Text that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        """Return that it is."""
        return True


class Program:
    """The program, called in this process; the fixture `t2v_cap` gives it."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._streams = capsys

    def __call__(self, *line: str, code: int | tuple[int, ...] = 0) -> Said:
        """Return what a command line says, which must end with that code, or with one of those."""
        self._streams.readouterr()
        ended = run(list(line))
        said = Said(*self._streams.readouterr())
        assert ended in (code if isinstance(code, tuple) else (code,)), (
            f"exit code {ended} for t2v-cap {shlex.join(line)}\n{said.out}{said.err}"
        )
        return said


def answer(t2v_cap: Program, *line: str) -> str:
    """Return an answer that is given without a word on standard error."""
    out, err = t2v_cap(*line)
    assert err == ""
    return out


def check_rows(t2v_cap: Program, code: int, *arguments: str) -> list[dict[str, Any]]:
    """Return the rows that `check --format json` prints, which must end with that code."""
    document = t2v_cap("check", *arguments, "--format", "json", code=code).json
    assert list(document)[:6] == ["version", "tool", "command", "as_of", "seed", "samples"]
    assert document["command"] == "check"
    rows: list[dict[str, Any]] = document["rows"]
    return rows


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command line of a shell, in which `t2v-cap` is the program as a process of its own."""
    function = f't2v-cap() {{ "{sys.executable}" $PYTHON_FLAGS -m t2v_capacity "$@"; }}; {line}'
    known = {**os.environ, "PYTHON_FLAGS": "", **environment}
    return subprocess.run(["/bin/bash", "-c", function], capture_output=True, check=False, timeout=60, env=known)


def write(text: str, file: str | Path = "my.yaml") -> str:
    """Write a file, by its name into the folder at hand, and return its path."""
    path = Path(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(file)


def plan_of(
    path: str | Path,
    sets: Iterable[str] = (),
    pins: Iterable[str] = (),
    catalogues: Iterable[str] = (),
    as_of: str | None = None,
) -> Estimate:
    """Return the plan of a scenario with flags and pins."""
    return estimate(load_scenario(str(path), sets, pins, catalogues, as_of))


def quiet(scenario: Scenario) -> Estimate:
    """Return a plan whose warnings nobody looks for, which takes most of a difference's time."""
    plan = estimate(scenario)
    vars(plan)["warnings"] = ()
    return plan


def drawn(seed: str) -> Flags:
    """Return a set of flags: three to six of the table."""
    chance = Random(seed)
    names = chance.sample(sorted(_DRAWN), chance.randint(3, 6))
    return [part for name in names for part in (name, chance.choice(_DRAWN[name]))]


def plan_with(path: str | Path, flags: Flags) -> Estimate | None:
    """Return the plan of a scenario with flags; nothing if they can't be together."""
    pairs = [(flag[2:].replace("-", "_"), text) for flag, text in zip(flags[::2], flags[1::2], strict=True)]
    sets = [f"{name}={text}" for name, text in pairs if name != "pin"]
    try:
        return plan_of(path, sets, [text for name, text in pairs if name == "pin"])
    except Mistakes:
        return None


def plan_of_text(text: str, pins: Iterable[str] = (), as_of: str | None = None) -> Estimate:
    """Return the plan of a scenario's text, which is written into the folder at hand."""
    return plan_of(write(text, "plan.yaml"), pins=pins, as_of=as_of)


def refusal(ask: Callable[..., object], *given: Any, **named: Any) -> str:
    """Return in which words something is refused."""
    with pytest.raises(Mistakes) as refused:
        ask(*given, **named)
    return str(refused.value)


def scenario_with(path: str | Path, *texts: str) -> Scenario:
    """Return a scenario with the layers of these texts over it."""
    mistakes = list[Mistake]()
    layers = [read_layer(parse_document(f"{text}\n", "over.yaml"), "over.yaml", mistakes) for text in texts]
    return merged([*file_layers(str(path), mistakes), *layers], mistakes)


def git(*arguments: str) -> str:
    """Run git in the folder at hand, whatever this machine's settings, and return what it prints."""
    # Whoever commits the same makes the same commit, so that what quotes one can be recorded.
    dates = dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), "2026-11-24T12:00:00+0000")
    environment = {**os.environ, **dates, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    line = ["git", "-c", "user.name=A", "-c", "user.email=a@b.example", "-c", "init.defaultBranch=main", *arguments]
    return subprocess.run(line, capture_output=True, check=True, text=True, env=environment).stdout.strip()


def commit(files: dict[str, str | None], *, base: bool = False) -> None:
    """Write files, or take them away, and commit; as a base, `main` moves to it too."""
    for name, text in files.items():
        if text is None:
            Path(name).unlink()
        else:
            write(text, name)
    git("add", "-A")
    git("commit", "-q", "--allow-empty", "-m", "change")
    if base:
        git("branch", "-f", "main")


def branched(*bases: dict[str, str | None]) -> None:
    """Make a repository whose `main` has these commits, and go on with a branch."""
    git("init", "-q")
    for files in bases:
        commit(files)
    git("checkout", "-q", "-b", "feature")


def clips_of_a_day(**inputs: Any) -> Plan:
    """Return the plan of 180K clips a day, 125 a minute, of 109 s each on an H100."""
    timed = {"gpu_seconds_per_video": "109 s"}
    return plan_from(model="wan2.2-ti2v-5b", gpu="h100-sxm", dau="60K", videos_per_user_per_day=3, pins=timed, **inputs)
