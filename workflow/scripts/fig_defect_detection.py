"""Draws how well scores find flipped labels, by the number of runs averaged."""

import package  # noqa: F401

from study.files import read_csv
from study.plotting.defect_detection import draw_defect_detection
from study.plotting.save import save

params = snakemake.params
defects = read_csv(snakemake.input.defects)
save(draw_defect_detection(defects, params.models, params.scores, params.dataset), snakemake.output)
