"""Privacy is a field of what was read: of a private file nothing comes out, by whatever way a message is made."""

from pathlib import Path

import pytest
import yaml

from shared import Program, commit, git, write
from t2v_capacity.errors import Mistake, Mistakes, Place
from t2v_capacity.files.document import read_document
from t2v_capacity.files.source import Source, is_tracked, named_source

pytestmark = pytest.mark.wide

SECRET = "s3cr3t"  # noqa: S105 - made up
MODEL = "model: wan2.2-ti2v-5b\n"
# Each way in which a key, a value, an excerpt or a suggestion could come out of a file, and what is asked.
# The ways stand by the key that names the file.
_TABLE = yaml.safe_load(Path(__file__).with_name("private.yaml").read_text(encoding="utf-8").replace("SECRET", SECRET))
TEXTS: dict[str, dict[str, str]] = {key: _TABLE[key] for key in ("extends", "catalogue")}
COMMANDS = [line.split() for line in _TABLE["commands"]]


@pytest.fixture(autouse=True)
def two_folders(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in one of two folders, in a repository that tracks neither yet."""
    git("init", "-q")
    for name in ("here", "there"):
        (folder / name).mkdir()
    monkeypatch.chdir("here")
    is_tracked.cache_clear()


def silent(t2v_cap: Program, *line: str) -> str:
    """Return what a command line is answered, which is refused without the secret."""
    out, err = t2v_cap(*line, code=2)
    assert SECRET not in out + err, line
    return out + err


def kept(t2v_cap: Program, name: str, commands: int = len(COMMANDS)) -> None:
    """Hold that none of so many commands says the secret, and that each names the file."""
    for line in COMMANDS[:commands]:
        assert Path(name).name in silent(t2v_cap, *line), line


@pytest.mark.parametrize("key", ["extends", "catalogue"])
@pytest.mark.parametrize(
    "name",
    [
        "../there/.env",
        "../there/secret",
        "../.hidden/base.yaml",
        "../there/untracked.yaml",
        "link.yaml",
        "../.git/x.yaml",
    ],
)
@pytest.mark.parametrize("way", ["key", "line", "json"])
def test_which_files_are_private(key: str, name: str, way: str, t2v_cap: Program) -> None:
    """Other endings, hidden folders, git's own and untracked files elsewhere are private, and so are links to them.

    This holds for whichever key names them.
    """
    target = "../there/.env" if name == "link.yaml" else name
    write(TEXTS["extends"][way], target)
    if name == "link.yaml":
        Path(name).symlink_to(target)
    write(f"{key}: {name}\n{MODEL}", "plan.yaml")
    kept(t2v_cap, name, 2)


@pytest.mark.parametrize(("key", "way"), [(key, way) for key, ways in TEXTS.items() for way in ways])
def test_nothing_of_a_private_file_comes_out(key: str, way: str, t2v_cap: Program) -> None:
    """No key, value, excerpt or suggestion of a private base or catalogue is said, whatever is wrong with it."""
    write(TEXTS[key][way], "../there/.env")
    write(f"{key}: ../there/.env\n{MODEL}gpu: b200-hgx\n", "plan.yaml")
    kept(t2v_cap, ".env")


@pytest.mark.parametrize(
    ("base", "own"),
    [
        (f"budgets: {{{SECRET}: gpus < 1e9}}\n", "budgets: {s3cret: null}\n"),
        (f"gates: {{fail_on: {{{SECRET}: gpus > +5%}}}}\n", "gates: {fail_on: {s3cret: null}}\n"),
        ("pins: {requests_per_day: 1e308, trps: 1e308}\n", "gpus_per_replica: 1\npins: {busy_gpus: 1e308}\n"),
    ],
)
def test_a_mistake_elsewhere_suggests_nothing_private(base: str, own: str, t2v_cap: Program) -> None:
    """A mistake of an open file names no rule, pin or entry of a private one."""
    write(base, "../there/.env")
    write(f"extends: ../there/.env\n{MODEL}{own}", "plan.yaml")
    assert "requests_per_day" not in silent(t2v_cap, "estimate", "plan.yaml")


@pytest.mark.parametrize(
    "choice",
    [
        "gpu: s3cret",
        "gpu: mine\nmodel: s3cret",
        "gpu: mine\nattention_kernel: s3cret",
        "gpu: mine\ncompute_precision: s3cret",
    ],
)
def test_a_private_catalogue_suggests_nothing(choice: str, t2v_cap: Program) -> None:
    """A misspelt choice of an open file brings up no entry, kernel or precision of a private catalogue."""
    kinds = {
        "gpus": f"{{{SECRET}: {{extends: h100-sxm}}, mine: {{extends: h100-sxm, generation: {SECRET}}}}}",
        "generations": f"{{{SECRET}: {{extends: hopper}}}}",
        "kernels": f"{{{SECRET}/{SECRET}: {{extends: hopper/sdpa}}}}",
        "models": f"{{{SECRET}: {{extends: wan2.2-ti2v-5b}}}}",
        "precisions": f"{{{SECRET}: {{extends: bf16}}}}",
    }
    write("".join(f"{kind}: {text}\n" for kind, text in kinds.items()), "../there/.own")
    write(f"catalogue: ../there/.own\n{choice}\n", "plan.yaml")
    silent(t2v_cap, "estimate", "plan.yaml")


def test_what_is_open(t2v_cap: Program) -> None:
    """What the command line names is open whatever its ending, and so is YAML below it, or tracked.

    A private file without mistakes counts.
    """
    write("duu: 5\n", "notes.env")
    assert "`duu`" in t2v_cap("estimate", "notes.env", code=2).err
    write("gpus: {x: 5}\n", "../there/own.yaml")
    assert "gpus: {x: 5}" in t2v_cap("estimate", "--model", "mochi", "--catalogue", "../there/own.yaml", code=2).err
    write("duu: 5\n", "sub/base.yaml")
    write("extends: sub/base.yaml\n", "plan.yaml")
    assert "`duu`" in t2v_cap("estimate", "plan.yaml", code=2).err
    commit({"../there/base.yaml": "duu: 5\n"})
    write("extends: ../there/base.yaml\n", "plan.yaml")
    git("add", "-A", "..")
    assert "`duu`" in t2v_cap("estimate", "plan.yaml", code=2).err
    write("dau: 7M\n", "../there/.env")
    write("extends: ../there/.env\n", "plan.yaml")
    assert t2v_cap("estimate", "plan.yaml", "--format", "json").json["assumptions"]["dau"]["value"] == 7e6


def test_without_git_what_lies_elsewhere_is_private(t2v_cap: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no git, nothing is tracked: a file of another folder is read, and not quoted."""
    write("duu: 5\n", "../there/base.yaml")
    write("extends: ../there/base.yaml\n", "plan.yaml")
    monkeypatch.setenv("PATH", "")
    assert "nothing of this file is shown" in t2v_cap("estimate", "plan.yaml", code=2).err


@pytest.mark.parametrize(
    "line", [["estimate"], ["check", "."], ["diff", "--fail-on", "gpus > +5%", "link.yaml"], ["accuracy"], ["fit"]]
)
def test_a_scenario_that_is_a_link_to_a_secret(line: list[str], t2v_cap: Program) -> None:
    """A request that makes a scenario, runs, gates or a trace a link to a private file gets nothing of it.

    A plain link is open.
    """
    write(f"TOKEN={SECRET}\n{SECRET}: [5\n", "../there/.env")
    write(f'{{"command": "{SECRET}", "version": "{SECRET}"}}', "../there/creds.json")
    Path("link.yaml").symlink_to("../there/.env")
    Path("saved.json").symlink_to("../there/creds.json")
    silent(t2v_cap, *line, *([] if "." in line else ["link.yaml"]))
    write(MODEL, "plan.yaml")
    for arguments in (["plan.yaml", "--gates", "link.yaml"], ["plan.yaml", "--catalogue", "link.yaml"], ["saved.json"]):
        silent(t2v_cap, "diff", "plan.yaml", *arguments)
    write("duu: 5\n", "plain.yaml")
    Path("open.yaml").symlink_to("plain.yaml")
    assert "`duu`" in t2v_cap("estimate", "open.yaml", code=2).err


@pytest.mark.parametrize("way", ["key", "line", "json", "parent"])
def test_a_private_file_of_the_base(way: str, t2v_cap: Program) -> None:
    """At the base of a request a private file says as little as on the disk, by path and by link."""
    for name in ("../there/.env", "link.yaml"):
        write(TEXTS["extends"][way], "../there/.env")
        if name == "link.yaml":
            Path(name).symlink_to("../there/.env")
        write(f"extends: {name}\n{MODEL}", "plan.yaml")
        git("add", "-A", "-f", "..")
        git("commit", "-q", "-m", "base", "--allow-empty")
        git("branch", "-f", "base")
        write(MODEL, "plan.yaml")
        for form in ("table", "json", "markdown", "junit"):
            silent(t2v_cap, "diff", "--against", "base", ".", "--format", form)
        silent(t2v_cap, "diff", "base:here/plan.yaml", "plan.yaml")


def test_privacy_is_a_field() -> None:
    """Whatever is done to the name of a private file, its mistakes stay silent; of an open one they speak."""
    write(f"{SECRET}: 1\n{SECRET}: 2\n", "x.yaml")
    for private in (True, False):
        with pytest.raises(Mistakes) as refused:
            read_document(Source("x.yaml", private))
        assert (SECRET in str(refused.value)) != private
    place = Place("x.yaml", 1, 1, SECRET, private=True)
    moved = place._replace(file=str(place.file).strip(), line=3)
    assert SECRET not in str(Mistakes(Mistake(f"`{SECRET}` is wrong", moved)))
    assert not named_source("x.yaml").private
