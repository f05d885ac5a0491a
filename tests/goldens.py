"""Golden answers: what the program says today of the shipped scenarios, recorded so that only a deliberate change moves it.

`tests/golden/COMMAND.json` holds the answers of a command by the name of what was asked. Renew them with
`python tests/record.py answers`, in a commit of its own that says why. `tests/golden/screens.txt` holds the first screens as they
are piped; as a terminal shows them they are recorded texts.
"""

import contextlib
import io
import json
import math
import os
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest import mock

from places import GOLDEN, ROOT, SHIPPED
from shared import Terminal
from t2v_capacity.cli.app import run
from t2v_capacity.release import __version__

AS_OF = ("--as-of", "2026-11-24")
DRAWS = ("--samples", "200", "--seed", "1")
SCREENS = GOLDEN / "screens.txt"
NAMES = tuple(sorted(path.stem for path in SHIPPED))
# Keys of numbers that come from draws.
_DRAWN = {"p5", "p50", "p95", "first_order", "total", "band_narrowing", "null_share", "tail_share"}
_EXACT, _OF_DRAWS = 1e-9, 1e-6
_FEW = 3
_WORD = 16  # characters above which what is repeated has a word of its own
_ROWS = "rows of"  # the key that marks mappings written as a table


def _file(name: str) -> str:
    return f"scenarios/{name}.yaml"


def asked() -> Iterator[tuple[str, str, list[str]]]:
    """Yield what is recorded: the command, a name for the question, and the command line."""
    for name in NAMES:
        yield "estimate", name, [_file(name), "--format", "json", *AS_OF, *DRAWS]
        yield "explain", name, [_file(name), "gpus", "--format", "json", *AS_OF]
        yield "diff", name, [_file("draft"), _file(name), "--why", "gpus", "--fail-on", "gpus > +10%", "--format", "json"]
        limits = ("--budget", "gpus <= 1000", "--budget", "p95(latency_p95) <= 3 min")
        yield "check", name, [_file(name), *limits, *DRAWS, "--format", "json"]
        yield "total", name, [_file(name), _file("start-up"), "--format", "json"]
    one = _file("start-up")
    yield "sensitivity", "start-up", [one, "gpus", *DRAWS, "--format", "json", *AS_OF]
    axes = ("--over", "dau=10K..1M log 3", "--over", "gpu=h100,l40s", "--over", "steps=20,30")
    yield "sweep", "start-up", [one, *axes, "--format", "json", *AS_OF]
    yield "solve", "start-up", [one, "--for", "dau", "--until", "gpus <= 1000", "--format", "json", *AS_OF]
    cheapest = ("--minimize", "cost_per_month", "--until", "latency_p95 <= 3 min")
    yield "solve", "start-up gpu", [one, "--for", "gpu", *cheapest, "--format", "json", *AS_OF]
    yield "groups", "start-up", [one, "--format", "json", *AS_OF]
    yield "compare", "start-up", [one, "--format", "json", *AS_OF]
    growing = ("--growth-per-month", "8%", "--months", "6", "--limit", "gpus <= 120")
    yield "forecast", "start-up", [one, *growing, "--format", "json", *AS_OF]
    yield "export", "start-up", [one, "PLAN.md", *DRAWS, *AS_OF]
    yield "accuracy", "published", ["--format", "json"]
    yield "calibrate", "wan2.2-h100", [_file("wan2.2-h100"), "tests/golden/runs.yaml", "--format", "json", *AS_OF]
    yield "fit", "requests", ["tests/authorities/requests.csv", "--format", "json"]
    months = ["tests/golden/october.yaml", "tests/golden/november.yaml"]
    yield "actuals", "start-up", [one, *months, "--growth-per-month", "8%", "--start", "2026-09", "--format", "json", *AS_OF, *DRAWS]
    yield "init", "wan2.2", ["PLAN.yaml", "--model", "wan2.2-t2v-a14b"]
    yield "list", "gpus", ["gpus", "--format", "json"]
    yield "schema", "diff", ["diff"]


def answer(command: str, line: list[str], folder: Path) -> dict[str, Any]:
    """Return how a command ends and what it says: its JSON without the tool's version, or its text in lines."""
    written = {part: str(folder / part) for part in line if part.startswith("PLAN.")}
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(ROOT), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run([command, *(written.get(part, part) for part in line)])
    said = {part: Path(file).read_text(encoding="utf-8").splitlines() for part, file in written.items()}
    text = out.getvalue().replace(f"t2v-cap {__version__}", "t2v-cap")
    found: dict[str, Any] = {"line": line, "code": code, "stderr": err.getvalue().replace(f"{folder}{os.sep}", "").splitlines()}
    found |= {"files": said} if said else {}
    return found | {"answer": _plain(json.loads(text)) if text.startswith("{") else text.replace(f"{folder}{os.sep}", "").splitlines()}


def _plain(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document without what is recorded elsewhere or moves with every edit of the code."""
    document.pop("tool", None)
    if document.get("command") == "total":
        document.pop("scenarios")  # the estimates, which are recorded as such
    if document.get("command") == "explain":
        document["figure"] = _short(document["figure"], set())
    for side in ("base", "head"):
        if isinstance(document.get(side), dict):
            document[side].pop("tool", None)
    return document


def _short(node: dict[str, Any], seen: set[str]) -> Any:
    """Return an explanation in which a name that stood before stands alone; the line of a formula is left out."""
    if node["name"] in seen:
        return node["name"]
    seen.add(node["name"])
    if node["formula"]:
        node["formula"]["place"] = re.sub(r":\d+$", "", node["formula"]["place"])
    return node | {"inputs": [_short(one, seen) for one in node["inputs"]]}


def packed(value: Any) -> Any:
    """Return a document with its mappings of like mappings as tables, which say each key once."""
    if isinstance(value, list):
        if table := _table(value):
            return {_ROWS: list(value[0]), "": table}
        return [packed(one) for one in value]
    if not isinstance(value, dict):
        return value
    if table := _table(list(value.values())):
        return {_ROWS: list(next(iter(value.values()))), **dict(zip(value, table, strict=True))}
    return {key: packed(one) for key, one in value.items()}


def _table(values: list[Any]) -> list[list[Any]] | None:
    alike = len(values) >= _FEW and all(isinstance(one, dict) and list(one) == list(values[0]) for one in values)
    return [[packed(cell) for cell in one.values()] for one in values] if alike else None


def unpacked(value: Any) -> Any:
    """Return what `packed` made a table of."""
    if isinstance(value, list):
        return [unpacked(one) for one in value]
    if not isinstance(value, dict):
        return value
    if _ROWS not in value:
        return {key: unpacked(one) for key, one in value.items()}
    keys = value[_ROWS]
    if "" in value:
        return [dict(zip(keys, map(unpacked, row), strict=True)) for row in value[""]]
    return {name: dict(zip(keys, map(unpacked, row), strict=True)) for name, row in value.items() if name != _ROWS}


def shared(answers: dict[str, Any]) -> dict[str, Any]:
    """Return answers in which a text or a row that stands more than once is a short word, and what these words mean, in words too."""
    seen: dict[str, int] = {}

    def count(value: Any) -> None:
        if _long(value):
            key = json.dumps(value)
            seen[key] = seen.get(key, 0) + 1
            if seen[key] > 1:
                return
        for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            count(one)

    def short(value: Any) -> Any:
        inner = {key: short(one) for key, one in value.items()} if isinstance(value, dict) else value
        inner = [short(one) for one in value] if isinstance(value, list) else inner
        if _long(value) and seen.get(key := json.dumps(value), 0) > 1:
            word = f"={sha256(key.encode()).hexdigest()[:6]}"
            assert words.setdefault(word, inner) == inner, "two texts have one word"
            return word
        return inner

    words: dict[str, Any] = {}
    count(answers)
    return {"answers": short(answers), "words": dict(sorted(words.items()))}


def _long(value: Any) -> bool:
    return isinstance(value, (str, list, dict)) and len(json.dumps(value)) > _WORD


def said(value: Any, words: dict[str, Any]) -> Any:
    """Return answers with the words in them spelled out."""
    if isinstance(value, dict):
        return {key: said(one, words) for key, one in value.items()}
    if isinstance(value, list):
        return [said(one, words) for one in value]
    return said(words[value], words) if isinstance(value, str) and value in words else value


def differences(was: Any, now: Any, path: str = "") -> Iterator[str]:
    """Yield where two answers differ: keys, order, texts and codes exactly, numbers beyond their tolerance."""
    if type(was) is not type(now):
        yield f"{path}: {was!r} became {now!r}"
    elif isinstance(was, dict):
        if list(was) != list(now):
            gone, new = [key for key in was if key not in now], [key for key in now if key not in was]
            yield f"{path}: keys gone {gone}, new {new}" if gone or new else f"{path}: keys in another order"
        for key in [key for key in was if key in now]:
            yield from differences(was[key], now[key], f"{path}.{key}" if path else key)
    elif isinstance(was, list):
        if len(was) != len(now):
            yield f"{path}: {len(was)} became {len(now)}"
        for index, (before, after) in enumerate(zip(was, now, strict=False)):
            yield from differences(before, after, f"{path}[{index}]")
    elif not _same(was, now, path):
        yield f"{path}: {was!r} became {now!r}"


def _same(was: Any, now: Any, path: str) -> bool:
    if isinstance(was, bool) or not isinstance(was, (int, float)):
        return bool(was == now)
    name = path.rpartition(".")[2].partition("[")[0]
    # An error is a small difference of what was fitted, which takes the last digits of a platform's logarithms with it.
    rough = name in _DRAWN or name.endswith(("_error", "_error_before"))
    return math.isclose(was, now, rel_tol=_OF_DRAWS if rough else _EXACT)


def recorded(command: str) -> dict[str, Any]:
    """Return the recorded answers of a command, by the name of what was asked."""
    file = GOLDEN / f"{command}.json"
    if not file.exists():
        return {}
    document = json.loads(file.read_text(encoding="utf-8"))
    found: dict[str, Any] = unpacked(said(document["answers"], document["words"]))
    return found


def lines(value: Any, depth: int) -> str:
    """Return JSON with the members of its outer levels on lines of their own, so that a change shows as a few lines."""
    if depth == 0 or not isinstance(value, (dict, list)) or not value:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    gap = "\n"
    if isinstance(value, list):
        return "[" + ",".join(gap + lines(one, depth - 1) for one in value) + "]"
    return "{" + ",".join(f"{gap}{json.dumps(key)}:{lines(one, depth - 1)}" for key, one in value.items()) + "}"


def screen_of(name: str) -> str:
    """Return the first screen of a shipped scenario, as it is piped."""
    found = answer("estimate", [_file(name), *AS_OF, *DRAWS], ROOT)["answer"]
    return "\n".join(found)


def at_terminal(name: str, columns: int) -> str:
    """Return the first screen of a shipped scenario as a terminal of so many columns shows it, without its colours."""
    out = Terminal()
    with contextlib.chdir(ROOT), contextlib.redirect_stdout(out), mock.patch.dict(os.environ, {"COLUMNS": str(columns), "TERM": "xterm"}):
        assert run(["estimate", _file(name), *AS_OF, *DRAWS]) == 0
    plain = re.sub(r"\x1b\[[0-9;]*m", "", out.getvalue()).replace(f"t2v-cap {__version__}", "t2v-cap")
    return "\n".join(line.rstrip() for line in plain.splitlines())


def recorded_screens() -> dict[str, str]:
    """Return the recorded first screens, by the name of their scenario."""
    text = SCREENS.read_text(encoding="utf-8") if SCREENS.exists() else ""
    parts = re.split(r"^\$ t2v-cap estimate scenarios/(.+)\.yaml\n", text, flags=re.MULTILINE)[1:]
    return {name: screen.rstrip("\n") for name, screen in zip(parts[::2], parts[1::2], strict=True)}


def renew(folder: Path) -> None:
    """Record every answer anew."""
    found: dict[str, dict[str, Any]] = {}
    for command, name, line in asked():
        found.setdefault(command, {})[name] = packed(answer(command, line, folder))
    for command, answers in found.items():
        (GOLDEN / f"{command}.json").write_text(lines(shared(answers), 5) + "\n", encoding="utf-8")
    SCREENS.write_text("\n".join(f"$ t2v-cap estimate {_file(name)}\n{screen_of(name)}\n" for name in NAMES), encoding="utf-8")
