"""Draws two scores of the pool against each other, given by one scorer and by the teacher."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.save import save
from study.plotting.selection.pools import read_pools
from study.plotting.selection.scores import draw_entropy_el2n
from study.selection.uncertainty import OF_ONE, OF_TEACHER

params, inputs = snakemake.params, snakemake.input
drawn = [f"{who}{score}" for who in (OF_ONE, OF_TEACHER) for score in params.scores]
pools = read_pools(inputs.pools, drawn)
save(draw_entropy_el2n(pools, read_csv(inputs.agreement), params.datasets, params.scores), snakemake.output)
