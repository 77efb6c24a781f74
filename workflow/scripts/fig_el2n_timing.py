"""Draws EL2N at an early epoch against EL2N after the last, and how well runs agree on either."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.influence.el2n import COLUMNS, draw_el2n_timing
from study.plotting.influence.rankings import read_rankings
from study.plotting.save import save

params = snakemake.params
tables = read_rankings(snakemake.input.rankings, COLUMNS), read_csv(snakemake.input.consistency)
save(draw_el2n_timing(*tables, params.models, params.dataset), snakemake.output)
