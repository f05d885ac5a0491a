"""Ways past the gates of `diff --against` that an attacker found, each played through in a git repository of its own."""

import os
import shutil
from pathlib import Path

import pytest

from shared import Program, commit, git, shell, some, write

pytestmark = pytest.mark.wide

BASE = """abstract: true
budgets: {latency: latency_p95 <= 60 min}
gates:
  fail_on:
    growth: gpus > +10% and > +5
    news: new-warnings
"""
PLAN = "name: Ours\nextends: base.yaml\nmodel: wan2.2-ti2v-5b\ngpu: h100-sxm\ndau: {dau}\n"
SMALL, LARGE = PLAN.format(dau="100K"), PLAN.format(dau="1M")


@pytest.fixture(autouse=True)
def repository(folder: Path) -> Path:
    """Run in a repository on a branch whose `main` has a base with gates, and a plan below two folders."""
    git("init", "-q")
    commit({"infra/s/base.yaml": BASE, "infra/s/plan.yaml": SMALL, "ci/gates.yaml": "fail_on: [gpus > +10%]\n"})
    commit({"cat/own.yaml": "gpus:\n  mine: {extends: h100-sxm}\n"})
    git("checkout", "-q", "-b", "feature")
    return folder


def refused(t2v_cap: Program, *more: str, path: str = "infra/s") -> str:
    """Return why a request can't be judged, which ends with 2 in words."""
    err = t2v_cap("diff", "--against", "main", path, *more, code=2).err
    assert "Traceback" not in err
    return err


def test_the_gate_is_there(t2v_cap: Program) -> None:
    """Ten times the users fail, so that the other tests show something."""
    commit({"infra/s/plan.yaml": LARGE})
    assert "failed: growth" in t2v_cap("diff", "--against", "main", "infra/s", code=3).err


@pytest.mark.parametrize("moved", ["infra", "infra/s"])
@pytest.mark.parametrize("path", ["infra/s", "infra/s/plan.yaml", "infra", "infra/../infra/s", "."])
def test_a_folder_made_a_link(moved: str, path: str, t2v_cap: Program) -> None:
    """Growth does not pass where a folder above the scenarios becomes a link, whichever path is asked about."""
    commit({"infra/s/plan.yaml": LARGE})
    git("mv", moved, "other")
    Path(moved).symlink_to(os.path.relpath("other", Path(moved).parent))
    commit({})
    t2v_cap("diff", "--against", "main", path, code=3 if path == "." else 2)  # from the top the moved files are found, and judged


def test_a_folder_that_is_a_link_is_named_itself(t2v_cap: Program) -> None:
    """A path through a link within the repository is refused with the folder to name, which is judged."""
    Path("plans").symlink_to("infra/s")
    commit({})
    git("branch", "-f", "main")
    commit({"infra/s/plan.yaml": LARGE})
    assert "leads through links to `infra/s`" in refused(t2v_cap, path="plans")
    t2v_cap("diff", "--against", "main", "infra/s", code=3)


def test_a_link_at_the_base_that_leads_out(t2v_cap: Program, repository: Path) -> None:
    """A folder that is a link out of the repository, at the base or in a circle, is refused."""
    outside = repository.parent / f"{repository.name}-outside"
    outside.mkdir()
    write(SMALL, outside / "plan.yaml")
    Path("away").symlink_to(outside)
    Path("round").symlink_to("round")
    commit({})
    git("branch", "-f", "main")
    for path in ("away", "round"):
        refused(t2v_cap, path=path)


@pytest.mark.parametrize(("option", "folder_of", "file"), [("--gates", "ci", "gates.yaml"), ("--catalogue", "cat", "own.yaml")])
def test_the_folder_of_an_option_made_a_link(option: str, folder_of: str, file: str, t2v_cap: Program) -> None:
    """The folder of a file of gates, or of a catalogue, that becomes a link is refused; so is a file that the base lacks."""
    git("mv", folder_of, "lax")
    Path(folder_of).symlink_to("lax")
    commit({"lax/new.yaml": "fail_on: [gpus > +900%]\n" if option == "--gates" else "gpus: {}\n"})
    assert "leads through links to" in refused(t2v_cap, option, f"{folder_of}/{file}")
    assert "is not in " in refused(t2v_cap, option, "lax/new.yaml")
    t2v_cap("diff", "--against", "main", "infra/s", option, "lax/new.yaml", "--gates-from", "head")


@pytest.mark.parametrize("character", ["\n", "\t", "\x01", "\x7f"])
@pytest.mark.parametrize("where", ["base", "head"])
def test_a_control_character_in_a_name(character: str, where: str, t2v_cap: Program) -> None:
    """A name with a control character is refused on either side, since git and terminals read it as something else."""
    commit({f"infra/s/pl{character}an.yaml": SMALL.replace("Ours", "Other")})
    if where == "base":
        git("branch", "-f", "main")
        commit({f"infra/s/pl{character}an.yaml": None})
    assert "this name has a control character; rename the file" in refused(t2v_cap)


def test_an_extended_name_with_a_line_feed(t2v_cap: Program) -> None:
    """A base that extends a file whose name has a line feed is read, and growth fails as ever."""
    write(BASE, "infra/b\nase.yaml")
    commit({"infra/s/plan.yaml": SMALL.replace("extends: base.yaml", 'extends: "../b\\nase.yaml"')})
    git("branch", "-f", "main")
    commit({"infra/s/plan.yaml": LARGE})
    t2v_cap("diff", "--against", "main", "infra/s", code=3)


def test_a_base_that_only_the_disk_can_read(t2v_cap: Program, repository: Path) -> None:
    """A base that extends a file outside the repository is readable on the disk alone: an error, not new for ever."""
    write(BASE, repository.parent / f"{repository.name}-base.yaml")
    text = SMALL.replace("extends: base.yaml", f"extends: ../../../{repository.name}-base.yaml")
    commit({"infra/s/plan.yaml": text})
    git("branch", "-f", "main")
    commit({"infra/s/plan.yaml": text.replace("100K", "1M")})
    assert "its base can't be read: " in refused(t2v_cap)


def test_a_name_that_means_several(t2v_cap: Program) -> None:
    """A tag, a branch or a short commit of the base's name is refused, with what to write; the full name is judged."""
    git("update-ref", "refs/remotes/origin/main", "main")
    commit({"infra/s/plan.yaml": LARGE})
    git("tag", "origin/main", "HEAD")
    for revision in ("origin/main", "origin/main~0", "origin/main^{commit}"):
        said = t2v_cap("diff", "--against", revision, "infra/s", code=2).err
        assert "can mean several things here; write the one that you mean in full" in said
    write(SMALL, "origin/main:plan.yaml")
    assert "can mean several things here" in t2v_cap("diff", "origin/main:plan.yaml", "infra/s/plan.yaml", code=2).err
    t2v_cap("diff", "--against", "refs/remotes/origin/main", "infra/s", code=3)
    short = git("rev-parse", "--short=7", "main")
    git("tag", short, "HEAD")
    assert "can mean several things here" in t2v_cap("diff", "--against", short, "infra/s", code=2).err
    git("branch", "main2", "main")
    git("update-ref", "refs/heads/origin/main2", "HEAD")
    git("update-ref", "refs/remotes/origin/main2", "main")
    assert "can mean several things here" in t2v_cap("diff", "--against", "origin/main2", "infra/s", code=2).err


def embedded(repository: Path, config: str, *, filters: bool = False) -> None:
    """Make the folder infra a bare repository whose `main` is the request, and commit it."""
    other = repository.parent / f"{repository.name}-embedded"
    shutil.copytree("infra/s", other / "s")
    git("-C", str(other), "init", "-q")
    git("-C", str(other), "add", "-A")
    git("-C", str(other), "commit", "-q", "-m", "x")
    write(config, other / ".git/config")
    if filters:
        write("* filter=x diff=x\n", other / ".git/info/attributes")
    for name in ("HEAD", "objects", "refs", "index", "config", "info"):
        there = other / ".git" / name
        (shutil.copytree if there.is_dir() else shutil.copy)(there, Path("infra") / name)
    write("", "infra/refs/tags/.keep")


@pytest.mark.parametrize("bare", ["bare = false\n worktree = .", "bare = true"])
def test_a_repository_within_the_request(bare: str, t2v_cap: Program, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of the request that looks like a repository is none: it gives no base, and its settings run no program."""
    commit({"infra/s/plan.yaml": LARGE})
    mark = repository.parent / f"{repository.name}-ran"
    program = f"touch {mark}; cat"
    settings = f'[filter "x"]\n clean = "{program}"\n smudge = "{program}"\n[diff "x"]\n textconv = "{program}"\n'
    fsmonitor = f'[core]\n repositoryformatversion = 0\n fsmonitor = "{program}"\n {bare}\n'
    embedded(repository, f"{settings}{fsmonitor}", filters=True)
    commit({})
    monkeypatch.chdir("infra")
    ended = t2v_cap("diff", "--against", "main", "s", code=2).err
    assert "bare repository" in ended
    monkeypatch.setattr("t2v_capacity.files.git._SAFE", ())  # git before 2.38 knows no `safe.bareRepository`
    ended = t2v_cap("diff", "--against", "main", "s", code=2).err
    assert "has no `.git`" in ended or "must be run in a work tree" in ended
    assert not mark.exists()


def test_filters_of_the_tree_run_nothing(t2v_cap: Program, repository: Path) -> None:
    """A request's attributes name a filter that the clone has, and no file is put through it; renames are found all the same."""
    mark = repository.parent / f"{repository.name}-ran"
    git("config", "filter.x.clean", f"touch {mark}; cat")
    git("config", "core.fsmonitor", f"touch {mark}; false")
    write("* filter=x\n", ".gitattributes")
    Path("infra/s/plan.yaml").rename("infra/s/plans.yaml")
    write(LARGE, "infra/s/plans.yaml")
    document = t2v_cap("diff", "--against", "main", "infra/s", "--format", "json", code=3).json
    assert [one["pairing"] for one in document["scenarios"]] == ["renamed"]
    assert not mark.exists()


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_INDEX_FILE", "GIT_NAMESPACE"])
def test_variables_that_move_the_repository(name: str, t2v_cap: Program, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git's variables, which hooks set and which may point anywhere, move nothing: growth fails as ever."""
    commit({"infra/s/plan.yaml": LARGE})
    other = repository.parent / f"{repository.name}-other"
    git("clone", "-q", str(repository), str(other))
    monkeypatch.setenv(name, str(other / ".git") if name != "GIT_WORK_TREE" else str(other))
    t2v_cap("diff", "--against", "main", "infra/s", code=3)


def test_settings_from_variables(t2v_cap: Program, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings in variables (another work tree, replaced objects) move nothing either."""
    commit({"infra/s/plan.yaml": LARGE})
    for name, value in (("COUNT", "1"), ("KEY_0", "core.worktree"), ("VALUE_0", str(repository.parent))):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    t2v_cap("diff", "--against", "main", "infra/s", code=3)


def test_a_replaced_object(t2v_cap: Program) -> None:
    """The base's commit is what it is, whatever `git replace` put in its place."""
    commit({"infra/s/plan.yaml": LARGE})
    git("replace", "-f", git("rev-parse", "main:infra/s/plan.yaml"), git("rev-parse", "HEAD:infra/s/plan.yaml"))
    t2v_cap("diff", "--against", "main", "infra/s", code=3)


def test_nothing_checked_out(t2v_cap: Program) -> None:
    """Scenarios that are not in the working tree are an error, all of them or one, and not deleted."""
    commit({"infra/s/base.yaml": BASE.replace("    news: new-warnings\n", ""), "infra/s/more.yaml": SMALL.replace("Ours", "More")})
    git("branch", "-f", "main")
    git("sparse-checkout", "set", "--no-cone", "/infra/s/base.yaml", "/infra/s/more.yaml")
    assert "`infra/s/plan.yaml` is not checked out" in refused(t2v_cap)
    git("sparse-checkout", "set", "--no-cone", "/nothing")
    assert "is in the working tree: check it out" in refused(t2v_cap)


def test_a_bare_repository_has_nothing_to_judge(t2v_cap: Program, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a bare repository, and with a work tree that git's settings put elsewhere, there is nothing to judge, which is an error."""
    bare = repository.parent / f"{repository.name}-bare"
    git("clone", "-q", "--bare", str(repository), str(bare))
    git("config", "core.worktree", str(bare))
    refused(t2v_cap)
    monkeypatch.chdir(bare)
    refused(t2v_cap)


def test_a_folder_below_made_a_link(t2v_cap: Program) -> None:
    """A folder below the one asked about that becomes a link is refused: its scenarios are not gone."""
    commit(
        {
            "infra/s/eu/plan.yaml": SMALL.replace("base.yaml", "../base.yaml"),
            "infra/s/base.yaml": BASE.replace("    news: new-warnings\n", ""),
        }
    )
    git("branch", "-f", "main")
    commit({"infra/s/eu/plan.yaml": LARGE.replace("base.yaml", "../base.yaml")})
    git("mv", "infra/s/eu", "eu")
    Path("infra/s/eu").symlink_to("../../eu")
    commit({})
    assert "is below a link now" in refused(t2v_cap)


def test_objects_that_git_lacks(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a clone without the base's files nothing is fetched on the way: what can't be read is an error."""
    commit({"infra/s/plan.yaml": LARGE})
    git("config", "uploadpack.allowFilter", "true")
    git("clone", "-q", "--no-local", "--filter=blob:none", "--branch", "feature", f"file://{repository}", "partial")
    monkeypatch.chdir("partial")
    done = shell("t2v-cap diff --against origin/main infra/s")  # a process of its own, which has read no object yet
    assert done.returncode == 2
    assert b"can't be read" in done.stderr


@pytest.mark.parametrize(
    ("line", "reader"),
    some(
        [
            ("diff --against main infra/s", "| true"),
            ("diff --against main infra/s", ">&-"),
            ("check infra/s --budget 'gpus < 1'", ">&-"),
            ("check infra/s --budget 'gpus < 1'", "| true"),
        ],
        2,
    ),
)
def test_a_failed_check_has_its_code_without_a_reader(line: str, reader: str) -> None:
    """A gate or a budget that fails ends with 3, though the reader of the answer is gone."""
    commit({"infra/s/plan.yaml": LARGE})
    done = shell(f"set -o pipefail; t2v-cap {line} {reader}")
    assert done.returncode == 3, done.stderr
