"""Draws whether encoders are pruned alike, and find the same examples hard."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.influence.encoder_size import draw_encoder_size
from study.plotting.influence.rankings import read_rankings
from study.plotting.save import save

params, inputs = snakemake.params, snakemake.input
drawing = draw_encoder_size(
    read_csv(inputs.pruning),
    read_rankings(inputs.rankings, params.scores),
    read_csv(inputs.encoders),
    params.models,
    params.scores,
    params.dataset,
)
save(drawing, snakemake.output)
