"""Ask questions of files and of several plans: the functions of the Python API."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, overload

from t2v_capacity.api.given import (
    FlagTexts,
    Path,
    Paths,
    PinValues,
    Texts,
    check_draws,
    each,
    file_or_revision,
    files_of,
    listed,
    mapping_of,
    meanings_of,
    one_or_more,
    path_of,
    texts_of,
    value_text,
)
from t2v_capacity.api.plan import Plan, checked_plan, forecast_options, plan_of
from t2v_capacity.assumptions.names import figures_in
from t2v_capacity.errors import Mistake, Mistakes, collected, gathered
from t2v_capacity.plan.cells import SAMPLES, SEED
from t2v_capacity.scenario.load import load_scenario
from t2v_capacity.scenario.settings import Scenario

if TYPE_CHECKING:
    from typing import Unpack

    from t2v_capacity.answers.check import CheckAnswer
    from t2v_capacity.answers.diff import AgainstAnswer, DiffAnswer
    from t2v_capacity.answers.forecast_services import ServicesAnswer
    from t2v_capacity.answers.total import TotalAnswer
    from t2v_capacity.api.given import Given, Rules
    from t2v_capacity.measured.logs.fit_answer import FitAnswer
    from t2v_capacity.measured.runs.accuracy_answer import AccuracyAnswer
    from t2v_capacity.measured.runs.calibrate_answer import CalibrateAnswer
    from t2v_capacity.questions.change.diff import SharedFlags, Side
    from t2v_capacity.questions.change.judge import GateOptions


def estimate(
    source: Path | None = None,
    /,
    *,
    pins: PinValues = None,
    catalogue: Paths = (),
    as_of: str | None = None,
    samples: int = SAMPLES,
    seed: int = SEED,
    **values: "Unpack[Given]",
) -> Plan:
    """Return the plan of a file, of a git revision's ("main:plan.yaml"), or of values alone.

    Values are what flags take: texts, numbers, a `Range`. Raises Mistakes with everything that is wrong.

    >>> estimate("scenarios/mochi.yaml", dau="200M").dau, round(estimate(model="wan2.2-t2v-a14b", dau=1_000_000).trps)
    (200000000.0, 23)
    """
    from_git = None if source is None else file_or_revision(path_of(source))
    dated = None if as_of is None else value_text(as_of)
    return plan_of(from_git, texts_of(values), texts_of(mapping_of(pins)), files_of(catalogue), dated, samples, seed)


def check(
    *paths: Path,
    budgets: Texts = (),
    strict: bool = False,
    pins: PinValues = None,
    catalogue: Paths = (),
    samples: int = SAMPLES,
    seed: int = SEED,
    **values: "Unpack[Given]",
) -> "CheckAnswer":
    """Return whether scenarios and folders of them keep their own budgets and those given.

    `.code` is the command's exit code. What is wrong is among `.mistakes`, and the code is then 2.

    >>> check("scenarios/lesson.yaml", budgets="rule_of_thumb_gpus <= 8000").code
    3
    """
    given = files_of(paths), one_or_more(budgets)
    return check_of(
        *given, (texts_of(values), texts_of(mapping_of(pins)), files_of(catalogue)), (samples, seed), strict=strict
    )


def check_of(
    paths: Sequence[str], budgets: Iterable[str], flags: FlagTexts, draws: tuple[int, int], *, strict: bool
) -> "CheckAnswer":
    """Return whether files and folders of them keep their budgets, each with flags.

    `.mistakes` has what is wrong with any of them.
    """
    from t2v_capacity.answers.check import check_answer
    from t2v_capacity.plan.conditions import Condition, parse_conditions
    from t2v_capacity.questions.review.check import Checks, checks

    def load(path: str) -> Scenario:  # whose budgets and gates are read elsewhere
        return checked_plan(Plan(load_scenario(path, *flags))).scenario

    wrong: list[Mistake] = []
    more: tuple[Condition, ...] = ()
    with collected(wrong):
        check_draws(*draws)
    with collected(wrong):
        more = parse_conditions(budgets, "--budget", simulated=True)
    review = checks(paths, more, load, draws, strict=strict)
    return check_answer(Checks(() if wrong else review.checked, (*wrong, *review.mistakes), review.left_out))


def total(*plans: Plan | Path, pooled: bool = False) -> "TotalAnswer":
    """Return plans, files and folders as one service.

    `.figures` are the totals, and `.not_added` says why other figures have none. With `pooled` they also share one
    fleet, the first served first: `.pool` has its figures, what each class waits, and the fleets apart.

    >>> both = total("scenarios/mochi.yaml", "scenarios/mochi.yaml")
    >>> both.figures["gpus"] == 2 * estimate("scenarios/mochi.yaml").gpus
    True
    """
    return total_of(plans, pooled=pooled)


def total_of(given: Sequence[Plan | Path], flags: FlagTexts = ((), (), ()), *, pooled: bool) -> "TotalAnswer":
    """Return plans, and those of files and folders with flags, as one service.

    Raise Mistakes with the mistakes of all of them.
    """
    from t2v_capacity.answers.total import total_answer
    from t2v_capacity.questions.estimate import PlanRecord
    from t2v_capacity.questions.what_if.total import total as add

    plans = _plans_in(given, flags)
    total = add([plan.at_points for plan in plans], pooled=pooled)
    return total_answer(total, [PlanRecord(plan.at_points) for plan in plans])


def _plans_in(given: Sequence[Plan | Path], flags: FlagTexts = ((), (), ())) -> list[Plan]:
    """Return plans, and those of files and folders with flags. Raise Mistakes with the mistakes of all of them."""
    from t2v_capacity.scenario.folders import scenarios_of

    if not given:
        raise Mistakes("there is nothing to add; name a plan, a scenario or a folder of them")
    files = [path_of(plan) for plan in given if not isinstance(plan, Plan)]
    plans = [plan for plan in given if isinstance(plan, Plan)]
    with gathered() as mistakes:
        for path in scenarios_of(files).scenarios if files else ():
            with collected(mistakes):
                plans.append(plan_of(path, *flags))
    return plans


def forecast(
    *plans: Plan | Path,
    months: int = 24,
    limit: Texts = (),
    show: Texts = (),
    start: str | None = None,
    lead_time: str | None = None,
) -> "ServicesAnswer":
    """Return plans, files and folders month by month, and their sum, on which limits are.

    `.forecasts` has those of each, and `.total` the sum. All are at their points, without bands.

    >>> forecast("scenarios/mochi.yaml", "scenarios/mochi.yaml", months=2).total.series.of("gpus")[1] > 0
    True
    """
    from t2v_capacity.answers.forecast_services import services_answer
    from t2v_capacity.questions.what_if.forecast import forecast_services

    shown, limits, calendar = forecast_options(months, limit, show, start, lead_time)
    services = _plans_in(plans)
    return services_answer(forecast_services([plan.at_points for plan in services], months, limits, calendar), shown)


@overload
def diff(
    base: Plan | Path,
    head: Plan | Path,
    *,
    why: Texts = (),
    **rules: "Unpack[Rules]",
) -> "DiffAnswer": ...
@overload
def diff(*, against: str, paths: Sequence[Path], **rules: "Unpack[Rules]") -> "AgainstAnswer": ...
def diff(
    base: Plan | Path | None = None,
    head: Plan | Path | None = None,
    *,
    against: str | None = None,
    paths: Sequence[Path] = (),
    why: Texts = (),
    **rules: "Unpack[Rules]",
) -> "DiffAnswer | AgainstAnswer":
    """Return the changes between two plans, by figure.

    With `against`, return those of every scenario of paths against a git revision. A side is a plan, a file, or a git
    revision's ("main:plan.yaml"). Rules are `fail_on`, `warn_on`, `gates` (a file) and `gates_from`. `total` adds
    up the scenarios of each side. `.code` is the command's exit code.

    >>> plan = estimate("scenarios/lesson.yaml")
    >>> diff(plan, plan.but(dau="200M"))["trps"].relative_change
    1.0
    """
    from t2v_capacity.questions.change.diff import SharedFlags
    from t2v_capacity.questions.change.judge import BASE, GateOptions, check_source

    file = path_of(rules["gates"]) if "gates" in rules else None
    fail_on, warn_on = (one_or_more(rules.get(rule, ())) for rule in ("fail_on", "warn_on"))
    gates_from, added = check_source(str(rules.get("gates_from", BASE))), rules.get("total", False)
    asked = GateOptions(fail_on, warn_on, file, gates_from, added)
    if against is not None:
        return diff_against(against, [path_of(path) for path in each(paths)], asked, SharedFlags())
    if base is None or head is None:
        raise Mistakes("a diff is of two plans; name the one before and the one after, or `against` and `paths`")
    return diff_of([_side(base), _side(head)], asked, listed(why))


def diff_of(sides: Sequence["Side"], asked: "GateOptions", why: Iterable[str]) -> "DiffAnswer":
    """Return the changes between two sides, judged, with the parts of the figures asked about."""
    if asked.total:
        raise Mistakes("`--total` adds up many scenarios; name a revision and a folder, `--against HEAD scenarios`")
    from t2v_capacity.answers.diff import diff_answer
    from t2v_capacity.questions.change.judge import judge_change

    with gathered() as mistakes:
        with collected(mistakes):
            difference = judge_change(sides[0], sides[1], asked)
        with collected(mistakes):
            why = figures_in(why, "a change is split", "--why")
    return diff_answer(difference, {figure: difference.why(figure) for figure in why})


def diff_against(revision: str, paths: Sequence[str], asked: "GateOptions", flags: "SharedFlags") -> "AgainstAnswer":
    """Return every scenario of paths against the merge base of a revision and HEAD."""
    from t2v_capacity.answers.diff import against_answer
    from t2v_capacity.questions.change.diff_against import against

    return against_answer(against(revision, paths, asked, flags))


def _side(plan: Plan | Path) -> "Side":
    from t2v_capacity.questions.change.diff import read_side, side

    return side(plan.at_points) if isinstance(plan, Plan) else read_side(file_or_revision(path_of(plan)))


def accuracy(runs: Path | None = None, scenario: Path | None = None, *, catalogue: Paths = ()) -> "AccuracyAnswer":
    """Return predicted against measured, of the published runs or of a file of one's own: `.summary`, `.rows`."""
    from t2v_capacity.measured.runs.accuracy import accuracy as accuracy_of
    from t2v_capacity.measured.runs.accuracy_answer import accuracy_answer

    plan = None if scenario is None else load_scenario(path_of(scenario), catalogues=files_of(catalogue))
    return accuracy_answer(accuracy_of(None if runs is None else path_of(runs), files_of(catalogue), plan))


def calibrate(scenario: Path, runs: Path, *, catalogue: Paths = (), **values: "Unpack[Given]") -> "CalibrateAnswer":
    """Return the efficiencies that measured runs of a scenario give.

    `.fitted` has them, and `.document()["catalogue"]` is the catalogue to save.
    """
    from t2v_capacity.measured.runs.calibrate import calibrate as calibration
    from t2v_capacity.measured.runs.calibrate_answer import calibrate_answer

    return calibrate_answer(
        calibration(path_of(scenario), path_of(runs), texts_of(values), catalogues=files_of(catalogue))
    )


def fit(
    trace: Path, *, columns: Mapping[str, str] | None = None, statuses: Mapping[str, str] | None = None
) -> "FitAnswer":
    """Return the assumptions that a trace of requests shows.

    `.fitted` has them, and `.document()["scenario"]` is the scenario to save and extend.

    `columns` are the names of the columns of time, user, status and duration. `statuses` says what words of a status
    mean.
    """
    from t2v_capacity.measured.logs.fit import fit as fitted
    from t2v_capacity.measured.logs.fit_answer import fit_answer

    return fit_answer(fitted(path_of(trace), meanings_of(columns), meanings_of(statuses)))
