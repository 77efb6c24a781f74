"""Draws how well the scores of a few examples name the model of a run."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.fingerprint_accuracy import draw_fingerprint_accuracy
from study.plotting.save import save

params, tables = snakemake.params, snakemake.input
fingerprint, differences, leaks = map(read_csv, (tables.fingerprint, tables.differences, tables.leaks))
drawing = draw_fingerprint_accuracy(fingerprint, differences, leaks, params.models, params.dataset)
save(drawing, snakemake.output)
