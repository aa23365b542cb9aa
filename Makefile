# make run    set up and start the app on http://127.0.0.1:8501
# make test   set up, lint, then all tests
# make readme write the README's results table and tree again

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: run test lint readme setup clean
run: setup
	$(BIN)/streamlit run app.py

# One worker takes a file as a whole, for it shares its servers; the browser tests, the longest, come first.
test: setup lint
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check

readme: setup
	$(BIN)/python -m core readme

setup: .venv/.installed

# pip gets exactly the locked versions: requirements.txt names what the project uses, the lock the rest.
.venv/.installed: requirements.txt requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Digit Derby needs Python 3.11; name it: make run PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --disable-pip-version-check -r requirements.txt -c requirements.lock
	touch $@

clean:
	rm -rf .venv static .pytest_cache .ruff_cache .hypothesis
