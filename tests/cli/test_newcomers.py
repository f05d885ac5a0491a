"""Lines that newcomers type: each ends with 2, and says what to write instead."""

import re
from typing import Any

import pytest

from places import ROOT
from shared import write

_GPUS = "`--gpus-per-replica 8` if they make one clip together, `--gpu-limit 8` if you have no more"
_PAGE = "`t2v-cap export plan.yaml plan.html` writes a page that computes in a browser"
_RATE = "write clips per second as clips per day, 86400 times as many: `--clips-per-day 400K`"
_FRAMES = "write frames over frames per second as a length: `--duration 5s`"
# Lines as they are typed, and the first line of what they get.
LINES = {
    "estimate --qps 10": f"`--qps` is not an option; {_RATE}",
    "estimate --rps=10": f"`--rps` is not an option; {_RATE}",
    "estimate --requests-per-day 1M": "`--requests-per-day` is not an option; write `--clips-per-day 1M`",
    "estimate --num-gpus 8": f"`--num-gpus` is not an option; {_GPUS}",
    "estimate --count 8": f"`--count` is not an option; {_GPUS}",
    "estimate -m wan": "`-m` is not an option; write `--model wan`",
    "-v": "`-v` is not an option; write `t2v-cap version`",
    "estimate mochi.yaml -f json": "`-f` is not an option; write `--format json`",
    "estimate mochi.yaml --start 2026-01": (
        "`--start` is not an option; write `t2v-cap forecast PLAN.yaml --start 2026-01`"
    ),
    "estimate --batch-size 4": (
        "`--batch-size` is not an option; batches are not modeled: a GPU makes one clip at a time; "
        "GPUs per clip: `--gpus-per-replica`"
    ),
    "estimate --currency EUR": "`--currency` is not an option; prices are in USD only",
    "estimate --frames 81": f"`--frames` is not an option; {_FRAMES}",
    "estimate --num-frames 81": f"`--num-frames` is not an option; {_FRAMES}",
    "estimate --region us-east-1": (
        "`--region` is not an option; `--regions` is a count; who rents out the GPUs: `--provider`"
    ),
    "estimate --dau 1m": "`dau`: unknown unit `m`; write 1M",
    "estimate --gpu 8xh100": "`gpu`: `8xh100` is 8 GPUs; write `--gpu h100 --gpus-per-replica 8`",
    "sweep mochi.yaml --over steps 20,30": "`--over steps 20,30` has no `=`; write `--over steps=20,30`",
    "estimate mochi.yaml lesson.yaml": (
        "`estimate` takes one scenario; `t2v-cap total mochi.yaml lesson.yaml` adds them, "
        "`t2v-cap diff mochi.yaml lesson.yaml` compares them"
    ),
    "estimate indented.yaml": (
        "this is not YAML: a second `: ` on one line (put quotes around the text), "
        "or a line indented below one that has a value (check the indentation)"
    ),
    "estimate endless.yaml": "`dau`: `1M to` is a range without an end; write both, such as `5M to 20M`",
    "serve": f"`serve` is not a command; {_PAGE}",
    "ui": f"`ui` is not a command; {_PAGE}",
    "init": "Missing argument 'FILE'; example: `t2v-cap init my.yaml`",
    "calibrate X": (
        "Missing argument 'RUNS'; example: `t2v-cap calibrate scenarios/mochi.yaml runs.yaml --output calibrated.yaml`"
    ),
    "actuals X": "Missing argument 'FILE...'; example: `t2v-cap actuals plan.yaml october.yaml`",
    "forecast mochi.yaml --growth-per-month 1.12": ("`growth_per_month`: `1.12` is 112% per month; for 12% write 12%"),
}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("line", LINES)
def test_a_wrong_line_gets_its_way_out(line: str, t2v_cap: Any) -> None:
    """Each of 27 lines ends with 2, and with the exact text."""
    for name in ("mochi", "lesson"):
        write((ROOT / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8"), f"{name}.yaml")
    write("model: mochi-1-preview\ndau: 1M\n  gpu: h100-sxm\n", "indented.yaml")
    write("model: mochi-1-preview\ndau: 1M to\n", "endless.yaml")
    assert len(LINES) == 26

    error = t2v_cap(*line.split(), code=2).err

    assert error.splitlines()[0] == f"error: {LINES[line]}"


@pytest.mark.parametrize("line", [line for line in LINES if re.search(r"`--(?!over)\S+ \w\S*`", LINES[line])])
def test_a_fix_is_taken(line: str, t2v_cap: Any) -> None:
    """A fix of flags can be pasted after `estimate`."""
    for flags in re.findall(r"`(--\S+ \S+(?: --\S+ \S+)*)`", LINES[line].partition("; ")[2]):
        model = () if "--model" in flags else ("--model", "mochi")
        assert t2v_cap("estimate", *model, *flags.replace("wan", "wan2.2-t2v-a14b").split()).out


def test_growth_in_percent_is_taken(t2v_cap: Any) -> None:
    """112% and 12% are what they say, and so is a share of 0.12."""
    plan = str(ROOT / "scenarios" / "start-up.yaml")
    for text, users in (("112%", 21_200), ("12%", 11_200), ("0.12", 11_200)):
        months = t2v_cap("forecast", plan, "--months", "2", "--growth-per-month", text, "--format", "json").json
        assert months["months"][1]["assumptions"]["dau"] == pytest.approx(users)
