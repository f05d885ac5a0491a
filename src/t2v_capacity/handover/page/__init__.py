"""A plan as one page that recalculates in a browser: it opens offline and asks no one for anything.

The formulas, units, bounds and words are those of the package; a formula is written for a browser from its own syntax
tree. Text of a scenario goes in as data alone: the page's scripts make elements and text of it, never markup.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from hashlib import sha256
from html import escape
from math import isnan
from pathlib import Path
from string import Template
from typing import Any

from t2v_capacity.answers.estimate import days_of
from t2v_capacity.answers.estimate_figures import MOVES, SECONDS_OF, SHOWN_LINK, TAKES
from t2v_capacity.answers.estimate_lines import is_unsteady, rests_on
from t2v_capacity.assumptions import ASSUMPTIONS, SECTIONS, quantities
from t2v_capacity.assumptions.names import finite
from t2v_capacity.assumptions.parts import HOMES, MIX, OF_THE_PROMISE, SHARE, assumption, is_of_a_part, plain_name
from t2v_capacity.assumptions.quantities import Range, show
from t2v_capacity.engine import constants, verbs
from t2v_capacity.engine.constants import Constant
from t2v_capacity.engine.figures import FIGURES, Figure, ordered
from t2v_capacity.forms.data import warnings_data
from t2v_capacity.forms.formula_text import in_browser, place, reason, sentence
from t2v_capacity.forms.report import conventions
from t2v_capacity.forms.values import UNLIMITED, headline_unit
from t2v_capacity.formulas import GROUPS, burst, day, queueing, staffing
from t2v_capacity.formulas.simulated import SIMULATED
from t2v_capacity.handover.init import DECIDE
from t2v_capacity.handover.page.choices import below_data, choice_data, default_data, parts_data
from t2v_capacity.handover.page.evidence import evidence_data
from t2v_capacity.handover.reproduce import file_data
from t2v_capacity.plan import candidates, conditions, gpu_waterfall, sellers, tree, trials, verdict
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.evidence import factor_ends
from t2v_capacity.plan.glossary import glossary
from t2v_capacity.plan.pins import Pinned, as_written, pinned_bills, written_pins
from t2v_capacity.plan.tree import COSTS, OF_THE_SIZE, OF_THE_WORK, PART_BY, SOLD, own_figures
from t2v_capacity.plan.uncertain import is_best_high
from t2v_capacity.plan.warnings.service import WAITING
from t2v_capacity.questions.estimate import PlanRecord
from t2v_capacity.questions.review.check import CheckLine, own_budgets
from t2v_capacity.release import __version__
from t2v_capacity.scenario.load import PRICES
from t2v_capacity.scenario.settings import Part, Setting
from t2v_capacity.scenario.streams import OF_CLIPS, OF_PARTS

# A web address, without the punctuation of the sentence around it; brackets belong to it in pairs.
_ADDRESS = r"""https?://(?:\([^\s()<>"]*\)|[^\s<>"'`|\\^{}\[\]()])*(?:\([^\s()<>"]*\)|[^\s<>"'`|\\^{}\[\]().,;:!?])"""
_HERE = Path(__file__).parent
# Comments, indents, empty lines and breaks after a statement, which a browser does not need.
_NEEDLESS = re.compile(r"(?<=;)\n|^(?: *(?://|/\*\* ).*\n| +|\n)|(?<=[;{,)]) +// .*$", re.MULTILINE)
# In the order in which the browser reads them.
_SCRIPTS = (
    "verbs quantities elements choices parts state evidence verdict inputs banner options remedies waterfall answer "
    "chart compare context send results pictures explanation start"
).split()
# The words of the page that it explains at its foot.
_WORDS = ("p95", "headroom", "replica", "runtime", "spares", "cold start")
_MONTHS = 24
_PLANNER = "Text-to-video capacity planner"  # a page of flags alone
_DIGITS = 6  # of the ends of a range
# The figures of which a page has bands.
_BANDED = (*TAKES, *SOLD, *MOVES, "gpu_cost_per_second", "autoscaled_cost_per_second")
# The constants of the verbs by their module, and the tables of units. Each stands in the data in small letters.
_OF_VERBS = {
    queueing: "TERM HUGE LARGE_LOAD BELL PANELS SMALL GAUSS",
    staffing: "HALVINGS",
    day: "ARRIVAL_HALVINGS EXIT_HALVINGS",
    burst: "RESERVES",
    constants: "SMALLEST_SPREAD",
    verbs: "TOLERANCE",
}
_OF_UNITS = (
    "UNITS DURATIONS SI IEC PREFIXED BINARY COUNTS LABELS DOLLARS SHOWN_AS SYMBOLS AMOUNTS PLURALS TIMES NOTHING "
    "MANY_SECONDS TONNE SIGNIFICANT ALL SAME COUNTED EASILY_COUNTED EASILY_READ"
)
# What is known of an assumption, and marks that only some have.
_OF_A_SERVICE = "label price models frame_height clip_seconds counted_fps".split()
_OF_AN_ASSUMPTION = "unit label low high example".split()
_MARKS = "bare whole endless".split()


def page(plans: list[Estimate]) -> str:
    """Return one plan, or two side by side, as an HTML page."""
    script = "\n".join(
        ['"use strict";', *formula_lines(), *(_NEEDLESS.sub("", _read(f"{name}.js")) for name in _SCRIPTS)]
    )
    style = _NEEDLESS.sub("", _read("page.css"))
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    return Template(_read("page.html")).substitute(
        policy=policy,
        tool=f"t2v-cap {__version__}",
        title=escape(" against ".join(plan.scenario.name if plan.scenario.file else _PLANNER for plan in plans)),
        style=style,
        data=_as_data(_data(plans)),
        script=script,
    )


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """Return what a policy names a script or a style by."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _as_data(document: Any) -> str:
    """Return JSON that stands in a page as it is: no text in it can end its element."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def formula_lines() -> list[str]:
    """Return the constants and the formulas of all figures, and those of a search, as lines of JavaScript."""
    named = {name: constant for name, constant in vars(constants).items() if isinstance(constant, Constant)}
    numbers = {name: "NaN" if isnan(constant) else repr(float(constant)) for name, constant in named.items()}
    lines = [f"const {name} = {number.removesuffix('.0')};" for name, number in numbers.items()]
    written = {figure.name: figure for figure in (*FIGURES.values(), *staffing.waiting_figures())}.values()
    formulas = [f"{figure.name}: (v) => {in_browser(figure)}," for figure in written]
    return [*lines, f"const CONSTANTS = {{ {', '.join(named)} }};", "const FORMULAS = {", *formulas, "};"]


def _data(plans: list[Estimate]) -> dict[str, Any]:
    own = [choice_data(plan.scenario) for plan in plans]
    catalogues = [catalogue for at, catalogue in enumerate(own) if catalogue not in own[:at]]
    listed = plans[0].scenario.catalogue.video_list_prices()
    written = {name for plan in plans for name, setting in plan.scenario.settings.items() if setting.origin.by_hand}
    return {
        "catalogues": catalogues,
        "defaults": default_data(),
        "about": about_data(),
        "units": unit_data(),
        "verbs": verb_constants(),
        "groups": [[group, [f.name for f in FIGURES.values() if f.group == group]] for group in GROUPS],
        "sections": [[section, [a.name for a in ASSUMPTIONS.values() if a.section == section]] for section in SECTIONS],
        "first": [name for name in ASSUMPTIONS if name in written or name in DECIDE],  # what a planner decides
        "sold": SOLD,
        "moves": MOVES,
        "best_high": [name for name in _BANDED if is_best_high(name)],
        "waiting": WAITING,
        "slack": conditions.LIMIT_TOLERANCE,
        "sizes": candidates.SIZES,
        "sure": verdict.SURE,
        "rounding": gpu_waterfall.ROUNDING,
        "shown_link": SHOWN_LINK,
        "late_by": verdict.LATE_BY,
        "waits": trials.WAITS,
        "fixes": {"groups": trials.LARGER, "most": trials.FIXES},
        "evidence": evidence_data(),
        "apis": [{key: getattr(service, key) for key in _OF_A_SERVICE if getattr(service, key)} for service in listed],
        **_parts_vocabulary(),
        "months": _MONTHS,
        "words": [glossary()[word].replace("`", "") for word in _WORDS],
        "formulas": {figure.name: _formula(figure) for figure in ordered()},  # in the order of evaluation
        "address": _ADDRESS,
        "plans": [
            {**_plan(plan, catalogue["cited"]), "catalogue": catalogues.index(catalogue)}
            for plan, catalogue in zip(plans, own, strict=True)
        ],
    }


def verb_constants() -> dict[str, object]:
    """Return the constants of the verbs.

    >>> verb_constants()["tolerance"]
    1e-09
    """
    values = {name.lower(): getattr(module, name) for module, names in _OF_VERBS.items() for name in names.split()}
    return {**values, "waiting": [figure.name for figure in staffing.waiting_figures()]}


def unit_data() -> dict[str, object]:
    """Return the tables of units: how they are spelled, what they measure and how they are shown.

    >>> unit_data()["symbols"]["byte"]
    'B'
    """
    tables = {name.lower(): getattr(quantities, name) for name in _OF_UNITS.split()}
    return {name: sorted(table) if isinstance(table, AbstractSet) else table for name, table in tables.items()}


def about_data() -> dict[str, dict[str, object]]:
    """Return what is known of each assumption and figure besides its value; of marks those that it has.

    >>> about_data()["steps"]["high"], about_data()["steps"]["whole"], about_data()["gpus"]["unit"]
    (1000, True, 'gpu')
    """
    assumptions = dict[str, dict[str, object]]()
    for name, definition in {**ASSUMPTIONS, SHARE: assumption(SHARE)}.items():
        marks = [mark for mark in _MARKS if getattr(definition, mark)]
        assumptions[name] = {key: getattr(definition, key) for key in (*_OF_AN_ASSUMPTION, *marks)}
    return assumptions | {
        name: {"unit": definition.unit, "label": definition.label}
        | ({"headline": shown} if (shown := headline_unit(name)) != definition.unit else {})
        | ({"endless": "none", "high": UNLIMITED[name]} if name in UNLIMITED else {})
        for name, definition in FIGURES.items()
    }


def _parts_vocabulary() -> dict[str, Any]:
    """Return how figures join over parts and stages, and what parts have of the plan."""
    return {
        "stages": SECONDS_OF,
        "joins": {name: FIGURES[name].mix for name in own_figures(MIX)},
        "prices": PRICES,
        "sold_by_few": sellers.SOLD_BY_FEW,
        "spot_by_few": sellers.SPOT_BY_FEW,
        "stage_joins": {figure.name: figure.stages for figure in FIGURES.values() if figure.stages},
        "of_the_decode": tree.OF_THE_DECODE,
        "promise": OF_THE_PROMISE,
        "of_clips": {**OF_CLIPS, **OF_PARTS},
        "of_a_part": [SHARE, *(name for name in HOMES["mix"].names if name in ASSUMPTIONS)],
        "of_a_stage": [name for name in HOMES["stages"].names if name in ASSUMPTIONS],
        "part_by": PART_BY,
        "money": COSTS,
        "costs": {"of_the_work": OF_THE_WORK, "of_the_size": OF_THE_SIZE},
    }


def _formula(figure: Figure) -> dict[str, Any]:
    """Return a formula as it is explained."""
    texts = {"text": sentence(figure), "reason": reason(figure)}
    return {**{key: text for key, text in texts.items() if text}, "place": place(figure).rpartition("/")[2]}


def _plan(plan: Estimate, cited: list[str]) -> dict[str, Any]:
    scenario, record, rows = plan.scenario, PlanRecord(plan), own_budgets(plan)
    return {
        "name": scenario.name if scenario.file else "",  # that of flags alone is what is chosen
        "description": scenario.description,
        "limits": list(_limits(rows)),
        "drawn_budgets": [
            (row.name, row.passed, row.measured_text)
            for row in rows
            if row.condition and (row.condition.of_draws or plain_name(row.condition.figure) not in FIGURES)
        ],
        "samples": plan.samples,
        "chance": plan.verdict.target if plan.verdict.has_ranges else None,
        "ranges": list(plan.ranges),
        "simulated": _days(record) if is_unsteady(plan) else [],
        "drivers": [(driver.name, driver.other) for driver in record.drivers],
        "rests_on": rests_on(record),
        "listed": scenario.at_list_price,
        "time_factor": factor_ends(scenario),
        "below": below_data(scenario),
        "parts": parts_data(scenario.catalogue, scenario.parts, scenario.layers),
        "stages": parts_data(scenario.catalogue, scenario.stages, scenario.layers),
        "values": {name: finite(plan.values[name]) for name in ASSUMPTIONS},
        "pins": {name: plan.values[name] for name in scenario.pins},
        "measured": [_pin_data(pin, scenario.parts) for pin in written_pins(scenario)],
        "billed": [
            (*_pin_data(bill), finite(bill.computed)) for bill in pinned_bills(scenario) if bill.computed is not None
        ],
        "given": {
            name: _origin_data(name, setting, cited) for name, setting in {**scenario.settings, **scenario.pins}.items()
        },
        "bands": {name: plan.bands.get(name) for name in _BANDED},
        "bitrates": scenario.bitrates(),
        "warnings": warnings_data(plan.warnings),
        "conventions": conventions(plan.values["days_per_month"], scenario.as_of),
        "file": {**file_data(scenario), "budgets": [row.condition.text for row in rows if row.condition]},
    }


def _pin_data(pin: Pinned, parts: Iterable[Part] = ()) -> tuple[str, list[tuple[str, str, float | str]], str]:
    """Return the name of a pin, what it was measured at, as it is written and as it is compared, and whose that is.

    A plan's pin that doesn't say is of all its parts: it was measured at nothing of which one has its own. The GPU is
    the first: the page names the first that differs.
    """
    own = {plain_name(name) for part in parts for name in part.own if not (pin.stated or is_of_a_part(pin.called))}
    known = [(name, at) for name, at in pin.at if at == at and name not in own]  # noqa: PLR0124 - no nan
    at = [(name, as_written(name, measured), measured) for name, measured in known]
    at.sort(key=lambda of: of[0] != "gpu")
    return pin.called, at, "".join(part.called("") for part in pin.inner)


def _limits(rows: Iterable[CheckLine]) -> Iterator[dict[str, Any]]:
    """Yield the budgets that a page can judge: those of figures, not of draws."""
    for row in rows:
        limit = row.condition
        if limit and not limit.of_draws and plain_name(limit.figure) in FIGURES:
            yield {key: getattr(limit, key) for key in ("figure", "comparison", "limit", "text")} | {
                "chance": row.chance
            }


def _days(record: PlanRecord) -> list[tuple[str, str]]:
    """Return what is simulated of a plan, which a page doesn't: labels and values; nothing without NumPy."""
    return [
        (SIMULATED[name].label, show(outcome.value, SIMULATED[name].unit))
        for name, outcome in (days_of(record, [*SIMULATED]) or {}).items()
    ]


def _origin_data(name: str, setting: Setting, cited: list[str]) -> dict[str, Any]:
    """Return where a value came from, and what its author noted. A source that is cited already is its place there."""
    known, quantity = ASSUMPTIONS.get(name) or FIGURES[name], setting.value
    ends = (quantity.low, quantity.high) if isinstance(quantity, Range) else ()
    about: dict[str, Any] = {
        "origin": "" if setting.origin.kind == "default" else str(setting.origin),
        "set": setting.origin.by_hand,
        "source": cited.index(setting.source) if setting.source in cited else setting.source,
        **{key: getattr(setting, key) for key in ("note", "as_of", "expires")},
        "range": " to ".join(show(end, known.unit, _DIGITS, brief=True) for end in ends),
    }
    return {key: fact for key, fact in about.items() if fact or key == "source"}
