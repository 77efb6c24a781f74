"""Draws how many attention layers are fooled, by width and bits."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.experts.theory import draw_fooling_pairs
from study.plotting.save import save

save(draw_fooling_pairs(read_csv(snakemake.input.fooling)), snakemake.output)
