# Two commands: `make train` and `make test`. Both make .venv, build and install the package on their first run,
# and again only when a source file has changed.
PYTHON ?= python3
BIN := .venv/bin
SOURCES := pyproject.toml CMakeLists.txt README.md LICENSE NOTICE $(shell find engine src -type f -not -name '*.so' -not -path '*/__pycache__/*')

.PHONY: train test test-neon test-old-cpus lint bench clean

train: .venv/installed
	$(BIN)/galago train

test: .venv/installed-test
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

# On CPUs that this computer does not have, in an emulator: CONTRIBUTING.md says what they need.
test-neon: .venv/installed-test build/arm64/installed
	$(BIN)/python tools/other_cpus.py neon

test-old-cpus: .venv/installed-test
	$(BIN)/python tools/other_cpus.py old

lint: .venv/installed-test
	$(BIN)/python -m pip install --quiet ".[dev]"
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

# The tables of docs/benchmarks.md, or some: make bench PARTS="reference threads". Hours; OPTIONS=--quick only tries it.
PARTS ?=
OPTIONS ?=
bench: .venv/installed .venv-peers/installed
	$(BIN)/python benchmarks/publish.py --python .venv-peers/bin/python $(OPTIONS) $(PARTS)

.venv-peers/installed: benchmarks/requirements-peers.txt .venv/created
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/requirements-peers.txt
	@touch $@

.venv/created:
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Galago needs Python 3.11 or newer; this is %d.%d. Try: make PYTHON=python3.12" % sys.version_info[:2])'
	$(PYTHON) -m venv .venv
	@touch $@

.venv/installed: .venv/created $(SOURCES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check .
	@touch $@

.venv/installed-test: .venv/created $(SOURCES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check ".[test]"
	@touch $@ .venv/installed

build/arm64/installed: .venv/created $(SOURCES) tools/arm64.py
	$(BIN)/python tools/arm64.py
	@touch $@

clean:
	rm -rf .venv .venv-peers build dist
