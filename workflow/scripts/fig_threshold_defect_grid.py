"""Draws gains of strategies at other thresholds and with other detectors of defects."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.save import save
from study.plotting.selection.settings import draw_threshold_defect_grid

params, tables = snakemake.params, snakemake.input
drawing = draw_threshold_defect_grid(
    read_csv(tables.grid), read_csv(tables.grid_pools), params.own, params.size, params.dataset
)
save(drawing, snakemake.output)
