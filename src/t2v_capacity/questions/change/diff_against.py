"""A working tree against the revision that it left: every scenario on both sides, paired, compared and judged.

All pairs are read and compared. What can't be looked up, read or compared is an error, never a new scenario. A gate
that can be walked past is worse than none. `--gates-from head`, which an owner sets, is the way through.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from t2v_capacity.errors import Mistake, Mistakes, Place, collected, gathered, quote, refuse
from t2v_capacity.files.document import tidy
from t2v_capacity.files.git import top
from t2v_capacity.files.git_tree import Committed, path_inside, read_together, refuse_odd_names
from t2v_capacity.files.revisions import MergeBase, at, files_at, merge_base, not_checked_out
from t2v_capacity.questions.change.causes import Cause, causes
from t2v_capacity.questions.change.diff import Difference, diff
from t2v_capacity.questions.change.entry import UNREADABLE, WORST_FIRST, FigureSum, ScenarioDiff, sums_judged, totals
from t2v_capacity.questions.change.judge import HEAD, GateOptions, Ruling, held_to, judging
from t2v_capacity.questions.change.pairing import DELETED, NEW, paired
from t2v_capacity.questions.change.rules_changed import SCENARIO, ChangedRule, outlived_pins, rules_changed
from t2v_capacity.questions.change.sides import NOBODY, Side, read_side
from t2v_capacity.questions.review.check import Rules, check_rules
from t2v_capacity.questions.review.gates import FAIL, Gate, read_gates
from t2v_capacity.scenario.folders import is_there, not_read, sort_out, walked


class SharedFlags(NamedTuple):
    """Flags applied to both sides of every pair."""

    sets: Sequence[str] = ()
    pins: Sequence[str] = ()
    catalogues: Sequence[str] = ()


class Against(NamedTuple):
    """All scenarios of a request against the revision that it left."""

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
        return totals(self.entries, figures) if asked else {}

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


def against(revision: str, paths: Sequence[str], asked: GateOptions, flags: SharedFlags) -> Against:
    """Return every scenario of paths in the working tree, held against the merge base of a revision and HEAD.

    If nothing can be compared, the answer has the reason, so that a comment says so too. There may be no merge base, or
    no scenario on either side.
    """
    try:
        return _against(revision, paths, asked, flags)
    except Mistakes as error:
        return Against(MergeBase(revision, ""), (), "", asked.gates_from, mistakes=error.mistakes)


def _against(revision: str, paths: Sequence[str], asked: GateOptions, flags: SharedFlags) -> Against:
    given = read_gates(asked.fail_on, asked.warn_on)
    base = merge_base(revision)
    lenient = asked.gates_from == HEAD
    before = files_at(base, paths, new=lenient)
    read_together(before)
    old = sort_out(before)
    for named in (asked.base_file, *flags.catalogues):
        at(named, Committed(base.revision, base.commit, "."), new=lenient)

    files = walked(filter(is_there, paths))
    refuse_odd_names(files)
    new = sort_out(files)
    if not old.scenarios and not new.scenarios:
        raise Mistakes(f"there is no scenario in {', '.join(map(quote, paths))}, here or at {base.short}")
    if not new.scenarios and not lenient:
        fix = "check it out; where all of them are meant to go, an owner lets it through with `--gates-from head`"
        raise Mistakes(f"none of the {len(old.scenarios)} scenarios of {base.short} is in the working tree: {fix}")

    pairs = paired(old, new)
    _check_gone(base, [other.inside for _file, other, pairing in pairs if other and pairing == DELETED])

    request = _Request(asked, given, flags, {path_inside(file): kind for file, kind in new.others.items()})
    entries = [request.entry(file, other, pairing) for file, other, pairing in pairs]
    judged, mistakes = sums_judged(entries, given)
    left_out = new._replace(others=new.others | not_read(paths)).left_out()
    return Against(base, tuple(entries), left_out, asked.gates_from, judged, mistakes, causes(entries), asked.total)


class _Request(NamedTuple):
    """The settings by which all pairs of a request are judged."""

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
                head, after = self._side(file, self.asked.head_file)

        if other:
            try:
                base, before = self._side(other, at(self.asked.base_file, other, new=self._lenient), head)
            except Mistakes as error:
                unread = [
                    mistake._replace(message=f"its base can't be read: {mistake.message}") for mistake in error.mistakes
                ]
                if not self._lenient:
                    return pair._replace(mistakes=tuple(map(_with_tidy_place, unread)))
                pair = pair._replace(notes=(unread[0].message,))
        if pairing == DELETED:
            return self._deleted(pair, base, before)

        with collected(mistakes):
            if head is not NOBODY:
                difference = Difference(base, head) if base is NOBODY else diff(base, head)
                rules = judging(base, before, after, self.asked.gates_from)
                changed = (*rules_changed(base, before, head, after), *outlived_pins(difference))
                judged = held_to(difference, rules, self.given, self.asked.gates_from, changed, many=True)
                return pair._replace(judged=judged, pairing=NEW if base is NOBODY else pairing)
        return pair._replace(mistakes=tuple(map(_with_tidy_place, mistakes)))

    def _deleted(self, pair: ScenarioDiff, base: Side, before: Rules) -> ScenarioDiff:
        """Return a scenario that is gone, judged by the gates on sums."""
        fate = f"no scenario any more ({self.others[pair.file]})" if pair.file in self.others else "gone"
        changes = []
        if before.gates or before.budgets:  # a rule that judged it goes too, so a reviewer looks
            changes.append(ChangedRule(pair.file, SCENARIO, "a scenario", fate, Place(pair.file)))

        sums = Rules(tuple(gate for gate in before.gates if gate.of_total))
        judged = held_to(Difference(base, NOBODY), sums, (), self.asked.gates_from, tuple(changes), many=True)
        return pair._replace(judged=judged, notes=(*pair.notes, f"is {fate}"))

    @property
    def _lenient(self) -> bool:
        """Whether an owner accepts a scenario that can't be compared with its base."""
        return self.asked.gates_from == HEAD

    def _side(self, file: str, gates: str | None, like: Side = NOBODY) -> tuple[Side, Rules]:
        beside = file if isinstance(file, Committed) else ""  # a text without a revision stands for the disk
        catalogues = [at(catalogue, beside, new=self._lenient) or catalogue for catalogue in self.flags.catalogues]
        side = read_side(file, self.flags.sets, self.flags.pins, catalogues, like)
        return side, check_rules(side.scenario, gates)


def _check_gone(base: MergeBase, gone: list[str]) -> None:
    """Raise Mistakes if a file that seems to be gone is not checked out, or is there by a link."""
    with gathered() as mistakes:
        for file in not_checked_out(gone):
            refuse(mistakes, f"{quote(file)} is not checked out; take it into the sparse checkout")
        for file in gone:
            folder = os.path.join(top(), os.path.dirname(file))  # noqa: PTH118, PTH120 - texts of git
            if os.path.realpath(folder) != folder:
                fix = "so it can't be held against what it was; name the folder itself"
                refuse(mistakes, f"{quote(file)} of {base.short} is below a link now, {fix}")


def _with_tidy_place(mistake: Mistake) -> Mistake:
    return mistake._replace(place=mistake.place and tidy(mistake.place))
