"""Draws how well the scores of a few examples name the model of a run."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.fingerprint_accuracy import draw_fingerprint_accuracy
from study.plotting.save import save

tables = snakemake.input
names = (tables.fingerprint, tables.differences, tables.leaks, tables.clumps)
save(draw_fingerprint_accuracy(*map(read_csv, names), snakemake.params.dataset), snakemake.output)
