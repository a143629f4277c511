# Everything a newcomer needs: `make demo` and `make test` set themselves up.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# Compiled modules are kept, whatever the shell says: tests and demo start a hundred processes.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: setup demo screenshots test check format lock clean

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 13) else f"voicebot needs Python 3.11 or 3.12, and {sys.executable} is {v[0]}.{v[1]}: make PYTHON=python3.11 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup
	$(BIN)/voicebot demo $(ARGS)

# Four processes for two cores, one file each at a time, in the order of tests/conftest.py: half of
# a run is waiting for calls. The plugins are named in pyproject.toml: left to find them by itself, pytest
# rewrites all of hypothesis on its first run, which now and then trips over a bug of Python 3.11's parser.
test: setup
	PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 $(BIN)/python -m pytest $(or $(ARGS),--numprocesses 4 --dist loadfile --no-loadscope-reorder)

# Every page of the desk with sample data, at 1440 and 390 px, light and dark, into var/screenshots.
screenshots: setup
	PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 VOICEBOT_PEERS=required VOICEBOT_SCREENSHOTS=$(CURDIR)/var/screenshots $(BIN)/python -m pytest tests/entrypoints/desk/test_looks_browser.py -k themes

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The lock holds for 3.11 and 3.12 alike; it names no index.
lock: setup
	$(BIN)/pip-compile --quiet --upgrade --extra dev --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache
