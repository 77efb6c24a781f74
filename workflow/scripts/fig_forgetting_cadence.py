"""Draws forgetting counted at many evaluations of an epoch, and at a few of them."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.influence.forgetting import COLUMNS, draw_forgetting_cadence
from study.plotting.influence.rankings import read_rankings
from study.plotting.save import save

params = snakemake.params
tables = read_rankings(snakemake.input.rankings, COLUMNS), read_csv(snakemake.input.consistency)
save(draw_forgetting_cadence(*tables, params.cadence, params.models, params.dataset), snakemake.output)
