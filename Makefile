# make run   a demonstration hall on this machine     make test   everything that must stay true
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
HOST ?= 127.0.0.1
PORT ?= 8000
KIOSK_PORT ?= 8001
WORKERS ?= 3
FRESH ?=
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder
ZONE = $(shell grep -rl --include='*.py' 'mark\.zone' tests | sort)

.DEFAULT_GOAL := help
.PHONY: help run test setup packages-run packages-test check fmt bench faults lock

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

packages-run:
	@deploy/install-packages.sh run

packages-test:
	@deploy/install-packages.sh test

$(STAMP): requirements.lock pyproject.toml | packages-run
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is older. Try: make PYTHON=python3.12 setup" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup: $(STAMP)  ## install what is missing, nothing else

run: $(STAMP)  ## demonstration hall: hub on PORT=8000, kiosk on KIOSK_PORT=8001 (FRESH=1 starts over, HOST=0.0.0.0 for phones)
	@$(BIN)/zaigang demo --folder var --host $(HOST) --port $(PORT) --kiosk-port $(KIOSK_PORT) $(if $(FRESH),--fresh)

check: $(STAMP)  ## lint, types, floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: $(STAMP)  ## format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: packages-test check  ## lint, types, floors and the whole suite
	$(PYTEST) -m "not slow" $(PYTEST_ARGS)
	TZ=America/New_York $(PYTEST) -m "zone and not slow" $(PYTEST_ARGS) $(ZONE)

faults: $(STAMP) packages-test  ## the whole fault matrix, slow parts too
	$(BIN)/python -m pytest tests/faults tests/drivers -m "slow or not slow"

bench: $(STAMP) packages-test  ## measurements: a table, and var/bench.json
	$(BIN)/python -m tests.bench

lock:  ## resolve requirements.lock anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra dev pyproject.toml -o requirements.lock
