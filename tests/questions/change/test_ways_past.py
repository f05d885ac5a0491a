"""Ways past the gates of `diff --against` that an attacker found, each played through in its own git repository."""

import os
import shutil
from pathlib import Path

import pytest

from shared import Program, branched, commit, git, shell, write

pytestmark = pytest.mark.wide

BASE = """abstract: true
budgets: {latency: latency_p95 <= 60 min}
gates:
  fail_on:
    growth: gpus > +10% and > +5
    news: new-warnings
"""
PLAN = "name: Ours\nextends: base.yaml\nmodel: wan2.2-ti2v-5b\ngpu: h100-sxm\ndau: {dau}\n"
QUIET = BASE.replace("    news: new-warnings\n", "")
SMALL, LARGE = PLAN.format(dau="100K"), PLAN.format(dau="1M")


@pytest.fixture(autouse=True)
def repository(folder: Path) -> Path:
    """Run in a repository on a branch whose `main` has a base with gates, and a plan below two folders."""
    own = {"ci/gates.yaml": "fail_on: [gpus > +10%]\n", "cat/own.yaml": "gpus:\n  mine: {extends: h100-sxm}\n"}
    branched({"infra/s/base.yaml": BASE, "infra/s/plan.yaml": SMALL, **own})
    return folder


def refused(t2v_cap: Program, *more: str, path: str = "infra/s", against: str = "main") -> str:
    """Return why a request can't be judged, which ends with 2 in words."""
    return t2v_cap("diff", "--against", against, path, *more, code=2).err


def judged(t2v_cap: Program, *more: str) -> None:
    """Hold a request to its base, by whose rule on growth it fails with 3."""
    assert "failed: growth" in t2v_cap("diff", "--against", "main", "infra/s", *more, code=3).err


def linked(folder: str, target: str) -> None:
    """Move a folder to another name, and leave a link in its place."""
    git("mv", folder, target)
    Path(folder).symlink_to(os.path.relpath(target, Path(folder).parent))


def next_to(repository: Path, name: str) -> Path:
    """Return a path beside the repository."""
    return repository.parent / f"{repository.name}-{name}"


@pytest.mark.parametrize("moved", ["infra", "infra/s"])
@pytest.mark.parametrize("path", ["infra/s", "infra/s/plan.yaml", "infra", "infra/../infra/s", "."])
def test_a_folder_made_a_link(moved: str, path: str, t2v_cap: Program) -> None:
    """Growth does not pass where a folder above the scenarios becomes a link, whichever path is asked about."""
    commit({"infra/s/plan.yaml": LARGE})
    linked(moved, "other")
    commit({})
    # From the top the moved files are found, and judged.
    t2v_cap("diff", "--against", "main", path, code=3 if path == "." else 2)


def test_a_folder_that_is_a_link_is_refused(t2v_cap: Program, repository: Path) -> None:
    """A folder that is a link at the base is refused: within the repository, out of it or in a circle.

    One within the repository is refused with what to name.
    """
    write(SMALL, next_to(repository, "outside") / "plan.yaml")
    for name, target in (("plans", "infra/s"), ("away", next_to(repository, "outside")), ("round", "round")):
        Path(name).symlink_to(target)
    commit({}, base=True)
    commit({"infra/s/plan.yaml": LARGE})
    assert "leads through links to `infra/s`" in refused(t2v_cap, path="plans")
    for path in ("away", "round"):
        refused(t2v_cap, path=path)


@pytest.mark.parametrize(
    ("option", "folder_of", "file"), [("--gates", "ci", "gates.yaml"), ("--catalogue", "cat", "own.yaml")]
)
def test_the_folder_of_an_option_made_a_link(option: str, folder_of: str, file: str, t2v_cap: Program) -> None:
    """The folder of a file of gates, or of a catalogue, that becomes a link is refused.

    So is a file that the base lacks.
    """
    linked(folder_of, "lax")
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
    commit({"infra/s/plan.yaml": SMALL.replace("extends: base.yaml", 'extends: "../b\\nase.yaml"')}, base=True)
    commit({"infra/s/plan.yaml": LARGE})
    judged(t2v_cap)


def test_a_base_that_only_the_disk_can_read(t2v_cap: Program, repository: Path) -> None:
    """A base that extends a file outside the repository is readable on the disk alone: an error, not new for ever."""
    write(BASE, next_to(repository, "base.yaml"))
    text = SMALL.replace("extends: base.yaml", f"extends: ../../../{repository.name}-base.yaml")
    commit({"infra/s/plan.yaml": text}, base=True)
    commit({"infra/s/plan.yaml": text.replace("100K", "1M")})
    assert "its base can't be read: " in refused(t2v_cap)


def test_a_name_that_means_several(t2v_cap: Program) -> None:
    """A tag, a branch or a short commit of the base's name is refused, with what to write; the full name is judged."""
    git("update-ref", "refs/remotes/origin/main", "main")
    commit({"infra/s/plan.yaml": LARGE})
    git("tag", "origin/main", "HEAD")
    several = "can mean several things here; write the one that you mean in full"
    for revision in ("origin/main", "origin/main~0", "origin/main^{commit}"):
        assert several in refused(t2v_cap, against=revision)
    write(SMALL, "origin/main:plan.yaml")
    assert several in t2v_cap("diff", "origin/main:plan.yaml", "infra/s/plan.yaml", code=2).err
    t2v_cap("diff", "--against", "refs/remotes/origin/main", "infra/s", code=3)
    short = git("rev-parse", "--short=7", "main")
    git("tag", short, "HEAD")
    assert several in refused(t2v_cap, against=short)
    git("update-ref", "refs/heads/origin/main2", "HEAD")
    git("update-ref", "refs/remotes/origin/main2", "main")
    assert several in refused(t2v_cap, against="origin/main2")


@pytest.mark.parametrize("bare", ["bare = false\n worktree = .", "bare = true"])
def test_a_repository_within_the_request(
    bare: str, t2v_cap: Program, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request's folder that looks like a repository is none: it gives no base, and its settings run no program."""
    commit({"infra/s/plan.yaml": LARGE})
    mark, other = next_to(repository, "ran"), next_to(repository, "embedded")
    shutil.copytree("infra/s", other / "s")
    for line in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        git("-C", str(other), *line)
    program = f"touch {mark}; cat"
    settings = f'[filter "x"]\n clean = "{program}"\n smudge = "{program}"\n[diff "x"]\n textconv = "{program}"\n'
    write(f'{settings}[core]\n repositoryformatversion = 0\n fsmonitor = "{program}"\n {bare}\n', other / ".git/config")
    write("* filter=x diff=x\n", other / ".git/info/attributes")
    shutil.copytree(other / ".git", "infra", dirs_exist_ok=True)
    write("", "infra/refs/tags/.keep")
    commit({})
    monkeypatch.chdir("infra")
    assert "bare repository" in refused(t2v_cap, path="s")
    monkeypatch.setattr("t2v_capacity.files.git._SAFE", ())  # git before 2.38 knows no `safe.bareRepository`
    said = refused(t2v_cap, path="s")
    assert "has no `.git`" in said or "must be run in a work tree" in said
    assert not mark.exists()


def test_filters_of_the_tree_run_nothing(t2v_cap: Program, repository: Path) -> None:
    """A request's attributes name a filter that the clone has, and no file is put through it.

    Renames are found all the same.
    """
    mark = next_to(repository, "ran")
    git("config", "filter.x.clean", f"touch {mark}; cat")
    git("config", "core.fsmonitor", f"touch {mark}; false")
    write("* filter=x\n", ".gitattributes")
    Path("infra/s/plan.yaml").rename("infra/s/plans.yaml")
    write(LARGE, "infra/s/plans.yaml")
    document = t2v_cap("diff", "--against", "main", "infra/s", "--format", "json", code=3).json
    assert [one["pairing"] for one in document["scenarios"]] == ["renamed"]
    assert not mark.exists()


SETTINGS = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.worktree", "GIT_CONFIG_VALUE_0": "OTHER"}
FOLDERS = ("GIT_DIR", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_INDEX_FILE", "GIT_NAMESPACE")


@pytest.mark.parametrize(
    "variables", [{name: "OTHER/.git"} for name in FOLDERS] + [{"GIT_WORK_TREE": "OTHER"}, SETTINGS]
)
def test_variables_that_move_the_repository(
    variables: dict[str, str], t2v_cap: Program, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git's variables, which hooks set and which may point anywhere, and settings in them move nothing.

    Growth fails as ever.
    """
    commit({"infra/s/plan.yaml": LARGE})
    other = str(next_to(repository, "other"))
    git("clone", "-q", str(repository), other)
    for name, value in variables.items():
        monkeypatch.setenv(name, value.replace("OTHER", other))
    judged(t2v_cap)


def test_a_replaced_object(t2v_cap: Program) -> None:
    """The base's commit is what it is, whatever `git replace` put in its place."""
    commit({"infra/s/plan.yaml": LARGE})
    git("replace", "-f", git("rev-parse", "main:infra/s/plan.yaml"), git("rev-parse", "HEAD:infra/s/plan.yaml"))
    judged(t2v_cap)


def test_nothing_checked_out(t2v_cap: Program) -> None:
    """Scenarios that are not in the working tree are an error, all of them or one, and not deleted."""
    commit({"infra/s/base.yaml": QUIET, "infra/s/more.yaml": SMALL.replace("Ours", "More")}, base=True)
    git("sparse-checkout", "set", "--no-cone", "/infra/s/base.yaml", "/infra/s/more.yaml")
    assert "`infra/s/plan.yaml` is not checked out" in refused(t2v_cap)
    git("sparse-checkout", "set", "--no-cone", "/nothing")
    assert "is in the working tree: check it out" in refused(t2v_cap)


def test_a_bare_repository_has_nothing_to_judge(
    t2v_cap: Program, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a bare repository, and with a work tree that git's settings put elsewhere, there is nothing to judge.

    That is an error.
    """
    bare = next_to(repository, "bare")
    git("clone", "-q", "--bare", str(repository), str(bare))
    git("config", "core.worktree", str(bare))
    refused(t2v_cap)
    monkeypatch.chdir(bare)
    refused(t2v_cap)


def test_a_folder_below_made_a_link(t2v_cap: Program) -> None:
    """A folder below the one asked about that becomes a link is refused: its scenarios are not gone."""
    commit({"infra/s/eu/plan.yaml": SMALL.replace("base.yaml", "../base.yaml"), "infra/s/base.yaml": QUIET}, base=True)
    commit({"infra/s/eu/plan.yaml": LARGE.replace("base.yaml", "../base.yaml")})
    linked("infra/s/eu", "eu")
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


@pytest.mark.parametrize("line", ["diff --against main infra/s >&-", "check infra/s --budget 'gpus < 1' | true"])
def test_a_failed_check_has_its_code_without_a_reader(line: str) -> None:
    """A gate or a budget that fails ends with 3, though the reader of the answer is gone."""
    commit({"infra/s/plan.yaml": LARGE})
    done = shell(f"set -o pipefail; t2v-cap {line}")
    assert done.returncode == 3, done.stderr
