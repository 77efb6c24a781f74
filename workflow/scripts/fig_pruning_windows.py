"""Draws what a model learns from windows of a ranking by difficulty."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.pruning_windows import draw_pruning_windows
from study.plotting.save import save

params, tables = snakemake.params, snakemake.input
drawing = draw_pruning_windows(read_csv(tables.pruning), read_csv(tables.balance), params.dataset)
save(drawing, snakemake.output)
