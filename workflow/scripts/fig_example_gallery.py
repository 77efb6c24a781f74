"""Draws the hardest, easiest, most and least sensitive examples."""

from pathlib import Path

import package  # noqa: F401

from study.data import dataset
from study.files import read_csv
from study.plotting.example_gallery import draw_example_gallery
from study.plotting.inputs import read_scores
from study.plotting.save import save

params = snakemake.params
data = dataset.open(Path(snakemake.input.arrays).parent)
scores = read_scores(snakemake.input.scores, params.scores[:1])
sensitive = read_csv(snakemake.input.sensitive[0]) if snakemake.input.get("sensitive") else None
save(
    draw_example_gallery(data, scores, sensitive, params.models, params.scores, params.gallery),
    snakemake.output,
)
