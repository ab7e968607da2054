# make serve   sets up .venv, builds a release if needed, serves it on http://127.0.0.1:8000 (HOST= and PORT= change it)
# make test    sets up .venv with what tests need, then runs every check and all tests
#              TEXTS=DIR SUITES=DIR DATA=DIR switch on the tests that need documents, W3C suites and public records
# make check   the checks without the tests: format, lint, types, layers, the content
# make format  rewrites Python and Turtle in their canonical form

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
TEXTS ?=
SUITES ?=
DATA ?=
PYTEST_ARGS ?= -n 2

RUN := .venv/bin/python -m

export PLEDGEGRAPH_TEXTS := $(TEXTS)
export PLEDGEGRAPH_SUITES := $(SUITES)
export PLEDGEGRAPH_DATA := $(DATA)

.DEFAULT_GOAL := help
.PHONY: help serve test check format environment test-environment

help:
	@sed -n '/^#/s/^# \{0,1\}//p;/^$$/q' Makefile

environment:
	@"$(PYTHON)" .ci/environment.py

test-environment:
	@"$(PYTHON)" .ci/environment.py test

serve: environment
	@exec $(RUN) pledgegraph serve --host "$(HOST)" --port "$(PORT)"

test: check
	$(RUN) pytest $(PYTEST_ARGS)

check: test-environment
	$(RUN) ruff format --no-cache --check .
	$(RUN) ruff check --no-cache .
	$(RUN) mypy
	.venv/bin/lint-imports --no-logo
	$(RUN) pledgegraph format --check
	$(RUN) pledgegraph check

format: test-environment
	$(RUN) ruff format .
	$(RUN) ruff check --fix .
	$(RUN) pledgegraph format
