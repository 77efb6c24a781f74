"""Draws whether models agree on what is hard."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.model_correlation import draw_model_correlation
from study.plotting.save import save

params = snakemake.params
pairs, summary = read_csv(snakemake.input.pairs), read_csv(snakemake.input.summary)
save(draw_model_correlation(pairs, summary, params.models, params.scores, params.dataset), snakemake.output)
