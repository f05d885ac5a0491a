"""The page as a file: what it holds, what it lets the browser do, and that nothing in it is somebody's markup."""

import itertools
import json
import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from places import SHIPPED
from shared import Program, plan_of, some, write
from t2v_capacity import calibrate
from t2v_capacity.engine.verbs import VERBS
from t2v_capacity.handover import page as package
from t2v_capacity.handover.page import page
from write_planner import write as write_planner

SCENARIOS = [f"scenarios/{path.name}" for path in SHIPPED]
LARGEST, PLANNER = 650_000, 600_000
HOSTILE = "</script><img src=x onerror=alert(1)>"


def data(text: str) -> dict[str, Any]:
    """Return the data of a page."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    loaded: dict[str, Any] = json.loads(found[1])
    return loaded


@pytest.mark.wide
@pytest.mark.parametrize(("one", "other"), some(itertools.pairwise(SCENARIOS), 5))
def test_page_is_small(one: str, other: str) -> None:
    """A page of two of the shipped scenarios, the most that it holds, is below 650 KB."""
    assert len(page([plan_of(one), plan_of(other)]).encode()) < LARGEST


def test_page_of_own_runs_is_small(tmp_path: Path) -> None:
    """Own runs of one GPU and runtime leave the others' rows as they are: such a page is below 650 KB too."""
    runs = write("- {seconds: 330, gpus: 1}\n- {seconds: 170, gpus: 1, steps: 20}\n", tmp_path / "runs.yaml")
    write(str(calibrate("scenarios/mochi.yaml", runs).document()["catalogue"]), tmp_path / "own.yaml")
    plan = write(f"catalogue: own.yaml\n{Path('scenarios/mochi.yaml').read_text()}", tmp_path / "plan.yaml")

    assert len(page([plan_of(plan)]).encode()) < LARGEST


def test_planner_is_small(tmp_path: Path) -> None:
    """The planner, a page of flags alone, is at most 600 KB."""
    write_planner(tmp_path / "planner.html")
    assert (tmp_path / "planner.html").stat().st_size <= PLANNER


def test_policy_allows_the_pages_own_script_and_style_alone() -> None:
    """The policy names the hashes of the one script and the one style, and lets nothing else be loaded or sent."""
    text = page([plan_of("scenarios/mochi.yaml")])
    script, style = (
        re.findall(r"<script>(.*?)</script>", text, re.DOTALL),
        re.findall(r"<style>(.*?)</style>", text, re.DOTALL),
    )
    hashes = [f"'sha256-{b64encode(sha256(part[0].encode()).digest()).decode()}'" for part in (script, style)]

    assert len(script) == len(style) == 1
    policy = (
        f"default-src 'none'; script-src {hashes[0]}; style-src {hashes[1]}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert policy in text
    assert re.findall(r"""(?:src|href)=["']?([^"' >]+)""", text.replace(script[0], "")) == [
        "data:,",
        "#results",
        "#options",
    ]


def test_program_evaluates_no_text() -> None:
    """The page's scripts make no program and no markup of a text."""
    program = page([plan_of("scenarios/mochi.yaml")]).rpartition("<script>")[2]

    assert (
        re.findall(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|\bfetch\b|XMLHttp|import\(",
            program,
        )
        == []
    )


def test_somebodys_text_is_data_alone(tmp_path: Path) -> None:
    """A name that would end its element stands in the page as an escape, in the title too."""
    scenario = tmp_path / "plan.yaml"
    write(f"name: '{HOSTILE}'\ndescription: '{HOSTILE}'\ndau: {{value: 1M, source: '{HOSTILE}'}}\n", scenario)
    text = page([plan_of(str(scenario))])

    assert HOSTILE not in text
    assert text.count("</script>") == 2
    assert "<title>&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;</title>" in text
    assert data(text)["plans"][0]["name"] == HOSTILE


def test_scripts_share_one_scope() -> None:
    """Every verb has its browser form, and no name is declared twice in the page's scripts.

    The later one would win unseen.
    """
    folder = Path(package.__file__).parent
    program = "\n".join([*package.formula_lines(), *(file.read_text(encoding="utf-8") for file in folder.glob("*.js"))])
    declared = re.findall(r"^(?:async )?(?:function|const|let) ([A-Za-z_]\w*)", program, re.MULTILINE)

    assert {*VERBS} <= {*declared}
    assert sorted({name for name in declared if declared.count(name) > 1}) == []


def test_same_input_makes_the_same_page() -> None:
    """A page depends on its scenario alone."""
    assert page([plan_of("scenarios/final.yaml")]) == page([plan_of("scenarios/final.yaml")])


def test_bands_are_those_of_the_command(tmp_path: Path, t2v_cap: Program) -> None:
    """A page of a scenario with ranges holds the estimate's percentiles, of as many draws and the same seed."""
    for command in (
        ["estimate", "--format", "json", "--output", str(tmp_path / "plan.json")],
        ["export", str(tmp_path / "plan.html")],
    ):
        name, *rest = command
        t2v_cap(name, "scenarios/wan2.2-h100.yaml", *rest, "--samples", "500", "--seed", "3")
    printed = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))["figures"]
    held = data((tmp_path / "plan.html").read_text(encoding="utf-8"))["plans"][0]["bands"]

    assert {"gpus", "latency_p95", "cost_per_month"} <= {*held}
    assert held == {name: [printed[name][end] for end in ("p5", "p50", "p95")] for name in held}
