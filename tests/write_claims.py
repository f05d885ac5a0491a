"""Public claims, compared with the program's result for the same job: docs/claims/README.md, and a table in README.

A claim is a scenario in docs/claims/, which names its source, and a row of tests/authorities/claims.yaml, which says
what was claimed of which figure.
"""

from collections.abc import Iterator
from typing import NamedTuple

import yaml

from places import AUTHORITIES, ROOT
from t2v_capacity.assumptions.quantities import parse
from t2v_capacity.forms.values import show_value
from t2v_capacity.formulas import FIGURES
from t2v_capacity.plan.estimate import Estimate, estimate
from t2v_capacity.scenario.load import load_scenario
from texts import GENERATED, table

FOLDER = "docs/claims"
PAGE = f"{FOLDER}/README.md"
BEGIN, END = "<!-- claims: written by tests/write_docs.py -->", "<!-- /claims -->"
GIVEN, COUNTED, MODELLED, PRICE = "given", "arithmetic", "model", "price"
KINDS = {
    GIVEN: "an input of the scenario, so it tests nothing",
    COUNTED: "exact arithmetic on the claimed inputs",
    MODELLED: "from the physical model, compared with a measurement",
    PRICE: "a list price, compared with the cost computed here",
}

# A prediction may be off; arithmetic on what was claimed can't.
APART = {"Predictions": (MODELLED, PRICE), "Arithmetic": (COUNTED, GIVEN)}


class Claim(NamedTuple):
    """What was claimed; `why` says in a sentence what the ratio means, and names figures that stand beside it."""

    file: str
    said: str
    kind: str
    figure: str
    claimed: str
    why: str


CLAIMS = tuple(Claim(**row) for row in yaml.safe_load((AUTHORITIES / "claims.yaml").read_text(encoding="utf-8")))


class Held(NamedTuple):
    """A claim and the plan of its scenario."""

    claim: Claim
    plan: Estimate

    @property
    def sides(self) -> tuple[float, float]:
        """What was claimed, and what the program computes, in the figure's base unit."""
        found = self.plan.figures[self.claim.figure]
        assert found is not None, self.claim.file
        return parse(self.claim.claimed, FIGURES[self.claim.figure].unit, bare=True), found

    @property
    def ratio(self) -> float:
        """Computed over claimed."""
        return self.sides[1] / self.sides[0]

    @property
    def why(self) -> str:
        """What the ratio means."""
        return self.claim.why.format_map({name: show_value(name, value) for name, value in self.plan.figures.items()})

    def cells(self) -> tuple[str, str, str]:
        """Return claimed, computed and ratio as a person reads them."""
        claimed, computed = (show_value(self.claim.figure, value, 4) for value in self.sides)
        return claimed, computed, f"{self.ratio:.2f}"


def held() -> Iterator[Held]:
    """Yield each claim with its plan."""
    for claim in CLAIMS:
        yield Held(claim, estimate(load_scenario(str(ROOT / FOLDER / claim.file))))


def claims_page() -> str:
    """Return docs/claims/README.md."""
    found = list(held())
    parts = [
        "# Public claims, computed",
        GENERATED,
        (
            "Public claims about text-to-video services, and the result of t2v-cap for the same job. "
            "Each claim is a scenario in this folder. "
            "Its description names the source, the facts stated there, and the facts presumed here. "
            "The ratio is computed over claimed."
        ),
    ]
    for title, kinds in APART.items():
        of_kind = [one for one in found if one.claim.kind in kinds]
        rows = [
            (f"[{one.claim.said}]({one.claim.file})", f"`{one.claim.figure}`", one.claim.kind, *one.cells())
            for one in of_kind
        ]
        parts += [f"## {title}", table(("claim", "figure", "kind", "claimed", "computed", "ratio"), rows)]
        parts.append("; ".join(f"*{kind}* is {KINDS[kind]}" for kind in kinds) + ".")
    parts.append("## Each claim")
    for one in found:
        command = f"```sh\nt2v-cap estimate {FOLDER}/{one.claim.file} --only {one.claim.figure}\n```"
        parts += [
            f"### {one.claim.said}",
            f"{' against '.join(reversed(one.cells()[:2]))}, {one.cells()[2]}. {one.why}",
            command,
        ]
    parts.append(
        "Runs with all of their settings stated are measurements, not claims: "
        "`t2v-cap accuracy --format csv` lists them, and [accuracy](../accuracy.md) sums them up."
    )
    return "\n\n".join(parts) + "\n"


def readme() -> str:
    """Return README with the table of today."""
    before, _begin, rest = (ROOT / "README.md").read_text(encoding="utf-8").partition(BEGIN)
    found, tables = list(held()), list[str]()
    for title, kinds in APART.items():
        rows = [
            (f"[{one.claim.said}]({FOLDER}/{one.claim.file})", *one.cells()) for one in found if one.claim.kind in kinds
        ]
        tables.append(table((title.lower(), "claimed", "computed", "ratio"), rows))
    return "\n".join((before + BEGIN, "\n\n".join(tables), END + rest.partition(END)[2]))


def write_claims() -> None:
    """Write the table of README."""
    (ROOT / "README.md").write_text(readme(), encoding="utf-8")
