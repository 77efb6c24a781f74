"""Draws how well the scores of a few examples name the model of a run."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.fingerprint_accuracy import draw_fingerprint_accuracy
from study.plotting.save import save

params = snakemake.params
fingerprint = read_csv(snakemake.input.fingerprint)
save(draw_fingerprint_accuracy(fingerprint, params.models, params.dataset), snakemake.output)
