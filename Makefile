# Claimwright. All that a fresh machine needs is Python 3.11+, git and make; `make` lists what there is.
#
# Everything is installed into $(VENV) from lock files with hashes, and a stamp in it records what was
# installed, so that a second call has nothing to do. Nothing is taken from the machine's own packages.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV ?= .venv
BIN := $(VENV)/bin
# The first interpreter that is new enough; `make setup PYTHON=/path/to/python` chooses another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$python"; break; }; done)
UV = $(BIN)/uv
INSTALL_PROJECT = $(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation \
	--refresh-package claimwright --reinstall-package claimwright --editable . \
	--refresh-package claimwright-lab --reinstall-package claimwright-lab --editable ./lab
# What is compiled while the project is installed.
KERNEL := hatch_build.py src/claimwright/engines/x12/native/kernel.c src/claimwright/platform/database/rows.c
# The samples were made as of that day; on a later one, timely filing would be found on most of them.
DEMO := claimwright check samples/ --as-of 2025-09-15 --limit 10
# Three for two cores: tests wait a third of their time for servers, processes and browsers.
WORKERS ?= 3
# Busy loops beside the tests of `make steady`: with three workers, ten processes for each of two cores.
LOAD ?= 17
ARGS ?=

# uv uses the interpreter that make chose, and never fetches one of its own.
export UV_PYTHON_DOWNLOADS := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1
unexport VIRTUAL_ENV
unexport PYTHONPATH
# Else each of the processes that tests start compiles the program anew: a second of the processor.
unexport PYTHONDONTWRITEBYTECODE
# Containers often forbid compiled modules; each of the hundreds of processes that tests start would then compile
# all it imports anew, which takes longer than what it is started for.
unexport PYTHONDONTWRITEBYTECODE

##@ Start here

.PHONY: help
help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} \
		/^##@ / {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z0-9-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo

.PHONY: demo
demo: $(VENV)/.installed ## Set up, load the demonstration practice and serve it (the first time some minutes)
	@$(BIN)/claimwright --version
	@$(BIN)/python scripts/build_web.py
	@echo '$$ $(DEMO)'
	@$(BIN)/$(DEMO) 2>/dev/null | awk '/^Claims /{all=$$2} /^Clean claims/{clean=$$3} /^Checked/{rules=$$6} \
		END {print all " claims, " clean " without a finding, " rules " rules"}' || test $$? -eq 1
	@$(BIN)/claimwright demo start
	@echo
	@echo 'Next: $(BIN)/claimwright --help'

.PHONY: demo-stop
demo-stop: ## End what `make demo` serves, and its database; the data stays in .demo/
	@$(BIN)/claimwright demo stop

.PHONY: setup
setup: $(VENV)/.ready ## Set up for development: the project and its tools in .venv
	@echo 'Ready: $(BIN)/claimwright, and `make test`.'

##@ Check

.PHONY: web
web: $(VENV)/.ready ## Build the web app into the package; needs no Node.js on the machine
	$(BIN)/python scripts/build_web.py

.PHONY: web-test
web-test: $(VENV)/.ready ## Types and unit tests of the web app
	$(BIN)/python scripts/build_web.py --test

.PHONY: web-types
web-types: $(VENV)/.ready ## Write the web app's types from the API's own description
	$(BIN)/python scripts/web_types.py

.PHONY: browser
browser: ## Install Chromium (Debian) where there is none, for the tests of the web app
	@command -v chromium >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
		&& echo 'Installing Chromium for the tests of the web app' && apt-get -qq update \
		&& DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends chromium >/dev/null; } \
		|| echo 'There is no chromium on the path, and it could not be installed: tests in a browser are skipped.'

.PHONY: prometheus
prometheus: ## Install Prometheus with promtool (Debian) where there is none, for the tests of alert rules
	@command -v promtool >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
		&& echo 'Installing Prometheus for the tests of alert rules' && apt-get -qq update \
		&& DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends prometheus >/dev/null; } \
		|| echo 'There is no promtool on the path, and it could not be installed: tests of alert rules are skipped.'

.PHONY: test
test: lint types web web-test browser prometheus ## Everything that CI runs: lint, types, floors, documentation, tests
	$(BIN)/pytest -n $(WORKERS) --dist loadfile -m 'not long' $(ARGS)

.PHONY: long-tests
long-tests: $(VENV)/.ready ## The tests that `make test` leaves out because they take minutes; writes docs/long_tests.md
	$(BIN)/pytest -n $(WORKERS) --dist loadfile -m long --junitxml .long-tests.xml $(ARGS)
	$(BIN)/python scripts/long_tests_page.py .long-tests.xml

.PHONY: coverage
coverage: $(VENV)/.ready ## All tests with the lines and branches they reach; writes docs/coverage.md
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --cov --cov-report=term $(ARGS)
	$(BIN)/coverage json -q -o .coverage.json && $(BIN)/python scripts/coverage_page.py .coverage.json

.PHONY: unit
unit: $(VENV)/.ready ## The quick tests only; ARGS="tests/house -k licence" narrows them down
	$(BIN)/pytest -n $(WORKERS) --dist loadfile -m 'not slow' $(ARGS)

.PHONY: slow
slow: $(VENV)/.ready ## The tests that `make unit` leaves out, and no others
	$(BIN)/pytest -n $(WORKERS) --dist loadfile -m slow $(ARGS)

.PHONY: slowest
slowest: $(VENV)/.ready ## The tests that cost most processor time; ARGS="tests/features" narrows them down
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile -p tests.processor_time $(ARGS)

.PHONY: steady
steady: $(VENV)/.ready ## Tests ten times each, under ten times the load; ARGS="tests/platform/test_events.py"
	busy=(); trap 'kill "$${busy[@]}" 2>/dev/null' EXIT; \
	for _ in $$(seq $(LOAD)); do { while :; do :; done; } & busy+=($$!); done; \
	$(BIN)/python -m pytest -q -n $(WORKERS) -p tests.ten_times $(ARGS)

.PHONY: lint
lint: $(VENV)/.ready ## Style (ruff) and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet . || { echo 'Some files are not formatted: run `make format`.'; exit 1; }

.PHONY: format
format: $(VENV)/.ready ## Mend what ruff can mend, and format
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

.PHONY: types
types: $(VENV)/.ready ## Types (mypy, strict)
	$(BIN)/mypy

.PHONY: floors
floors: $(VENV)/.ready ## The import contracts of the house (import-linter)
	$(BIN)/lint-imports --no-cache

.PHONY: wheel-test
wheel-test: $(VENV)/.ready ## Build the wheel, install it into an empty environment, run it from there
	$(BIN)/pytest tests/house/test_wheel.py $(ARGS)

.PHONY: mutants
mutants: $(VENV)/.ready ## Change each predicate of every rule and see that its cases notice
	EVERY_RULE=1 $(BIN)/pytest tests/engines/rules/test_mutations.py $(ARGS)

.PHONY: fuzz
fuzz: $(VENV)/.ready ## Throw damaged files at the reader; SECONDS_EACH=60 sets for how long
	$(BIN)/python -m tests.fuzz --seconds $(or $(SECONDS_EACH),60) $(ARGS)

.PHONY: sanitize
sanitize: $(VENV)/.ready ## Read damaged files with the compiled loops watched for stray reads and writes (gcc's sanitizers)
	$(BIN)/python hatch_build.py -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all
	status=0; ASAN_OPTIONS=detect_leaks=0 \
		LD_PRELOAD="$$(cc -print-file-name=libasan.so) $$(cc -print-file-name=libubsan.so)" \
		$(BIN)/pytest -p no:cacheprovider tests/engines/x12/test_kernel.py tests/engines/x12/test_stream.py \
		tests/platform/test_rows.py $(ARGS) || status=$$?; \
	$(BIN)/python hatch_build.py && exit $$status

.PHONY: mutation
mutation: $(VENV)/.ready ## Put faults into 50 rules and into the engine, see which go unnoticed; ARGS="--rules 0" for all
	$(BIN)/python scripts/mutate_rules.py $(ARGS)

.PHONY: precision
precision: $(VENV)/.ready ## Check 100,000 synthetic claims with planted defects; writes docs/precision.md
	$(BIN)/python scripts/precision.py $(ARGS)

.PHONY: upkeep-kills
upkeep-kills: $(VENV)/.ready ## Kill backup, mask, rotation and delivery 25 times each, and verify the store; KILLS=50
	UPKEEP_KILLS=$(or $(KILLS),25) $(BIN)/pytest tests/store/test_killed_upkeep.py $(ARGS)

.PHONY: compare-mce
compare-mce: $(VENV)/.ready ## Judge 10,000 generated stays beside the Medicare Code Editor; writes docs/mce_comparison.md
	$(BIN)/python -m benchmarks.compare_mce $(ARGS)

.PHONY: compare-835
compare-835: $(VENV)/.ready ## Read remittances beside other readers and our 837 reader; writes docs/remittance_benchmark.md
	$(BIN)/python -m benchmarks.compare_835 $(ARGS)

.PHONY: api-fuzz
api-fuzz: $(VENV)/.ready ## Send requests of every kind to every route of the API; EXAMPLES=200 for each, ROUTES="claims|files"
	API_FUZZ_EXAMPLES=$(or $(EXAMPLES),100) API_FUZZ_ROUTES="$(ROUTES)" $(BIN)/pytest tests/apps/api/test_fuzz.py $(ARGS)

.PHONY: load
load: $(VENV)/.ready ## Let 50, 100 and 200 people submit claims for two minutes each; writes docs/api_benchmark.md
	$(BIN)/python -m benchmarks.api_load $(ARGS)

.PHONY: load-reads
load-reads: $(VENV)/.ready ## Time lists and details of the API over a million claims; writes docs/api_reads.md
	$(BIN)/python -m benchmarks.api_reads --record $(ARGS)

.PHONY: web-speed
web-speed: $(VENV)/.ready web ## Load pages and scroll the queue in Chromium at a million claims; ARGS="--store FOLDER"
	$(BIN)/python -m benchmarks.web_scale --record $(ARGS)

.PHONY: kills
kills: $(VENV)/.ready ## Kill the pipeline's processes fifty times during a run and compare; ARGS="--kills 9"
	$(BIN)/python -m tests.features.pipeline.killing $(ARGS)

.PHONY: interval-benchmark
interval-benchmark: $(VENV)/.ready ## Judge intervals and confidence of predictions; writes docs/prediction_intervals.md
	$(BIN)/python scripts/prediction_intervals.py $(ARGS)

.PHONY: kpi-benchmark
kpi-benchmark: $(VENV)/.ready ## Time figures at 1,000,000 claims beside one query over them; writes docs/kpi_benchmark.md
	$(BIN)/python -m benchmarks.kpis --record $(ARGS)

.PHONY: model-benchmark
model-benchmark: $(VENV)/.ready ## Train and judge denial prediction in the benchmark world; writes docs/prediction_benchmark.md
	$(BIN)/python scripts/model_benchmark.py $(ARGS)

.PHONY: remedy-benchmark
remedy-benchmark: $(VENV)/.ready ## Try what the model advises in fresh denial worlds; writes docs/remedies.md
	$(BIN)/python scripts/remedy_benchmark.py $(ARGS)

.PHONY: full-circle
full-circle: $(VENV)/.ready ## Claims to payers' answers to the ledger, compared to the cent; writes docs/full_circle.md
	$(BIN)/python scripts/full_circle.py $(ARGS)

.PHONY: bench
bench: $(VENV)/.ready ## Measure reading, checking and writing beside other readers; see benchmarks/README.md
	$(BIN)/python -m benchmarks $(ARGS)

.PHONY: bench-million
bench-million: $(VENV)/.ready ## Memory and speed of a check at 10,000 and 1,000,000 claims, kept in docs/benchmarks.md
	$(BIN)/python -m benchmarks --million --record $(ARGS)

.PHONY: bench-rules
bench-rules: $(VENV)/.ready ## Time every rule with CMS's full edit tables; ARGS="--source FOLDER --record"
	$(BIN)/python -m benchmarks.rules $(ARGS)

##@ Keep up

.PHONY: docs
docs: $(VENV)/.ready ## Write the generated pages of docs/reference/ anew
	$(BIN)/python scripts/generate_docs.py

.PHONY: dashboards
dashboards: $(VENV)/.ready ## Write alert rules, their tests, dashboards and runbook pages from scripts/monitoring_list.py
	$(BIN)/python scripts/generate_monitoring.py

.PHONY: search-evaluation
search-evaluation: $(VENV)/.ready ## Search in synthetic charts, by words and by meaning; docs/appeals.md has the figures
	$(BIN)/python scripts/search_evaluation.py

.PHONY: sample-letters
sample-letters: $(VENV)/.ready ## Write the ten sample letters of appeal anew; docs/appeal_letters.md shows them
	$(BIN)/python scripts/sample_letters.py

.PHONY: ocr
ocr: ## Install Tesseract (Debian) where there is none, for scanned documents and their tests
	@command -v tesseract >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
		&& apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends \
		tesseract-ocr tesseract-ocr-eng tesseract-ocr-osd >/dev/null; } \
		|| echo 'There is no tesseract on the path, and it could not be installed: scanned pages are not read.'

.PHONY: client
client: $(VENV)/.ready ## Write the typed client, claimwright.client, from the API's own description
	$(BIN)/python scripts/generate_client.py

.PHONY: lock
lock: $(VENV)/.bootstrapped ## Resolve the lock files anew; ARGS=--upgrade takes newer versions
	$(LOCK) --group bootstrap --output-file requirements-bootstrap.lock $(ARGS)
	$(LOCK) pyproject.toml $(SHOWN) --output-file requirements.lock $(ARGS)
	$(LOCK) pyproject.toml --output-file requirements-base.lock --constraints requirements.lock $(ARGS)
	$(LOCK) pyproject.toml $(SHOWN) --group bootstrap --group dev --output-file requirements-dev.lock \
		--constraints requirements.lock --constraints requirements-bootstrap.lock $(ARGS)
	$(LOCK) --group node --output-file requirements-node.lock $(ARGS)

.PHONY: precommit
precommit: $(VENV)/.ready ## Have git run lint, types and floors before every commit
	$(BIN)/pre-commit install

.PHONY: clean
clean: ## Remove what make made: the environment, caches, build products
	rm -rf $(VENV) build dist htmlcov .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache \
		.import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What `make demo` installs: all but the clients of other people's clouds and databases.
SHOWN := --extra platform --extra models --extra api --extra letters
# One resolution for every platform and Python version, hashes of every file, and no address of any registry.
LOCK = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

# --- what the targets above rest on --------------------------------------------------------------------

$(VENV)/.bootstrapped: requirements-bootstrap.lock
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed and none was found on the path.' \
		'Name one: make setup PYTHON=/path/to/python3.12'; exit 1; }
	@echo "Creating $(VENV) with $$($(PYTHON) --version) and installing what the lock files pin"
	@$(PYTHON) -m venv --clear $(VENV) || { echo 'That Python has no venv module that works;' \
		'Debian and Ubuntu keep it in the package python3-venv.'; exit 1; }
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-bootstrap.lock
	@touch $@

# What running needs. It leaves development tools alone where they are already installed.
$(VENV)/.installed: $(VENV)/.bootstrapped requirements.lock pyproject.toml lab/pyproject.toml $(KERNEL)
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes --requirement requirements.lock
	@$(INSTALL_PROJECT)
	@touch $@

# What development needs: exactly the locked packages, nothing left over from an older lock.
$(VENV)/.ready: $(VENV)/.bootstrapped requirements-dev.lock pyproject.toml lab/pyproject.toml $(KERNEL)
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements-dev.lock
	@$(INSTALL_PROJECT)
	@touch $(VENV)/.installed $@
