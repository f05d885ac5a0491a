"""Many runs and many scenarios: calibrate, check and total, the whole program; exits with 1 where a goal is missed.

Run it alone on a quiet machine: `python tests/benchmarks/many.py`.
"""

import sys
import tempfile
from pathlib import Path

from measure import MOCHI, Goal, program, verdict

import t2v_capacity as t2v

RUNS, SCENARIOS = 1_000, 500
CALIBRATE_SECONDS, CHECK_SECONDS = 3.0, 1.0
STEPS, LENGTHS = (20, 30, 50, 64), (2, 3, 4, 5)


def runs(folder: Path) -> str:
    """Write runs of several sizes, each a little off its prediction, and return their file's name."""
    plan, lines = t2v.estimate(MOCHI), []
    seconds = {
        (steps, length): plan.but(steps=steps, duration=f"{length} s").gpu_seconds_per_video for steps in STEPS for length in LENGTHS
    }
    for index in range(RUNS):
        steps, length = STEPS[index % 4], LENGTHS[index // 4 % 4]
        measured = seconds[steps, length] * (0.95 + 0.2 * (index * 37 % 101) / 101)
        lines.append(f"- {{seconds: {measured:.2f}, steps: {steps}, duration: {length} s}}")
    file = folder / "runs.yaml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(file)


def scenarios(folder: Path) -> str:
    """Write scenarios that differ in their users, and return their folder's name."""
    text = Path(MOCHI).read_text(encoding="utf-8")
    for index in range(SCENARIOS):
        own = "\n".join(f"name: Plan {index}" if line.startswith("name:") else line for line in text.splitlines())
        (folder / f"plan-{index}.yaml").write_text(own + "\n", encoding="utf-8")
    return str(folder)


def main() -> int:
    """Measure, print, and return 1 where a goal is missed."""
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        several = scenarios(Path(first))
        calibrated = program(["calibrate", MOCHI, runs(Path(second)), "--format", "json"])
        checked = program(["check", several, "--budget", "gpus <= 100M"])
        added = program(["total", several])
    return verdict(
        [
            Goal(f"calibrate: {RUNS:,} runs", calibrated[0], "s", CALIBRATE_SECONDS),
            Goal("its memory", calibrated[1], "MB"),
            Goal(f"check: {SCENARIOS} scenarios", checked[0], "s", CHECK_SECONDS),
            Goal("its memory", checked[1], "MB"),
            Goal(f"total: {SCENARIOS} scenarios", added[0], "s"),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
