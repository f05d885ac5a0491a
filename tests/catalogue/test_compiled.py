"""The compiled catalogue, catalogue/compiled.json, is what the YAML files of the same folder say."""

import ast
import json

from house import MODULES, nodes
from t2v_capacity.catalogue import KINDS, Catalogue
from t2v_capacity.catalogue.compiled import COMPILED_FILE
from write_catalogue import RENEW_CATALOGUE, compiled_text

STALE = f"catalogue/compiled.json is stale: {RENEW_CATALOGUE}"


def test_the_compiled_catalogue_is_fresh() -> None:
    """The compiled file is what the strict reader reads in the package's YAML files now."""
    assert COMPILED_FILE.read_text(encoding="utf-8") == compiled_text(), STALE


def test_an_entry_is_a_line() -> None:
    """Each entry has a line of its own, and so have the aliases of each kind; together the lines are one document."""
    text = COMPILED_FILE.read_text(encoding="utf-8")
    entries = [f"{kind}/{name}" for kind in KINDS for name in Catalogue().names(kind)]

    assert [*json.loads(text)] == [line.split('"')[1] for line in text.splitlines()[1:-1]]
    assert set(json.loads(text)) == {*KINDS, *entries}


def test_no_pattern_is_searched_in_yaml() -> None:
    """Patterns of the catalogue's modules match a whole value, such as a date: YAML is read by its parser alone."""
    attributes = [
        node
        for name, path in MODULES.items()
        if name.split(".")[0] == "catalogue"
        for node in nodes(path)
        if isinstance(node, ast.Attribute)
    ]
    of_patterns = {node.attr for node in attributes if isinstance(node.value, ast.Name) and node.value.id == "re"}

    assert of_patterns <= {"compile", "fullmatch", "ASCII"}
    assert {node.attr for node in attributes}.isdisjoint({"search", "findall", "finditer", "match"})
