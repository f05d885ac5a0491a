"""Finds the constants of the generation model: `python tests/fit/refit.py [--write]` with tests/ on the path.

Least squares of log(predicted / measured), with the priors of problem.py and a loss that forgives a run that fits
nothing. First the constants of one GPU on the runs marked `fit`, then those of several GPUs on runs of groups.
"""

import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np

from fit.left_out import FILE
from fit.memory import fits as memory_runs
from fit.memory import fitted as memory_fitted
from fit.problem import ATTENTION, FAMILIES, LINEAR, PARALLEL, PRIORS, Array, Predictor, Row, parallel, rows_of
from fit.shipped import shipped_runs
from fit.writing import (
    ASSUMED,
    FROM_RUNS,
    assumption_defaults,
    board_facts,
    left_out_text,
    rewritten,
    runtime_facts,
    short,
    with_defaults,
    with_facts,
)
from t2v_capacity.measured.runs.reading import INCLUDES

Constants = dict[str, float]
_STEP = 1e-6
# What stands in for the constants of several GPUs while those of one are fitted; a single GPU uses none of them.
_ALONE: Constants = {name: prior for name, (prior, _sigma) in PARALLEL.items()}


Problem = tuple[list[str], Array, Array, Callable[[Array], Array]]


def _single(rows: list[Row]) -> Problem:
    """Return the unknowns of one GPU, their priors and spreads in logarithms, and the residuals.

    Each column of residuals belongs to a column of `x`.
    """
    return _problem([row for row in rows if row.run.fit], PRIORS, _ALONE)


def _group(rows: list[Row], constants: Constants) -> Problem:
    """Return the same of several GPUs, the constants of one given."""
    return _problem([row for row in rows if parallel(row)], PARALLEL, constants)


def _problem(rows: list[Row], priors: Mapping[str, tuple[float, float]], given: Constants) -> Problem:
    predictor, names = Predictor(rows), list(priors)
    start, sigma = np.log([priors[name][0] for name in names]), np.array([priors[name][1] for name in names])
    measured, noise = np.log([row.seconds for row in rows]), np.array([row.noise for row in rows])

    def residuals(x: Array) -> Array:
        found = predictor.seconds(dict(given) | dict(zip(names, np.exp(x), strict=True)))
        return np.concatenate(
            [(np.log(found) - measured[:, None]) / noise[:, None], (x - start[:, None]) / sigma[:, None]]
        )

    return names, start, sigma, residuals


def _solved(problem: Problem) -> Constants:
    names, start, _sigma, residuals = problem
    return dict(zip(names, map(float, np.exp(_solve(residuals, start))), strict=True))


def shares(found: Constants) -> dict[str, float]:
    """Return for each constant how much of what is known of it the runs say.

    The rest is its prior. The share is 0 where no run says anything.
    """
    rows = _rows()
    known: dict[str, float] = {}
    for problem in (_single(rows), _group(rows, found)):
        names, _start, sigma, residuals = problem
        slopes = _slopes(residuals, np.log([found[name] for name in names]))
        spread = np.diag(np.linalg.inv(slopes.T @ slopes))
        known |= dict(zip(names, map(float, 1 - spread / sigma**2), strict=True))
    return known


def _solve(residuals: Callable[[Array], Array], start: Array) -> Array:
    """Return the best point; the slopes of all unknowns are found in one evaluation."""
    from scipy.optimize import least_squares  # type: ignore[import-untyped,unused-ignore] # a second of imports

    found = least_squares(
        lambda x: residuals(x[:, None])[:, 0],
        start,
        jac=lambda x: _slopes(residuals, x),
        loss="soft_l1",
        xtol=1e-10,
        ftol=1e-10,
    )
    return np.asarray(found.x)


def _slopes(residuals: Callable[[Array], Array], x: Array) -> Array:
    base = residuals(x[:, None])
    return np.asarray((residuals(x[:, None] + _STEP * np.eye(len(x))) - base) / _STEP)


def kernel_efficiency(rows: list[Row], constants: Constants, pair: str) -> float:
    """Return the efficiency of a kernel that no fitted run has, as the median over its runs.

    What is left of a run is attention.
    """
    found = []
    for row in rows:
        predictor = Predictor([row])
        at = {e: float(predictor.seconds(constants | {pair: e})[0, 0]) for e in (0.5, 1.0)}
        attention = at[0.5] - at[1.0]  # at an efficiency of 1; what is not attention is at[1.0] less this
        found.append(attention / (row.seconds - at[1.0] + attention))
    return float(np.median(found))


@cache
def _rows() -> list[Row]:
    return rows_of(run for run in shipped_runs() if run.seconds)


def fitted(left_out: Callable[[Row], bool] | None = None) -> Constants:
    """Return all constants, fitted on the shipped runs but for those that are left out."""
    rows = [row for row in _rows() if not (left_out and left_out(row))]
    found = _solved(_single(rows))
    found |= _solved(_group(rows, found))
    for kernel, ids in FROM_RUNS.items():
        if those := [row for row in rows if row.run.id in ids]:
            found[kernel] = kernel_efficiency(those, found, kernel)
        elif kernel in ASSUMED:
            found[kernel] = ASSUMED[kernel]
    return found


def runs_of_each() -> dict[str, list[str]]:
    """Return the ids of the fitted runs of each generation and kernel; a decode alone tells nothing of a kernel."""
    runs: dict[str, list[str]] = {name: [] for name in (*LINEAR, *ATTENTION)}
    for row in _rows():
        if row.run.fit:
            runs[row.generation].append(row.run.id)
            if row.run.figure != INCLUDES["vae_decode"]:
                runs[row.pair].append(row.run.id)
    return runs


def without_family(family: str) -> Constants:
    """Return the constants that the runs of all other families of models give."""
    return fitted(lambda row: row.model in FAMILIES[family])


def without_source(source: str) -> Constants:
    """Return the constants that the runs of all other sources give."""
    return fitted(lambda row: row.run.about["source"] == source)


def sources() -> list[str]:
    """Return the sources whose runs give some constant."""
    own = {run for ids in FROM_RUNS.values() for run in ids}
    return list(
        dict.fromkeys(row.run.about["source"] for row in _rows() if row.run.fit or parallel(row) or row.run.id in own)
    )


def main() -> None:
    """Print the constants; with --write, put them in the catalogue."""
    found = fitted()
    said = shares(found)
    for name, value in found.items():
        prior = (PRIORS | PARALLEL).get(name)
        evidence = f"   prior {prior[0]} +- {prior[1]:.0%}, data {said[name]:.0%}" if prior else ""
        sys.stdout.write(f"{name:30s} {value:8.4g}{evidence}\n")
    for name, text in assumption_defaults(found).items():
        sys.stdout.write(f"default of {name}: {text}\n")
    if "--write" in sys.argv:
        from t2v_capacity.catalogue import HERE

        families = {family: without_family(family) for family in FAMILIES}
        FILE.write_text(left_out_text(families, {one: without_source(one) for one in sources()}), encoding="utf-8")
        share = {("engine", "activation_share"): short(memory_fitted("activation_share", memory_runs()) or 0)}
        _rewrite(HERE / "options.yaml", lambda text: with_facts(text, runtime_facts(found) | share))
        _rewrite(HERE / "gpus.yaml", lambda text: with_facts(text, board_facts(found)))
        _rewrite(HERE / "efficiencies.yaml", lambda text: rewritten(text, found, runs_of_each()))
        _rewrite(HERE.parent / "assumptions" / "generation.py", lambda text: with_defaults(text, found))
        for kind in ("catalogue", "errors"):  # in processes of their own, which read what was written here
            subprocess.run([sys.executable, "-m", "record", kind], check=True)


def _rewrite(file: Path, anew: Callable[[str], str]) -> None:
    file.write_text(anew(file.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
