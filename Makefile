# Every command here is also shown in README.md, for those without make.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN = .venv/bin
# Nothing is compiled ahead: Python does so for what is used, when it is used.
PIP = python -m pip install --quiet --no-compile
# uv installs in seconds what takes pip a minute; where it can't, pip does. $(call INSTALL,environment,file)
INSTALL = UV_NATIVE_TLS=1 $(BIN)/uv pip install --quiet --python $(1)/bin/python --require-hashes -r $(2) \
	|| $(1)/bin/$(PIP) --require-hashes -r $(2)
# The environments are made side by side.
MAKEFLAGS += --jobs=3

.PHONY: run test soak more lint mutants audit licences clean

run: .venv/run
	$(BIN)/valuestream run

test: .venv/test .venv-datasette1/done tests/node_modules/done lint
	$(BIN)/python -m pytest

# Kills, damage, bombs and random rows by the thousand, whose short forms make test runs. They wait more
# than they work, so six at a time on two cores, each begun as soon as one is free; some eighteen minutes.
soak: .venv/test .venv-datasette1/done tests/node_modules/done
	$(BIN)/python -m pytest -m soak -n 6 --dist load --maxschedchunk 1

# Further cases of what make test tries, another page, width or name: some minutes.
more: .venv/test .venv-datasette1/done tests/node_modules/done
	$(BIN)/python -m pytest -m more

lint: .venv/test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

# Two hours or so, and another run goes on where one was broken off: make mutants FAULTS="--seed 7"
mutants: .venv/mutants
	cd tests && ../$(BIN)/python -m mutants $(FAULTS)

# Known vulnerabilities of what a user installs, where the package index's list of them can be reached.
audit: .venv-audit/done
	.venv-audit/bin/python .ci/audit.py

licences: .venv/test
	$(BIN)/python docs/licences.py

.venv/uv: requirements-uv.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	-$(BIN)/$(PIP) --require-hashes -r requirements-uv.txt
	touch $@

.venv/run: .venv/uv requirements.txt pyproject.toml
	$(call INSTALL,.venv,requirements.txt)
	$(BIN)/$(PIP) --no-deps --no-build-isolation --no-index -e .
	touch $@

# requirements-test.txt holds all of requirements.txt, so this is .venv/run as well.
.venv/test: .venv/uv requirements.txt requirements-test.txt pyproject.toml
	$(call INSTALL,.venv,requirements-test.txt)
	$(BIN)/$(PIP) --no-deps --no-build-isolation --no-index -e .
	touch .venv/run $@

.venv/mutants: .venv/test .venv-datasette1/done requirements-mutants.txt
	$(BIN)/$(PIP) --require-hashes --no-deps -r requirements-mutants.txt
	touch $@

# Datasette 1.0 can't share an environment with 0.65.
.venv-datasette1/done: .venv/uv requirements-datasette1.txt
	test -x .venv-datasette1/bin/python || $(PYTHON) -m venv .venv-datasette1
	$(call INSTALL,.venv-datasette1,requirements-datasette1.txt)
	touch $@

.venv-audit/done: .venv/uv requirements-audit.txt
	test -x .venv-audit/bin/python || $(PYTHON) -m venv .venv-audit
	$(call INSTALL,.venv-audit,requirements-audit.txt)
	touch $@

# axe-core, for the accessibility tests; without npm they are skipped and say so.
tests/node_modules/done: tests/package-lock.json
	if command -v npm >/dev/null; then cd tests && npm ci --silent --no-audit --no-fund; else mkdir -p tests/node_modules; fi
	touch $@

clean:
	rm -rf .venv .venv-datasette1 .venv-audit tests/node_modules data .mutants
