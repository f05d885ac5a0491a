"""A plan as a section of a design document: what a planner pastes, from the answer to the command that makes it again."""

from collections.abc import Iterable, Iterator, Mapping

from t2v_capacity.answers.estimate_report import seconds_of_clip
from t2v_capacity.answers.estimate_screen import screen
from t2v_capacity.answers.explain import explanation_lines
from t2v_capacity.assumptions.choices import ACCELERATIONS
from t2v_capacity.assumptions.parts import known_of, plain_name
from t2v_capacity.assumptions.quantities import Range
from t2v_capacity.engine.figures import FIGURES, ancestors
from t2v_capacity.forms.report import Column, Table, conventions
from t2v_capacity.forms.text import linked, linked_item, markdown_table
from t2v_capacity.forms.values import show_ends, show_value
from t2v_capacity.handover.reproduce import command_line
from t2v_capacity.plan.drivers import HEADLINE
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.swings import DECIDED, Effect, Input, effects
from t2v_capacity.questions.estimate import PlanRecord
from t2v_capacity.questions.explain import Explained, explain
from t2v_capacity.scenario.settings import Origin, Scenario, Setting

_LEVELS = 2  # of inputs of a formula
_NAMES = 4  # named per source; the rest are counted
# The figures that assumptions decide, and their headings.
_DECIDED = dict(zip(DECIDED, ("GPUs", "cost", "storage"), strict=True))


def brief(plan: Estimate, file: str = "plan.md") -> str:
    """Return a plan as markdown; `file` is what it is written to.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> brief(estimate(load_scenario("scenarios/mochi.yaml"))).splitlines()[0]
    "## Capacity plan: Mochi 1 at the lesson's scale"
    """
    scenario = plan.scenario
    deciding = effects(plan.uncertain, plan.known, [*scenario.settings, *scenario.pins, *scenario.of_parts()])
    sources = _sources(plan, deciding)
    lines = [
        *(f"## Capacity plan: {linked(scenario.name)}", ""),
        *("### The answer", "", *_answer(plan)),
        *("### The assumptions that decide", "", *_assumptions(plan, deciding, list(sources))),
        *("### The formulas, with numbers", "", *_formulas(plan)),
        *("### Sources", "", *_source_lines(sources)),
        *("### What is left out", "", *_left_out(plan)),
        *("### The command that makes this again", "", "```sh", command_line(plan, file), "```", ""),
        f"<sub>{linked(conventions(plan.values['days_per_month'], scenario.as_of))}</sub>",
    ]
    return "\n".join(lines) + "\n"


def _answer(plan: Estimate) -> Iterator[str]:
    """Yield the first screen of the plan."""
    shown = screen(PlanRecord(plan), None, aligned=False)
    for text in filter(None, (plan.scenario.description, shown.subtitle, *shown.alerts, *shown.lead)):
        yield from (linked(text), "")
    for one in shown.tables:
        yield from (f"**{linked(one.title)}**", "") if one.title else ()
        yield from markdown_table(one, linked)
    for text in shown.paragraphs:
        yield from (linked(text), "")


def _pinned(plan: Estimate, name: str, shown: str) -> str:
    return f"{shown}, pinned" if name in plan.scenario.pins else shown


def _assumptions(plan: Estimate, deciding: Iterable[Effect], sources: list[str]) -> Iterator[str]:
    """Yield the assumptions that decide as a table, and the choices."""
    rows = tuple(
        (
            known.label if (known := known_of(name)) else FIGURES[plain_name(name)].label,
            name,
            _value(plan, name, setting),
            *(_moved(inputs.get(figure), plan.figures[figure]) for figure in _DECIDED),
            _from(plan.scenario, setting, sources),
        )
        for name, setting, inputs, _largest in deciding
    )
    columns = (
        Column("assumption"),
        Column("name"),
        Column("value", number=True),
        *(Column(heading, number=True) for heading in _DECIDED.values()),
    )
    yield (
        f"Each is moved by itself: over its range, or by 10% down and up (a count by at least 1). The columns give the effect on the {' and the '.join(_DECIDED.values())}. "
        "Not listed: inputs that move none of the three by half as much as they move themselves, properties of the model and the GPU (its price too), and "
        f"neutral inputs. Lines are those of {linked(plan.scenario.file)}."
    )
    yield ""
    yield from markdown_table(Table((*columns, Column("from [source]")), (("", rows),)), linked)
    choices = plan.scenario.choices.items()
    chosen = [f"{name} {setting.value} ({_origin(plan.scenario, setting.origin)})" for name, setting in choices if setting.origin.by_hand]
    implied = [f"{name} {setting.value}" for name, setting in choices if not setting.origin.by_hand]
    yield f"Chosen: {linked(', '.join(chosen) or 'nothing')}. Implied or by default: {linked(', '.join(implied) or 'nothing')}."
    yield ""


def _value(plan: Estimate, name: str, setting: Setting) -> str:
    """Return the value that was computed with, and its range or that it is pinned."""
    known = plan.figures[name] if name in FIGURES else plan.values[name]
    shown = _pinned(plan, name, show_value(name, known))
    if not isinstance(setting.value, Range):
        return shown
    return f"{shown}, from {show_ends(name, setting.value.low, setting.value.high)}"


def _origin(scenario: Scenario, origin: Origin) -> str:
    """Return where a value came from, in a word or two: the scenario's file and the chosen entries are named once already."""
    if origin.place and origin.place.line and origin.place.file == scenario.file:
        return f"line {origin.place.line}"
    return "catalogue" if origin.kind == "catalogue" else str(origin)


def _from(scenario: Scenario, setting: Setting, sources: list[str]) -> str:
    number = f" [{sources.index(setting.source) + 1}]" if setting.source in sources else ""
    return f"{_origin(scenario, setting.origin)}{number}"


def _formulas(plan: Estimate) -> Iterator[str]:
    """Yield what the decided figures follow from, as `explain` shows it, and where the seconds of a clip go."""
    for name in _DECIDED:
        found = explain(plan, name, _LEVELS)
        assert isinstance(found, Explained)
        yield from ("```text", *explanation_lines(plan, found.shown), "```", "")
    if "gpu_seconds_per_video" not in plan.scenario.pins:
        yield from markdown_table(seconds_of_clip(plan), linked)


def _moved(one: Input | None, value: float | None) -> str:
    """Return the change of a figure at both ends, in percent; nothing if it does not move."""
    if one is None or not value:
        return ""
    ends = ["none" if end is None else f"{round(100 * (end / value - 1)) + 0:+d}%" for end in (one.at_low, one.at_high)]
    return "" if ends == ["+0%", "+0%"] else " to ".join(ends)


def _sources(plan: Estimate, deciding: Iterable[Effect]) -> dict[str, list[str]]:
    """Return the sources and what rests on each: of what decides, of what was pinned or set by hand, of the model and the GPU."""
    scenario = plan.scenario
    behind = ancestors(HEADLINE, stop=scenario.pins)
    entries = [scenario.choices[name].value for name in ("model", "gpu")]
    entries += [f"{entries[0]}/{scenario.choices[name].value}" for name in ACCELERATIONS]
    decisive = [(effect.name, effect.setting) for effect in deciding]
    pinned = list(scenario.pins.items())
    given = [(name, setting) for name, setting in scenario.settings.items() if setting.origin.by_hand]
    supplied = [(n, s) for n, s in scenario.settings.items() if s.origin.kind == "catalogue" and s.origin.entry in entries and n in behind]
    found: dict[str, list[str]] = {}
    for name, setting in dict([*decisive, *pinned, *given, *supplied]).items():
        if setting.source.strip() and not setting.neutral:
            found.setdefault(setting.source, []).append(name)
    return found


def _source_lines(sources: Mapping[str, list[str]]) -> Iterator[str]:
    for number, (source, names) in enumerate(sources.items(), 1):
        more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
        yield f"{number}. {linked_item(source)} ({linked(', '.join(names[:_NAMES]))}{more})"
    yield from [""] if sources else ()
    yield "`t2v-cap estimate --all` names those of all other inputs."
    yield ""


def _left_out(plan: Estimate) -> Iterator[str]:
    """Yield the limits of the model."""
    rule = show_value("rule_of_thumb_gpus", plan.figures["rule_of_thumb_gpus"])
    yield (
        f"- The rule of thumb, {rule}, is not for buying: it counts one token a frame, one pass a step, no attention, and the whole peak "
        "of a GPU."
    )
    yield "- Staff, training and the making of the hardware are not in the bill."
    yield ""
