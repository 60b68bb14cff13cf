# The two commands are `make demo` and `make test`. Everything happens in .venv, with the pinned set.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
# What tests, lint and types need on top: torch and triton among it, which take a while.
TESTED := $(VENV)/.installed-tests
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

# Without cached bytecode each process compiles vedc anew, and each test worker the tests.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test check lint types unit bench goldens docs site oracles clean

help:
	@echo 'make demo     render the quickstart and say where the film is'
	@echo 'make test     lint, types and every test'
	@echo 'make check    lint, types and the quick tests (under two minutes)'
	@echo 'make bench    measure: cost of the edit, re-render, memory, start-up'
	@echo 'make goldens  rewrite the golden files from what the code does now'
	@echo 'make docs     rewrite the JSON Schema, the references and the pictures of the ops'
	@echo 'make site     build the site of the documentation into build/site'
	@echo 'make oracles  measure the ops against other software and rewrite docs/oracles.md'

$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	@touch $@

$(TESTED): $(STAMP)
	$(PIP) --editable '.[test]'
	@touch $@

setup: $(TESTED)

demo: $(STAMP)
	$(BIN)/vedc render -y examples/quickstart/edit.vedc.yaml
	@echo "The film is examples/quickstart/out/quickstart.mp4"

test: lint types
	$(BIN)/python -m pytest -n 3 --dist worksteal

check: lint types unit

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

unit: setup
	$(BIN)/python -m pytest -n 2 --dist worksteal -m 'not slow' tests/unit tests/golden

bench: setup
	$(BIN)/python -m tests.bench

goldens: setup
	VEDC_UPDATE_GOLDENS=1 $(BIN)/python -m pytest tests/golden

docs: setup
	$(BIN)/python -m vedc.report.ops.thumbnails specs/ops docs/ops.jpg
	$(BIN)/python -m vedc.lang.docs.generate
	$(BIN)/python -m docs.make.cookbook --pictures
	$(BIN)/python -m docs.make.clips
	$(BIN)/python -m docs.make.errors
	COLUMNS=100 $(BIN)/python -m tests.tutorial_pages docs/tutorial.md
	$(BIN)/python -m vedc.report.review.check_list docs/check.md

site: setup
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

oracles: setup
	$(BIN)/python -m tests.oracle_table

clean:
	rm -rf $(VENV) .vedc build *.egg-info
