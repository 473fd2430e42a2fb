# `make lab` opens the notebooks, `make test` checks everything that a user can meet. Both set up .venv if necessary,
# and update it after a change of pyproject.toml or the pinned versions. EXTRAS=test,peers adds the frameworks that the
# layers are compared with; CONSTRAINTS names a file with other versions.

PYTHON ?= python3
VENV ?= .venv
LABFLAGS ?=
TESTFLAGS ?=
BENCHFLAGS ?=
LOADFLAGS ?=
STUDENT ?= build/student
EXTRAS ?= test
CONSTRAINTS ?= constraints.txt
# Two processes that take whole files in the order of `testpaths` in pyproject.toml, the longest first. One process
# takes all of tests/browser, which shares a browser and a JupyterLab (conftest.py).
WORKERS ?= --numprocesses=2 --dist=loadfile --no-loadscope-reorder

# A change of these files updates the environment.
VERSIONS := pyproject.toml $(CONSTRAINTS) lstm_helpers/jupyter/lab_settings.json lstm_helpers/jupyter/server_config.json \
	lstm_helpers/jupyter/labextension/package.json lstm_helpers/jupyter/labextension/static/run_all.js
PROXY := classroom/node_modules/.bin/configurable-http-proxy

ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif

export PIP_DISABLE_PIP_VERSION_CHECK = 1
# The notebooks' matrices are small: a second BLAS thread gains nothing, and on a machine that a class shares it waits.
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: lab check test test-all lint notebooks runs worksheet student bench screenshot site pyodide classroom bell proxy loadtest constraints oldest clean

lab: $(VENV)/.for-lab
	$(BIN)/jupyter lab --ServerApp.root_dir=notebooks $(LABFLAGS)

# Three tiers, by the marks `slow` and `long` (pyproject.toml): a minute, everything that a user can meet, the rest.
check: lint
	$(BIN)/python -m pytest --numprocesses=2 --dist=worksteal -p no:nbval -m "not slow and not long" $(TESTFLAGS) tests/unit tests/notebooks

test: lint
	$(BIN)/python -m pytest --nbval $(WORKERS) -m "not long" $(TESTFLAGS)

# All tests. `make test test-all` also runs `make test` only once.
test-all: test
	$(BIN)/python -m pytest $(WORKERS) -m long $(TESTFLAGS)

lint: $(VENV)/.for-$(EXTRAS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

notebooks: $(VENV)/.for-$(EXTRAS)
	$(BIN)/python tools/notebooks.py

# The recorded trainings that the notebooks load; their recipes are in lstm_helpers/runs/recipes.py.
runs: $(VENV)/.for-lab
	$(BIN)/python -m tools.runs

worksheet: $(VENV)/.for-lab
	$(BIN)/python tools/worksheet.py

# The students' edition, as a folder and as an archive: the notebooks without outputs that answer a prediction.
student:
	$(PYTHON) tools/student.py $(STUDENT)

bench: $(VENV)/.for-$(EXTRAS)
	$(BIN)/python -m benchmarks $(BENCHFLAGS)

screenshot: $(VENV)/.for-$(EXTRAS)
	$(BIN)/python tools/screenshot.py

# The website in site/: the notebooks to read, and to run in a browser. It needs no network once the tools are
# installed. PYODIDE=FOLDER includes Pyodide from a folder that `make pyodide PYODIDE=FOLDER` has downloaded.
site: $(VENV)/.for-site
	$(BIN)/python -m tools.site

pyodide: $(VENV)/.for-site
	$(BIN)/python -m tools.site.pyodide $(PYODIDE)

# JupyterHub for a class; classroom/README.md lists what it needs.
classroom: $(VENV)/.for-classroom proxy
	$(BIN)/python -m compileall -q lstm_helpers classroom
	$(BIN)/python -m classroom.hub --config classroom/jupyterhub_config.py

# Before a lesson, while the hub runs: start the servers of everyone on the class list, each with a warm kernel.
bell:
	$(BIN)/python -m classroom.bell

proxy: $(PROXY)

$(PROXY): classroom/package-lock.json
	cd classroom && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# Thirty students log in within a minute, first cold, then after the bell; all drag a slider; then the processes are
# killed while they work. Takes about fifteen minutes.
loadtest: $(VENV)/.for-$(EXTRAS) $(VENV)/.for-classroom proxy
	$(BIN)/python -m benchmarks.lesson $(LOADFLAGS)

# Pin the newest versions that pyproject.toml admits; a class gets these.
constraints:
	$(PYTHON) tools/constraints.py

# `make test-all` with the oldest versions that `make lab` admits, in a separate environment. One of its tests makes
# another environment, with Colab's versions.
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
	  { echo "Python 3.11 or newer is needed; name one: make lab PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu install python3-venv"; exit 1; }
	@touch $@
