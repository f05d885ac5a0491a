"""Turn Python's arguments into the texts of a file or a flag, so that both are read alike."""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, SupportsFloat, TypedDict

from t2v_capacity.assumptions.names import ASSUMPTION, FIGURE, kind_of, name_in, unknown
from t2v_capacity.assumptions.quantities import Range
from t2v_capacity.errors import Mistakes, Place, collected, gathered, refuse

Path = str | os.PathLike[str]
AssumptionValue = str | SupportsFloat | Range
Paths = Path | Sequence[Path]
Texts = Sequence[str] | str  # several, or one
PinValues = Mapping[str, object] | None  # figures with their values
FlagTexts = tuple[Iterable[str], Iterable[str], Iterable[str]]  # settings, pins and catalogues, as flags write them
# So many draws of every figure fit in 200 MB and take about a second.
MOST_SAMPLES = 100_000
MOST_SEED = 10**18
LARGEST_GROUP = 1_024  # GPUs that make a clip together

if TYPE_CHECKING:
    from t2v_capacity.assumptions.typed import Settable

    class Given(Settable[AssumptionValue, str], total=False):
        """Assumptions, choices and shorthands by name."""

        resolution: str | Sequence[SupportsFloat]
        day_curve: str | Sequence[SupportsFloat]
        patch: str | Sequence[SupportsFloat]
        vae_compression: str | Sequence[SupportsFloat]

    class Over(Settable[Iterable[AssumptionValue], Iterable[str]], total=False):
        """Axes by name: the values that each takes in turn."""

        resolution: Iterable[str]

    class Rules(TypedDict, total=False):
        """What a change is held to, as the options of `t2v-cap diff` say it."""

        fail_on: Texts
        warn_on: Texts
        gates: Path
        gates_from: str
        total: bool


def mapping_of(values: object) -> Mapping[str, object]:
    """Return names with their values, none where nothing is given. Raise Mistakes if it is no mapping."""
    if values is not None and not isinstance(values, Mapping):
        raise Mistakes(f"`{_repr_of(values)}` is not a mapping; write names with their values, such as {{'gpus': 5}}")
    return values or {}


def meanings_of(values: object) -> dict[str, str]:
    """Return words with their meanings, all texts. Raise Mistakes if it is no mapping of texts to texts."""
    meanings = mapping_of(values)
    for word, meaning in meanings.items():
        if not (isinstance(word, str) and isinstance(meaning, str)):
            raise Mistakes(
                f"`{_repr_of({word: meaning})}` is not a text with a text; write such as {{'user': 'account'}}"
            )
    return {word: str(meaning) for word, meaning in meanings.items()}


def texts_of(values: Mapping[str, object]) -> list[str]:
    """Return values as flags write them."""
    texts = list[str]()
    with gathered() as mistakes:
        for name, setting in values.items():
            with collected(mistakes):
                texts.append(f"{name}={value_text(setting, name)}")
    return texts


def value_text(setting: object, name: str = "a value") -> str:
    """Return a value as a file writes it. Raise Mistakes if it holds several values or none.

    A number has all of its digits.
    """
    if setting is None:
        raise Mistakes(f'`{name}` is None; leave it out, or write "null" to take an inherited value away')
    if isinstance(setting, Range):
        if setting.mid is not None:
            raise Mistakes(
                f"a range with a median is written in a file: low {setting.low}, mid {setting.mid}, high {setting.high}"
            )
        return f"{value_text(setting.low)} to {value_text(setting.high)}"
    if isinstance(setting, (list, tuple)):
        between = "x" if len(setting) == 2 else ","  # noqa: PLR2004 - a frame's sides
        return between.join(value_text(part, name) for part in setting)
    if getattr(setting, "size", 1) != 1:
        raise Mistakes(
            f"`{name}` is one value, and this is an array of {getattr(setting, 'size', 0)}; `sweep` takes several"
        )
    plain = setting.item() if hasattr(setting, "item") else setting  # a number of numpy's
    try:
        return repr(plain) if isinstance(plain, float) else str(plain)
    except ValueError as error:  # Python writes no whole number of some thousand digits
        raise Mistakes(f"`{name}` can't be written: {error}") from error


def check_draws(samples: object, seed: object, fewest: int = 1) -> None:
    """Raise Mistakes if a plan does not accept the number of draws or the seed."""
    check_whole(("samples", samples, fewest, MOST_SAMPLES), ("seed", seed, 0, MOST_SEED))


def check_whole(*given: tuple[str, object, int, int]) -> None:
    """Raise Mistakes if one of these, each with its name, is no whole number between its bounds."""
    with gathered() as mistakes:
        for name, number, low, high in given:
            if not _is_whole_number(number) or not low <= int(number) <= high:  # type: ignore[call-overload]
                refuse(mistakes, f"`{name}` is {_repr_of(number)}; write a whole number from {low} to {high}")


def group_sizes(sizes: Iterable[object]) -> list[int]:
    """Return sizes of groups, each once. Raise Mistakes if one is no count, or if there is none."""
    given = each(sizes)
    if not given or not all(_is_whole_number(size) and 1 <= int(size) <= LARGEST_GROUP for size in given):
        raise Mistakes(
            f"`sizes` is {_repr_of(given)}; write group sizes from 1 to {LARGEST_GROUP}, such as [1, 2, 4, 8]"
        )
    return sorted({int(size) for size in given})


def _repr_of(number: object) -> str:
    try:
        return f"{number!r:.60}"
    except ValueError:  # as in `text_of`
        return "a number of some thousand digits"


def _is_whole_number(number: object) -> bool:
    return hasattr(number, "__index__") and not isinstance(number, bool) and getattr(number, "ndim", 0) == 0


def file_texts(content: object) -> object:
    """Return a value, or a mapping of values, as a file holds it: texts only."""
    if isinstance(content, Mapping):
        return {str(key): file_texts(entry) for key, entry in content.items()}
    return value_text(content)


def each(values: object) -> list[Any]:
    """Return several values. Raise Mistakes if there is but one, or nothing."""
    if not isinstance(values, Iterable):
        raise Mistakes(f"`{_repr_of(values)}` is not a list; write the values in brackets")
    return list(values)


def path_of(file: object) -> str:
    """Return the name of a file. Raise Mistakes if it is none."""
    if not isinstance(file, (str, os.PathLike)):
        raise Mistakes(f"`{_repr_of(file)}` is not a file; write its path")
    return os.fspath(file)


def files_of(files: Paths) -> list[str]:
    """Return the names of files."""
    return [path_of(file) for file in ([files] if isinstance(files, (str, os.PathLike)) else each(files))]


def one_or_more(texts: object) -> list[str]:
    """Return values as texts; a single text may be given alone."""
    return [texts] if isinstance(texts, str) else [value_text(text) for text in each(texts)]


def listed(names: Texts) -> list[str]:
    """Return names, which may be written in one text with commas."""
    return [part.strip() for part in names.split(",")] if isinstance(names, str) else one_or_more(names)


def shown_of(names: Texts) -> list[str]:
    """Return figures and assumptions to show, each once. Raise Mistakes with all that are neither."""
    given = listed(names) if names else []
    return amounts_of(given, Place(f"--show {','.join(given)}"))


def amounts_of(texts: Iterable[str], place: Place | None = None) -> list[str]:
    """Return the figures and assumptions that texts name, each once. Raise Mistakes with all that name neither."""
    wanted = {name_in(text): text for text in texts}
    with gathered() as mistakes:
        for name, text in wanted.items():
            if kind_of(name) not in (FIGURE, ASSUMPTION):
                refuse(mistakes, unknown(text, FIGURE, ASSUMPTION), place)
    return list(wanted)


def file_or_revision(path: str) -> str:
    """Return a path as it is, or the file of a git revision where it begins with one."""
    if ":" not in path:
        return path
    from t2v_capacity.files import revisions

    return revisions.file_named(path)
