"""What a figure may come to, moved with its live value.

A spreadsheet draws nothing. An end of a band, and the draw that decides a budget, are as far from the figure as in the
export. That is a share of a figure which is a cost, a time or a count. What may be negative has no such shares.
"""

from t2v_capacity.engine.verbs import TOLERANCE
from t2v_capacity.handover.workbook.workings import CHANGED
from t2v_capacity.plan.cells import ancestry
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.uncertain import NO_BAND

# What is left after the bill, and what the bill is taken from: the bill has the share.
_AFTER_THE_BILL = {"gross_margin": "1", "profit_per_month": "revenue_per_month"}
# A target moves what is left below it, not how far off a latency may be.
_BELOW_A_TARGET = ("latency_slack", "latency_room", "deferred_slack")
_FLEET = {"replicas", "servers", "gpus"}


def moved_end(plan: Estimate, name: str, end: float) -> str:
    """Return the formula of what was an end of a figure in the export; #N/A where it is not known any more.

    >>> from t2v_capacity.plan.estimate import estimate
    >>> from t2v_capacity.scenario.load import load_scenario
    >>> plan = estimate(load_scenario("scenarios/lesson.yaml"))
    >>> moved_end(plan, "trps", 1.5 * plan.figures["trps"])
    'trps*1.5'
    """
    point, whole = plan.figures[name], _AFTER_THE_BILL.get(name)
    if point is None:
        return "NA()"
    if end == point:
        formula = name
    elif whole:
        before = plan.known.get(whole, 1.0)
        formula = f"{whole}-({whole}-{name})*{(before - end) / (before - point)!r}"
    elif name in _BELOW_A_TARGET or not point:
        formula = f"{name}+{end - point!r}"
    else:
        formula = f"{name}*{end / point!r}"
    unknown = _unknown(plan, name, point, end)
    return f"IF({unknown},NA(),{formula})" if unknown else formula


def _unknown(plan: Estimate, name: str, point: float, end: float) -> str:
    """Return the formula that is true where the export does not say how far off a figure may be; nothing if it does."""
    changed, moved = f"{CHANGED}>0", f"ABS({name}-{point!r})>{TOLERANCE:.0E}*ABS({point!r})"
    conditions = list[str]()
    if end == point:  # whole GPUs, or all that is asked for, hid what a larger or fuller fleet shows
        conditions.append(changed if _FLEET & plan.scenario.pins.keys() else f"AND({changed},{moved})")
    if "gpu_limit" in ancestry(name, plan.scenario):
        conditions.append(f"AND(gpu_limit<no_gpu_limit,{changed})")
    low, _middle, high = plan.bands.get("revenue_per_month", NO_BAND)
    if name == "profit_per_month" and low != high:  # sales and bill move together
        conditions.append(moved)
    return f"OR({','.join(conditions)})" if conditions[1:] else "".join(conditions)
