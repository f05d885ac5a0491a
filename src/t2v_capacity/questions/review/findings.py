"""Find inputs of a plan to review: values without a source, out of date, or never set.

Each finding has a stable code and a place; docs/warnings.md has a paragraph on each.
A scenario waives one with a reason:

waivers:
  no-source: {dau: the product's own target}
  default-decides: this is a sketch
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES, shorthand_of
from t2v_capacity.assumptions.names import ASSUMPTION, CHOICE, FIGURE, kind_of, unknown
from t2v_capacity.assumptions.parts import plain_name
from t2v_capacity.errors import Place, gathered, nearest, quote, refuse
from t2v_capacity.files.document import Document, Scalar
from t2v_capacity.plan.estimate import Estimate
from t2v_capacity.plan.warnings import plan_warnings
from t2v_capacity.scenario.settings import PlanWarning, Scenario, Setting

FINDING_CODES = ("no-source", "as-of-old", "expired", "price-stale", "default-decides")
_OLDEST = 365  # days


class Waiver(NamedTuple):
    """A finding that a scenario lets pass, of one name or of all, and why."""

    code: str
    name: str
    reason: str
    place: Place

    def covers(self, warning: PlanWarning) -> bool:
        """Return whether a finding is the one that is waived."""
        return self.code == warning.code and self.name in ("", *warning.names)


class Finding(NamedTuple):
    """Something to look at again, where it stands, and the reason for which it is waived, if it is."""

    warning: PlanWarning
    place: Place
    waived: str = ""

    @property
    def name(self) -> str:
        """The finding's code and what it is about."""
        return " ".join((self.warning.code, *self.warning.names))


def today() -> date:
    """Return the reader's day, on which nothing else depends than findings, and when `init --from` read a file."""
    return date.today()  # noqa: DTZ011 - the day of the person who asks


def waivers(scenario: Scenario) -> tuple[Waiver, ...]:
    """Return a scenario's waivers. Raise Mistakes with each unknown code or name, and each waiver without a reason."""
    node = scenario.rules.get("waivers")
    if not isinstance(node, Document):
        return ()
    given = list[Waiver]()
    with gathered() as mistakes:
        for code, waived in node.entries.items():
            place = node.keys[code]
            if code not in FINDING_CODES:
                more = nearest(code, FINDING_CODES) or f"; there are {', '.join(FINDING_CODES)}"
                refuse(mistakes, f"{quote(code)} is not a finding that can be waived{more}", place)
                continue
            named = waived if isinstance(waived, Document) else Document({"": waived}, {"": place}, place)
            for name, reason in named.entries.items():
                if named is waived and not kind_of(name):
                    refuse(mistakes, unknown(name, ASSUMPTION, CHOICE, FIGURE), named.keys[name])
                elif isinstance(reason, Scalar) and not reason.null and (text := reason.text.strip()):
                    given.append(Waiver(code, name, text, named.keys[name]))
                else:
                    what = "which is a text" if named is waived else "or a mapping of names to reasons"
                    refuse(mistakes, f"the waiver of `{name or code}` needs a reason, {what}", named.keys[name])
    return tuple(given)


def findings(plan: Estimate, waived: Iterable[Waiver]) -> tuple[Finding, ...]:
    """Return the inputs of a plan to review today, or on its day if that is later, and the waivers without effect."""
    day, given = max(today(), date.fromisoformat(plan.scenario.as_of)), tuple(waived)
    judged = [
        finding._replace(waived=next((waiver.reason for waiver in given if waiver.covers(finding.warning)), ""))
        for finding in dict.fromkeys((*_findings_by_hand(plan.scenario, day), *_findings_of_warnings(plan, day)))
    ]
    unused = [waiver for waiver in given if not any(waiver.covers(finding.warning) for finding in judged)]
    return (*judged, *map(_unused_waiver, unused))


def _findings_by_hand(scenario: Scenario, day: date) -> Iterator[Finding]:
    """Yield the findings of each value that was set by hand; the parts of a shorthand are one value."""
    for assumption, setting in scenario.all_settings().items():
        place = setting.origin.place
        if not setting.origin.by_hand or place is None:
            continue
        own = plain_name(assumption)
        plain = shorthand_of(own) if setting.origin.kind == "shorthand" else own
        name = f"{assumption.removesuffix(own)}{plain}"
        if not setting.source.strip():
            message = (
                f"`{name}` is set by hand and has no source; "
                f"write it as `{plain}: {{value: ..., source: where it is from}}`"
            )
            yield Finding(PlanWarning("no-source", message, (name,)), place)
        if setting.as_of and (day - date.fromisoformat(setting.as_of)).days > _OLDEST:
            message = f"`{name}` is as of {setting.as_of}, more than {_OLDEST} days before {day}; look it up again"
            yield Finding(PlanWarning("as-of-old", message, (name,)), place)
        if setting.expires and date.fromisoformat(setting.expires) < day:
            message = f"`{name}` expired on {setting.expires}, and it is {day}; find out what holds now"
            yield Finding(PlanWarning("expired", message, (name,)), place)


def _findings_of_warnings(plan: Estimate, day: date) -> Iterator[Finding]:
    """Yield a finding for each name in the plan's warnings that are a matter of care. Prices age until today."""
    scenario = plan.scenario
    aged = scenario.but(as_of=day.isoformat())
    for warning in plan_warnings(aged, plan.known):
        for name in warning.names if warning.code in ("price-stale", "default-decides") else ():
            place = Place(scenario.file)
            if warning.code == "price-stale":
                setting = scenario.settings[name]
                message, place = _stale_message(name, setting, warning, aged.as_of), setting.origin.place or place
            else:
                usual = scenario.option(name) if name in CHOICES else ASSUMPTIONS[name].default
                message = f"`{name}` drives the result but is at its default ({usual}); set it explicitly"
            yield Finding(PlanWarning(warning.code, message, (name,)), place)


def _stale_message(name: str, setting: Setting, warning: PlanWarning, day: str) -> str:
    if warning.severity == "info":
        return f"`{name}` has no date; add `as_of` to the value"
    dated = (setting.as_of or setting.source).split()[-1]  # which was read for the warning, so it is a date
    return f"`{name}` is of {dated}, too long before {day}; look the price up, and set it with its `as_of`"


def _unused_waiver(waiver: Waiver) -> Finding:
    names = tuple(name for name in (waiver.code, waiver.name) if name)
    about = " of ".join(f"`{name}`" for name in names)
    return Finding(
        PlanWarning("waiver-unused", f"{about} is waived, but isn't found; take the waiver out", names), waiver.place
    )
