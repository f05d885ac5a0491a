"""`t2v-cap measure`: the shell lines that time a plan's clip, and the line that reads what they write."""

from typing import Annotated

from t2v_capacity.api.plan import Plan
from t2v_capacity.cli.command_options import on_scenario
from t2v_capacity.cli.flags import option
from t2v_capacity.forms.answer import AnyAnswer


@on_scenario()
def command(
    plan: Plan,
    *,
    engine: Annotated[
        str, option("Only this engine; all four by default.", "--with", "vllm-omni|sglang|fastvideo|diffusers")
    ] = "",
) -> AnyAnswer:
    """Print the commands that time a plan's clip on your GPUs.

    The plan's model, clip, steps and group are filled in, and the last line calibrates the plan on what they write. A
    note says what they do not set. Nothing is run. Of a mix or of stages there is a block for each.

    \b
    Examples:
      t2v-cap measure scenarios/wan2.2-h100.yaml
      t2v-cap measure plan.yaml --with sglang
      t2v-cap measure plan.yaml --with diffusers --steps 20
    """
    return plan.measure(engine)
