# Recipes; `just` lists them.

default:
    @just --justfile {{justfile()}} --list

# The ordinary suite, under a minute.
test *ARGS:
    pytest {{ARGS}}

# Lint, format and types.
lint:
    ruff check . && ruff format --check . && mypy

# Write the generated pages and the shown lines of output anew.
docs:
    python tests/write_docs.py

# Record the answers of every command anew, in a commit of its own that says why.
golden:
    python tests/goldens.py

# More cases of the laws; the page in Chromium and the workbook in LibreOffice.
slow:
    pytest -m 'slow or browser or office'

# The installed wheel at the lowest versions that pyproject.toml declares.
lowest FOLDER:
    python tests/lowest.py {{FOLDER}}

# Fuzz every command.
fuzz COUNT="100000" SEED="1":
    T2V_CAP_FUZZ={{COUNT}} pytest -n0 tests/joints/test_fuzz.py --hypothesis-seed={{SEED}}

# Start-up, draws and sweeps; run them alone.
bench:
    python tests/benchmarks/startup.py && python tests/benchmarks/draws.py && python tests/benchmarks/sweep.py

# What lands runs this.
ci:
    CI=true bash .ci/run
