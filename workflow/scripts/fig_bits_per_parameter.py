"""Draws the bits that models recall of each parameter."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.experts.recall_curves import draw_bits_per_parameter
from study.plotting.save import save

save(draw_bits_per_parameter(read_csv(snakemake.input.runs), snakemake.params.models), snakemake.output)
