"""A scenario is written as it was: what a part took from the plan is a part's."""

import pytest

from shared import write
from t2v_capacity.handover.reproduce import file_data
from t2v_capacity.scenario.load import load_scenario


@pytest.mark.usefixtures("folder")
def test_a_part_is_written_with_the_pin_that_it_took_from_the_plan() -> None:
    """A plan's pin that some parts replace is written in each of the others, as its author wrote it."""
    pins = "pins: {gpu_seconds_per_video: 4 min}\n"
    parts = "mix: {clip: {share: 60%}, hd: {share: 20%, pins: {gpu_seconds_per_video: 900 s}}, long: {duration: 8 s}}"
    content = file_data(load_scenario(write(pins + parts)))
    written = {name: dict(own)["pins"] for name, own in content["inner"][0][1]}

    assert content["pins"] == {}
    assert written == {
        name: {"gpu_seconds_per_video": text} for name, text in (("clip", "4 min"), ("hd", "900 s"), ("long", "4 min"))
    }
