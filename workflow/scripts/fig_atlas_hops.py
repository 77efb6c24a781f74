"""Draws how often walks over memorised facts are right, by their number of hops."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.experts.hops import draw_atlas_hops
from study.plotting.save import save

save(draw_atlas_hops(read_csv(snakemake.input.table), snakemake.params.models), snakemake.output)
