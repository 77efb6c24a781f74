"""Draws what adding chosen utterances gains in head and tail."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.save import save
from study.plotting.selection.head_tail import draw_head_tail

params, table = snakemake.params, read_csv(snakemake.input.selection)
save(draw_head_tail(table, params.datasets, params.strategies, params.size), snakemake.output)
