"""Draws how well scores find wrong labels, by how many there are."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.influence.noise import draw_noise_auroc
from study.plotting.save import save

params = snakemake.params
save(draw_noise_auroc(read_csv(snakemake.input.noise), params.models, params.scores), snakemake.output)
