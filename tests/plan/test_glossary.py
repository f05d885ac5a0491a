"""`explain WORD`: the words of screens and the names of choices, from one text for command, docs and page."""

import re

import pytest

from places import ROOT
from shared import Program, write
from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.catalogue import Catalogue
from t2v_capacity.plan.glossary import GLOSSARY_FILE, meaning_of

# Choices whose options are entries of lists, each with facts of its own.
_LISTED = ("model", "gpu", "provider")
# By hand, what a reader must learn of a word.
MEANS = {
    "sdpa": "attention as PyTorch picks it",
    "eager": "plain PyTorch",
    "headroom": "free at the peak",
    "p95": "95%, of cases are at or below it",
    "guidance": "doubles the work",
    "save": "make the bill smaller",
    "or buy": "public APIs",
    "PASS": "a budget is met",
    "FAIL": "It is missed",
    "AT RISK": "fewer than nine of ten draws",
    "spot": "take away at any time",
    "elasticity": "as an input moves by one percent",
    "narrows": "if an input were known",
    "band": "90% of its draws lie within",
    "draws": "drawn at random from their ranges",
    "text-encoder": "turns the prompt into numbers",
    "teacache-0.05": "reuse the result of a step",
}


@pytest.mark.parametrize("word", MEANS)
def test_a_word_is_explained(word: str, t2v_cap: Program) -> None:
    """Without a plan and with one, in words and in JSON."""
    out = t2v_cap("explain", word).out

    assert MEANS[word] in out
    assert t2v_cap("explain", str(ROOT / "scenarios" / "mochi.yaml"), word).out == out
    assert MEANS[word] in t2v_cap("explain", word, "--format", "json").json["word"]["means"]


def test_each_option_of_a_choice_has_two_sentences() -> None:
    """Every name that a choice may have is in the glossary, and its entry has at least two sentences."""
    options = {option for name in CHOICES if name not in _LISTED for option in Catalogue().options(name)}

    assert {option for option in options if not meaning_of(option)} == set()
    for option in options:
        assert len(re.findall(r"\.(?: |$)", meaning_of(option))) >= 2, option


def test_labels_of_the_screen_are_words() -> None:
    """Each word that begins a line of the first screen is explained."""
    source = (ROOT / "src/t2v_capacity/answers/estimate_lines.py").read_text(encoding="utf-8")
    labels = {*re.findall(r'yield "([a-z ]+)", ', source), "check", "cure"} - {"more", "warning"}

    assert {"why", "save", "or buy", "proof"} <= labels
    assert [label for label in labels if not meaning_of(label)] == []


def test_the_page_of_the_docs_is_the_same_text() -> None:
    """docs/glossary.md has the text that the command reads."""
    text = GLOSSARY_FILE.read_text(encoding="utf-8").partition("\n\n")[2]

    assert text in (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("folder")
def test_a_figure_a_code_and_a_file_win(t2v_cap: Program) -> None:
    """`utilization` is a figure, `extrapolated` a code, and a file of a word's name is a scenario."""
    assert "formulas/" in t2v_cap("explain", "utilization").out
    assert "What to do: " in t2v_cap("explain", "extrapolated").out
    write("model: mochi-1-preview\n", "sdpa")

    assert "missing FIGURE" in t2v_cap("explain", "sdpa", code=2).err


def test_an_unknown_word_has_no_meaning(t2v_cap: Program) -> None:
    """A word that there is not is refused."""
    assert "is not a figure" in t2v_cap("explain", str(ROOT / "scenarios" / "mochi.yaml"), "frobnicate", code=2).err
