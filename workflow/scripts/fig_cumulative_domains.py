"""Draws what is kept of each domain as more of the data set is kept, hardest first."""

import package  # noqa: F401

from study.files import read_json
from study.plotting.influence.cumulative_domains import draw_cumulative_domains
from study.plotting.influence.normalised import COLUMNS
from study.plotting.influence.rankings import class_names, read_rankings
from study.plotting.save import save

params = snakemake.params
rankings = read_rankings(snakemake.input.rankings, COLUMNS)
names = class_names(read_json(snakemake.input.card))
save(draw_cumulative_domains(rankings, names, params.models, params.dataset), snakemake.output)
