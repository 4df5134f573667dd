# Every command here is also shown in README.md, for those without make.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN = .venv/bin

.PHONY: run test lint clean

run: .venv/run
	$(BIN)/valuestream run

test: .venv/test .venv-datasette1/done tests/node_modules/done lint
	$(BIN)/python -m pytest

lint: .venv/test
	$(BIN)/ruff check
	$(BIN)/ruff format --check

.venv/run: requirements.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --no-index -e .
	touch $@

.venv/test: .venv/run requirements-test.txt
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-test.txt
	touch $@

# Datasette 1.0 can't share an environment with 0.65.
.venv-datasette1/done: requirements-datasette1.txt
	test -x .venv-datasette1/bin/python || $(PYTHON) -m venv .venv-datasette1
	.venv-datasette1/bin/python -m pip install --quiet --require-hashes -r requirements-datasette1.txt
	touch $@

# axe-core, for the accessibility tests; without npm they are skipped and say so.
tests/node_modules/done: tests/package-lock.json
	if command -v npm >/dev/null; then cd tests && npm ci --silent --no-audit --no-fund; else mkdir -p tests/node_modules; fi
	touch $@

clean:
	rm -rf .venv .venv-datasette1 tests/node_modules data
