"""A formula is written so that each reader computes what its author wrote."""

import ast

import pytest

from t2v_capacity.forms.formula_text import BROWSER, PERSON, SHEET, Language, expression_text


@pytest.mark.parametrize(
    ("expression", "language", "expected"),
    [
        ("a - (b - c)", PERSON, "a - (b - c)"),
        ("(a + b) * c / (d * e)", PERSON, "(a + b) x c / (d x e)"),
        ("-a ** b", PERSON, "-(a ^ b)"),
        ("-a ** b", SHEET, "-(a^b)"),
        ("(-a) ** 2", SHEET, "(-a)^2"),
        ("a ** b ** c", SHEET, "a^(b^c)"),
        ("(a ** b) ** c", SHEET, "(a^b)^c"),
        ("(a + b) ** 2 * c", SHEET, "(a + b)^2 * c"),
        ("-a ** b", BROWSER, "-(a ** b)"),
        ("(a + b) ** 2 * c", BROWSER, "(a + b) ** 2 * c"),
        ("where(a <= b, a, -b)", SHEET, "IF(IFERROR(a <= b,FALSE),a,-b)"),
        ("where(a > b, a, -b)", BROWSER, "where(a > b, a, -b)"),
        ("minimum(a, b) / -c", SHEET, "MIN(a,b) / -c"),
    ],
)
def test_brackets_stand_where_a_reader_needs_them(expression: str, language: Language, expected: str) -> None:
    """Precedence and signs differ between Python, spreadsheets and browsers; what is written means the same in each."""
    assert expression_text(ast.parse(expression, mode="eval").body, lambda name: name, language) == expected
