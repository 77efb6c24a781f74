"""Draws how well the scores of a few entries tell the mixture from dense models."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.save import save
from study.plotting.synthesis.fingerprint import draw_fingerprint_of_experts

tables = snakemake.input
names = (tables.fingerprint, tables.differences, tables.leaks)
save(draw_fingerprint_of_experts(*map(read_csv, names), snakemake.params.mixture), snakemake.output)
