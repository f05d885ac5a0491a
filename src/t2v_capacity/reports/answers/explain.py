"""An explanation as a tree of text, and as data."""

from typing import Any

from t2v_capacity.formulas import FIGURES
from t2v_capacity.questions.plan.estimate import Estimate
from t2v_capacity.questions.plan.explain import Reason
from t2v_capacity.reports.forms.answer import Answer
from t2v_capacity.reports.forms.data import document, figure_data, origin_data, scenario_data, setting_data
from t2v_capacity.reports.forms.notation import in_names, in_numbers, place, reason, sentence
from t2v_capacity.reports.forms.report import Report
from t2v_capacity.reports.forms.values import shown_values
from t2v_capacity.scenario.settings import Setting
from t2v_capacity.vocabulary.assumptions import ASSUMPTIONS
from t2v_capacity.vocabulary.quantities import SHOWN_AS, Range

_DIGITS = 6


def explanation_lines(estimate: Estimate, root: Reason) -> list[str]:
    """Return the explanation as lines of a tree: formula in names, in numbers, the result, then its inputs."""
    shown, brief = shown_values(estimate.known, _DIGITS), shown_values(estimate.known, _DIGITS, brief=True)

    def lines(node: Reason) -> list[str]:
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


def explanation_data(estimate: Estimate, node: Reason) -> dict[str, Any]:
    """Return the explanation as nested data; every node has the same keys."""
    shown = shown_values(estimate.known, _DIGITS, brief=True)
    scenario = estimate.scenario

    def data(node: Reason) -> dict[str, Any]:
        pin, setting = scenario.pins.get(node.name), scenario.settings.get(node.name)
        given = pin or setting
        if node.name in FIGURES:
            figure = FIGURES[node.name]
            about = figure_data(node.name, estimate.figures[node.name], pinned=pin is not None)
            formula = None if pin else {"names": in_names(figure), "numbers": in_numbers(figure, shown), "place": place(figure)}
        else:
            assert setting is not None
            known = setting_data(node.name, setting)
            about = {"value": known["value"], "unit": known["unit"], "label": ASSUMPTIONS[node.name].label, "pinned": False}
            formula = None
        return {
            "name": node.name,
            **{key: about[key] for key in ("value", "unit", "label", "pinned")},
            "formula": formula,
            "origin": origin_data(given.origin) if given else None,
            "source": given.source if given else None,
            "inputs": [data(child) for child in node.inputs],
        }

    return data(node)


def explain_answer(plan: Estimate, root: Reason) -> Answer[Reason]:
    """Return an explanation in all its forms; its tree ends with the warnings and notes that name what is explained."""
    about = tuple(str(warning) for warning in plan.warnings if root.name in warning.names)
    return Answer(
        root,
        lambda _page: Report("", "", (), tree=(*explanation_lines(plan, root), *about)),
        lambda: document("explain", plan.scenario.as_of, scenario=scenario_data(plan.scenario), figure=explanation_data(plan, root)),
    )
