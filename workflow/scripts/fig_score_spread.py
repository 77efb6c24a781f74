"""Draws how far scores vary over runs, against their mean."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.inputs import read_scores
from study.plotting.save import save
from study.plotting.score_spread import draw_score_spread

params = snakemake.params
tables = read_csv(snakemake.input.consistency), read_csv(snakemake.input.quantiles)
scores = read_scores(snakemake.input.scores, params.scores)
save(draw_score_spread(scores, *tables, params.models, params.scores, params.dataset), snakemake.output)
