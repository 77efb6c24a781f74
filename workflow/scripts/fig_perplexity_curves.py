"""Draws perplexity against tokens read."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.experts.language import draw_perplexity_curves
from study.plotting.save import save

language = read_csv(snakemake.input.language)
save(draw_perplexity_curves(language, snakemake.params.models), snakemake.output)
