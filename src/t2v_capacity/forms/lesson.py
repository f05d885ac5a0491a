"""Recognize the lesson's plan: the system-design chapter that the project began from."""

from collections.abc import Mapping
from math import isclose

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.quantities import parse

# The lesson's service. A scenario is the lesson's if these are its numbers.
SAID = {
    "dau": "100M",
    "videos_per_user_per_day": "10",
    "user_profile_size": "10 KB",
    "indexing": "25%",
    "duration": "5 s",
    "bitrate": "2 Mbps",
    "prompt_size": "2 KB",
    "model_params": "10B",
    "text_encoder_params": "4.7B",
}


def of_the_lesson(values: Mapping[str, float]) -> bool:
    """Return whether these assumptions are the lesson's."""
    return all(isclose(values[name], parse(text, ASSUMPTIONS[name].unit), rel_tol=1e-9) for name, text in SAID.items())
