"""Draws how many epochs a run must record."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.epochs_needed import draw_epochs_needed
from study.plotting.save import save

params, tables = snakemake.params, snakemake.input
curves, averaging, needed = map(read_csv, (tables.curves, tables.averaging, tables.needed))
save(draw_epochs_needed(curves, averaging, needed, params.models, params.dataset), snakemake.output)
