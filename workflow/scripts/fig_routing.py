"""Draws how evenly routers spread tokens."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.experts.routing import draw_routing
from study.plotting.save import save

save(draw_routing(read_csv(snakemake.input.routing), snakemake.params.models), snakemake.output)
