"""Draws how far single runs misplace examples, for each score and model."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.rank_error import draw_rank_error
from study.plotting.save import save

params = snakemake.params
runs, consistency = read_csv(snakemake.input.runs), read_csv(snakemake.input.consistency)
save(draw_rank_error(runs, consistency, params.models, params.scores, params.dataset), snakemake.output)
