"""Answers agree: a cell of any question is the estimate with those flags, and shows its warnings.

Every shipped scenario is asked each question with a set of flags drawn from its seed; the slow tests draw more.
"""

import io
import json
import re
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any

import pytest
from openpyxl import load_workbook

from places import PLAIN, SHIPPED
from shared import Flags, drawn, some
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.cli.app import run
from t2v_capacity.engine.figures import FIGURES
from workbooks import held

pytestmark = pytest.mark.wide

# Questions that compute cells in a way of their own; the others show the plan that the estimate shows.
QUESTIONS = ("sweep", "compare", "groups", "solve", "choose", "page", "workbook")
SHOWN = (
    "gpus",
    "gpu_seconds_per_video",
    "latency_p95",
    "memory_needed",
    "cost_per_month",
    "cost_per_video",
    "energy_per_video",
)
NEAR = 1e-9
# A workbook's cells are asked of plain plans.
ASKED = [(path.stem, question) for path in SHIPPED for question in QUESTIONS if path in PLAIN or question != "workbook"]
AXES = [
    "dau=30K,2M",
    "steps=10,25",
    "gpu=b200-hgx,l4,h200-sxm",
    "model=mochi,wan2.2-ti2v-5b",
    "max_utilization=60%,80%",
    "gpu_price=2,6",
]


@cache
def said(*line: str, ends: tuple[int, ...] = (0,)) -> Any:
    """Return the JSON that a command line writes, which must end with one of some codes; with 2 it is nothing."""
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        ended = run([*line, "--format", "json"])
    assert ended in ends, f"{line} ends with {ended}"
    return json.loads(out.getvalue()) if ended != 2 else None


def estimated(name: str, flags: Flags) -> Any:
    """Return the estimate of a scenario with flags, of which the later counts; nothing if they can't be together."""
    pairs = list(zip(flags[::2], flags[1::2], strict=True))
    last = {
        (flag, value.partition("=")[0] if flag in ("--set", "--pin") else ""): (flag, value) for flag, value in pairs
    }
    return said("estimate", f"scenarios/{name}.yaml", *chain(*last.values()), "--samples", "20", ends=(0, 2))


def same(cell: Any, plan: Any, figures: tuple[str, ...] = SHOWN) -> None:
    """Hold figures of a cell against an estimate's."""
    for figure in figures:
        value = cell[figure]["value"] if isinstance(cell[figure], dict) else cell[figure]
        wanted = plan["figures"][figure]["value"]
        assert value == (wanted if wanted is None else pytest.approx(wanted, rel=NEAR)), figure


def codes(document: Any) -> set[str]:
    """Return the codes of a document's warnings, without what is of draws alone."""
    return {warning["code"] for warning in document["warnings"]} - {"model-error-ignored"}


def counted(document: Any) -> dict[str, int]:
    """Return of each code how many cells have it."""
    cells = {
        one["code"]: re.match(r"for [^:]*? and (\d+) more of \d+ ", one["message"]) for one in document["warnings"]
    }
    return {code: 1 + int(found[1]) if found else 1 for code, found in cells.items()}


def of_cells(plans: list[Any]) -> dict[str, int]:
    """Return of each code how many estimates have it."""
    return Counter(code for plan in plans if plan for code in codes(plan))


class Asked:
    """One scenario with its flags, and what each question answers of it."""

    def __init__(self, name: str, seed: str, folder: Path) -> None:
        """Draw flags that can be together; a set that can't is drawn anew."""
        self.name, self.file, self.folder = name, f"scenarios/{name}.yaml", folder
        draws = (drawn(f"{seed} {name} {attempt}") for attempt in range(100))
        self.flags, self.plan = next((flags, plan) for flags in draws if (plan := estimated(name, flags)))
        self.chance = Random(f"{seed} {name}")

    def sweep(self) -> None:
        """Cells over numbers and choices, in floats, each the estimate with its flags."""
        over = [part for axis in self.chance.sample(AXES, 2) for part in ("--over", axis)]
        found = said("sweep", self.file, *self.flags, *over, "--show", ",".join(SHOWN))
        plans = []
        for row in found["rows"]:
            place = [part for name in found["axes"] for part in (f"--{name.replace('_', '-')}", str(row[name]))]
            plan = estimated(self.name, self._with(place))
            assert (row["error"] is None) == (plan is not None), row
            plans.append(plan)
            if plan:
                same(row, plan)
        have, wanted = counted(found), of_cells(plans)
        # The note is judged once for each combination of choices.
        defaults, _decided = (of.pop("default-decides", 0) for of in (have, wanted))
        assert have == wanted
        assert defaults or plans[0] is None or "default-decides" not in codes(plans[0])

    def compare(self) -> None:
        """A row per GPU, each the estimate with the GPU, the group, the sharding and the runtime that it names."""
        found = said("compare", self.file, *self._without("--gpu"), "--gpu", "b200,l4,h200,mi300x")
        self._options(found)

    def groups(self) -> None:
        """A row per group size of one GPU."""
        self._options(said("compare", self.file, *self._without("--gpu"), "--gpu", "h100-sxm"))

    def _options(self, found: Any) -> None:
        plans = []
        for row in found["rows"]:
            of_row = ["--gpu", row["gpu"], "--gpus-per-replica", str(row["gpus_per_replica"])]
            of_row += [
                *(["--sharding", "weights"] if row["sharded"] else []),
                "--guidance-groups",
                str(row["guidance_groups"]),
            ]
            of_row += (
                ["--runtime", row["runtime"]] if row["runtime"] != self.plan["choices"]["runtime"]["value"] else []
            )
            plan = estimated(self.name, self._with(of_row, without="--gpu"))
            plans.append(plan)
            if "precision" in row["against"]:
                assert plan is None
                continue
            same(row, plan, tuple(name for name in SHOWN if name in row))
            # Seconds that were measured on another candidate time none.
            assert row["evidence"] == ("extrapolated" if "pinned" in row["against"] else plan["evidence"])
        wanted = of_cells(plans)
        wanted.pop("default-decides", 0)  # which an estimate alone tries
        assert counted(found) == wanted

    def solve(self) -> None:
        """An answer, or what is nearest where there is none, is the estimate with that value."""
        found = said("solve", self.file, *self.flags, "--for", "dau", "--until", "gpus <= 3000", ends=(0, 3))
        assert found["feasible"] is (found["value"] is not None)
        plan = estimated(
            self.name, [*self.flags, "--dau", repr(found["value"] if found["feasible"] else found["nearest"])]
        )
        same(found["figures"], plan, tuple(FIGURES))
        assert codes(found) == codes(plan)

    def choose(self) -> None:
        """What is chosen, or is nearest where nothing can be, is the estimate with its flags."""
        choice = self.chance.choice(["runtime", "gpu", "precision"])
        found = said("solve", self.file, *self.flags, "--for", choice, "--minimize", "cost_per_month", ends=(0, 3))
        assert found["feasible"] is (found["value"] is not None)
        plan = estimated(self.name, [*self.flags, *found["flags"]])
        same(found["figures"], plan, tuple(FIGURES))
        assert codes(found) == codes(plan)

    def page(self) -> None:
        """The page holds the estimate's values and warnings; the browser's tests hold the figures that it computes."""
        text = self._exported("plan.html")
        embedded = re.search(r'<script type="application/json" id="data">(.*?)</script>', text.decode(), re.DOTALL)
        assert embedded
        data = json.loads(embedded[1])["plans"][0]
        assert data["values"] == {
            name: one["value"] for name, one in self.plan["assumptions"].items() if name in ASSUMPTIONS
        }
        assert {warning["code"] for warning in data["warnings"]} - {"model-error-ignored"} == codes(self.plan)

    def workbook(self) -> None:
        """The workbook's stored values are the estimate's."""
        book = load_workbook(io.BytesIO(self._exported("plan.xlsx")), data_only=True)
        for name, one in {**self.plan["figures"], **self.plan["assumptions"]}.items():
            value = held(book, name)
            assert (
                value == one["value"]
                or (one["value"] is None and isinstance(value, str))
                or value == pytest.approx(one["value"])
            ), name

    def _exported(self, file: str) -> bytes:
        path = self.folder / file
        assert run(["export", self.file, *self.flags, str(path), "--samples", "20"]) == 0
        return path.read_bytes()

    def _pairs(self) -> list[tuple[str, str]]:
        return list(zip(self.flags[::2], self.flags[1::2], strict=True))

    def _with(self, of_cell: Flags, without: str = "") -> Flags:
        """Return the flags of a cell; of another GPU without the prices that were typed for the plan's own.

        What was asked was without one of the flags.
        """
        asked = dict(zip(of_cell[::2], of_cell[1::2], strict=True))
        plan = estimated(self.name, self._without(without))
        own = asked.get("--gpu", "") in ("", plan["choices"]["gpu"]["value"])
        typed = () if own else ("--gpu-price", "--reserved-price")
        return [*(part for pair in self._pairs() if pair[0] not in typed for part in pair), *of_cell]

    def _without(self, name: str) -> Flags:
        return [part for pair in self._pairs() if pair[0] != name for part in pair]


@pytest.mark.parametrize("seed", ["", *(pytest.param(f" {seed}", marks=pytest.mark.slow) for seed in range(6))])
@pytest.mark.parametrize(("name", "question"), some(ASKED, 23))
def test_a_cell_is_the_estimate_with_those_flags(name: str, question: str, seed: str, tmp_path: Path) -> None:
    """Whatever is asked of a scenario with flags, its answer has the figures and warnings of the estimate with them."""
    getattr(Asked(name, question + seed, tmp_path), question)()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_a_drawn_plan_fits_one_screen(seed: int) -> None:
    """A plan of drawn flags, of any shipped scenario, has at most 46 lines of at most 80 columns, two of its title."""
    for path in SHIPPED:
        out, flags = io.StringIO(), drawn(f"screen {seed} {path.stem}")
        with redirect_stdout(out), redirect_stderr(io.StringIO()):
            run(["estimate", str(path), *flags, "--samples", "20"])
        lines = out.getvalue().splitlines()
        assert len(lines) <= 46, (path, flags)
        assert all(len(line) <= 80 for line in lines), (path, flags)
