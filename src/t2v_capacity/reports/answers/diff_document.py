"""A diff as data: the contract's `diff` document, of two plans and of a request."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from t2v_capacity.engine.figures import FIGURES
from t2v_capacity.errors import Mistake
from t2v_capacity.questions.change.causes import Cause
from t2v_capacity.questions.change.diff import Change, Difference
from t2v_capacity.questions.change.diff_against import Against
from t2v_capacity.questions.change.entry import Entry
from t2v_capacity.questions.change.judge import Judged, Verdict, clause_data
from t2v_capacity.questions.change.pairing import DELETED, RENAMED, SAME
from t2v_capacity.questions.change.sides import Side
from t2v_capacity.questions.change.sums import totals
from t2v_capacity.questions.change.why import Input, Why
from t2v_capacity.reports.answers.check import budget_data
from t2v_capacity.reports.forms.data import document, warning_data
from t2v_capacity.vocabulary.names import plain


def difference_document(found: Judged, whys: Mapping[str, Why] | None = None) -> dict[str, Any]:
    """Return a diff as the contract's `diff` document: what changed, and nothing else."""
    difference = found.difference
    return document(
        "diff",
        difference.head.as_of,
        base=_side(difference.base),
        head=_side(difference.head),
        assumptions={name: _assumption(change) for name, change in difference.assumed.items()},
        figures={name: _figure(difference, name, change) for name, change in difference.figures.items()},
        warnings={
            "new": [warning_data(warning) for warning in difference.new_warnings],
            "gone": [warning_data(warning) for warning in difference.gone_warnings],
        },
        gates=[gate_data(verdict) for verdict in found.verdicts],
        why={figure: dict(why.parts) for figure, why in (whys or {}).items()},
        **rules_data(found),
    )


def rules_data(found: Judged) -> dict[str, Any]:
    """Return whose rules count, what became of them, and the budgets."""
    return {
        "gates_from": found.gates_from,
        "rules": [
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
        ],
        "budgets": [budget_data(row) for row in found.budgets],
    }


def _side(side: Side) -> dict[str, Any]:
    return {"name": side.name, "file": side.file, "revision": side.revision, "tool": side.tool}


def gate_data(verdict: Verdict) -> dict[str, Any]:
    """Return what became of a gate as data."""
    limit = None if verdict.limit is None or not math.isfinite(verdict.limit) else verdict.limit
    return {
        "name": verdict.gate.name,
        "severity": verdict.gate.severity,
        "passed": verdict.passed,
        "value": plain(verdict.gate.figure, verdict.value),
        "limit": limit,
        "clauses": [dict(clause) for clause in clause_data(verdict)],
        "place": str(verdict.gate.place) if verdict.gate.place else None,
    }


def _assumption(change: Change) -> dict[str, Any]:
    ranges = {"base_range": change.base_range, "head_range": change.head_range}
    return {"base": change.base, "head": change.head, **{key: ends and list(ends) for key, ends in ranges.items()}}


def _figure(difference: Difference, name: str, change: Change) -> dict[str, Any]:
    known = FIGURES.get(name)
    values = {"base": change.base, "head": change.head, "change": change.change}
    shown = {key: value if isinstance(value, str) else plain(name, value) for key, value in values.items()}
    unit, label = (known.unit, known.label) if known else (difference.base.foreign.get(name) or difference.head.foreign[name])
    return {**shown, "relative_change": change.relative_change, "unit": unit, "label": label}


def against_document(found: Against, figures: Sequence[str], as_of: str) -> dict[str, Any]:
    """Return a request as the contract's `diff` document of many scenarios, with the totals of some figures."""
    return document(
        "diff",
        as_of,
        against={"revision": found.fork.revision, "merge_base": found.fork.commit or None},
        code=found.code,
        gates_from=found.gates_from,
        scenarios=[_entry(entry) for entry in found.entries],
        total={name: {"base": base, "head": head} for name, (base, head) in totals(found.entries, figures).items()},
        left_out=found.left_out or None,
        gates=[gate_data(verdict) for verdict in found.totals],
        mistakes=[_mistake(mistake) for mistake in found.mistakes],
        causes=[_cause(cause) for cause in found.causes],
    )


def _entry(entry: Entry) -> dict[str, Any]:
    judged = entry.judged
    rules = rules_data(judged) if judged else {"rules": [], "budgets": []}
    compared = judged and entry.pairing in (SAME, RENAMED) and not entry.unchanged
    return {
        "file": None if entry.pairing == DELETED else entry.file,
        "base_file": entry.base_file,
        "pairing": entry.pairing,
        "verdict": entry.verdict,
        "rules": rules["rules"],
        "gates": [gate_data(verdict) for verdict in judged.verdicts] if judged else [],
        "budgets": rules["budgets"],
        "findings": [warning_data(warning) for warning in judged.difference.findings] if judged else [],
        "diff": difference_document(judged) if judged and compared else None,
        "mistakes": [_mistake(mistake) for mistake in entry.mistakes],
        "notes": list(entry.notes),
    }


def _cause(cause: Cause) -> dict[str, Any]:
    what = cause.what
    kind, base, head = ("input", what.change.base, what.change.head) if isinstance(what, Input) else ("rule", what.base, what.head)
    place = what.place
    return {
        "kind": kind,
        "name": what.name if isinstance(what, Input) else what.rule,
        "base": base,
        "head": head,
        "file": place.file if place and place.line else None,
        "line": place.line if place and place.line else None,
        "scenarios": [entry.file for entry in cause.entries],
        "figures": {name: {"low": low, "high": high} for name, (low, high) in cause.moved.items()},
    }


def _mistake(mistake: Mistake) -> dict[str, Any]:
    place = mistake.place
    where = {"file": place.file, "line": place.line or None, "column": place.column or None} if place else {}
    return {**dict.fromkeys(("file", "line", "column")), **where, "message": mistake.message}
