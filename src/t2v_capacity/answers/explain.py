"""An explanation as a tree of text, and as data: of a figure, an assumption, a choice, or the code of a warning."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from typing_extensions import TypedDict

from t2v_capacity.answers.estimate_figures import arithmetic
from t2v_capacity.assumptions import ASSUMPTIONS, Assumption
from t2v_capacity.assumptions.assumption import GPU, MODEL, OPTION
from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.assumptions.names import plain
from t2v_capacity.assumptions.parts import MIX, SHARE, STAGES, named_of
from t2v_capacity.assumptions.quantities import SHOWN_AS, Range, digits, show
from t2v_capacity.engine.figures import Figure
from t2v_capacity.errors import count_of
from t2v_capacity.forms.answer import Answer, Page, fixed_answer
from t2v_capacity.forms.data import (
    ChoiceData,
    Head,
    OriginData,
    ScenarioData,
    SettingData,
    data,
    document,
    setting_data,
)
from t2v_capacity.forms.formula_text import in_names, place, reason, sentence
from t2v_capacity.forms.report import Report
from t2v_capacity.forms.values import show_value, shown_values
from t2v_capacity.formulas import FIGURES
from t2v_capacity.formulas.simulated import SIMULATED
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.glossary import Guide, meaning_of, readable_lines
from t2v_capacity.plan.gpu_waterfall import thumb_to_gpus
from t2v_capacity.questions.explain import Chosen, Explained, OfDays, Reason
from t2v_capacity.release import RELEASED
from t2v_capacity.scenario.settings import Scenario, Setting, point

_DIGITS, THUMB = 6, "rule_of_thumb_gpus"
# How a figure of a clip joins over the parts of a mix, in words.
_JOINS = {"mean": "mean by share of each part's", "max": "most of each part's", "min": "least of each part's"}
_STAGES = {"sum": "sum of each stage's", "max": "most of each stage's", "last": "that of the last stage"}


class FormulaData(TypedDict):
    """How a figure is computed."""

    names: str
    numbers: str
    place: str
    """File and line of the function"""


class ReasonData(TypedDict):
    """A figure or an assumption, and what it is computed from."""

    name: str
    value: float | None
    unit: str
    label: str
    pinned: bool
    formula: FormulaData | None
    """Null where the value is given"""
    origin: OriginData | None
    """Null where the value is computed"""
    source: str | None
    inputs: list["ReasonData"]


_Named = TypedDict("_Named", {"name": str, "label": str})


class ChosenData(_Named, ChoiceData):
    """A choice."""

    options: list[str]
    supplies: dict[str, SettingData]
    """The assumptions that have its values, where nothing else set them"""
    implies: dict[str, ChoiceData]
    """Other choices that follow from it"""


class GuideData(TypedDict):
    """The code of a warning."""

    code: str
    means: str
    """In markdown, as the two below"""
    example: str
    remedy: str
    told: list[str]
    """What the plan says with this code"""


class WordData(TypedDict):
    """A word of a screen, or the name of an option."""

    word: str
    means: str
    """In markdown"""


class ExplainDocument(Head):
    """What t2v-cap explain --format json writes."""

    scenario: ScenarioData | None
    """Null where a code is explained without a plan"""
    figure: ReasonData | None
    """Of a figure or an assumption"""
    choice: ChosenData | None
    warning: GuideData | None
    word: WordData | None


def explanation_lines(estimate: Estimate, root: Reason) -> list[str]:
    """Return the explanation as lines of a tree: formula in names, in numbers, the result, then its inputs."""
    shown, brief = shown_values(estimate.known, _DIGITS), shown_values(estimate.known, _DIGITS, brief=True)

    parts, (home, own) = estimate.parts, _inner(estimate)
    shares = {part.name: f"  (share {show_value(SHARE, part.share)})" for part in parts}

    def lines(node: Reason) -> list[str]:
        name = node.name
        if node.part:
            number = show_value(name, own[node.part][name], _DIGITS)
            return [f"{named_of(node.part, name, home)} = {number}{shares.get(node.part, '')}"]
        head = f"{name} = {shown[name]}"
        if node.repeat:
            return [f"{head}  (explained above)"]
        if node.deeper:
            return [f"{head}  ({count_of(node.deeper, 'input')} deeper)"]
        setting = estimate.scenario.pins.get(name) or estimate.scenario.settings.get(name)
        if setting and node is root and name in ASSUMPTIONS:
            return [head, *_about(name, estimate.scenario)]
        if setting:
            what = "pinned, " if name in estimate.scenario.pins else ""
            return [head, f"  {what}{_from_where(setting)}"]
        figure = FIGURES[name]
        text = [head, f"  {sentence(figure)}"]
        text += [f"  {reason(figure)}"] if node is root and reason(figure) else []
        names, numbers = in_names(figure), arithmetic(figure, estimate, brief)
        if node.inputs and node.inputs[0].part:
            names = f"{_JOINS[figure.mix] if parts else _STAGES[figure.stages]}: {names}"
        return [*text, f"  = {names}", f"  = {numbers}", f"  {place(figure)}", *branches(list(map(lines, node.inputs)))]

    return lines(root)


def branches(children: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield texts as the branches of a tree."""
    for left, (first, *rest) in zip(reversed(range(len(children))), children, strict=True):
        yield f"{'├─' if left else '└─'} {first}"
        yield from (f"{'│' if left else ' '}  {line}" for line in rest)


def _from_where(setting: Setting) -> str:
    """Return where a value came from, and what its author noted."""
    dated = f"as of {setting.as_of}" if setting.as_of and setting.as_of not in setting.source else ""
    return "; ".join(dict.fromkeys(filter(None, (str(setting.origin), setting.source, setting.note, dated))))


def _inner(estimate: Estimate) -> tuple[str, dict[str, Mapping[str, float]]]:
    """Return the home of a plan's parts, or of its stages, and the figures of each by its name."""
    return MIX if estimate.parts else STAGES, {part.name: part.figures for part in estimate.parts or estimate.stages}


def _about(name: str, scenario: Scenario) -> list[str]:
    """Return an assumption's meaning, its unit and bounds, its range and default, and what parts or stages have."""
    known, setting = ASSUMPTIONS[name], scenario.settings[name]
    lines = [f"  {known.label}; unit {SHOWN_AS.get(known.unit, known.unit)}, {known.bounds()}"]
    if isinstance(setting.value, Range):
        ends = known.exact(setting.value.low), known.exact(setting.value.high)
        lines.append(f"  a range: 5% lie below {ends[0]}, 5% above {ends[1]}")
    if setting.origin.by_hand and known.source not in (MODEL, GPU, OPTION):
        lines.append(f"  unless set, {known.default}: {known.source}")
    own = [
        [f"{part.called(name)} = {known.show(point(name, part.scenario.settings[name].value))}"]
        for part in scenario.inner
        if part.scenario.settings[name].value != setting.value
    ]
    return [*lines, f"  {_from_where(setting)}", *branches(own)]


def explanation_data(estimate: Estimate, node: Reason) -> ReasonData:
    """Return the explanation as nested data; every node has the same keys."""
    shown = shown_values(estimate.known, _DIGITS, brief=True)
    scenario = estimate.scenario
    home, own = _inner(estimate)

    def of(node: Reason) -> ReasonData:
        name = node.name
        if node.part:
            return _reason_data(named_of(node.part, name, home), FIGURES[name], value=plain(name, own[node.part][name]))
        if setting := scenario.settings.get(name):
            number: float | None = point(name, setting.value)
        else:
            number = estimate.figures[name]
        if given := scenario.pins.get(name) or setting:
            why = {"pinned": name in scenario.pins, "origin": given.origin, "source": given.source}
        else:
            formula = _formula_data(name, arithmetic(FIGURES[name], estimate, shown))
            why = {"formula": formula, "inputs": list(map(of, node.inputs))}
        return _reason_data(name, _known(name), value=plain(name, number), **why)

    return of(node)


def _known(name: str) -> Figure | Assumption:
    return FIGURES.get(name) or ASSUMPTIONS[name]


def _reason_data(name: str, known: object, **given: object) -> ReasonData:
    """Return what has a unit and a label as data; what is not given is null, and there are no inputs."""
    nothing = dict.fromkeys(("value", "formula", "origin", "source"))
    return data(ReasonData, known, name=name, **{**nothing, "pinned": False, "inputs": (), **given})


def _formula_data(name: str, numbers: str = "") -> FormulaData:
    figure = FIGURES[name]
    return {"names": in_names(figure), "numbers": numbers, "place": place(figure)}


def explain_document(plan: Estimate | None, kind: str, explained: object) -> ExplainDocument:
    """Return an explanation as a JSON document: of a figure, a choice, a warning or a word."""
    scenario = plan.scenario if plan else None
    as_of = scenario.as_of if scenario else RELEASED
    kinds: dict[str, Any] = {**dict.fromkeys(("figure", "choice", "warning", "word")), kind: explained}
    return document(ExplainDocument, plan, "explain", as_of, scenario=scenario, **kinds)


def _warnings_about(plan: Estimate, name: str) -> Sequence[str]:
    return [str(warning) for warning in plan.warnings if name in warning.names]


def explain_answer(plan: Estimate, explained: Explained | Chosen | OfDays) -> Answer[Any, ExplainDocument]:
    """Return an explanation in all its forms; its tree ends with the warnings and notes that name what is explained.

    Unless a depth was asked for, the tree has three levels, and data has the whole. The tree says if more lies deeper.
    """
    if isinstance(explained, OfDays):
        return _of_days_answer(plan, explained)
    if isinstance(explained, Chosen):
        return _chosen_answer(plan, explained)
    reason = explained.shown if explained.asked else explained.whole
    return Answer(reason, partial(_tree, plan, explained), partial(_figure_document, plan))


def _tree(plan: Estimate, explained: Explained, _reason: Reason, page: Page) -> Report:
    shown = explained.whole if page.everything else explained.shown
    lines = explanation_lines(plan, shown)
    if shown.name == THUMB and (chain := thumb_to_gpus(plan)):
        lines.append(f"from here to gpus = {show(plan.known['gpus'], 'gpu')}")
        lines += [f"  x {digits(factor, 6)}  {cause}" for cause, factor in chain.items()]
    if shown != explained.whole:
        lines.append("more lies deeper: --all")
    return Report(tree=(*lines, *_warnings_about(plan, shown.name)))


def _figure_document(plan: Estimate, reason: Reason) -> ExplainDocument:
    return explain_document(plan, "figure", explanation_data(plan, reason))


def _of_days_answer(plan: Estimate, days: OfDays) -> Answer[OfDays, ExplainDocument]:
    """Return what is simulated, with what the days follow from, in all forms."""
    known = SIMULATED[days.name]
    quantity, error = days.found or (None, 0.0)
    source = f"simulated days, standard error {show(error, known.unit)}"
    head = f"{days.name} = {'none' if quantity is None else show(quantity, known.unit)}"
    inputs = branches([explanation_lines(plan, reason)[:1] for reason in days.inputs])
    given = [explanation_data(plan, reason) for reason in days.inputs]
    entry = _reason_data(days.name, known, value=quantity, source=source, inputs=given)
    tree = (head, f"  {known.label}; {source}; they follow from", *inputs)
    return fixed_answer(days, Report(tree=tree), explain_document(plan, "figure", entry))


def _chosen_answer(plan: Estimate, chosen: Chosen) -> Answer[Chosen, ExplainDocument]:
    """Return a choice's meaning, its options and the values it supplies, in all forms."""
    choices, settings = plan.scenario.choices, plan.scenario.settings
    name, label, setting = chosen.name, CHOICES[chosen.name].label, choices[chosen.name]
    below = [[f"{other} = {choices[other].value}", "  follows from it"] for other in chosen.implies]
    below += [
        [
            f"{supplied} = {show_value(supplied, point(supplied, settings[supplied].value))}",
            f"  {_from_where(settings[supplied])}",
        ]
        for supplied in chosen.supplies
    ]
    tree = (
        f"{name} = {setting.value}",
        f"  {label}",
        *(_picked_kernel(plan.scenario) if name == "attention_kernel" else ()),
        f"  {'; '.join(dict.fromkeys(filter(None, (str(setting.origin), setting.source))))}",
        f"  options: {', '.join(chosen.options)}",
        *branches(below),
        *_warnings_about(plan, name),
    )
    entry = data(
        ChosenData,
        setting,
        name=name,
        label=label,
        options=chosen.options,
        supplies={supplied: setting_data(supplied, settings[supplied]) for supplied in chosen.supplies},
        implies={other: choices[other] for other in chosen.implies},
    )
    return fixed_answer(chosen, Report(tree=tree), explain_document(plan, "choice", entry))


def _picked_kernel(scenario: Scenario) -> Iterator[str]:
    """Yield the kernel that a choice such as `sdpa` picks for the plan."""
    catalogue, chosen = scenario.catalogue, scenario.chosen()
    if picked := catalogue.delegated_kernel(chosen):
        why = f": the code of {chosen['model']} passes a mask" if catalogue.masks(chosen) else ""
        yield f"  picks {picked}{why}"


def guide_answer(guide: Guide, plan: Estimate | None = None) -> Answer[Guide, ExplainDocument]:
    """Return a warning code's meaning and remedy, and a plan's warnings with it, in all forms."""
    warnings = [str(warning) for warning in plan.warnings if warning.code == guide.code] if plan else []
    severity, _, first = guide.means[0].partition(". ")
    paragraphs = [line for paragraph in (first, *guide.means[1:]) for line in readable_lines(paragraph)]
    paragraphs += (
        f"Example: {' '.join(readable_lines(guide.example))}",
        f"What to do: {' '.join(readable_lines(guide.remedy))}",
    )
    entry = data(GuideData, guide, means="\n\n".join(guide.means), told=warnings)
    document = explain_document(plan, "warning", entry)
    return fixed_answer(guide, Report(guide.code, f"{severity}.", (), paragraphs, alerts=warnings), document)


def word_answer(word: str) -> Answer[str, ExplainDocument]:
    """Return what a word of a screen or the name of an option means."""
    means = meaning_of(word)
    document = explain_document(None, "word", WordData(word=word, means=means))
    return fixed_answer(word, Report(paragraphs=readable_lines(means)), document)


def definition_answer(name: str) -> Answer[str, ExplainDocument]:
    """Return what a figure or an assumption is, without a plan: its formula and inputs, or its bounds and default."""
    entry = _definition(name)
    if figure := FIGURES.get(name):
        inputs = figure.parameters
        more = [f"  = {in_names(figure)}", f"  {place(figure)}", *branches(list(map(_defined_lines, inputs)))]
        entry["inputs"] = list(map(_definition, inputs))
    else:
        given = ASSUMPTIONS[name]
        more = [f"  {given.bounds()}; unless set, {given.default}: {given.source}"]
    return fixed_answer(name, Report(tree=(*_defined_lines(name), *more)), explain_document(None, "figure", entry))


def _defined_lines(name: str) -> list[str]:
    known = _known(name)
    return [f"{name}  ({SHOWN_AS.get(known.unit, known.unit)})", f"  {known.label}"]


def _definition(name: str) -> ReasonData:
    """Return a figure or an assumption as data, without its inputs."""
    if name in FIGURES:
        return _reason_data(name, FIGURES[name], formula=_formula_data(name))
    return _reason_data(name, ASSUMPTIONS[name], source=ASSUMPTIONS[name].source)
