"""Draws what models that hold more recall of entries that were hard for a smaller one."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.save import save
from study.plotting.synthesis.gained import draw_newly_remembered

tables = snakemake.input
names = (tables.recall, tables.gained, tables.runs)
save(draw_newly_remembered(*map(read_csv, names), snakemake.params.models), snakemake.output)
