"""Renews everything that is recorded of what the program says: `python tests/record.py`, or some kinds of it by name.

`catalogue` is the compiled catalogue, catalogue/compiled.json, which is written first whatever is renewed: the program
reads its facts there. `errors` are the model's errors on the published runs, catalogue/published.json; `texts` are the
exact errors of tests/mistakes, the screens and the sentences of tests/golden/texts; `answers` the golden answers of
tests/golden; `docs` the generated pages and the output that other pages show. Look at the difference (`git diff`)
before you commit it: it is what a reader will see. Ends with 1 where a text could not be renewed because its test fails
otherwise.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import goldens
import texts
import write_catalogue
import write_docs
from fit import index
from places import ROOT, TESTS

# Tests of any kind but those that need another program.
_OPTIONS = ("--record", "-q", "-n", "auto", "--dist", "loadfile", "-m", "not browser and not office")


def renew_catalogue() -> int:
    """Compile the package's catalogue."""
    write_catalogue.write()
    return 0


def renew_texts() -> int:
    """Run the tests that hold a recorded text, which write it down; what no test holds any more is gone."""
    shutil.rmtree(texts.TEXTS, ignore_errors=True)
    holders = [
        str(path)
        for path in sorted(TESTS.rglob("test_*.py"))
        if "recorded: Recorded" in path.read_text(encoding="utf-8")
    ]
    return subprocess.run([sys.executable, "-m", "pytest", *_OPTIONS, *holders], cwd=ROOT, check=False).returncode


def renew_answers() -> int:
    """Record the answers of every command."""
    with TemporaryDirectory() as drafts:
        goldens.renew(Path(drafts))
    return 0


def renew_docs() -> int:
    """Write the generated pages and the shown lines of output."""
    write_docs.write_all()
    return 0


def renew_errors() -> int:
    """Predict the published runs, also without their own family and source, and write down how far off that is."""
    index.write()
    return 0


KINDS = {
    "catalogue": renew_catalogue,
    "errors": renew_errors,
    "texts": renew_texts,
    "answers": renew_answers,
    "docs": renew_docs,
}


def main() -> int:
    """Renew the kinds that are named, or all; return 1 where something could not be renewed."""
    line = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    line.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(KINDS)}; all of them unless named")
    asked = line.parse_args().kinds
    if unknown := [kind for kind in asked if kind not in KINDS]:
        line.error(f"`{unknown[0]}` is none of {', '.join(KINDS)}")
    return int(max([KINDS[kind]() for kind in dict.fromkeys(("catalogue", *(asked or KINDS)))]) > 0)


if __name__ == "__main__":
    sys.exit(main())
