"""Draws whether to prune easy or hard examples, by how many there are."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.influence.train_size import draw_train_size
from study.plotting.save import save

params, pruning = snakemake.params, read_csv(snakemake.input.pruning)
save(draw_train_size(pruning, params.models, params.datasets, params.fraction), snakemake.output)
