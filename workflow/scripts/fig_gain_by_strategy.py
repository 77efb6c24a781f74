"""Draws what adding chosen utterances gains against random ones, by strategy."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.save import save
from study.plotting.selection.gains import draw_gain_by_strategy

params, table = snakemake.params, read_csv(snakemake.input.selection)
save(draw_gain_by_strategy(table, params.datasets, params.strategies, params.size), snakemake.output)
