"""The constants of memory that are fitted are those that the runs give."""

import pytest

from fit.memory import GRID, constant_of, fits, fitted
from t2v_capacity.scenario.load import load_scenario


@pytest.mark.parametrize(("runtime", "constant"), [("eager", "activation_buffers"), ("engine", "activation_share")])
def test_the_catalogue_has_what_the_peaks_give(runtime: str, constant: str) -> None:
    """Wan's scripts and engines have the constant at which the published peaks are nearest, each source alike.

    It lies within the grid.
    """
    plan = load_scenario(None, ["model=wan2.2-t2v-a14b", f"runtime={runtime}"])

    assert constant_of(plan.chosen()) == constant
    assert plan.values()[constant] == fitted(constant, fits())
    assert GRID[constant][0] < plan.values()[constant] < GRID[constant][-1]
