"""Draws by which scores models are told apart: from a few examples, from all, from the mean."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.fingerprint_by_score import draw_fingerprint_by_score
from study.plotting.save import save

save(draw_fingerprint_by_score(read_csv(snakemake.input.table), snakemake.params.dataset), snakemake.output)
