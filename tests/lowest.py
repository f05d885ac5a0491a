"""The suite on the installed wheel with the lowest versions that pyproject.toml declares: `python tests/lowest.py FOLDER`.

FOLDER is made anew: an environment, the wheel, and the suite on it. Ends with pytest's code.
"""

import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

from places import ROOT


def lowest() -> list[str]:
    """Return each dependency of the package at the lowest version that it declares."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [re.sub(r">=", "==", text, count=1) for text in project["dependencies"]]


def main(folder: Path) -> int:
    """Build, install and test; return the code of the suite."""
    venv.create(folder / "env", with_pip=True, clear=True)
    python = str(folder / "env" / "bin" / "python")
    constraints = folder / "lowest.txt"
    constraints.write_text("\n".join(lowest()) + "\n", encoding="utf-8")
    subprocess.run([python, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)], check=True)
    (wheel,) = folder.glob("t2v_cap-*.whl")
    subprocess.run([python, "-m", "pip", "install", "--quiet", f"{wheel}[dev]", "--constraint", str(constraints)], check=True)
    subprocess.run([python, "-m", "pip", "list", "--format", "freeze"], check=True)
    # Without the package's sources on the path: what is tested is the wheel.
    return subprocess.run([python, "-m", "pytest", "-n", "auto", "tests", "-q"], check=False, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
