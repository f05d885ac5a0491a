"""Folders: which of their files are scenarios, what the others are, and what is said where there is none."""

from pathlib import Path

import pytest
import yaml

from shared import refusal, write
from t2v_capacity.errors import Mistakes
from t2v_capacity.scenario.folders import is_there, scenarios_of, walked
from texts import Recorded

pytestmark = pytest.mark.usefixtures("folder")
KINDS: dict[str, tuple[str, str]] = yaml.safe_load(Path(__file__).with_name("kinds.yaml").read_text(encoding="utf-8"))


def test_a_file_is_what_its_keys_say(recorded: Recorded) -> None:
    """By their keys files are scenarios, catalogues, gates, runs or abstract bases.

    A file that can't be read, or has a key more, is a scenario.
    """
    for name, (text, _kind) in KINDS.items():
        write(text, name)
    found = scenarios_of(["."])
    assert {name: found.others.get(name, "scenario") for name in KINDS} == {
        name: kind for name, (_text, kind) in KINDS.items()
    }
    assert list(found.scenarios) == sorted(name for name, (_text, kind) in KINDS.items() if kind == "scenario")
    recorded(found.left_out())
    assert set(scenarios_of(["a"]).scenarios) == set(found.scenarios)


def test_a_folder_is_walked_in_order() -> None:
    """Folders are walked by name, past hidden ones and what is no YAML file, and a path that is named twice is one."""
    for name in ("b/x.yaml", "a/y.yml", "a/b/z.yaml", "a/.hidden/no.yaml", "a/no.txt", "top.yaml"):
        write("dau: 1M\n", name)
    Path("a/broken.yaml").symlink_to("nowhere.yaml")
    Path("a/folder.yaml").mkdir()
    assert walked(["."])[0] == ["top.yaml", "a/y.yml", "a/b/z.yaml", "b/x.yaml"]
    assert walked(["b", "a", "b"])[0] == ["b/x.yaml", "a/y.yml", "a/b/z.yaml"]
    assert scenarios_of(["b/x.yaml", "b", "a/y.yml", "b/x.yaml"]).scenarios[:3] == ("b/x.yaml", "a/y.yml", "b/x.yaml")
    assert walked(["a/no.txt", "a/broken.yaml", "-"])[0] == ["a/no.txt", "a/broken.yaml", "-"]
    assert [is_there(path) for path in ("-", "a", "top.yaml", "a/broken.yaml", "none.yaml")] == [
        True,
        True,
        True,
        True,
        False,
    ]


def test_json_files_are_named_up_to_five() -> None:
    """JSON files that were left out are named; of more than five, the first five."""
    write("dau: 1M\n", "plan.yaml")
    for count in range(1, 7):
        write("[]", f"{count}.json")
    assert scenarios_of(["."]).left_out() == "left out: 6 JSON files (1.json, 2.json, 3.json, 4.json, 5.json, ...)"
    Path("6.json").unlink()
    assert scenarios_of(["."]).left_out() == "left out: 5 JSON files (1.json, 2.json, 3.json, 4.json, 5.json)"


def test_a_folder_without_a_scenario_is_told(recorded: Recorded) -> None:
    """Where there is no scenario it says where it looked and what it left out.

    Every path that is not there is named at once.
    """
    write("gpus: {}\n", "own/a.yaml")
    Path("empty").mkdir()
    recorded(refusal(scenarios_of, ["own", "empty"]))
    recorded(refusal(scenarios_of, ["empty"]))
    with pytest.raises(Mistakes) as refused:
        walked(["own", "x.yaml", "y"])
    recorded([mistake.message for mistake in refused.value.mistakes])
