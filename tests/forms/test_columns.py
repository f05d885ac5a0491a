"""Rows written by columns: to the byte what the same rows are, written one by one."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import Program
from t2v_capacity.assumptions.names import plain
from t2v_capacity.forms import columns
from t2v_capacity.forms.columns import Columns, csv_parts, json_parts
from t2v_capacity.forms.data import as_csv, as_json
from texts import Recorded

# A count, a ratio, and a figure that may have no value.
NAMES = ("gpus", "trps", "latency_p95")
NUMBERS = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, 2, 8.5, 1e16, 1e15, 1e-5, 1e300, 5e-324, float("nan"), float("inf"), -float("inf")]),
    st.floats(),
    st.integers(-(10**6), 10**6).map(float),
)
AXES = st.sampled_from(
    [
        {"dau": (1e6, 2.5e6)},
        {"steps": (10.0, 20.0, 30.0), "gpu": ("h100-sxm", "=l4", 'a "b", c')},
        {"gpu": ("h100-sxm",), "duration": (2.0, 1e-7), "dau": (1e16, 3.0, 4.0)},
    ]
)

ERRORS = st.sampled_from(["out of bounds", 'a "quoted", one', "=1+1", "two\nlines", "\u00fc % %s", ""])


def rows_of(table: Columns) -> list[dict[str, Any]]:
    """Return the rows, one by one."""
    rows = []
    for index, place in enumerate(product(*table.axes.values())):
        row: dict[str, Any] = dict(zip(table.axes, place, strict=True)) | {name: values[index] for name, values in table.values.items()}
        plainly = {name: value if isinstance(value, str) else plain(name, value) for name, value in row.items()}
        rows.append(plainly | {"error": table.errors.get(index)})
    return rows


@pytest.mark.slow
@settings(max_examples=200, deadline=None, derandomize=True)
@given(data=st.data(), axes=AXES, part=st.sampled_from([1, 2, 5, 1_000]), kinds=st.sampled_from([1, 2, 40]))
def test_columns_are_written_as_rows_are(data: st.DataObject, axes: dict[str, tuple[float | str, ...]], part: int, kinds: int) -> None:
    """CSV and JSON have the same bytes whatever the numbers, the errors and the size of a part."""
    count = Columns(axes, {}, {}).rows
    numbers = data.draw(st.lists(NUMBERS, min_size=1, max_size=kinds))
    values = {name: data.draw(st.lists(st.sampled_from(numbers), min_size=count, max_size=count)) for name in NAMES}
    errors = data.draw(st.dictionaries(st.integers(0, count - 1), ERRORS, max_size=3))
    table, document = Columns(axes, values, errors), {"version": 1, "note": '\n  "rows": []', "rows": [], "warnings": ["w"]}
    rows = rows_of(table)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "PART", part)
        assert "".join(csv_parts(table)) == as_csv(rows[0], [row.values() for row in rows])
        assert "".join(json_parts(document, table)) == as_json({**document, "rows": [row | {"verdict": None} for row in rows]})


@pytest.mark.slow
def test_a_sweep_of_many_rows_is_written_in_parts(t2v_cap: Program, recorded: Recorded) -> None:
    """A sweep's CSV has a line a cell in the order of the axes, the parts' borders unseen, and its table the first and last of them."""
    command = ["sweep", "scenarios/lesson.yaml", "--over", "dau=1..50000 50000", "--show", "trps"]
    lines = t2v_cap(*command, "--format", "csv").out.splitlines()
    shown = t2v_cap(*command).out

    assert [float(line.partition(",")[0]) for line in lines[1:]] == [float(value) for value in range(1, 50_001)]
    recorded(shown)
    assert len(shown.splitlines()) < 60
