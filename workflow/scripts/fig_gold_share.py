"""Draws errors after adding utterances, by the share of gold ones."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.save import save
from study.plotting.selection.gold_share import draw_gold_share

params = snakemake.params
drawing = draw_gold_share(
    read_csv(snakemake.input.grid), params.strategies, params.own, params.size, params.dataset
)
save(drawing, snakemake.output)
