"""Values and warnings as a person reads them, whatever they stand in."""

from collections.abc import Mapping, Sequence
from math import isclose, isnan

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.assumptions.parts import SHARE, assumption, known_of, plain_name
from t2v_capacity.assumptions.quantities import SAME, digits, show
from t2v_capacity.engine.constants import ENDLESS_ROOM, NO_SERVER_LIMIT
from t2v_capacity.engine.figures import Figure
from t2v_capacity.formulas import FIGURES
from t2v_capacity.plan.mix import PartFigures
from t2v_capacity.plan.tree import counts

# Widths of a page from which a column has room: the meaning of names, the sources of values.
NAME_WIDTH, SOURCE_WIDTH = 110, 150
# The text in place of a figure of the fleet, and the figure whose absence calls for it.
_MOST = {"max": "maximum", "min": "minimum"}
# Figures that nothing may limit, and their value then.
UNLIMITED = {"servers_available": NO_SERVER_LIMIT, "queue_room": ENDLESS_ROOM}
_CANNOT_RUN, _SECONDS = "cannot run", "gpu_seconds_per_video"


def shown_values(values: Mapping[str, float], significant: int = 3, *, brief: bool = False) -> dict[str, str]:
    """Return assumptions and figures as a person reads them."""
    return {name: show_value(name, value, significant, brief=brief) for name, value in values.items()}


def show_value(name: str, value: float | None, significant: int = 3, *, brief: bool = False, exact: bool = True) -> str:
    """Return the value of an assumption or a figure as a person reads it.

    It has no unit where this version does not know the name.
    """
    if value is None or isnan(value) or value == UNLIMITED.get(plain_name(name)):
        return "none"
    if figure := FIGURES.get(plain_name(name)):
        return show(value, figure.unit, significant, brief=brief, exact=exact)
    known = known_of(name)
    if not known:
        return digits(value, significant, exact=exact)
    if known.endless and value == known.high:
        return known.endless
    return show(value, known.unit, significant, brief=brief, exact=exact)


def show_brief(name: str, value: float | None) -> str:
    """Return a value without the word that it counts, as a table shows it below the name."""
    return show_value(name, value, brief=True)


def show_cell(name: str, value: float | None) -> str:
    """Return the same for a cell that is blank where there is no value."""
    return "" if value is None else show_brief(name, value)


def label_of(name: str) -> str:
    """Return the label of a figure, an assumption or a choice; for a part of a mix, with the part."""
    plain = plain_name(name)
    known = FIGURES.get(plain) or ASSUMPTIONS.get(plain) or CHOICES.get(plain)
    label = known.label if known else plain
    return label if plain == name else f"{label}, {name.removesuffix(f'.{plain}')}"


def in_parts(figure: Figure, parts: Sequence[PartFigures]) -> str:
    """Return in numbers how a figure of a mix follows from its parts: the mean by share, the most or the least."""
    shared = [part for part in parts if part.share]
    values = [show_value(figure.name, part.figures[figure.name]) for part in shared]
    if figure.mix == "mean":
        return " + ".join(
            f"{show_value(SHARE, part.share)} x {value}" for part, value in zip(shared, values, strict=True)
        )
    return f"{_MOST[figure.mix]}({', '.join(values)})"


def in_stages(figure: Figure, stages: Sequence[PartFigures]) -> str:
    """Return in numbers how a figure of a clip follows from its stages: their sum, the most or the last."""
    values = [
        show_value(figure.name, stage.figures[figure.name])
        for stage in stages
        if counts(figure.name, decodes=stage.decodes)
    ]
    if figure.stages == "last":
        return f"{values[-1]} of {stages[-1].name}"
    return " + ".join(values) if figure.stages == "sum" else f"{_MOST['max']}({', '.join(values)})"


def show_headline(name: str, figures: Mapping[str, float | None]) -> str:
    """Return a figure as an answer shows it next to its name.

    >>> show_headline("cost_per_video", {"cost_per_video": 0.688912})
    '0.689 USD'
    >>> show_headline("latency_p95", {"latency_p95": None})
    'overloaded'
    """
    value = figures[name]
    if value is None and figures.get(_SECONDS, 0.0) is None:
        return _CANNOT_RUN
    if value is None:
        return "overloaded" if name == "latency_p95" else "none"
    return show(value, headline_unit(name), like=headline_like(name, figures))


def headline_unit(name: str) -> str:
    """Return the unit of a figure shown next to its name, without the words that the name has.

    >>> headline_unit("cost_per_month"), headline_unit("latency_p95"), headline_unit("trps")
    ('USD', 'second', 'request/s')
    """
    unit = FIGURES[name].unit
    # The label says that the money is per month.
    named = "_per_" in name or unit.endswith("/video") or unit == "USD/month"
    return unit.partition("/")[0] if named else unit


def headline_like(name: str, figures: Mapping[str, float | None]) -> float | None:
    """Return the value whose prefix a figure takes.

    Storage takes that of its index if five digits suffice, so that the sum reads alike.
    """
    if name != "storage_per_day":
        return None
    whole, index = figures["storage_per_day"] or 0, figures["index_storage_per_day"]
    return index if index and isclose(float(f"{whole:.4e}"), whole, rel_tol=SAME) else None


def show_ends(name: str, low: float | None, high: float | None) -> str:
    """Return the ends of a band or a range of an assumption or a figure as a person reads them."""
    return f"{show_brief(name, low)} to {show_brief(name, high)}"


def show_band(name: str, value: float | None, low: float | None, high: float | None) -> str:
    """Return the ends of a band, in the unit already printed with its value; nothing if the ends print alike.

    >>> show_band("latency_p95", 279.3141, 254.1712, 306.8437)
    '254 to 307'
    >>> show_band("gpus", 38_112, 34_680, 41_928), show_band("gpus", 8, 8, 8)
    ('34.7K to 41.9K', '')
    """
    unit = FIGURES[name].unit if name in FIGURES else assumption(name).unit
    ends = [
        show_brief(name, end)
        if end is None or value is None
        else show(end, unit, brief=True, like=value, exact=False).partition(" ")[0]
        for end in (low, high)
    ]
    return "" if ends[0] == ends[1] else " to ".join(ends)
