"""Draws how the values of each score lie."""

import package  # noqa: F401

from study.plotting.influence.histograms import draw_score_histograms
from study.plotting.influence.rankings import read_rankings
from study.plotting.save import save

params = snakemake.params
rankings = read_rankings(snakemake.input.rankings, params.scores)
save(draw_score_histograms(rankings, params.models, params.scores, params.dataset), snakemake.output)
