"""Draws the variants of forgetting: what they can order, and how far they agree."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.forgetting_variants import draw_forgetting_variants
from study.plotting.save import save

params, tables = snakemake.params, snakemake.input
read = map(read_csv, (tables.shares, tables.distribution, tables.consistency, tables.correlation))
save(draw_forgetting_variants(*read, params.models, params.dataset), snakemake.output)
