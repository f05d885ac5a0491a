"""A working tree against the revision that it left: every scenario on both sides, paired, compared and judged.

All pairs are read and compared. What can't be looked up, read or compared is an error, never a new scenario. A gate
that can be walked past is worse than none. `--gates-from head`, which an owner sets, is the way through.

Scenarios are paired by path, then by the name that the file states or has. In sums over them new ones count from
nothing, and deleted ones to nothing. A line of a base file is one cause for all scenarios that extend it.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from t2v_capacity.errors import Mistake, Mistakes, Place, collected, gathered, quote, refuse
from t2v_capacity.files.document import Scalar, read_document, tidy
from t2v_capacity.files.git import top
from t2v_capacity.files.git_tree import Committed, path_inside, read_together, refuse_odd_names
from t2v_capacity.files.revisions import MergeBase, files_at, in_plan_revision, merge_base, not_checked_out
from t2v_capacity.questions.change.diff import NOBODY, Difference, SharedFlags, Side, diff, read_side
from t2v_capacity.questions.change.judge import (
    UNJUDGED,
    BaseAndHead,
    Failing,
    GateOptions,
    Judged,
    Ruling,
    judge_difference,
    judge_gate,
    rules_in_force,
)
from t2v_capacity.questions.change.rules_changed import SCENARIO, ChangedRule, outlived_pins, rules_changed
from t2v_capacity.questions.change.why import ChangedInput
from t2v_capacity.questions.review.check import Rules
from t2v_capacity.questions.review.gates import FAIL, WARN, Clause, Gate, read_gates
from t2v_capacity.scenario.folders import Sorted, is_there, sort_out, walked

SAME_PATH, RENAMED, NEW, DELETED = "same", "renamed", "new", "deleted"


def paired(old: Sorted, new: Sorted) -> list[tuple[str, Committed | None, str]]:
    """Return each scenario's head file, base file and pairing, in the order of the head, then those that are gone."""
    left = {file.inside: file for file in old.scenarios if isinstance(file, Committed)}
    inside = {file: path_inside(file) for file in new.scenarios}
    pairings: dict[str, tuple[Committed | None, str]] = {
        file: (left.pop(path), SAME_PATH) for file, path in inside.items() if path in left
    }

    come = _by_name(file for file in new.scenarios if file not in pairings)
    gone = _by_name(left.values())
    pairings |= {file: (base, RENAMED) for name, file in come.items() if isinstance(base := gone.get(name), Committed)}
    gone_to = {base for base, _pairing in pairings.values()}

    pairs = [(file, *pairings.get(file, (None, NEW))) for file in new.scenarios]
    return [*pairs, *((path, file, DELETED) for path, file in left.items() if file not in gone_to)]


def _by_name(files: Iterable[str]) -> dict[str, str]:
    """Return files by their names, without those that share one."""
    names = [(_name(file), file) for file in files]
    return {name: file for name, file in names if [other for other, _file in names].count(name) == 1}


def _name(file: str) -> str:
    try:
        node = read_document(file).entries.get("name")
    except Mistakes:
        node = None
    return node.text if isinstance(node, Scalar) else PurePosixPath(file).stem


# What a scenario can be, as well as the severities of gates; and all of it, the worst first.
PASS, UNREADABLE = "pass", "unreadable"
WORST_FIRST = (UNREADABLE, FAIL, WARN, PASS)


class ScenarioDiff(NamedTuple):
    """A scenario of the head, of the base or of both: its pairing, its changes and its mistakes."""

    file: str  # as it is in the head, or in the base where it is gone
    base_file: str | None
    pairing: str
    judged: Judged = UNJUDGED  # where it has mistakes
    mistakes: tuple[Mistake, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """Its status, in a word."""
        if self.mistakes:
            return UNREADABLE
        if self.judged.fails:
            return FAIL
        return WARN if self.judged.warns else PASS

    @property
    def unchanged(self) -> bool:
        """Whether it passes and nothing of it changed."""
        return self.pairing == SAME_PATH and self.verdict == PASS and self.judged.unchanged

    def figure(self, name: str) -> BaseAndHead:
        """Return a figure of the base and of the head."""
        return self.judged.difference.ends(name)

    def addend(self, name: str) -> tuple[float, float] | None:
        """Return a figure on both sides, 0 on a side that lacks the scenario.

        Return nothing if a side that has the scenario has no value.
        """
        base, head = self.figure(name)
        lacks = (base is None and self.pairing != NEW) or (head is None and self.pairing != DELETED)
        return None if lacks else (base or 0.0, head or 0.0)


class FigureSum(NamedTuple):
    """The sums of a figure in base and head, and the scenarios that have no value and are left out."""

    base: float
    head: float
    lacking: tuple[str, ...]


def _sum(entries: Iterable[ScenarioDiff], figure: str) -> FigureSum:
    addends = {entry.file: entry.addend(figure) for entry in entries}
    known = [addend for addend in addends.values() if addend]
    lacking = tuple(file for file, addend in addends.items() if not addend)
    return FigureSum(sum(base for base, _head in known), sum(head for _base, head in known), lacking)


def judge_totals(
    entries: Sequence[ScenarioDiff], given: Iterable[Gate]
) -> tuple[tuple[Ruling, ...], tuple[Mistake, ...]]:
    """Return the results of the gates on totals, each once for all scenarios, and why any can't be computed."""
    gates = [gate for entry in entries for gate in entry.judged.totals]
    rulings, mistakes = list[Ruling](), list[Mistake]()
    for gate in dict.fromkeys([*(gate for gate in given if gate.of_total), *gates]):
        with collected(mistakes):
            rulings.append(judge_gate(gate, {clause.subject: _total(entries, clause, gate) for clause in gate.clauses}))
    return tuple(rulings), tuple(mistakes)


def _total(entries: Sequence[ScenarioDiff], clause: Clause, gate: Gate) -> BaseAndHead:
    """Return the sums that a clause is on. Raise Mistakes if a scenario has no value."""
    base, head, lacking = _sum(entries, clause.figure)
    if lacking:
        others = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
        of = f"{lacking[0]}{others} can't be read or has no `{clause.figure}`"
        raise Mistakes(f"`{gate.name}`: the total can't be computed, since {of}", gate.place)
    return base, head


# Figures whose change is split over the causes.
_SPLIT = ("gpus", "cost_per_month")


class Cause(NamedTuple):
    """A changed input or rule, the scenarios in which it changed, what it moves, and what trips by it.

    `moved` has the least and greatest part of each figure's change that is its own.
    """

    what: ChangedInput | ChangedRule
    entries: tuple[ScenarioDiff, ...]
    moved: Mapping[str, tuple[float, float]]  # in proportion to the base
    failing: tuple[Failing, ...]
    verdict: str


def causes(entries: Iterable[ScenarioDiff]) -> tuple[Cause, ...]:
    """Return the changes in scenarios that both sides have.

    Those that fail come first, then those of the most scenarios, then those that move the GPUs most.
    """
    reached_by = defaultdict[ChangedInput | ChangedRule, list[ScenarioDiff]](list)
    for entry in entries:
        if entry.pairing in (SAME_PATH, RENAMED):
            changed: list[ChangedInput | ChangedRule] = [*entry.judged.inputs.values(), *entry.judged.rules]
            for what in changed:
                reached_by[what].append(entry)
    return tuple(sorted((_cause(what, tuple(those)) for what, those in reached_by.items()), key=_urgency))


def _urgency(cause: Cause) -> tuple[int, int, float]:
    """Return a cause's place among others, the most urgent first."""
    moved = max(map(abs, cause.moved.get(_SPLIT[0], (0.0,))))
    return WORST_FIRST.index(cause.verdict), -len(cause.entries), -moved


def _cause(what: ChangedInput | ChangedRule, entries: tuple[ScenarioDiff, ...]) -> Cause:
    """Return a change with the rules that trip by it.

    Those are the rule itself, or one of an input's line, as a pin is, and those whose value it moves to trip them.
    """
    failing, verdict = list[Failing](), PASS
    for judged in (entry.judged for entry in entries):
        tripped: list[Failing] = [rule for rule in judged.rules if rule == what]
        if isinstance(what, ChangedInput):
            tripped += [rule for rule in judged.rules if what.place and rule.place[:2] == what.place[:2]]
            tripped += [rule for rule in judged.tripped if what.name in judged.causes(rule)]
        failing += [rule for rule in tripped if rule in judged.failing]
        verdict = WARN if tripped else verdict
    shares = {figure: [*_shares(what, entries, figure)] for figure in _SPLIT}
    moved = {figure: (min(those), max(those)) for figure, those in shares.items() if any(those)}
    return Cause(what, entries, moved, tuple(failing), FAIL if failing else verdict)


def _shares(what: ChangedInput | ChangedRule, entries: Iterable[ScenarioDiff], figure: str) -> Iterator[float]:
    """Yield an input's part of each change of a figure over the base, where that can be split."""
    if isinstance(what, ChangedRule):
        return
    for entry in entries:
        why, (base, _head) = entry.judged.why(figure), entry.figure(figure)
        if base and not why.reason:
            yield why.parts.get(what.name, 0.0) / abs(base)


class PullRequestDiff(NamedTuple):
    """All scenarios of a pull request against the revision that it left."""

    fork: MergeBase
    entries: tuple[ScenarioDiff, ...]
    left_out: str
    gates_from: str
    totals: tuple[Ruling, ...] = ()  # the gates on sums over all scenarios
    mistakes: tuple[Mistake, ...] = ()  # why a sum can't be computed, or nothing could be compared
    causes: tuple[Cause, ...] = ()
    asked_total: bool = False  # though no gate is on one

    @property
    def refused(self) -> bool:
        """Whether nothing could be compared."""
        return not self.fork.commit

    def sums(self, figures: Iterable[str]) -> Mapping[str, FigureSum]:
        """Return the sums of figures over all scenarios, of the base and of the head.

        Return none unless they are asked for, or a gate is on one: scenarios may be one service, written several ways.
        """
        asked = self.asked_total or self.totals or self.mistakes
        read = [entry for entry in self.entries if not entry.mistakes]
        return {name: _sum(read, name) for name in figures} if asked and read else {}

    @property
    def worst_first(self) -> list[ScenarioDiff]:
        """The scenarios by their verdict, what changed before what didn't."""
        return sorted(self.entries, key=lambda entry: (WORST_FIRST.index(entry.verdict), entry.unchanged))

    @property
    def code(self) -> int:
        """2 where a scenario or a sum can't be read or judged, else 3 where a rule fails, else 0."""
        verdicts = {entry.verdict for entry in self.entries}
        failed = FAIL in verdicts or any(ruling.fails for ruling in self.totals)
        if UNREADABLE in verdicts or self.mistakes:
            return 2
        return 3 if failed else 0

    @property
    def unchanged(self) -> bool:
        """Whether nothing changed."""
        return all(entry.unchanged for entry in self.entries) and all(ruling.passed for ruling in self.totals)


def against(revision: str, paths: Sequence[str], asked: GateOptions, flags: SharedFlags) -> PullRequestDiff:
    """Return every scenario of paths in the working tree, held against the merge base of a revision and HEAD.

    If nothing can be compared, the answer has the reason, so that a comment says so too. There may be no merge base, or
    no scenario on either side.
    """
    try:
        return _against(revision, paths, asked, flags)
    except Mistakes as error:
        return PullRequestDiff(MergeBase(revision, ""), (), "", asked.gates_from, mistakes=error.mistakes)


def _against(revision: str, paths: Sequence[str], asked: GateOptions, flags: SharedFlags) -> PullRequestDiff:
    given = read_gates(asked.fail_on, asked.warn_on)
    base = merge_base(revision)
    before = files_at(base, paths, new=asked.lenient)
    read_together(before)
    old = sort_out(before)
    for named in (asked.file, *flags.catalogues):
        in_plan_revision(named, Committed(base.revision, base.commit, "."), new=asked.lenient)

    files, not_read = walked(filter(is_there, paths))
    refuse_odd_names(files)
    new = sort_out(files)
    if not old.scenarios and not new.scenarios:
        raise Mistakes(f"there is no scenario in {', '.join(map(quote, paths))}, here or at {base.short}")
    if not new.scenarios and not asked.lenient:
        fix = "check it out; where all of them are meant to go, an owner lets it through with `--gates-from head`"
        raise Mistakes(f"none of the {len(old.scenarios)} scenarios of {base.short} is in the working tree: {fix}")

    pairs = paired(old, new)
    _check_gone(base, [other.inside for _file, other, pairing in pairs if other and pairing == DELETED])

    pull_request = _PullRequest(asked, given, flags, {path_inside(file): kind for file, kind in new.others.items()})
    entries = [pull_request.entry(*pair) for pair in pairs]
    judged, mistakes = judge_totals(entries, given)
    left_out = new._replace(others=new.others | not_read).left_out()
    return PullRequestDiff(
        base, tuple(entries), left_out, asked.gates_from, judged, mistakes, causes(entries), asked.total
    )


class _PullRequest(NamedTuple):
    """The settings by which all pairs of a pull request are judged."""

    asked: GateOptions
    given: tuple[Gate, ...]
    flags: SharedFlags
    others: Mapping[str, str]  # files of the head that are no scenario

    def entry(self, file: str, other: Committed | None, pairing: str) -> ScenarioDiff:
        """Return a pair of scenarios, or one that a side lacks, judged."""
        pair, mistakes = ScenarioDiff(file, other.inside if other else None, pairing), list[Mistake]()
        base = head = NOBODY
        before = after = Rules()
        if pairing != DELETED:
            with collected(mistakes):
                head, after = self._side(file)

        if other:
            try:
                base, before = self._side(other, head)
            except Mistakes as error:
                unread = [
                    mistake._replace(message=f"its base can't be read: {mistake.message}") for mistake in error.mistakes
                ]
                if not self.asked.lenient:
                    return pair._replace(mistakes=tuple(map(_with_tidy_place, unread)))
                pair = pair._replace(notes=(unread[0].message,))
        if pairing == DELETED:
            return self._deleted(pair, base, before)

        with collected(mistakes):
            if head is not NOBODY:
                difference = Difference(base, head) if base is NOBODY else diff(base, head)
                rules = rules_in_force(base, before, after, self.asked.gates_from)
                changed = (*rules_changed(difference, before, after), *outlived_pins(difference))
                judged = judge_difference(difference, rules, self.given, self.asked.gates_from, changed, many=True)
                return pair._replace(judged=judged, pairing=NEW if base is NOBODY else pairing)
        return pair._replace(mistakes=tuple(map(_with_tidy_place, mistakes)))

    def _deleted(self, pair: ScenarioDiff, base: Side, before: Rules) -> ScenarioDiff:
        """Return a scenario that is gone, judged by the gates on sums."""
        fate = f"no scenario any more ({self.others[pair.file]})" if pair.file in self.others else "gone"
        gone = ChangedRule(pair.file, SCENARIO, "a scenario", fate, Place(pair.file))
        # A rule that judged it judges it no more, so a reviewer looks; a sum of all still has it on one side.
        judging = (*before.gates, *before.budgets, *(gate for gate in self.given if not gate.of_total))
        changes = (gone,) if judging else ()
        sums = Rules(tuple(gate for gate in before.gates if gate.of_total))
        judged = judge_difference(Difference(base, NOBODY), sums, (), self.asked.gates_from, changes, many=True)
        return pair._replace(judged=judged, notes=(*pair.notes, f"is {fate}"))

    def _side(self, file: str, like: Side = NOBODY) -> tuple[Side, Rules]:
        side = read_side(file, self.flags, like, new=self.asked.lenient)
        return side, self.asked.rules_of(side)


def _check_gone(base: MergeBase, gone: list[str]) -> None:
    """Raise Mistakes if a file that seems to be gone is not checked out, or is there by a link."""
    with gathered() as mistakes:
        for file in not_checked_out(gone):
            refuse(mistakes, f"{quote(file)} is not checked out; take it into the sparse checkout")
        for file in gone:
            folder = os.path.dirname(os.path.join(top(), file))  # noqa: PTH118, PTH120 - texts of git
            if os.path.realpath(folder) != folder:
                fix = "so it can't be held against what it was; name the folder itself"
                refuse(mistakes, f"{quote(file)} of {base.short} is below a link now, {fix}")


def _with_tidy_place(mistake: Mistake) -> Mistake:
    return mistake._replace(place=mistake.place and tidy(mistake.place))
