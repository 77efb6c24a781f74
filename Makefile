# make study    set-up, the default study, the report          make test      set-up, tests
# make smoke    the same workflow, small, in studies/smoke     make test-all  the same, faults and Slurm: docs/faults.md
# make harness  the lm-evaluation-harness (docs/harness.md)    make lint      set-up, formatting and lint checks
# make bench    set-up, benchmarks/BENCHMARKS.md               make slurm     what tests of Slurm need

PYTHON ?= python3
CORES  ?= all
VENV   := .venv
READY  := $(VENV)/.ready
HARNESS := .venv-harness
SLURM  := .slurm-plugin
QUICK  := tests/unit tests/oracle tests/golden tests/bad_input tests/workflow
RUN    := . $(VENV)/bin/activate &&

.PHONY: study smoke test test-all lint bench harness slurm
.DELETE_ON_ERROR:

study: $(READY)
	@$(RUN) snakemake --cores $(CORES)

smoke: $(READY)
	@$(RUN) snakemake --cores $(CORES) --configfile config/smoke.yaml --directory studies/smoke

test: $(READY)
	@$(RUN) python -m pytest -n 2 --dist loadscope $(QUICK)

test-all: $(READY) $(SLURM)/.ready
	@$(if $(FAULT_TABLE),rm -f $(FAULT_TABLE))
	@$(RUN) FAULT_TABLE=$(FAULT_TABLE) python -m pytest -n 2 --dist loadscope tests

lint: $(READY)
	@$(RUN) ruff check && ruff format --check && snakefmt --check Snakefile workflow/rules && snakemake --lint

bench: $(READY)
	@$(RUN) python benchmarks/all.py

harness: $(HARNESS)/.ready

slurm: $(SLURM)/.ready

# Made anew only when the requirements change: the stamp is newer than they are. The package `study` is found where it lies.
$(READY): envs/requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "The study needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Setting up $(VENV) from envs/requirements.txt: some minutes, once." >&2
	@$(PYTHON) -m venv --clear $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --requirement envs/requirements.txt || \
	  { echo "Set-up failed (see above): the first use needs the network, to install envs/requirements.txt." >&2; exit 1; }
	@echo "$(CURDIR)/workflow" > "$$($(VENV)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/study.pth"
	@touch $@

# In an environment of its own: the study needs none of it.
$(HARNESS)/.ready: envs/harness.txt envs/requirements.txt
	@echo "Setting up $(HARNESS) from envs/harness.txt: some minutes, once." >&2
	@$(PYTHON) -m venv --clear $(HARNESS)
	@$(HARNESS)/bin/python -m pip install --quiet --disable-pip-version-check --requirement envs/harness.txt
	@touch $@

# Beside the environment, not in it: Snakemake imports the plugin at each start, which takes seconds without a cluster.
$(SLURM)/.ready: envs/slurm.txt $(READY)
	@$(RUN) python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade --target $(SLURM) \
	  --requirement envs/slurm.txt
	@touch $@
