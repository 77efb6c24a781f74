"""Draws how rankings at single epochs agree with each other and with training means."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.epoch_correlation import draw_epoch_correlation
from study.plotting.save import save

params = snakemake.params
correlation, curves = read_csv(snakemake.input.correlation), read_csv(snakemake.input.curves)
save(draw_epoch_correlation(correlation, curves, params.models, params.dataset), snakemake.output)
