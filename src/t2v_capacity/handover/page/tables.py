"""What the page's scripts know from Python: the constants of the verbs, the tables of units, every assumption and figure.

Each is data for JSON, so that nothing is written twice. `verbs.js` reads the first as CONSTANTS_OF_VERBS, `quantities.js` the others
as UNITS and ABOUT.
"""

from t2v_capacity.assumptions import ASSUMPTIONS, quantities
from t2v_capacity.assumptions.parts import SHARE, assumption
from t2v_capacity.engine.constants import SMALLEST_SPREAD
from t2v_capacity.engine.verbs import TOLERANCE
from t2v_capacity.forms.values import headline_unit
from t2v_capacity.formulas import FIGURES, burst, day, queueing, staffing


def verb_constants() -> dict[str, object]:
    """Return the constants of the verbs.

    >>> verb_constants()["tolerance"]
    1e-09
    """
    return {
        "tolerance": TOLERANCE,
        "term": queueing.TERM,
        "huge": queueing.HUGE,
        "large_load": queueing.LARGE_LOAD,
        "bell": queueing.BELL,
        "panels": queueing.PANELS,
        "small": queueing.SMALL,
        "gauss": queueing.GAUSS,
        "halvings": staffing.HALVINGS,
        "arrival_halvings": day.ARRIVAL_HALVINGS,
        "exit_halvings": day.EXIT_HALVINGS,
        "reserves": burst.RESERVES,
        "smallest_spread": SMALLEST_SPREAD,
        "waiting": [figure.name for figure in staffing.waiting_figures()],
    }


def unit_data() -> dict[str, object]:
    """Return the tables of units: how they are spelled, what they measure and how they are shown.

    >>> unit_data()["symbols"]["byte"]
    'B'
    """
    return {
        "units": quantities.UNITS,
        "durations": quantities.DURATIONS,
        "si": quantities.SI,
        "iec": quantities.IEC,
        "prefixed": sorted(quantities.PREFIXED),
        "binary": sorted(quantities.BINARY),
        "counts": quantities.COUNTS,
        "labels": sorted(quantities.LABELS),
        "dollars": list(quantities.DOLLARS),
        "shown_as": quantities.SHOWN_AS,
        "symbols": quantities.SYMBOLS,
        "amounts": quantities.AMOUNTS,
        "plurals": quantities.PLURALS,
        "times": quantities.TIMES,
        "nothing": quantities.NOTHING,
        "many_seconds": quantities.MANY_SECONDS,
        "significant": quantities.SIGNIFICANT,
        "all": quantities.ALL,
        "same": quantities.SAME,
        "counted": list(quantities.COUNTED),
        "easily_counted": quantities.EASILY_COUNTED,
        "easily_read": quantities.EASILY_READ,
    }


def about_data() -> dict[str, dict[str, object]]:
    """Return what is known of each assumption and figure besides its value.

    >>> about_data()["steps"]["bounds"], about_data()["gpus"]["unit"]
    ('from 1 step/video to 1000 steps/video', 'gpu')
    """
    assumptions: dict[str, dict[str, object]] = {
        name: {
            "unit": known.unit,
            "label": known.label,
            "low": known.low,
            "high": known.high,
            "bounds": known.bounds(),
            "bare": known.bare,
            "whole": known.whole,
            "forever": known.forever,
            "example": known.example,
        }
        for name, known in {**ASSUMPTIONS, SHARE: assumption(SHARE)}.items()
    }
    figures: dict[str, dict[str, object]] = {
        name: {"unit": known.unit, "label": known.label, "headline": headline_unit(name)} for name, known in FIGURES.items()
    }
    return assumptions | figures
