"""LibreOffice recalculates the workbook of every shipped scenario, as it is and with inputs changed."""

import html
import math
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from places import shipped
from shared import plan_of, some, write
from t2v_capacity.engine.figures import FIGURES, ancestors
from t2v_capacity.engine.verbs import VERBS
from t2v_capacity.forms.values import show_value
from t2v_capacity.handover.workbook import workbook
from t2v_capacity.handover.workbook.book import ANSWER_SHEET, ASSUMPTIONS_SHEET
from t2v_capacity.handover.workbook.units import readable_unit
from t2v_capacity.plan.estimate import Estimate, with_bands
from t2v_capacity.questions.review.check import own_budgets
from workbooks import (
    BUDGETS,
    CHANGES,
    EVERY,
    LIVE,
    MIXES,
    STAGED,
    STAGES,
    held,
    input_place,
    next_to,
    of_columns,
    opened,
    part_place,
    sheet_of_verbs,
    still_live,
    typed_in,
    typed_names,
    valued,
    verdicts,
    worst,
)

pytestmark = pytest.mark.office

# What is typed in: nothing, a service of another size and clip, and a GPU on which no shipped clip fits.
CHANGED = {"unchanged": (), "changed": CHANGES, "cannot-run": ("gpu_memory=2 GB",)}


def sets_of(name: str, changed: str) -> tuple[str, ...]:
    """Return what is typed in: of a stream, which cannot wait for a quiet hour, all but that."""
    streams = plan_of(shipped(name)).scenario.streams
    return tuple(text for text in CHANGED[changed] if not (streams and text.startswith("deferrable_share")))


def asked(request: pytest.FixtureRequest) -> list[dict[str, str]]:
    """Return the cases of the run that ask for a fixture: a landing draws some."""
    own = [
        item
        for item in request.session.items
        if item.path == request.path and request.fixturename in item.fixturenames  # type: ignore[attr-defined]
    ]
    return [item.callspec.params for item in own if hasattr(item, "callspec")]


@pytest.fixture(scope="module")
def recalculated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of workbooks that LibreOffice has computed: openpyxl drops the values that were stored."""
    given, profile, out = (tmp_path_factory.mktemp(name) for name in ("given", "profile", "out"))
    for case in asked(request):
        name, changed = case["name"], case["changed"]
        book = opened(plan_of(shipped(name)))
        sets = sets_of(name, changed)
        values = plan_of(shipped(name), sets).values
        for (sheet, address), value in typed_in(book, [text.partition("=")[0] for text in sets], values).items():
            book[sheet][address].value = value
        book.save(given / f"{changed}-{name}.xlsx")
    convert(profile, out, "xlsx", sorted(given.iterdir()))
    return out


def convert(profile: Path, out: Path, form: str, files: list[Path]) -> None:
    """Let LibreOffice write files in another form into a folder."""
    office = shutil.which("soffice")
    assert office, "LibreOffice is needed for this test"
    command = [
        office,
        f"-env:UserInstallation={profile.as_uri()}",
        "--headless",
        "--convert-to",
        form,
        "--outdir",
        str(out),
    ]
    subprocess.run([*command, *map(str, files)], check=True, capture_output=True, timeout=600)


@pytest.mark.parametrize(("name", "changed"), some(product(EVERY, CHANGED), 3))
def test_libreoffice_computes_what_the_program_does(recalculated: Path, name: str, changed: str) -> None:
    """Every figure is the program's to 1e-9, before and after inputs change.

    Those that follow a search are then #N/A.
    """
    book = load_workbook(recalculated / f"{changed}-{name}.xlsx", data_only=True)
    plan = plan_of(shipped(name), sets_of(name, changed))
    found = {name: held(book, name) for name in FIGURES}
    difference, figure = worst(found, still_live(found, plan.figures) if CHANGED[changed] else plan.figures)

    assert changed != "cannot-run" or plan.figures["gpus"] is None
    assert difference < 1e-9, f"{figure}: {held(book, figure)}, and {plan.figures[figure]} by the program"
    warned = {warning.code for warning in plan.warnings}
    said = {code: text for code, text in verdicts(book).items() if text != "#N/A" or changed == "unchanged"}
    assert {code for code, text in said.items() if text.startswith("NO")} == {code for code in said if code in warned}


def computed(plan: Estimate, typed: Sequence[tuple[list[str], Mapping[str, float]]], folder: Path) -> list[Workbook]:
    """Return a plan's workbook as LibreOffice computes it after each of these names has its value typed in."""
    given, out = folder / "given", folder / "out"
    given.mkdir()
    for index, (names, values) in enumerate(typed):
        book = opened(plan)
        for (sheet, address), value in typed_in(book, names, values).items():
            book[sheet][address].value = value
        book.save(given / f"{index}.xlsx")
    convert(folder / "profile", out, "xlsx", sorted(given.iterdir()))
    return [load_workbook(out / f"{index}.xlsx", data_only=True) for index in range(len(typed))]


@pytest.mark.parametrize("staged", [False, True])
def test_a_mix_follows_what_is_typed_of_its_parts(tmp_path: Path, *, staged: bool) -> None:
    """Every figure of a mix, its parts and their stages is the program's to 1e-9.

    It is so after shares and what parts have change, and so is the verdict.
    """
    scenario, changes = (
        (write(STAGED % shipped("two-stage"), tmp_path / "plan.yaml"), STAGES)
        if staged
        else (shipped("price-list"), MIXES)
    )
    plans = [plan_of(scenario, sets) for sets in changes]
    typed = [(typed_names(plan, sets), plan.values) for plan, sets in zip(plans, changes, strict=True)]

    for plan, book in zip(plans, computed(plan_of(scenario), typed, tmp_path), strict=True):
        own = of_columns(plan)
        found = {name: valued(book[sheet][address]) for name in own for sheet, address in [part_place(book, name)]}
        of_plan = {name: held(book, name) for name in FIGURES}
        assert worst(of_plan, still_live(of_plan, plan.figures))[0] < 1e-9
        assert worst(found, still_live(found, own))[0] < 1e-9
        late = "misses-target-latency" in {warning.code for warning in plan.warnings}
        assert verdicts(book)["misses-target-latency"].startswith(("#N/A", "NO" if late else "yes"))


def test_shares_add_up(tmp_path: Path) -> None:
    """Shares that do not add to 100% are said to mean nothing beside the answer."""
    plan = plan_of(shipped("price-list"))
    wrong, right = computed(plan, [(["mix.hd.share"], {"mix.hd.share": share}) for share in (0.2, 0.1)], tmp_path)

    assert str(next_to(wrong, "Do the shares of the parts add to 100%?")).startswith("NO")
    assert next_to(right, "Do the shares of the parts add to 100%?") == "yes"


def test_a_price_that_is_emptied_is_not_zero(tmp_path: Path) -> None:
    """Without a GPU price, no part of a mix has a cost, a margin or a profit, as the plan of an unpriced GPU has none.

    Its GPUs, which no price moves, stay.
    """
    plan = plan_of(shipped("price-list"))
    book = opened(plan)
    sheet, address, _factor = input_place(book, "gpu_price")
    book[sheet][address].value = None
    book.save(tmp_path / "emptied.xlsx")
    convert(tmp_path / "profile", tmp_path / "out", "xlsx", [tmp_path / "emptied.xlsx"])
    book = load_workbook(tmp_path / "out" / "emptied.xlsx", data_only=True)
    parts = {row[0]: row[1 : 2 + len(plan.parts)] for row in book["Parts"].iter_rows(values_only=True)}

    for name in ("cost_per_video", "gross_margin", "profit_per_month", "break_even_price"):
        assert {*parts[name]} == {"#N/A"}, name
    assert parts["gpus"][1:] == pytest.approx([part.figures["gpus"] for part in plan.parts])
    assert (held(book, "cost_per_month"), held(book, "gpus")) == ("#N/A", plan.figures["gpus"])


def test_budgets_follow_what_is_typed(tmp_path: Path) -> None:
    """After users change, each budget of a figure has the verdict of `estimate`, but of a wait, which is #N/A."""
    file = tmp_path / "plan.yaml"
    write(BUDGETS % shipped("wan2.2-h100"), file)
    plans = [plan_of(file, [f"dau={users}"]) for users in ("500K", "1M", "1.1M", "1.4M", "3M")]
    books = computed(plan_of(file), [(["dau"], plan.values) for plan in plans], tmp_path)
    judged = [
        [row for row in own_budgets(plan) if row.condition and not row.condition.of_draws and "latency" not in row.name]
        for plan in plans
    ]

    assert [[next_to(book, row.name) for row in rows] for rows, book in zip(judged, books, strict=True)] == [
        [row.result for row in rows] for rows in judged
    ]
    assert {row.result for rows in judged for row in rows} == {"PASS", "AT RISK", "FAIL"}


# A service that sells below its cost, and a price above the cost of most runs.
SOLD = """model: wan2.2-t2v-a14b
gpu: h100-sxm
videos_per_user_per_day: 1.5
"""
RAISED = 0.16


@pytest.mark.parametrize("dau", ["300K", "200K to 500K"])
def test_what_is_left_of_sales_may_be_a_loss(tmp_path: Path, dau: str) -> None:
    """After a price has made a loss a profit, the ends of the margin and of the profit are those of the bill.

    By hand: the margin is 1 less the break-even price over the price, the profit is what is sold times that. Where
    users are a range sales move with the bill, and the ends of a profit that has moved are not known.
    """
    budgets = '["gross_margin >= 1%", "profit_per_month >= 1 USD/month", "gross_margin >= -30%"]'
    text = f"{SOLD}dau: {dau}\nprice_per_video_second: 0.08\nbudgets: {budgets}\n"
    exported = with_bands(plan_of(write(text, tmp_path / "plan.yaml")), 2_000, 0)
    price = f"price_per_video_second={RAISED}"
    priced = plan_of(tmp_path / "plan.yaml", [price])
    same, book = computed(exported, [([], {}), (typed_names(priced, [price]), priced.values)], tmp_path)
    low, _middle, high = exported.bands["break_even_price"]
    loss, sold = exported.figures["profit_per_month"], priced.figures["revenue_per_month"]
    assert low
    assert high
    assert loss
    assert sold

    assert low < RAISED < high
    unit = readable_unit(loss, "USD/month").factor
    for name, factor in (("gross_margin", 1), ("profit_per_month", unit)):
        ends = [next_to(same, FIGURES[name].label, column) for column in (2, 3)]
        assert ends == pytest.approx([(end or 0) / factor for end in exported.bands[name][::2]], rel=1e-9)
    margins = [1 - high / RAISED, 1 - low / RAISED]
    assert [next_to(book, "Gross margin", column) for column in (2, 3)] == pytest.approx(margins, rel=1e-9)
    profits = [next_to(book, "Profit per month", column) for column in (2, 3)]
    ranged = "to" in dau
    assert profits == (["#N/A"] * 2 if ranged else pytest.approx([sold * margin / unit for margin in margins]))
    judged = [next_to(book, row.name) for row in own_budgets(exported)]
    assert judged == ["AT RISK", "#N/A" if ranged else "AT RISK", "PASS"]
    assert [row.result for row in own_budgets(priced)] == ["AT RISK", "AT RISK", "PASS"]


# Of a plan as exported: lines of it, a budget, what is typed, the verdict then, and that of `estimate`.
JUDGED = [
    # Without a price there is no margin, and the export does not say how far off one may be.
    ("dau: 300K", "gross_margin >= 1%", "price_per_video_second=0.16", "#N/A", "AT RISK"),
    ("dau: 300K", "gross_margin >= 1%", "price_per_video_second=0.1", "FAIL", "FAIL"),
    # One server holds the fleet of a hundred users, however long a clip takes.
    ("dau: 100", "gpus <= 3500", "dau=100", "PASS", "PASS"),
    ("dau: 100", "gpus <= 3500", "dau=300K", "#N/A", "AT RISK"),
    ("dau: 100", "cost_per_month <= 60K USD", "gpu_price=5", "PASS", "PASS"),
    # No fleet is larger than its limit, or than its pin: more load fills it.
    ("dau: 300K\ngpu_limit: 5000", "utilization <= 110%", "dau=540K", "#N/A", "AT RISK"),
    ("dau: 300K\ngpu_limit: 3100", "served_share >= 99%", "dau=540K", "#N/A", "AT RISK"),
    ("dau: 300K\npins: {replicas: 3100}", "served_share >= 99%", "dau=540K", "#N/A", "AT RISK"),
    ("dau: 300K\ngpu_limit: 5000", "cost_per_month <= 14.5M USD", "gpu_price=5", "PASS", "PASS"),
    # A longer target leaves more below it, and a latency is as far off as before.
    ("dau: 300K\ntarget_latency: 20 min", "latency_slack >= 550 s", "target_latency=15 min", "AT RISK", "AT RISK"),
    # So many GPUs and no other.
    ("dau: 300K", "gpus = 3064", "dau=301K", "AT RISK", "AT RISK"),
]


def test_a_budget_passes_only_where_that_is_known(tmp_path: Path) -> None:
    """Where the export does not say how far off a figure may be now, its budget has no verdict, or fails."""
    given, out = tmp_path / "given", tmp_path / "out"
    given.mkdir()
    known = []
    for index, (lines, budget, typed, _verdict, _known) in enumerate(JUDGED):
        file = write(f'{SOLD}{lines}\nbudgets: ["{budget}"]\n', tmp_path / "plan.yaml")
        plan, book = plan_of(file, [typed]), opened(with_bands(plan_of(file), 0, 0))
        for (sheet, address), amount in typed_in(book, typed_names(plan, [typed]), plan.values).items():
            book[sheet][address].value = amount
        book.save(given / f"{index}.xlsx")
        known.append(own_budgets(plan)[0].result)
    convert(tmp_path / "profile", out, "xlsx", sorted(given.iterdir()))
    books = [load_workbook(out / f"{index}.xlsx", data_only=True) for index in range(len(JUDGED))]
    judged = [next_to(book, case[1]) for book, case in zip(books, JUDGED, strict=True)]

    assert known == [case[-1] for case in JUDGED]
    assert judged == [case[-2] for case in JUDGED]


# What is typed, figures that have no value then, and some that have one still.
SEARCHES: list[tuple[list[str], str, str]] = [
    (["price_per_video_second=0.1", "target_latency=1 h"], "", "latency_p95 gpus latency_slack gross_margin"),
    (["dau=3M"], "latency_p95 wait_p95", "gpus utilization served_share cost_per_month storage_held"),
    (["deferrable_share=35%"], "latency_p95 wait_p95", "gpus cost_per_month"),
    (
        ["sized_by_latency=1", "target_latency=40 min"],
        "gpus latency_p95 cost_per_month served_share",
        "trps video_size",
    ),
]


def test_a_search_is_as_exported(tmp_path: Path) -> None:
    """What follows a search whose input changed is #N/A, the sheet Answer says so, and all else is the program's."""
    plans = [plan_of(shipped("wan2.2-h100"), sets) for sets, _lost, _live in SEARCHES]
    typed = [(typed_names(plan, sets), plan.values) for plan, (sets, _lost, _live) in zip(plans, SEARCHES, strict=True)]
    books = computed(plan_of(shipped("wan2.2-h100")), typed, tmp_path)
    for plan, book, (_sets, lost, live) in zip(plans, books, SEARCHES, strict=True):
        found = {name: held(book, name) for name in FIGURES}
        compared = still_live(found, plan.figures)

        assert worst(found, compared)[0] < 1e-9
        assert {name for name in lost.split() if found[name] != "#N/A"} == set()
        assert {*live.split()} <= {*compared}
        assert str(next_to(book, "Are waits, and a fleet for a promise, as exported?")).startswith(
            "NO" if lost else "yes"
        )
        assert (next_to(book, "Is the target latency met?") == "#N/A") == bool(lost)
        assert next_to(book, "Can the fleet carry its peak?") == ("#N/A" if "gpus" in lost else "yes")


def test_a_price_that_is_typed_in_gives_the_bill(tmp_path: Path) -> None:
    """Without a price every figure that rests on it is #N/A.

    One that is typed in gives the figures of the plan with it.
    """
    file = write("model: wan2.2-t2v-a14b\ngpu: mi350x\ndau: 100K\n", tmp_path / "mi.yaml")
    priced = plan_of(file, ["gpu_price=2"])
    without, book = computed(plan_of(file), [([], {}), (["gpu_price"], priced.values)], tmp_path)

    assert {held(without, name) for name in FIGURES if "gpu_price" in ancestors([name])} == {"#N/A"}
    assert held(book, "cost_per_month") == pytest.approx(priced.figures["cost_per_month"], rel=1e-9)


@pytest.fixture(scope="module")
def shown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of workbooks as LibreOffice shows them."""
    given, profile, out = (tmp_path_factory.mktemp(name) for name in ("given", "profile", "shown"))
    for name in (case["name"] for case in asked(request)):
        given.joinpath(f"{name}.xlsx").write_bytes(workbook(plan_of(shipped(name))))
    convert(profile, out, "html", sorted(given.iterdir()))
    return out


@pytest.mark.parametrize("name", some(EVERY, 3))
def test_cells_read_as_the_command_line(shown: Path, name: str) -> None:
    """Every figure reads on its sheet in the unit of the command line.

    Its number is that to the digits of the command line.
    """
    plan = plan_of(shipped(name))
    text = shown.joinpath(f"{name}.html").read_text(encoding="utf-8")
    rows = [
        re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in re.findall(r"<tr>(.*?)</tr>", text, re.DOTALL)
    ]
    cells = [[html.unescape(re.sub(r"<[^>]*>", "", cell)).strip() for cell in row] for row in rows]
    figures = {row[0]: row[1:3] for row in cells if row and row[0] in FIGURES and len(row) > 5}

    assert set(figures) == set(FIGURES)
    differing = {
        figure: (said, wanted)
        for figure, (_base, said) in figures.items()
        if (wanted := show_value(figure, plan.figures[figure])) != "none"
        and "e-" not in wanted
        and not _reads_as(said, wanted)
    }
    assert differing == {}


def _reads_as(said: str, wanted: str) -> bool:
    """Return whether a cell has the unit of a text, a plural aside, and a number near enough to its own.

    The number must lie within what the digits of both leave open.
    """
    (number, unit), (known, of) = _number(said), _number(wanted)
    alike = of in ("", unit) or unit.partition("/")[0].rstrip("s") == of.partition("/")[0].rstrip("s")
    return alike and abs(number - known) <= max(0.006 * abs(known), 0.0006)


def _number(text: str) -> tuple[float, str]:
    """Return a number as a person reads it, with its unit."""
    found = re.fullmatch(r"(-?[\d.,]+)([KMBT]?)(?: (.*)|(%)|)", text)
    assert found, text
    return float(found[1].replace(",", "")) * 1000.0 ** " KMBT".index(found[2] or " "), found[3] or found[4] or ""


@pytest.mark.parametrize("name", some(EVERY, 3))
def test_first_sheets_print_on_four_pages(name: str, tmp_path: Path) -> None:
    """The answer and the assumptions print on four pages."""
    book = opened(plan_of(shipped(name)))
    for sheet in book.sheetnames:
        if sheet not in (ANSWER_SHEET, ASSUMPTIONS_SHEET):
            del book[sheet]
    book.save(tmp_path / "first.xlsx")
    convert(tmp_path / "profile", tmp_path / "out", "pdf", [tmp_path / "first.xlsx"])
    assert len(re.findall(rb"/Type ?/Page\b", (tmp_path / "out" / "first.pdf").read_bytes())) == 4


def test_libreoffice_computes_every_verb(tmp_path: Path) -> None:
    """For every row of the verbs' table of inputs LibreOffice gives what the verb gives, to 1e-10."""
    content, names = sheet_of_verbs(LIVE)
    file = tmp_path / "verbs.xlsx"
    file.write_bytes(content)
    load_workbook(file).save(file)  # without the values that were stored
    convert(tmp_path / "profile", tmp_path / "out", "xlsx", [file])
    book = load_workbook(tmp_path / "out" / "verbs.xlsx", data_only=True)
    for name, (verb, row) in names.items():
        found, wanted = held(book, name), float(VERBS[verb](*row))
        tiny = abs(wanted) < 1e-240 and isinstance(found, float) and abs(found) < 1e-240
        assert tiny or worst({verb: found}, {verb: None if math.isnan(wanted) else wanted})[0] < 1e-10, (
            f"{verb}{row}: {found}"
        )


@pytest.mark.parametrize("at", [", at: {duration: 5.0625 s, steps: 40}", ""], ids=["stated", "plain"])
def test_a_pin_holds_until_its_clip_is_another(at: str, tmp_path: Path) -> None:
    """Seconds of 5 s hold for more users; not for 8 s, nor for a part of 6 s. A part of 5 s keeps them."""
    pins = f"pins: {{gpu_seconds_per_video: {{value: 210 s{at}}}}}"
    mix = "mix: {short: {}, long: {share: 50%, duration: 5.0625 s}}" if at else ""
    plan = plan_of(write(f"model: wan2.2-t2v-a14b\ngpu: h100-sxm\ndau: 50K\n{pins}\n{mix}\n", tmp_path / "plan.yaml"))
    own = "mix.long.duration" if at else "duration"
    typed: list[tuple[list[str], dict[str, float]]] = [
        ([], {}),
        (["dau"], {"dau": 60_000.0}),
        ([own], {own: 6.0}),
        (["steps"], {"steps": 50.0}),
    ]
    books = computed(plan, typed, tmp_path)

    said = [str(next_to(book, "Do the pins hold for this plan?")).partition(":")[0] for book in books]
    assert said == ["yes", "yes", "NO", "NO"]


def test_a_pin_of_a_stage_holds_in_each_part_that_takes_it(tmp_path: Path) -> None:
    """Seconds of a stage at 5 s and 40 steps hold for more users; not for a part of 6 s, nor for other steps."""
    pins = "pins: {denoising_seconds: {value: 98 s, at: {duration: 5.0625 s, steps: 40}}}"
    stages = f"stages: {{base: {{steps: 40, {pins}}}, refine: {{resolution: 1280x720, steps: 4}}}}"
    mix = "mix: {short: {}, long: {share: 50%, duration: 5.0625 s, steps: 30}}"
    text = f"model: wan2.2-t2v-a14b\ngpu: h100-sxm\ndau: 50K\n{stages}\n{mix}\n"
    plan = plan_of(write(text, tmp_path / "plan.yaml"))
    typed: list[tuple[list[str], dict[str, float]]] = [
        (["dau"], {"dau": 60_000.0}),
        (["mix.long.duration"], {"mix.long.duration": 6.0}),
        (["stages.base.steps"], {"stages.base.steps": 50.0}),
    ]
    books = computed(plan, typed, tmp_path)

    said = [str(next_to(book, "Do the pins hold for this plan?")).partition(":")[0] for book in books]
    assert said == ["yes", "NO", "NO"]
