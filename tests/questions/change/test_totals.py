"""Gates on sums over all scenarios and on percentiles: growth that no single scenario's point shows."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from shared import Program, branched, commit
from t2v_capacity.api.ask import diff

pytestmark = pytest.mark.wide

BASE = "abstract: true\ngates:\n  fail_on: [total(gpus) > +10%, p95(gpus) > +10%]\n"


def plan(name: str, dau: str) -> str:
    """Return a scenario of so many users that extends the base."""
    return f"name: {name}\nextends: base.yaml\nmodel: wan2.2-ti2v-5b\ngpu: h100-sxm\ndau: {dau}\n"


def fleet(name: str, gpus: int) -> str:
    """Return a scenario of a fleet that has so many GPUs."""
    return f"{plan(name, '1K')}pins: {{gpus: {gpus}}}\n"


@pytest.fixture(autouse=True)
def repository(folder: Path) -> Path:
    """Run in a repository whose `main` has two plans under gates on the sum and on the tail, on a branch."""
    branched({"s/base.yaml": BASE, "s/us.yaml": plan("US", "100K"), "s/eu.yaml": plan("EU", "50K")})
    return folder


def test_growth_as_a_new_file(t2v_cap: Program) -> None:
    """A new scenario, a copy and a renamed one count in the sum, in the row of totals and in JSON.

    JUnit has a suite of it.
    """
    commit({"s/more.yaml": plan("More", "40K")})
    document = t2v_cap("diff", "--against", "main", "s", "--format", "json", code=3).json
    (gate,) = document["gates"]
    base, head = (document["total"]["gpus"][side] for side in ("base", "head"))
    assert (gate["name"], gate["passed"], gate["value"]) == ("total(gpus) > +10%", False, head)
    assert head == pytest.approx(base * 1.27, rel=0.02)
    assert [one["verdict"] for one in document["scenarios"]] == ["pass", "pass", "pass"]
    comment, err = t2v_cap("diff", "--against", "main", "s", "--format", "markdown", code=3)
    assert "| ❌ fail | total | " in comment
    assert err.startswith("total: failed: total(gpus) > +10%; total(gpus): ")
    junit = t2v_cap("diff", "--against", "main", "s", "--format", "junit", code=3).out
    root = ET.fromstring(junit)  # noqa: S314 - ours
    assert [suite.get("failures") for suite in root if suite.get("name") == "total"] == ["1"]


def test_scenarios_add_up_only_where_that_is_asked(t2v_cap: Program) -> None:
    """Without a gate on a total a row of totals is asked for: a folder may hold one service, written several ways."""
    commit({"s/base.yaml": "abstract: true\n", "s/us.yaml": fleet("US", 104), "s/eu.yaml": fleet("EU", 48)}, base=True)
    commit({"s/us.yaml": fleet("US", 120)})
    line = ("diff", "--against", "main", "s", "--gates-from", "head")

    assert "total" not in t2v_cap(*line).out
    assert t2v_cap(*line, "--format", "json").json["total"] == {}
    assert re.search(r"^ +total +152 -> 168 \(\+10.5%\)", t2v_cap(*line, "--total").out, re.MULTILINE)  # 104 + 48
    document = t2v_cap(*line, "--total", "--format", "json").json
    assert document["total"]["gpus"] == {"base": 152, "head": 168}
    assert diff(against="main", paths=["s"], total=True).sums(["gpus"])["gpus"][:2] == (152, 168)
    assert "152 -> 168" in t2v_cap(*line, "--warn-on", "total(gpus) > +10%").out


def test_two_plans_have_no_total(t2v_cap: Program) -> None:
    """Two plans are one before and one after, which do not add up."""
    (error,) = t2v_cap("diff", "s/us.yaml", "s/eu.yaml", "--total", code=2).err.splitlines()

    assert error == (
        "error: `--total` adds up many scenarios; name a revision and a folder, `--against HEAD scenarios`"
    )


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"s/us.yaml": plan("US", "60K"), "s/us2.yaml": plan("US two", "40K")}, 0),  # a split
        ({"s/us.yaml": plan("US", "60K"), "s/us2.yaml": plan("US two", "80K")}, 3),  # and growth in it
        ({"s/us.yaml": None, "s/eu.yaml": plan("EU", "54K")}, 3),  # one goes, which a reviewer looks at
        ({"s/us.yaml": None, "s/usa.yaml": plan("USA", "200K")}, 3),
    ],
)
def test_splits_and_deletions(files: dict[str, str | None], code: int, t2v_cap: Program) -> None:
    """A split that adds nothing passes, one that adds fails, and so does a scenario that is gone."""
    commit(files)
    t2v_cap("diff", "--against", "main", "s", code=code)


def test_each_side_has_its_own_catalogue(t2v_cap: Program) -> None:
    """The sum of a side is on the catalogue of that side: a slower GPU of the same name is growth."""
    own = "gpus:\n  mine: {{extends: h100-sxm, peak_flops: {{bf16: {} TFLOP/s}}}}\n"
    commit({"s/own.yaml": own.format(900), "s/us.yaml": plan("US", "100K").replace("h100-sxm", "mine")}, base=True)
    commit({"s/own.yaml": own.format(300)})
    assert "total(gpus) > +10%" in t2v_cap("diff", "--against", "main", "s", "--catalogue", "s/own.yaml", code=3).err


def test_a_sum_that_can_t_be_told(t2v_cap: Program) -> None:
    """A scenario that can't be read, or has no value on a side, leaves no sum: 2, with the name of the file."""
    commit(
        {"s/base.yaml": BASE.replace("total(gpus)", "total(cost_per_month)"), "s/us.yaml": plan("US", "100K")},
        base=True,
    )
    commit({"own.yaml": "gpus:\n  mine: {extends: h100-sxm, gpu_price: unknown}\n"})
    commit({"s/eu.yaml": plan("EU", "50K").replace("h100-sxm", "mine") + "catalogue: ../own.yaml\n"})
    out, err = t2v_cap("diff", "--against", "main", "s", code=2)
    assert "1 total can't be computed" in out
    assert "since s/eu.yaml can't be read or has no `cost_per_month`" in err
    assert "the total of cost_per_month is without 1 scenario that has no value" in out


def test_a_total_in_the_given_gates(t2v_cap: Program) -> None:
    """A gate on a total of the command line is judged once, with a value too.

    The base's is kept where the request takes it away.
    """
    commit({"s/base.yaml": "abstract: true\n", "s/us.yaml": plan("US", "150K")})
    err = t2v_cap("diff", "--against", "main", "s", "--fail-on", "total(gpus) > 100", code=3).err
    assert err.count("total: failed: total(gpus) > 100; ") == 1
    assert err.count("total: failed: total(gpus) > +10%; ") == 1
    assert t2v_cap("diff", "main:s/us.yaml", "s/us.yaml", "--fail-on", "total(gpus) > +10%", code=3).err.startswith(
        "failed: total(gpus)"
    )


def test_a_widened_range_is_growth(t2v_cap: Program) -> None:
    """A range around the same point trips a gate on its upper end, from a point too, and no gate on the point."""
    certain = "time_factor: 1\n"
    commit({"s/us.yaml": plan("US", "100K") + certain}, base=True)
    commit({"s/us.yaml": plan("US", "50K to 200K") + certain})
    document = t2v_cap("diff", "--against", "main", "s", "--format", "json", code=3).json
    (gate,) = document["scenarios"][1]["gates"]
    assert (gate["name"], gate["passed"]) == ("p95(gpus) > +10%", False)
    assert gate["value"] == pytest.approx(2 * gate["limit"] / 1.1, rel=0.05)
    commit({"s/base.yaml": BASE.replace(", p95(gpus) > +10%", "")}, base=True)
    t2v_cap("diff", "--against", "main", "s")
