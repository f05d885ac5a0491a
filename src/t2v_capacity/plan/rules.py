"""Rules of a plan as they are written, and the budgets among them that it, or a change of it, keeps."""

import math
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from t2v_capacity.assumptions.names import unit_of
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.engine.figures import Known
from t2v_capacity.errors import Mistake, Mistakes, Place, nearest, quote, refuse
from t2v_capacity.files.document import Document, Listing, Node, Scalar, parts
from t2v_capacity.plan.cells import cells_of
from t2v_capacity.plan.conditions import Condition, check_parts, parse_condition
from t2v_capacity.plan.tree import remembered
from t2v_capacity.scenario.layers import Layer
from t2v_capacity.scenario.settings import Scenario

BUDGETS = "budgets"


class WrittenRule(NamedTuple):
    """A rule as it is written, in which list and where."""

    kind: str
    name: str
    node: Node
    place: Place
    named: bool


def written_rules(layers: Iterable[Layer], mistakes: list[Mistake]) -> list[WrittenRule]:
    """Return the rules that the layers of a scenario add up to, noting what can't be a list of rules."""
    held = dict[tuple[str, str], WrittenRule]()
    for layer in layers:
        below = dict(held)
        for rule in _rules_of_layer(layer, mistakes):
            taken = held.pop((rule.kind, rule.name), None)
            if not (isinstance(rule.node, Scalar) and rule.node.null and rule.named):
                held[rule.kind, rule.name] = rule
            elif taken is None:
                refuse(mistakes, _nothing_to_take(rule, below), rule.place)
    return list(held.values())


def _nothing_to_take(rule: WrittenRule, below: dict[tuple[str, str], WrittenRule]) -> str:
    names = [name for (kind, name), other in below.items() if kind == rule.kind and not other.place.private]
    more = nearest(rule.name, names) or (f"; there are {', '.join(map(quote, names))}" if names else "")
    return f"{quote(rule.name)} takes a rule away, and no file that this one extends has it under `{rule.kind}`{more}"


def _rules_of_layer(layer: Layer, mistakes: list[Mistake]) -> Iterator[WrittenRule]:
    """Yield the rules of one file."""
    if (budgets := layer.rules.get(BUDGETS)) is not None:
        yield from _of_list(BUDGETS, budgets)
    gates = layer.rules.get("gates")
    if isinstance(gates, Document):
        yield from rules_of_gates(gates, mistakes)


def rules_of_gates(document: Document, mistakes: list[Mistake]) -> Iterator[WrittenRule]:
    """Yield the rules of a mapping of gates."""
    for key, node in parts(document, ("fail_on", "warn_on"), "gates", mistakes).items():
        yield from _of_list(key, node)


def _of_list(kind: str, node: Node) -> Iterator[WrittenRule]:
    if isinstance(node, Document):
        for key, rule in node.entries.items():
            place = rule.place if isinstance(rule, Scalar) and rule.text and not rule.null else node.keys[key]
            yield WrittenRule(kind, " ".join(key.split()), rule, place, named=True)
        return
    for rule in node.items if isinstance(node, Listing) else [node]:
        text = " ".join(rule.text.split()) if isinstance(rule, Scalar) else ""
        yield WrittenRule(kind, text, rule, rule.place, named=False)


@remembered
def figure_budgets(scenario: Scenario) -> tuple[Condition, ...]:
    """Return the budgets of a plan on figures, not on draws; commands that judge refuse a misspelled one.

    >>> from t2v_capacity.scenario.load import load_scenario
    >>> figure_budgets(load_scenario("scenarios/lesson.yaml"))
    ()
    """
    budgets = list[Condition]()
    for rule in written_rules(scenario.layers, []):
        if rule.kind == BUDGETS and isinstance(rule.node, Scalar):
            with suppress(Mistakes):
                budget = parse_condition(rule.node.text)
                check_parts(scenario, [budget])
                if not budget.of_draws:
                    budgets.append(budget)

    return tuple(budgets)


@remembered
def kept_budgets(scenario: Scenario) -> tuple[Condition, ...]:
    """Return the budgets on figures that a plan keeps at its point values.

    >>> from t2v_capacity.scenario.load import load_scenario
    >>> kept_budgets(load_scenario("scenarios/lesson.yaml"))
    ()
    """
    budgets = figure_budgets(scenario)
    figures = cells_of(scenario, (), tuple(budget.figure for budget in budgets))({})
    return tuple(budget for budget in budgets if budget.keeps_limit(figures[budget.figure]))


def broken_budgets(budgets: Iterable[Condition], known: Known) -> list[str]:
    """Return the budgets that values break, each with its value; what has no value keeps none.

    >>> broken_budgets([parse_condition("gpus <= 10"), parse_condition("servers <= 2")], {"gpus": 16.0, "servers": 2.0})
    ['gpus <= 10: 16 GPUs']
    """
    return [
        f"{budget.text}: {'none' if math.isnan(number) else show(number, unit_of(budget.figure))}"
        for budget in budgets
        if not budget.keeps_limit(number := known[budget.figure])
    ]
