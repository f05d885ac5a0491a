"""Traces of requests with known users, peak, clusters and durations, for tests and benchmarks of `fit`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

HEADER = "created_at,uid,status,gpu_seconds"
START = datetime(2026, 11, 1, tzinfo=UTC).timestamp()


@dataclass(frozen=True)
class Service:
    """What a trace is made from."""

    days: int = 5
    dau: int = 1000
    clicks: float = 3.0  # a user and day
    clips: int = 1  # a click
    swing: float = 0.5  # of the rate about its mean, over the day
    spread: float = 0.1  # of the logarithm of users from day to day
    seconds: float = 60.0  # of a clip
    variability: float = 0.5  # of these seconds, squared coefficient of variation
    blocked: float = 0.05
    failed: float = 0.04
    seed: int = 1

    def rows(self) -> Iterator[str]:
        """Yield the lines of the trace."""
        rng = np.random.default_rng(self.seed)
        log = np.log(1 + self.variability)
        hours = 1 + self.swing * np.cos(2 * np.pi * (np.arange(24) - 14) / 24)
        for day in range(self.days):
            users = int(self.dau * np.exp(rng.normal(0, self.spread)))
            counts = rng.poisson(users * self.clicks * hours / 24)
            clicks = np.sort(
                np.concatenate([3600 * hour + rng.uniform(0, 3600, count) for hour, count in enumerate(counts)])
            )
            times = np.repeat(clicks, self.clips) + START + 86_400 * day
            names = np.repeat(rng.permutation(np.arange(len(clicks)) % users), self.clips)
            seconds = np.exp(rng.normal(np.log(self.seconds) - log / 2, np.sqrt(log), len(times)))
            fate = rng.uniform(0, 1, len(times))
            for when, name, took, drawn in zip(
                times.tolist(), names.tolist(), seconds.tolist(), fate.tolist(), strict=True
            ):
                at = datetime.fromtimestamp(when, UTC).isoformat()
                if drawn < self.blocked:
                    yield f"{at},user-{name},blocked,"
                else:
                    status = "failed" if drawn < self.blocked + self.failed else "succeeded"
                    yield f"{at},user-{name},{status},{took:.2f}"

    def write(self, file: str | Path) -> str:
        """Write the trace, and return the file's name."""
        with Path(file).open("w", encoding="utf-8") as stream:
            stream.write(f"{HEADER}\n")
            stream.writelines(f"{row}\n" for row in self.rows())
        return str(file)
