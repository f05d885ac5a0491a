"""A plugin of pytest that writes down which test runs which lines of the modules, and how long it takes."""

import gc
import importlib
import json
import os
from collections.abc import Generator
from functools import _lru_cache_wrapper
from pathlib import Path
from typing import Any

import coverage
import pytest
from hypothesis import settings

# Beside mutants no test fails for its time, and each tries the same inputs.
settings.register_profile("mutation", deadline=None, derandomize=True, database=None)
settings.load_profile("mutation")

MODULES = tuple(json.loads(os.environ.get("T2V_CAP_MODULES", "[]")))
TABLE = os.environ.get("T2V_CAP_TABLE", "")
FAILED = os.environ.get("T2V_CAP_FAILED", "")


class Recorder:
    """Writes the table of tests: the seconds of each that passes, and those that run each line."""

    def __init__(self) -> None:
        """Begin to watch, before the modules are imported."""
        self.watch = coverage.Coverage(
            data_file=None, config_file=False, include=[str(Path(file).resolve()) for file in MODULES]
        )
        self.watch.start()
        names = [".".join(Path(file).with_suffix("").parts[1:]) for file in MODULES]
        for name in names:  # so that no line that runs at import seems to be of the first test
            importlib.import_module(name)
        cached = [one for one in gc.get_objects() if isinstance(one, _lru_cache_wrapper) and one.__module__ in names]
        # Parsing the catalogue for each test would take too long.
        self.caches = [one for one in cached if one.__name__ != "_package"]
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Note lines under the name of the test; what another test left in a cache would hide some."""
        for cached in self.caches:
            cached.cache_clear()
        self.watch.switch_context(item.nodeid)
        result = yield
        self.watch.switch_context("")
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how long a test took, and whether it passed."""
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration
        if report.outcome != "passed":
            self.failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write the table."""
        self.watch.stop()
        data = self.watch.get_data()
        lines = {file: data.contexts_by_lineno(str(Path(file).resolve())) for file in MODULES}
        seconds = {name: taken for name, taken in self.seconds.items() if name not in self.failed}
        Path(TABLE).write_text(
            json.dumps({"seconds": seconds, "lines": lines, "failed": sorted(self.failed)}), encoding="utf-8"
        )


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Write down the first test that fails, where that is asked for."""
    if FAILED and report.failed:
        with Path(FAILED).open("a", encoding="utf-8") as stream:
            stream.write(f"{report.nodeid}\n")


def pytest_configure(config: pytest.Config) -> None:
    """Record where a table is asked for."""
    if TABLE:
        config.pluginmanager.register(Recorder(), "recorder")
