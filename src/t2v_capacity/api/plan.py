"""A plan, and what can be asked of it.

What goes in is what a file takes: "200M", "30 d", 1_000_000; a bare number means what it means in a file, and is
refused where a file refuses it. What comes out is in base units: byte, bit/s, second, FLOP, joule, USD.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from t2v_capacity.api.given import (
    MOST_SEED,
    Path,
    PinValues,
    Texts,
    amounts_of,
    check_draws,
    check_whole,
    file_texts,
    group_sizes,
    listed,
    mapping_of,
    one_or_more,
    path_of,
    shown_of,
    texts_of,
    value_text,
)
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES
from t2v_capacity.assumptions.names import (
    ASSUMPTION,
    CHOICE,
    FIGURE,
    OF_DAYS,
    figures_in,
    kind_of,
    name_in,
    names_of,
    plain,
    unknown,
)
from t2v_capacity.assumptions.parts import MIX, OF_THE_PROMISE, PART_OF, SHARE, STAGES, is_own
from t2v_capacity.errors import Mistakes, Place, collected, gathered, placed, refuse
from t2v_capacity.formulas import FIGURES
from t2v_capacity.formulas.simulated import SIMULATED
from t2v_capacity.plan.cells import SAMPLES, SEED
from t2v_capacity.plan.estimate import Estimate, computed
from t2v_capacity.plan.estimate import estimate as estimate_of
from t2v_capacity.plan.tree import evaluated
from t2v_capacity.scenario.load import load_scenario, with_flags
from t2v_capacity.scenario.settings import PlanWarning, Scenario, point

if TYPE_CHECKING:
    from typing import Unpack

    import numpy as np
    from numpy.typing import NDArray

    from t2v_capacity.answers.compare import CompareAnswer
    from t2v_capacity.answers.estimate import EstimateDocument
    from t2v_capacity.answers.explain import ExplainDocument
    from t2v_capacity.answers.forecast import ForecastAnswer
    from t2v_capacity.answers.sensitivity import SensitivityAnswer
    from t2v_capacity.answers.solve import SolveAnswer
    from t2v_capacity.answers.sweep import SweepAnswer
    from t2v_capacity.api.given import Given, Over
    from t2v_capacity.assumptions.typed import Named
    from t2v_capacity.forms.answer import Answer
    from t2v_capacity.measured.months.actuals_answer import ActualsAnswer
    from t2v_capacity.measured.runs.measure_answer import MeasureAnswer
    from t2v_capacity.plan.conditions import Condition
    from t2v_capacity.plan.evidence import ModelError
    from t2v_capacity.plan.tree import PartFigures
    from t2v_capacity.questions.estimate import PlanRecord
    from t2v_capacity.questions.what_if.months import Calendar
else:
    Named = object  # names as types are for type checkers and editors


# No tree of inputs is so deep.
MOST_LEVELS = 1_000
# Fewer draws than this give no share of them.
FEWEST_DRAWS = 100


class Band(NamedTuple):
    """The 5th, 50th and 95th percentile of a figure in its unit, nothing where it has no value.

    `source` says what they are made of: "draws", or "model error" where that alone is uncertain.
    """

    p5: float | None
    p50: float | None
    p95: float | None
    source: str = "draws"


class Plan(Mapping[str, float], Named):
    """A capacity plan: a mapping of its figures, in base units.

    Figures and assumptions are items and attributes too: always a float, an integer for a count, and nan where one has
    no value. Choices are attributes. A plan never changes: `but` gives another.

    >>> import t2v_capacity as t2v
    >>> plan = t2v.estimate("scenarios/lesson.yaml")
    >>> plan.rule_of_thumb_gpus, plan["trps"], plan.assumptions["dau"], plan.gpu
    (8180, 11574.074074074075, 100000000.0, 'a100-80gb-sxm')
    """

    def __init__(self, scenario: Scenario, samples: int = SAMPLES, seed: int = SEED) -> None:
        """Take a scenario, and of how many draws its bands are; `estimate` is the way to make a plan."""
        check_draws(samples, seed)
        self.__dict__.update(scenario=scenario, samples=samples, seed=seed)

    scenario: Scenario
    samples: int
    seed: int

    def __setattr__(self, name: str, _value: object = None) -> None:
        """Refuse: a plan never changes."""
        raise AttributeError(f"a plan never changes; `plan.but({name}=...)` gives another")

    __delattr__ = __setattr__

    @cached_property
    def _first(self) -> dict[str, float]:
        return {}

    def _figure(self, name: str) -> float:
        """Return a figure. The first one asked for is computed alone, where nothing can be refused.

        The second computes all of them.
        """
        scenario = self.scenario
        refusable = scenario.pins or scenario.inner or scenario.by_hand("gpu_limit")
        if not refusable and not self._first and "at_points" not in self.__dict__:
            self._first.update(evaluated(scenario, scenario.values(), (name,)))
        return self._first[name] if name in self._first else self.at_points.known[name]

    @cached_property
    def at_points(self) -> Estimate:
        """The estimate, each range at its point; what commands and reports are given."""
        return estimate_of(self.scenario)

    def __getitem__(self, name: str) -> float:
        """Return a figure or an assumption in base units. Raise KeyError if nothing has that name."""
        if name not in FIGURES and name not in ASSUMPTIONS:
            raise KeyError(unknown(name, FIGURE, ASSUMPTION))
        number = plain(name, self._figure(name) if name in FIGURES else self.scenario.values()[name])
        return math.nan if number is None else number

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the figures, in the order of a plan."""
        return iter(FIGURES)

    def __len__(self) -> int:
        """Return the number of figures."""
        return len(FIGURES)

    if not TYPE_CHECKING:  # which knows the names from `Named`, and refuses others

        def __getattr__(self, name: str) -> float | str:
            """Return a figure, an assumption or a choice.

            Raise AttributeError, with the nearest name, if there is none.
            """
            if name.startswith("_"):  # which notebooks and pickle probe for
                raise AttributeError(name)
            if name in CHOICES:
                return self.scenario.option(name)
            if name in FIGURES or name in ASSUMPTIONS:
                return self[name]
            if name in SIMULATED:
                return self.simulated(name).get(name, math.nan)
            from t2v_capacity.assumptions.synonyms import NAME_SYNONYMS, meant

            near = meant(name, (*names_of(FIGURE, ASSUMPTION), *super().__dir__()), NAME_SYNONYMS) or meant(
                name, CHOICES, NAME_SYNONYMS
            )
            raise AttributeError(f"a plan has no `{name}`{near}")

    def __dir__(self) -> list[str]:
        """Return the names that a notebook completes."""
        return sorted({*super().__dir__(), *names_of(FIGURE, ASSUMPTION, CHOICE)})

    def _ipython_key_completions_(self) -> list[str]:
        """Return the names that a notebook completes after `plan["`."""
        return names_of(FIGURE, ASSUMPTION)

    def __reduce__(self) -> tuple[object, ...]:
        """Return the data to rebuild the plan in another process: its scenario, not the computed values."""
        return Plan, (self.scenario, self.samples, self.seed)

    def __repr__(self) -> str:
        """Return the plan in a line."""
        return f"<Plan {self.scenario.name}: {self['gpus']:g} GPUs, {self['cost_per_month']:.4g} USD a month>"

    def __str__(self) -> str:
        """Return the plan's table as text."""
        return str(self.table())

    def _repr_markdown_(self) -> str:
        return self.markdown()

    @property
    def assumptions(self) -> Mapping[str, float]:
        """The assumptions in base units, a range at its point."""
        return {name: point(name, setting.value) for name, setting in self.scenario.settings.items()}

    @property
    def choices(self) -> Mapping[str, str]:
        """The choices: the model, the GPU, the kernel and so on."""
        return self.scenario.chosen()

    @property
    def warnings(self) -> tuple[PlanWarning, ...]:
        """The warnings: each with `code`, `names`, `severity`, `message`, and a text form."""
        return self.at_points.warnings

    @property
    def evidence(self) -> str:
        """The evidence of the generation model: measured, same-generation or extrapolated."""
        return self.at_points.evidence

    @property
    def model_error(self) -> "ModelError":
        """The model's error: factors `low` and `high` of true seconds over predicted ones.

        A `share` of the runs of a class, `kind`, lies between them.
        """
        return self.at_points.model_error

    @property
    def stages(self) -> "tuple[PartFigures, ...]":
        """The stages of the plan's clips, each with its `name`, `decodes`, `values` and `figures`.

        In a mix each part has its own.
        """
        return self.at_points.stages

    @property
    def mix(self) -> "tuple[PartFigures, ...]":
        """The parts of a mix, each with its `name`, `share` and `figures`.

        A part's figures are its clips' own, its p95, its GPUs and what a clip of it costs.
        """
        return self.at_points.parts

    def but(
        self,
        *,
        pins: PinValues = None,
        sets: PinValues = None,
        **values: "Unpack[Given]",
    ) -> "Plan":
        """Return the plan with other assumptions, choices or pins.

        They are the same layer as flags, so the later of two values counts.

        >>> import t2v_capacity as t2v
        >>> plan = t2v.estimate("scenarios/lesson.yaml")
        >>> plan.but(dau="200M").but(dau=50_000_000).rule_of_thumb_gpus, plan.but(pins={"trps": 5}).trps
        (4090, 5.0)

        `sets` are values by any name that `--set` takes: `but(sets={"mix.hd.share": "30%", "stages.base.steps": 8})`.
        """
        scenario = with_flags(self.scenario, texts_of({**values, **mapping_of(sets)}), pins=texts_of(mapping_of(pins)))
        return checked_plan(Plan(scenario, self.samples, self.seed))

    def estimated(self) -> Estimate:
        """Return the whole estimate, with the band of each figure."""
        from t2v_capacity.plan.estimate import with_bands

        if not self.at_points.bands:
            self.__dict__["at_points"] = with_bands(self.at_points, self.samples, self.seed)
        return self.at_points

    @cached_property
    def record(self) -> "PlanRecord":
        """Everything that the plan's answer shows: make or buy as `apis`, the `nearest` published runs, advice."""
        from t2v_capacity.questions.estimate import PlanRecord

        return PlanRecord(self.estimated())

    def table(self, only: Sequence[str] = (), months: int | None = None) -> "Answer[Estimate, EstimateDocument]":
        """Return the plan as an answer: its text is the first screen, or groups and figures.

        `.json()` is what the command writes. `only="buying"` has each way to buy its GPUs, summed over `months` (12),
        and "alerts" thresholds for who is on call. "scaling" has the floor, ceiling and hours of an autoscaler, and
        "failures" what becomes of the fleet where a part of it fails.

        >>> import t2v_capacity as t2v
        >>> answer = t2v.estimate("scenarios/start-up.yaml").table("buying")
        >>> [round(bill["per_month"]) for bill in answer.document()["buying"][:2]]
        [262440, 110110]
        """
        from t2v_capacity.answers.estimate import estimate_answer
        from t2v_capacity.questions.estimate import PlanRecord

        record = self.record if months is None else PlanRecord(self.estimated(), months)
        return estimate_answer(record, listed(only) if only else ())

    def json(self) -> str:
        """Return the plan as the JSON document that `t2v-cap estimate` writes."""
        return self.table().json()

    def markdown(self) -> str:
        """Return the plan as markdown."""
        return self.table().markdown()

    def csv(self) -> str:
        """Return the plan's figures as CSV."""
        return self.table().csv()

    def frame(self) -> Any:
        """Return the figures as a pandas data frame, a row each: value, unit, label and band.

        This takes pandas, which is no extra.
        """
        return self.table().frame()

    def explain(self, name: str, depth: int | None = None) -> "Answer[Any, ExplainDocument]":
        """Return the inputs of a figure or an assumption as a tree.

        For a choice, return the values that it supplies. For a warning's code or a word, return its meaning. The tree
        has three levels of inputs unless `depth` says otherwise; data then has all. Raise Mistakes if nothing has the
        name.
        """
        from t2v_capacity.answers.explain import explain_answer, guide_answer, word_answer
        from t2v_capacity.plan.glossary import guides, meaning_of
        from t2v_capacity.questions.explain import explain

        check_whole(*([] if depth is None else [("depth", depth, 0, MOST_LEVELS)]))
        plan, wanted = self.at_points, name_in(name)
        if (code := wanted.replace("_", "-")) in guides():
            return guide_answer(guides()[code], plan)
        name = wanted if is_own(wanted) else str(name)
        while is_own(name):  # what follows from the part's own values, or the stage's
            home, part, name = [*name.split(".", 2), ""][:3]
            if home == MIX and name in PART_OF and name not in OF_THE_PROMISE:
                raise Mistakes(
                    f"`{wanted}` is the part's part of `{name}`, by GPU-seconds; `t2v-cap explain` tells of `{name}`"
                )
            if name == SHARE:
                raise Mistakes(f"`{wanted}` is given, and follows from nothing; `t2v-cap estimate` shows the shares")
            if home == STAGES:
                from t2v_capacity.plan.tree import check_of_a_stage

                check_of_a_stage(plan.scenario, part, name)
            plan = plan.of_part(part, home)
        if not kind_of(name_in(name)) and meaning_of(name):
            return word_answer(name)
        return explain_answer(plan, explain(plan, name, depth))

    @property
    def bands(self) -> Mapping[str, Band]:
        """The band of each figure: of the draws, or of the model's error where no assumption has a range.

        There is none if nothing is uncertain.

        >>> import t2v_capacity as t2v
        >>> wide = t2v.estimate("scenarios/mochi.yaml", samples=1_000, dau="50M to 200M")
        >>> [round(value / 1e8) for value in wide.bands["requests_per_day"][:3]]
        [5, 10, 20]
        """
        plan = self.estimated()
        source = "draws" if plan.samples else "model error"
        return {name: Band(low, middle, high, source) for name, (low, middle, high) in plan.bands.items()}

    def draws(
        self, *names: str, samples: int | None = None, seed: int | None = None
    ) -> "dict[str, NDArray[np.float64]]":
        """Return figures and assumptions over the draws: {name: numpy array of so many}, in base units."""
        import numpy as np

        from t2v_capacity.plan.uncertain import draws, sampled

        samples = self.samples if samples is None else samples
        seed = self.seed if seed is None else seed
        check_draws(samples, seed)
        wanted = amounts_of(names)
        scenario = self.at_points.uncertain
        ranges = scenario.ranges()
        figures = [name for name in wanted if name in FIGURES]
        columns = sampled(scenario, figures, samples, seed) if figures else {}
        drawn = {name: ranges[name] for name in wanted if name in ranges and name not in FIGURES}
        columns |= draws(drawn, samples, seed)
        return {name: np.broadcast_to(np.asarray(columns.get(name, self[name]), float), (samples,)) for name in wanted}

    def simulated(self, *names: str, seed: int = 1) -> dict[str, float]:
        """Return what days of the plan are simulated for, all or some names; a name without a value is left out.

        >>> import t2v_capacity as t2v
        >>> list(t2v.estimate("scenarios/start-up.yaml").simulated("longest_wait", "latency_p99"))
        ['longest_wait', 'latency_p99']
        """
        from t2v_capacity.questions.what_if.simulated import simulated

        check_whole(("seed", seed, 0, MOST_SEED))
        with gathered() as mistakes:
            for name in names:
                if not isinstance(name, str) or name not in SIMULATED:
                    refuse(mistakes, unknown(name, OF_DAYS, near=SIMULATED))
        return {name: outcome.value for name, outcome in simulated(self.at_points, names, seed).items()}

    def measure(self, engine: str = "") -> "MeasureAnswer":
        """Return the shell lines that time a plan's clips with an engine, or with each. Raise Mistakes if unknown."""
        from t2v_capacity.measured.runs.measure import measuring
        from t2v_capacity.measured.runs.measure_answer import measure_answer

        return measure_answer(measuring(self.at_points, engine))

    def sensitivity(self, figure: str) -> "SensitivityAnswer":
        """Return a figure's sensitivities and the input to measure first. Raise Mistakes if there is no such figure."""
        from t2v_capacity.answers.sensitivity import sensitivity_answer
        from t2v_capacity.questions.what_if.sensitivity import sensitivity, with_narrowing

        check_draws(self.samples, self.seed, FEWEST_DRAWS)
        return sensitivity_answer(with_narrowing(sensitivity(self.scenario, figure), self.samples, self.seed))

    def holds(self, condition: str) -> bool:
        """Return whether a condition holds, of the point values or of the draws.

        >>> import t2v_capacity as t2v
        >>> t2v.estimate("scenarios/lesson.yaml").holds("rule_of_thumb_gpus <= 8180")
        True
        """
        from t2v_capacity.plan.conditions import parse_condition

        asked = parse_condition(value_text(condition), simulated=True)
        if asked.figure in SIMULATED and asked.figure not in FIGURES:
            return asked.holds(self.simulated(asked.figure).get(asked.figure))
        number = self.at_points.figure(asked.figure)
        if not asked.of_draws:
            return asked.holds(number)
        likely = self.at_points.likely((asked.figure,), self.samples, self.seed)
        return asked.holds_of(likely.get(asked.figure, math.nan if number is None else number))

    def sweep(self, *axes: str, show: Texts | None = None, **over: "Unpack[Over]") -> "SweepAnswer":
        """Return rows over axes, the last one running fastest; each has the codes of its `warnings`.

        Axes are values by name, or texts as the command takes them.

        >>> import t2v_capacity as t2v
        >>> lesson = t2v.estimate("scenarios/lesson.yaml")
        >>> rows = lesson.sweep("steps=30,50", show="rule_of_thumb_gpus", dau=["100M", "200M"])
        >>> [row["rule_of_thumb_gpus"] for row in rows]
        [4908, 9816, 8180, 16360]
        """
        from t2v_capacity.answers.sweep import sweep_answer
        from t2v_capacity.questions.what_if.sweep import SWEPT_FIGURES, read_axes, sweep

        texts = [*map(value_text, axes), *(f"{name}={','.join(one_or_more(values))}" for name, values in over.items())]
        if not texts:
            raise Mistakes("`--over` is missing; name an axis, such as --over 'dau=10M..1B log 9'")
        shown = figures_in(listed(SWEPT_FIGURES if show is None else show), "a sweep is")
        return sweep_answer(sweep(self.scenario, read_axes(texts, self.scenario), shown))

    def groups(self, sizes: Iterable[int] | None = None) -> "CompareAnswer":
        """Return the plan at each group size, as `compare` of its own GPU.

        Sizes are 1, 2, 4, 8 and the plan's own unless given.
        """
        return self.compare(self.scenario.option("gpu"), sizes)

    def compare(self, gpu: Texts | None = None, sizes: Iterable[int] | None = None) -> "CompareAnswer":
        """Return GPUs, those of the catalogue unless named, each with the best of its group sizes.

        For one GPU, return its group sizes.
        """
        from t2v_capacity.answers.compare import compare_answer
        from t2v_capacity.questions.what_if.compare import compare

        known = self.scenario.catalogue
        names = list(known.entries("gpus")) if gpu is None else listed(gpu)
        with placed(Place(f"--gpu {','.join(names)}")), gathered() as mistakes:
            gpus = dict[str, None]()
            for name in names:
                with collected(mistakes):
                    gpus[known.find("gpus", name).id] = None
        return compare_answer(compare(self.scenario, list(gpus), None if sizes is None else group_sizes(sizes)))

    def forecast(
        self,
        months: int = 24,
        limit: Texts = (),
        show: Texts = (),
        *,
        start: str | None = None,
        lead_time: str | None = None,
    ) -> "ForecastAnswer":
        """Return the plan month by month, and when limits are crossed: rows from month 0, and `.crossed`.

        `start` is the calendar month of month 0, such as "2027-03". `lead_time` is the time from an order to its GPUs,
        such as "5 months".
        """
        from t2v_capacity.answers.forecast import forecast_answer
        from t2v_capacity.questions.what_if.forecast import forecast

        shown, limits, calendar = forecast_options(months, limit, show, start, lead_time)
        return forecast_answer(
            forecast(self.at_points, months, limits, calendar, samples=self.samples, seed=self.seed), shown
        )

    def actuals(self, *given: "Path | Mapping[str, object]", start: str | None = None) -> "ActualsAnswer":
        """Return the plan against measured months: rows by month and name, each with its `ratio` and `inside`.

        What is given are files, or mappings of the same form. `start` is the calendar month of the plan's month 0.

        >>> import t2v_capacity as t2v
        >>> plan = t2v.estimate("scenarios/start-up.yaml")
        >>> [row["ratio"] for row in plan.actuals({"month": "2026-10", "actuals": {"dau": "12K", "gpus": 81}})]
        [1.2, 1.0]
        """
        from t2v_capacity.measured.months.actuals import actuals
        from t2v_capacity.measured.months.actuals_answer import actuals_answer

        texts = [
            cast("Mapping[str, object]", file_texts(month)) if isinstance(month, Mapping) else path_of(month)
            for month in given
        ]
        return actuals_answer(
            actuals(
                self.at_points,
                texts,
                None if start is None else value_text(start),
                samples=self.samples,
                seed=self.seed,
            )
        )

    def solve(
        self,
        name: str | None = None,
        *,
        until: Texts = (),
        smallest: bool = False,
        minimize: str | None = None,
        maximize: str | None = None,
    ) -> "SolveAnswer":
        """Return the value of an assumption, or the option of a choice, that keeps conditions: `.value`.

        It is the largest or smallest value, or the best option. Where nothing keeps them it is nan, or an empty text of
        a choice.

        Without a name, return single changes that keep them: `.levers`. They are other options, and inputs that a
        planner can turn and that are not off.

        >>> import t2v_capacity as t2v
        >>> t2v.estimate("scenarios/lesson.yaml").solve("steps", until="rule_of_thumb_gpus <= 5000").value
        30.0
        """
        from t2v_capacity.answers.solve import solve_answer
        from t2v_capacity.questions.search.solve import solution_of

        how = (self.samples, self.seed)
        return solve_answer(
            solution_of(
                self.at_points,
                name,
                one_or_more(until),
                smallest=smallest,
                minimize=minimize,
                maximize=maximize,
                sampling=how,
            )
        )

    def export(self, file: Path, *others: "Plan", months: int = 24, start: str | None = None) -> bytes:
        """Return the content that `t2v-cap export` writes to a file of that name.

        It is a workbook (.xlsx), a page (.html, of two plans too), or .md. A workbook of several plans has a sheet for
        each, by month from `start` on, and their sum.
        """
        from t2v_capacity.handover.export import exported

        _shown, _limits, calendar = forecast_options(months, (), (), start, None)
        return exported([plan.estimated() for plan in (self, *others)], path_of(file), months, calendar)


def checked_plan(plan: Plan) -> Plan:
    """Return a plan whose limit and pins can be computed with.

    Raise Mistakes if the limit holds no replica or a figure would be infinite.
    """
    if plan.scenario.pins or any(stage.pins for stage in plan.scenario.stages) or plan.scenario.by_hand("gpu_limit"):
        plan["gpus"]  # computes all of them
    for part in plan.scenario.parts:  # of which any may have all of the requests, in a cell or a search
        if not part.own.isdisjoint(part.pins):
            computed(part.scenario)
    return plan


def forecast_options(
    months: int, limit: Texts, show: Texts, start: str | None, lead_time: str | None
) -> "tuple[list[str], tuple[Condition, ...], Calendar]":
    """Return the names that a forecast shows, its limits and its calendar. Raise Mistakes if they are invalid."""
    from t2v_capacity.plan.conditions import parse_conditions
    from t2v_capacity.questions.what_if.months import MOST_MONTHS, calendar_of

    check_whole(("months", months, 1, MOST_MONTHS))
    shown, limits = shown_of(show), parse_conditions(one_or_more(limit), "--limit")
    texts = (None if text is None else value_text(text) for text in (start, lead_time))
    return shown, limits, calendar_of(*texts, limited=bool(limits))


def plan_of(
    path: str | None,
    sets: Iterable[str] = (),
    pins: Iterable[str] = (),
    catalogues: Iterable[str] = (),
    as_of: str | None = None,
    samples: int = SAMPLES,
    seed: int = SEED,
) -> Plan:
    """Return the plan of a file and flags as texts, such as "dau=200e6".

    Raise Mistakes if the file's gates or budgets are invalid.
    """
    plan = checked_plan(Plan(load_scenario(path, sets, pins, catalogues, as_of), samples, seed))
    if plan.scenario.rules:
        from t2v_capacity.questions.review.check import read_rules

        read_rules(plan.scenario)
    return plan
