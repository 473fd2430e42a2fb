# `make lab` opens the notebooks, `make test` checks everything. Both set up .venv first where it is missing,
# and bring it up to date when pyproject.toml or constraints.txt have changed. EXTRAS=test,peers adds the
# frameworks that the layers are compared with.

PYTHON ?= python3
VENV ?= .venv
LABFLAGS ?=
TESTFLAGS ?=
BENCHFLAGS ?=
EXTRAS ?= test
# Two processes, each with whole files, in the order of the files: the longest, in the browser, come first.
WORKERS ?= --numprocesses=2 --dist=loadfile --no-loadscope-reorder

ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif

export PIP_DISABLE_PIP_VERSION_CHECK = 1
# The matrices of the notebooks are small: a second thread of the matrix library gains nothing and, where the machine
# is shared by a class, waits for its turn.
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: lab test lint notebooks worksheet bench screenshot site constraints clean

lab: $(VENV)/.for-lab
	$(BIN)/jupyter lab --ServerApp.root_dir=notebooks $(LABFLAGS)

test: lint
	$(BIN)/python -m pytest --nbval $(WORKERS) $(TESTFLAGS)

lint: $(VENV)/.for-$(EXTRAS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

notebooks: $(VENV)/.for-$(EXTRAS)
	$(BIN)/python tools/notebooks.py

worksheet: $(VENV)/.for-lab
	$(BIN)/python tools/worksheet.py

bench: $(VENV)/.for-$(EXTRAS)
	$(BIN)/python -m tests.benchmark $(BENCHFLAGS)

screenshot: $(VENV)/.for-$(EXTRAS)
	$(BIN)/python tools/screenshot.py

# The notebooks to read and to run in a browser, in the folder site/; it needs no network once the tools are installed.
site: $(VENV)/.for-site
	$(BIN)/python -m tools.website

# The newest versions that pyproject.toml admits, written down as the versions a class gets.
constraints:
	$(PYTHON) tools/constraints.py

clean:
	rm -rf $(VENV) build dist site *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.for-lab: pyproject.toml constraints.txt tools/jupyterlab_settings.json tools/jupyter_server_config.json | $(VENV)/.made
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.for-$(EXTRAS): pyproject.toml constraints.txt tools/jupyterlab_settings.json tools/jupyter_server_config.json | $(VENV)/.made
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[$(EXTRAS)]"
	@touch $@ $(VENV)/.for-lab

ifneq ($(EXTRAS),site)
$(VENV)/.for-site: pyproject.toml constraints.txt | $(VENV)/.made
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[site]"
	@touch $@
endif

$(VENV)/.made:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || \
	  { echo "Python 3.11 or newer is needed; say which one: make lab PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu install python3-venv"; exit 1; }
	@touch $@
