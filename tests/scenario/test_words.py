"""Other words for ours: each leads to what it means, wherever a name is written."""

import pytest

from shared import Program, some, write
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.assumptions.names import FIGURE, RESERVED, flag_of, kind_of, names_of, section_of
from t2v_capacity.assumptions.quantities import COUNTS, SHOWN_AS, UNITS, QuantityError, parse, unit
from t2v_capacity.assumptions.synonyms import COMMAND_SYNONYMS, NAME_SYNONYMS, VALUE_SYNONYMS
from t2v_capacity.assumptions.synonyms import UNIT_SYNONYMS as UNIT_WORDS
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.cli.app import COMMANDS as OWN_COMMANDS


def test_no_word_of_theirs_is_ours() -> None:
    """Ours exist, and no other word is itself a name, a unit or a command, which would never be asked about."""
    assert [name for name in NAME_SYNONYMS if not kind_of(name) and name not in RESERVED] == []
    assert set(VALUE_SYNONYMS) <= {value for choice in CHOICES for value in Catalogue().options(choice)}
    assert set(UNIT_WORDS) <= {*UNITS, *COUNTS}
    assert {name for name in COMMAND_SYNONYMS if not name.startswith("--")} <= set(OWN_COMMANDS)
    words = {word for said in NAME_SYNONYMS.values() for word in said.split()}
    assert [word for word in sorted(words) if kind_of(word) or word in RESERVED] == []
    assert [word for said in UNIT_WORDS.values() for word in said.split() if word in UNITS or word in COUNTS] == []
    assert [word for said in COMMAND_SYNONYMS.values() for word in said.split() if word in OWN_COMMANDS] == []
    for name, said in VALUE_SYNONYMS.items():
        for choice in CHOICES:
            known = Catalogue().options(choice)
            assert name not in known or set(said.split()).isdisjoint(known), f"{choice}: {name}"


@pytest.mark.parametrize("name", some((name for name in NAME_SYNONYMS if section_of(name)), 8))
def test_a_flag_and_a_key_of_theirs_lead_to_ours(name: str, t2v_cap: Program, folder: object) -> None:  # noqa: ARG001
    """Each other word for an assumption or a choice is answered with what it means.

    This holds as a flag, behind `--set` and in a file.
    """
    for word in NAME_SYNONYMS[name].split():
        if word != "clips_per_day":  # which is a flag, a shorthand
            assert flag_of(name) in t2v_cap("estimate", flag_of(word), "1", code=2).err
        assert f"`{name}`" in t2v_cap("estimate", "--set", f"{word}=1", code=2).err
        assert f"`{name}`" in t2v_cap("estimate", write(f"{word}: 1\n"), code=2).err


@pytest.mark.parametrize("name", some((name for name in NAME_SYNONYMS if kind_of(name) == FIGURE), 4))
def test_a_figure_of_theirs_leads_to_ours(name: str, t2v_cap: Program) -> None:
    """Each other word for a figure, asked about, is answered with what it means."""
    for word in NAME_SYNONYMS[name].split():
        assert f"`{name}`" in t2v_cap("sensitivity", word, "--dau", "1M", code=2).err


@pytest.mark.wide
def test_a_figure_as_a_flag_is_told_apart(t2v_cap: Program) -> None:
    """A figure that is typed as a flag is told to be one, with the pin that gives it a value.

    The requests of a day can be set by another name, which is the fix.
    """
    fixes = {name: f"`--pin {name}=...`" for name in names_of(FIGURE)} | {"requests_per_day": "`--clips-per-day 5`"}
    assert [name for name, fix in fixes.items() if fix not in t2v_cap("estimate", flag_of(name), "5", code=2).err] == []


@pytest.mark.wide
@pytest.mark.parametrize("name", some(ASSUMPTIONS, 20))
def test_an_assumption_is_explained(name: str, t2v_cap: Program) -> None:
    """Explained by itself, an assumption has its meaning, its unit, its bounds and where its value comes from."""
    known = ASSUMPTIONS[name]
    said = t2v_cap("explain", name, "--dau", "1M").out

    assert [
        text for text in (known.label, SHOWN_AS.get(known.unit, known.unit), known.bounds()) if text not in said
    ] == []
    assert any(origin in said for origin in ("default", "--dau", "catalogue"))


@pytest.mark.parametrize("name", [name for name, known in ASSUMPTIONS.items() if known.unit == "second"])
def test_a_month_is_30_days_and_a_year_365(name: str) -> None:
    """Every span of time takes months and years, which are 30 and 365 days whatever the rest of the plan says."""
    known = ASSUMPTIONS[name]
    for written, days in (("0.5 month", 15), ("2 months", 60), ("1 year", 365), ("36 years", 36 * 365)):
        assert known.number(written) == known.number(f"{days} d")


def test_a_month_is_no_span_where_a_rate_is_asked() -> None:
    """`USD/GB-month` stays a price a month of holding, and no size or price is a number of months."""
    assert unit("USD/GB-month") == (1e-9, {"USD": 1, "byte": -1, "month": -1})
    for wanted in ("byte", "USD/byte-month", "byte/s", "request/month"):
        with pytest.raises(QuantityError, match="wrong unit in"):
            parse("3 years", wanted)
