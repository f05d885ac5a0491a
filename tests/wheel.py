"""The installed wheel, apart from its sources: `python tests/wheel.py lowest|newest|alone FOLDER [PYTHON]`.

`lowest` runs the suite on the lowest versions that pyproject.toml declares, `newest` on the newest that the index has, and
`alone` has nothing but the wheel: README's main job, Python's door, an export and completion in an empty folder. FOLDER is
made anew: an environment of PYTHON (this one unless named), and the wheel. Ends with the code of what failed.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from contents import check, in_wheel
from places import ROOT

# What somebody who has the wheel alone does first: each line of a shell must end with 0 and print what stands beside it.
ALONE = {
    "t2v-cap --version": "t2v-cap ",
    "t2v-cap estimate --model mochi-1-preview --gpu h100-sxm --dau 100M": "gpus",
    "t2v-cap init my.yaml --model wan2.2-t2v-a14b --gpu h100-sxm --dau 1M": "",
    "t2v-cap estimate my.yaml --format json": '"figures"',
    "t2v-cap diff my.yaml --dau 2M": "gpus",
    "t2v-cap export my.yaml plan.xlsx && t2v-cap export my.yaml plan.html && t2v-cap export my.yaml plan.md && ls plan.*": "plan.xlsx",
    "python -c 'import t2v_capacity as t2v; print(t2v.estimate(\"my.yaml\", dau=\"2M\").but(gpu=\"b200-hgx\").gpu)'": "b200-hgx",
    "t2v-cap estimate my.yaml --dau '500K to 2M' --samples 1000": "5% to 95%",
    "t2v-cap accuracy": "one GPU",
    "t2v-cap schema scenario": '"$schema"',
    **{f"t2v-cap --show-completion {shell}": "t2v-cap" for shell in ("bash", "zsh", "fish")},
    'eval "$(t2v-cap --show-completion bash)"; complete -p t2v-cap': "t2v-cap",
}


def lowest() -> list[str]:
    """Return each dependency of the package at the lowest version that it declares."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [re.sub(r">=", "==", text, count=1) for text in project["dependencies"]]


def installed(folder: Path, python: str, *, extra: str, constraints: list[str]) -> Path:
    """Build the wheel, hold it to the list of what it may hold, install it anew; return the environment's programs."""
    shutil.rmtree(folder / "env", ignore_errors=True)
    subprocess.run([python, "-m", "venv", str(folder / "env")], check=True)
    programs = folder / "env" / "bin"
    pip = [str(programs / "python"), "-m", "pip"]
    for old in folder.glob("t2v_cap-*.whl"):
        old.unlink()
    subprocess.run([*pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)], check=True)
    (wheel,) = folder.glob("t2v_cap-*.whl")
    check("wheel", in_wheel(wheel))
    (folder / "constraints.txt").write_text("\n".join(constraints) + "\n", encoding="utf-8")
    chosen = ["--upgrade", "--upgrade-strategy", "eager", "--constraint", str(folder / "constraints.txt")]
    subprocess.run([*pip, "install", "--quiet", f"{wheel}{extra}", *chosen], check=True)
    subprocess.run([str(programs / "python"), "--version"], check=True)
    subprocess.run([*pip, "list", "--format", "freeze"], check=True)
    return programs


def suite(programs: Path) -> int:
    """Run the suite without the package's sources on the path: what is tested is the wheel."""
    return subprocess.run([str(programs / "python"), "-m", "pytest", "-n", "auto", "tests", "-q"], check=False, cwd=ROOT).returncode


def alone(programs: Path, folder: Path) -> int:
    """Do what somebody does who has the wheel alone, in an empty folder; return how many lines went wrong."""
    empty = folder / "empty"
    shutil.rmtree(empty, ignore_errors=True)
    empty.mkdir()
    known = {"PATH": f"{programs}:{os.defpath}", "HOME": str(empty), "NO_COLOR": "1", "PYTHONWARNINGS": "error"}
    wrong = 0
    for line, wanted in ALONE.items():
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", line], cwd=empty, env=known, capture_output=True, text=True, check=False)
        fine = done.returncode == 0 and wanted in done.stdout and "Traceback" not in done.stderr
        wrong += not fine
        sys.stdout.write(f"{'fine ' if fine else 'WRONG'} {line}\n{'' if fine else done.stdout + done.stderr}")
    return wrong


def main(job: str, folder: Path, python: str = sys.executable) -> int:
    """Install and do one of the three jobs; return its code."""
    folder.mkdir(parents=True, exist_ok=True)
    extra = "" if job == "alone" else "[dev]"
    programs = installed(folder.resolve(), python, extra=extra, constraints=lowest() if job == "lowest" else [])
    return min(alone(programs, folder.resolve()), 1) if job == "alone" else suite(programs)


if __name__ == "__main__":
    known = {"lowest", "newest", "alone"}
    if len(sys.argv) not in {3, 4} or sys.argv[1] not in known:
        sys.exit("write `python tests/wheel.py lowest|newest|alone FOLDER [PYTHON]`")
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:]))
