"""How long `t2v-cap fit` takes for ten million requests, and how much memory; exits with 1 over a limit.

Run it alone on a quiet machine: `PYTHONPATH=tests python tests/benchmarks/trace_fit.py`.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from traces import Service

SERVICE = Service(days=20, dau=50_000, clicks=5, clips=2)  # half a million requests a day
SECONDS, MEGABYTES = 60, 400  # of a core, which other work on the machine leaves alone


def main() -> int:
    """Write a trace, measure, print, and return 1 where a limit is exceeded."""
    with tempfile.TemporaryDirectory() as folder:
        file, answer = SERVICE.write(Path(folder) / "requests.csv"), Path(folder) / "fit.json"
        start = time.perf_counter()
        call = [sys.executable, "-m", "t2v_capacity", "fit", file, "--format", "json", "--output", str(answer)]
        subprocess.run(call, check=True, capture_output=True)
        seconds = time.perf_counter() - start
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        peak = used.ru_maxrss / 1024
        found = json.loads(answer.read_text(encoding="utf-8"))
        size = Path(file).stat().st_size / 1e6
    over = used.ru_utime > SECONDS or peak > MEGABYTES
    requests = found["trace"]["requests"]
    sys.stdout.write(
        f"{requests} requests, {size:.0f} MB, {len(found['rows'])} days: {seconds:.1f} s ({used.ru_utime:.1f} s of a core), {peak:.0f} MB of memory\n"
    )
    sys.stdout.write(f"at most {SECONDS} s of a core and {MEGABYTES} MB; Python {sys.version.split()[0]}{'  EXCEEDED' if over else ''}\n")
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
