"""The draws themselves, for another program: one row a draw, uncertain assumptions and the figures that they reach."""

import io

from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.ranges import draws, sampled


def draws_file(plan: Estimate, *, npz: bool) -> bytes:
    """Return a plan's draws as a .csv or .npz file, in base units."""
    import numpy as np

    columns = dict(draws(plan.uncertain.ranges(), plan.samples, plan.seed or 0))
    found = sampled(plan.uncertain, samples=plan.samples, seed=plan.seed or 0)
    columns |= {name: array for name, array in found.items() if isinstance(array, np.ndarray)}
    out = io.BytesIO()
    if npz:
        np.savez_compressed(out, **columns)
    else:
        table = np.column_stack(list(columns.values()))
        np.savetxt(out, table, fmt="%.17g", delimiter=",", header=",".join(columns), comments="")
    return out.getvalue()
