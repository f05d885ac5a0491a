"""The shipped constants are those that the fit finds, from the shipped runs and the package's own formulas."""

from functools import cache

import pytest

from fit.index import rows
from fit.left_out import FILE as LEFT_OUT
from fit.left_out import constants_left_out, over
from fit.problem import ATTENTION, BY_RUNTIME, LINEAR
from fit.refit import fitted, runs_of_each, sources, without_family, without_source
from fit.writing import assumption_defaults, kernels, left_out_text, of_runtimes, rewritten, sustained
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.catalogue import HERE, Catalogue

pytestmark = pytest.mark.wide

WITHIN = 0.01


@cache
def found() -> dict[str, float]:
    """Return the constants of a new fit."""
    return fitted()


def test_efficiencies_are_those_of_the_fit() -> None:
    """Each measured generation's linear efficiency and kernel's efficiency is within 1% of what the runs give.

    None exceeds the peak.
    """
    entries = Catalogue()
    linear = {
        name: float(entries.find("generations", name).at_precision["linear_efficiency"]["bf16"].text) for name in LINEAR
    }
    attention = {
        name: float(entries.find("kernels", name).facts["attention_efficiency"].text) for name in kernels(found())
    }

    assert linear == pytest.approx({name: found()[name] for name in LINEAR}, rel=WITHIN)
    assert attention == pytest.approx(kernels(found()), rel=WITHIN)
    assert max(attention.values()) <= 1


def test_runtimes_boards_and_defaults_are_those_of_the_fit() -> None:
    """What each runtime supplies, what power leaves of a board's rate, and the defaults are within 1% of the fit."""
    entries = Catalogue()
    for name in BY_RUNTIME:
        wanted = of_runtimes(found(), name)
        assert {
            one: ASSUMPTIONS[name].read(entries.find("runtimes", one).facts[name].text) for one in wanted
        } == pytest.approx(wanted, rel=WITHIN)
    shares = {name: float(entries.find("gpus", name).facts["sustained_share"].text) for name in sustained(found())}
    defaults = {name: float(text) for name, text in assumption_defaults(found()).items() if name in ASSUMPTIONS}

    assert shares == pytest.approx(sustained(found()), rel=WITHIN)
    assert {name: float(ASSUMPTIONS[name].default) for name in defaults} == pytest.approx(defaults, rel=WITHIN)


def test_catalogue_is_what_the_fit_writes() -> None:
    """Rewriting the efficiencies with the fit's own numbers changes nothing, so that no number was set by hand."""
    text = (HERE / "efficiencies.yaml").read_text(encoding="utf-8")

    assert rewritten(text, found(), runs_of_each()) == text


@pytest.mark.parametrize("family", ["wan-14b", "cosmos-predict2"])
def test_left_out_constants_are_those_of_the_fit(family: str) -> None:
    """The constants kept for a family are what the fit gives without that family's runs."""
    lines = left_out_text({family: without_family(family)}, {}).splitlines()

    assert set(lines[3:]) <= set(LEFT_OUT.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("source", ["wan22", "xdit-cogvideox"])
def test_constants_without_a_source_are_those_of_the_fit(source: str) -> None:
    """A source's constants are what the fit gives without its runs, and each source that gives some has its own."""
    lines = left_out_text({}, {source: without_source(source)}).splitlines()

    assert set(lines[4:]) <= set(LEFT_OUT.read_text(encoding="utf-8").splitlines())
    assert list(constants_left_out().sources) == sources()


def test_a_constant_without_runs_stays_at_its_prior() -> None:
    """Left without the runs of Wan 14B, the one pair that only it measures falls back to its prior."""
    assert without_family("wan-14b")["blackwell/fa4"] == pytest.approx(ATTENTION["blackwell/fa4"][0])


def test_every_fitted_model_has_constants_without_it() -> None:
    """Each model of the fit belongs to a family with constants of its own, which no other family shares."""
    families = constants_left_out().families
    models = {one.row.model for one in rows() if one.row.kind == "in-fit"}

    assert models == set(families)
    assert len({id(constants) for constants in families.values()}) == 7


def test_constants_left_out_replace_the_shipped_ones() -> None:
    """A family's constants replace the generation's, the kernel's and the model-free ones, and nothing else."""
    chosen = {"gpu": "h100-sxm", "attention_kernel": "fa3", "runtime": "compiled"}
    family = constants_left_out().families["mochi-1-preview"]
    before = {"linear_efficiency": 0.5, "attention_efficiency": 0.5, "sustained_share": 1.0, "steps": 50.0}
    after = over(family, before, chosen)

    assert after["attention_efficiency"] == family["attention_efficiency"]["hopper/fa3"]
    assert after["elementwise_factor"] == family["elementwise_factor"]["compiled"]
    assert after["steps"] == before["steps"]
    assert after["sustained_share"] == 1
