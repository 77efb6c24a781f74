"""Draws whether ways of choosing examples choose the same ones."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.save import save
from study.plotting.selector_overlap import draw_selector_overlap

save(draw_selector_overlap(read_csv(snakemake.input.table), snakemake.params.dataset), snakemake.output)
