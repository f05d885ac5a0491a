"""A plan as the contract's `estimate` document."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

from typing_extensions import TypedDict

from t2v_capacity.assumptions.names import finite, unit_of
from t2v_capacity.catalogue import ListPrice
from t2v_capacity.forms.data import (
    AmountData,
    ChoiceData,
    FigureData,
    Head,
    Keywords,
    OriginData,
    ScenarioData,
    SettingData,
    VerdictData,
    WarningData,
    amounts_data,
    data,
    figures_data,
    head,
    origin_data,
    scenario_data,
    setting_data,
    verdict_data,
    warnings_data,
    whole,
)
from t2v_capacity.plan.drivers import HEADLINE
from t2v_capacity.plan.evidence import CLASSES, EXTRAPOLATED, MEASURED, SAME_GENERATION
from t2v_capacity.plan.mix import PartFigures
from t2v_capacity.plan.trials import ADVISED, Trial
from t2v_capacity.questions.estimate import PlanRecord
from t2v_capacity.questions.search.apis import MakeOrBuy, PartPrice
from t2v_capacity.questions.what_if.alerts import Alert
from t2v_capacity.questions.what_if.buying import Bill

if TYPE_CHECKING:
    from t2v_capacity.questions.review.check import Row
    from t2v_capacity.questions.what_if.days import Measured


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
    figures: Annotated[dict[str, float], Keywords(propertyNames={"enum": list(HEADLINE)})]
    """The factor of the other value on each headline figure"""


_Class = TypedDict("_Class", {"class": Annotated[str, Keywords(enum=list(CLASSES))]})


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


BuyData = TypedDict("BuyData", {"own": str, "own_autoscaled": str})


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
    """GPU cost in USD per delivered second, always on"""
    own_autoscaled: float
    """The same, autoscaled"""
    low: float
    """The model's error, as a factor on both: the low end"""
    high: float
    """The high end"""
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
    clips_per_day: float | None
    """From so many clips per day own costs no more; null where it never does"""
    verdict: BuyData | None
    parts: list[BuyPartData]
    """The same of each part of a mix"""


BudgetData = TypedDict("BudgetData", {"name": str, "passed": bool, "chance": float | None, "value": float | None, "limit": float | None})
AdviceData = TypedDict("AdviceData", {"flags": list[str], "figures": dict[str, float | None]})


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


class EstimateDocument(Head):
    """What t2v-cap estimate --format json writes."""

    scenario: ScenarioData
    choices: dict[str, ChoiceData]
    assumptions: dict[str, SettingData]
    """In base units; a range's value is its median. What a part or a stage has of its own is mix.PART.NAME or stages.STAGE.NAME, pins too"""
    figures: dict[str, FigureData]
    """In base units; null has a warning that names it"""
    evidence: Annotated[str, Keywords(enum=[MEASURED, SAME_GENERATION, EXTRAPOLATED])]
    """What the generation model rests on"""
    evidence_reason: str
    """Why it is no more; empty where it is measured"""
    verdict: VerdictData
    """Whether the plan holds: what every command says of it"""
    warnings: list[WarningData]
    decides: list[DriverData]
    """What was left at a default and moves a headline figure by a tenth"""
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
    advice: list[AdviceData]
    """Everything that the answer advises: flags, and the figures of the estimate with them"""
    simulated: dict[str, SimulatedData]
    """Where `--only` asks for it: simulated days of the fleet, without the model's error; else empty"""
    buying: list[Bill]
    """Where `--only buying` asks for it: each way to buy the GPUs; else empty"""
    alerts: list[Alert]
    """Where `--only alerts` asks for it: thresholds for who is on call; else empty"""


def simulated_data(name: str, found: "Measured") -> SimulatedData:
    """Return a value over simulated days as data."""
    return data(SimulatedData, found, unit=unit_of(name), standard_error=found.error)


def estimate_document(record: PlanRecord) -> EstimateDocument:
    """Return a plan as the contract's `estimate` document."""
    estimate, scenario, error = record.plan, record.plan.scenario, record.plan.model_error
    return {
        **head("estimate", scenario.as_of, estimate.seed, estimate.samples),
        "scenario": scenario_data(scenario),
        "choices": {name: {"value": one.value, "origin": origin_data(one.origin)} for name, one in scenario.choices.items()},
        "assumptions": {name: setting_data(name, setting) for name, setting in (*scenario.settings.items(), *scenario.of_parts().items())},
        "figures": figures_data(scenario, estimate.figures, estimate.bands),
        "evidence": estimate.evidence,
        "evidence_reason": estimate.verdict.evidence.reason,
        "verdict": verdict_data(estimate.verdict),
        "warnings": warnings_data(estimate.warnings),
        "decides": [data(DriverData, one, origin=origin_data(one.origin)) for one in record.drivers],
        "model_error": {"low": error.low, "high": error.high, "share": error.share, "class": error.kind},
        "nearest": [data(NearData, run, predicted=float(f"{run.predicted:.6g}")) for run in record.nearest],
        "mix": [data(PartData, part, figures=_finite(part.figures), stages=list(map(_stage_data, part.stages))) for part in record.parts],
        "stages": list(map(_stage_data, () if record.parts else record.stages)),
        "apis": _apis_data(record.apis) if record.apis else None,
        "budgets": list(map(_budget_data, record.budgets)),
        "simulated": {},
        "buying": [],
        "alerts": [],
        "advice": list(map(advice_data, record.advice)),
    }


def _stage_data(stage: PartFigures) -> StageData:
    return data(StageData, stage, decoded=stage.decodes, figures=_finite(stage.figures))


def _finite(figures: Mapping[str, float]) -> dict[str, AmountData]:
    return amounts_data({name: finite(value) for name, value in figures.items()})


def advice_data(trial: Trial) -> AdviceData:
    """Return a change as advice: its flags, and what they give."""
    return {"flags": list(trial.change.flags), "figures": {name: finite(trial.figures[name]) for name in ADVISED}}


def _budget_data(row: "Row") -> BudgetData:
    value, limit = (whole(one) if row.whole else one for one in (row.value, row.limit))
    return data(BudgetData, row, value=value, limit=limit)


def _apis_data(found: MakeOrBuy) -> ApisData:
    return data(
        ApisData,
        found,
        below=_service_data(found.below) if found.below else None,
        above=_service_data(found.above) if found.above else None,
        alike=list(map(_service_data, found.alike)),
        against=found.against.id if found.against else None,
        verdict=_buy_data(found, found),
        parts=[data(BuyPartData, one, alike=list(map(_service_data, one.alike)), verdict=_buy_data(found, one)) for one in found.parts],
    )


def _buy_data(found: MakeOrBuy, of: MakeOrBuy | PartPrice) -> BuyData | None:
    """Return whether to buy from the cheapest service that is alike; nothing if none is."""
    if not of.alike:
        return None
    return {"own": found.verdict(of.own, of.alike[0].price), "own_autoscaled": found.verdict(of.own_autoscaled, of.alike[0].price)}


def _service_data(one: ListPrice) -> ServiceData:
    return data(ServiceData, one)
