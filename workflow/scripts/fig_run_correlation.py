"""Draws how well single runs agree, for each score and model."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.run_correlation import draw_run_correlation
from study.plotting.save import save

params = snakemake.params
runs, consistency = read_csv(snakemake.input.runs), read_csv(snakemake.input.consistency)
save(draw_run_correlation(runs, consistency, params.models, params.scores, params.dataset), snakemake.output)
