# Sales Insights. `make run` shows a whole day; `make test` tests; `make help` lists the rest.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run test walk check format bench lock clean

PYTHON ?= python3
BIN := .venv/bin
LINT := .venv-lint/bin
# The certificates of the system, for machines behind a company's proxy.
export UV_NATIVE_TLS := true
export DO_NOT_TRACK := true
# Every task imports its libraries: without their bytecode each of them would compile these anew.
unexport PYTHONDONTWRITEBYTECODE

# make run CONFIG=folder INPUT=folder: another organisation, with a data folder of its own unless one is named.
ifdef CONFIG
export SALES_INSIGHTS_CONFIG := $(abspath $(CONFIG))
endif
ifdef INPUT
export SALES_INSIGHTS_INPUT := $(abspath $(INPUT))
endif
ifdef DATA
export SALES_INSIGHTS_DATA := $(abspath $(DATA))
endif

help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'
	@echo
	@echo "  make run ONCE=1                        stop everything at the end of the day"
	@echo "  make run CONFIG=folder INPUT=folder    the same day on your own files"
	@echo "  make run SIZE=tiny AS_OF=2026-06-30    a smaller demo organisation, another day"
	@echo "  make run FAILURES=0                    its services fail now and then: now they do not"
	@echo "  make run FILES=1                       its exported files instead of its services"

install: $(BIN)/.installed ## Make the environment from the hash-locked requirements

run: $(BIN)/.installed ## Run a whole day under Airflow and show what came out
	@exec $(BIN)/sales-insights run $(if $(ONCE),--once) $(if $(AS_OF),--as-of $(AS_OF)) $(if $(SIZE),--demo-size $(SIZE)) \
	    $(if $(FILES),--demo-files) $(if $(FAILURES),--failures $(FAILURES))

test: $(BIN)/.installed ## Run the tests
	$(BIN)/python -m pytest -n 3 --no-loadscope-reorder -m "not walk" $(ARGS)

walk: $(BIN)/.installed ## Walk a model's life through Airflow's own pages, in a browser; some minutes
	$(BIN)/python -m pytest -m walk tests/journeys/test_days_walked.py

check: $(BIN)/.installed $(LINT)/.installed ## Format, lint, types and the rules of the house
	$(LINT)/ruff format --check .
	$(LINT)/ruff check .
	$(LINT)/sqlfmt --check dbt_project
	$(LINT)/mypy --python-executable $(BIN)/python .
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/house tests/docs

format: $(LINT)/.installed ## Format Python and SQL
	$(LINT)/ruff format .
	$(LINT)/ruff check --fix .
	$(LINT)/sqlfmt dbt_project

bench: $(BIN)/.installed ## Measure every step: rows, seconds, rows a second, peak memory
	$(BIN)/python -m tests.bench$(if $(SOURCE),.$(SOURCE)) $(if $(SIZE),--size $(SIZE)) $(if $(ROWS),--rows $(ROWS))

lock: $(BIN)/.installed ## Resolve the requirements again, after an edit of pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --extra postgres --extra test --universal --python-version 3.11 \
	    --generate-hashes --no-annotate --no-header --output-file requirements.txt
	$(BIN)/uv pip compile requirements-lint.in --universal --python-version 3.11 \
	    --generate-hashes --no-annotate --no-header --output-file requirements-lint.txt

clean: ## Remove the environments; your data stay
	rm -rf .venv .venv-lint

$(BIN)/.installed: requirements.txt requirements-uv.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Python 3.11 or newer is needed; $$($(PYTHON) --version) was found. Set PYTHON=/path/to/python3."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' \
	    || { echo "Python's venv module is missing. On Debian: apt-get install python3-venv"; exit 1; }
	@ldconfig -p 2>/dev/null | grep -q libgomp.so.1 \
	    || echo "Note: the library libgomp is missing, LightGBM needs it. On Debian: apt-get install libgomp1"
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.txt requirements-uv.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(LINT)/.installed: requirements-lint.txt $(BIN)/.installed
	test -x $(LINT)/python || $(PYTHON) -m venv .venv-lint
	$(BIN)/uv pip sync --quiet --python $(LINT)/python --require-hashes requirements-lint.txt
	@touch $@
