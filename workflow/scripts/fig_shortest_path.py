"""Draws how often answers are shortest paths."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.experts.hops import draw_shortest_path
from study.plotting.save import save

params, inputs = snakemake.params, snakemake.input
parameters = read_csv(inputs.parameters)
parameters = parameters[parameters["task"] == params.task]
drawing = draw_shortest_path(read_csv(inputs.table), parameters, params.models, params.sizes[0])
save(drawing, snakemake.output)
