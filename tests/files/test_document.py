"""A file as a tree of texts: each mistake at its place, and nothing told of what lies elsewhere."""

from pathlib import Path

import pytest

from shared import write
from t2v_capacity.errors import Mistake, Mistakes
from t2v_capacity.files.document import (
    MAX_DEPTH,
    MAX_ITEMS,
    MAX_NAMES,
    MAX_TEXT,
    Listing,
    Scalar,
    is_list,
    parse_document,
    parts,
    read_text,
)
from t2v_capacity.scenario.load import load_scenario
from texts import Recorded

pytestmark = pytest.mark.usefixtures("folder")


def _refused(text: str) -> list[str]:
    with pytest.raises(Mistakes) as refused:
        parse_document(text, "my.yaml")
    return [f"{mistake.message} ({mistake.place})" for mistake in refused.value.mistakes]


@pytest.mark.parametrize(
    "text",
    ["a: !x &y 1", "[a, b]: 1\n? {c: d}\n: 2", "a: " + "x" * (MAX_TEXT + 1)],
    ids=["tag-and-anchor", "names", "long"],
)
def test_what_is_no_plain_tree_is_told(text: str, recorded: Recorded) -> None:
    """What YAML has beyond names, values and lists is refused where it stands, all of it at once."""
    recorded(_refused(text))


def test_limits_are_reached_and_not_passed() -> None:
    """As many names, items, levels and characters as are allowed are read, and one more is refused.

    The refusal comes after the mistakes before it.
    """
    names = "".join(f"n{index}: 1\n" for index in range(MAX_NAMES))
    assert len(parse_document(names, "my.yaml").entries) == MAX_NAMES
    found = parse_document(f"a: [{', '.join(['1'] * MAX_ITEMS)}]", "my.yaml").entries["a"]
    assert isinstance(found, Listing)
    assert len(found.items) == MAX_ITEMS
    text = parse_document(f"a: {'x' * MAX_TEXT}", "my.yaml").entries["a"]
    assert isinstance(text, Scalar)
    assert len(text.text) == MAX_TEXT
    levels = MAX_DEPTH - 2  # the mapping itself is one, and the value in the middle another
    assert parse_document(f"a: {'[' * levels}1{']' * levels}", "my.yaml")
    tag = "`!x` is a tag; write the value alone (my.yaml:1:4)"
    deep = f"this is nested more than {MAX_DEPTH} levels deep; no scenario is (my.yaml:2:{4 + levels + 1})"
    assert _refused(f"t: !x 1\na: {'[' * (levels + 1)}1{']' * (levels + 1)}") == [tag, deep]
    assert _refused(f"name: a?\ndau: {'[' * 200}{']' * 200}\n")[0].endswith(
        f"(my.yaml:2:{5 + MAX_DEPTH})"
    )  # only brackets nest
    assert _refused(f"a: {'[' * 5_000}")[0].startswith(f"this is nested more than {MAX_DEPTH} levels deep")
    more = f"there are more than {MAX_NAMES} names here; a scenario has some dozens (my.yaml:{MAX_NAMES + 1}:1)"
    assert _refused(f"n0: !x 1\n{names.partition(chr(10))[2]}more: 1\n") == [tag.replace(":4", ":5"), more]
    items = f"this list has more than {MAX_ITEMS} items; keep to those that matter, or use several files (my.yaml:2:4)"
    assert _refused(f"t: !x 1\na: [{', '.join(['1'] * (MAX_ITEMS + 1))}]") == [tag, items]


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL", "'null'", "'~'", '""', "nil", "none", "NuLL"])
def test_null_is_null_unless_it_is_quoted(text: str) -> None:
    """The words of YAML for nothing are nothing, in quotes they are texts, and so are the words of others."""
    found = parse_document(f"a: {text}", "my.yaml").entries["a"]
    assert isinstance(found, Scalar)
    assert found.null == (text in ("", "~", "null", "Null", "NULL"))
    assert found.text == text.strip("'\"")


def test_a_caret_is_as_long_as_the_text() -> None:
    """A value of one line is underlined whole, and one of several lines, a list or a mapping where it begins."""
    found = parse_document("a: abc\nb: |\n  d\n  e\nc: ''\nd: [1, 2]\ne: {f: 1}\n", "my.yaml").entries
    places = [(node.place.line, node.place.column, node.place.length) for node in found.values()]
    assert places == [(1, 4, 3), (2, 4, 1), (5, 4, 2), (6, 4, 1), (7, 4, 1)]


def test_a_key_that_is_not_known_is_told(recorded: Recorded) -> None:
    """An unknown key is answered with the nearest that the mapping has, else with all of them, and the rest is kept."""
    found = list[Mistake]()
    kept = parts(parse_document("{when: a, nmae: b, zzzz: c}", "my.yaml"), iter(("when", "name")), "a gate", found)
    assert list(kept) == ["when"]
    recorded([mistake.message for mistake in found])


def test_a_list_is_told_by_its_first_line() -> None:
    """A text is a list where its first line that says something begins one."""
    lists = ("- a", "-", "-  ", "# a\n---\n\n- b", "%YAML 1.1\n---\n[a]", "[]")
    assert [is_list(text) for text in (*lists, "-a: 1", "a: [1]", "", "# - a", "a:\n- b")] == [True] * 6 + [False] * 5


def test_a_megabyte_is_read() -> None:
    """A file of just the size that is allowed is read; `just-over-a-megabyte` among the mistakes is not."""
    Path("full.yaml").write_bytes(b"#" * 1_000_000)
    assert len(read_text("full.yaml")[0]) == 1_000_000


def test_a_folder_elsewhere_keeps_its_names() -> None:
    """Of a folder or a missing file that lies outside of the scenario's, no name of what lies there is told."""
    write("dau: 1M\n", "there/secret.yaml")
    for name in ("../there", "../there/secrets.yaml"):
        write(f"extends: {name}\n", "here/plan.yaml")
        with pytest.raises(Mistakes) as refused:
            load_scenario("here/plan.yaml")
        assert "secret.yaml" not in str(refused.value)
