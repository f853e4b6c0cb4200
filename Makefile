# Two commands do everything on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
HOST ?= 127.0.0.1

.DEFAULT_GOAL := help
.PHONY: help run test check format soak bench clean

help: ## what there is to call
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(VENV)/installed: requirements.txt
	@echo "Making $(VENV) with $$($(PYTHON) --version) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Greenlight needs Python 3.11 or newer. Set PYTHON=/path/to/python3.11."; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@echo "Installing the pinned packages (a minute or two, once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.txt
	@echo "Installing the development tools ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

run: $(VENV)/installed ## install, migrate and serve on http://127.0.0.1:8501
	@$(BIN)/python -m services prepare
	@echo "Serving on http://$(HOST):$(PORT) - stop with Ctrl+C."
	@GREENLIGHT_PORT=$(PORT) $(BIN)/python -m streamlit run app.py --server.address $(HOST) --server.port $(PORT)

test: $(VENV)/installed-dev ## every test but `soak` and `bench`
	@$(BIN)/python -m services prepare --environment-only
	@$(BIN)/python -m pytest -m "not soak" -n 2 --dist loadfile

check: $(VENV)/installed-dev ## format, lint, types, imports
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports

format: $(VENV)/installed-dev ## rewrite the code in the house format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

soak: $(VENV)/installed-dev ## the long suites: killed workers, whole runs of the corpus, odd requests
	@$(BIN)/python -m services prepare --environment-only
	@$(BIN)/python -m pytest -m soak

bench: $(VENV)/installed-dev ## the figures of the README
	@$(BIN)/python -m services prepare --environment-only
	@$(BIN)/python -m benchmarks.whole_run
	@$(BIN)/python -m benchmarks.corpus_runs
	@$(BIN)/python -m benchmarks.checks
	@$(BIN)/python -m benchmarks.claude_cost

clean: ## remove what was built; data stays
	@rm -rf $(VENV) .environments .mypy_cache .ruff_cache
