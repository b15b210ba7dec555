# The door to everything: `make help`.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin

help:  ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 12

install: .venv/installed  ## Set up .venv with everything that running and testing need

# The virtual environment is made anew when the dependencies change. Debian packs Python's venv module separately.
.venv/installed: setup.py
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || $(MAKE) --no-print-directory venv-module
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[testing]'
	@touch $@

venv-module:
	@rm -rf .venv
	@echo "Python's venv module is missing; installing the package python3-venv"
	@sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); $$sudo apt-get update -qq && $$sudo apt-get install -y -qq python3-venv
	$(PYTHON) -m venv .venv

serve: install  ## Serve on http://127.0.0.1:8000 (another port: make serve http_port=9000)
	$(BIN)/pserve development.ini $(if $(http_port),http_port=$(http_port))

demo: install  ## A server full of reports, on folders of its own: http://127.0.0.1:8000 (DEMO="--url http://…" fills another)
	$(BIN)/python demo/fill.py $(DEMO)

test: install  ## All tests, on SQLite and on PostgreSQL
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(PYTEST)

lint: install  ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: install  ## Let ruff write the code its way
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install  ## Memory under eight large batches at once, and what a request costs
	$(BIN)/python benchmarks/memory.py
	$(BIN)/python benchmarks/requests.py

.PHONY: help install venv-module serve demo test lint format bench
