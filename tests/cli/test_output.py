"""`--output` replaces a file of the form that it writes, by its ending, and nothing else without `--force`."""

from pathlib import Path

import pytest

from places import AUTHORITIES
from shared import Program, write

pytestmark = pytest.mark.usefixtures("folder")
ANSWERS = {
    "plan.txt": ["estimate", "a.yaml"],
    "plan.md": ["estimate", "a.yaml", "--format", "markdown"],
    "plan.json": ["explain", "a.yaml", "gpus", "--format", "json"],
    "plan.csv": ["sweep", "a.yaml", "--over", "dau=1M,2M", "--format", "csv"],
    "plan.xml": ["check", "a.yaml", "--format", "junit"],
    "schema.json": ["schema", "scenario"],
    "traffic.yaml": ["fit", str(AUTHORITIES / "requests.csv")],
}
PLAN = "dau: 1M\nmodel: wan2.2-ti2v-5b\n"


def test_another_scenario_is_not_replaced(t2v_cap: Program) -> None:
    """A scenario, a file without an ending and the target of a link stay as they are.

    `--force` replaces them, and an empty file is nothing.
    """
    write(PLAN, "a.yaml")
    for name in ("b.yaml", "notes"):
        write(PLAN, name)
    Path("out.txt").symlink_to("b.yaml")
    for name in ("b.yaml", "notes", "out.txt"):
        said = t2v_cap("estimate", "a.yaml", "--output", name, code=2).err
        assert f"`--output {name}` is there already, and this answer is a file that ends in `.txt`" in said
        assert "`--force`" in said
        assert Path(name).read_text(encoding="utf-8") == PLAN
    t2v_cap("estimate", "a.yaml", "-o", "b.yaml", "--force")
    assert Path("b.yaml").read_text(encoding="utf-8") != PLAN
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
