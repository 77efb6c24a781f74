"""Draws whether scores rank alike, and whether they name the same hardest examples."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.influence.correlation import draw_influence_correlation
from study.plotting.save import save

params = snakemake.params
tables = read_csv(snakemake.input.correlation), read_csv(snakemake.input.overlap)
save(draw_influence_correlation(*tables, params.models, params.scores, params.dataset), snakemake.output)
