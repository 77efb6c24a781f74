"""Draws how right the weak labels are that each strategy takes, and of which domains they are."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.save import save
from study.plotting.selection.quality import draw_selected_quality

params = snakemake.params
drawing = draw_selected_quality(
    read_csv(snakemake.input.quality), params.datasets, params.strategies, params.size
)
save(drawing, snakemake.output)
