"""Draws what averaging over runs buys, and how many runs each score needs."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.runs_needed import draw_runs_needed
from study.plotting.save import save

params, tables = snakemake.params, snakemake.input
averaging, exponents, needed = map(read_csv, (tables.averaging, tables.exponents, tables.runs_needed))
drawing = draw_runs_needed(averaging, exponents, needed, params.models, params.scores, params.dataset)
save(drawing, snakemake.output)
