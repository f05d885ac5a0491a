"""`t2v-cap compare`: which GPU should serve this, and how many of it make one clip."""

from typing import Annotated

from t2v_capacity.api.plan import Plan
from t2v_capacity.cli.command_options import on_scenario
from t2v_capacity.cli.flags import argument, list_option
from t2v_capacity.forms.answer import AnyAnswer


@on_scenario(plotted=True)
def command(
    plan: Plan,
    gpus: Annotated[list[str] | None, argument("The GPUs to compare, as --gpu names them.", "[GPU]...")] = None,
    *,
    gpu: Annotated[
        list[str],
        list_option(
            "The GPUs to compare, or one for its group sizes; all unless given.", "--gpu", "ID,ID,...", "--gpus"
        ),
    ],
) -> AnyAnswer:
    """Compare GPUs: fit, speed and cost.

    Each GPU runs at its best of 1, 2, 4 and 8 GPUs per replica. Of one GPU, shows each of these group sizes. A
    runtime or kernel that you set stays.

    \b
    Examples:
      t2v-cap compare scenarios/wan2.2-h100.yaml
      t2v-cap compare plan.yaml --all
      t2v-cap compare plan.yaml --gpu h100-sxm
      t2v-cap compare plan.yaml --gpu h100,b200,l40s --target-latency '4 min'
      t2v-cap compare scenarios/mochi.yaml --precision bf16 --format json
      t2v-cap compare plan.yaml --plot gpus.svg
    """
    return plan.compare(",".join([*(gpus or ()), *gpu]) or None)
