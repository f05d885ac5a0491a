"""Values and warnings as a person reads them, whatever they stand in."""

from collections.abc import Mapping
from math import isclose, isnan

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.assumptions.parts import assumption, definition_of, plain_name
from t2v_capacity.assumptions.quantities import SAME, digits, show
from t2v_capacity.engine.constants import ENDLESS_ROOM, NO_SERVER_LIMIT
from t2v_capacity.formulas import FIGURES

# Widths of a page from which a column has room: the meaning of names, the sources of values.
NAME_WIDTH, SOURCE_WIDTH = 110, 150
# Figures that nothing may limit, and their value then.
UNLIMITED = {"servers_available": NO_SERVER_LIMIT, "queue_room": ENDLESS_ROOM}


def shown_values(values: Mapping[str, float], significant: int = 3, *, brief: bool = False) -> dict[str, str]:
    """Return assumptions and figures as a person reads them."""
    return {name: show_value(name, quantity, significant, brief=brief) for name, quantity in values.items()}


def show_value(
    name: str, amount: float | None, significant: int = 3, *, brief: bool = False, exact: bool = True
) -> str:
    """Return the value of an assumption or a figure as a person reads it.

    It has no unit where this version does not know the name.
    """
    if amount is None or isnan(amount) or amount == UNLIMITED.get(plain_name(name)):
        return "none"
    assumed = definition_of(name)
    if assumed and assumed.endless and amount == assumed.high:
        return assumed.endless
    known = assumed or FIGURES.get(plain_name(name))
    if not known:
        return digits(amount, significant, exact=exact)
    return show(amount, known.unit, significant, brief=brief, exact=exact)


def show_brief(name: str, quantity: float | None) -> str:
    """Return a value without the word that it counts, as a table shows it below the name."""
    return show_value(name, quantity, brief=True)


def show_cell(name: str, quantity: float | None) -> str:
    """Return the same for a cell that is blank where there is no value."""
    return "" if quantity is None else show_brief(name, quantity)


def label_of(name: str) -> str:
    """Return the label of a figure, an assumption or a choice; for a part of a mix, with the part."""
    plain = plain_name(name)
    known = FIGURES.get(plain) or ASSUMPTIONS.get(plain) or CHOICES.get(plain)
    label = known.label if known else plain
    return label if plain == name else f"{label}, {name.removesuffix(f'.{plain}')}"


def show_headline(name: str, figures: Mapping[str, float | None]) -> str:
    """Return a figure as an answer shows it next to its name.

    >>> show_headline("cost_per_video", {"cost_per_video": 0.688912})
    '0.689 USD'
    >>> show_headline("latency_p95", {"latency_p95": None})
    'overloaded'
    """
    quantity = figures[name]
    if quantity is None:
        if figures.get("gpu_seconds_per_video", 0.0) is None:
            return "cannot run"
        return "overloaded" if name == "latency_p95" else "none"
    return show(quantity, headline_unit(name), like=headline_like(name, figures))


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


def show_band(name: str, figure: float | None, *band: float | None) -> str:
    """Return the ends of a band, in the unit already printed with its value; nothing if the ends print alike.

    >>> show_band("latency_p95", 279.3141, 254.1712, 306.8437)
    '254 to 307'
    >>> show_band("gpus", 38_112, 34_680, 41_928), show_band("gpus", 8, 8, 8)
    ('34.7K to 41.9K', '')
    """
    unit = (FIGURES.get(name) or assumption(name)).unit
    ends = [
        show_brief(name, end)
        if end is None or figure is None
        else show(end, unit, brief=True, like=figure, exact=False).partition(" ")[0]
        for end in (band[0], band[-1])
    ]
    return "" if ends[0] == ends[1] else " to ".join(ends)
