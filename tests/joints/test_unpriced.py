"""A GPU whose price nobody knows has no money in any question; one that somebody says has it in all of them."""

from pathlib import Path

import pytest

from places import SHIPPED
from shared import Program, plan_of, write
from t2v_capacity.catalogue import Catalogue

MONEY = "cost_per_month"


@pytest.fixture
def unpriced(folder: Path) -> str:
    """Return a plan on a GPU without a price."""
    return write("model: wan2.2-t2v-a14b\ngpu: mi350x\ndau: 100K\n", folder / "mi.yaml")


def test_no_entry_stands_in() -> None:
    """Of every GPU of the catalogue the plan has a bill exactly where its entry has a price."""
    for gpu, entry in Catalogue().entries("gpus").items():
        figures = plan_of(
            SHIPPED[0], [f"gpu={gpu}", "precision=bf16", "compute_precision=bf16", "memory_error=1e6"]
        ).figures
        assert (figures[MONEY] is not None) == ("gpu_price" in entry.facts), gpu


def test_a_price_that_is_said_counts(unpriced: str, t2v_cap: Program) -> None:
    """A price of a flag, the file or an own catalogue, or a pinned bill, gives the money again; `solve` finds one."""
    bill = plan_of(unpriced, ["gpu_price=2"]).figures[MONEY]
    assert bill is not None
    assert plan_of(write("extends: mi.yaml\ngpu_price: 2\n", "own.yaml")).figures[MONEY] == bill
    write("gpus:\n  mi350x:\n    gpu_price: {value: 2, source: our contract}\n", "chips.yaml")
    assert plan_of(unpriced, catalogues=["chips.yaml"]).figures[MONEY] == bill
    write("gpus:\n  mine:\n    extends: h200-sxm\n    gpu_price: unknown\n", "unknown.yaml")
    assert plan_of(unpriced, ["gpu=mine"], catalogues=["unknown.yaml"]).figures[MONEY] is None
    assert plan_of(unpriced, pins=["gpu_cost_per_month=1M USD/month"]).figures[MONEY] is not None
    found = t2v_cap("solve", unpriced, "--for", "gpu_price", "--until", f"{MONEY} <= {bill!r}", "--format", "json").json
    assert found["value"] == pytest.approx(2, rel=1e-3)
    assert "none" in t2v_cap("solve", unpriced, "--until", f"{MONEY} <= {bill!r}", code=(0, 3)).out


def test_a_whole_reserve_needs_no_other_price(unpriced: str) -> None:
    """A fleet that is reserved as a whole has its bill; what it would cost on demand is not known."""
    plan = plan_of(unpriced, ["reserved_price=2"])

    assert plan.figures["gpu_cost_per_month"] == plan.figures["gpus"] * 2 * 24 * 30  # type: ignore[operator]
    assert plan.figures["gpu_cost_on_demand"] is None
    (warned,) = (warning for warning in plan.warnings if warning.code == "price-unknown")
    assert MONEY not in warned.names


def test_no_revenue_is_not_blamed(unpriced: str) -> None:
    """Where clips are sold, what is null is null for the unknown price, and no other warning names it."""
    plan = plan_of(unpriced, ["price_per_video_second=0.1", "server_price=300000"])
    warned = {warning.code: warning.names for warning in plan.warnings}

    assert "no-revenue" not in warned
    assert {"gross_margin", "break_even_price"} <= {*warned["price-unknown"]}


def test_differences_of_a_price_that_comes(unpriced: str, t2v_cap: Program) -> None:
    """A price that comes is a change from null; between two plans without one nothing of it changed."""
    come, grown = (
        t2v_cap("diff", unpriced, *flag, "--format", "json").json for flag in (("--gpu-price", "2"), ("--dau", "200K"))
    )

    assert (come["assumptions"]["gpu_price"]["base"], come["assumptions"]["gpu_price"]["head"]) == (None, 2)
    assert come["figures"][MONEY]["base"] is None
    assert {"gpu_price", MONEY}.isdisjoint({*grown["assumptions"], *grown["figures"]})
