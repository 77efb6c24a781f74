"""Draws where the scores of right and of wrong weak labels lie."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.save import save
from study.plotting.selection.densities import draw_score_densities
from study.plotting.selection.pools import read_pools

params, inputs = snakemake.params, snakemake.input
pools, agreement = read_pools(inputs.pools, params.scores), read_csv(inputs.agreement)
save(draw_score_densities(pools, agreement, params.datasets, params.scores), snakemake.output)
