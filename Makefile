# Everything that a newcomer needs: `make demo` and `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LISTS := .vendor/node_modules/eth-phishing-detect/src/config.json
MORE_LISTS := $(wildcard ../shared/data/bad_domains_dated.csv.gz)

.DEFAULT_GOAL := help
.PHONY: help demo run test test-sqlite test-postgresql check bench models evaluate verifier lock foreign lists clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

demo: $(VENV)/.run lists  ## a partnership of three nodes on this machine; Ctrl-C stops it
	@$(BIN)/hueandcry demo $(foreach list,$(wildcard $(LISTS)) $(MORE_LISTS),--list $(list))

run: $(VENV)/.run  ## one node of your own in ./data
	@test -d data/keys || $(BIN)/hueandcry init --name "$${NAME:-My node}" --country "$${COUNTRY:-TH}" \
	  --role "$${ROLE:-asc}" --url "$${URL:-http://127.0.0.1:8420}"
	@$(BIN)/hueandcry serve

test: test-sqlite test-postgresql  ## every test, on SQLite and on a real PostgreSQL

# A worker for each core; the nodes of one file are founded by one of them.
TESTS := $(BIN)/python -m pytest -q
EVERY_CORE := -n auto --dist loadfile
# Nodes, browsers and servers are real processes against the clock of a machine that may be busy with
# others: what failed runs once more, by itself, and must pass then. Both runs stay in the output.
ALONE := --last-failed --last-failed-no-failures none
tested = $(TESTS) $(1) $(EVERY_CORE) -m $(2) || $(TESTS) $(1) $(ALONE) -m $(2)

test-sqlite: $(VENV)/.dev
	$(call tested,,"not nodes")
	$(call tested,,nodes)

test-postgresql: $(VENV)/.dev
	$(call tested,--database postgresql,"database and not nodes")
	$(call tested,--database postgresql,"database and nodes")

check: $(VENV)/.dev  ## lint, types, contracts of the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m django makemigrations --check --dry-run --settings hueandcry.config.settings

bench: $(VENV)/.dev  ## measure: a table of rates, ratios and targets
	$(BIN)/python -m benchmarks

models: $(VENV)/.dev  ## train what ships again: the same data give the same models
	$(BIN)/python -m tools.train

evaluate: $(VENV)/.dev  ## judge what ships on ../shared/data, and write docs/evaluation.md
	$(BIN)/python -m tools.evaluate

verifier:  ## dist/verify.pyz: checks a package of evidence with nothing but Python installed
	$(PYTHON) -m tools.verifier

# Programs that are not ours, each in an environment of its own, so that tests can let them judge.
foreign: .vendor/pymerkle/.made .vendor/evidence/.made  ## what tests let judge, apart

.vendor/%/.made: requirements/foreign/%.txt
	$(PYTHON) -m venv .vendor/$*
	.vendor/$*/bin/pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@

lists: $(LISTS)

# Without a network or npm the demonstration makes its own hosts, and says so.
$(LISTS): requirements/npm/package-lock.json
	@mkdir -p .vendor && cp requirements/npm/package*.json .vendor/
	@npm ci --prefix .vendor --ignore-scripts --no-audit --no-fund --silent \
	  || echo "The list of real hosts could not be fetched: the demonstration will make its own."

lock:  ## pin every dependency again, with hashes and without index addresses
	$(BIN)/pip install -q uv
	$(BIN)/uv pip compile pyproject.toml --group build --generate-hashes --no-emit-index-url \
	  --no-header --python-version 3.11 -q -o requirements/run.txt
	$(BIN)/uv pip compile pyproject.toml --group dev --generate-hashes --no-emit-index-url \
	  --no-header --python-version 3.11 -q -o requirements/dev.txt
	$(BIN)/uv pip compile requirements/foreign/pymerkle.in --generate-hashes --no-emit-index-url \
	  --no-header --python-version 3.11 -q -o requirements/foreign/pymerkle.txt
	for server in medallion opentaxii; do $(BIN)/uv pip compile requirements/bench/$$server.in \
	  --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -q \
	  -o requirements/bench/$$server.txt || exit 1; done
	$(BIN)/uv pip compile requirements/foreign/evidence.in --generate-hashes --no-emit-index-url \
	  --no-header --python-version 3.11 -q -o requirements/foreign/evidence.txt

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python requirements/run.txt pyproject.toml hatch_build.py
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

clean:  ## remove what was built and fetched
	rm -rf $(VENV) .vendor build dist
