"""Draws the widths that the theorems rule out, and that suffice."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.experts.theory import draw_bounds
from study.plotting.save import save

save(draw_bounds(read_csv(snakemake.input.bounds)), snakemake.output)
