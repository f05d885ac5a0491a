"""The installed wheel, apart from its sources: `python tests/wheel.py lowest|newest|alone FOLDER`.

`lowest` runs the suite on the lowest versions that pyproject.toml declares, `newest` on the newest that the index has,
and `alone` has nothing but the wheel: a first plan, Python's door, an export, completion and README's main job in an
empty folder. In FOLDER an environment is made anew, of `--python` (this one unless named), with `--wheel` (built here
unless named). Ends with the code of what failed.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from contents import check, in_wheel
from places import ORDINARY_AND_WIDE, ROOT

BASH = shutil.which("bash") or "bash"
# What a user who has the wheel alone does first. Each line of a shell must end with 0 and print what stands beside it.
ALONE = {
    "t2v-cap --version": "t2v-cap ",
    "t2v-cap estimate --model mochi-1-preview --gpu h100-sxm --dau 100M": "gpus",
    "t2v-cap init my.yaml --model wan2.2-t2v-a14b --gpu h100-sxm --dau 1M": "",
    "t2v-cap estimate my.yaml --format json": '"figures"',
    "t2v-cap diff my.yaml --dau 2M": "gpus",
    "t2v-cap export my.yaml plan.html && t2v-cap export my.yaml plan.md && ls plan.*": "plan.html",
    "t2v-cap check my.yaml && t2v-cap explain my.yaml gpus": "gpus",
    (
        'python -c \'import t2v_capacity as t2v; print(t2v.estimate("my.yaml", dau="2M").but(gpu="b200-hgx").gpu)\''
    ): "b200-hgx",
    "t2v-cap accuracy": "one GPU",
    "t2v-cap schema scenario": '"$schema"',
    'eval "$(t2v-cap --show-completion)"; complete -p t2v-cap': "t2v-cap",
}
# What takes an extra: it says which one, and is answered once `[all]` is installed.
WITH_ALL = {
    "t2v-cap export my.yaml plan.xlsx && ls plan.*": "plan.xlsx",
    "t2v-cap compare my.yaml --gpu h100-sxm --plot gpus.svg && ls gpus.*": "gpus.svg",
    "t2v-cap estimate my.yaml --dau '500K to 2M' --samples 1000": "p5 to p95: 1000 draws",
}


def lowest() -> list[str]:
    """Return each dependency of the package, and of what its users may add, at the lowest version that it declares."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = (text for extra in ("ranges", "xlsx", "plot") for text in project["optional-dependencies"][extra])
    return [re.sub(r">=", "==", text, count=1) for text in (*project["dependencies"], *extras)]


def main_job() -> str:
    """Return the command of README's main job."""
    (line,) = re.findall(
        r"^    python3 -m venv .* && \.venv/bin/(t2v-cap estimate .*)$",
        (ROOT / "README.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    return str(line)


def installed(
    folder: Path, python: str, wheel: Path | None, *, extra: str, constraints: list[str]
) -> tuple[Path, Path]:
    """Install the wheel anew, and return the environment's programs and the wheel.

    The wheel is built unless there is one, and held to what it may hold.
    """
    shutil.rmtree(folder / "env", ignore_errors=True)
    subprocess.run([python, "-m", "venv", str(folder / "env")], check=True)
    programs = folder / "env" / "bin"
    pip = [str(programs / "python"), "-m", "pip"]
    if not wheel:
        shutil.rmtree(folder / "built", ignore_errors=True)
        subprocess.run(
            [*pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder / "built"), str(ROOT)], check=True
        )
        (wheel,) = (folder / "built").glob("t2v_cap-*.whl")
    check("wheel", in_wheel(wheel))
    (folder / "constraints.txt").write_text("\n".join(constraints) + "\n", encoding="utf-8")
    chosen = ["--upgrade", "--upgrade-strategy", "eager", "--constraint", str(folder / "constraints.txt")]
    subprocess.run([*pip, "install", "--quiet", f"{wheel}{extra}", *chosen], check=True)
    subprocess.run([str(programs / "python"), "--version"], check=True)
    subprocess.run([*pip, "list", "--format", "freeze"], check=True)
    return programs, wheel


def suite(programs: Path) -> int:
    """Run the suite without the package's sources on the path: what is tested is the wheel."""
    line = [str(programs / "python"), "-m", "pytest", "-n", "auto", "-m", ORDINARY_AND_WIDE, "tests", "-q"]
    return subprocess.run(line, check=False, cwd=ROOT).returncode


def alone(programs: Path, folder: Path, wheel: Path) -> int:
    """Do in an empty folder what a user does who has the wheel alone, then README's main job.

    With `[all]` installed, do the rest. Return 1 where a line went wrong.
    """
    empty = folder / "empty"
    shutil.rmtree(empty, ignore_errors=True)
    empty.mkdir()
    without = dict.fromkeys(WITH_ALL, "pip install 't2v-cap[")
    wrong = sum([not _does(line, wanted, programs, empty) for line, wanted in ALONE.items()])
    wrong += sum([not _does(line, wanted, programs, empty, code=2) for line, wanted in without.items()])
    # README's main job reads the scenarios. Nothing else of the repository is there.
    shutil.copytree(ROOT / "scenarios", empty / "scenarios")
    wrong += not _does(main_job(), "gpus", programs, empty)
    subprocess.run([str(programs / "python"), "-m", "pip", "install", "--quiet", f"{wheel}[all]"], check=True)
    wrong += sum([not _does(line, wanted, programs, empty) for line, wanted in WITH_ALL.items()])
    return int(wrong > 0)


def _does(line: str, wanted: str, programs: Path, folder: Path, *, code: int = 0) -> bool:
    """Return whether a line of a shell ends with a code and prints what is wanted, and say so."""
    known = {"PATH": f"{programs}:{os.defpath}", "HOME": str(folder), "NO_COLOR": "1", "PYTHONWARNINGS": "error"}
    done = subprocess.run(
        [BASH, "-euo", "pipefail", "-c", line], cwd=folder, env=known, capture_output=True, text=True, check=False
    )
    fine = (
        done.returncode == code and wanted in (done.stderr if code else done.stdout) and "Traceback" not in done.stderr
    )
    sys.stdout.write(f"{'fine ' if fine else 'WRONG'} {line}\n{'' if fine else done.stdout + done.stderr}")
    return fine


def main() -> int:
    """Install and do one of the three jobs; return its code."""
    line = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    line.add_argument("job", choices=["lowest", "newest", "alone"])
    line.add_argument("folder", type=Path)
    line.add_argument("--python", default=sys.executable)
    line.add_argument("--wheel", type=Path)
    asked = line.parse_args()
    folder = asked.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    extra = "" if asked.job == "alone" else "[dev]"
    programs, wheel = installed(
        folder, asked.python, asked.wheel, extra=extra, constraints=lowest() if asked.job == "lowest" else []
    )
    return alone(programs, folder, wheel) if asked.job == "alone" else suite(programs)


if __name__ == "__main__":
    sys.exit(main())
