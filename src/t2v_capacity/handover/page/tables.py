"""What the page's scripts know from Python: constants of the verbs, tables of units, every assumption and figure.

Each is data for JSON, so that nothing is written twice. `verbs.js` reads the first as CONSTANTS_OF_VERBS,
`quantities.js` the others as UNITS and ABOUT.
"""

from collections.abc import Set as AbstractSet

from t2v_capacity.assumptions import ASSUMPTIONS, quantities
from t2v_capacity.assumptions.parts import SHARE, assumption
from t2v_capacity.engine import constants, verbs
from t2v_capacity.forms.values import UNLIMITED, headline_unit
from t2v_capacity.formulas import FIGURES, burst, day, queueing, staffing

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
_OF_AN_ASSUMPTION = "unit label low high example".split()
_MARKS = "bare whole endless".split()


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
        name: {"unit": definition.unit, "label": definition.label, "headline": headline_unit(name)}
        | ({"endless": "none", "high": UNLIMITED[name]} if name in UNLIMITED else {})
        for name, definition in FIGURES.items()
    }
