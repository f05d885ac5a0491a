"""How long `t2v-cap fit` takes for a million requests, and how much memory; exits with 1 where a goal is missed.

Run it alone on a quiet machine: `PYTHONPATH=tests python tests/benchmarks/trace_fit.py`. It is run once, not nine times.
"""

import sys
import tempfile
from pathlib import Path

from measure import Goal, spent, verdict

from traces import Service

SERVICE = Service(days=2, dau=50_000, clicks=5, clips=2)  # half a million requests a day
SECONDS, MEGABYTES = 30, 100


def main() -> int:
    """Write a trace, measure, print, and return 1 where a goal is missed."""
    with tempfile.TemporaryDirectory() as folder:
        file = SERVICE.write(Path(folder) / "requests.csv")
        size = Path(file).stat().st_size / 1e6
        seconds, megabytes = spent(["fit", file, "--format", "json"])
    return verdict([Goal(f"fit: a trace of {size:.0f} MB", seconds, "s", SECONDS), Goal("its memory", megabytes, "MB", MEGABYTES)])


if __name__ == "__main__":
    sys.exit(main())
