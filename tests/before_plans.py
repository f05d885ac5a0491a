"""Draw plans, and answer command lines: the part of tests/before.py that runs in either program's own environment.

    python before_plans.py draw                       plans and lines.json, into the folder at hand
    python before_plans.py answer lines.json out.gz   the answers of the program that is installed here

A change of this file draws and answers everything anew.
"""

import contextlib
import gzip
import io
import json
import math
import os
import sys
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import yaml

PLANS, WIDE = 400, 30  # how many are drawn, and how many of them every command answers
FEWEST = 10  # plans that set an assumption
_PER_PLAN = 9  # assumptions
_SAMPLES = ["--samples", "300"]

_TENTHS, _HALVES, _DAYS, _HOURLY = ["1%", "5%", "12%"], ["5%", "20%", "50%"], ["30 d", "365 d"], ["1.2", "1.9", "2.6"]
# Values of assumptions whose default says nothing of a usual one.
USUAL: dict[str, list[str]] = {
    "request_share": ["20%", "60%"],
    **dict.fromkeys("rejected_prompt_share failed_share rejected_output_share".split(), _TENTHS),
    **dict.fromkeys("deferrable_share reserved_fraction spot_fraction residual_share".split(), _HALVES),
    **dict.fromkeys("cached_step_share attention_sparsity paid_share spare_fraction cdn_hit_ratio".split(), _HALVES),
    **{
        name: ["0.3", "0.7"]
        for name in "decoder_work_share decoder_memory_share sparse_kernel_efficiency active_share".split()
    },
    **dict.fromkeys("spot_price reserved_price reserved_3_year_price".split(), _HOURLY),
    "retention": _DAYS,
    "peak_to_average": ["1.3", "1.7", "2.5", "4"],
    "time_zones": ["3", "8", "24"],
    "growth_per_month": ["3%", "10%", "-5%", "2% to 6%"],
    "arrival_variability": ["0.5", "3", "12"],
    "service_variability": ["0.1", "0.6", "2"],
    "queue_limit": ["3", "40", "600", "5000"],
    "target_latency": ["30 s", "2 min", "10 min", "40 min"],
    "target_deferred_wait": ["20 min", "2 h", "8 h"],
    "max_utilization": ["60%", "80%", "95%", "99%"],
    "target_wait_probability": ["1%", "20%", "60%"],
    "regions": ["2", "3"],
    "regions_lost": ["1"],
    "spare_servers": ["1", "3"],
    "gpus_per_server": ["1", "2", "4"],
    "gpus_per_replica": ["2", "4", "8"],
    "guidance_groups": ["2"],
    "tensor_parallel": ["2", "4"],
    "on_demand_limit": ["40", "1000"],
    "interruptions_per_hour": ["0.02", "0.3"],
    "gpu_price_change_per_year": ["-20%", "5%"],
    "server_price": ["180K USD", "320K USD"],
    "electricity_price": ["0.08 USD/kWh", "0.2 USD/kWh"],
    "views_per_video": ["2", "50"],
    "price_per_video_second": ["0.05", "0.4"],
    "other_cost_per_video": ["0.01", "0.1"],
    "other_gpu_seconds_per_video": ["2", "15"],
    "other_seconds_per_video": ["3", "20"],
    "vae_encode_share": ["0.5"],
    "vae_tile_pixels": ["1e6"],
    "attention_window": ["5000", "20000"],
    "counted_passes_per_layer": ["150", "250"],
}
# Groups of assumptions that say little alone.
TOGETHER = (
    {"spot_fraction": "50%", "spot_price": "1.4", "interruptions_per_hour": "0.1"},
    {"deferrable_share": "30%", "target_deferred_wait": "4 h", "peak_to_average": "2"},
    {"reserved_fraction": "60%", "reserved_price": "2.1", "peak_to_average": "2"},
    {"regions": "3", "regions_lost": "1", "spare_servers": "1"},
    {"server_price": "300K USD", "electricity_price": "0.1 USD/kWh"},
    {"target_latency": "90 s"},
    {"attention_sparsity": "50%", "sparse_kernel_efficiency": "0.5"},
    {"price_per_video_second": "0.3", "paid_share": "40%"},
)
PINNED = (
    "gpus servers replicas trps peak_trps video_size gpu_seconds_per_video memory_needed "
    "generations_per_day storage_per_day"
).split()
LIMITED = "gpus latency_p95 cost_per_month cost_per_video fleet_power storage_per_month".split()


def text_of(name: str, chance: Random) -> str:
    """Return a value of an assumption as a person writes it, now and then as a range."""
    from t2v_capacity.assumptions import ASSUMPTIONS

    known = ASSUMPTIONS[name]
    if name in USUAL:
        return chance.choice(USUAL[name])
    number = known.number(known.default) * math.exp(chance.gauss(0, 0.3))
    number = min(max(number, known.low), known.high)
    if known.whole:
        return known.exact(float(round(number)))
    if chance.random() < 0.15 and known.low < number * 0.8 and number * 1.25 < known.high:
        return f"{known.exact(number * 0.8)} to {known.exact(number * 1.25)}"
    return known.exact(number)


def whole_plan(chance: Random) -> dict[str, Any]:
    """Return a plan's choices and demand."""
    from t2v_capacity.catalogue import Catalogue

    catalogue = Catalogue()
    model = chance.choice([name for name in catalogue.entries("models") if name != "mochi-1-preview"])
    gpus = ["h100-sxm", "h100-sxm", "h200-sxm", "b200-hgx", "a100-80gb-sxm", "l40s", "rtx-5090", "h20-sxm", "mi300x"]
    found: dict[str, Any] = {"as_of": "2026-11-24", "model": model, "gpu": chance.choice(gpus)}
    found["peak_to_average"] = "1"  # whose default moved
    found["dau"] = chance.choice(["800", "20K", "300K", "4M", "30K to 90K"])
    if chance.random() < 0.6:
        found["runtime"] = chance.choice(["eager", "compiled", "engine", "engine", "fused"])
    if chance.random() < 0.3:
        found["precision"] = chance.choice(["fp8", "fp32", "int8"])
    if chance.random() < 0.3:
        found["offload"] = chance.choice(["encoder", "all", "blocks"])
    if chance.random() < 0.3:
        found["gpus_per_replica"] = chance.choice(["2", "4", "8"])
        found["sharding"] = chance.choice(["none", "weights"])
    for name, kind in {
        "distilled": "distilled",
        "step_cache": "step_caches",
        "sparse_attention": "sparse_attentions",
    }.items():
        own = [entry.partition("/")[2] for entry in catalogue.entries(kind) if entry.startswith(f"{model}/")]
        if own and chance.random() < 0.4:
            found[name] = chance.choice(own)
    return found


def parts_of(chance: Random) -> dict[str, Any]:
    """Return a mix, or stages; mostly neither."""
    kind = chance.random()
    if kind < 0.14:
        draft = {"share": "40%", "duration": "2 s", **({"target_latency": "3 min"} if chance.random() < 0.4 else {})}
        parts: dict[str, Any] = {"draft": draft, "usual": {}}
        if chance.random() < 0.5:
            parts["long"] = {"share": "10%", "duration": "8 s", "price_per_video_second": "0.2"}
        return {"mix": parts}
    if kind < 0.22:
        return {"stages": {"base": {"resolution": "640x384", "steps": "8"}, "refine": {"steps": "3"}}}
    return {}


class Drawn:
    """A plan as it grows: a setting that the program of that commit refuses is left out."""

    def __init__(self, file: str) -> None:
        """Take the name of its file."""
        self.file, self.settings, self.figures = file, dict[str, Any](), dict[str, Any]()

    def put(self, **settings: Any) -> bool:
        """Add settings; return whether the plan is still one."""
        from t2v_capacity.errors import Mistakes
        from t2v_capacity.plan.estimate import estimate
        from t2v_capacity.scenario.load import load_scenario

        before, self.settings = self.settings, {**self.settings, **settings}
        Path(self.file).write_text(yaml.safe_dump(self.settings, sort_keys=False), encoding="utf-8")
        try:
            self.figures = dict(estimate(load_scenario(self.file)).figures)
        except Mistakes:
            self.settings = before
            Path(self.file).write_text(yaml.safe_dump(before, sort_keys=False), encoding="utf-8")
            return False
        return True

    def near(self, name: str, factor: float) -> str | None:
        """Return a figure times a factor, as one writes it; nothing if it has no value."""
        from t2v_capacity.assumptions.quantities import show
        from t2v_capacity.engine.figures import FIGURES

        value = self.figures[name]
        if not value:
            return None
        return (
            str(max(1, round(value * factor))) if FIGURES[name].whole else show(value * factor, FIGURES[name].unit, 4)
        )

    def next_to(self) -> str:
        """Write a second plan that shares its fleet, of few users who wait; return its file."""
        file = f"free-{self.file}"
        Path(file).write_text(f"extends: {self.file}\ndau: 10K\ntarget_latency: null\n", encoding="utf-8")
        return file


def pin(plan: Drawn, place: int, chance: Random) -> None:
    """Pin a figure of some plans, and the seconds of that commit in half of the others.

    With pinned seconds a new fit hides no other difference.
    """
    if chance.random() < 0.2:
        name = chance.choice(PINNED)
        if text := plan.near(name, chance.choice([0.6, 1.0, 1.6])):
            plan.put(pins={name: text})
    if place % 2 and "pins" not in plan.settings and (seconds := plan.near("gpu_seconds_per_video", 1)):
        plan.put(pins={"gpu_seconds_per_video": seconds})


def draw(place: int, names: Iterable[str]) -> Drawn:
    """Write the plan of a place, with as many of these assumptions as it takes."""
    chance, plan = Random(f"before {place}"), Drawn(f"plan-{place:03}.yaml")
    while not plan.put(**whole_plan(chance)):
        pass
    plan.put(**parts_of(chance))
    if chance.random() < 0.4:
        plan.put(**chance.choice(TOGETHER))
    for name in names:
        plan.put(**{name: text_of(name, chance)})
    if chance.random() < 0.12 and (limit := plan.near("gpus", chance.choice([0.5, 0.9, 2]))):
        plan.put(gpu_limit=limit)
    pin(plan, place, chance)
    budgets = []
    for _each in range(chance.choice([0, 0, 1, 2])):
        name = chance.choice(LIMITED)
        if text := plan.near(name, chance.choice([0.7, 1.02, 1.3])):
            limit = f"{name} <= {text}"
            budgets.append(chance.choice([limit, limit, f"p95({limit.replace(' <=', ') <=')}", f"P({limit}) >= 90%"]))
    if budgets:
        plan.put(budgets=budgets)
    return plan


def lines_of(plan: Drawn, other: str, *, wide: bool) -> Iterator[list[str]]:
    """Yield what is asked of a plan; `other` is another plan."""
    file = plan.file
    budgets = [
        f"--budget=gpus <= {plan.near('gpus', 1.1) or 10}",
        f"--budget=P(cost_per_month <= {plan.near('cost_per_month', 1.05) or '1 USD/month'}) >= 90%",
    ]
    yield ["estimate", file, *_SAMPLES]
    yield ["check", file, *budgets, *_SAMPLES]
    if not wide:
        return
    yield ["explain", file, "gpus"]
    yield ["explain", file, "cost_per_video"]
    yield ["sensitivity", file, "gpus", *_SAMPLES]
    yield ["sweep", file, "--over", "dau=10K..1M log 3", "--over", "steps=8,30", "--over", "gpus_per_replica=1,2"]
    yield ["solve", file, "--for", "dau", "--until", f"gpus <= {plan.near('gpus', 1.5) or 10}"]
    yield ["solve", file, "--for", "gpu", "--minimize", "cost_per_month"]
    yield ["compare", file]
    yield [
        "forecast",
        file,
        "--growth-per-month",
        "6%",
        "--months",
        "8",
        "--limit",
        f"gpus <= {plan.near('gpus', 1.3) or 10}",
        *_SAMPLES,
    ]
    yield ["total", file, other]
    yield ["total", "--pooled", file, plan.next_to()]
    yield ["diff", file, other, "--why", "gpus", "--fail-on", "gpus > +10%", "--fail-on", "new-warnings"]
    yield ["diff", file, "--dau", "1M", "--why", "cost_per_month", "--warn-on", "cost_per_month > +5%"]
    yield ["export", file, f"{file}.xlsx", *_SAMPLES]
    yield ["calibrate", file, "runs.yaml"]
    yield ["actuals", file, "october.yaml", "--start", "2026-09", *_SAMPLES]


def draw_all() -> None:
    """Write all plans and `lines.json`, the command lines, into the folder at hand."""
    from t2v_capacity.assumptions import ASSUMPTIONS

    chance, pool, plans = Random("before"), list[str](), list[Drawn]()
    for place in range(PLANS):
        while len(pool) < _PER_PLAN:
            pool += chance.sample([*ASSUMPTIONS], len(ASSUMPTIONS))
        names, pool = pool[:_PER_PLAN], pool[_PER_PLAN:]
        plans.append(draw(place, names))
    often = Counter(name for plan in plans for name in plan.settings)
    if rare := {name: often[name] for name in ASSUMPTIONS if often[name] < FEWEST}:
        sys.exit(f"set in fewer than {FEWEST} plans: {rare}")
    every = PLANS // WIDE
    lines = [
        line
        for place, plan in enumerate(plans)
        for line in lines_of(
            plan, plans[(place * 7 + 1) % PLANS].file, wide=place % every == 0 and place // every < WIDE
        )
    ]
    kinds = "figures assumptions models gpus prices choices".split()
    lines += [["accuracy"], ["fit", "requests.csv"], *(["list", kind] for kind in kinds)]
    Path("lines.json").write_text(json.dumps(lines), encoding="utf-8")


class Answered(NamedTuple):
    """How a command line ended, and the document that it wrote."""

    line: list[str]
    code: int
    document: Any


def answered(line: list[str]) -> Answered:
    """Return the answer of the program that is imported here."""
    from t2v_capacity.cli.app import run

    out, written = io.StringIO(), next((part for part in line if part.endswith(".xlsx")), "")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        try:
            code = run(line if written else [*line, "--format", "json"])
        except Exception:  # noqa: BLE001 - a crash is an answer too: 1
            code = 1
    if written:
        return Answered(line, code, named_cells(Path(written)) if code == 0 else None)
    try:
        return Answered(line, code, json.loads(out.getvalue()))
    except ValueError:
        return Answered(line, code, None)


def named_cells(file: Path) -> dict[str, Any]:
    """Return the value of each cell of a workbook that has a name, as it was exported."""
    space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(file) as book:
        top = ET.fromstring(book.read("xl/workbook.xml"))  # noqa: S314 - our own file
        names = {
            one.get("name", ""): (one.text or "").replace("$", "").rpartition("!")[::2]
            for one in top.iterfind(".//m:definedName", space)
        }
        values = dict[tuple[str, str], Any]()
        for place, sheet in enumerate(top.iterfind(".//m:sheet", space), 1):
            rows = ET.fromstring(book.read(f"xl/worksheets/sheet{place}.xml"))  # noqa: S314
            for cell in rows.iterfind(".//m:c", space):
                found = cell.find("m:v", space)
                if found is not None and cell.get("t") != "s":
                    values[sheet.get("name", ""), cell.get("r", "")] = number(found.text or "")
    file.unlink()
    return {
        name: values[sheet.strip("'"), cell]
        for name, (sheet, cell) in names.items()
        if (sheet.strip("'"), cell) in values
    }


def number(text: str) -> float | str:
    """Return a number where a text is one."""
    try:
        return float(text)
    except ValueError:
        return text


def answer_all(lines_file: str, out: str) -> None:
    """Write the answers of these lines, in their order, by two processes."""
    lines = json.loads(Path(lines_file).read_text(encoding="utf-8"))
    with gzip.open(out, "wt", encoding="utf-8", compresslevel=1) as file, ProcessPoolExecutor(os.cpu_count()) as pool:
        for one in pool.map(answered, lines, chunksize=4):
            file.write(json.dumps(one) + "\n")


def main() -> None:
    """Do what the command line asks."""
    match sys.argv[1:]:
        case ["draw"]:
            draw_all()
        case ["answer", lines, out]:
            answer_all(lines, out)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
