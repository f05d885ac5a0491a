"""What a document is as text: JSON that any reader takes, whatever it holds."""

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from t2v_capacity.forms.data import as_json

# What Python reads bytes as that are no text: those of a file's name, for one.
NO_TEXT = st.binary(min_size=1).map(lambda data: data.decode("utf-8", "surrogateescape"))
# From a few characters of each kind: a table of all of them takes Hypothesis seconds to make, once in a clone.
TEXT = st.text('ab"\\/ \n\t\0\x1f\x7f\u00e9\u2028\ufeff\U0001f600')
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT | NO_TEXT
DOCUMENTS = st.dictionaries(st.sampled_from("abc"), SCALARS | st.lists(SCALARS, max_size=3))


def finite(value: object) -> object:
    """Return a value with null for what no JSON number can be."""
    if isinstance(value, dict):
        return {key: finite(part) for key, part in value.items()}
    if isinstance(value, list):
        return [finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


@given(DOCUMENTS)
def test_a_document_as_text_reads_as_itself(document: dict[str, object]) -> None:
    """A document as text is JSON of what it holds: bytes that are no text are escaped, no number is beyond a float."""
    text = as_json(document)
    assert json.loads(text) == finite(document)
    assert text == text.encode().decode()
