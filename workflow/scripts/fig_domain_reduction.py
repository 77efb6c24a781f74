"""Draws errors of understanding after pruning, against those without, and by domain."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.influence.domain_reduction import draw_domain_reduction
from study.plotting.save import save

params, tables = snakemake.params, snakemake.input
drawing = draw_domain_reduction(
    read_csv(tables.nlu), read_csv(tables.nlu_by_domain), params.model, params.dataset
)
save(drawing, snakemake.output)
