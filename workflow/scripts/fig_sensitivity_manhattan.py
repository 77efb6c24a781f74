"""Draws which examples tell models apart, and how many would by chance."""

import package  # noqa: F401

from study.files import read_csv, read_parquet
from study.plotting.save import save
from study.plotting.sensitivity_manhattan import draw_sensitivity_manhattan

params = snakemake.params
columns = ["model_a", "model_b", "example", "label", "minus_log10_p", "sensitive"]
tests = read_parquet(snakemake.input.tests, columns)
quantiles, pairs = read_csv(snakemake.input.qq), read_csv(snakemake.input.pairs)
save(draw_sensitivity_manhattan(tests, quantiles, pairs, params.models, params.dataset), snakemake.output)
