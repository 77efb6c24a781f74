"""Draws what pruning is worth where labels are wrong."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.influence.noise import draw_noise_curves
from study.plotting.save import save

tables, models = snakemake.input, snakemake.params.models
save(draw_noise_curves(read_csv(tables.pruning), read_csv(tables.noise), models), snakemake.output)
