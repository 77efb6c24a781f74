"""Step `width_wall`: all models of depth 1 on length-2 paths, and the width from which on they solve them."""

import pandas as pd

from study import paths
from study.analysis.walls import walls
from study.chapters.experts.reading import CHAPTER
from study.config import StudySettings
from study.files import read_csv, write_csv


def run(study: StudySettings) -> None:
    """Write width_wall.csv, a row per run, and walls.csv, a row per size of graph, experts and seed."""
    parts = [read_csv(paths.wall(*job)) for job in study.experts.width_wall.jobs()]
    runs = pd.concat(parts, ignore_index=True)
    write_csv(paths.table(CHAPTER, "width_wall"), runs)
    write_csv(paths.table(CHAPTER, "walls"), walls(runs))
