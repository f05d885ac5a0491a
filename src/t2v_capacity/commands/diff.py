"""`t2v-cap diff`: what changed between two scenarios, why, and whether it may."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from t2v_capacity.commands.app import GATE
from t2v_capacity.commands.flags import Catalogues, Pins, ScenarioCommand, Sets, check_paths, scenario_of
from t2v_capacity.commands.output import All, Format, NoColor, Output, check_format, on_terminal, write
from t2v_capacity.document import Elsewhere
from t2v_capacity.errors import Mistake, UserError, collected, printable, quote
from t2v_capacity.questions.diff import Difference, Side, diff, side
from t2v_capacity.questions.estimate import estimate
from t2v_capacity.questions.gates import Gate, read_gates
from t2v_capacity.questions.verdicts import Verdict, failed, judge
from t2v_capacity.questions.why import Why, check_names, refusal, why
from t2v_capacity.revisions import Committed, opened, shown, stem

if TYPE_CHECKING:
    from t2v_capacity.document import Node

app = typer.Typer(rich_markup_mode=None)

FailOn = Annotated[list[str] | None, typer.Option("--fail-on", metavar="GATE", help="End with 3 where this holds: gpus > +10% and > +50.")]
WarnOn = Annotated[list[str] | None, typer.Option("--warn-on", metavar="GATE", help="Warn where this holds.")]
GatesFile = Annotated[str | None, typer.Option("--gates", metavar="FILE", help="Read gates from a file: fail_on and warn_on.")]
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
    why_of: WhyOf = None,
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
      t2v-cap diff plan.json plan.yaml --fail-on new-warnings --format markdown
      t2v-cap diff old.yaml new.yaml --exit-code --dau 200e6
    """
    check_format(form, ("table", "json", "markdown", "csv"))
    found, gates, asked = _read(plans, sets, pins, catalogues, (fail_on, warn_on, gates_file, why_of))
    verdicts = judge(gates, found)
    whys = {figure: why(found, figure) for figure in asked}
    write_difference(found, verdicts, whys, form, output, everything=everything, color=not no_color)
    _tell(found, verdicts, whys, form)
    if failed(verdicts) or (exit_code and not found.empty):
        raise typer.Exit(GATE)


def write_difference(
    found: Difference,
    verdicts: tuple[Verdict, ...],
    whys: Mapping[str, Why],
    form: str,
    output: str | None,
    *,
    everything: bool,
    color: bool,
) -> None:
    """Write a diff in the format asked for; only what that needs is imported."""
    from t2v_capacity.reports.difference import difference_document, difference_report

    if form == "json":
        from t2v_capacity.reports.data import as_json

        write(as_json(difference_document(found, verdicts, whys)), output)
    elif form == "csv":
        from t2v_capacity.reports.data import as_csv

        keys = ("base", "head", "change", "relative_change", "unit", "label")
        figures = difference_document(found)["figures"]
        tools = found.base.tool, found.head.tool
        rows = [(name, *(figure[key] for key in keys)) for name, figure in figures.items()]
        rows += [] if tools[0] == tools[1] else [("tool", *tools, None, None, "", "What computed the two sides")]
        write(as_csv(("figure", *keys), rows), output)
    elif form == "markdown":
        from t2v_capacity.reports.comment import comment

        more = {figure: why(found, figure) for figure in _explained(found, verdicts) if figure not in whys}
        write(comment(found, verdicts, {**whys, **more}, everything=everything), output)
    elif on_terminal(output):
        from t2v_capacity.reports.terminal import show

        show(difference_report(found, everything=everything, verdicts=verdicts, whys=whys), color=color)
    else:
        from t2v_capacity.reports.text import plain

        write(plain(difference_report(found, everything=everything, verdicts=verdicts, whys=whys)), output)


def _explained(found: Difference, verdicts: tuple[Verdict, ...]) -> list[str]:
    """Return the figures whose change a comment explains: those of the gates, the tripped ones first, the fleet and the bill."""
    if refusal(found):
        return []
    gated = [verdict.gate.figure for verdict in sorted(verdicts, key=lambda verdict: verdict.passed)]
    wanted = [figure for figure in dict.fromkeys(gated) if figure in found.figures][:_MOST_EXPLAINED]
    return list(dict.fromkeys([*wanted, *(figure for figure in _EXPLAINED if figure in found.figures)]))


def _tell(found: Difference, verdicts: tuple[Verdict, ...], whys: Mapping[str, Why], form: str) -> None:
    """Say on standard error which gates tripped; and what data has no place for."""
    from t2v_capacity.reports.difference import tripped_lines, why_note

    lines = list(found.notes) if form in ("json", "csv") else []
    lines += [why_note(w) for w in whys.values() if (form == "csv" or w.reason) and form in ("json", "csv")]
    known = dict(whys)
    for verdict in verdicts:
        if not verdict.passed:
            of = _driven(verdict, found)
            if of and of not in known:
                known[of] = why(found, of)
            lines += tripped_lines(verdict, found, known.get(of))
    if lines:
        sys.stderr.write("".join(f"{printable(line)}\n" for line in lines))


def _driven(verdict: Verdict, found: Difference) -> str:
    """Return the figure whose change stands behind a tripped gate: its own, or one that the warning is about."""
    return next((name for name in (verdict.gate.figure, *verdict.names) if name in found.figures), "")


def _read(
    paths: list[str],
    sets: list[str] | None,
    pins: list[str] | None,
    catalogues: list[str] | None,
    asked: tuple[list[str] | None, list[str] | None, str | None, list[str] | None],
) -> tuple[Difference, tuple[Gate, ...], tuple[str, ...]]:
    """Return the difference, its gates, and the figures asked about; raise UserError with the mistakes of all that was given."""
    changes = _check_plans(paths, sets, pins)
    fail_on, warn_on, gates_file, why_of = asked
    sides: list[Side] = []
    mistakes: list[Mistake] = []
    gates: tuple[Gate, ...] = ()
    figures: tuple[str, ...] = ()
    with collected(mistakes):
        sides = _sides(paths, sets, pins, catalogues, changes)
    written: Node | None = sides[-1].gates if sides else None
    with collected(mistakes):
        gates = read_gates(fail_on or (), warn_on or (), gates_file, written)
    with collected(mistakes):
        figures = check_names(why_of or ())
    if mistakes:
        raise UserError(mistakes)
    found = diff(*sides)
    if figures and (reason := refusal(found)):
        raise UserError(f"`--why {figures[0]}`: {reason}")
    return found, gates, figures


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
            if changes:
                sides.append(_side(file, None, None, catalogues))
            sides.append(_side(file, sets, pins, catalogues))
    if mistakes:
        raise UserError(mistakes)
    if changes:
        sides[-1] = replace(sides[-1], shown=" ".join([sides[-1].shown, *changes]))
    return sides


def _side(file: Elsewhere | Side, sets: list[str] | None, pins: list[str] | None, catalogues: list[str] | None) -> Side:
    """Return one of the two plans."""
    if isinstance(file, Side):
        if sets or pins or catalogues:
            option = "--set" if sets else "--pin" if pins else "--catalogue"
            raise UserError(f"`{option}` can't change {file.shown}, which is a saved estimate; name its scenario")
        return file
    plan = side(estimate(scenario_of(file, sets, pins, catalogues, None, judges=True)))
    assert plan.scenario is not None
    own = any("name" in layer.about for layer in plan.scenario.layers)
    plan = replace(plan, name=plan.name if own else stem(file), shown=shown(file))
    return replace(plan, file=file.inside, revision=file.commit) if isinstance(file, Committed) else plan
