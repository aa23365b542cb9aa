# make run       set up and start the app on http://127.0.0.1:8501
# make check     lint and the quick tests, for daily work: no browser, no framework
# make test      lint and all tests but the long matrices
# make test-all  lint and all tests
# make lint      style, imports between the folders, types, JavaScript and CSS
# make readme    write the README's results table and tree again
# make lock      write requirements.lock again, from what is installed

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
UV := VIRTUAL_ENV=.venv $(BIN)/uv

# One worker takes a file as a whole, for it shares its servers, in the order of tests/conftest.py.
PYTEST := $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: run check test test-all lint readme setup lock clean
run: setup
	$(BIN)/streamlit run app.py

check: setup lint
	$(PYTEST) -m "not (browser or frameworks or long)"

test: setup lint
	$(PYTEST) -m "not long"

test-all: setup lint
	$(PYTEST)

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy
	$(BIN)/oxlint --deny-warnings pages core
	$(BIN)/oxfmt --check pages core

readme: setup
	$(BIN)/python -m core readme

setup: .venv/.installed

# Exactly the locked versions: requirements.txt names what the project uses, the lock the rest.
.venv/.installed: requirements.txt requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Digit Derby needs Python 3.11; name it: make run PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --disable-pip-version-check "$$(grep '^uv==' requirements.txt)"
	$(UV) pip install -r requirements.txt -c requirements.lock
	touch $@

lock: setup
	$(UV) pip freeze --exclude pip > requirements.lock

clean:
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .hypothesis
