# make demo: train one model of each family on the real MNIST and print where the report is.
# make test: every check: lint, types, tests.
# make check: the fast checks: lint, types, and the fast tests, without commands, pages and server.
# make shuffled: the tests in random order, on the plainest kernels that the libraries have.
# make bench: the benchmarks that need no other program.
# make messages: update the translation catalogues from the sources.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHELL := /bin/bash

.PHONY: demo test check lint types tests shuffled bench messages clean help
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# //p' Makefile

# The stamp says that this virtual environment holds what these files ask for.
$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "leadline needs Python 3.11 or newer; give one with make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade --constraint constraints.txt pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt \
		--build-constraint constraints.txt --editable '.[train,sample]' --group dev
	@touch $@

demo: $(VENV)/.installed
	$(BIN)/leadline study first-look

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed
	$(BIN)/mypy

tests: $(VENV)/.installed
	$(BIN)/pytest -n auto --dist loadfile

test: lint types tests

# The packages whose tests start no other program.
FAST := $(addprefix tests/,analysis data experiments explain export metrics models runs \
	statistics system training)

check: lint types
	$(BIN)/pytest -n auto --dist loadfile -m "not slow" $(FAST)

# Another order, and kernels as another processor has them: sums then differ in their last bits.
shuffled: export ATEN_CPU_CAPABILITY = default
shuffled: export ONEDNN_MAX_CPU_ISA = SSE41
shuffled: $(VENV)/.installed
	$(BIN)/pytest -n auto --dist loadfile -p randomly -m "not slow"

bench: $(VENV)/.installed
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/hog.py
	$(BIN)/python benchmarks/training.py

LOCALES := src/leadline/report/locales
MESSAGES := $(LOCALES)/leadline.pot

messages: $(VENV)/.installed
	$(BIN)/pybabel -q extract -F pyproject.toml -k _ -k mark \
		-k message:1 -k counted:1,2 -k in_context:1c,2 --add-location=file --no-wrap \
		-o $(MESSAGES) .
	$(BIN)/pybabel -q update -i $(MESSAGES) -d $(LOCALES) -D leadline --no-wrap \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	rm $(MESSAGES)

clean:
	rm -rf $(VENV) runs .mypy_cache .pytest_cache .ruff_cache
