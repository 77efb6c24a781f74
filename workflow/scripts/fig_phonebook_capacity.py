"""Draws the largest book that models hold, against their parameters."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.experts.capacity import draw_phonebook_capacity
from study.plotting.save import save

params, inputs = snakemake.params, snakemake.input
parameters = read_csv(inputs.parameters)
parameters = parameters[parameters["task"] == params.task]
drawing = draw_phonebook_capacity(read_csv(inputs.capacity), parameters, params.models, params.sizes)
save(drawing, snakemake.output)
