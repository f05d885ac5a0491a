"""The draws themselves, for another program: one row a draw, uncertain assumptions and the figures that they reach."""

from pathlib import Path

from t2v_capacity.errors import unwritable
from t2v_capacity.questions.estimate import Estimate
from t2v_capacity.questions.ranges import draws, sampled


def write_draws(plan: Estimate, path: str) -> None:
    """Write a plan's draws to a .csv or .npz file, in base units; raise UserError where that can't be done."""
    import numpy as np

    columns = dict(draws(plan.scenario.ranges(), plan.samples, plan.seed or 0))
    found = sampled(plan.scenario, samples=plan.samples, seed=plan.seed or 0)
    columns |= {name: array for name, array in found if isinstance(array, np.ndarray)}
    try:
        if path.endswith(".npz"):
            np.savez_compressed(path, **columns)
        else:
            with Path(path).open("w", encoding="utf-8") as stream:
                np.savetxt(
                    stream, np.column_stack(list(columns.values())), fmt="%.17g", delimiter=",", header=",".join(columns), comments=""
                )
    except OSError as error:
        raise unwritable(f"`--samples-file {path}`", path, error) from error
