"""A plan in all its forms, first of all as the contract's `estimate` document."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from typing_extensions import TypedDict

from t2v_capacity.assumptions.names import finite, name_in, unit_of
from t2v_capacity.errors import Place, gathered, quote, refuse
from t2v_capacity.forms.answer import Answer, Cells, Page, keyed, rows_of
from t2v_capacity.forms.data import (
    AmountData,
    ChoiceData,
    EvidenceKind,
    FigureData,
    OriginData,
    PlanHead,
    SettingData,
    VerdictData,
    WarningData,
    data,
    document,
    figures_data,
    keywords,
    one_of,
    setting_data,
    writes,
)
from t2v_capacity.formulas import FIGURES, GROUPS
from t2v_capacity.formulas.simulated import SIMULATED
from t2v_capacity.plan.advice import mended, troubles
from t2v_capacity.plan.candidates import HEADLINE
from t2v_capacity.plan.evidence import ERROR_CLASSES
from t2v_capacity.plan.trials import ADVISED, Trial
from t2v_capacity.questions.estimate import ALERTS, BUYING, FAILURES, SCALING, TABLES, PlanRecord
from t2v_capacity.questions.search.apis import BuyData, MakeOrBuy
from t2v_capacity.questions.what_if.buying import Bill
from t2v_capacity.questions.what_if.failures import Failure
from t2v_capacity.questions.what_if.scaling import Alert, Scaling

if TYPE_CHECKING:
    from t2v_capacity.forms.plot import Plot
    from t2v_capacity.forms.report import Report
    from t2v_capacity.plan.estimate import Estimate
    from t2v_capacity.questions.what_if.days import SimulatedValue


class SimulatedData(TypedDict):
    """A value over simulated days."""

    value: float
    unit: str
    standard_error: float


class DriverData(TypedDict):
    """An input left at its default, and the headline with another value."""

    name: str
    value: str
    origin: OriginData
    other: str
    figures: Annotated[dict[str, float], keywords(propertyNames={"enum": list(HEADLINE)})]
    """The factor of the other value on each headline figure"""


_Class = TypedDict("_Class", {"class": Annotated[str, one_of(*ERROR_CLASSES)]})


class ErrorData(_Class):
    """The possible error of the predicted seconds, as factors."""

    low: float
    high: float
    share: float


NearData = TypedDict("NearData", {"id": str, "source": str, "measured": float, "predicted": float})


class ServiceData(TypedDict):
    """A public service that makes videos."""

    id: str
    label: str
    price: float
    """USD per second of video"""


class BuyPartData(TypedDict):
    """A part of a mix, and the public services of its model at its size."""

    name: str
    own: float
    own_autoscaled: float
    alike: list[ServiceData]
    verdict: BuyData | None


class ApisData(TypedDict):
    """The cost of a delivered second and the list prices to compare it with."""

    own: float
    """GPU cost in USD per delivered second, as the plan rents its GPUs"""
    own_autoscaled: float
    """The same, autoscaled over the cheapest commitment that has a price"""
    low: float
    """Its least over what is uncertain, as a factor on it; a fleet is whole servers"""
    high: float
    """Its most"""
    below: ServiceData | None
    """The service with the highest list price that is no more than own"""
    above: ServiceData | None
    """The one with the lowest list price above own"""
    alike: list[ServiceData]
    """Services of the same model at its frame size"""
    break_even_price: float | None
    """Break-even price of a paid second, in USD; null if no user pays"""
    against: str | None
    """The service that clips_per_day and verdict are of; null where none serves this model at this size"""
    bought_per_month: float | None
    """What that service asks a month for the plan's seconds, in USD"""
    clips_per_day: float | None
    """The fewest tried at which own costs no more; a further server may cost more again; null where it never does"""
    verdict: BuyData | None
    parts: list[BuyPartData]
    """The same of each part of a mix"""


BudgetData = TypedDict(
    "BudgetData", {"name": str, "passed": bool, "chance": float | None, "value": float | None, "limit": float | None}
)


class AdviceData(TypedDict):
    """A change: its flags, and what they give."""

    flags: list[str]
    figures: dict[str, float | None]
    note: str
    """That no engine is listed for the model, where the plan with it is in one; else empty"""


class OfferedData(AdviceData):
    """A change that the answer advises."""

    mends: list[str]
    """The codes of the plan's warnings that it ends, of those that name remedies"""


class StageData(TypedDict):
    """A stage of a clip; what decoding takes is 0 where it hands its latents on."""

    name: str
    decoded: bool
    figures: dict[str, AmountData]


class PartData(TypedDict):
    """A part of a mix: the figures of its clips, and its part of the fleet and of the bill."""

    name: str
    share: float
    figures: dict[str, AmountData]
    stages: list[StageData]


class EstimateDocument(PlanHead):
    """What t2v-cap estimate --format json writes."""

    choices: dict[str, ChoiceData]
    assumptions: dict[str, SettingData]
    """In base units, a range by its median; a part's own is mix.PART.NAME, a stage's stages.STAGE.NAME, pins too"""
    figures: dict[str, FigureData]
    """In base units; null has a warning that names it, but for prices that no input sets"""
    evidence: EvidenceKind
    """What the generation model rests on"""
    evidence_reason: str
    """Why it is no more; empty where it is measured"""
    verdict: VerdictData
    """Whether the plan holds: what every command says of it"""
    warnings: list[WarningData]
    decides: list[DriverData]
    """What was left at a default, and overloads the fleet or moves a headline figure by a tenth"""
    model_error: ErrorData
    """True over predicted seconds, in so large a share of the published runs of the class"""
    nearest: list[NearData]
    """The published runs nearest to the plan, in seconds"""
    mix: list[PartData]
    """The parts of a mix; their share is of the requests"""
    stages: list[StageData]
    """The stages of the clips, in their order; in a mix each part has its own"""
    apis: ApisData | None
    """Make or buy: public APIs and the plan; null where a second has no cost"""
    budgets: list[BudgetData]
    """The scenario's budgets, judged"""
    simulated: dict[str, SimulatedData]
    """Where `--only` asks for it: simulated days of the fleet, without the model's error; else empty"""
    advice: list[OfferedData]
    """Everything that the answer advises: flags, and the figures of the estimate with them"""
    buying: list[Bill]
    """Where `--only buying` asks for it: each way to buy the GPUs; else empty"""
    alerts: list[Alert]
    """Where `--only alerts` asks for it: thresholds for who is on call; else empty"""
    scaling: Scaling | None
    """Where `--only scaling` asks for it: the settings of an autoscaler; else null"""
    failures: list[Failure]
    """Where `--only failures` asks for it: what becomes of the fleet where something fails; else empty"""


def estimate_document(record: PlanRecord, only: Sequence[str] = (), _plan: object = None) -> EstimateDocument:
    """Return a plan as the contract's `estimate` document; of figures and tables those alone that are asked for."""
    estimate, scenario, error = record.plan, record.plan.scenario, record.plan.model_error
    codes = troubles(estimate)
    figures = {name: number for name, number in estimate.figures.items() if not only or name in only}
    return document(
        EstimateDocument,
        estimate,
        "estimate",
        scenario.as_of,
        estimate.seed,
        estimate.samples,
        choices=scenario.choices,
        assumptions={
            name: setting_data(name, setting)
            for name, setting in (*scenario.settings.items(), *scenario.of_parts().items())
        },
        figures=figures_data(scenario, figures, estimate.bands),
        evidence_reason=estimate.verdict.evidence.reason,
        decides=record.drivers,
        model_error={"low": error.low, "high": error.high, "share": error.share, "class": error.kind},
        nearest=[data(NearData, run, predicted=float(f"{run.predicted:.6g}")) for run in record.nearest],
        mix=estimate.parts,
        stages=() if estimate.parts else estimate.stages,
        apis=record.apis,
        budgets=record.budgets,
        simulated={
            name: {"value": number, "unit": unit_of(name), "standard_error": error}
            for name, (number, error) in (days_of(record, only) or {}).items()
        },
        buying=record.buying if BUYING in only else (),
        alerts=record.alerts if ALERTS in only else (),
        scaling=record.scaling if SCALING in only else None,
        failures=record.failures if FAILURES in only else (),
        advice=[{**_advice_data(trial), "mends": mended(codes, trial)} for trial in record.advice],
    )


@writes(AdviceData)
def _advice_data(trial: Trial) -> AdviceData:
    """Return a change as advice: its flags, and what they give."""
    return {
        "flags": list(trial.change.flags),
        "figures": {name: finite(trial.figures[name]) for name in ADVISED},
        "note": trial.engine_note,
    }


@writes(ApisData)
def _apis_data(comparison: MakeOrBuy) -> ApisData:
    return data(ApisData, comparison, against=comparison.against and comparison.against.id)


def estimate_answer(record: PlanRecord, only: Sequence[str] = ()) -> "Answer[Estimate, EstimateDocument]":
    """Return a plan in all its forms; data needs nothing of what reads formulas. `only` names what to show."""
    asked = groups_and_figures(only)
    return Answer(
        record.plan,
        partial(_report, record, asked),
        partial(estimate_document, record, asked),
        cells=partial(_cells, record, asked),
        plot=None if {SCALING, FAILURES}.isdisjoint(asked) else partial(_plot, record),
    )


def _report(record: PlanRecord, asked: Sequence[str], _plan: "Estimate", page: Page) -> "Report":
    if page.everything or asked:
        from t2v_capacity.answers.estimate_report import plan_report

        return plan_report(record, asked, days_of(record, asked), page)
    from t2v_capacity.answers.estimate_screen import screen

    return screen(record, page.width, aligned=page.form != "markdown")


def _cells(record: PlanRecord, asked: Sequence[str], _plan: "Estimate") -> Cells:
    document = estimate_document(record, asked)
    if {*TABLES}.issuperset(asked) and (rows := table_rows(document)):
        return rows_of(rows)
    return keyed(document["figures"], ("value", "unit", "label", "pinned", "p5", "p50", "p95"))


def _plot(record: PlanRecord, _plan: "Estimate", document: EstimateDocument) -> "Plot":
    from t2v_capacity.answers.estimate_on_call import failures_plot, scaling_plot

    draw = scaling_plot if document["scaling"] else failures_plot
    return draw(record, document)


def table_rows(document: EstimateDocument) -> Sequence[Mapping[str, Any]]:
    """Return the rows of the table that was asked for, as CSV has them; nothing where none was."""
    if scaling := document["scaling"]:
        days = {"weekday": scaling["hours"], "weekend": scaling["weekend"]}
        return [{"day": day, **hour} for day, hours in days.items() for hour in hours]
    return document["failures"] or document["buying"] or document["alerts"]


def groups_and_figures(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the figures that texts name, one by one or as a group. Raise Mistakes with every text that names neither.

    >>> groups_and_figures(["rule-of-thumb", "trps"])[-3:]
    ('rule_of_thumb_gpus', 'rule_of_thumb_servers', 'trps')
    """
    named = {name: [name] for name in (*FIGURES, *SIMULATED)}
    for figure in FIGURES.values():
        if not figure.detail:
            named.setdefault(figure.group.replace(" ", "_"), []).append(figure.name)
    named["waiting"] += SIMULATED
    named |= {name: [name] for name in TABLES}
    figures = list[str]()
    with gathered() as mistakes:
        for text in [part.strip() for several in texts for part in several.split(",")]:
            if (name := name_in(text)) in named:
                figures += named[name]
            else:
                from t2v_capacity.assumptions.synonyms import NAME_SYNONYMS, meant

                groups = f"; the groups are {', '.join(group.replace(' ', '-') for group in (*GROUPS, *TABLES))}"
                near = meant(text, named, NAME_SYNONYMS) or groups
                message = f"{quote(text)} is neither a group of figures nor a figure{near}"
                refuse(mistakes, message, Place(f"--only {text}"))
    return tuple(dict.fromkeys(figures))


def days_of(record: PlanRecord, names: Sequence[str]) -> "dict[str, SimulatedValue] | None":
    """Return what the names ask of simulated days.

    Return None if all names are of figures or tables, or if a group asks and there is no NumPy.
    Raise ModuleNotFoundError if there is no NumPy for what is asked by its name.
    """
    asked = [name for name in SIMULATED if name in names]
    if FIGURES.keys() | {*TABLES} >= {*names}:
        return None
    try:
        return {name: record.simulated[name] for name in asked if name in record.simulated}
    except ModuleNotFoundError:
        if len(asked) < len(SIMULATED):
            raise
        return None
