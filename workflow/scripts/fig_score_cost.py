"""Draws what each score costs, in training epochs."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.influence.score_cost import draw_score_cost
from study.plotting.save import save

params, cost = snakemake.params, read_csv(snakemake.input.cost)
save(draw_score_cost(cost, params.models, params.scores, params.dataset), snakemake.output)
