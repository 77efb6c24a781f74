"""Draws what encoders make of texts, before and after the hardest are removed."""

import package  # noqa: F401

from study.files import read_json
from study.plotting.influence.embedding_map import draw_embedding_map, read_maps
from study.plotting.influence.rankings import class_names
from study.plotting.save import save

params, inputs = snakemake.params, snakemake.input
names = class_names(read_json(inputs.card))
drawing = draw_embedding_map(read_maps(inputs.maps), names, params.models, params.scores[0], params.dataset)
save(drawing, snakemake.output)
