"""Draws accuracy against the operations spent on training."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.experts.compute import draw_iso_flop
from study.plotting.save import save

inputs = snakemake.input
save(
    draw_iso_flop(read_csv(inputs.compute), read_csv(inputs.iso_flop), snakemake.params.models),
    snakemake.output,
)
