"""Draws how hard scores find examples of which it is known why they might be hard."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.influence.causes import draw_what_makes_hard
from study.plotting.save import save

params = snakemake.params
causes = read_csv(snakemake.input.causes)
save(draw_what_makes_hard(causes, params.models, params.scores, params.dataset), snakemake.output)
