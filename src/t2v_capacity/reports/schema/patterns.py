"""How quantities are spelled, as patterns of a JSON Schema: numbers and units as the reader of quantities takes them.

A pattern knows spelling and units. It does not know bounds, which a schema can hold against plain numbers alone.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from t2v_capacity.vocabulary.quantities import BINARY, COUNTS, LABELS, PREFIXED, UNITS, unit

_WHOLE = "(?:0|[1-9][0-9]*(?:_[0-9]+)*)"
_AMOUNT = rf"(?:{_WHOLE}(?:\.[0-9]+(?:_[0-9]+)*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_COUNT = f"[{''.join(COUNTS)}]"
_NO_B = _COUNT.replace("B", "")
DATE = r"^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$"


def quantity(wanted: str, *, bare: bool, low: float = 0, forever: bool = False, ranges: bool = False) -> str:
    """Return the pattern of a quantity that stands for a unit, and of a range of it.

    >>> bool(re.search(quantity("byte", bare=False), "1.25 MB")), bool(re.search(quantity("byte", bare=False), "1.25"))
    (True, False)
    """
    sign = "[+-]?" if low < 0 else r"\+?"
    units = _unit(wanted)
    essential = any(dimension not in LABELS for dimension in unit(wanted)[1])
    counts = _COUNT if not essential else _NO_B if bare else ""
    behind = f"(?:{_COUNT} +)?(?:{units})" if units else ""
    tail = "|".join(filter(None, (counts, behind)))
    one = f"{sign}{_AMOUNT}(?: *(?:{tail})){'?' if bare else ''}" if tail else f"{sign}{_AMOUNT}"
    if not bare and low <= 0:
        one = rf"(?:{one}|{sign}0(?:\.0+)?)"
    spelled = f"{one}(?: +to +{one})?" if ranges else one
    return f"^(?:{spelled}|forever)$" if forever else f"^{spelled}$"


def number(*, low: float, high: float | None, bare: bool, whole: bool) -> dict[str, Any] | None:
    """Return the schema of a number without a unit, or nothing where none may stand; of those that need one, zero alone may."""
    if not bare:
        return {"const": 0} if low <= 0 else None
    return {"type": "integer" if whole else "number", "minimum": low} | ({} if high is None else {"maximum": high})


@cache
def _unit(wanted: str) -> str:
    """Return the pattern of every unit that can stand for one; nothing where only a number or a count can."""
    dimensions = unit(wanted)[1]
    essential = {d: power for d, power in dimensions.items() if d not in LABELS}
    above = [_label(d) for d, power in dimensions.items() if d in LABELS and power > 0]
    below = [_label(d) for d, power in dimensions.items() if d in LABELS and power < 0]
    top = [_spelled({d: 1}) for d, power in essential.items() if power > 0]
    bottom = [_spelled({d: 1}) for d, power in essential.items() if power < 0]
    whole = _spelled(essential, dimensions) if len(dimensions) > 1 else ""  # a word for all of it: Mbps, W, fps
    first = "|".join(top or above)
    under = f"(?: */ *(?:{'|'.join(below)}))*" if below else ""
    found = []
    if first:
        found.append(f"(?:{first}){_under(bottom, below)}")
    if whole:
        found.append(f"(?:{whole}){under}")
    if not dimensions and wanted in ("share", "ratio"):
        found.append("%|share|ratio")
    return "|".join(found)


def _under(bottom: list[str], below: list[str]) -> str:
    """Return the pattern of what stands below the stroke: each needed unit once, labels as one likes."""
    labels = "|".join(below)
    if not bottom:
        return rf"(?: */ *(?:{labels})(?: *[/-] *(?:{labels}))*)?" if labels else ""
    needed = "".join(f"(?:{one})" for one in bottom)
    return rf" */ *(?:(?:{labels}) *[/-] *)*{needed}(?: *[/-] *(?:{labels}))*" if labels else f" */ *{needed}"


def _label(name: str) -> str:
    letters = "".join(f"[{letter.upper()}{letter}]" if letter.isalpha() else letter for letter in name)
    return f"{letters}(?:es|s)?" if name.endswith(("s", "x")) else f"{letters}s?"


def _spelled(*wanted: dict[str, int]) -> str:
    """Return the pattern of the words whose dimensions are one of those wanted."""
    names = [name for name, (_factor, dimensions) in UNITS.items() if dimensions and dimensions in wanted]
    binary = [name for name in names if name in BINARY]
    decimal = [name for name in names if name in PREFIXED and name not in BINARY]
    plain = [name for name in names if name not in PREFIXED]
    groups = [f"(?:[kKMGTPE]|[KMGTPE]i)?{_either(binary)}" if binary else ""]
    groups += [f"[kKMGTPE]?{_either(decimal)}" if decimal else "", _either(plain) if plain else ""]
    return "|".join(filter(None, groups))


def _either(names: Iterable[str]) -> str:
    escaped = [re.escape(name) for name in names]
    return escaped[0] if len(escaped) == 1 else f"(?:{'|'.join(escaped)})"
