"""Draws how wide a model of depth 1 must be to learn length-2 paths."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.experts.walls import draw_width_wall
from study.plotting.save import save

save(draw_width_wall(read_csv(snakemake.input.width_wall)), snakemake.output)
