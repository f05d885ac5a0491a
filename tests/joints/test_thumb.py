"""From the rule of thumb's GPUs to the model's: factors that multiply to the quotient, as a command and in README."""

import math
import re

import pytest

from places import ROOT, SHIPPED, shipped
from shared import Program, plan_of, some
from t2v_capacity.plan.gpu_waterfall import thumb_to_gpus

# The GPUs of the lesson by its rule, and by the model.
RULE, MODEL = 8_180, 11_299_213


@pytest.mark.parametrize("path", some(SHIPPED, 4), ids=lambda path: path.stem)
def test_the_factors_multiply_to_the_quotient(path: str) -> None:
    """In every shipped scenario, of mixes and stages too."""
    known = plan_of(path).known
    factors = thumb_to_gpus(known)

    assert math.prod(factors.values()) == pytest.approx(known["gpus"] / known["rule_of_thumb_gpus"], rel=1e-12)


def test_what_is_printed_multiplies_to_the_quotient(t2v_cap: Program) -> None:
    """The lesson's seven factors, as they are printed, give 1382 times 8180; README shows the same ones."""
    out = t2v_cap("explain", shipped("lesson"), "rule_of_thumb_gpus", "--depth", "0").out
    printed = re.findall(r"^  x (\S+)  (.*)$", out, re.MULTILINE)

    assert plan_of(shipped("lesson")).figures["rule_of_thumb_gpus"] == RULE
    assert plan_of(shipped("lesson")).figures["gpus"] == MODEL
    assert round(math.prod(float(factor) for factor, _cause in printed)) == round(MODEL / RULE)
    assert re.findall(r"^  x (\S+)  (.*)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE) == printed
