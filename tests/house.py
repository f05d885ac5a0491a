"""The house as its imports draw it: modules, the floors of rooms, and what each module imports."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from places import ROOT, ours

PACKAGE = ROOT / "src" / "t2v_capacity"
FILES = ours("src/t2v_capacity")
# From the top floor down: a room imports from those below it, and from its own.
FLOORS = (
    *("__main__", "cli", "", "api", "schema", "measured", "handover", "answers", "tables", "forms"),
    *(f"questions.{room}" for room in ("explain", "estimate", "change", "review", "search", "what_if")),
    *("plan", "scenario", "catalogue", "files", "assumptions", "formulas", "engine", "errors", "release"),
)


def modules() -> dict[str, Path]:
    """Return every module of the package by its name below it."""
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").rstrip("."): path
        for path in FILES
        if path.suffix == ".py"
    }


MODULES = modules()


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return all of a file's syntax, read once."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def imported(path: Path) -> Iterator[str]:
    """Yield the modules of the package that a file imports, within functions too."""
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "t2v_capacity":
            base = (node.module or "").partition(".")[2]
            for alias in node.names:
                inner = f"{base}.{alias.name}".lstrip(".")
                yield inner if inner in MODULES else base
        elif isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[2] for alias in node.names if alias.name.startswith("t2v_capacity"))


@cache
def arrows() -> dict[str, set[str]]:
    """Return what each module imports of the package, its face too, which imports lazily what it offers."""
    return {name: {other for other in imported(path) if other != name} for name, path in MODULES.items()}


def floor(module: str) -> int:
    """Return a module's floor, counted from the top; a folder of rooms has the lowest, since it only holds them."""
    floors = [index for index, room in enumerate(FLOORS) if module == room or (room and module.startswith(f"{room}."))]
    return floors[0] if floors else len(FLOORS)
