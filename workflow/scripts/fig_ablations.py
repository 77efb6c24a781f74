"""Draws what each part of a mixture is worth."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.experts.ablations import draw_ablations
from study.plotting.save import save

params = snakemake.params
save(draw_ablations(read_csv(snakemake.input.ablations), params.base, params.models), snakemake.output)
