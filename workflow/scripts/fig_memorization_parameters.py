"""Draws the parameters of the mixture that memorises, against its experts."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.experts.theory import draw_memorization_parameters
from study.plotting.save import save

save(draw_memorization_parameters(read_csv(snakemake.input.memorization)), snakemake.output)
