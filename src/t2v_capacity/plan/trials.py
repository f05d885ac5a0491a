"""Vary a plan in one way: apply flags as the command line does, and compute the estimate with them."""

import math
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import NamedTuple

from t2v_capacity.assumptions.parts import flagged
from t2v_capacity.engine.figures import Names
from t2v_capacity.errors import Mistakes
from t2v_capacity.plan.cells import Compute, cells_of
from t2v_capacity.plan.evidence import EVIDENCE_BY
from t2v_capacity.plan.verdict import FITS_BY, LATE_BY, LIMITED_BY, Verdict, below_limit, limit_refused
from t2v_capacity.scenario.load import PRICES, with_flags
from t2v_capacity.scenario.settings import Scenario

# The figures that advice shows for a change, and those that judge it.
ADVISED = ("gpus", "latency_p95", "cost_per_month")
TRIED = tuple(dict.fromkeys((*ADVISED, "cost_per_video", "fleet_power", *FITS_BY, *LATE_BY, *EVIDENCE_BY)))
_ENDLESS = "pinned values leave a figure without a finite value"


class FlagChange(NamedTuple):
    """Settings as a person would type them, each a name and a text: `(("runtime", "engine"),)`."""

    settings: tuple[tuple[str, str], ...]

    @property
    def flags(self) -> Names:
        """The flags that every command takes: `("--set", "runtime=engine")`."""
        return tuple(part for text in self.sets for part in ("--set", text))

    @property
    def sets(self) -> list[str]:
        """The texts after `--set`."""
        return [f"{name}={text}" for name, text in self.settings]

    def __str__(self) -> str:
        """Return it as it is typed: `--runtime engine`."""
        # What takes a typed value away stands with it on one command line, so that it isn't the same flag again.
        return " ".join(f"--set {name}=null" if text == "null" else flagged(name, text) for name, text in self.settings)


def change(**settings: str) -> FlagChange:
    """Return the change of these settings.

    >>> change(runtime="engine", gpus_per_replica="2").flags
    ('--set', 'runtime=engine', '--set', 'gpus_per_replica=2')
    """
    return FlagChange(tuple(settings.items()))


class Trial(NamedTuple):
    """A change, and the figures of the estimate with its flags, or why it is refused.

    The figures are in base units, nan where they have no value.
    """

    change: FlagChange
    figures: Mapping[str, float]
    scenario: Scenario | None = None
    refused: str = ""
    known: Mapping[str, float] = {}
    """The plan's assumptions with it, and these figures"""

    @property
    def verdict(self) -> Verdict | None:
        """The verdict on the plan with it; none where it is refused."""
        if not self.scenario or not self.figures:
            return None
        return Verdict(self.scenario, self.known)


# Trials of one plan by their changes, since warnings, drivers and alternatives ask for the same ones.
Memo = MutableMapping[FlagChange, Trial]


def trials(
    scenario: Scenario, changes: Iterable[FlagChange], memo: Memo | None = None, figures: Sequence[str] = ()
) -> Iterator[Trial]:
    """Yield each change with its result; apply none before it is asked for, and none of the memo again.

    >>> from t2v_capacity.scenario.load import load_scenario
    >>> changes = [change(dau="200M"), change(dau="zebra")]
    >>> tried = trials(load_scenario("scenarios/lesson.yaml"), changes, figures=["trps"])
    >>> [trial.figures.get("trps") or trial.refused for trial in tried]
    [23148.14814814815, '`dau`: `zebra` is not a number; example: 10M']
    """
    tried = {} if memo is None else memo
    for flags in changes:
        priced = at_own_prices(scenario, flags)
        if priced not in tried:
            (tried[priced],) = trials_over(scenario, priced, [(priced, {})], figures)
        yield tried[priced]


def at_own_prices(scenario: Scenario, flags: FlagChange) -> FlagChange:
    """Return a change of the GPU with the prices taken away that were typed for the plan's own.

    On one command line they would be the other GPU's.
    """
    settings = dict(flags.settings)
    if settings.get("gpu", own := scenario.choices["gpu"].value) == own:
        return flags
    typed = [name for name in PRICES if scenario.settings[name].origin.kind == "flag" and name not in settings]
    return FlagChange((*flags.settings, *((name, "null") for name in typed)))


def trials_over(
    scenario: Scenario,
    flags: FlagChange,
    cells: Sequence[tuple[FlagChange, dict[str, float]]],
    figures: Sequence[str] = (),
) -> Iterator[Trial]:
    """Yield the trials of changes that have these flags, and over them the values of a cell each.

    Each cell is the whole change and its values by name. The flags are applied once for all cells. So the scenario of
    a trial doesn't have the values of its cell; its figures do.
    """
    wanted = tuple(dict.fromkeys((*TRIED, *figures, *LIMITED_BY)))
    names = dict.fromkeys(name for _change, values in cells for name in values)
    try:
        changed = with_flags(scenario, flags.sets)
        known = changed.values()
        compute = cells_of(changed, names, wanted, known)
    except Mistakes as error:
        yield from (Trial(whole, {}, refused=error.mistakes[0].message) for whole, _values in cells)
    except (ArithmeticError, ValueError):
        yield from (Trial(whole, {}, refused=_ENDLESS) for whole, _values in cells)
    else:
        yield from (_trial_of(whole, changed, known, values, compute) for whole, values in cells)


def _trial_of(
    change: FlagChange, changed: Scenario, known: Mapping[str, float], values: dict[str, float], compute: Compute
) -> Trial:
    """Return the trial of a cell: these values over the known ones of the changed plan."""
    try:
        figures = {**values, **compute(values)}
    except (ArithmeticError, ValueError):
        return Trial(change, {}, refused=_ENDLESS)
    known = {**known, **figures}
    if below_limit(known):
        return Trial(change, {}, changed, limit_refused(known))
    if any(map(math.isinf, figures.values())):
        return Trial(change, {}, changed, _ENDLESS)
    return Trial(change, figures, changed, known=known)
