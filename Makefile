# make study    set-up, the default study, the report          make test    set-up, all tests
# make smoke    the same workflow, small, in studies/smoke     make lint    set-up, formatting and lint checks
# make harness  the lm-evaluation-harness (docs/harness.md)    make bench   set-up, benchmarks/BENCHMARKS.md

PYTHON ?= python3
CORES  ?= all
VENV   := .venv
READY  := $(VENV)/.ready
HARNESS := .venv-harness
RUN    := . $(VENV)/bin/activate &&

.PHONY: study smoke test lint bench harness
.DELETE_ON_ERROR:

study: $(READY)
	@$(RUN) snakemake --cores $(CORES)

smoke: $(READY)
	@$(RUN) snakemake --cores $(CORES) --configfile config/smoke.yaml --directory studies/smoke

test: $(READY)
	@$(RUN) python -m pytest -n 2 --dist loadscope

lint: $(READY)
	@$(RUN) ruff check && ruff format --check && snakefmt --check Snakefile workflow/rules && snakemake --lint

bench: $(READY)
	@$(RUN) python benchmarks/all.py

harness: $(HARNESS)/.ready

# Made anew only when the requirements change: the stamp is newer than they are.
$(READY): envs/requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "The study needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Setting up $(VENV) from envs/requirements.txt: some minutes, once." >&2
	@$(PYTHON) -m venv --clear $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --requirement envs/requirements.txt || \
	  { echo "Set-up failed (see above): the first use needs the network, to install envs/requirements.txt." >&2; exit 1; }
	@touch $@

# In an environment of its own: the study needs none of it.
$(HARNESS)/.ready: envs/harness.txt envs/requirements.txt
	@echo "Setting up $(HARNESS) from envs/harness.txt: some minutes, once." >&2
	@$(PYTHON) -m venv --clear $(HARNESS)
	@$(HARNESS)/bin/python -m pip install --quiet --disable-pip-version-check --requirement envs/harness.txt
	@touch $@
