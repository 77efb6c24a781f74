"""Draws which examples tell models apart, and how many would by chance."""

import package  # noqa: F401

from study.files import read_csv, read_parquet
from study.plotting.save import save
from study.plotting.sensitivity_manhattan import draw_sensitivity_manhattan

params, tables = snakemake.params, snakemake.input
columns = ["model_a", "model_b", "example", "label", "minus_log10_p", "sensitive"]
tests = read_parquet(tables.tests, columns)
quantiles, pairs, overall, null = map(read_csv, (tables.qq, tables.pairs, tables.overall, tables.null))
drawing = draw_sensitivity_manhattan(tests, quantiles, pairs, overall, null, params.models, params.dataset)
save(drawing, snakemake.output)
