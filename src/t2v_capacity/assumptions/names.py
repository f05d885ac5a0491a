"""The one vocabulary: what kind of thing a name is, what an unknown name may have meant, and values as data.

A figure, an assumption, a choice and a shorthand never share a name, so that a name says what it is.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial

from t2v_capacity.assumptions import ASSUMPTIONS, SECTIONS
from t2v_capacity.assumptions.choices import CHOICES, SHORTHANDS
from t2v_capacity.assumptions.quantities import QuantityError, Range, parse, range_in, show
from t2v_capacity.engine.figures import ancestors
from t2v_capacity.errors import Place, gathered, quote, refuse
from t2v_capacity.formulas import FIGURES
from t2v_capacity.formulas.simulated import SIMULATED

FIGURE, ASSUMPTION, CHOICE, SHORTHAND, OF_DAYS = "a figure", "an assumption", "a choice", "a shorthand", "simulated"
_TABLES: dict[str, Mapping[str, object]] = {
    FIGURE: FIGURES,
    ASSUMPTION: ASSUMPTIONS,
    CHOICE: CHOICES,
    SHORTHAND: SHORTHANDS,
    OF_DAYS: SIMULATED,
}
SETTABLE = (ASSUMPTION, CHOICE, SHORTHAND)
# Keys of a scenario file that are neither sections nor names to set.
RESERVED = "name description extends abstract catalogue as_of pins gates budgets waivers mix stages prices".split()
# A key that is neither read nor given to an assumption, so that a later version can read it.
KEPT_FREE = "helpers"


def name_in(text: str) -> str:
    """Return the name that a text spells, as a flag or as it stands in a file.

    >>> name_in(" peak-to-average"), name_in("dau")
    ('peak_to_average', 'dau')
    """
    return str(text).strip().replace("-", "_")


def flag_of(name: str) -> str:
    """Return a name as a flag.

    >>> flag_of("peak_to_average")
    '--peak-to-average'
    """
    return f"--{name.replace('_', '-')}"


def kind_of(name: str) -> str:
    """Return the kind of a name, in words; nothing if it is unknown.

    >>> kind_of("gpus"), kind_of("dau"), kind_of("gpu"), kind_of("resolution"), kind_of("gpuz")
    ('a figure', 'an assumption', 'a choice', 'a shorthand', '')
    """
    return next((kind for kind, table in _TABLES.items() if name in table), "")


def section_of(name: str) -> str:
    """Return the section of a file in which a name may stand, or nothing where it can't be set."""
    if known := ASSUMPTIONS.get(name) or CHOICES.get(name):
        return known.section
    return SHORTHANDS[name][0] if name in SHORTHANDS else ""


def names_of(*kinds: str) -> list[str]:
    """Return all names of some kinds."""
    return [name for kind in kinds for name in _TABLES[kind]]


def unknown(text: str, *kinds: str, near: Iterable[str] | None = None) -> str:
    """Return the message that a text is the name of none of these kinds, with the nearest name or the list to look in.

    >>> unknown("gpuz", FIGURE)
    '`gpuz` is not a figure; did you mean `gpus`?'
    >>> unknown("?", ASSUMPTION, CHOICE)
    '`?` is not an assumption or a choice; `t2v-cap list assumptions` shows them all'
    """
    from t2v_capacity.assumptions.synonyms import NAME_SYNONYMS, meant

    either = f"{', '.join(kinds[:-1])}{' or ' if kinds[1:] else ''}{kinds[-1]}"
    what = f"neither {' nor '.join(kinds)}" if kinds == (FIGURE, ASSUMPTION) else f"not {either}"
    listed = "figures" if kinds[0] == FIGURE else "assumptions"
    known = names_of(*kinds) if near is None else near
    return (
        f"{quote(str(text).strip())} is {what}"
        f"{meant(str(text), known, NAME_SYNONYMS) or f'; `t2v-cap list {listed}` shows them all'}"
    )


def no_option(flag: str, options: Iterable[str]) -> str:
    """Return the message that a command has no such option, with what to write: another option, or a pin.

    >>> no_option("--users", ["--dau", "--set"])
    '`--users` is not an option; did you mean `--dau`?'
    >>> why, fixes = no_option("--gpus", ["--gpu-limit", "--pin"]).split("; ")
    >>> why
    '`gpus` is a figure, which is computed'
    >>> fixes
    '`--gpu-limit ...` limits it, `--pin gpus=...` gives it a value, `t2v-cap solve` finds what leads to it'
    """
    from t2v_capacity.assumptions.synonyms import LIMIT_SYNONYMS, NAME_SYNONYMS, OPTION_SYNONYMS, meant

    name, options = name_in(flag.lstrip("-")), list(options)
    if name in OPTION_SYNONYMS:
        return f"{quote(flag)} is an option of `t2v-cap {OPTION_SYNONYMS[name]}`, not of this command"
    if name in FIGURES and "--pin" in options:
        limit = flag_of(LIMIT_SYNONYMS.get(name, ""))
        limited = f"`{limit} ...` limits it, " if limit in options else ""
        return (
            f"`{name}` is a figure, which is computed; {limited}"
            f"`--pin {name}=...` gives it a value, `t2v-cap solve` finds what leads to it"
        )
    near = meant(name, [name_in(option.lstrip("-")) for option in options], NAME_SYNONYMS)
    return f"{quote(flag)} is not an option{near.replace('_', '-').replace(' `', ' `--')}"


def not_a_figure(text: str, asked: str, fix: str = "`t2v-cap list figures` shows them all") -> str:
    """Return the message that a text names no figure, where something is asked that is for figures.

    >>> not_a_figure("dau", "a condition is")
    '`dau` is an assumption, and a condition is for figures; `t2v-cap list figures` shows them all'
    """
    kind = kind_of(name_in(text))
    fix = "`t2v-cap estimate PLAN --only waiting` and a budget of `check` simulate it" if kind == OF_DAYS else fix
    return f"`{name_in(text)}` is {kind}, and {asked} for figures; {fix}" if kind else unknown(text, FIGURE)


def figures_in(texts: Iterable[str], asked: str, option: str = "") -> tuple[str, ...]:
    """Return the figures that texts name, each once. Raise Mistakes with every text that names none.

    >>> figures_in(["cost-per-month", "gpus", "gpus"], "a sweep is")
    ('cost_per_month', 'gpus')
    """
    spelled = {name_in(text): text for text in texts}
    with gathered() as mistakes:
        for name, text in spelled.items():
            if name not in FIGURES:
                refuse(mistakes, not_a_figure(text, asked), Place(f"{option} {text}") if option else None)
    return tuple(spelled)


def unit_of(name: str) -> str:
    """Return the unit of a figure, of a plan or of a part, or of what is simulated.

    >>> unit_of("gpus"), unit_of("mix.hd.gpus"), unit_of("longest_wait")
    ('gpu', 'gpu', 'second')
    """
    name = name.rpartition(".")[2]
    return FIGURES[name].unit if name in FIGURES else SIMULATED[name].unit


def is_count(name: str) -> bool:
    """Return whether a figure or an assumption is a count, which is written as an integer."""
    name = name.rpartition(".")[2]  # of a part of a mix, too
    return FIGURES[name].whole if name in FIGURES else name in ASSUMPTIONS and ASSUMPTIONS[name].whole


def plain(name: str, number: float | None) -> float | None:
    """Return a value of a name as data: an integer for a count, nothing where it is not a number.

    >>> plain("gpus", 8.0), plain("trps", 8.0), plain("latency_p95", float("nan"))
    (8, 8.0, None)
    """
    if number is None or not math.isfinite(number):
        return None
    return int(number) if is_count(name) and number == int(number) else number


def finite(number: float) -> float | None:
    """Return a number, or nothing if it is infinite or not a number.

    >>> finite(1.5), finite(float("nan"))
    (1.5, None)
    """
    return number if math.isfinite(number) else None


def read_amount(name: str, text: str) -> float:
    """Return an amount of a figure in its unit.

    A bare number is fine where the figure's name or a count says the unit.

    >>> read_amount("video_size", "1.4 MB"), read_amount("latency_p95", "2 min")
    (1400000.0, 120.0)
    """
    unit = unit_of(name)
    numerator = unit.split("/")[0]
    needs_unit = numerator in ("byte", "bit", "joule", "watt") or (numerator == "second" and "second" not in name)
    write = "TB/day" if unit == "byte/day" else {"byte": "MB", "bit": "Mbps", "second": "s"}.get(numerator, "")
    return parse(text, unit, bare=not needs_unit, write=write)


@cache
def _pinnable() -> frozenset[str]:
    """Return the figures that are shown, and those from which one of them follows."""
    shown = [figure.name for figure in FIGURES.values() if not figure.detail]
    return frozenset((*shown, *ancestors(shown)))


def nearest_pinnable(name: str) -> str:
    """Return the figure itself if it can be pinned, or none of its inputs can; else the nearest of these.

    A figure can be pinned if it is shown, or if a shown one follows from it.

    >>> nearest_pinnable("trps"), nearest_pinnable("gpu_cost_per_second"), nearest_pinnable("gpu_price_next_year")
    ('trps', 'gpu_cost_per_month', 'gpu_price_next_year')
    """
    inputs = [name]
    for figure in inputs:
        if figure not in _pinnable():
            inputs += [parameter for parameter in FIGURES[figure].parameters if parameter in FIGURES]
    return next((figure for figure in inputs if figure in _pinnable()), name)


def read_pin(name: str, amount: object) -> float | Range:
    """Return a pinned figure's value in its unit, or a range of it. Raise QuantityError if it is neither.

    >>> read_pin("video_size", "1.4 MB"), read_pin("gpus", "8 to 16")
    (1400000.0, Range(low=8.0, high=16.0, mid=None))
    """
    pinned = range_in(amount, partial(_read_pinned, name))
    if pinned is None:
        return _read_pinned(name, amount)

    middle = pinned.mid or (pinned.low + pinned.high) / 2
    if not 0 < pinned.low < middle < pinned.high:
        low, high = (show(end, FIGURES[name].unit, 6) for end in (pinned.low, pinned.high))
        raise QuantityError(f"{low} to {high} is not a range: its lower end must be above 0 and below its upper end")
    return pinned


def _read_pinned(name: str, text: object) -> float:
    """Return one number of a pinned figure. Raise QuantityError if it is out of the figure's bounds."""
    figure = FIGURES[name]
    number = float(text) if isinstance(text, (int, float)) else read_amount(name, str(text))
    if number < 0 <= figure.least:
        raise QuantityError(f"{quote(str(text))} is negative, and `{name}` is an amount")
    if not figure.least <= number <= figure.most:
        low, high = (show(end, figure.unit) for end in (figure.least, figure.most))
        bounds = f"{low} or more" if number < figure.least else f"{high} at most"
        raise QuantityError(f"{quote(str(text))} is out of bounds; `{name}` is {bounds}")
    if figure.whole and number != int(number):
        raise QuantityError(f"{quote(str(text))} is not a whole number, and `{name}` is a count")
    return number


def misplaced(name: str, section: str, *, flag: bool = False, hint: bool = True) -> str:
    """Return why a name can't be set in a section of a file, at the file's top level, or as a flag."""
    if home := section_of(name):
        return f"`{name}` belongs in `{home}` or at the top level, not in `{section}`"
    if not name:
        return f"a name is missing{' before the `=`' if flag else ''}; `t2v-cap list assumptions` shows them all"
    if name in (*RESERVED, KEPT_FREE):
        later = "reserved for a later version, and not read; remove it"
        return f"`{name}` is {later if name == KEPT_FREE else 'written in the file, at the top level'}"
    if name in SECTIONS:
        return f"`{name}` is a section; {'set the assumptions in it' if flag else 'write it at the top level'}"
    if name in FIGURES:
        from t2v_capacity.assumptions.synonyms import LIMIT_SYNONYMS

        limit = f"`{LIMIT_SYNONYMS[name]}` limits it, or " if name in LIMIT_SYNONYMS else ""
        pinned = f"give it a value {'with `--pin`' if flag else 'under `pins`'}"
        return f"`{name}` is a figure, which is computed; {limit}{pinned}"
    return unknown(name, ASSUMPTION, CHOICE, near=_near(section, flag=flag) if hint else ())


def _near(section: str, *, flag: bool) -> Iterator[str]:
    """Yield the names that may have been meant: those of the section first, and what a file may hold besides."""
    names = names_of(*SETTABLE)
    yield from (name for name in names if section_of(name) == section)
    yield from names
    if not section and not flag:
        yield from (*SECTIONS, *RESERVED)
