"""Draws how far scores vary over runs, against their mean."""

import package  # noqa: F401

from study.plotting.inputs import read_scores
from study.plotting.save import save
from study.plotting.score_spread import draw_score_spread

params = snakemake.params
scores = read_scores(snakemake.input.scores, params.scores)
save(draw_score_spread(scores, params.models, params.scores, params.dataset), snakemake.output)
