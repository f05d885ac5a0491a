"""The eight laws of docs/decisions/0001, over every figure and every assumption."""

import ast
import inspect
import math
import random
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial

import dimensions
import numpy as np
import pytest
from directions import PUSHES
from hypothesis import given, settings
from hypothesis import strategies as st

import laws
from laws import CONSTANTS, broken, plans, tree_of
from t2v_capacity.assumptions import ASSUMPTIONS, SECTIONS
from t2v_capacity.assumptions.choices import CHOICES, SHORTHANDS
from t2v_capacity.assumptions.names import RESERVED
from t2v_capacity.cli.app import COMMANDS
from t2v_capacity.engine.figures import FIGURES, Figure, ancestors, evaluate
from t2v_capacity.forms.formula_text import expression
from t2v_capacity.formulas import GROUPS

every_figure = pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES)

# The least and the largest step up of a parameter, as a part of it.
_STEPS = (1e-3, 3.0)
OPTIONS = (
    "seed samples format output set pin catalogue as_of show over for until months limit all strict force help version"
).split()


@every_figure
def test_a_figure_keeps_the_laws(figure: Figure) -> None:
    """Laws 1 to 6 as far as they are quick to try; all that a figure breaks are listed."""
    assert {*figure.parameters} == {*PUSHES[figure.name]} <= {*FIGURES, *ASSUMPTIONS}, (
        "laws 3 and 5: each is known, and has its direction"
    )
    tree = tree_of(figure)
    found = broken(
        [
            ("law 1, shape", lambda: laws.check_shape(tree)),
            ("law 2, names", lambda: laws.check_names(figure, tree)),
            ("law 4, dimensions", lambda: _at(plans()[20:30], partial(laws.check_dimensions, figure, figure.formula))),
            ("law 6, documented", lambda: _documented(figure, tree)),
            ("law 6, example", lambda: laws.check_example(figure, figure.formula)),
        ]
    )

    assert "\n".join(found) == ""


@pytest.mark.wide
@every_figure
def test_a_figure_keeps_the_laws_everywhere(figure: Figure) -> None:
    """The notation, and laws 5, 7 and 8 anywhere inside the bounds; all that a figure breaks are listed."""
    found = broken(
        [
            ("notation", lambda: _notation(figure)),
            ("law 5, directions", lambda: _directions(figure)),
            ("law 5, parameters matter", lambda: laws.check_moves(figure, figure.formula)),
            ("law 7, arrays", lambda: laws.check_arrays(figure, figure.formula)),
            ("law 8, finite", lambda: _at(plans(), partial(laws.check_finite, figure, figure.formula))),
        ]
    )

    assert "\n".join(found) == ""


@pytest.mark.slow
@every_figure
@settings(max_examples=40, deadline=None)
@given(index=st.integers(0, 59), step=st.floats(*_STEPS))
def test_a_figure_moves_the_way_that_is_written(figure: Figure, index: int, step: float) -> None:
    """Law 5 of any step from any drawn plan, which Hypothesis looks for."""
    laws.check_directions(figure, figure.formula, plans()[index], step)


@pytest.mark.parametrize("name", ASSUMPTIONS)
def test_an_assumption_keeps_the_laws(name: str) -> None:
    """Laws 3 and 6: a figure, or the simulation of a day, uses an assumption.

    An assumption has a label, a unit, bounds around its default, and a dated source.
    """
    assumption = ASSUMPTIONS[name]
    assert (name in ancestors(FIGURES)) != (name == "day_variability")
    assert assumption.label[0].isupper()
    assert assumption.low < assumption.high < math.inf
    assert assumption.read(assumption.default) is not None
    assert re.search(r"\b20\d\d\b", assumption.source), "a source has a date"
    assert dimensions.parsed(assumption.unit) is not None


def _at(known: Iterable[Mapping[str, float]], law: Callable[[Mapping[str, float]], None]) -> None:
    for plan in known:
        law(plan)


def _notation(figure: Figure) -> None:
    """Hold the expression that is shown, exported and explained to the one that is computed."""
    assert ast.dump(expression(figure)) == ast.dump(laws.parts(tree_of(figure))[1])


def _directions(figure: Figure) -> None:
    """Law 5: a step up of a parameter moves the figure the way the table says, from every drawn plan.

    The step is a small, a large or a drawn one.
    """
    for index, plan in enumerate(plans()):
        step = (
            _STEPS[0],
            _STEPS[1],
            math.exp(random.Random(f"{figure.name} {index}").uniform(*map(math.log, _STEPS))),
        )[index % 3]
        laws.check_directions(figure, figure.formula, plan, step)


def _documented(figure: Figure, tree: ast.FunctionDef) -> None:
    """Law 6: a formula's first line is a sentence; it has a group that there is, and a label."""
    first = inspect.cleandoc(laws.parts(tree)[0]).partition("\n")[0]
    assert first[0].isupper()
    assert first.endswith(".")
    assert figure.group in GROUPS
    assert figure.label[0].isupper()


def test_one_vocabulary() -> None:
    """Law 3: no name means two things.

    The names are of assumptions, choices, shorthands, figures, sections, reserved keys, options and commands.
    """
    names = [*FIGURES, *ASSUMPTIONS, *CHOICES, *SHORTHANDS, *SECTIONS, *RESERVED]

    assert len(names) == len(set(names))
    assert not {*OPTIONS, *COMMANDS} & {*FIGURES, *ASSUMPTIONS, *CHOICES, *SHORTHANDS}
    # A workbook knows no capitals.
    assert not {name.lower() for name in CONSTANTS} & {*FIGURES, *ASSUMPTIONS}


def test_constants_are_documented() -> None:
    """Law 6: a named constant has a unit and a source."""
    for name, constant in CONSTANTS.items():
        assert dimensions.parsed(constant.unit) is not None, name
        assert len(constant.source) > 10, name


def test_without_a_price() -> None:
    """Law 8 where the price of a GPU is unknown: what rests on it is null, in arrays too.

    What needs none of it is as it was.
    """
    assert {name for name in FIGURES if "gpu_price" in ancestors([name])} == {*laws.BILLED, *laws.UNPRICED}
    unpriced = [{name: plan[name] for name in ASSUMPTIONS} | {"gpu_price": math.nan} for plan in plans()]
    together = evaluate({name: np.array([plan[name] for plan in unpriced]) for name in ASSUMPTIONS})
    for index, (plan, priced) in enumerate(zip(unpriced, plans(), strict=True)):
        found = evaluate(plan)
        without = {name for name, value in found.items() if math.isnan(value) and not math.isnan(priced[name])}
        rented = found["spot_share"] < 1 and (found["paid_burst_share"] > 0 or math.isnan(found["held_price"]))

        assert without <= {*laws.BILLED, *laws.UNPRICED}
        assert all(math.isnan(found[name]) for name in laws.UNPRICED)
        assert math.isnan(found["cost_per_month"]) == (rented or math.isnan(found["clip_runs"]))
        assert all(found[name] == priced[name] for name in FIGURES if not math.isnan(found[name]))
        assert without <= {
            name for name, values in together.items() if math.isnan(np.broadcast_to(values, len(unpriced))[index])
        }


def test_whole_graph_on_arrays() -> None:
    """Law 7 for the whole graph: evaluating all plans at once gives what each gives alone."""
    together = evaluate({name: np.array([plan[name] for plan in plans()]) for name in ASSUMPTIONS})

    for name, values in together.items():
        alone = [float(plan[name]) for plan in plans()]
        np.testing.assert_allclose(np.broadcast_to(values, len(alone)), alone, rtol=1e-12)


_PINNED = (
    *("", "gpus", "servers", "replicas", "trps", "peak_trps", "gpu_seconds_per_video", "generation_latency"),
    *("video_size", "memory_needed", "generations_per_day", "denoising_seconds"),
)
# What a plan that serves nothing has no value of, whatever is pinned of its fleet.
_UNSERVED = (
    *("served_share", "delivered_per_day", "refused_share", "gpu_cost_per_month"),
    *("cost_per_month", "cost_per_video", "gpu_cost_on_demand", "fleet_power", "nameplate_power", "storage_per_day"),
)


@pytest.mark.slow
@pytest.mark.parametrize("pin", _PINNED)
def test_five_thousand_plans_with_pins_keep_law_8(pin: str) -> None:
    """Of 5,000 drawn plans every figure is finite or may be null, with a pin too; what cannot run serves nothing."""
    drawn = laws.plans(5_000)[_PINNED.index(pin) :: len(_PINNED)]
    known = {name: np.array([plan[name] for plan in drawn]) for name in ASSUMPTIONS}
    if pin:
        chance = np.random.default_rng(_PINNED.index(pin))
        usual = np.nan_to_num(np.array([plan[pin] for plan in drawn]), nan=40.0)
        known[pin] = np.maximum(1.0, usual * chance.choice([0.5, 1.0, 2.0], len(drawn)))
        known[pin] = np.round(known[pin]) if FIGURES[pin].whole else known[pin]
    found = {name: np.broadcast_to(value, len(drawn)) for name, value in evaluate(known).items()}

    assert not [name for name, values in found.items() if np.isinf(values).any()]
    null = {name for name, values in found.items() if np.isnan(values).any()}
    assert null <= {*laws.NULLS, *laws.RUNNING}
    still = np.isnan(found["clip_runs"])
    assert still.any() or pin in ("gpu_seconds_per_video", "denoising_seconds", "memory_needed")
    assert {name for name in _UNSERVED if not np.isnan(found[name][still]).all()} == set()
    without_seconds = np.isnan(found["gpu_seconds_per_video"])  # a stream that stops has a first frame, and replicas
    assert np.isnan(found["latency_p95"][without_seconds]).all()
    assert np.isnan(found["utilization"][without_seconds]).all()
