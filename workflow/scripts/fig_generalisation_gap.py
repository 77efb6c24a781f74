"""Draws how much better models are on what they were trained on."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.experts.language import draw_generalisation_gap
from study.plotting.save import save

params, inputs = snakemake.params, snakemake.input
tables = read_csv(inputs.benchmark_runs), read_csv(inputs.parameters)
save(draw_generalisation_gap(*tables, params.models, params.sizes[0]), snakemake.output)
