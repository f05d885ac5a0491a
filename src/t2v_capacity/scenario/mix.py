"""The parts of a mix and the stages of a clip in a scenario's layers, and the parts' shares."""

from collections.abc import Mapping, Sequence
from typing import Any

from t2v_capacity.assumptions.parts import HOMES, MIX, SHARE, STAGES, is_own, named_of
from t2v_capacity.assumptions.quantities import show
from t2v_capacity.errors import Mistake, Mistakes, nearest, quote, refuse
from t2v_capacity.scenario.layers import Layer, LayerPart, flag_layer
from t2v_capacity.scenario.settings import WHOLE, Origin, Part, Scenario, Setting, point

# Shares that differ from 100 % by no more than this are all of the requests.
_NEAR = 1e-9
_MOST = {MIX: (50, "similar ones"), STAGES: (8, "some of them")}  # each of them is a plan


def parts_in(layers: Sequence[Layer], mistakes: list[Mistake], home: str) -> dict[str, list[LayerPart]]:
    """Return the layers' content for each part, the weakest first, in the order of names.

    Note content for a missing part. Stages are in the order in which they are first written.
    """
    parts: dict[str, list[LayerPart]] = {}
    for layer in layers:
        for name, part in layer.inner[home].items():
            if name not in parts and (part.gone or layer.kind == "flag"):
                _refuse_missing(name, part, parts, mistakes)
            elif part.gone:
                del parts[name]
            else:
                parts.setdefault(name, []).append(part)

    most, which = _MOST[home]
    if len(parts) > most:
        message = f"{len(parts)} {HOMES[home].what}s exceed the limit of {most}; combine {which}"
        refuse(mistakes, message, _last_written(parts).place)
    return dict(sorted(parts.items())) if home == MIX else parts


def _refuse_missing(
    name: str, part: LayerPart, parts: Mapping[str, Sequence[LayerPart]], mistakes: list[Mistake]
) -> None:
    """Note that no part has this name, with the names of those that no private file writes."""
    names = [other for other, own in parts.items() if not any(written.place.private for written in own)]
    listed = f"; it has {', '.join(names)}" if names else f"; write it under `{part.home}` in the file"
    message = f"the scenario has no {HOMES[part.home].what} {quote(name)}{nearest(name, names) or listed}"
    refuse(mistakes, message, part.place)


def _last_written(parts: Mapping[str, Sequence[LayerPart]]) -> LayerPart:
    return max((own[-1] for own in parts.values()), key=lambda part: part.place.line)


def shares_of(parts: Mapping[str, Sequence[LayerPart]], mistakes: list[Mistake]) -> dict[str, tuple[Setting, bool]]:
    """Return the share of each part, and whether a flag sets it; note shares that don't add to 100 %.

    In files one part may leave its share out, which is then the rest. Where a flag sets one, those that no flag sets
    keep their proportion.
    """
    if not parts:
        return {}
    in_files, in_flags = _shares_written(parts, "file"), _shares_written(parts, "flag")
    given, fixed = _numbers(in_files), _numbers(in_flags)
    if not _add_up(given, parts, mistakes):
        return {}

    given |= {name: max(0.0, 1 - sum(given.values())) for name in parts if name not in given}
    shares = scaled(given, fixed)
    total = sum(fixed.values())
    if fixed and (total > 1 + _NEAR or abs(sum(shares.values()) - 1) > _NEAR):
        no_rest = ", and no other part has a share to take the rest; make them 100%"
        rest = "; the shares of a mix add to 100%" if total > 1 else no_rest
        first = next(iter(in_flags.values())).origin.place
        refuse(mistakes, f"the shares that are set add to {show(total, SHARE, 6)}{rest}", first)

    written = in_files | in_flags
    return {name: (written.get(name, WHOLE)._replace(value=share), name in fixed) for name, share in shares.items()}


def _add_up(shares: Mapping[str, float], parts: Mapping[str, Sequence[LayerPart]], mistakes: list[Mistake]) -> bool:
    """Return whether the shares of files are 100 %, or leave the rest to one part; note it if not."""
    without, whole = [name for name in parts if name not in shares], sum(shares.values())
    if len(without) > 1:
        message = (
            f"{' and '.join(map(quote, without))} have no `{SHARE}`; only one part may leave it out, and takes the rest"
        )
        refuse(mistakes, message, parts[without[-1]][-1].place)
        return False
    if whole > 1 + _NEAR or (not without and whole < 1 - _NEAR):
        message = (
            f"the shares of the parts add to {show(whole, SHARE, 6)}; "
            f"make them 100%, or leave one `{SHARE}` out: that part takes the rest"
        )
        refuse(mistakes, message, _last_written(parts).place)
        return False
    return True


def _numbers(shares: Mapping[str, Setting]) -> dict[str, float]:
    return {name: point(SHARE, share.value) for name, share in shares.items()}


def _shares_written(parts: Mapping[str, Sequence[LayerPart]], kind: str) -> dict[str, Setting]:
    """Return the last share that the layers of a kind write for each part.

    A part for which they write none is left out.
    """
    shares = {name: layer.share for name, own in parts.items() for layer in own if layer.kind == kind and layer.share}
    return {
        name: Setting(share.read, Origin(kind, share.place)).noted(share.notes)
        for name, share in shares.items()
        if share.read is not None
    }


def scaled(shares: Mapping[str, float], fixed: Mapping[str, float]) -> dict[str, float]:
    """Return the shares when some are set: the others keep their proportion, and share the rest.

    >>> scaled({"short": 0.6, "long": 0.2, "hd": 0.2}, {"hd": 0.5})
    {'short': 0.375, 'long': 0.125, 'hd': 0.5}
    """
    if not fixed:
        return dict(shares)
    others = sum(share for name, share in shares.items() if name not in fixed)
    factor = (1 - sum(fixed.values())) / others if others else 0.0
    return {name: fixed[name] if name in fixed else share * factor for name, share in shares.items()}


def check_of_a_part(scenario: Scenario, name: str) -> None:
    """Raise Mistakes if a name is of a part or a stage that the scenario lacks, or that can't set it."""
    if not is_own(name):
        return
    mistakes = list[Mistake]()
    layer = flag_layer([f"{name}=100%"], (), mistakes)
    if not mistakes:
        parts_in([*scenario.layers, layer], mistakes, MIX)
    if mistakes:
        raise Mistakes([Mistake(mistake.message) for mistake in mistakes])
    for called, part in layer.inner[MIX].items():
        scenario, layer = part_called(scenario.parts, called).scenario, part
    for called in layer.inner[STAGES]:
        part_called(scenario.stages, called, "stage")


def part_called(parts: Sequence[Part], name: str, what: str = "part") -> Part:
    """Return the part of a mix, or the stage of a clip, of a name. Raise Mistakes if there is none."""
    names = [part.name for part in parts]
    if name not in names:
        listed = f"; it has {', '.join(names)}" if names else ""
        raise Mistakes(f"the scenario has no {what} {quote(name)}{nearest(name, names) or listed}")
    return parts[names.index(name)]


def shares_beyond(scenario: Scenario, values: Mapping[str, Any]) -> Any:
    """Return whether shares among these values can't be those of all requests: of floats, or of arrays of cells."""
    moved = {part.name: values[share_name(part.name)] for part in scenario.parts if share_name(part.name) in values}
    if not moved:
        return False
    fixed = {part.name: point(SHARE, part.share.value) for part in scenario.parts if part.fixed} | moved
    others = sum(point(SHARE, part.share.value) for part in scenario.parts if part.name not in fixed)
    whole = sum(fixed.values())
    return (whole > 1 + _NEAR) | ((whole < 1 - _NEAR) & (others <= 0))


def share_name(part: str) -> str:
    """Return the name of a part's share.

    >>> share_name("hd")
    'mix.hd.share'
    """
    return named_of(part, SHARE)
