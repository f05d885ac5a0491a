"""An explanation as a tree of text, and as data."""

from typing_extensions import TypedDict

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.names import plain
from t2v_capacity.assumptions.parts import SHARE, named_of
from t2v_capacity.assumptions.quantities import SHOWN_AS, Range
from t2v_capacity.engine.figures import Figure
from t2v_capacity.forms.answer import Answer, Page
from t2v_capacity.forms.data import Head, OriginData, ScenarioData, head, origin_data, scenario_data
from t2v_capacity.forms.formula_text import in_names, in_numbers, place, reason, sentence
from t2v_capacity.forms.report import Report
from t2v_capacity.forms.values import in_parts, show_value, shown_values
from t2v_capacity.formulas import FIGURES
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.mix import part_figures
from t2v_capacity.questions.explain import Reason
from t2v_capacity.scenario.settings import Setting, point

_DIGITS = 6
# How a figure of a clip joins over the parts of a mix, in words.
_JOINS = {"mean": "mean by share of each part's", "max": "most of each part's", "min": "least of each part's"}


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


class ExplainDocument(Head):
    """What t2v-cap explain --format json writes."""

    scenario: ScenarioData
    figure: ReasonData


def explanation_lines(estimate: Estimate, root: Reason) -> list[str]:
    """Return the explanation as lines of a tree: formula in names, in numbers, the result, then its inputs."""
    shown, brief = shown_values(estimate.known, _DIGITS), shown_values(estimate.known, _DIGITS, brief=True)

    parts = {part.name: part for part in part_figures(estimate.scenario, estimate.known)}

    def lines(node: Reason) -> list[str]:
        if node.part:
            part = parts[node.part]
            return [
                f"{named_of(part.name, node.name)} = {show_value(node.name, part.figures[node.name], _DIGITS)}  (share {show_value(SHARE, part.share)})"
            ]
        head = f"{node.name} = {shown[node.name]}"
        if node.told:
            return [f"{head}  (explained above)"]
        setting = estimate.scenario.pins.get(node.name) or estimate.scenario.settings.get(node.name)
        if setting:
            what = "pinned, " if node.name in estimate.scenario.pins else ""
            notes = [
                str(setting.origin),
                setting.source,
                setting.note,
                f"as of {setting.as_of}" if setting.as_of and setting.as_of not in setting.source else "",
            ]
            about = _about(node.name, setting) if node is root and node.name in ASSUMPTIONS else []
            return [head, *about, f"  {what}{'; '.join(dict.fromkeys(filter(None, notes)))}"]
        figure = FIGURES[node.name]
        text = [head, f"  {sentence(figure)}"]
        text += [f"  {reason(figure)}"] if node is root and reason(figure) else []
        if node.inputs and node.inputs[0].part:
            joined = in_parts(figure, [*parts.values()])
            text += [f"  = {_JOINS[figure.mix]}: {in_names(figure)}", f"  = {joined}", f"  {place(figure)}"]
        else:
            text += [f"  = {in_names(figure)}", f"  = {in_numbers(figure, brief)}", f"  {place(figure)}"]
        for index, child in enumerate(node.inputs):
            last = index == len(node.inputs) - 1
            first, *rest = lines(child)
            text.append(("└─ " if last else "├─ ") + first)
            text += [("   " if last else "│  ") + line for line in rest]
        return text

    return lines(root)


def _about(name: str, setting: Setting) -> list[str]:
    """Return what an assumption means, its unit and bounds, its range where it has one, and its default."""
    known = ASSUMPTIONS[name]
    lines = [f"  {known.label}; unit {SHOWN_AS.get(known.unit, known.unit)}, {known.bounds()}"]
    if isinstance(setting.value, Range):
        ends = known.exact(setting.value.low), known.exact(setting.value.high)
        lines.append(f"  a range: 5% lie below {ends[0]}, 5% above {ends[1]}")
    if setting.origin.kind != "default":
        lines.append(f"  unless set, {known.default}: {known.source}")
    return lines


def explanation_data(estimate: Estimate, node: Reason) -> ReasonData:
    """Return the explanation as nested data; every node has the same keys."""
    shown = shown_values(estimate.known, _DIGITS, brief=True)
    scenario = estimate.scenario

    def formula(figure: Figure) -> FormulaData:
        return {"names": in_names(figure), "numbers": in_numbers(figure, shown), "place": place(figure)}

    parts = {part.name: part.figures for part in part_figures(estimate.scenario, estimate.known)}

    def value(node: Reason) -> float | None:
        if node.part:
            return parts[node.part][node.name]
        return estimate.figures[node.name] if node.name in FIGURES else point(node.name, scenario.settings[node.name].value)

    def data(node: Reason) -> ReasonData:
        name, figure = node.name, FIGURES.get(node.name)
        given = scenario.pins.get(name) or scenario.settings.get(name)
        known = figure or ASSUMPTIONS[name]
        return {
            "name": named_of(node.part, name) if node.part else name,
            "value": plain(name, value(node)),
            "unit": known.unit,
            "label": known.label,
            "pinned": name in scenario.pins,
            "formula": formula(figure) if figure and not given and not node.part else None,
            "origin": origin_data(given.origin) if given else None,
            "source": given.source if given else None,
            "inputs": [data(child) for child in node.inputs],
        }

    return data(node)


def explain_document(plan: Estimate, root: Reason) -> ExplainDocument:
    """Return an explanation as a JSON document."""
    scenario = scenario_data(plan.scenario)
    return {**head("explain", plan.scenario.as_of), "scenario": scenario, "figure": explanation_data(plan, root)}


def explain_answer(plan: Estimate, root: Reason) -> Answer[Reason, ExplainDocument]:
    """Return an explanation in all its forms; its tree ends with the warnings and notes that name what is explained."""

    def report(_page: Page) -> Report:
        about = (str(warning) for warning in plan.warnings if root.name in warning.names)
        return Report("", "", (), tree=(*explanation_lines(plan, root), *about))

    return Answer(root, report, lambda: explain_document(plan, root))
