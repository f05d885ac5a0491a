"""A working tree against the revision that it left: every scenario on both sides, paired, compared and judged.

All pairs are read and compared. What can't be looked up, read or held against its base is an error, never a scenario that is new:
a gate that can be walked past is worse than none. `--gates-from head`, which an owner sets, is the way through.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from t2v_capacity.errors import Mistake, Mistakes, quote
from t2v_capacity.files.document import tidy
from t2v_capacity.files.git import top
from t2v_capacity.files.git_tree import path_inside, refuse_odd_names
from t2v_capacity.files.revisions import Committed, MergeBase, at, files_at, merge_base, not_checked_out
from t2v_capacity.questions.change.calibration import pinned, uncalibrated
from t2v_capacity.questions.change.causes import Cause, causes
from t2v_capacity.questions.change.diff import Difference, diff
from t2v_capacity.questions.change.entry import FAIL, PASS, UNREADABLE, WARN, ScenarioDiff
from t2v_capacity.questions.change.judge import HEAD, GateOptions, Judged, Verdict, failed, held_to, rules_of
from t2v_capacity.questions.change.pairing import DELETED, NEW, paired
from t2v_capacity.questions.change.sides import Side, catalogues_at, read_side
from t2v_capacity.questions.change.sums import sums_judged, totals, without_value
from t2v_capacity.questions.review.check import Rules
from t2v_capacity.questions.review.gates import Gate, read_gates
from t2v_capacity.scenario.folders import is_there, sort_out, walked
from t2v_capacity.scenario.settings import PlanWarning

_WORST = (UNREADABLE, FAIL, WARN, PASS)
_NAMED = 5


class SharedFlags(NamedTuple):
    """Flags applied to both sides of every pair."""

    sets: Sequence[str] = ()
    pins: Sequence[str] = ()
    catalogues: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Against:
    """All scenarios of a request against the revision that it left."""

    fork: MergeBase
    entries: tuple[ScenarioDiff, ...]
    left_out: str
    gates_from: str
    totals: tuple[Verdict, ...] = ()  # the gates on sums over all scenarios
    mistakes: tuple[Mistake, ...] = ()  # why a sum can't be computed, or nothing could be compared
    causes: tuple[Cause, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether nothing could be compared."""
        return not self.fork.commit

    def sums(self, figures: Sequence[str]) -> Mapping[str, tuple[float, float]]:
        """Return the sums of figures over all scenarios, of the base and of the head."""
        return totals(self.entries, figures)

    def without_value(self, figures: Sequence[str]) -> Mapping[str, int]:
        """Return of how many scenarios a figure has no value, and so is in no sum."""
        return without_value(self.entries, figures)

    @property
    def worst_first(self) -> list[ScenarioDiff]:
        """The scenarios by their verdict, what changed before what didn't."""
        return sorted(self.entries, key=lambda entry: (_WORST.index(entry.verdict), entry.unchanged))

    @property
    def code(self) -> int:
        """2 where a scenario or a sum can't be read or judged, else 3 where a rule fails, else 0."""
        verdicts = {entry.verdict for entry in self.entries}
        return 2 if UNREADABLE in verdicts or self.mistakes else 3 if FAIL in verdicts or failed(self.totals) else 0

    @property
    def unchanged(self) -> bool:
        """Whether nothing changed."""
        return all(entry.unchanged for entry in self.entries) and all(verdict.passed for verdict in self.totals)


def against(revision: str, paths: Sequence[str], asked: GateOptions, flags: SharedFlags) -> Against:
    """Return every scenario of paths in the working tree, held against the merge base of a revision and HEAD.

    Raises Mistakes where there is no merge base, no scenario on either side, or a rule of the command line says nothing.
    """
    given = read_gates(asked.fail_on, asked.warn_on)
    base = merge_base(revision)
    lenient = asked.gates_from == HEAD
    old = sort_out(files_at(base, paths, new=lenient).values())
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
    request = _Request(base, asked, given, flags)
    gone = [other for _file, other, pairing in pairs if pairing == DELETED]
    come = [file for file, _other, pairing in pairs if pairing == NEW]
    others = {path_inside(file): kind for file, kind in new.others.items()}
    entries = [request.entry(file, other, pairing, others, (come, gone)) for file, other, pairing in pairs]
    judged, mistakes = sums_judged(entries, given)
    return Against(base, tuple(entries), new.left_out(), asked.gates_from, judged, mistakes, causes(entries))


def refused(revision: str, gates_from: str, mistakes: tuple[Mistake, ...]) -> Against:
    """Return a request that could not be compared, so that its comment says so too."""
    return Against(MergeBase(revision, ""), (), "", gates_from, mistakes=mistakes)


class _Request(NamedTuple):
    """The settings by which all pairs of a request are judged."""

    fork: MergeBase
    asked: GateOptions
    given: tuple[Gate, ...]
    flags: SharedFlags

    @property
    def lenient(self) -> bool:
        """Whether an owner accepts a scenario that can't be compared with its base."""
        return self.asked.gates_from == HEAD

    def entry(
        self,
        file: str,
        other: Committed | None,
        pairing: str,
        others: Mapping[str, str],
        unpaired: tuple[list[str], list[Committed | None]],
    ) -> ScenarioDiff:
        base_file = other.inside if other else None
        notes, findings = list[str](), list(_unpaired(pairing, *unpaired))
        base, base_rules = None, Rules()
        if other:
            try:
                there = self._side(other)
                base_rules = rules_of(there, at(self.asked.base_file, other, new=self.lenient))
                base = there
            except Mistakes as error:
                if not self.lenient:
                    return ScenarioDiff(file, base_file, pairing, mistakes=tuple(map(_of_the_base, error.mistakes)))
                notes.append(f"its base can't be read: {error.mistakes[0].message}")
        if pairing == DELETED:
            what = f"is no scenario any more ({others[file]})" if file in others else "is gone"
            lost = PlanWarning("gates-loosened", f"{file} {what}, and nothing holds it to its rules", (file,))
            found = self._alone(base_rules, base, None, [lost, *findings])
            return ScenarioDiff(file, base_file, pairing, found, notes=(*notes, what))
        try:
            head = self._side(file)
            rules = rules_of(head, self.asked.head_file)
            if base is None:
                pairing = NEW
                notes += pinned(head).values()
                found = self._alone(Rules(), None, head, findings, rules)
            else:
                found = held_to(diff(base, head), base_rules, rules, self.given, self.asked.gates_from, findings, many=True)
                notes += found.difference.recalibrated.values()
        except Mistakes as error:
            return ScenarioDiff(file, base_file, pairing, mistakes=tuple(map(_tidied, error.mistakes)), notes=tuple(notes))
        return ScenarioDiff(file, base_file, pairing, found, notes=tuple(notes))

    def _side(self, file: str) -> Side:
        there = file if isinstance(file, Committed) else ""  # the file on the disk, whatever it is called
        return read_side(file, self.flags.sets, self.flags.pins, catalogues_at(there, self.flags.catalogues, new=self.lenient))

    def _alone(
        self, before: Rules, base: Side | None, head: Side | None, findings: Iterable[PlanWarning], rules: Rules | None = None
    ) -> Judged:
        """Return the results of the rules for a scenario that only one side has."""
        nobody = Side("", "", base.as_of if base else head.as_of if head else "", {}, {}, {}, {}, ())
        difference = Difference(base or nobody, head or nobody, {}, {}, {}, {}, (), ())
        findings = [] if self.asked.gates_from == HEAD else findings
        found = held_to(difference, before, rules or Rules(), self.given, self.asked.gates_from, findings, alone=True, many=True)
        return replace(found, again=uncalibrated(head) if head and self.asked.gates_from != HEAD else None)


def _check_gone(base: MergeBase, gone: list[str]) -> None:
    """Raise Mistakes if a file that seems to be gone is not checked out, or is there by a link."""
    mistakes = [Mistake(f"{quote(file)} is not checked out; take it into the sparse checkout") for file in not_checked_out(gone)]
    for file in gone:
        there = os.path.join(top(), os.path.dirname(file))  # noqa: PTH118, PTH120 - texts of git
        if os.path.realpath(there) != there:
            message = f"{quote(file)} of {base.short} is below a link now, so it can't be held against what it was; name the folder itself"
            mistakes.append(Mistake(message))
    if mistakes:
        raise Mistakes(mistakes)


def _unpaired(pairing: str, come: Sequence[str], gone: Sequence[Committed | None]) -> Iterable[PlanWarning]:
    """Yield the finding that nothing pairs what came with what went."""
    if pairing in (NEW, DELETED) and come and gone:
        went, came = (_few(_names(files)) for files in (gone, come))
        message = f"{went} went and {came} came in one request, and nothing pairs them: neither git nor an equal `name`"
        yield PlanWarning("unpaired", message, tuple(_names([*come, *gone])))


def _of_the_base(mistake: Mistake) -> Mistake:
    """Return a mistake of a base, which a request can't mend unless an owner lets it through."""
    return _tidied(mistake)._replace(message=f"its base can't be read: {mistake.message}")


def _tidied(mistake: Mistake) -> Mistake:
    return mistake._replace(place=mistake.place and tidy(mistake.place))


def _names(files: Iterable[Committed | str | None]) -> list[str]:
    return [file.inside if isinstance(file, Committed) else str(file) for file in files]


def _few(names: list[str]) -> str:
    """Return the first names of many, and how many more there are."""
    return ", ".join([*names[:_NAMED], *([f"{len(names) - _NAMED} more"] if len(names) > _NAMED else [])])
