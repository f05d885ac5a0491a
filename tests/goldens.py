"""Golden answers: what the program says today, recorded so that only a deliberate change moves it.

The matrix: every command asks six plans (plain, a mix, stages, no price, overloaded, failing gates), and each answer is
recorded as JSON, as a piped table and as a terminal of 80 columns shows it. Besides, the JSON of every shipped scenario
and of `accuracy`; the first screens are among the texts of tests/joints/test_golden.py. `tests/golden/COMMAND.json`
holds the documents of a command by the name of its plan, `tests/golden/matrix/COMMAND.txt` the texts. Renew them with
`python tests/record.py answers`, in a commit of its own that says why.
"""

import contextlib
import io
import json
import math
import os
import re
import shlex
from collections.abc import Iterator
from difflib import unified_diff
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import yaml

from places import GOLDEN, ROOT, SHIPPED
from shared import Terminal
from t2v_capacity.cli import command_options
from t2v_capacity.cli.app import run
from t2v_capacity.cli.command_options import show_answer
from t2v_capacity.forms.answer import Answer, Page
from t2v_capacity.release import __version__
from t2v_capacity.tables.terminal import print_report
from texts import TEXTS, keep, read

AS_OF = ("--as-of", "2026-11-24")
DRAWS = ("--samples", "200", "--seed", "1")
MATRIX = GOLDEN / "matrix"
_SCREEN = {"COLUMNS": "80", "TERM": "xterm"}
NAMES = tuple(sorted(path.stem for path in SHIPPED))
# Keys of numbers that come from draws.
_DRAWN = {"p5", "p50", "p95", "band_narrowing", "null_share"}
_EXACT, _OF_DRAWS = 1e-9, 1e-6
_FEW = 3
_WORD = 16  # characters above which what is repeated has a word of its own
_ROWS = "rows of"  # the key that marks mappings written as a table


def _file(name: str) -> str:
    return f"scenarios/{name}.yaml" if name in NAMES else f"tests/golden/plans/{name}.yaml"


_ASKED = yaml.safe_load((GOLDEN / "questions.yaml").read_text(encoding="utf-8"))


def _line(text: str) -> list[str]:
    """Return a command line of a question."""
    flags = {"AS_OF": AS_OF, "DRAWS": DRAWS}
    return [part for word in shlex.split(text) for part in flags.get(word, (word,))]


def asked() -> Iterator[tuple[str, str, list[str]]]:
    """Yield what is recorded in all forms: the command, a name for the question, and the command line."""
    for command, text in _ASKED["of_a_plan"].items():
        for name in _ASKED["plans"]:
            yield command, name, [_file(name) if part == "PLAN" else part for part in _line(text)]
    yield from ((command, name, _line(text)) for command, name, text in _ASKED["once"])


def apart() -> Iterator[tuple[str, str, list[str]]]:
    """Yield what is recorded as JSON alone: the estimates of the other shipped scenarios, and the model's errors."""
    yield "accuracy", "published", []
    for name in sorted({*NAMES} - {*_ASKED["plans"]}):
        yield "estimate", name, [_file(name), *AS_OF, *DRAWS]


class Forms(NamedTuple):
    """An answer in each form that it has.

    Beside these are how the program ends, what it says on standard error, and the files that it writes.
    """

    code: int
    stderr: str
    table: str
    terminal: str
    document: dict[str, Any] | None
    files: dict[str, str]


def answered(command: str, line: list[str], folder: Path) -> Forms:
    """Return an answer in all forms, computed once where one writer makes them all."""
    files, found = {part: folder / part for part in line if part.startswith("OUT.")}, list[Answer[Any, Any]]()
    line = [command, *(str(files.get(part, part)) for part in line)]
    for file in files.values():
        file.unlink(missing_ok=True)

    def kept(answer: Answer[Any, Any], *arguments: Any, **options: Any) -> None:
        found.append(answer)
        show_answer(answer, *arguments, **options)

    with mock.patch.object(command_options, "show_answer", kept):
        code, table, stderr = _said(line, io.StringIO())
    if found:
        screen, text = Terminal(), found[0].json()
        with contextlib.redirect_stdout(screen), mock.patch.dict(os.environ, _SCREEN):
            print_report(found[0].report(Page("terminal", 80)), color=True)
        terminal = screen.getvalue()
    else:  # of `calibrate`, `fit`, `init`, `export` and `schema`, which write more than an answer
        terminal = "" if files else _said(line, Terminal())[1]
        text = table if files or command == "schema" else _said([*line, "--format", "json"], io.StringIO())[1]
    document = _plain(json.loads(text)) if text.startswith("{") else None
    written = {
        name: _anywhere(_anywhere(file.read_text(encoding="utf-8"), folder))
        for name, file in files.items()
        if file.exists()
    }
    stderr, table, terminal = (_anywhere(said, folder) for said in (stderr, table, terminal))
    return Forms(code, stderr, table, terminal, document, written)


def _said(line: list[str], out: io.StringIO, columns: int = 80) -> tuple[int, str, str]:
    """Return the exit code of a command line, and what it says on both streams."""
    screen = mock.patch.dict(os.environ, {**_SCREEN, "COLUMNS": str(columns)})
    with contextlib.chdir(ROOT), contextlib.redirect_stderr(io.StringIO()) as err, screen:
        with contextlib.redirect_stdout(out):
            code = run(line)
        return code, out.getvalue(), err.getvalue()


def _anywhere(text: str, folder: Path = ROOT) -> str:
    """Return a text without colours, the folder of what is written, the tool's version, and blanks that end lines."""
    for gone in (r"\x1b\[[0-9;]*m", re.escape(f"{folder}{os.sep}")):
        text = re.sub(gone, "", text)
    return "\n".join(line.rstrip() for line in text.replace(f"t2v-cap {__version__}", "t2v-cap").splitlines())


def texts_of(forms: Forms) -> dict[str, str]:
    """Return the texts of an answer by their forms, those that it has."""
    table = "" if forms.table.startswith("{") else forms.table
    terminal = "" if not table or forms.terminal == forms.table else forms.terminal
    found = {"table": table, "terminal": terminal, "stderr": forms.stderr, **forms.files}
    return {form: text for form, text in found.items() if text}


def answer(command: str, line: list[str], folder: Path) -> dict[str, Any]:
    """Return how a command ends, and its JSON without the tool's version."""
    forms = answered(command, line, folder)
    return {"line": line, "code": forms.code, "answer": forms.document}


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
    """Return answers in which a text or a row that stands more than once is a short word.

    What these words mean is returned too, in words as well.
    """
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
        yield from _keys_moved(was, now, path)
        for key in [key for key in was if key in now]:
            yield from differences(was[key], now[key], f"{path}.{key}" if path else key)
    elif isinstance(was, list):
        if len(was) != len(now):
            yield f"{path}: {len(was)} became {len(now)}"
        for index, (before, after) in enumerate(zip(was, now, strict=False)):
            yield from differences(before, after, f"{path}[{index}]")
    elif not _same(was, now, path):
        yield f"{path}: {was!r} became {now!r}"


def _keys_moved(was: dict[str, Any], now: dict[str, Any], path: str) -> Iterator[str]:
    gone, new = [key for key in was if key not in now], [key for key in now if key not in was]
    if gone or new:
        yield f"{path}: keys gone {gone}, new {new}"
    elif list(was) != list(now):
        yield f"{path}: keys in another order"


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
    return answered("estimate", [_file(name), *AS_OF, *DRAWS], ROOT).table


def at_terminal(name: str, columns: int) -> str:
    """Return the first screen of a shipped scenario as a terminal of so many columns shows it, without its colours."""
    return _anywhere(_said(["estimate", _file(name), *AS_OF, *DRAWS], Terminal(), columns)[1])


def recorded_screen(name: str) -> str:
    """Return the recorded first screen of a shipped scenario."""
    return read(TEXTS / "test_golden.txt")[
        f"test_a_terminal_of_each_width_shows_the_recorded_screen[{name}]: 80 columns"
    ]


def breaches(folder: Path) -> list[str]:
    """Return each way in which the matrix differs from what is recorded, once, with the cells that have it."""
    found: dict[str, list[str]] = {}
    for command, questions in groupby(sorted(asked(), key=itemgetter(0)), itemgetter(0)):
        texts, documents = read(MATRIX / f"{command}.txt"), recorded(command)
        for _command, name, line in questions:
            forms = answered(command, line, folder)
            said = {f"{name} {form}": text for form, text in texts_of(forms).items()}
            for cell in sorted({*said, *(cell for cell in texts if cell.rpartition(" ")[0] == name)}):
                for one in _lines_that_differ(texts.get(cell), said.get(cell)):
                    found.setdefault(one, []).append(f"{command} {cell}")
            now = {"line": line, "code": forms.code, "answer": forms.document}
            for one in differences(documents.get(name, {}), now):
                found.setdefault(one, []).append(f"{command} {name} json")
    return [
        f"{one}  ({cells[0]}{f' and {len(cells) - 1} more cells' if cells[1:] else ''})" for one, cells in found.items()
    ]


def _lines_that_differ(was: str | None, now: str | None) -> Iterator[str]:
    if was is None or now is None:
        yield "a cell is new" if was is None else "a cell is gone"
        return
    lines = [
        line
        for line in unified_diff(was.splitlines(), now.splitlines(), n=0, lineterm="")
        if line[:3] not in ("---", "+++", "@@ ")
    ]
    gone, new = ([line[1:] for line in lines if line[0] == sign] for sign in "-+")
    yield from (f"{before!r} became {after!r}" for before, after in zip(gone, new, strict=False))
    yield from (f"{line!r} is gone" for line in gone[len(new) :])
    yield from (f"{line!r} is new" for line in new[len(gone) :])


def renew(folder: Path) -> None:
    """Record every answer anew."""
    found: dict[str, dict[str, Any]] = {}
    for file in MATRIX.glob("*.txt"):
        file.unlink()
    for command, name, line in asked():
        forms = answered(command, line, folder)
        for form, text in texts_of(forms).items():
            keep(MATRIX / f"{command}.txt", f"{name} {form}", text)
        found.setdefault(command, {})[name] = packed({"line": line, "code": forms.code, "answer": forms.document})
    for command, name, line in apart():
        found.setdefault(command, {})[name] = packed(answer(command, line, folder))
    for command, answers in found.items():
        (GOLDEN / f"{command}.json").write_text(lines(shared(answers), 5) + "\n", encoding="utf-8")
