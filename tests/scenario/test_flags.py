"""Flags as they are typed again: the words of a command line that would lay what was laid."""

import pytest

from shared import write
from t2v_capacity.scenario.flags import flags_of, words_of
from t2v_capacity.scenario.load import load_scenario, with_flags

pytestmark = pytest.mark.usefixtures("folder")
SETS = ["dau=5M", "gpu=h200", "patch=1,2,2", "steps=null", "resolution=720p"]
WORDS = ["--gpu=h200", "--patch=1,2,2", "--resolution=720p", "--dau=5M", "--steps=null", "--pin", "gpus=5", "--pin", "trps=null"]


def test_flags_are_typed_again() -> None:
    """What flags set, pinned, took away, read and dated stands in the words, and nothing that the files say themselves."""
    write("gpus: {mine: {extends: h100-sxm}}\n", "own.yaml")
    write("gpus: {yours: {extends: h100-sxm}}\n", "more.yaml")
    write("catalogue: own.yaml\ndau: 1M\npins: {servers: 7}\nas_of: 2026-10-01\n", "dated.yaml")
    write("dau: 1M\n", "plain.yaml")
    for file, own in (("dated.yaml", []), ("plain.yaml", ["--as-of", "2027-01-01"])):  # the file's own date counts
        plan = load_scenario(file, SETS, ["gpus= 5", "trps=null"], ["more.yaml"], "2027-01-01")
        assert plan.as_of == (own[-1] if own else "2026-10-01")
        words = [*WORDS, "--catalogue", "more.yaml", *own]
        assert words_of(flags_of(plan)) == words
        assert words_of(flags_of(with_flags(plan, ["dau=7M"]))) == [word.replace("5M", "7M") for word in words]
        assert words_of(flags_of(load_scenario(file))) == []
