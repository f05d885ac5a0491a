"""The register of warnings: for each its code, its names, when it is due, and the function that writes it."""

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from t2v_capacity.engine.figures import Known, Names, Number, parameters_of
from t2v_capacity.plan.tree import views_of
from t2v_capacity.scenario.flags import command_words
from t2v_capacity.scenario.settings import PlanWarning, Scenario

Test = Callable[[Known], Number]
# A value within this part of its limit has not crossed it: both are rounded.
ROUNDING_ERROR = 1e-9


@dataclass(eq=False, repr=False)
class Case:
    """A plan that may be warned of: its values, and what was tried of it."""

    scenario: Scenario
    known: Known
    notes: bool
    whole_scenario: Scenario  # the whole plan if this is a part; trials apply the parts again
    whole_known: Known

    def __getitem__(self, name: str) -> Number:
        """Return an assumption or a figure."""
        return self.known[name]

    @property
    def to_simulate(self) -> str:
        """The command that simulates the plan's days."""
        return f"{shlex.join(command_words(self.scenario, 'estimate'))} --only waiting"


class Text(NamedTuple):
    """A warning's text, with the names and the severity that it has of this plan alone."""

    message: str
    names: Names = ()
    severity: str = ""


# A text about the names of the register, or none where it is empty; or texts with names of their own.
Writer = Callable[[Case], str | Iterable[Text]]


class Warned(NamedTuple):
    """An entry of the register.

    `due` is a test of a plan or a cell. Its parameters are named as the assumptions and figures that it takes. If it
    takes all `known` ones, `by` names those that it asks for. If it takes the `scenario`, it returns the test in that,
    or none. Without `due` the writer decides. A warning `of` a "clip" is asked of each part of a mix; one `of` a
    "stage", of each stage.
    """

    code: str
    names: Names
    write: Writer
    due: Callable[..., Any] | None = None
    by: Names = ()
    of: str = "plan"
    severity: str = "warning"

    def test(self, scenario: Scenario) -> Test | None:
        """Return its test in a scenario; none if it can't be due there, or no numbers decide it."""
        if not self.due:
            return None
        due, taken = self.due, parameters_of(self.due)
        if taken == ("scenario",):
            due = due(scenario)
        elif taken != ("known",):
            return lambda known: due(*[known[name] for name in taken])
        return due

    def warnings(self, scenario: Scenario, known: Known, *, notes: bool) -> Iterator[PlanWarning]:
        """Yield the warnings of a plan, or of each part of a mix or stage, which they then name."""
        for view in views_of(scenario, known, self.of):
            test = self.test(view.scenario)
            if not (test(view.known) if test else not self.due):
                continue
            texts = self.write(Case(view.scenario, view.known, notes, scenario, known))
            if isinstance(texts, str):
                texts = [Text(texts)] if texts else ()
            for text, names, severity in texts:
                message = f"{view.name}: {text}" if view.part else text
                about = tuple(map(view.of, names or self.names))
                yield PlanWarning(self.code, message, about, severity or self.severity, view.name)


REGISTER = dict[str, Warned]()


def warning(
    code: str, names: str = "", due: Callable[..., Any] | None = None, **about: Any
) -> Callable[[Writer], Writer]:
    """Register the function that writes a warning about these names; the function itself is returned untouched."""

    def register(write: Writer) -> Writer:
        REGISTER[code] = Warned(code, tuple(names.split()), write, due, **about)
        return write

    return register


note = partial(warning, severity="info")


def any_of(tests: Callable[[Known], Mapping[Any, Number]]) -> Test:
    """Return the test of whether any of a function's tests holds."""
    return lambda known: any(tests(known).values())
