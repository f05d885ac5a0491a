"""A scenario is one frozen model: sections hold values that are typed, and settings say where each came from."""

import math

import pytest
from pydantic import ValidationError

from places import SHIPPED
from shared import some
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.scenario.load import load_scenario, with_flags


@pytest.mark.parametrize("path", some(SHIPPED, 3), ids=lambda path: path.stem)
def test_sections_hold_what_settings_say(path: object) -> None:
    """Each assumption is a field of its section with the value of its setting.

    The engine's values are the points of these.
    """
    for scenario in (load_scenario(str(path)), with_flags(load_scenario(str(path)), ["dau=1M to 2M", "steps=7"])):
        values = scenario.values()
        for name, known in ASSUMPTIONS.items():
            value = getattr(getattr(scenario, known.section), name)
            given = scenario.settings[name].value
            assert value == given or (isinstance(given, float) and math.isnan(given))  # a price that is unknown
            assert (
                name in scenario.ranges() or name in scenario.pins or values[name] == value or math.isnan(values[name])
            )


def test_a_scenario_is_frozen() -> None:
    """Neither a scenario nor a section of it can be changed.

    `but` gives another, whose sections follow its settings.
    """
    scenario = load_scenario("scenarios/mochi.yaml")
    with pytest.raises(ValidationError, match="frozen"):
        scenario.name = "other"  # type: ignore[misc]
    with pytest.raises(ValidationError, match="frozen"):
        scenario.traffic.dau = 5.0
    more = scenario.but(settings={**scenario.settings, "dau": scenario.settings["dau"]._replace(value=5.0)})

    assert (scenario.traffic.dau, more.traffic.dau, more.name) == (1e8, 5.0, scenario.name)
