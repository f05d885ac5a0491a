"""The JSON Schemas: they accept what the program reads and writes, and refuse what it refuses where a schema can."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator, Draft202012Validator

import goldens
from places import MISTAKES, SCHEMA_FOLDER, SHIPPED
from shared import Program, commit, git, some, write
from t2v_capacity.assumptions import ASSUMPTIONS
from t2v_capacity.assumptions.choices import CHOICES, SHORTHANDS
from t2v_capacity.assumptions.names import RESERVED
from t2v_capacity.release import __version__
from t2v_capacity.schema.documents import DOCUMENTS, SCHEMAS
from texts import RENEW_DOCS, Recorded

WRONG = sorted(path for path in MISTAKES.glob("*.yaml") if path.name != "command_lines.yaml")
FORMS = yaml.safe_load(Path(__file__).with_name("forms.yaml").read_text(encoding="utf-8"))


class Core(yaml.SafeLoader):
    """Reads YAML 1.2 as editors do: `yes`, `1:30`, `1_000` and days are texts."""


Core.yaml_implicit_resolvers = {}
for _tag, _form, _first in (
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^[-+]?[0-9]+$", list("-+0123456789")),
    (
        "float",
        r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$|^[-+]?\.(?:inf|nan)$",
        list("-+.0123456789"),
    ),
):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_form), _first)


class Old(yaml.SafeLoader):
    """Reads YAML 1.1, where `1_000` is a number and `yes` is true; days stay texts, as JSON has none."""


Old.add_constructor("tag:yaml.org,2002:timestamp", lambda _loader, node: str(node.value))


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(SCHEMAS[name]())


def _wrong(name: str, document: Any) -> list[str]:
    return [f"{error.json_path}: {error.message[:200]}" for error in _validator(name).iter_errors(document)]


def _distinct(schemas: dict[str, Any]) -> dict[str, Any]:
    """Return one schema of each shape: hundreds differ in their texts and numbers alone."""
    return {
        re.sub(r"(?<=: )(?:\"(?:[^\"\\]|\\.)*\"|[-+.e0-9]+)", "", json.dumps(part)): part for part in schemas.values()
    }


def _patterns(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from [part["pattern"]] if isinstance(part.get("pattern"), str) else []
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _patterns(inner)


@pytest.mark.wide
@pytest.mark.parametrize("name", some(SCHEMAS, 4))
def test_schemas_are_schemas(name: str, t2v_cap: Program) -> None:
    """Each schema is one of draft 2020-12 with patterns that compile, and is what the command prints.

    It has a name of its own, and readers of draft 7 can read it.
    """
    printed = t2v_cap("schema", name).json

    Draft202012Validator.check_schema({**printed, "$defs": _distinct(printed.get("$defs", {}))})
    Draft7Validator.check_schema({**printed, "$defs": _distinct(printed.get("$defs", {}))})
    assert printed["$id"] == f"urn:t2v-cap:schema:{name}"
    assert all(re.compile(pattern) for pattern in _patterns(printed))
    assert printed == SCHEMAS[name]()


@pytest.mark.parametrize("path", some(SHIPPED, 3), ids=lambda path: path.stem)
@pytest.mark.parametrize("loader", [Core, Old])
def test_shipped_scenarios_are_accepted(path: Path, loader: Any) -> None:
    """Every shipped scenario is valid, whichever YAML it is read as.

    Its first line leads an editor to the schema.
    """
    text = path.read_text(encoding="utf-8")
    named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", text.splitlines()[0])

    assert named
    assert (path.parent / named[1]).resolve() == SCHEMA_FOLDER / "scenario.json"
    document = yaml.load(text, loader)  # noqa: S506 - both loaders are safe ones
    assert _wrong("scenario", document) == []
    draft_7 = Draft7Validator(SCHEMAS["scenario"]())
    assert [error.message for error in draft_7.iter_errors(document)] == []
    assert not draft_7.is_valid({**document, "duu": 1})


@pytest.mark.wide
def test_mistakes_are_refused(recorded: Recorded) -> None:
    """Every wrong scenario is refused but for those that are recorded, which only the reader of scenarios can tell.

    It alone knows other files, names given twice, days that don't exist, the order within a range, options, whether a
    text is a number in a unit that fits, and what a YAML parser takes away.
    """
    accepted = []
    for path in WRONG:
        with suppress(yaml.YAMLError, TypeError):  # not YAML, or a key that is a list
            document = yaml.load(path.read_text(encoding="utf-8"), Core)  # noqa: S506 - a safe one
            if _wrong("scenario", document) == []:
                accepted.append(path.stem)

    recorded(sorted(accepted))


def test_every_default_is_accepted() -> None:
    """Every assumption's default and every choice's is valid, alone and with its notes.

    They are tried at the top level and in their section.
    """
    defaults = {name: known.default for name, known in ASSUMPTIONS.items()}
    defaults |= {name: choice.default or "sdpa" for name, choice in CHOICES.items()}
    for name, default in defaults.items():
        section = (ASSUMPTIONS.get(name) or CHOICES[name]).section
        noted = {"value": default, "source": "us", "as_of": "2026-11-24", "expires": "2027-11-24", "note": "a remark"}

        assert _wrong("scenario", {name: default}) == []
        assert _wrong("scenario", {name: None}) == []
        assert _wrong("scenario", {section: {name: noted}}) == []


@pytest.mark.parametrize(
    ("said", "document"),
    [(said, document) for said, documents in FORMS.items() for document in documents],
    ids=json.dumps,
)
def test_forms_are_accepted_or_refused(said: str, document: Any) -> None:
    """What the documentation writes is valid: numbers, texts, ranges, lists, pins, rules.

    What no file among the mistakes holds is refused too.
    """
    assert (_wrong("scenario", document) == []) == (said == "accepted")


def test_every_name_is_described() -> None:
    """Every key of a scenario says what it is, and every assumption its unit and default, for an editor to show."""
    schema = SCHEMAS["scenario"]()
    for name in (*ASSUMPTIONS, *CHOICES, *SHORTHANDS):
        assert schema["$defs"][name]["title"]
        assert schema["$defs"][name]["description"]
    for name, known in ASSUMPTIONS.items():
        about, text = schema["$defs"][name], schema["$defs"][f"{name}-value"]["anyOf"][-1]
        assert known.unit in about["description"]
        assert about["default"] == known.default
        assert text["description"] == f"A text such as {known.example}; unit: {known.unit}"
    assert all(schema["properties"][name]["description"] for name in RESERVED)


def _answers() -> Iterator[tuple[str, str, Any]]:
    """Yield what is recorded of each answer: its command, a name, and its document.

    What is recorded elsewhere is put back into the document.
    """
    tool = f"t2v-cap {__version__}"
    estimates = goldens.recorded("estimate")
    for command in DOCUMENTS:
        for name, one in goldens.recorded(command).items():
            if one["answer"] is None:  # refused: runs that the model can't explain
                continue
            document = {**one["answer"], "tool": tool}
            if command == "diff":
                document |= {side: {**document[side], "tool": tool} for side in ("base", "head") if document.get(side)}
            elif command == "total":
                parts = [Path(part).stem for part in one["line"]]
                document["scenarios"] = [
                    {**estimates[part]["answer"], "tool": tool} for part in parts if part in estimates
                ]
            if command != "explain":  # which is recorded in short
                yield command, name, document


@pytest.mark.slow
@pytest.mark.wide
def test_recorded_answers_are_accepted() -> None:
    """Every recorded answer is as the schema of its command says.

    No document has a key, a type or a null that its type has not.
    """
    assert {
        (command, name): found for command, name, document in _answers() if (found := _wrong(command, document))
    } == {}


@pytest.mark.wide
@pytest.mark.usefixtures("folder")
def test_answers_that_are_not_recorded_are_accepted(t2v_cap: Program) -> None:
    """The same of an explanation, which is recorded in short, and of a request, which is answered in a repository."""
    git("init", "-q")
    commit({"plan.yaml": "dau: 1M\nmodel: mochi-1-preview\ngates: {fail_on: [gpus > +10%]}\n"})
    write("dau: 2M\nmodel: mochi-1-preview\ngates: {fail_on: [gpus > +10%, gpus > 1]}\ntime_factor: 1\n", "plan.yaml")

    assert _wrong("diff-against", t2v_cap("diff", "--against", "HEAD", ".", "--format", "json", code=3).json) == []
    assert _wrong("explain", t2v_cap("explain", "plan.yaml", "gpus", "--format", "json").json) == []


@pytest.mark.parametrize("command", some(DOCUMENTS, 4))
def test_every_part_has_all_of_its_keys(command: str) -> None:
    """Each part of a document has all of its keys and no others, whatever was asked, and each key a type."""
    schema = SCHEMAS[command]()
    for part in (schema, *schema.get("$defs", {}).values()):
        assert part["additionalProperties"] is False
        assert part["required"] == list(part["properties"])
        assert [
            name for name, one in part["properties"].items() if not {"type", "anyOf", "$ref", "const", "enum"} & {*one}
        ] == []


def test_schema_is_written_to_a_file(tmp_path: Path, t2v_cap: Program) -> None:
    """`--output` writes the schema to a file, as it is printed and as docs/schema holds it.

    Only how a version of Pydantic writes 1e18 may differ.
    """
    t2v_cap("schema", "scenario", "--output", str(tmp_path / "plan.json"))
    written, kept = (
        folder.read_text(encoding="utf-8") for folder in (tmp_path / "plan.json", SCHEMA_FOLDER / "scenario.json")
    )

    assert written == t2v_cap("schema", "scenario").out
    assert json.loads(written) == json.loads(kept), f"stale; run `{RENEW_DOCS}`"
