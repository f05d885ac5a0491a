"""`diff --against`: pull requests played through in a git repository, each with its exit code and its comment."""

import re
from pathlib import Path
from typing import Any

import pytest

from shared import Program, branched, commit, git, write
from texts import Recorded

pytestmark = pytest.mark.wide

BASE = """abstract: true
peak_to_average: 1.5
budgets: {latency: latency_p95 <= 20 min}
gates:
  fail_on:
    growth: gpus > +10% and > +50
    news: new-warnings
"""
RULE = "gpus > +10% and > +50"
LIMIT = 65_536


def service(name: str, dau: str, base: str = "base.yaml") -> str:
    """Return a scenario of so many users that extends a base."""
    return (
        f"name: {name}\nextends: {base}\nmodel: wan2.1-t2v-14b\n"
        f"dau: {dau}\nvideos_per_user_per_day: 2\nspare_fraction: 5%\n"
    )


@pytest.fixture(autouse=True)
def repository(folder: Path) -> Path:
    """Run on a branch of a repository.

    Its `main` has a base, two services that extend it, gates in a file and a catalogue.
    """
    prices = "sources: {own: {title: ours}}\ngpus:\n  ours: {extends: h100-sxm, source: own, gpu_price: 2}\n"
    services: dict[str, str | None] = {
        "s/base.yaml": BASE,
        "s/us.yaml": service("US", "1M"),
        "s/eu.yaml": service("EU", "500K"),
    }
    branched(services, {"gates.yaml": "fail_on: ['cost_per_month > +50%']\n", "s/prices.yaml": prices})
    return folder


def asked(t2v_cap: Program, code: int, *more: str, path: str = "s") -> tuple[dict[str, Any], str, str]:
    """Return the JSON, comment and standard error of `diff --against main`, which must end with `code` in each form."""
    document = t2v_cap("diff", "--against", "main", path, *more, "--format", "json", code=code).json
    comment, err = t2v_cap("diff", "--against", "main", path, *more, "--format", "markdown", code=code)
    assert document["code"] == code
    assert comment.splitlines()[0].startswith("**Capacity: ")
    assert comment.splitlines()[0].endswith(" <!-- t2v-cap -->")
    assert len(comment) < LIMIT
    return document, comment, err


def verdicts(document: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Return pairing and verdict of each scenario."""
    return {
        entry["file"] or entry["base_file"]: (entry["pairing"], entry["verdict"]) for entry in document["scenarios"]
    }


def rules(document: dict[str, Any], file: str) -> list[tuple[str, str | None, str | None]]:
    """Return what judges a scenario, or stands in the model's place, and changed: its kind and both texts."""
    (entry,) = [entry for entry in document["scenarios"] if file in (entry["file"], entry["base_file"])]
    return [(rule["kind"], rule["base"], rule["head"]) for rule in entry["rules"]]


def test_nothing_changed(t2v_cap: Program) -> None:
    """Equal scenarios are counted, whatever `main` changed since.

    What is no scenario is left out in a line, and the merge base has its hash.
    """
    base = git("rev-parse", "main")
    git("checkout", "-q", "main")
    commit({"s/us.yaml": service("US", "9M")})
    git("checkout", "-q", "feature")
    document, comment, err = asked(t2v_cap, 0, "--exit-code")
    assert verdicts(document) == {"s/eu.yaml": ("same", "pass"), "s/us.yaml": ("same", "pass")}
    assert document["against"] == {"revision": "main", "merge_base": base}
    assert f"Capacity: nothing changed; 2 scenarios against main at {base[:7]}" in comment
    assert document["left_out"] == "left out: 1 abstract base, 1 catalogue"
    assert err == ""
    # A flag is laid on both sides.
    flagged = asked(t2v_cap, 0, "--dau", "3M", "--exit-code")[0]
    assert verdicts(flagged) == verdicts(document)


@pytest.mark.parametrize(
    ("old", "new", "head"),
    [
        (f"    growth: {RULE}\n", "", None),
        (RULE, "gpus > +50% and > +50", "fail_on gpus > +50% and > +50"),
        (RULE, "gpus > +5%", "fail_on gpus > +5%"),
        (BASE, BASE.replace(f"    growth: {RULE}\n", "") + f"  warn_on: {{growth: {RULE}}}\n", f"warn_on {RULE}"),
    ],
)
def test_a_changed_gate_fails_whichever_way_it_goes(old: str, new: str, head: str | None, t2v_cap: Program) -> None:
    """A gate that is deleted, looser, tighter or of another severity is listed with both texts and fails.

    The growth that it forbade fails too.
    """
    commit({"s/base.yaml": BASE.replace(old, new), "s/us.yaml": service("US", "2M")})
    document, comment, err = asked(t2v_cap, 3)
    # One of them fails by the change of the rule alone.
    assert {verdict for _pairing, verdict in verdicts(document).values()} == {"fail"}
    assert rules(document, "s/us.yaml") == [("gate", f"fail_on {RULE}", head)]
    assert "rules-changed" in comment
    assert f"s/eu.yaml: failed: rules-changed: gate `growth`: fail_on {RULE} -> {head or 'none'} (" in err
    assert "s/us.yaml: failed: growth" in err


def test_a_changed_budget_or_waiver_fails(t2v_cap: Program) -> None:
    """A budget of the same name and a waiver are listed with both texts, and fail.

    An added rule and a moved line are none.
    """
    more = "budgets: {latency: latency_p95 <= 2 h}\nwaivers: {no-source: a sketch}\n"
    commit({"s/us.yaml": service("US", "1M") + more})
    budget, waiver = rules(asked(t2v_cap, 3)[0], "s/us.yaml")
    assert budget == ("budget", "latency_p95 <= 20 min", "latency_p95 <= 2 h")
    assert waiver == ("waiver", None, "a sketch")
    moved = BASE.replace("latency_p95 <= 20 min", "latency_p95 <= 1200 s").replace(
        "abstract: true\n", "# a comment\nabstract: true\n"
    )
    commit({"s/base.yaml": f"{moved}  warn_on: [gpus > +1%]\n", "s/us.yaml": service("US", "1M")})
    document, _comment, _err = asked(t2v_cap, 0)
    assert rules(document, "s/us.yaml") == []
    assert {verdict for _pairing, verdict in verdicts(document).values()} == {"pass"}


def test_a_file_of_gates_is_read_at_both_revisions(t2v_cap: Program) -> None:
    """A file given by `--gates` judges as it is at the merge base, so that a request can't loosen it."""
    git("checkout", "-q", "main")
    commit({"gates.yaml": "fail_on: ['cost_per_month > +900%']\n"})
    git("checkout", "-q", "feature")
    commit({"gates.yaml": "fail_on: ['cost_per_month > +500%']\n", "s/us.yaml": service("US", "1.8M")})
    document, _comment, err = asked(t2v_cap, 3, "--gates", "gates.yaml")
    assert ("gate", "fail_on cost_per_month > +50%", "fail_on cost_per_month > +500%") in rules(document, "s/us.yaml")
    assert "s/us.yaml: failed: cost_per_month > +50%; " in err
    pair = ("diff", "main~1:s/us.yaml", "s/us.yaml")
    assert "failed: cost_per_month > +50%; " in t2v_cap(*pair, "--gates", "gates.yaml", code=3).err


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("abstract: true\n" + service("US", "1M"), "is no scenario any more (abstract base)"),
        ("gpus:\n  mine: {extends: h100-sxm}\n", "is no scenario any more (catalogue)"),
        ("- {seconds: 5}\n", "is no scenario any more (runs file)"),
        ("fail_on: [new-warnings]\n", "is no scenario any more (gates file)"),
        (None, "is gone"),
    ],
)
def test_what_is_no_scenario_any_more(text: str | None, what: str, t2v_cap: Program) -> None:
    """A scenario that is deleted, by whatever way, is a change of what judges."""
    commit({"s/us.yaml": text})
    document, comment, _err = asked(t2v_cap, 3)
    assert verdicts(document)["s/us.yaml"] == ("deleted", "fail")
    (entry,) = [entry for entry in document["scenarios"] if entry["file"] is None]
    assert ([finding["code"] for finding in entry["findings"]], entry["notes"]) == (["rules-changed"], [what])
    assert what in comment.replace("\\", "")


def test_a_subfolder_asks_of_itself(t2v_cap: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a folder of the repository, paths are those of that folder.

    What is no scenario any more is told as from the top.
    """
    commit({"s/us.yaml": "abstract: true\n" + service("US", "1M"), "s/eu.yaml": service("EU", "5M")})
    monkeypatch.chdir("s")
    document, _comment, err = asked(t2v_cap, 3, path=".")
    assert verdicts(document) == {"eu.yaml": ("same", "fail"), "s/us.yaml": ("deleted", "fail")}
    assert document["scenarios"][1]["notes"] == ["is no scenario any more (abstract base)"]
    assert err.startswith("eu.yaml: failed: growth")


def test_a_rename_rewritten_beyond_likeness(t2v_cap: Program) -> None:
    """A rewritten file is paired by its own equal name; without one it is new, and the other is gone, which fails."""
    text = "name: {}\n# another file altogether\ntraffic:\n  dau: 20M\n  peak_to_average: 2\nextends: ../base.yaml\n"
    commit({"s/us.yaml": None, "s/sub/america.yml": text.format("US")})
    document, comment, _err = asked(t2v_cap, 3)
    assert verdicts(document)["s/sub/america.yml"] == ("renamed", "fail")
    assert "s/us.yaml -&gt; s/sub/america.yml" in comment
    commit({"s/sub/america.yml": text.format("America")})
    document, comment, err = asked(t2v_cap, 3)
    assert verdicts(document)["s/sub/america.yml"] == ("new", "pass")
    assert verdicts(document)["s/us.yaml"] == ("deleted", "fail")
    assert "a scenario -&gt; gone" in comment
    assert "a scenario -> gone" in err


def test_a_new_scenario(t2v_cap: Program) -> None:
    """A new scenario is held to budgets and to gates on values; a change of nothing is no rise."""
    commit({"s/new.yaml": service("New", "50M")})
    document, _comment, _err = asked(t2v_cap, 0)
    assert verdicts(document)["s/new.yaml"] == ("new", "pass")
    assert asked(t2v_cap, 3, "--fail-on", "gpus > 100")[1].count("❌")
    commit({"s/new.yaml": service("New", "50M") + "budgets: [gpus <= 5]\n"})
    assert verdicts(asked(t2v_cap, 3)[0])["s/new.yaml"] == ("new", "fail")


def test_a_base_that_can_t_be_read_and_a_head_that_is_mended(t2v_cap: Program, recorded: Recorded) -> None:
    """A head whose base can't be read can't be judged, which ends with 2.

    An owner's label lets it through as new, and says so.
    """
    commit({"s/us.yaml": "duu: 1M\n"}, base=True)
    commit({"s/us.yaml": service("US", "1M")})
    document, _comment, _err = asked(t2v_cap, 2)
    assert verdicts(document)["s/us.yaml"] == ("same", "unreadable")
    document, comment, _err = asked(t2v_cap, 0, "--gates-from", "head")
    assert verdicts(document)["s/us.yaml"] == ("new", "pass")
    recorded(comment.replace("\\", ""))


def test_other_forms(t2v_cap: Program, recorded: Recorded) -> None:
    """CSV has the verdicts too; no scenario, no merge base and standard input are refused in words."""
    commit({"s/us.yaml": service("US", "2M")})
    row = t2v_cap("diff", "--against", "main", "s", "--format", "csv", code=3).out.splitlines()[2]
    assert row.startswith(f"s/us.yaml,s/us.yaml,same,fail,growth ({RULE}) (s/base.yaml:6:13),")
    for wrong in (["main", "nowhere"], ["main", "nowhere", "--gates-from", "head"], ["mian", "s"], ["main", "-"]):
        recorded(t2v_cap("diff", "--against", *wrong, code=2).err)


def test_a_shallow_clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, t2v_cap: Program, recorded: Recorded) -> None:
    """A shallow clone without a merge base is told what fetches it."""
    git("checkout", "-q", "main")
    commit({"s/us.yaml": service("US", "9M")})
    git("checkout", "-q", "feature")
    commit({"s/us.yaml": service("US", "2M")})
    git("clone", "-q", "--depth", "1", "--branch", "feature", f"file://{tmp_path}", "shallow")
    monkeypatch.chdir("shallow")
    git("fetch", "-q", "--depth", "1", "origin", "main:main")
    recorded(t2v_cap("diff", "--against", "main", "s", code=2).err)


# Ways that an attack found around the gate.


def test_what_is_named_like_a_revision_is_a_file(t2v_cap: Program) -> None:
    """Files named like the base change nothing.

    One whose path reads as git's description of a commit is the file on the disk.
    """
    base, grown = git("rev-parse", "main"), service("US", "9M", "../s/base.yaml")
    commit({f"{base}:s/us.yaml": grown, "main:s/us.yaml": grown, "s/us.yaml": service("US", "9M")})
    assert verdicts(asked(t2v_cap, 3)[0])["s/us.yaml"] == ("same", "fail")
    odd = f"s/x-g{base[:10]}:s/us.yaml"
    commit({"s/us.yaml": None, odd: service("US", "10M", "../base.yaml")})
    assert verdicts(asked(t2v_cap, 3)[0])[odd] == ("renamed", "fail")


def test_a_saved_estimate_is_no_scenario(t2v_cap: Program) -> None:
    """The JSON of an estimate in the place of a scenario can't be read."""
    t2v_cap("estimate", "s/us.yaml", "--format", "json", "--output", "saved.json")
    commit({"s/us.yaml": Path("saved.json").read_text(encoding="utf-8")})
    assert verdicts(asked(t2v_cap, 2)[0])["s/us.yaml"] == ("same", "unreadable")


@pytest.mark.parametrize("way", ["absolute", "round about"])
def test_a_base_named_from_outside_is_read(way: str, t2v_cap: Program, repository: Path) -> None:
    """What leads to the same content on the disk leads to it at the base too, so that a later request is held to it."""
    other = f"{repository}/s/base.yaml" if way == "absolute" else f"../../{repository.name}/s/base.yaml"
    commit({"s/us.yaml": service("US", "1M", other)})
    asked(t2v_cap, 0)
    git("branch", "-f", "main")
    commit({"s/us.yaml": Path("s/us.yaml").read_text(encoding="utf-8").replace("1M", "10M")})
    document, _comment, _err = asked(t2v_cap, 3)
    assert "fail" in {verdict for _pairing, verdict in verdicts(document).values()}


def test_a_base_that_is_a_link_is_an_error(t2v_cap: Program, recorded: Recorded) -> None:
    """A link is not followed in a revision: what extends it can't be read there, which an owner lets through."""
    commit({"shared/b.yaml": BASE, "s/base.yaml": None})
    Path("s/base.yaml").symlink_to("../shared/b.yaml")
    commit({}, base=True)
    commit({"s/us.yaml": service("US", "10M")})
    recorded(asked(t2v_cap, 2)[2])
    asked(t2v_cap, 0, "--gates-from", "head")


def test_the_path_may_be_hidden_or_of_another_ending(t2v_cap: Program, repository: Path, recorded: Recorded) -> None:
    """A path in a hidden folder, a file of another ending, and a path through a link find their base.

    One outside is refused.
    """
    commit({".cap/us.yaml": service("A", "1M", "../s/base.yaml"), "s/plan": service("B", "1M")}, base=True)
    grown = {
        ".cap/us.yaml": service("A", "9M", "../s/base.yaml"),
        "s/plan": service("B", "9M"),
        "s/us.yaml": service("US", "9M"),
    }
    commit({**grown})
    link = repository.parent / f"{repository.name}-link"
    link.symlink_to(repository)
    for path in (".cap", "s/plan", f"{link}/s"):
        assert "same" in {pairing for pairing, _verdict in verdicts(asked(t2v_cap, 3, path=path)[0]).values()}
    outside = repository.parent / f"{repository.name}-outside"
    outside.mkdir()
    recorded(re.sub(r"`/\S+`", "`OUTSIDE`", t2v_cap("diff", "--against", "main", str(outside), code=2).err))


def test_a_trusted_file_of_gates(t2v_cap: Program, repository: Path) -> None:
    """A file of gates outside of the repository, which no request can edit, counts for both sides."""
    trusted = repository.parent / f"{repository.name}-gates.yaml"
    write("fail_on: [new-warnings]\n", trusted)
    commit({"s/base.yaml": "abstract: true\npeak_to_average: 1.5\n"}, base=True)
    commit({"s/us.yaml": None})
    assert verdicts(asked(t2v_cap, 3, "--gates", str(trusted))[0])["s/us.yaml"] == ("deleted", "fail")


def test_a_submodule_is_refused(t2v_cap: Program, repository: Path, recorded: Recorded) -> None:
    """Scenarios that were a submodule at the base can't be compared from outside it: that is an error and no `new`."""
    other = str(repository.parent / f"{repository.name}-other")
    git("init", "-q", other)
    git("-C", other, "commit", "-q", "--allow-empty", "-m", "x")
    git("-c", "protocol.file.allow=always", "submodule", "add", "-q", other, "mod")
    commit({}, base=True)
    recorded(re.sub(r" at [0-9a-f]+", " at COMMIT", t2v_cap("diff", "--against", "main", "mod", code=2).err))


@pytest.mark.parametrize("place", ["s", "."])
def test_a_deleted_scenario_that_no_rule_judged_is_listed(place: str, t2v_cap: Program) -> None:
    """A scenario without a gate or a budget of its own may go: it is listed as deleted, and fails nothing.

    So it is at the top of the repository.
    """
    file = str(Path(place, "free.yaml"))
    commit({file: "name: Free\nmodel: wan2.2-ti2v-5b\ngpu: h100-sxm\ndau: 1M\n"}, base=True)
    commit({file: None})
    document, comment, _err = asked(t2v_cap, 0, path=place)
    assert verdicts(document)[file] == ("deleted", "pass")
    assert file in comment


def test_a_rename_escapes_no_gate_of_the_command_line(t2v_cap: Program) -> None:
    """A scenario without a name or a rule that comes back in another file with 40 times the users fails.

    A gate on the command line catches it as one in a file does. A gate on the total has both scenarios in its sums.
    """
    plan, growth = "model: wan2.2-t2v-a14b\ngpu: h200\ndau: {}\n", "gpus > +10%"
    few, many = (plan.format(users) for users in ("10K", "400K"))
    commit({"t/a.yaml": few, "growth.yaml": f"fail_on: ['{growth}']\n"}, base=True)
    commit({"t/a.yaml": None, "t/c.yaml": many})
    write(few, "few.yaml")
    assert "gpus" in t2v_cap("diff", "few.yaml", "t/c.yaml", "--fail-on", growth, code=3).err
    for gates in (("--gates", "growth.yaml"), ("--fail-on", growth)):
        assert verdicts(asked(t2v_cap, 3, *gates, path="t")[0])["t/a.yaml"] == ("deleted", "fail")
    commit({"t/c.yaml": few})
    for more in ((), ("--fail-on", "total(gpus) > +10%")):
        assert verdicts(asked(t2v_cap, 0, *more, path="t")[0])["t/a.yaml"] == ("deleted", "pass")
