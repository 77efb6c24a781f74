"""Draws runs as points, by model."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.run_map import draw_run_map
from study.plotting.save import save

params = snakemake.params
save(draw_run_map(read_csv(snakemake.input.table), params.models, params.dataset), snakemake.output)
