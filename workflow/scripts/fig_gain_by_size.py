"""Draws error rates by how many utterances each strategy adds."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.save import save
from study.plotting.selection.sizes import draw_gain_by_size

params, table = snakemake.params, read_csv(snakemake.input.selection)
save(draw_gain_by_size(table, params.datasets, params.strategies, params.size), snakemake.output)
