"""Draws VoG by class under two normalisations, and what pruning by either keeps of each class."""

import package  # noqa: F401

from study.files import read_json
from study.plotting.influence.normalised import COLUMNS
from study.plotting.influence.rankings import class_names, read_rankings
from study.plotting.influence.vog import draw_vog_by_class
from study.plotting.save import save

params = snakemake.params
rankings = read_rankings(snakemake.input.rankings, COLUMNS)
names = class_names(read_json(snakemake.input.card))
save(draw_vog_by_class(rankings, names, params.models, params.dataset), snakemake.output)
