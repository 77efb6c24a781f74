"""Draws what each step of making the pool leaves, and how right its weak labels are."""

import package  # noqa: F401

from study.config.selection import PoolSettings
from study.files import read_csv
from study.plotting.save import save
from study.plotting.selection.pool_funnel import draw_pool_funnel

params = snakemake.params
drawing = draw_pool_funnel(read_csv(snakemake.input.pool), params.datasets, PoolSettings(**params.pool))
save(drawing, snakemake.output)
