"""What people and programs could write, right and wrong: hypothesis strategies over every file and command line of the program."""

import json
from typing import Any

from hypothesis import strategies as st

from t2v_capacity.catalogue import KINDS, Catalogue
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.formulas import GROUPS
from t2v_capacity.questions.plan.warnings import CODES
from t2v_capacity.vocabulary.assumptions import ASSUMPTIONS, SECTIONS
from t2v_capacity.vocabulary.choices import CHOICES, SHORTHANDS
from t2v_capacity.vocabulary.names import RESERVED

ODD = st.text(st.characters(codec="utf-8"), max_size=12)
UNITS = [
    "",
    "s",
    "ms",
    "min",
    "h",
    "d",
    "B",
    "KB",
    "MB",
    "GiB",
    "Mbps",
    "Mbit/s",
    "%",
    "USD",
    "USD/GPU-hour",
    "W",
    "kW",
    "users",
    "K min",
    "fps",
]
NUMBERS = st.one_of(
    st.integers(-5, 10**7).map(str),
    st.floats(allow_nan=True, allow_infinity=True).map(repr),
    st.sampled_from(["0", "1e400", "-0", "1_000", "1,000", "16:9", "007", "forever", "null", "yes", "1K", "2.5M", "50%", "1e-320"]),
)
AMOUNTS = st.builds(lambda number, unit: f"{number} {unit}".strip(), NUMBERS, st.sampled_from(UNITS))
NAMES = st.one_of(st.sampled_from([*ASSUMPTIONS, *CHOICES, *SHORTHANDS]), st.sampled_from([*FIGURES, *SECTIONS, *RESERVED]), ODD)
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
    st.builds("group:{} > +5%".format, st.sampled_from([*GROUPS, "x"])),
    st.sampled_from(["new-warnings", *(f"warning:{code}" for code in CODES), "warning:x"]),
    ODD,
)
OPTIONS = {name: [entry.partition("/")[2] or entry for entry in Catalogue().entries(choice.kind)] for name, choice in CHOICES.items()}
RANGES = st.one_of(
    st.builds("{} to {}".format, AMOUNTS, AMOUNTS), st.fixed_dictionaries({"low": AMOUNTS, "high": AMOUNTS}, optional={"mid": AMOUNTS})
)
VALUES = st.one_of(
    AMOUNTS,
    RANGES,
    st.fixed_dictionaries({"value": AMOUNTS}, optional={"source": ODD, "as_of": st.sampled_from(["2026-11-24", "x"]), "note": ODD}),
    st.lists(AMOUNTS, max_size=3),
)
RULES = st.one_of(st.lists(GATES, max_size=3), st.dictionaries(ODD, st.one_of(GATES, st.none()), max_size=2))


@st.composite
def _assumption(draw: st.DrawFn) -> tuple[str, Any]:
    """Draw an assumption with a value that it mostly takes, or a choice with one of its options."""
    if draw(st.booleans()):
        name = draw(st.sampled_from([*CHOICES]))
        return name, draw(st.one_of(st.sampled_from(OPTIONS[name]), ODD))
    name = draw(st.sampled_from([*ASSUMPTIONS]))
    known = ASSUMPTIONS[name]
    factor = draw(st.sampled_from(["", "1", "2"]))
    return name, known.default if factor == "" else draw(VALUES) if factor == "2" else known.show(min(known.high, max(known.low, 1.0)))


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
            "budgets": st.one_of(st.lists(CONDITIONS, max_size=3), st.dictionaries(ODD, CONDITIONS, max_size=2)),
            "gates": st.fixed_dictionaries({}, optional={"fail_on": RULES, "warn_on": RULES}),
            "waivers": st.dictionaries(st.sampled_from(["no-source", "x"]), ODD, max_size=1),
            "extends": st.sampled_from(["plan.yaml", "own.yaml", "none.yaml", "../x"]),
            "catalogue": st.sampled_from(["own.yaml", "plan.yaml"]),
            "abstract": st.sampled_from([True, "x"]),
        },
    ),
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
        st.one_of(NAMES, st.sampled_from(["seconds", "gpu_seconds", "includes", "peak_memory", "frames", "gpus"])), AMOUNTS, max_size=5
    ),
    max_size=3,
)
SAVED = st.fixed_dictionaries(
    {"command": st.sampled_from(["estimate", "diff"]), "version": st.sampled_from([1, 2])},
    optional={
        "figures": st.dictionaries(FIGURE, st.fixed_dictionaries({}, optional={"value": st.floats(), "pinned": st.booleans()}), max_size=2),
        "tool": ODD,
    },
)
FLAGS = st.lists(st.tuples(NAMES, AMOUNTS).map(lambda pair: f"--{pair[0].replace('_', '-')}={pair[1]}"), max_size=2)
FORMS = st.sampled_from([[], ["--format", "json"], ["--format", "csv"], ["--format", "markdown"], ["--format", "x"]])


_CELLS = st.one_of(st.sampled_from(["2026-11-01T09:00:00Z", "1793491200", "2026-11-02", "done", "5", "nan", "1e999", "", '"']), ODD)
TRACES = st.builds(
    lambda header, rows: "\n".join([header, *(",".join(row) for row in rows)]),
    st.one_of(st.sampled_from(["time,user,status,duration", "time,user", "created_at", ""]), ODD),
    st.lists(st.lists(_CELLS, max_size=4), max_size=6),
)


@st.composite
def _line(draw: st.DrawFn) -> list[str]:
    """Draw a command line over the files at hand."""
    name, figure, condition, gate = draw(NAMES), draw(FIGURE), draw(CONDITIONS), draw(GATES)
    file = draw(st.sampled_from(["plan.yaml", "plan.yaml", "other.yaml", "saved.json", "none.yaml", "."]))
    lines = [
        ["estimate", file, "--samples", "20"],
        ["explain", file, figure],
        ["sensitivity", file, figure, "--samples", "100"],
        ["sweep", file, "--over", f"{name}={draw(AMOUNTS)},{draw(AMOUNTS)}"],
        [
            "sweep",
            file,
            "--over",
            f"{name}={draw(AMOUNTS)}..{draw(AMOUNTS)} {draw(st.sampled_from(['', 'log']))} {draw(st.integers(-1, 12))}",
        ],
        ["solve", file, "--for", name, "--until", condition, "--samples", "20"],
        ["solve", file, "--until", condition, "--samples", "20"],
        ["groups", file, "--sizes", draw(st.sampled_from(["1,2", "0", "x", "9999999999"]))],
        ["compare", file, "--gpu", draw(st.sampled_from(["h100,b200", "l4", "x", ""]))],
        ["forecast", file, "--months", str(draw(st.integers(-1, 12))), "--limit", condition],
        ["total", file, "plan.yaml"],
        ["check", file, "--budget", condition, "--samples", "20"],
        ["diff", file, "other.yaml", "--fail-on", gate, "--why", figure],
        ["diff", file],
        ["diff", "saved.json", file, "--gates", "gates.yaml"],
        ["accuracy", "runs.yaml"],
        ["accuracy", file, "runs.yaml"],
        ["calibrate", file, "runs.yaml"],
        ["fit", "trace.csv", *draw(st.sampled_from([[], ["--columns", f"user={name}"], ["--statuses", f"{figure}=failed"]]))],
        ["list", draw(st.sampled_from(["models", "gpus", "figures", "x"])), "--catalogue", "own.yaml"],
        ["export", file, draw(st.sampled_from(["out.md", "out.x", ""]))],
    ]
    line = draw(st.sampled_from(lines))
    flagged = line[0] not in ("list", "fit", "accuracy", "check", "total", "export") and draw(st.booleans())
    return [*line, *(draw(FLAGS) if flagged else []), *(draw(FORMS) if line[0] != "export" else [])]


def _yaml(value: Any) -> str:
    """Return a file's text: JSON is YAML; now and then a text that is neither."""
    return json.dumps(value, ensure_ascii=False)


FILES = st.fixed_dictionaries(
    {
        "plan.yaml": st.one_of(SCENARIOS.map(_yaml), SCENARIOS.map(_yaml), ODD),
        "other.yaml": SCENARIOS.map(_yaml),
        "own.yaml": st.one_of(CATALOGUES.map(_yaml), ODD),
        "gates.yaml": st.one_of(st.fixed_dictionaries({"fail_on": RULES}).map(_yaml), ODD),
        "runs.yaml": st.one_of(RUNS.map(_yaml), ODD),
        "trace.csv": TRACES,
        "saved.json": SAVED.map(json.dumps),
    }
)
CASES = st.tuples(FILES, _line())
