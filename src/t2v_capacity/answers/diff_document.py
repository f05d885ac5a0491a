"""A diff as data: the contract's `diff` document, of two plans and of a pull request."""

from collections.abc import Iterable, Mapping
from typing import Annotated

from typing_extensions import TypedDict

from t2v_capacity.answers.check import JudgedData
from t2v_capacity.assumptions.names import finite, plain
from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import Mistake
from t2v_capacity.forms.data import (
    TOOL,
    Head,
    WarningData,
    data,
    document,
    keywords,
    one_of,
    place_data,
    plain_of,
    writes,
)
from t2v_capacity.questions.change.diff import Change
from t2v_capacity.questions.change.diff_against import (
    DELETED,
    NEW,
    PASS,
    RENAMED,
    SAME_PATH,
    UNREADABLE,
    Cause,
    PullRequestDiff,
    ScenarioDiff,
)
from t2v_capacity.questions.change.judge import SOURCES, Judged, Ruling
from t2v_capacity.questions.change.rules_changed import RULE_KINDS, ChangedRule
from t2v_capacity.questions.change.why import ChangedInput, Why
from t2v_capacity.questions.review.gates import FAIL, WARN

_Source = Annotated[str, one_of(*SOURCES)]


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
ClauseData = TypedDict(
    "ClauseData", {"text": str, "kind": str, "figure": str | None, "limit": float | None, "holds": bool}
)


class GateData(TypedDict):
    """A gate, judged."""

    name: str
    severity: Annotated[str, one_of("fail", "warn")]
    passed: bool
    value: float | None
    limit: float | None
    clauses: Annotated[list[ClauseData], keywords(minItems=1)]
    """All of them at once trip the gate"""
    place: str | None


class RuleChange(TypedDict):
    """A change of what judges the head, or stands in the model's place."""

    rule: str
    kind: Annotated[str, one_of(*RULE_KINDS)]
    base: str | None
    head: str | None
    file: str
    line: int | None


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
    why: Annotated[dict[str, dict[str, float]], keywords(propertyNames={"enum": list(FIGURES)})]
    """A figure's change, split over what changed"""
    gates_from: _Source
    """Whose rules count"""
    rules: list[RuleChange]
    """What judges and changed: of a pull request alone"""
    budgets: list[JudgedData]


ForkData = TypedDict("ForkData", {"revision": str, "merge_base": str | None})
ReachData = TypedDict("ReachData", {"low": float, "high": float})
MistakeData = TypedDict("MistakeData", {"file": str | None, "line": int | None, "column": int | None, "message": str})


class EntryData(TypedDict):
    """A scenario of the head, of the base, or of both."""

    file: str | None
    base_file: str | None
    pairing: Annotated[str, one_of(SAME_PATH, RENAMED, NEW, DELETED)]
    verdict: Annotated[str, one_of(FAIL, WARN, PASS, UNREADABLE)]
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

    kind: Annotated[str, one_of("input", "rule")]
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
    gates_from: _Source
    """Whose rules count"""
    scenarios: list[EntryData]
    total: dict[str, EndsData]
    """Sums over the scenarios, where they are asked for or a gate is on one"""
    left_out: str | None
    gates: list[GateData]
    """Those on sums over all scenarios"""
    mistakes: list[MistakeData]
    """Why a sum can't be computed"""
    causes: list[CauseData]


def difference_document(judged: Judged, whys: Mapping[str, Why]) -> DiffDocument:
    """Return a diff as the contract's `diff` document: what changed, and nothing else."""
    difference = judged.difference
    return document(
        DiffDocument,
        judged,
        "diff",
        difference.head.as_of,
        base=data(SideData, difference.base, tool=TOOL),
        head=data(SideData, difference.head, tool=TOOL),
        assumptions=difference.assumed,
        figures={
            name: _figure(name, change) for name, change in difference.figures.items() if not FIGURES[name].detail
        },
        warnings=data(WarningsChange, difference, new=difference.new_warnings, gone=difference.gone_warnings),
        gates=judged.rulings,
        why={figure: why.parts for figure, why in whys.items()},
    )


def against_document(pull_request: PullRequestDiff, figures: Iterable[str], as_of: str) -> AgainstDocument:
    """Return a pull request as the contract's `diff` document of many scenarios, with the totals of some figures."""
    return document(
        AgainstDocument,
        pull_request,
        "diff",
        as_of,
        against={"revision": pull_request.fork.revision, "merge_base": pull_request.fork.commit or None},
        scenarios=pull_request.entries,
        total=pull_request.sums(figures),
        left_out=pull_request.left_out or None,
        gates=pull_request.totals,
    )


@writes(RuleChange)
def _rule(change: ChangedRule) -> RuleChange:
    return data(RuleChange, change, file=change.place.file, line=change.place.line or None)


def _figure(name: str, change: Change) -> FigureChange:
    base, head, difference = (plain_of(name, end) for end in (change.base, change.head, change.change))
    figure = FIGURES[name]
    return data(FigureChange, change, base=base, head=head, change=difference, unit=figure.unit, label=figure.label)


@writes(GateData)
def gate_data(ruling: Ruling) -> GateData:
    """Return a gate as data, judged."""
    gate, limit = ruling.gate, ruling.limit
    return data(
        GateData,
        ruling,
        name=gate.name,
        severity=gate.severity,
        value=plain(gate.first.figure, ruling.value),
        limit=None if limit is None else finite(limit),
        clauses=[
            data(
                ClauseData,
                clause,
                figure=clause.figure or None,
                limit=clause.condition.limit if clause.condition else None,
                holds=holds,
            )
            for clause, holds in zip(gate.clauses, ruling.holding, strict=True)
        ],
        place=str(gate.place) if gate.place else None,
    )


@writes(EntryData)
def _entry(entry: ScenarioDiff) -> EntryData:
    judged = entry.judged
    compared = not entry.mistakes and entry.pairing in (SAME_PATH, RENAMED) and not entry.unchanged
    return data(
        EntryData,
        entry,
        file=None if entry.pairing == DELETED else entry.file,
        diff=difference_document(judged, {}) if compared else None,
        rules=judged.rules,
        gates=judged.rulings,
        budgets=judged.budgets,
        findings=judged.findings,
    )


@writes(CauseData)
def _cause(cause: Cause) -> CauseData:
    what = cause.what
    kind, name, change = (
        ("input", what.name, what.change) if isinstance(what, ChangedInput) else ("rule", what.rule, what)
    )
    return data(
        CauseData,
        change,
        kind=kind,
        name=name,
        **place_data(what.place),
        scenarios=[entry.file for entry in cause.entries],
        figures={name: {"low": low, "high": high} for name, (low, high) in cause.moved.items()},
    )


@writes(MistakeData)
def _mistake(mistake: Mistake) -> MistakeData:
    return data(
        MistakeData,
        mistake,
        file=mistake.file or None,
        line=mistake.line or None,
        column=mistake.column or None,
    )
