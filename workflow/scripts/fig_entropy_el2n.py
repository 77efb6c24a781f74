"""Draws two scores of the pool against each other, given by scorers and by the teacher."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.save import save
from study.plotting.selection.pools import read_pools
from study.plotting.selection.scores import draw_entropy_el2n
from study.selection.uncertainty import OF_TEACHER

params, inputs = snakemake.params, snakemake.input
pools = read_pools(inputs.pools, [*params.scores, *(f"{OF_TEACHER}{score}" for score in params.scores)])
save(draw_entropy_el2n(pools, read_csv(inputs.agreement), params.datasets, params.scores), snakemake.output)
