"""`--output`: the ending of the file sets the form, and only a file of that form is replaced without `--force`."""

import csv
import json
from pathlib import Path

import pytest

from places import AUTHORITIES, ROOT
from shared import Program, write
from texts import Recorded

pytestmark = pytest.mark.usefixtures("folder")
ANSWERS = {
    "plan.txt": ["estimate", "a.yaml"],
    "plan.md": ["estimate", "a.yaml"],
    "plan.json": ["explain", "a.yaml", "gpus", "--format", "json"],
    "plan.csv": ["sweep", "a.yaml", "--over", "dau=1M,2M", "--format", "csv"],
    "plan.xml": ["check", "a.yaml"],
    "schema.json": ["schema", "scenario"],
    "traffic.yaml": ["fit", str(AUTHORITIES / "requests.csv")],
}
PLAN = "dau: 1M\nmodel: wan2.2-ti2v-5b\n"


def test_another_scenario_is_not_replaced(t2v_cap: Program) -> None:
    """A scenario, a file without an ending and the target of a link stay as they are.

    `--force` replaces them, and an empty file is nothing.
    """
    write(PLAN, "a.yaml")
    for name in ("b.yaml", "notes", "plan.log"):
        write(PLAN, name)
    Path("out.txt").symlink_to("b.yaml")
    for name in ("plan.log", "notes", "out.txt"):
        said = t2v_cap("estimate", "a.yaml", "--output", name, code=2).err
        assert f"`--output {name}` is there already, and this answer is a file that ends in `.txt`" in said
        assert "`--force`" in said
        assert Path(name).read_text(encoding="utf-8") == PLAN
    t2v_cap("estimate", "a.yaml", "-o", "notes", "--force")
    assert Path("notes").read_text(encoding="utf-8") != PLAN
    write("", "summary")
    t2v_cap("estimate", "a.yaml", "-o", "summary")


@pytest.mark.parametrize("name", ANSWERS)
def test_a_file_of_the_form_is_replaced(name: str, t2v_cap: Program) -> None:
    """An answer of the same form is replaced without a word more; one of another form is not."""
    write(PLAN, "a.yaml")
    write("an older answer", name)
    t2v_cap(*ANSWERS[name], "--output", name)
    assert Path(name).read_text(encoding="utf-8") != "an older answer"
    write("another", f"{name}.bak")
    t2v_cap(*ANSWERS[name], "--output", f"{name}.bak", code=2)


def test_the_ending_sets_the_form(t2v_cap: Program) -> None:
    """Data, rows, markdown or a table, in letters of any case: 1M users with 2 clips a day each are 2M requests."""
    write(PLAN, "a.yaml")
    for name in ("p.json", "p.CSV", "p.md", "p.txt", "p"):
        t2v_cap("estimate", "a.yaml", "-o", name)
    texts = {name: Path(name).read_text(encoding="utf-8") for name in ("p.json", "p.CSV", "p.md", "p.txt", "p")}

    assert json.loads(texts["p.json"])["figures"]["requests_per_day"]["value"] == 2_000_000
    rows = {row["figure"]: row["value"] for row in csv.DictReader(texts["p.CSV"].splitlines())}
    assert float(rows["requests_per_day"]) == 2_000_000
    assert texts["p.md"].startswith("## ")
    assert texts["p.txt"] == texts["p"] == t2v_cap("estimate", "a.yaml").out


REFUSED = {
    "another form": ["estimate", "a.yaml", "--format", "json", "-o", "x.csv"],
    "another form, forced": ["estimate", "a.yaml", "--json", "-o", "x.md", "--force"],
    "no such form": ["solve", "a.yaml", "--for", "dau", "--until", "gpus <= 9", "-o", "x.csv"],
    "no tests": ["estimate", "a.yaml", "-o", "x.xml"],
    "a workbook": ["estimate", "a.yaml", "-o", "x.xlsx"],
    "a page": ["compare", "a.yaml", "-o", "x.html"],
    "a scenario": ["estimate", "a.yaml", "-o", "x.yaml", "--force"],
    "a picture": ["compare", "a.yaml", "-o", "x.PNG"],
    "a schema": ["schema", "estimate", "-o", "x.csv"],
    "yaml as data": ["fit", str(AUTHORITIES / "requests.csv"), "--format", "json", "-o", "x.yaml"],
    "yaml as rows": ["fit", str(AUTHORITIES / "requests.csv"), "-o", "x.csv"],
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_no_answer_is(name: str, t2v_cap: Program, recorded: Recorded) -> None:
    """An ending of another form than `--format`, or of none, is refused with what writes it; nothing is written."""
    write(PLAN, "a.yaml")
    recorded(t2v_cap(*REFUSED[name], code=2).err)
    assert [path.name for path in Path().iterdir()] == ["a.yaml"]


def test_csv_has_base_units_and_the_list_of_figures_names_each(t2v_cap: Program) -> None:
    """A kilowatt for a month of 30 days is 720 kWh, 2.592e9 joules, and the list says that it is in joules.

    At 481 g per kWh it emits 346.32 kg. Every figure of the list has its unit, and docs/cli.md says where.
    """
    flags = ["--dau", "1M", "--pin", "fleet_power=1 kW", "--show", "energy_per_month,carbon_per_month"]
    (row,) = csv.DictReader(t2v_cap("sweep", *flags, "--over", "gpu_price=4", "--format", "csv").out.splitlines())
    figures = t2v_cap("list", "figures", "--format", "csv").out.splitlines()
    units = {figure["name"]: figure["unit"] for figure in csv.DictReader(figures)}

    assert [float(row[name]) for name in ("energy_per_month", "carbon_per_month")] == pytest.approx([2.592e9, 346.32])
    assert (units["energy_per_month"], units["carbon_per_month"]) == ("joule/month", "kg/month")
    assert all(units.values())
    assert "`t2v-cap list figures --format csv`" in (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
