"""Draws recall against the size of the book."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.experts.recall_curves import draw_recall_curves
from study.plotting.save import save

save(draw_recall_curves(read_csv(snakemake.input.runs), snakemake.params.models), snakemake.output)
