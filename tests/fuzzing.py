"""What people and programs could write, right and wrong.

These are hypothesis strategies over every file and command line of the program.
"""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from hypothesis import strategies as st

from t2v_capacity.assumptions import ASSUMPTIONS, SECTIONS
from t2v_capacity.assumptions.choices import CHOICES, SHORTHANDS
from t2v_capacity.assumptions.names import RESERVED
from t2v_capacity.assumptions.quantities import Range
from t2v_capacity.catalogue import KINDS, Catalogue
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.formulas import GROUPS
from t2v_capacity.plan.warnings import WARNING_CODES
from t2v_capacity.questions.review.findings import FINDING_CODES as FINDINGS

ODD = st.text(st.characters(codec="utf-8"), max_size=12)
UNITS = [
    "",
    "K min",
    *"s ms min h d B KB MB GiB Mbps Mbit/s % USD USD/GPU-hour W kW USD/kWh years months users fps".split(),
]
NUMBERS = st.one_of(
    st.integers(-5, 10**7).map(str),
    st.floats(allow_nan=True, allow_infinity=True).map(repr),
    st.sampled_from(
        ["0", "1e400", "-0", "1_000", "1,000", "16:9", "007", "forever", "null", "yes", "1K", "2.5M", "50%", "1e-320"]
    ),
)
AMOUNTS = st.builds(lambda number, unit: f"{number} {unit}".strip(), NUMBERS, st.sampled_from(UNITS))
NAMES = st.one_of(
    st.sampled_from([*ASSUMPTIONS, *CHOICES, *SHORTHANDS]), st.sampled_from([*FIGURES, *SECTIONS, *RESERVED]), ODD
)
FIGURE = st.one_of(st.sampled_from([*FIGURES]), st.sampled_from([*FIGURES]), ODD)
COMPARISON = st.sampled_from(["<", "<=", ">", ">=", "=", "==", "≤", "!"])
CONDITIONS = st.one_of(
    st.builds("{} {} {}".format, FIGURE, COMPARISON, AMOUNTS),
    st.builds("p{}({}) {} {}".format, st.integers(-1, 120), FIGURE, COMPARISON, AMOUNTS),
    st.builds("P({} {} {}) {} {}".format, FIGURE, COMPARISON, AMOUNTS, COMPARISON, AMOUNTS),
    ODD,
)
GATES = st.one_of(
    st.builds("{} {} {}{}".format, FIGURE, COMPARISON, st.sampled_from(["+", "-", ""]), AMOUNTS),
    st.builds("{} > +{}% and > +{}".format, FIGURE, st.integers(0, 99), st.integers(0, 99)),
    st.builds("p{}({}) > +{}%".format, st.integers(-1, 120), FIGURE, st.integers(0, 99)),
    st.builds("total({}) {} {}{}".format, FIGURE, COMPARISON, st.sampled_from(["+", ""]), AMOUNTS),
    st.sampled_from(["new-warnings", *(f"warning:{code}" for code in WARNING_CODES), "warning:x"]),
    ODD,
)
OPTIONS = {
    name: [entry.partition("/")[2] or entry for entry in Catalogue().entries(choice.kind)]
    for name, choice in CHOICES.items()
}
RANGES = st.one_of(
    st.builds("{} to {}".format, AMOUNTS, AMOUNTS),
    st.fixed_dictionaries({"low": AMOUNTS, "high": AMOUNTS}, optional={"mid": AMOUNTS}),
)
VALUES = st.one_of(
    AMOUNTS,
    RANGES,
    st.fixed_dictionaries(
        {"value": AMOUNTS}, optional={"source": ODD, "as_of": st.sampled_from(["2026-11-24", "x"]), "note": ODD}
    ),
    st.lists(AMOUNTS, max_size=3),
)
_GATE = st.fixed_dictionaries({"when": GATES}, optional={"name": ODD})


def _rules(one: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return rules as a list or by name.

    Some names are those that a file below may hold too, to replace or take away.
    """
    by_name = (
        st.dictionaries(names, st.one_of(one, st.none()), max_size=2)
        for names in (ODD, st.sampled_from(["cap", "fleet"]))
    )
    return st.one_of(st.lists(one, max_size=3), *by_name)


RULES, BUDGETS = _rules(st.one_of(GATES, _GATE)), _rules(CONDITIONS)
WAIVERS = st.dictionaries(
    st.sampled_from([*FINDINGS, "x"]),
    st.one_of(ODD, st.dictionaries(NAMES, st.one_of(ODD, st.just("we know")), max_size=2)),
    max_size=2,
)
_TABLE = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
FLEETS: dict[str, st.SearchStrategy[Any]] = {name: st.sampled_from(values) for name, values in _TABLE["fleets"].items()}
STAGES = [name for name in FIGURES["gpu_seconds_per_video"].parameters if name in FIGURES]
_SECONDS = st.one_of(
    st.sampled_from(["0", "0.5", "30 s"]),
    st.fixed_dictionaries({"value": st.just("1"), "at": st.just({"gpu": "h100-sxm"})}),
)


@st.composite
def _assumption(draw: st.DrawFn) -> tuple[str, Any]:
    """Draw an assumption with a value that it mostly takes, or a choice with one of its options."""
    if draw(st.booleans()):
        name = draw(st.sampled_from([*CHOICES]))
        return name, draw(st.one_of(st.sampled_from(OPTIONS[name]), ODD))
    name = draw(st.sampled_from([*ASSUMPTIONS]))
    known = ASSUMPTIONS[name]
    factor = draw(st.sampled_from(["", "1", "2"]))
    return name, known.default if factor == "" else draw(VALUES) if factor == "2" else known.show(
        min(known.high, max(known.low, 1.0))
    )


SCENARIOS = st.one_of(
    st.lists(_assumption(), max_size=6).map(dict),
    st.dictionaries(NAMES, VALUES, max_size=4),
    st.fixed_dictionaries(
        {},
        optional={
            "name": ODD,
            "model": st.sampled_from(OPTIONS["model"]),
            "gpu": st.sampled_from(OPTIONS["gpu"]),
            "dau": st.one_of(AMOUNTS, RANGES),
            "pins": st.dictionaries(FIGURE, VALUES, max_size=3),
            "budgets": BUDGETS,
            "gates": st.fixed_dictionaries({}, optional={"fail_on": RULES, "warn_on": RULES}),
            "waivers": WAIVERS,
            "extends": st.sampled_from(
                ["plan.yaml", "base.yaml", "base.yaml", "own.yaml", "none.yaml", "../x", ["base.yaml", "base.yaml"]]
            ),
            "catalogue": st.sampled_from(["own.yaml", "plan.yaml", ["own.yaml", "own.yaml"], []]),
            "abstract": st.sampled_from([True, False, "x"]),
        },
    ),
    st.fixed_dictionaries({"dau": st.sampled_from(["1M", "50K to 2M"])}, optional=FLEETS),
    # Pins of what a clip takes, which a search has to compute the rest of.
    st.fixed_dictionaries(
        {"dau": st.just("100K"), "pins": st.dictionaries(st.sampled_from(STAGES), _SECONDS, min_size=1, max_size=2)},
        optional={"gpu": st.sampled_from(OPTIONS["gpu"]), "target_latency": FLEETS["target_latency"]},
    ),
)
BASES = st.fixed_dictionaries(
    {"dau": AMOUNTS},
    optional={
        "abstract": st.sampled_from([True]),
        "budgets": BUDGETS,
        "gates": st.fixed_dictionaries({"fail_on": RULES}),
        **FLEETS,
    },
)
FACTS = sorted({fact for kind in KINDS.values() for fact in (*kind.facts, *kind.at_precision, *kind.about)})
ENTRIES = st.dictionaries(
    st.sampled_from([*FACTS, "extends", "aliases", "label", "x"]),
    st.one_of(VALUES, st.sampled_from(["h100-sxm", "mochi-1-preview", "hopper"])),
    max_size=4,
)
CATALOGUES = st.dictionaries(
    st.one_of(st.sampled_from([*KINDS, "sources"]), ODD),
    st.dictionaries(st.sampled_from(["h100-sxm", "mine"]), ENTRIES, max_size=2),
    max_size=2,
)
RUNS = st.lists(
    st.dictionaries(
        st.one_of(NAMES, st.sampled_from(["seconds", "gpu_seconds", "includes", "peak_memory", "frames", "gpus"])),
        AMOUNTS,
        max_size=5,
    ),
    max_size=3,
)
_ACTUAL = st.sampled_from(
    "dau requests_per_day gpu_seconds_per_video gpus gpu_hours_per_month cost_per_month latency_p95 gpu_price".split()
)
MONTHS = st.fixed_dictionaries(
    {"actuals": st.dictionaries(st.one_of(_ACTUAL, _ACTUAL, NAMES), st.one_of(NUMBERS, NUMBERS, VALUES), max_size=5)},
    optional={"month": st.sampled_from(["2026-10", "2026-11", "2060-01", "2026-13", 7, None]), "source": ODD},
)


def _written(flag: tuple[str, str]) -> str:
    """Return a name and a value as a flag."""
    return f"--{flag[0].replace('_', '-')}={flag[1]}"


_FLAG = st.one_of(st.tuples(NAMES, AMOUNTS), *(st.tuples(st.just(name), values) for name, values in FLEETS.items()))
FLAGS = st.lists(_FLAG.map(_written), max_size=2)
FORMS = st.sampled_from([[], ["--format", "json"], ["--format", "csv"], ["--format", "markdown"], ["--format", "x"]])


_TIMES = st.one_of(
    st.sampled_from(
        "2026-11-01T09:00:00Z 1793491200 1793491200000 2026-11-02 nan inf 1e999 -1 946684800 4102444799".split()
    ),
    st.sampled_from(
        [
            "2026-11-01 09:00",
            "   nan",
            "",
            *"9999-12-31T23:59:59-12:00 0001-01-01T00:00:00+14:00 2026-11-01T09:00:00+23:59".split(),
        ]
    ),
    st.integers(0, 5 * 86_400).map(lambda second: str(1_793_491_200 + second)),
)
_CELLS = st.one_of(
    _TIMES, st.sampled_from(["3 min", "", '"', "\r", *"done failed 5 1e200 1e-320 -1 u1 u2".split()]), NUMBERS, ODD
)
_ROWS = st.lists(_CELLS, max_size=4).map(",".join)


@st.composite
def _days(draw: st.DrawFn) -> str:
    """Draw a trace of days in order, of which some rows are odd."""
    days, step, odd = (
        draw(st.integers(0, 4)),
        draw(st.sampled_from([600, 3_600, 20_000])),
        draw(st.lists(_CELLS, min_size=1, max_size=4)),
    )
    rows = [
        f"{1_793_491_200 + step * n},u{n % 7},{'failed' if n % 9 == 0 else 'done'},{odd[n % len(odd)]}"
        for n in range(days * 86_400 // step)
    ]
    return "\n".join(["time,user,status,duration", *rows, draw(_ROWS)])


_HEADERS = st.one_of(
    st.sampled_from(["", *"time,user,status,duration time,user,duration_ms time,user created_at".split()]), ODD
)
TRACES = st.one_of(
    st.builds(lambda header, rows: "\n".join([header, *rows]), _HEADERS, st.lists(_ROWS, max_size=6)),
    _days(),
    st.builds(lambda text, count: f"time,user\n{text * count}", ODD, st.sampled_from([1, 1_000, 200_000])),
)
_MEASURED = st.one_of(
    st.floats(), st.integers(-10, 10**6), ODD, st.none(), st.booleans(), st.sampled_from([1e308, 5e-324, -0.0])
)


def _some(keys: str, most: int) -> st.SearchStrategy[dict[str, Any]]:
    """Return what was measured, under some of the keys."""
    return st.dictionaries(st.sampled_from(keys.split()), _MEASURED, max_size=most)


_BENCHMARK = st.fixed_dictionaries(
    {"latency_median": _MEASURED},
    optional={
        **dict.fromkeys(
            "completed_requests throughput_qps latency_mean peak_memory_mb_median median_e2el_ms model".split(),
            _MEASURED,
        ),
        "median_video_generation_ms": _MEASURED,
        "task": st.sampled_from(["t2v", "t2i", 5]),
        "stage_durations_p50": _some("A.diffuse B.diffuse A.vae.decode x_ms", 3),
    },
)
_SERVED = st.one_of(ODD, _some("ulysses-degree cfg_parallel_size use-hsdp enforce-eager", 3))
_RECORD = st.fixed_dictionaries(
    {"result": _BENCHMARK},
    optional={
        "server_params": st.dictionaries(st.sampled_from(["model", "serve_args"]), _SERVED, max_size=2),
        "benchmark_params": _some("width height num-frames num_inference_steps random-request-config", 4),
    },
)
BENCHMARKS = st.one_of(_BENCHMARK, st.lists(_RECORD, max_size=2))
# What is given in Python: what a file or a flag would hold, and what neither can.
GIVEN = st.one_of(
    AMOUNTS,
    ODD,
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.binary(max_size=4),
    st.lists(st.one_of(AMOUNTS, st.integers(0, 9)), max_size=3),
    st.builds(np.array, st.lists(st.floats(), max_size=3)),
    st.builds(np.float64, st.floats()),
    st.builds(Range, st.floats(), st.floats(), st.one_of(st.none(), st.floats())),
    st.dictionaries(ODD, st.integers(), max_size=2),
    st.sets(st.integers(), max_size=2),
)
COUNTS = st.one_of(st.integers(-5, 2_000), st.sampled_from([0, 10**12, True, 2.5, "7", None, float("nan")]))
# A tree of a repository: what stands at a path, a text, a link or a submodule.
_AT = [
    "s/pl\nan.yaml",
    *"s/plan.yaml s/other.yaml s/base.yaml s/sub/x.yaml s/.h/x.yaml s/own.yaml gates.yaml own.yaml r/plan.yaml".split(),
]
_LINKS = ["plan.yaml", "../r", "r", "s", ".", "..", "../gates.yaml", "/etc/hostname", "../../out", "sub", "loop"]
_STANDS = st.one_of(
    st.tuples(st.just("file"), st.one_of(SCENARIOS, SCENARIOS, BASES).map(json.dumps)),
    st.tuples(
        st.just("file"),
        st.builds("dau: {}\ngates: {{fail_on: [total(gpus) > +10%, gpus > +10%, p95(gpus) > +5%]}}\n".format, AMOUNTS),
    ),
    st.tuples(
        st.just("file"),
        st.one_of(RULES.map(lambda rules: json.dumps({"fail_on": rules})), CATALOGUES.map(json.dumps), ODD),
    ),
    st.tuples(st.just("link"), st.sampled_from(_LINKS)),
)
TREES = st.dictionaries(st.sampled_from([*_AT, "s", "r", "s/sub"]), _STANDS, min_size=1, max_size=5)
REQUESTS = st.tuples(
    TREES,
    TREES,
    st.lists(st.sampled_from(["s", ".", "s/plan.yaml", "s/sub", "r", "s/../r", "none"]), min_size=1, max_size=2),
    st.lists(
        st.sampled_from(
            [
                "--gates=gates.yaml",
                "--catalogue=own.yaml",
                "--gates-from=head",
                "--fail-on=total(gpus) > +5%",
                "--dau=1M",
                "--format=json",
            ]
        ),
        max_size=3,
        unique=True,
    ),
)


# What stands in braces in a command line.
DRAWN: dict[str, st.SearchStrategy[str]] = {
    "file": st.sampled_from(["plan.yaml", "plan.yaml", "other.yaml", "none.yaml", "."]),
    "name": NAMES,
    "figure": FIGURE,
    "group": st.sampled_from([*GROUPS, "x"]),
    "amount": AMOUNTS,
    "condition": CONDITIONS,
    "gate": GATES,
    "set": _FLAG.map("=".join),
    "flag": _FLAG.map(_written),
    "model": st.sampled_from(OPTIONS["model"]),
    "gpu": st.sampled_from(OPTIONS["gpu"]),
    "scale": st.sampled_from([" ", " log "]),
    "count": st.integers(-1, 12).map(str),
    "month": st.sampled_from(["2026-01", "2027-03", "2027-13", "1970-01", "9999-12", "x", ""]),
    "time": st.one_of(st.sampled_from(["5 months", "0", "2 years", "-1 d"]), AMOUNTS),
    "kind": st.sampled_from([*KINDS, "prices", "kernels", "figures", "choices", "x"]),
}


@st.composite
def _line(draw: st.DrawFn) -> list[str]:
    """Draw a command line over the files at hand."""
    template = draw(st.sampled_from(_TABLE["lines"]))
    words = [draw(st.sampled_from(word.split("|"))) for word in template.split()]
    line = [re.sub(r"\{(\w+)\}", lambda found: draw(DRAWN[found[1]]), word) for word in words]
    flagged = line[0] not in ("list", "fit", "accuracy", "check", "total", "export", "schema") and draw(st.booleans())
    return [
        *line,
        *(draw(FLAGS) if flagged else []),
        *(draw(FORMS) if line[0] not in ("export", "init", "schema") else []),
    ]


def _yaml(value: Any) -> str:
    """Return a file's text: JSON is YAML; now and then a text that is neither."""
    return json.dumps(value, ensure_ascii=False)


FILES = st.fixed_dictionaries(
    {
        "plan.yaml": st.one_of(SCENARIOS.map(_yaml), SCENARIOS.map(_yaml), ODD),
        "other.yaml": SCENARIOS.map(_yaml),
        "base.yaml": BASES.map(_yaml),
        "own.yaml": st.one_of(CATALOGUES.map(_yaml), ODD),
        "gates.yaml": st.one_of(st.fixed_dictionaries({"fail_on": RULES}).map(_yaml), ODD),
        "runs.yaml": st.one_of(RUNS.map(_yaml), BENCHMARKS.map(_yaml), ODD),
        "trace.csv": TRACES,
        "month.yaml": st.one_of(MONTHS.map(_yaml), MONTHS.map(_yaml), ODD),
        "other-month.yaml": MONTHS.map(_yaml),
    }
)
CASES = st.tuples(FILES, _line())
