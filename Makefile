# `make lab` opens the notebooks, `make test` checks what a user can meet. Both set up .venv first where it is missing,
# and bring it up to date when pyproject.toml or the versions have changed. EXTRAS=test,peers adds the
# frameworks that the layers are compared with; CONSTRAINTS names other versions.

PYTHON ?= python3
VENV ?= .venv
LABFLAGS ?=
TESTFLAGS ?=
BENCHFLAGS ?=
LOADFLAGS ?=
STUDENT ?= build/student
EXTRAS ?= test
CONSTRAINTS ?= constraints.txt
# Two processes, each with whole files, in the order of `testpaths` in pyproject.toml: the longest come first. All of
# tests/browser goes to one of them (conftest.py), for it shares a browser and a JupyterLab.
WORKERS ?= --numprocesses=2 --dist=loadfile --no-loadscope-reorder

# What an environment is made of.
VERSIONS := pyproject.toml $(CONSTRAINTS) lstm_helpers/jupyter/lab_settings.json lstm_helpers/jupyter/server_config.json \
	lstm_helpers/jupyter/labextension/package.json lstm_helpers/jupyter/labextension/static/run_all.js
PROXY := classroom/node_modules/.bin/configurable-http-proxy

ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif

export PIP_DISABLE_PIP_VERSION_CHECK = 1
# The matrices of the notebooks are small: a second thread of the matrix library gains nothing and, where the machine
# is shared by a class, waits for its turn.
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: lab check test test-all lint notebooks runs worksheet student bench screenshot site pyodide classroom bell proxy loadtest constraints oldest clean

lab: $(VENV)/.for-lab
	$(BIN)/jupyter lab --ServerApp.root_dir=notebooks $(LABFLAGS)

# Three tiers, by two marks on tests (pyproject.toml): what takes a minute, what a user can meet, and what is long.
check: lint
	$(BIN)/python -m pytest --numprocesses=2 --dist=worksteal -p no:nbval -m "not slow and not long" $(TESTFLAGS) tests/unit tests/notebooks

test: lint
	$(BIN)/python -m pytest --nbval $(WORKERS) -m "not long" $(TESTFLAGS)

# All of it. `make test test-all`, too, runs `make test` once.
test-all: test
	$(BIN)/python -m pytest $(WORKERS) -m long $(TESTFLAGS)

lint: $(VENV)/.for-$(EXTRAS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

notebooks: $(VENV)/.for-$(EXTRAS)
	$(BIN)/python tools/notebooks.py

# The trainings that the pages open; their recipes are in lstm_helpers/runs/recipes.py.
runs: $(VENV)/.for-lab
	$(BIN)/python -m tools.runs

worksheet: $(VENV)/.for-lab
	$(BIN)/python tools/worksheet.py

# What a class is handed out: the notebooks without what answers a prediction, as a folder and as an archive.
student:
	$(PYTHON) tools/student.py $(STUDENT)

bench: $(VENV)/.for-$(EXTRAS)
	$(BIN)/python -m benchmarks $(BENCHFLAGS)

screenshot: $(VENV)/.for-$(EXTRAS)
	$(BIN)/python tools/screenshot.py

# The notebooks to read and to run in a browser, in the folder site/; it needs no network once the tools are installed.
# PYODIDE=FOLDER puts Pyodide into it, from a folder that `make pyodide PYODIDE=FOLDER` has filled from the network.
site: $(VENV)/.for-site
	$(BIN)/python -m tools.site

pyodide: $(VENV)/.for-site
	$(BIN)/python -m tools.site.pyodide $(PYODIDE)

# JupyterHub for a class; classroom/README.md says what it needs before.
classroom: $(VENV)/.for-classroom proxy
	$(BIN)/python -m compileall -q lstm_helpers classroom
	$(BIN)/python -m classroom.hub --config classroom/jupyterhub_config.py

# Before the lesson, beside the running hub: the servers of all on the class list start, each with a warm kernel.
bell:
	$(BIN)/python -m classroom.bell

proxy: $(PROXY)

$(PROXY): classroom/package-lock.json
	cd classroom && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# Thirty students log in within a minute, cold and once more after the bell; all drag a slider; then everything is killed
# under them. Some fifteen minutes.
loadtest: $(VENV)/.for-$(EXTRAS) $(VENV)/.for-classroom proxy
	$(BIN)/python -m benchmarks.lesson $(LOADFLAGS)

# The newest versions that pyproject.toml admits, written down as the versions a class gets.
constraints:
	$(PYTHON) tools/constraints.py

# `make test-all` with the oldest versions that `make lab` admits, in an environment of its own; one of its tests makes
# another, with those of Colab.
oldest:
	$(PYTHON) tools/constraints.py --oldest build/oldest.txt
	$(MAKE) test-all VENV=build/oldest CONSTRAINTS=build/oldest.txt

clean:
	rm -rf $(VENV) classroom/node_modules build dist site *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.for-lab: $(VERSIONS) | $(VENV)/.made
	$(BIN)/python -m pip install --quiet --constraint $(CONSTRAINTS) --editable ".[lab]"
	@touch $@

$(VENV)/.for-$(EXTRAS): $(VERSIONS) | $(VENV)/.made
	$(BIN)/python -m pip install --quiet --constraint $(CONSTRAINTS) --editable ".[lab,$(EXTRAS)]"
	@touch $@ $(VENV)/.for-lab

ifneq ($(EXTRAS),site)
$(VENV)/.for-site: $(VERSIONS) | $(VENV)/.made
	$(BIN)/python -m pip install --quiet --constraint $(CONSTRAINTS) --editable ".[lab,site]"
	@touch $@
endif

ifneq ($(EXTRAS),classroom)
$(VENV)/.for-classroom: $(VERSIONS) | $(VENV)/.made
	$(BIN)/python -m pip install --quiet --constraint $(CONSTRAINTS) --editable ".[lab,classroom]"
	@touch $@
endif

$(VENV)/.made:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || \
	  { echo "Python 3.11 or newer is needed; say which one: make lab PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu install python3-venv"; exit 1; }
	@touch $@
