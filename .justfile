# Recipes; `just` lists them.

default:
    @just --justfile {{justfile()}} --list

# The inner loop, seconds: the tests of the rooms that changed since the last commit, and of those that import them.
inner *ARGS:
    python tests/inner.py {{ARGS}}

# The ordinary suite, a minute on two cores.
test *ARGS:
    pytest -n auto {{ARGS}}

# Every test that there is, those in Chromium and LibreOffice and every slow case too.
all *ARGS:
    pytest -n auto -m '' {{ARGS}}

# Lint, format and types.
lint:
    ruff check . && ruff format --check . && mypy

# Renew what is recorded of the program's words and numbers: all of it, or kinds of it (texts, answers, docs); read the difference.
record *KINDS:
    python tests/record.py {{KINDS}}

# Wide laws and more cases of them; the page in Chromium and the workbook in LibreOffice.
slow:
    pytest -n auto -m 'slow or wide or browser or office'

# The installed wheel: the suite on the `lowest` or the `newest` versions, or what somebody does who has it `alone`.
wheel JOB FOLDER *ARGS:
    python tests/wheel.py {{JOB}} {{FOLDER}} {{ARGS}}

# What would be published, held to the list of what may travel.
contents:
    rm -rf dist && python -m build --quiet && python tests/contents.py dist

# The planner: one offline page of no scenario, on which everything is chosen; with docs/planner.jpg its picture too.
planner *FILES="planner.html":
    python tests/write_planner.py {{FILES}}

# Fuzz every command.
fuzz COUNT="100000" SEED="1":
    T2V_CAP_FUZZ={{COUNT}} pytest tests/joints/test_fuzz.py --hypothesis-seed={{SEED}}

# Mutants of the code, drawn by a seed, and what tests/mutation/survivors.md says of them; half an hour on two cores.
mutate COUNT="300" SEED="1":
    PYTHONPATH=tests python -m mutation {{COUNT}} {{SEED}}

# Every goal of speed in docs/contributing.md, about ten minutes; run it alone on a quiet machine. All are measured, whichever is missed.
bench *NAMES:
    PYTHONPATH=tests python tests/benchmarks/goals.py {{NAMES}}

# What lands runs this.
ci:
    CI=true bash .ci/run
