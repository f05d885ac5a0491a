"""Strict checks: careless values are found with a code and a place, on one day, and waived with a reason."""

from datetime import date
from xml.etree import ElementTree as ET

import pytest

from shared import Program, check_rows, write
from t2v_capacity.questions.review import findings as hygiene
from texts import Recorded

pytestmark = pytest.mark.usefixtures("folder")
DAY = date(2026, 12, 24)
# A scenario in which strict has nothing to find: all that decides is set, with a source.
TIDY = """name: tidy
model: wan2.1-t2v-14b
gpu: h100-sxm
runtime: engine
attention_kernel: fa3
dau: {value: 1M, source: counted}
videos_per_user_per_day: {value: 2, source: counted}
peak_to_average: {value: 2, source: counted}
max_utilization: {value: 80%, source: our own limit}
duration: {value: 5 s, source: the product}
bitrate: {value: 2 Mbps, source: the encoder}
gpu_price: {value: 2.5, source: contract, as_of: 2026-11-01}
reserved_price: {value: 2, source: contract, as_of: 2026-11-01}
storage_price: {value: 0.02 USD/GB-month, source: contract, as_of: 2026-11-01}
egress_price: {value: 0.04 USD/GB, source: contract, as_of: 2026-11-01}
budgets: [gpus <= 10M]
"""
BUDGETS = "budgets: [gpus <= 10M]\n"


def findings(t2v_cap: Program, code: int, path: str, *flags: str) -> list[dict[str, object]]:
    """Return the rows of a strict check without those of budgets."""
    return [row for row in check_rows(t2v_cap, code, path, "--strict", *flags) if row["severity"] != "error"]


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work on one day."""
    monkeypatch.setattr(hygiene, "today", lambda: DAY)


def test_strict_is_off_by_default_and_finds_nothing_in_a_tidy_scenario(t2v_cap: Program) -> None:
    """Without `--strict` nothing is found in a careless scenario; with it nothing in a tidy one, and that is said."""
    assert check_rows(t2v_cap, 0, write("dau: 1M\n")) == []
    assert findings(t2v_cap, 0, write(TIDY)) == []
    assert t2v_cap("check", "my.yaml", "--strict").out.startswith("1 check, none fails\nmy.yaml\n")


@pytest.mark.parametrize(
    ("old", "new", "name", "place"),
    [
        ("{value: 5 s, source: the product}", "5 s", "no-source duration", "my.yaml:10:11"),
        ("source: the product", "note: the product", "no-source duration", "my.yaml:10:19"),
        ("source: the product", "source: ' '", "no-source duration", "my.yaml:10:19"),
        ("name: tidy", "resolution: 832x480", "no-source resolution", "my.yaml:1:13"),
        ("name: tidy", "pins: {video_size: 1 MB}", "no-source video_size", "my.yaml:1:20"),
        ("source: the product", "source: x, as_of: 2025-12-23", "as-of-old duration", "my.yaml:10:19"),
        ("source: the product", "source: x, as_of: 2025-12-24", "", ""),
        ("source: the product", "source: x, expires: 2026-12-23", "expired duration", "my.yaml:10:19"),
        ("source: the product", "source: x, expires: 2026-12-24", "", ""),
        (
            "contract, as_of: 2026-11-01}\nstorage",
            "contract, as_of: 2026-05-01}\nstorage",
            "price-stale reserved_price",
            "my.yaml:13:25",
        ),
        ("contract, as_of: 2026-11-01}\nstorage", "contract}\nstorage", "price-stale reserved_price", "my.yaml:13:25"),
        ("runtime: engine\n", "", "default-decides runtime", "my.yaml"),
        ("runtime: engine\nattention_kernel: fa3\n", "runtime: engine\n", "", ""),  # the engine takes that by itself
        ("peak_to_average: {value: 2, source: counted}\n", "", "default-decides peak_to_average", "my.yaml"),
    ],
)
def test_strict_finds(old: str, new: str, name: str, place: str, t2v_cap: Program) -> None:
    """One careless line in a tidy scenario is one finding with its code, name and place, and ends with 3."""
    assert old in TIDY
    found = findings(t2v_cap, 3 if name else 0, write(TIDY.replace(old, new, 1)))
    assert [(row["name"], row["place"]) for row in found] == ([(name, place)] if name else [])
    assert all(
        (row["passed"], row["severity"], row["value"], row["limit"]) == (False, "warning", None, None) for row in found
    )


def test_a_value_is_held_against_the_plans_day_too(t2v_cap: Program) -> None:
    """A contract to the end of 2026 is over in a plan of 2027, whatever the day of the reader; not in one of 2026.

    An estimate says so, and a check that is strict fails.
    """
    contract = TIDY.replace("{value: 2, source: contract", "{value: 2, expires: 2026-12-31, source: contract")
    for day, codes in (("2027-01-01", ["expired"]), ("2026-12-31", [])):
        path = write(f"as_of: {day}\n{contract}")
        warned = t2v_cap("estimate", path, "--format", "json").json["warnings"]
        assert [one["names"] for one in warned if one["code"] == "expired"] == [["reserved_price"] for _code in codes]
        rows = findings(t2v_cap, 3 if codes else 0, path)
        assert [row["name"] for row in rows] == [f"{code} reserved_price" for code in codes]


def test_values_of_flags_have_no_source(t2v_cap: Program) -> None:
    """A value from the command line is set by hand and is found without a source, at its flag."""
    rows = findings(t2v_cap, 3, write(TIDY), "--set", "dau=2M")
    assert [(row["name"], row["place"]) for row in rows] == [("no-source dau", "--dau 2M")]
    assert t2v_cap("check", "my.yaml", "--strict", "--set", "dau=2M", code=3).err.endswith("(--dau 2M)\n")


def test_findings_are_waived_by_name_or_all_at_once(t2v_cap: Program, recorded: Recorded) -> None:
    """A waiver lets a finding of its code and name pass, or all of its code, and its reason is in the row."""
    careless = TIDY.replace("source: counted", "note: counted").replace("gpu: h100-sxm\n", "")
    waivers = (
        'waivers:\n  no-source: {dau: "a <target>", videos_per_user_per_day: b, peak_to_average: c}\n'
        "  default-decides: a sketch\n"
    )
    rows = findings(t2v_cap, 0, write(careless + waivers))
    names = ["no-source dau", "no-source videos_per_user_per_day", "no-source peak_to_average", "default-decides gpu"]
    assert [row["name"] for row in rows] == names
    recorded([row["message"] for row in rows])
    assert all(row["passed"] and row["severity"] == "info" for row in rows)
    left = findings(t2v_cap, 3, write(careless + waivers.replace(", peak_to_average: c", "")))
    assert [row["name"] for row in left if not row["passed"]] == ["no-source peak_to_average"]


def test_a_waiver_that_waives_nothing_is_found(t2v_cap: Program) -> None:
    """A waiver without its finding is a finding at its place, and no mistake without strict."""
    path = write(f"{TIDY}waivers: {{expired: x, no-source: {{dau: y}}}}\n")
    rows = findings(t2v_cap, 3, path)
    assert [(row["name"], row["place"]) for row in rows] == [
        ("waiver-unused expired", "my.yaml:17:11"),
        ("waiver-unused no-source dau", "my.yaml:17:35"),
    ]
    assert [row["name"] for row in check_rows(t2v_cap, 0, path)] == ["gpus <= 10M"]


@pytest.mark.parametrize(("files", "scenarios"), [(["a.yaml"], "1 scenario"), (["a.yaml", "b.yaml"], "2 scenarios")])
def test_a_check_of_no_budgets_says_that_nothing_was_checked(
    files: list[str], scenarios: str, t2v_cap: Program
) -> None:
    """It ends with 0, and with 3 if strict, where each scenario says so in every form."""
    for file in files:
        write(TIDY.replace(BUDGETS, ""), file)

    lines = t2v_cap("check", *files).out.splitlines()
    strict = t2v_cap("check", *files, "--strict", code=3)

    assert lines[:4] == [
        f"nothing was checked: {scenarios}, no budgets",
        ", ".join(files),
        "",
        "budgets: write them under `budgets` in the file, or as `--budget 'gpus <= 5000'`",
    ]
    assert strict.out.startswith(f"{lines[0]}\n")
    assert strict.err.startswith(
        "a.yaml: failed: budgets: nothing was checked; write them under `budgets` in the file, "
        "or as `--budget 'gpus <= 5000'`"
    )
    root = ET.fromstring(t2v_cap("check", *files, "--strict", "--format", "junit", code=3).out)  # noqa: S314 - ours
    assert root.get("failures") == str(len(files))


def test_one_budget_is_enough_to_check_something(t2v_cap: Program) -> None:
    """Where one scenario has a budget, or the command line, a strict check fails no other for having none."""
    write(TIDY.replace(BUDGETS, ""), "a.yaml")
    write(TIDY, "b.yaml")

    out = t2v_cap("check", "a.yaml", "b.yaml", "--strict").out
    assert out.startswith("1 check, none fails\n")
    assert "no budgets: a.yaml; write them under `budgets`" in out
    assert t2v_cap("check", "a.yaml", "--strict", "--budget", "gpus >= 1").out.startswith("1 check, none fails\n")
