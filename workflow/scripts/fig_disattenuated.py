"""Draws what scores would correlate without the noise of runs."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.disattenuated import draw_disattenuated
from study.plotting.save import save

params = snakemake.params
correlation = read_csv(snakemake.input.correlation)
save(draw_disattenuated(correlation, params.models, params.scores, params.dataset), snakemake.output)
