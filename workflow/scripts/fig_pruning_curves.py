"""Draws what an encoder learns from what pruning leaves, by ranking."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.influence.pruning_curves import draw_pruning_curves
from study.plotting.save import save

params = snakemake.params
drawing = draw_pruning_curves(read_csv(snakemake.input.pruning), params.models, params.dataset)
save(drawing, snakemake.output)
