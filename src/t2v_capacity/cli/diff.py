"""`t2v-cap diff`: compare two scenarios: changes, causes, gates."""

from collections.abc import Sequence
from typing import Annotated

from t2v_capacity.api import ask
from t2v_capacity.assumptions.parts import flagged
from t2v_capacity.cli.app import GATE
from t2v_capacity.cli.command_options import FORMS_OF_CHECKS, shown_in
from t2v_capacity.cli.flags import Catalogues, Pins, Sets, argument, check_paths, list_option, option
from t2v_capacity.errors import Mistakes, collected, gathered, quote
from t2v_capacity.files.document import STANDARD_INPUT
from t2v_capacity.files.revisions import file_named
from t2v_capacity.forms.answer import AnyAnswer
from t2v_capacity.questions.change.diff import SharedFlags, Side, changed_side, read_side
from t2v_capacity.questions.change.judge import BASE, GateOptions, check_source


@shown_in(FORMS_OF_CHECKS)
def command(
    plans: Annotated[
        list[str],
        argument(
            (
                "The plan before and the plan after: scenarios, or those of git revisions. "
                "With one plan, flags make the second."
            ),
            "BASE [HEAD]",
        ),
    ],
    *,
    sets: Sets,
    pins: Pins,
    catalogues: Catalogues,
    fail_on: Annotated[
        list[str], list_option("End with 3 where this holds: gpus > +10% and > +50.", "--fail-on", "GATE")
    ],
    warn_on: Annotated[list[str], list_option("Warn where this holds.", "--warn-on", "GATE")],
    gates_file: Annotated[str | None, option("Read gates from a file: fail_on and warn_on.", "--gates", "FILE")] = None,
    gates_from: Annotated[str, option("The side whose rules apply.", "--gates-from", "base|head")] = BASE,
    why_of: Annotated[list[str], list_option("Split the figure's change by cause.", "--why", "FIGURE")],
    against_revision: Annotated[
        str | None,
        option("Compare with the merge base of HEAD and REV.", "--against", "REV"),
    ] = None,
    total: Annotated[bool, option("Add up all scenarios of each side.", "--total")] = False,
    exit_code: Annotated[bool, option("Exit with 3 if anything changed.", "--exit-code")] = False,
) -> AnyAnswer:
    """Compare two plans: changes, causes, gates.

    A gate is a change that must not happen: `gpus > +10% and > +50`, `cost_per_month > +20K USD`, `gpus > 5000` (the
    head's value), `p95(gpus) > +10%`, `total(gpus) > +10%` (of all scenarios), `new-warnings`,
    `warning:memory-does-not-fit`. Any change from 0 or from no value is an infinite percentage.

    \b
    Examples:
      t2v-cap diff scenarios/mochi.yaml --dau 200M --why gpus
      t2v-cap diff scenarios/mochi.yaml scenarios/mochi-bf16.yaml
      t2v-cap diff main:plan.yaml plan.yaml --fail-on 'gpus > +10% and > +50'
      t2v-cap diff --against origin/main scenarios --format markdown
      t2v-cap diff --against origin/main scenarios --format github
    """
    flags = SharedFlags(sets, pins, catalogues)
    asked = GateOptions(fail_on, warn_on, gates_file, check_source(gates_from), total)
    if against_revision is None:
        changes = _check_plans(plans, flags)
        answer: AnyAnswer = ask.diff_of(_sides(plans, flags, changes), asked, why_of)
    elif STANDARD_INPUT in plans:
        raise Mistakes("`--against` compares files of a repository; standard input is none")
    else:
        answer = ask.diff_against(against_revision, plans, asked, flags)
    answer.code = answer.code or (GATE if exit_code and not answer.found.unchanged else 0)
    return answer


def _check_plans(paths: Sequence[str], flags: SharedFlags) -> list[str]:
    """Return the flags' changes as written, if there is one plan. Raise Mistakes if there is nothing to compare."""
    check_paths(paths)
    if len(paths) > 2:  # noqa: PLR2004
        raise Mistakes(f"{len(paths)} plans: name the one before and the one after")
    if len(paths) == 2:  # noqa: PLR2004
        return []
    changes = [flagged(name, text) for name, _equals, text in (flag.partition("=") for flag in flags.sets)]
    changes += [f"--pin {text}" for text in flags.pins]
    if not changes:
        fixes = (
            f"name the plan after too, `t2v-cap diff {paths[0]} HEAD`, "
            f"or what changes in it, `t2v-cap diff {paths[0]} --dau 200M`"
        )
        raise Mistakes(f"there is nothing to compare {quote(paths[0])} with: {fixes}")
    return changes


def _sides(paths: Sequence[str], flags: SharedFlags, changes: Sequence[str]) -> list[Side]:
    """Return the two plans with the flags applied to both, or to the second alone if there is one plan.

    Raise Mistakes with the mistakes of both.
    """
    shared = flags._replace(sets=(), pins=()) if changes else flags
    sides: list[Side] = []
    with gathered() as mistakes:
        for path in paths:
            with collected(mistakes):
                sides.append(read_side(file_named(path), shared))
                if changes:
                    sides.append(changed_side(sides[0], flags, changes))
    return sides
