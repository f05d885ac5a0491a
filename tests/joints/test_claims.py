"""Public claims: each is a scenario with its source, the tables are of today, and what should agree does."""

import re
from functools import cache

import pytest

import write_claims
from places import ROOT, ours
from t2v_capacity.files.document import Scalar, read_document
from t2v_capacity.scenario.folders import ABSTRACT, sort_out, walked
from t2v_capacity.scenario.load import load_scenario
from texts import RENEW_DOCS
from write_claims import CLAIMS, COUNTED, FOLDER, GIVEN, KINDS, MODELLED, Claim, Held, held
from write_docs import text_of

EVERY = pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.file)


@cache
def found() -> dict[str, Held]:
    """Return each claim with its plan, by its file."""
    return {one.claim.file: one for one in held()}


def test_each_file_is_a_claim() -> None:
    """Every scenario of the folder has a row, every row a scenario, and none is a service of its own."""
    files = {str(path.relative_to(ROOT / FOLDER)) for path in ours(FOLDER) if path.suffix == ".yaml"}

    assert files == {claim.file for claim in CLAIMS}
    assert len(CLAIMS) == len(files)
    assert {*sort_out(walked([str(ROOT / FOLDER)])[0]).others.values()} == {ABSTRACT}


@EVERY
def test_a_claim_names_its_source(claim: Claim) -> None:
    """A claim's own file says what was claimed, and where to read it (the lesson is no page of the web).

    A sentence says why it agrees.
    """
    said = read_document(str(ROOT / FOLDER / claim.file)).entries["description"]

    assert isinstance(said, Scalar)
    assert said.text.startswith("Claimed")
    assert "https://" in said.text or claim.kind == COUNTED
    assert re.fullmatch(r"[A-Z][^{}]+\.", found()[claim.file].why)
    assert load_scenario(str(ROOT / FOLDER / claim.file)).name.startswith("Claim: ")


@EVERY
def test_what_should_agree_agrees(claim: Claim) -> None:
    """What is given or counted agrees to a millionth; what is modelled lies within a factor of 2."""
    one, exact = found()[claim.file], claim.kind in (GIVEN, COUNTED)

    assert claim.kind in KINDS
    assert one.ratio == pytest.approx(1, rel=1e-5) if exact else one.ratio > 0
    assert claim.kind != MODELLED or 0.5 < one.ratio < 2


@pytest.mark.wide
def test_readme_shows_the_claims_of_today() -> None:
    """README's table of claims is what is computed now."""
    assert write_claims.readme() == text_of("README.md"), f"run `{RENEW_DOCS}`"
