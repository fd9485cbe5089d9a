PYTHON ?= python3
BIN := .venv/bin
TSC := node browser-types/node_modules/typescript/bin/tsc --project browser-types
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all:

.PHONY: install run test test-all test-postgresql check types prove faults bench-engine bench-person bench-team bench-service docs words pictures requirements
.DELETE_ON_ERROR:

install: .venv/core .venv/dev
run: .venv/core ; $(BIN)/stepwell demo --serve
test: check ; $(BIN)/pytest -n 2 --dist worksteal -m "not slow"
test-all: check ; mkdir -p .coverage && $(BIN)/coverage erase && $(BIN)/coverage run -m pytest -n 2 --dist worksteal -m "not slow" && $(BIN)/coverage combine -q && $(BIN)/coverage report && $(BIN)/pytest -n 2 --dist loadfile -m slow && $(MAKE) --no-print-directory test-postgresql
test-postgresql: install ; $(BIN)/python -m tests.on_postgresql
check: install ; $(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet . && $(BIN)/lint-imports && $(BIN)/mypy && $(MAKE) --no-print-directory types

# Node checks the types of the JavaScript; nothing else needs it, so only CI insists on it.
ifneq ($(and $(shell command -v node),$(shell command -v npm)),)
types: browser-types/node_modules/.installed ; $(TSC)/pages.json && $(TSC)/worker.json
else ifeq ($(CI),true)
types: ; @echo "The types of the JavaScript were not checked: CI needs node and npm." >&2; exit 1
else
types: ; @echo "SKIPPED: the types of the JavaScript were not checked, since node and npm are not here."
endif

faults: install ; $(BIN)/python -m faults
prove: install ; $(BIN)/python -m prove
bench-engine: install ; $(BIN)/python -m bench.engine
bench-person: install ; $(BIN)/python -m bench.person
bench-service: install ; $(BIN)/python -m bench.service
bench-team: install ; $(BIN)/python -m bench.team
words: install ; $(BIN)/python -m languages
pictures: install ; $(BIN)/python -m docs.pictures.make
docs: install ; $(BIN)/python -m docs.generate
requirements: ; for set in core dev; do uv pip compile requirements/$$set.in --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make requirements" --output-file requirements/$$set.txt; done

.venv/core: requirements/core.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Stepwell needs Python 3.11 or newer." if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) --requirement requirements/core.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

browser-types/node_modules/.installed: browser-types/package.json browser-types/package-lock.json
	cd browser-types && npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

.venv/dev: requirements/dev.txt .venv/core
	$(PIP) --requirement requirements/dev.txt
	@touch $@
