# Everything starts from nothing but Python and make.
#   make demo   both halves on bundled real data, and one page of results
#   make test   format, lint, types, tests, documentation, wheel: below 20 minutes on two cores
#   make test-slow, make coverage   the tests that train for minutes; what the others run through
#   make test-engines   batches on a Ray and a Spark cluster, and from a server of S3, all of this
#       machine, in an environment of its own; what is absent skips itself
#   make test-random   the tests in an order drawn anew, which the first line says
#   make docs   the documentation as a site in site/, without a network
# PIP_ARGS reaches pip, for example to choose where torch comes from:
#   make demo PIP_ARGS="--extra-index-url https://download.pytorch.org/whl/cpu"

PYTHON ?= python3
VENV ?= .venv
# What test-random runs: TESTS="tests/data tests/storage"; all of them if empty.
TESTS ?=
PIP_ARGS ?=
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip
PYTEST := $(BIN)/python -m pytest -n 2 --dist worksteal
STAMP := $(VENV)/installed
ENGINES := $(VENV)-engines

.PHONY: install demo test test-slow test-engines test-random coverage docs format check clean

install: $(STAMP)

# torch goes first and pinned, so that no other package chooses its build.
$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --upgrade "pip>=25.1"
	$(PIP) install --quiet -c constraints.txt $(PIP_ARGS) torch
	$(PIP) install --quiet -c constraints.txt $(PIP_ARGS) --editable . --group dev
	touch $@

demo: install
	$(BIN)/python examples/demo.py

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

test: check
	$(PYTEST) -m "not slow and not gpu"
	$(BIN)/mkdocs build --strict
	PYTHON=$(BIN)/python sh tests/wheel.sh

test-slow: install
	$(PYTEST) -m "slow and not gpu"

# Warnings of the clusters' own libraries, at the very end too, are not ours to mend.
test-engines: $(ENGINES)/installed
	$(ENGINES)/bin/python -m pytest tests/batch/engines tests/batch/test_locations.py -W "ignore::pytest.PytestUnraisableExceptionWarning"

$(ENGINES)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(ENGINES)
	$(ENGINES)/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	$(ENGINES)/bin/python -m pip install --quiet -c constraints.txt $(PIP_ARGS) torch
	$(ENGINES)/bin/python -m pip install --quiet -c constraints.txt $(PIP_ARGS) --editable ".[ray,spark]" --group engines
	touch $@

test-random: install
	$(BIN)/python -m pytest -m "not slow and not gpu" --random-order $(TESTS)

coverage: install
	$(PYTEST) -m "not slow and not gpu" --cov --cov-report=term --cov-fail-under=90

docs: install
	$(BIN)/mkdocs build --strict

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) $(ENGINES) dist demo-output site
