"""Draws how far scores agree, as averages over runs and as single runs."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.save import save
from study.plotting.score_correlation import draw_score_correlation

params = snakemake.params
correlation = read_csv(snakemake.input.correlation)
save(draw_score_correlation(correlation, params.models, params.scores, params.dataset), snakemake.output)
