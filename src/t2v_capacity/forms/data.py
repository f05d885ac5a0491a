"""An answer as data: the JSON documents of the contract, and CSV.

A document is a TypedDict. What stands below a key describes it, and is read by `t2v-cap schema` alone.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache, partial
from itertools import islice
from typing import Annotated, Any, TypeVar, cast, get_args, get_origin

from pydantic import Field
from pydantic_core import PydanticSerializationError, to_json
from typing_extensions import TypedDict, is_typeddict  # of which Pydantic makes a schema under every version of Python

from t2v_capacity.assumptions.names import plain, unit_of
from t2v_capacity.assumptions.parts import definition_of, plain_name
from t2v_capacity.assumptions.quantities import Range
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import Place
from t2v_capacity.plan.evidence import EXTRAPOLATED, MEASURED, SAME_GENERATION
from t2v_capacity.plan.verdict import CANNOT_RUN, FITS, MAY_NOT_FIT, Verdict
from t2v_capacity.release import __version__
from t2v_capacity.scenario.settings import NOTE, Origin, PlanWarning, Scenario, Setting, point

Shape = TypeVar("Shape", bound=Mapping[str, Any])  # a TypedDict
Write = Callable[[Any], Any]
_Written = TypeVar("_Written", bound=Write)
VERSION = 1
TOOL = f"t2v-cap {__version__}"
# A day and the code of a warning, as patterns of JSON Schema.
DATE = r"^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$"
_CODE = "^[a-z]+(-[a-z]+)*$"
# The beginnings of a cell that a spreadsheet computes, what has to stand within quotes, and how many rows of CSV are
# written at once.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
_QUOTE, _QUOTED = '"', re.compile('[",\\r\\n]')
_AT_ONCE = 10_000


def keywords(**of_schema: Any) -> Any:
    """Return the schema of a key apart from its type: `Annotated[str, one_of("info", "warning")]`."""
    return Field(json_schema_extra=of_schema)


def one_of(*values: str) -> Any:
    """Return the schema of a text that is one of these."""
    return keywords(enum=[*values])


class Head(TypedDict):
    """The keys that every document begins with."""

    version: Annotated[int, keywords(const=VERSION)]
    """Of the document's shape"""
    tool: Annotated[str, keywords(pattern=r"^t2v-cap [0-9]+\.[0-9]+\.[0-9]+")]
    command: str
    as_of: Annotated[str, keywords(pattern=DATE)]
    """The day of the answer"""
    seed: int | None
    """Of the draws; null where nothing was drawn"""
    samples: Annotated[int, keywords(minimum=0)]
    """Draws; 0 where no assumption has a range"""


ScenarioData = TypedDict("ScenarioData", {"name": str, "file": str})


class PlanHead(Head):
    """The keys that a document of one plan begins with."""

    scenario: ScenarioData


class OriginData(TypedDict):
    """Where a value came from."""

    kind: Annotated[str, one_of("default", "catalogue", "file", "flag", "shorthand")]
    file: str | None
    line: int | None
    column: int | None
    entry: str | None
    """The entry of the catalogue that supplied it"""


ChoiceData = TypedDict("ChoiceData", {"value": str, "origin": OriginData})


class SettingData(TypedDict):
    """An assumption."""

    value: float | None
    unit: str
    low: float | None
    """5th percentile"""
    high: float | None
    """95th percentile"""
    origin: OriginData
    source: str


AmountData = TypedDict("AmountData", {"value": float | None, "unit": str})
BandData = TypedDict("BandData", {"p5": float | None, "p50": float | None, "p95": float | None})


class _Labeled(AmountData):
    label: str
    pinned: bool


class FigureData(_Labeled, BandData):
    """A figure."""


class WarningData(TypedDict):
    """Something that a reader of the answer should know."""

    code: Annotated[str, keywords(pattern=_CODE)]
    """Stable; docs/warnings.md explains each"""
    severity: Annotated[str, one_of(NOTE, "warning")]
    names: list[str]
    """The assumptions and figures that it is about"""
    message: str


class ObjectionData(TypedDict):
    """A reason against a plan."""

    code: str
    message: str


EvidenceKind = Annotated[str, one_of(MEASURED, SAME_GENERATION, EXTRAPOLATED)]


class EvidenceData(TypedDict):
    """What a plan's seconds rest on, and the band that this gives: factors on the predicted seconds."""

    kind: EvidenceKind
    reason: str
    low: float
    high: float
    share: float | None
    """Of the published runs of the class; null where it can promise none"""


class VerdictData(TypedDict):
    """Whether a plan can run, is served and keeps its promise, how sure that is, and why not."""

    memory: Annotated[str, one_of(FITS, MAY_NOT_FIT, CANNOT_RUN)]
    served: float | None
    """The share of the day's demand; null of a plan that cannot run"""
    target: float | None
    """The chance that the promised latency holds; null without a promise"""
    evidence: EvidenceData
    objections: list[ObjectionData]
    """The worst first; a plan without one is a candidate"""


# The functions that write the values of a type, a shape say, where a key of a document is of it. Records of other
# shapes are written by `data`.
_WRITERS: dict[object, Write] = {}


def writes(kind: object) -> Callable[[_Written], _Written]:
    """Let a function write every value of a type, whatever document it stands in."""

    def register(write: _Written) -> _Written:
        _WRITERS[kind] = write
        return write

    return register


def data(shape: type[Shape], record: object, **other: object) -> Shape:
    """Return a record as the TypedDict of a document: each key is the attribute of its name, unless it is given.

    A record within it, alone or in a list or a mapping, is written as the type of its key says.

    >>> data(ScenarioData, PlanWarning("overloaded", ""), name="a", file="a.yaml")
    {'name': 'a', 'file': 'a.yaml'}
    """
    fields = ((key, write, other[key] if key in other else getattr(record, key)) for key, write in _keys(shape))
    return cast("Shape", {key: field if field is None else write(field) for key, write, field in fields})


@cache
def _keys(shape: type[Shape]) -> list[tuple[str, Write]]:
    return [(key, _writer(kind)) for key, kind in shape.__annotations__.items()]


def _writer(kind: Any) -> Write:
    """Return what writes a value of a type; what is a document already stays one."""
    if is_typeddict(kind):
        write = _WRITERS.get(kind, partial(data, kind))
        return lambda entry: entry if isinstance(entry, dict) else write(entry)
    if kind in _WRITERS:
        return _WRITERS[kind]
    origin, kinds = get_origin(kind), get_args(kind)
    if origin is list:
        write_entry = _writer(kinds[0])
        return lambda entries: [write_entry(entry) for entry in entries]
    if origin is dict:
        write_entry = _writer(kinds[1])
        return lambda entries: {name: write_entry(entry) for name, entry in entries.items()}
    return _writer(kinds[0]) if kinds else lambda entry: entry


def plain_of(name: str, quantity: float | str | None) -> float | str | None:
    """Return a value of a name, or an option, as data."""
    return quantity if isinstance(quantity, str) else plain(name, quantity)


def document(
    shape: type[Shape],
    record: object,
    command: str,
    as_of: str,
    seed: int | None = None,
    samples: int = 0,
    **other: object,
) -> Shape:
    """Return a record as the document of a command, as `data` does, with the keys that every document begins with."""
    return data(
        shape, record, version=VERSION, tool=TOOL, command=command, as_of=as_of, seed=seed, samples=samples, **other
    )


def as_json(document: Mapping[str, Any]) -> str:
    """Return a document as text: finite numbers or null, keys in their order."""
    try:
        return to_json(document, indent=2, inf_nan_mode="null").decode() + "\n"
    except PydanticSerializationError:  # a file's name may hold bytes that are no text; they can only be escaped
        import json

        return json.dumps(json.loads(json.dumps(document), parse_constant=lambda _name: None), indent=2) + "\n"


def as_yaml(about: Iterable[str], known: Mapping[str, Any]) -> str:
    """Return a file that a scenario can name: lines of comment, then what it holds.

    >>> print(as_yaml(["Fitted."], {"traffic": {"dau": {"value": 3.5, "source": "a log"}}}), end="")
    # Fitted.
    traffic:
      dau: {value: 3.5, source: a log}
    """
    import yaml

    text = yaml.safe_dump(dict(known), sort_keys=False, default_flow_style=None, allow_unicode=True, width=math.inf)
    return "".join(f"# {line}\n" for line in about) + text


def as_csv(heading: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return rows as CSV: numbers as in JSON, nothing for null.

    >>> as_csv(["n", "note"], [[0.1, "a, b"], [1e-7, None]])
    'n,note\\n0.1,"a, b"\\n1e-7,\\n'
    """
    lines = [",".join(map(_field, heading))]
    remaining = iter(rows)
    while batch := [*islice(remaining, _AT_ONCE)]:
        columns = map(_fields, zip(*batch, strict=True))
        lines += map(",".join, zip(*columns, strict=True))
    return "\n".join([*lines, ""])


def _fields(column: tuple[object, ...]) -> Iterable[str]:
    """Return the cells of a column as fields; numbers are written at once."""
    if {*map(type, column)} <= {float, int}:
        return to_json(column)[1:-1].decode().split(",")
    return map(_field, column)


@lru_cache(maxsize=_AT_ONCE, typed=True)
def _field(cell: object) -> str:
    """Return a cell as a field, within quotes where CSV demands it.

    A text that a spreadsheet would compute stands after an apostrophe.
    """
    if cell is None:
        return ""
    text = cell if isinstance(cell, str) else to_json(cell).decode()
    if text is cell and text.startswith(_FORMULAS):
        text = f"'{text}"
    return f'"{text.replace(_QUOTE, _QUOTE * 2)}"' if _QUOTED.search(text) else text


def setting_data(name: str, setting: Setting) -> SettingData:
    """Return an assumption as data."""
    quantity, known = setting.value, definition_of(name) or FIGURES[plain_name(name)]
    low, high = (quantity.low, quantity.high) if isinstance(quantity, Range) else (None, None)
    return data(SettingData, setting, value=plain(name, point(name, quantity)), unit=known.unit, low=low, high=high)


@writes(OriginData)
def _origin_data(origin: Origin) -> OriginData:
    """Return where a value came from as data."""
    return data(OriginData, origin, **place_data(origin.place), entry=origin.entry or None)


def place_data(place: Place | None) -> dict[str, str | int | None]:
    """Return a place in a file as data: nothing of a flag, which stands in none."""
    if place is None or not place.line:
        return dict.fromkeys(("file", "line", "column"))
    return {"file": place.file, "line": place.line, "column": place.column or None}


def figures_data(
    scenario: Scenario, figures: Mapping[str, float | None], bands: Mapping[str, tuple[float | None, ...]] = {}
) -> dict[str, FigureData]:
    """Return the figures of a scenario as data, by their names."""
    entries = dict[str, FigureData]()
    for name, number in figures.items():
        low, middle, high = bands.get(name, (None, None, None))
        entries[name] = data(
            FigureData,
            FIGURES[name],
            value=plain(name, number),
            pinned=name in scenario.pins,
            p5=low,
            p50=middle,
            p95=high,
        )
    return entries


@writes(dict[str, float | None])
def values_data(values: Mapping[str, float | str | None]) -> dict[str, float | str | None]:
    """Return values of names as data."""
    return {name: plain_of(name, quantity) for name, quantity in values.items()}


@writes(dict[str, AmountData])
def amounts_data(figures: Mapping[str, float | None]) -> dict[str, AmountData]:
    """Return values of figures with their units as data, by their names."""
    return {name: {"value": plain(name, amount), "unit": unit_of(name)} for name, amount in figures.items()}


@writes(VerdictData)
def verdict_data(verdict: Verdict) -> VerdictData:
    """Return a verdict as data."""
    error = verdict.error
    evidence = data(EvidenceData, verdict.evidence, low=error.low, high=error.high, share=error.promised)
    return data(VerdictData, verdict, evidence=evidence)


def warnings_data(warnings: Iterable[PlanWarning]) -> list[WarningData]:
    """Return warnings as data."""
    return [data(WarningData, warning) for warning in warnings]
