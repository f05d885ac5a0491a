"""The generated page docs/day.md: the figures of a day, compared with fleets that were simulated clip by clip."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

import day_drawn
from day_fleet import CAP, CARRIED, DEFERRAL, LIMIT, MIX, OVERLOAD, POOL, PROMISE, RERUN
from day_grid import LEAST_REFUSED, MEASURES, OF_A_CLIP, Row, error_of, errors, head, known_of, predicted, promises, recorded
from places import ROOT
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.plan.waits import short_queue
from t2v_capacity.questions.what_if.pool_days import FEWEST as POOL_DAYS
from texts import GENERATED

PAGE = "docs/day.md"
NEAR = 0.1  # of the simulated value: what the figures aim for
UNSAFE = -0.2  # an error that misleads a planner
EDGE = 0.945  # of capacity: from here on brief queues are a fleet's longest
BELOW_CAPACITY = ("longest_wait", "bad_wait")  # what is told apart there
SIMULATED, FLUID = "simulated", "fluid"
# What is measured, in words: the figure that says it, and how it was simulated.
WORDS = {
    "overload_time": ("`overload_time`", "time in which arrivals exceed capacity"),
    "backlog": ("`backlog`", "clips that wait when the overload ends"),
    "longest_wait": ("`longest_wait`", "longest wait of a day"),
    "bad_wait": ("`longest_wait_p95`", "longest wait of one day in twenty"),
    "latency_p95": ("`latency_p95`", "latency of urgent requests at the peak, 95th percentile"),
    "longest_deferral": ("`deferred_wait`", "longest wait of a day, of work that can wait"),
    "bad_deferral": ("`deferred_wait_p95`", "longest wait of one day in twenty, of work that can wait"),
    "latency_p50": ("`latency_p50`", "latency of urgent requests at the peak, median"),
    "latency_p99": ("`latency_p99`", "latency of urgent requests at the peak, 99th percentile"),
    "latency_first": ("latency in the pool", "latency of the first class at the peak, 95th percentile"),
    "latency_second": ("latency in the pool", "latency of the second class at the peak, 95th percentile"),
    "longest_free": ("longest wait in the pool", "longest wait of a day, of the class that waits for all"),
    "bad_free": ("longest wait in the pool, 95th percentile", "longest wait of one day in twenty, of the class that waits for all"),
    "refused_share": ("`refused_share`", "requests that come to a full queue"),
}
_KINDS = {
    CARRIED: "carries its peak",
    OVERLOAD: "below its peak",
    DEFERRAL: "some work can wait",
    POOL: "paid and free clips",
    MIX: "two lengths of clips",
    RERUN: "runs fail, or spot is taken away",
    LIMIT: "a queue refuses requests",
    CAP: "free clips have a cap",
}
_KEPT = {True: "meets it", False: "misses it", None: "queue grows indefinitely"}
_HEADINGS = ("measured", "rows", f"within {NEAR:.0%}", "median error", "worst", "replicas and day of the worst")


class Group(NamedTuple):
    """Rows of one measure from one engine: how many are near, and how far the others are off."""

    measure: str
    engine: str
    rows: tuple[Row, ...]
    errors: tuple[float, ...]

    @property
    def near(self) -> int:
        """How many rows are within the aim."""
        return sum(abs(error) <= NEAR for error in self.errors)

    @property
    def median(self) -> float:
        """The median error, without its sign."""
        return float(np.median(np.abs(self.errors)))

    @property
    def worst(self) -> tuple[float, Row]:
        """The largest error with its sign, and its row."""
        return max(zip(self.errors, self.rows, strict=True), key=lambda pair: abs(pair[0]))


def groups(fleets: Callable[[int], bool] = lambda _fleet: True) -> list[Group]:
    """Return the recorded rows by measure and engine, each with its error; those of some fleets only."""
    rows = [row for row in recorded() if row.cell.kind != PROMISE and fleets(row.replicas)]
    off = errors(rows)
    found = []
    for engine in (SIMULATED, FLUID):
        for measure in MEASURES:
            mine = [(row, error) for row, error in zip(rows, off, strict=True) if (row.cell.engine, row.measure) == (engine, measure)]
            if mine:
                found.append(Group(measure, engine, *zip(*mine, strict=True)))
    return found


class Drawn(NamedTuple):
    """Drawn rows of one kind of fleet and measure: how many are near, unsafe, and how far off they are."""

    kind: str
    measure: str
    edge: bool  # the peak takes 95 % of the fleet or more; of a limit, it is so short that a warning says that more are refused
    errors: tuple[float, ...]
    near: int

    @property
    def unsafe(self) -> int:
        """How many rows promise much more than the fleet keeps."""
        return sum(error < UNSAFE for error in self.errors)


def drawn_groups(*, judging: bool) -> list[Drawn]:
    """Return the drawn rows that judge the formulas, or those that were looked at, by kind and measure."""
    return groups_of([row for row in day_drawn.recorded() if row.measure in MEASURES and day_drawn.judging(row.cell) is judging])


def later_groups() -> list[Drawn]:
    """Return the rows of the later draws by kind and measure."""
    return groups_of(day_drawn.recorded_later())


def groups_of(rows: Sequence[Row]) -> list[Drawn]:
    """Return rows by kind, measure and how full the fleet is."""
    found: dict[tuple[str, str, bool], list[tuple[float, bool]]] = {}
    for row, said in zip(rows, predicted(rows), strict=True):
        of_peak = row.cell.load * row.cell.peak >= EDGE and row.measure in BELOW_CAPACITY
        key = row.cell.kind, row.measure, warned_short(row) if row.cell.kind == LIMIT else of_peak
        error = error_of(row, said)
        slight = row.measure not in ("backlog", "refused_share") and abs(said - row.value) <= OF_A_CLIP * row.cell.seconds
        found.setdefault(key, []).append((error, abs(error) <= NEAR or slight))
    return [Drawn(*key, tuple(error for error, _near in of), sum(near for _error, near in of)) for key, of in found.items()]


def warned_short(row: Row) -> bool:
    """Return whether a row's queue is so short that a warning says that more are refused."""
    (known,) = known_of([row])
    return bool(short_queue(known))


def _measured(one: Drawn) -> tuple[str, str]:
    """Return which fleets a group is of, and what was measured, in words."""
    of_capacity = {
        CARRIED: {True: ", 95% of capacity and more", False: ", less than 95% of capacity"},
        LIMIT: {True: ", a short one, with a warning", False: ", a longer one"},
    }
    more = of_capacity[one.kind][one.edge] if one.kind == LIMIT or (one.kind == CARRIED and one.measure in BELOW_CAPACITY) else ""
    figure, what = WORDS[one.measure]
    return f"{_KINDS[one.kind]}{more}", f"{what} ({figure})"


def _off(one: Drawn) -> tuple[str, str, str]:
    """Return how many rows of a group are unsafe, their median error and the worst."""
    worst = max(one.errors, key=abs)
    return f"{one.unsafe}", f"{float(np.median(one.errors)):+.1%}", f"{worst:+.0%}" if abs(worst) < 1 else "+100% and more"


def _drawn() -> list[str]:
    lines = []
    halves = {half: {one[:3]: one for one in drawn_groups(judging=half)} for half in (False, True)}
    for key, one in halves[True].items():
        seen = halves[False][key]
        lines.append((*_measured(one), f"{seen.near} of {len(seen.errors)}", f"{one.near} of {len(one.errors)}", *_off(one)))
    later = [(*_measured(one), f"{one.near} of {len(one.errors)}", *_off(one)) for one in later_groups()]
    return [
        "## Fleets drawn at random",
        f"Long clips and hard days: {len(day_drawn.drawn())} fleets of {min(day_drawn.FLEETS)} to {max(day_drawn.FLEETS)} replicas with clips of a minute to an hour, "
        f"loads of {min(day_drawn.CARRYING):.0%} to {max(day_drawn.OVER) * day_drawn.MORE:.0%} of capacity at the peak, clips four at a click and with a spread of up to "
        f"{max(day_drawn.SPREADS):g} (squared, a gamma's), drawn once. Half of them were used to develop the formulas; the other half judges them. Its counts were seen in between, so most forms were corrected with that knowledge. Of deferred work its rows were seen too: the moment at which chance's queue is longest comes from them, and from a draw that is not shown. Fleets whose queue has a limit were drawn after their formulas stood, so all of them judge; but from their rows come the longest wait of a full queue (held against 24 fleets more, of which none was unsafe). A pool's days have no constant that was fitted; the length of their steps and their number were set on all rows. From those come also the second bound of `pool-long-clips` and the note of a pool on a cap that is nearly full. "
        f"Near is within {NEAR:.0%}, or {OF_A_CLIP:.0%} of a clip's time, or {NEAR * LEAST_REFUSED:.1%} of requests. Unsafe is a value more than {-UNSAFE:.0%} too low.",
        _table(("fleet", "measured", "near, looked at", "near, judging", "unsafe", "median error", "worst"), lines),
        f"Five draws more, {len(day_drawn.drawn_later())} fleets, came after the formulas that they judged. In them work also waits where the fleet carries all of its peak, which the first draw does not have. "
        "The first two judged all but the figures of one day in twenty, the third these. Then the longest waits of a day and the percentiles over runs were derived anew ([decision 23](decisions/0023-the-longest-queue-and-the-sum-of-runs.md)), on fleets that are not shown. "
        f"{_last_draw()} No value of any draw is unsafe without a warning that names its figure.",
        _table(("fleet", "measured", "near", "unsafe", "median error", "worst"), later),
    ]


def _last_draw() -> str:
    """Return how the figures hold in the draw that came after all of them."""
    found: dict[tuple[str, str], list[Drawn]] = {}
    for one in groups_of([row for row in day_drawn.recorded_later() if row.cell in day_drawn.drawn_last()]):
        found.setdefault((one.kind, one.measure), []).append(one)

    def near(kind: str, measure: str) -> str:
        of_both = found[kind, measure]  # of less than 95 % of capacity, and of more
        return f"{WORDS[measure][0]} in {sum(one.near for one in of_both)} of {sum(len(one.errors) for one in of_both)}"

    deferred = [near(DEFERRAL, measure) for measure in ("longest_deferral", "bad_deferral")]
    held = [near(CARRIED, measure) for measure in ("latency_p50", "latency_p95", "latency_p99", "longest_wait", "bad_wait")]
    over = [near(OVERLOAD, measure) for measure in ("longest_wait", "bad_wait", "backlog")]
    again = [near(RERUN, measure) for measure in ("latency_p50", "latency_p95", "latency_p99")]
    return (
        f"The fourth draw came after that. In it are near, of fleets that carry their peak, {', '.join(held)}; of those below it {', '.join(over)}. "
        "Then came the work of all runs and what deferred work meets ([decision 24](decisions/0024-the-work-of-runs-and-enough-days.md)), found on the rows of "
        "all draws before and on fleets that are not shown. The last draw came after these: near are, where runs are run again, "
        f"{', '.join(again)}; and of deferred work {', '.join(deferred)}."
    )


def day_page() -> str:
    """Return docs/day.md."""
    parts = ["# The day, simulated", GENERATED, *_why(), *_summary(), *_promises(), *_drawn(), *_reading(), *_rows(), *_how()]
    return "\n\n".join(parts) + "\n"


def _why() -> list[str]:
    simulated = [one for one in groups() if one.engine == SIMULATED]
    near, number = sum(one.near for one in simulated), sum(len(one.rows) for one in simulated)
    of_fluid = [abs(error) for one in groups() if one.engine == FLUID for error in one.errors]
    return [
        "Traffic varies over the day: requests come in waves, some can wait for the night, and a fleet that is too small at noon catches up after dark. "
        "Closed formulas give the figures of such a day, and days in steps those of a pool. This page compares them with fleets simulated clip by clip over many days, and with large fleets as a fluid.",
        f"The program is within {NEAR:.0%} of {near} of {number} simulated values. For a large fleet, where chance evens out, the error is at most {_percent(max(of_fluid))}. "
        "The table gives every error, and [the largest have reasons](#largest-errors-and-why).",
        "## The figures",
        _table(
            ("figure", "meaning", "compared with"),
            (
                (
                    "`overload_time`",
                    "the time per day in which arrivals exceed the fleet's capacity",
                    "the same, counted second by second",
                ),
                ("`backlog`", "the number of clips that wait when that time ends", "the requests that wait at that second, mean over days"),
                (
                    "`longest_wait`",
                    "the wait of the last request of the overload",
                    "each day's longest wait, mean over days",
                ),
                (
                    "`latency_p95`",
                    "95th percentile of the time from click to clip, of urgent requests at the peak",
                    "the 95th percentile over the hour around the peak",
                ),
                (
                    "`deferred_wait`",
                    "the longest wait of deferred work",
                    "each day's longest wait of that work, mean over days",
                ),
                (
                    "`longest_wait_p95`, `deferred_wait_p95`",
                    "both on one day in twenty",
                    "each day's longest wait, 95th percentile over days",
                ),
                (
                    "`replicas_by_latency`",
                    "the smallest fleet that meets the target",
                    "fleets of similar size, simulated one by one until one meets the target and the next smaller does not",
                ),
                (
                    "`total --pooled`",
                    "the wait of each class on one fleet",
                    "two classes on one fleet, the first served first; the second on a part of the replicas where it has a cap",
                ),
                (
                    "`refused_share`",
                    "requests that come to a full queue (`queue_limit`)",
                    "the same, counted; an error is a part of at least 5% of requests",
                ),
            ),
        ),
    ]


def _summary() -> list[str]:
    sizes = (
        ("3 replicas", lambda fleet: fleet == 3),
        ("8 replicas", lambda fleet: fleet == 8),
        ("25 replicas", lambda fleet: fleet == 25),
        ("100 replicas", lambda fleet: fleet == 100),
    )
    by_size = []
    for name, chosen in sizes:
        mine = [one for one in groups(chosen) if one.engine == SIMULATED]
        off = [abs(error) for one in mine for error in one.errors]
        near = sum(one.near for one in mine)
        by_size.append((name, str(len(off)), f"{near} ({near / len(off):.0%})", _percent(float(np.median(off))), _percent(max(off))))
    return [
        "## Errors",
        "Error is predicted / simulated - 1. A negative error means that the program promises more than the fleet delivers.",
        "### Simulated clip by clip",
        _table(_HEADINGS, (_group(one) for one in groups() if one.engine == SIMULATED)),
        "### By the size of the fleet",
        "The larger the fleet, the more chance evens out.",
        _table(("fleet", "values", f"within {NEAR:.0%}", "median error", "worst"), by_size),
        "### A large fleet, as a fluid",
        _table(_HEADINGS, (_group(one) for one in groups() if one.engine == FLUID)),
    ]


def _group(one: Group) -> tuple[str, ...]:
    worst, row = one.worst
    figure, what = WORDS[one.measure]
    held = f"{one.near} of {len(one.rows)}"
    return (
        f"{what} ({figure})",
        str(len(one.rows)),
        held,
        _percent(one.median),
        f"{'+' if worst > 0 else '-'}{_percent(abs(worst))}",
        f"{row.replicas:,}, {_day(row)}",
    )


def _promises() -> list[str]:
    found = list(promises(recorded()))
    right = sum(said == fewest for _cell, said, fewest, _keeps, _fewer in found)
    keeps = sum(kept is True for _cell, _said, _fewest, kept, _fewer in found)
    tried = [row for row in recorded() if row.cell.kind == PROMISE and row.measure == "latency_p95"]
    over = {(row.cell, row.replicas): row.value / row.cell.seconds / row.cell.allowance - 1 for row in tried}
    missed = max(over[cell, said] for cell, said, *_rest in found)
    lines = (
        (
            f"{cell.load:g}",
            str(cell.batch),
            f"{cell.allowance:g}",
            str(said),
            str(fewest),
            _KEPT[kept],
            _KEPT[fewer],
        )
        for cell, said, fewest, kept, fewer in found
    )
    return [
        "### The fleet for a latency target",
        f"With `sized_by: latency` the program finds the smallest fleet whose `latency_p95` meets `target_latency`. It equals the simulated smallest fleet in {right} of {len(found)} cases "
        f"and is never more than one replica away. It meets the target in {keeps} cases and misses it by at most {missed:.1%} in the others. `max_utilization` is left out here; in a plan it also limits, and makes one of these fleets larger.",
        _table(
            (
                "replicas at work at the peak",
                "clips per click",
                "target, in times of a clip",
                "program",
                "simulated smallest",
                "the program's fleet",
                "one fewer",
            ),
            lines,
        ),
    ]


def _reading() -> list[str]:
    small, larger, far = (_bad_day(fleet) for fleet in (3, 25, 100))
    of_three, of_more = (
        [error for row, error in _errors("latency_p95", DEFERRAL) if (row.replicas == 3) is small] for small in (True, False)
    )
    short = [error for _row, error in _errors("latency_first", POOL)]
    longer = [error for _row, error in _errors("latency_first", MIX)]
    points = (
        "**Bad days have figures of their own.** `longest_wait`, `backlog` and `deferred_wait` are means over days: arrivals above capacity, plus chance, modeled as Brownian motion with a floor under a load that bends. "
        f"On one day in twenty the simulated longest wait is up to {small:.2f} times the mean on 3 replicas of the grid, {larger:.2f} times on 25 and {far:.2f} times on 100; near capacity it is about twice the mean on any fleet. "
        "`longest_wait_p95` and `deferred_wait_p95` say it, and a promise to deferred work is judged by the latter. It is worst where the overload is short, where a click asks for several clips, and where little of the work can wait.",
        "**Brief queues of many replicas** are rarer than those of few, and the formulas know least of them. On 100 replicas and more, a longest wait that is shorter than half of a clip may be several times as long; `waits-uncertain` says so.",
        f"**Urgent requests after deferred work.** While deferred work waits, no replica is idle: an urgent request is served next, but only when some clip ends. On 3 replicas `latency_p95` is {_span(of_three)} off, on 8 replicas and more {_span(of_more)}.",
        f"**Pools are simulated.** No formula that was tried held from 3 replicas to 300: longer free clips hold the replicas that paid ones leave, and come to end in bunches. So `total --pooled` steps through {POOL_DAYS} days and more of its own, a tenth of a clip at a time, and does not see an idle moment shorter than that. "
        f"Its latency of the first class is {_span(short)} off, before longer clips that can't wait either {_span(longer)}. It is a percentile of few requests where replicas are few and clips are long. `pool-long-clips` warns of a class that waits for long clips, with an upper bound.",
        "**Free clips with a cap.** If free clips leave less than two standard deviations of a day's work of what they may take, some days leave clips for the next: they can wait for days, longer than the days of `total --pooled` in a row, which notes it.",
        "**A short queue** is full more often than once a day, and then refuses more than `refused_share` says, also where the fleet carries its peak. `requests-refused` warns where the limit is below half of what chance queues on a usual day.",
        "**Runs that are run again** are assumed to meet the same queue each time. On few replicas with long clips the 99th percentile is too short: `waits-uncertain` warns there.",
    )
    return ["## Largest errors, and why", "\n".join(f"- {point}" for point in points)]


def _bad_day(fleet: int) -> float:
    """Return how much longer than its mean the longest wait of one day in twenty is on fleets of a size, at the most."""
    found = {(row.cell, row.measure): row.value for row in recorded() if row.replicas == fleet and row.cell.engine == SIMULATED}
    pairs = (("longest_wait", "bad_wait"), ("longest_deferral", "bad_deferral"))
    return max(found[cell, bad] / found[cell, mean] for mean, bad in pairs for cell, measure in found if measure == bad)


def _errors(measure: str, *kinds: str) -> list[tuple[Row, float]]:
    """Return the simulated rows of a measure with their errors, all of them or those of some kinds."""
    rows = [row for row in recorded() if row.measure == measure and row.cell.engine == SIMULATED and (not kinds or row.cell.kind in kinds)]
    return list(zip(rows, errors(rows), strict=True))


def _span(off: list[float]) -> str:
    return f"{min(off):+.0%} to {max(off):+.0%}"


def _rows() -> list[str]:
    kinds = (
        (OVERLOAD, "A fleet below its peak"),
        (DEFERRAL, "Deferred work"),
        (POOL, "Paid and free clips on one fleet"),
        (MIX, "Two lengths of clips, both urgent, on one fleet"),
        (CAP, "Paid clips, and free clips on a part of the replicas"),
        (LIMIT, "A queue of limited length"),
        (PROMISE, "Fleets around a latency target"),
    )
    parts = ["## Every value"]
    for kind, heading in kinds:
        rows = [row for row in recorded() if row.cell.kind == kind and row.measure != "replicas_by_latency"]
        parts += [
            f"### {heading}",
            _table(
                ("replicas", "day and work", "measured", "predicted", "simulated", "standard error", "error"),
                (_row(row, said) for row, said in zip(rows, predicted(rows), strict=True)),
            ),
        ]
    for kind, heading in _KINDS.items():
        rows = [row for row in day_drawn.recorded() if row.cell.kind == kind and row.measure in MEASURES]
        parts += [
            f"### Drawn: {heading}",
            _table(
                ("replicas", "day and work", "measured", "predicted", "simulated", "standard error", "error"),
                (_row(row, said) for row, said in zip(rows, predicted(rows), strict=True)),
            ),
        ]
    return parts


def _row(row: Row, said: float) -> tuple[str, ...]:
    def shown(value: float) -> str:
        if row.measure == "refused_share":
            return f"{value:.2%}"
        return f"{value:.1f} clips" if row.measure == "backlog" else show(value, "second")

    error = shown(row.error) if row.cell.engine == SIMULATED else "none, a fluid"
    off = "overloaded" if math.isnan(said) else f"{error_of(row, said):+.1%}"
    return f"{row.replicas:,}", _day(row), WORDS[row.measure][1], "none" if math.isnan(said) else shown(said), shown(row.value), error, off


def _day(row: Row) -> str:
    """Return a row's day in words."""
    cell = row.cell
    loaded = (
        f"{cell.load:g} at work at the peak"
        if cell.kind == PROMISE
        else f"{cell.load:.3g} loaded"
        if cell in day_drawn.drawn()
        else f"{cell.load:.0%} loaded"
    )
    parts = [f"peak {cell.peak:g}", loaded]
    if cell.share:
        parts.append(
            {
                DEFERRAL: f"{cell.share:.0%} can wait",
                POOL: f"{cell.share:.0%} free",
                CAP: f"{cell.share:.0%} free on {cell.cap:,.0f}",
                MIX: f"{cell.share:.0%} longer",
            }[cell.kind]
        )
    clips = f"{cell.seconds:g} s" if not cell.share or cell.second == cell.seconds else f"{cell.seconds:g} s and {cell.second:g} s"
    parts.append(f"clips of {clips}")
    parts += [f"{cell.batch} per click"] if cell.batch > 1 else []
    parts += [f"{cell.limit:,.0f} may wait"] if cell.limit else []
    parts += [f"spread {cell.spread:g}"] if cell.spread else []
    parts += [f"{cell.failed:.0%} of runs fail"] if cell.failed else []
    return ", ".join(parts + ([f"{cell.spot:.0%} spot, {cell.interruptions:g} interruptions per hour"] if cell.spot else []))


def _how() -> Iterator[str]:
    spread = [row.error / row.value for row in recorded() if row.error]
    yield "## The simulation"
    yield (
        "Clicks are a Poisson process whose rate is the day's curve: the mean plus a sine up to a peak of twice the mean, and beyond that a sine over fewer hours. A click asks for one clip, or for four at once. "
        "Every replica makes one clip at a time. A free replica takes the oldest request of the first class that waits, and no clip is broken off for another. All clips of a class are equally long. "
        "One day warms the fleet up, the next 40 to 600 are measured (about a million clips), and one more day empties the queue. Percentiles at the peak are of the hour around it. "
        f"The standard error of a value is {_percent(float(np.median(spread)))} at the median and at most {_percent(max(spread))}, so a row just beyond {NEAR:.0%} may be there by chance."
    )
    yield (
        f"Recorded: {head()}. A test compares the engine with SimPy on the same requests, wait by wait. Engine, grid and record are `tests/day_fleet.py`, `tests/day_grid.py` and `tests/authorities/day_grid.csv`; "
        "`python tests/day_grid.py` repeats the record in some minutes. The drawn fleets are those of `tests/day_drawn.py`, recorded in `tests/authorities/day_drawn.csv`. A load of 80% means that the mean of the day keeps 80% of the replicas at work."
    )


def _percent(value: float) -> str:
    return f"{value:.2%}" if value < 0.001 else f"{value:.1%}"


def _table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join("| " + " | ".join(line) + " |" for line in (headings, ("---",) * len(headings), *rows))


def main() -> None:
    """Write the page."""
    (ROOT / PAGE).write_text(day_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
