"""Tables that `--only` shows by their own names: the bills of each way to buy GPUs, and thresholds for who is on call."""

from collections.abc import Sequence

from t2v_capacity.assumptions.quantities import digits, show
from t2v_capacity.errors import count_of
from t2v_capacity.forms.report import Column, Table, numbers, table
from t2v_capacity.questions.what_if.alerts import Alert
from t2v_capacity.questions.what_if.buying import Bill

# The width of a page that has room for GPUs and their prices.
_WIDE = 75


def buying_table(bills: Sequence[Bill], months: int) -> Table:
    """Return the bills of the ways to buy, of GPUs alone: what is held and what comes and goes, times its price, is a month's."""
    columns = (
        Column("buying, USD", "name"),
        numbers("GPUs held", lambda bill: _hours(bill["base_gpus"], bill["base_price"]), from_width=_WIDE),
        numbers("in bursts", lambda bill: _hours(bill["burst_gpus"], bill["burst_price"]), from_width=_WIDE),
        numbers("per month", lambda bill: _usd(bill["per_month"])),
        numbers(count_of(months, "month"), lambda bill: _usd(bill["over_months"])),
        Column("", lambda bill: "; ".join(filter(None, ("cheapest" * bill["cheapest"], _terms(bill)))), wrap=True),
    )
    return table(columns, bills)


def _hours(gpus: float | None, price: float | None) -> str:
    return f"{digits(gpus)} x {digits(price)}" if gpus and price else ""


def _usd(value: float | None) -> str:
    return "" if value is None else show(value, "USD").removesuffix(" USD")


def _terms(bill: Bill) -> str:
    """Return what is committed, or what has to be given."""
    if bill["needs"] or not bill["term"]:
        return f"set {bill['needs']}" if bill["needs"] else ""
    return f"{_usd(bill['paid_first'])} paid first" if bill["paid_first"] else f"for {count_of(round(bill['term']), 'month')}"


def alerts_table(found: Sequence[Alert]) -> Table:
    """Return the thresholds of a plan."""
    columns = (
        Column("alert", "name"),
        numbers("above", lambda one: "none" if one["above"] is None else show(one["above"], one["unit"])),
        Column("then", "action"),
        Column("", "follows", wrap=True),
    )
    return table(columns, found)
