"""`t2v-cap diff`: what changed between two scenarios, why, and whether it may."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

import typer

from t2v_capacity.commands.app import GATE
from t2v_capacity.commands.flags import Catalogues, Pins, ScenarioCommand, Sets, check_paths
from t2v_capacity.commands.output import All, Format, NoColor, Output, check_format, on_terminal, write
from t2v_capacity.errors import Mistake, UserError, collected, printable, quote
from t2v_capacity.files.revisions import at
from t2v_capacity.questions.change.diff import Difference
from t2v_capacity.questions.change.judge import BOTH, Asked, Judged, Verdict, check_source, judged
from t2v_capacity.questions.change.sides import Side, opened, read_side
from t2v_capacity.questions.change.why import Why, refusal, why
from t2v_capacity.questions.review.gates import read_gates
from t2v_capacity.vocabulary.names import figures_in

app = typer.Typer(rich_markup_mode=None)

FailOn = Annotated[list[str] | None, typer.Option("--fail-on", metavar="GATE", help="End with 3 where this holds: gpus > +10% and > +50.")]
WarnOn = Annotated[list[str] | None, typer.Option("--warn-on", metavar="GATE", help="Warn where this holds.")]
GatesFile = Annotated[str | None, typer.Option("--gates", metavar="FILE", help="Read gates from a file: fail_on and warn_on.")]
GatesFrom = Annotated[
    str, typer.Option("--gates-from", metavar="SIDE", help="Whose gates and budgets count: those of the base, the head or both.")
]
WhyOf = Annotated[list[str] | None, typer.Option("--why", metavar="FIGURE", help="Split the figure's change over what was changed.")]
# What a comment explains, asked or not, where it changed; and how many figures of gates it explains at most.
_EXPLAINED, _MOST_EXPLAINED = ("gpus", "cost_per_month"), 6


Plans = Annotated[
    list[str],
    typer.Argument(
        metavar="BASE [HEAD]",
        help="The plan before: a scenario, one of a git revision, or a saved estimate; and the plan after. Of one plan, flags make the other.",
    ),
]


@app.command("diff", cls=ScenarioCommand)
def command(
    plans: Plans,
    sets: Sets = None,
    pins: Pins = None,
    catalogues: Catalogues = None,
    fail_on: FailOn = None,
    warn_on: WarnOn = None,
    gates_file: GatesFile = None,
    gates_from: GatesFrom = BOTH,
    why_of: WhyOf = None,
    against_revision: Annotated[
        str | None,
        typer.Option("--against", metavar="REV", help="Hold every scenario of paths against the merge base of a revision and HEAD."),
    ] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 3 where anything changed.")] = False,
    form: Format = "table",
    output: Output = None,
    everything: All = False,
    no_color: NoColor = False,
) -> None:
    """Show what changed between two plans: assumptions, figures and warnings; why; and whether it may.

    A gate is a change that must not happen: `gpus > +10% and > +50`, `cost_per_month > +20K USD`, `gpus > 5000` (the head's value),
    `group:money > +5%`, `new-warnings`, `warning:memory-does-not-fit`. From 0 or nothing any change is infinite in proportion.

    Flags of assumptions and choices are laid on both plans; with one plan, on its copy, which is the plan after.

    \b
    Examples:
      t2v-cap diff scenarios/mochi.yaml --dau 200M --why gpus
      t2v-cap diff scenarios/mochi.yaml scenarios/mochi-bf16.yaml
      t2v-cap diff main:scenarios/mochi.yaml scenarios/mochi.yaml --why gpus
      t2v-cap diff main:plan.yaml plan.yaml --fail-on 'gpus > +10% and > +50'
      t2v-cap diff --against origin/main scenarios --format markdown
      t2v-cap diff plan.json plan.yaml --fail-on new-warnings --format markdown
      t2v-cap diff old.yaml new.yaml --exit-code --dau 200e6
    """
    if against_revision is not None:
        from t2v_capacity.commands.diff_against import compare_request

        rules = Asked(fail_on or (), warn_on or (), gates_file, gates_file, check_source(gates_from))
        flags = sets or (), pins or (), catalogues or ()
        compare_request(against_revision, plans, rules, flags, form, output, exit_code=exit_code, color=not no_color)
        return
    check_format(form, ("table", "json", "markdown", "csv"))
    rules = Asked(fail_on or (), warn_on or (), gates_file, gates_file, check_source(gates_from))
    found, asked = _read(plans, sets, pins, catalogues, rules, why_of)
    whys = {figure: why(found.difference, figure) for figure in asked}
    write_difference(found, whys, form, output, everything=everything, color=not no_color)
    tell(found, whys, form)
    if found.fails or (exit_code and not found.unchanged):
        raise typer.Exit(GATE)


def write_difference(found: Judged, whys: Mapping[str, Why], form: str, output: str | None, *, everything: bool, color: bool) -> None:
    """Write a diff in the format asked for; only what that needs is imported."""
    from t2v_capacity.reports.answers.diff import difference_document, difference_report

    if form == "json":
        from t2v_capacity.reports.forms.data import as_json

        write(as_json(difference_document(found, whys)), output)
    elif form == "csv":
        from t2v_capacity.reports.forms.data import as_csv

        keys = ("base", "head", "change", "relative_change", "unit", "label")
        figures = difference_document(found)["figures"]
        tools = found.difference.base.tool, found.difference.head.tool
        rows = [(name, *(figure[key] for key in keys)) for name, figure in figures.items()]
        rows += [] if tools[0] == tools[1] else [("tool", *tools, None, None, "", "What computed the two sides")]
        write(as_csv(("figure", *keys), rows), output)
    elif form == "markdown":
        from t2v_capacity.reports.answers.diff_comment import comment

        write(comment(found, explained(found, whys), everything=everything), output)
    elif on_terminal(output):
        from t2v_capacity.reports.forms.terminal import show

        show(difference_report(found, everything=everything, whys=whys), color=color)
    else:
        from t2v_capacity.reports.forms.text import plain

        write(plain(difference_report(found, everything=everything, whys=whys)), output)


def explained(found: Judged, whys: Mapping[str, Why]) -> dict[str, Why]:
    """Return what a comment explains: what was asked, the figures of the gates, the tripped ones first, the fleet and the bill."""
    difference = found.difference
    if refusal(difference):
        return dict(whys)
    gated = [verdict.gate.figure for verdict in sorted(found.verdicts, key=lambda verdict: verdict.passed)]
    wanted = [figure for figure in dict.fromkeys(gated) if figure in difference.figures][:_MOST_EXPLAINED]
    wanted += [figure for figure in _EXPLAINED if figure in difference.figures]
    return {**whys, **{figure: why(difference, figure) for figure in dict.fromkeys(wanted) if figure not in whys}}


def tell(found: Judged, whys: Mapping[str, Why], form: str, before: str = "") -> None:
    """Say on standard error which gates and budgets trip, each line after what it is about; and what data has no place for."""
    from t2v_capacity.reports.answers.diff import broken_lines, tripped_lines, why_note

    difference = found.difference
    lines = list(difference.notes) if form in ("json", "csv") else []
    lines += [why_note(w) for w in whys.values() if (form == "csv" or w.reason) and form in ("json", "csv")]
    known = dict(whys)
    for verdict in found.verdicts:
        if not verdict.passed:
            of = _driven(verdict, difference)
            if of and of not in known:
                known[of] = why(difference, of)
            lines += tripped_lines(verdict, difference, known.get(of))
    lines += broken_lines(found)
    if lines:
        sys.stderr.write("".join(f"{printable(before + line)}\n" for line in lines))


def _driven(verdict: Verdict, found: Difference) -> str:
    """Return the figure whose change stands behind a tripped gate: its own, or one that the warning is about."""
    return next((name for name in (verdict.gate.figure, *verdict.names) if name in found.figures), "")


def _read(
    paths: list[str],
    sets: list[str] | None,
    pins: list[str] | None,
    catalogues: list[str] | None,
    rules: Asked,
    why_of: list[str] | None,
) -> tuple[Judged, tuple[str, ...]]:
    """Return the difference, judged, and the figures asked about; raise UserError with the mistakes of all that was given."""
    changes = _check_plans(paths, sets, pins)
    sides: list[Side] = []
    mistakes: list[Mistake] = []
    figures: tuple[str, ...] = ()
    with collected(mistakes):
        sides = _sides(paths, sets, pins, catalogues, changes)
    found = None
    with collected(mistakes):
        if sides:
            found = judged(sides[0], sides[1], replace(rules, base_file=at(rules.base_file, paths[0])))
        else:
            read_gates(rules.fail_on, rules.warn_on, rules.head_file)
    with collected(mistakes):
        figures = figures_in(why_of or (), "a change is split", "--why")
    if mistakes or found is None:
        raise UserError(mistakes)
    if figures and (reason := refusal(found.difference)):
        raise UserError(f"`--why {figures[0]}`: {reason}")
    return found, figures


def _check_plans(paths: list[str], sets: list[str] | None, pins: list[str] | None) -> list[str]:
    """Return what the flags change where there is one plan, as they are written; raise UserError where there is nothing to compare."""
    check_paths(paths)
    if len(paths) > 2:  # noqa: PLR2004
        raise UserError(f"{len(paths)} plans: name the one before and the one after")
    if len(paths) == 2:  # noqa: PLR2004
        return []
    changes = [f"--{name.replace('_', '-')} {value}" for name, _equals, value in (text.partition("=") for text in sets or ())]
    changes += [f"--pin {text}" for text in pins or ()]
    if not changes:
        fixes = f"name the plan after too, `t2v-cap diff {paths[0]} HEAD`, or what changes in it, `t2v-cap diff {paths[0]} --dau 200M`"
        raise UserError(f"there is nothing to compare {quote(paths[0])} with: {fixes}")
    return changes


def _sides(
    paths: list[str], sets: list[str] | None, pins: list[str] | None, catalogues: list[str] | None, changes: list[str]
) -> list[Side]:
    """Return the two plans, the flags laid on both; of one plan, on the second alone. Raise UserError with the mistakes of both."""
    mistakes: list[Mistake] = []
    sides: list[Side] = []
    for path in paths:
        with collected(mistakes):
            file = opened(path)
            own = [at(catalogue, path) or catalogue for catalogue in catalogues or ()]
            if changes:
                sides.append(read_side(file, (), (), own))
            sides.append(read_side(file, sets or (), pins or (), own))
    if mistakes:
        raise UserError(mistakes)
    if changes:
        sides[-1] = replace(sides[-1], shown=" ".join([sides[-1].shown, *changes]))
    return sides
