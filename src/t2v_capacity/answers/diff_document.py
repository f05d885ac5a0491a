"""A diff as data: the contract's `diff` document, of two plans and of a request."""

import math
from collections.abc import Mapping, Sequence
from typing import Annotated

from typing_extensions import TypedDict

from t2v_capacity.answers.check import JudgedData, budget_data
from t2v_capacity.assumptions.names import plain
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import Mistake
from t2v_capacity.forms.data import Head, Keywords, WarningData, head, warnings_data
from t2v_capacity.questions.change.causes import Cause
from t2v_capacity.questions.change.diff import Change, Difference
from t2v_capacity.questions.change.diff_against import Against
from t2v_capacity.questions.change.entry import FAIL, PASS, UNREADABLE, WARN, ScenarioDiff
from t2v_capacity.questions.change.judge import SOURCES, Judged, Verdict
from t2v_capacity.questions.change.pairing import DELETED, NEW, RENAMED, SAME
from t2v_capacity.questions.change.sides import Side
from t2v_capacity.questions.change.why import ChangedInput, Why
from t2v_capacity.questions.review.rules import ADDED, GONE, LOOSENED, TIGHTENED


class SideData(TypedDict):
    """One of the two plans."""

    name: str
    file: str
    revision: str | None
    """Of git, where it was read there"""
    tool: str


class InputChange(TypedDict):
    """An input before and after, and the ends of its ranges."""

    base: float | str | None
    head: float | str | None
    base_range: list[float] | None
    head_range: list[float] | None


EndsData = TypedDict("EndsData", {"base": float | None, "head": float | None})


class FigureChange(EndsData):
    """A figure before and after."""

    change: float | None
    relative_change: float | None
    """Null from 0"""
    unit: str
    label: str


WarningsChange = TypedDict("WarningsChange", {"new": list[WarningData], "gone": list[WarningData]})
ClauseData = TypedDict("ClauseData", {"text": str, "kind": str, "figure": str | None, "limit": float | None, "holds": bool})


class GateData(TypedDict):
    """A gate, judged."""

    name: str
    severity: Annotated[str, Keywords(enum=["fail", "warn"])]
    passed: bool
    value: float | None
    limit: float | None
    clauses: Annotated[list[ClauseData], Keywords(minItems=1)]
    """All of them at once trip the gate"""
    place: str | None


class RuleChange(TypedDict):
    """A rule that the head changed."""

    rule: str
    kind: Annotated[str, Keywords(enum=["fail", "warn", "budget", "waiver"])]
    base: str | None
    head: str | None
    file: str
    line: int | None
    change: Annotated[str, Keywords(enum=[GONE, LOOSENED, TIGHTENED, ADDED])]


class DiffDocument(Head):
    """What t2v-cap diff --format json writes."""

    base: SideData
    head: SideData
    assumptions: dict[str, InputChange]
    """Choices, assumptions, pins, catalogue values and fitted constants that differ"""
    figures: dict[str, FigureChange]
    """Those that changed, or that one side alone has"""
    warnings: WarningsChange
    gates: list[GateData]
    why: Annotated[dict[str, dict[str, float]], Keywords(propertyNames={"enum": list(FIGURES)})]
    """A figure's change, split over what changed"""
    gates_from: Annotated[str, Keywords(enum=list(SOURCES))]
    """Whose rules count"""
    rules: list[RuleChange]
    """Rules that the head changed"""
    budgets: list[JudgedData]


ForkData = TypedDict("ForkData", {"revision": str, "merge_base": str | None})
ReachData = TypedDict("ReachData", {"low": float, "high": float})
MistakeData = TypedDict("MistakeData", {"file": str | None, "line": int | None, "column": int | None, "message": str})


class EntryData(TypedDict):
    """A scenario of the head, of the base, or of both."""

    file: str | None
    base_file: str | None
    pairing: Annotated[str, Keywords(enum=[SAME, RENAMED, NEW, DELETED])]
    verdict: Annotated[str, Keywords(enum=[FAIL, WARN, PASS, UNREADABLE])]
    rules: list[RuleChange]
    gates: list[GateData]
    budgets: list[JudgedData]
    findings: list[WarningData]
    diff: DiffDocument | None
    """Null where nothing changed, or one side alone has it"""
    mistakes: list[MistakeData]
    notes: list[str]


class CauseData(TypedDict):
    """A changed input or rule, once for all scenarios that it reaches."""

    kind: Annotated[str, Keywords(enum=["input", "rule"])]
    name: str
    base: float | str | None
    head: float | str | None
    file: str | None
    line: int | None
    scenarios: list[str]
    figures: dict[str, ReachData]
    """The least and greatest part of each figure's change that is its own, in proportion to the base"""


class AgainstDocument(Head):
    """What t2v-cap diff --against --format json writes."""

    against: ForkData
    code: int
    """How the run ends"""
    gates_from: Annotated[str, Keywords(enum=list(SOURCES))]
    """Whose rules count"""
    scenarios: list[EntryData]
    total: dict[str, EndsData]
    """Sums over the scenarios"""
    left_out: str | None
    gates: list[GateData]
    """Those on sums over all scenarios"""
    mistakes: list[MistakeData]
    """Why a sum can't be computed"""
    causes: list[CauseData]


def difference_document(found: Judged, whys: Mapping[str, Why] | None = None) -> DiffDocument:
    """Return a diff as the contract's `diff` document: what changed, and nothing else."""
    difference = found.difference
    return {
        **head("diff", difference.head.as_of),
        "base": _side(difference.base),
        "head": _side(difference.head),
        "assumptions": {
            name: {
                "base": change.base,
                "head": change.head,
                "base_range": list(change.base_range) if change.base_range else None,
                "head_range": list(change.head_range) if change.head_range else None,
            }
            for name, change in difference.assumed.items()
        },
        "figures": {name: _figure(difference, name, change) for name, change in difference.figures.items()},
        "warnings": {"new": warnings_data(difference.new_warnings), "gone": warnings_data(difference.gone_warnings)},
        "gates": list(map(gate_data, found.verdicts)),
        "why": {figure: dict(why.parts) for figure, why in (whys or {}).items()},
        "gates_from": found.gates_from,
        "rules": _rules(found),
        "budgets": list(map(budget_data, found.budgets)),
    }


def against_document(found: Against, figures: Sequence[str], as_of: str) -> AgainstDocument:
    """Return a request as the contract's `diff` document of many scenarios, with the totals of some figures."""
    return {
        **head("diff", as_of),
        "against": {"revision": found.fork.revision, "merge_base": found.fork.commit or None},
        "code": found.code,
        "gates_from": found.gates_from,
        "scenarios": list(map(_entry, found.entries)),
        "total": {name: {"base": base, "head": after} for name, (base, after) in found.sums(figures).items()},
        "left_out": found.left_out or None,
        "gates": list(map(gate_data, found.totals)),
        "mistakes": list(map(_mistake, found.mistakes)),
        "causes": list(map(_cause, found.causes)),
    }


def _side(side: Side) -> SideData:
    return {"name": side.name, "file": side.file, "revision": side.revision, "tool": side.tool}


def _figure(difference: Difference, name: str, change: Change) -> FigureChange:
    known = FIGURES.get(name)
    base, after, moved = (None if isinstance(end, str) else plain(name, end) for end in (change.base, change.head, change.change))
    unit, label = (known.unit, known.label) if known else (difference.base.foreign.get(name) or difference.head.foreign[name])
    return {"base": base, "head": after, "change": moved, "relative_change": change.relative_change, "unit": unit, "label": label}


def gate_data(verdict: Verdict) -> GateData:
    """Return a gate as data, judged."""
    gate, limit = verdict.gate, verdict.limit
    return {
        "name": gate.name,
        "severity": gate.severity,
        "passed": verdict.passed,
        "value": plain(gate.figure, verdict.value),
        "limit": None if limit is None or not math.isfinite(limit) else limit,
        "clauses": [
            {
                "text": clause.text,
                "kind": clause.kind,
                "figure": clause.figure or None,
                "limit": clause.condition.limit if clause.condition else None,
                "holds": holds,
            }
            for clause, holds in zip(gate.clauses, verdict.holding, strict=True)
        ],
        "place": str(gate.place) if gate.place else None,
    }


def _rules(found: Judged) -> list[RuleChange]:
    return [
        {
            "rule": change.rule,
            "kind": change.kind,
            "base": change.base,
            "head": change.head,
            "file": change.place.file,
            "line": change.place.line or None,
            "change": change.change,
        }
        for change in found.rules
    ]


def _entry(entry: ScenarioDiff) -> EntryData:
    judged = entry.judged
    compared = entry.pairing in (SAME, RENAMED) and not entry.unchanged
    return {
        "file": None if entry.pairing == DELETED else entry.file,
        "base_file": entry.base_file,
        "pairing": entry.pairing,
        "verdict": entry.verdict,
        "rules": _rules(judged) if judged else [],
        "gates": list(map(gate_data, judged.verdicts)) if judged else [],
        "budgets": list(map(budget_data, judged.budgets)) if judged else [],
        "findings": warnings_data(judged.difference.findings) if judged else [],
        "diff": difference_document(judged) if judged and compared else None,
        "mistakes": list(map(_mistake, entry.mistakes)),
        "notes": list(entry.notes),
    }


def _cause(cause: Cause) -> CauseData:
    what, place = cause.what, cause.what.place
    moved = what.change if isinstance(what, ChangedInput) else what
    return {
        "kind": "input" if isinstance(what, ChangedInput) else "rule",
        "name": what.name if isinstance(what, ChangedInput) else what.rule,
        "base": moved.base,
        "head": moved.head,
        "file": place.file if place and place.line else None,
        "line": place.line if place and place.line else None,
        "scenarios": [entry.file for entry in cause.entries],
        "figures": {name: {"low": low, "high": high} for name, (low, high) in cause.moved.items()},
    }


def _mistake(mistake: Mistake) -> MistakeData:
    place = mistake.place
    return {
        "file": place.file if place else None,
        "line": place.line or None if place else None,
        "column": place.column or None if place else None,
        "message": mistake.message,
    }
