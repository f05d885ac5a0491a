"""Ten thousand values of one assumption: by a sweep, and by a plan for each; where the time of the latter goes."""

import sys
import time
from pathlib import Path

import t2v_capacity as t2v

SCENARIO = Path(__file__).resolve().parents[2] / "scenarios" / "mochi.yaml"
COUNT = 10_000


def main() -> None:
    """Print the seconds of each way."""
    plan = t2v.estimate(SCENARIO)
    values = [1e6 + index for index in range(COUNT)]
    begin = time.perf_counter()
    swept = [row["gpus"] for row in plan.sweep(dau=values, show="gpus").document()["rows"]]
    sweep_seconds, begin = time.perf_counter() - begin, time.perf_counter()
    plans = [plan.but(dau=value) for value in values]
    laid, begin = time.perf_counter() - begin, time.perf_counter()
    assert [one.gpus for one in plans] == swept
    computed = time.perf_counter() - begin
    sys.stdout.write(f"sweep {sweep_seconds:.2f} s; one plan each {laid + computed:.2f} s: laid {laid:.2f} s, computed {computed:.2f} s\n")


if __name__ == "__main__":
    main()
