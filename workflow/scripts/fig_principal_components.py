"""Draws what scores have in common: principal components beside chance, and loadings."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.principal_components import draw_principal_components
from study.plotting.save import save

params = snakemake.params
components, loadings = read_csv(snakemake.input.components), read_csv(snakemake.input.loadings)
drawing = draw_principal_components(components, loadings, params.models, params.scores, params.dataset)
save(drawing, snakemake.output)
