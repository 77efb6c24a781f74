"""Draws what language models know and work out, against parameters."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.experts.language import draw_pretraining_by_parameters
from study.plotting.save import save

params, inputs = snakemake.params, snakemake.input
tables = read_csv(inputs.benchmark_runs), read_csv(inputs.parameters)
save(draw_pretraining_by_parameters(*tables, params.models, params.sizes[0]), snakemake.output)
