"""An answer as data: the JSON documents of the contract, and CSV."""

import json
import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.release import __version__
from t2v_capacity.scenario.settings import ChoiceSetting, Origin, PlanWarning, Scenario, Setting, point
from t2v_capacity.vocabulary.assumptions import ASSUMPTIONS
from t2v_capacity.vocabulary.names import plain
from t2v_capacity.vocabulary.quantities import Range

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

VERSION = 1
# How a cell of a spreadsheet begins that is computed.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def document(command: str, as_of: str, seed: int | None = None, samples: int = 0, **parts: Any) -> dict[str, Any]:
    """Return a JSON document with the head that every answer has."""
    head = {"version": VERSION, "tool": f"t2v-cap {__version__}", "command": command, "as_of": as_of, "seed": seed, "samples": samples}
    return head | parts


def as_json(value: Mapping[str, Any]) -> str:
    """Return a document as text: finite numbers or null, keys in their order."""
    try:
        return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    except ValueError:  # a number beyond what a float holds is none that a reader could use
        return json.dumps(_finite(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def as_csv(heading: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return rows as CSV: numbers at full precision, nothing for null, true and false as in JSON."""
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([spreadsheet_cell(cell) for cell in heading])
    writer.writerows([spreadsheet_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def spreadsheet_cell(value: object) -> object:
    """Return a value as a cell of CSV: nothing that a spreadsheet would compute."""
    if isinstance(value, str) and value.startswith(_FORMULAS):
        return f"'{value}"  # a spreadsheet would compute it
    return "" if value is None else str(value).lower() if isinstance(value, bool) else value


def as_junit(root: "Element", *counts: str) -> str:
    """Return a tree of suites as JUnit's XML, with the sums of these counts of theirs."""
    from xml.etree import ElementTree as ET

    for key in counts:
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def scenario_data(scenario: Scenario) -> dict[str, Any]:
    """Return what a scenario is called and where it stands."""
    return {"name": scenario.name, "file": scenario.file}


def choice_data(setting: ChoiceSetting) -> dict[str, Any]:
    """Return a choice as data."""
    return {"value": setting.value, "origin": origin_data(setting.origin)}


def setting_data(name: str, setting: Setting) -> dict[str, Any]:
    """Return an assumption as data."""
    value = setting.value
    ends = (value.low, value.high) if isinstance(value, Range) else (None, None)
    return {
        "value": plain(name, point(name, value)),
        "unit": ASSUMPTIONS[name].unit,
        "low": ends[0],
        "high": ends[1],
        "origin": origin_data(setting.origin),
        "source": setting.source,
    }


def origin_data(origin: Origin) -> dict[str, Any]:
    """Return where a value came from as data."""
    place = origin.place
    return {
        "kind": origin.kind,
        "file": place.file if place and place.line else None,  # a flag stands in no file
        "line": place.line or None if place else None,
        "column": place.column or None if place else None,
        "entry": origin.entry or None,
    }


def figures_data(
    scenario: Scenario, figures: Mapping[str, float | None], bands: Mapping[str, tuple[float | None, ...]] | None = None
) -> dict[str, Any]:
    """Return the figures of a scenario as data, by their names."""
    return {name: figure_data(name, value, (bands or {}).get(name), pinned=name in scenario.pins) for name, value in figures.items()}


def figure_data(name: str, value: float | None, band: tuple[float | None, ...] | None = None, *, pinned: bool) -> dict[str, Any]:
    """Return a figure as data."""
    figure = FIGURES[name]
    return {
        "value": plain(name, value),
        "unit": figure.unit,
        "label": figure.label,
        "pinned": pinned,
        **dict(zip(("p5", "p50", "p95"), band or (None, None, None), strict=True)),
    }


def whole(value: float | None) -> float | None:
    """Return a whole number as an integer, which JSON writes without a fraction."""
    return int(value) if value is not None and value == int(value) else value


def warning_data(warning: PlanWarning) -> dict[str, Any]:
    """Return a warning as data."""
    return {"code": warning.code, "severity": warning.severity, "names": list(warning.names), "message": warning.message}
