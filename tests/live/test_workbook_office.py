"""LibreOffice recalculates the workbook of every shipped scenario, as it is and with inputs changed."""

import math
import shutil
import subprocess
from pathlib import Path

import pytest
from openpyxl import load_workbook

from places import shipped
from shared import plan_of
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.engine.verbs import VERBS
from verb_inputs import TABLE
from workbooks import CHANGES, EVERY, held, opened, sheet_of_verbs, typed_in, worst

pytestmark = pytest.mark.office

CHANGED = ("unchanged", "changed")


@pytest.fixture(scope="module")
def recalculated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of workbooks that LibreOffice has computed: openpyxl drops the values that were stored."""
    given, profile, out = (tmp_path_factory.mktemp(name) for name in ("given", "profile", "out"))
    office = shutil.which("soffice")
    assert office, "LibreOffice is needed for this test"
    for name in EVERY:
        book = opened(plan_of(shipped(name)))
        book.save(given / f"unchanged-{name}.xlsx")
        values = plan_of(shipped(name), CHANGES).values
        for (sheet, address), value in typed_in(book, [text.partition("=")[0] for text in CHANGES], values).items():
            book[sheet][address].value = value
        book.save(given / f"changed-{name}.xlsx")
    given.joinpath("verbs.xlsx").write_bytes(sheet_of_verbs(TABLE)[0])
    load_workbook(given / "verbs.xlsx").save(given / "verbs.xlsx")
    command = [office, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", "xlsx", "--outdir", str(out)]
    subprocess.run([*command, *map(str, sorted(given.iterdir()))], check=True, capture_output=True, timeout=600)
    return out


@pytest.mark.parametrize("changed", CHANGED)
@pytest.mark.parametrize("name", EVERY)
def test_libreoffice_computes_what_the_program_does(recalculated: Path, name: str, changed: str) -> None:
    """Every figure of every shipped scenario is the program's to 1e-9, before and after inputs change."""
    book = load_workbook(recalculated / f"{changed}-{name}.xlsx", data_only=True)
    plan = plan_of(shipped(name), CHANGES if changed == "changed" else ())
    difference, figure = worst({name: held(book, name) for name in FIGURES}, plan.figures)

    assert difference < 1e-9, f"{figure}: {held(book, figure)}, and {plan.figures[figure]} by the program"


def test_libreoffice_computes_every_verb(recalculated: Path) -> None:
    """For every row of the verbs' table of inputs LibreOffice gives what the verb gives, to 1e-10."""
    book = load_workbook(recalculated / "verbs.xlsx", data_only=True)
    for name, (verb, row) in sheet_of_verbs(TABLE)[1].items():
        wanted, found = float(VERBS[verb](*row)), held(book, name)
        tiny = abs(wanted) < 1e-240 and isinstance(found, float) and abs(found) < 1e-240
        assert tiny or worst({name: found}, {name: None if math.isnan(wanted) else wanted})[0] < 1e-10, f"{verb}{row}: {found}"
