"""Where the files lie that tests and their scripts read, whatever folder a test lies in."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
AUTHORITIES = TESTS / "authorities"
GOLDEN = TESTS / "golden"
MISTAKES = TESTS / "mistakes"
SCHEMA_FOLDER = ROOT / "docs" / "schema"
SHIPPED = sorted((ROOT / "scenarios").glob("*.yaml"))


def shipped(name: str) -> str:
    """Return the path of a shipped scenario, which holds from every folder."""
    return str(ROOT / "scenarios" / f"{name}.yaml")
