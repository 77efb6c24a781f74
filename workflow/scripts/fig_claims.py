"""Draws what the study says of every claim."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.claims import draw_claims
from study.plotting.save import save

save(draw_claims(read_csv(snakemake.input.claims)), snakemake.output)
