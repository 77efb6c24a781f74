"""Draws accuracy against perplexity."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.experts.language import draw_accuracy_at_equal_perplexity
from study.plotting.save import save

inputs = snakemake.input
tables = read_csv(inputs.language), read_csv(inputs.equal_perplexity)
save(draw_accuracy_at_equal_perplexity(*tables, snakemake.params.models), snakemake.output)
