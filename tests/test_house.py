"""The rules of the house, read from the sources."""

import ast
from collections.abc import Iterator
from pathlib import Path

from places import ROOT, TESTS


def imported(path: Path) -> Iterator[str]:
    """Yield every name of a module, dotted or not, that a file imports anywhere, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module or ''}.{alias.name}" for alias in node.names)


def test_no_test_module_imports_another() -> None:
    """What several test modules need stands in none of them: each can be moved, and run, alone."""
    modules = sorted(TESTS.rglob("test_*.py"))
    found = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules
        for name in imported(path)
        if not {module.stem for module in modules}.isdisjoint(name.split("."))
    ]

    assert len(modules) > 40
    assert found == []
