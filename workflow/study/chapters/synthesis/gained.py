"""Step `gained`: which entries the mixture and the wider dense model recall beyond the small dense model."""

import pandas as pd

from study import paths
from study.analysis.gained import DIFFERENCE, Learned, gained, recall_by_difficulty
from study.chapters.synthesis.reading import CHAPTER, dataset_of, learned
from study.config import StudySettings
from study.files import write_csv
from study.seeds import generator


def run(study: StudySettings) -> None:
    """Write gained.csv, recall_by_difficulty.csv, and recall.csv, a row per run that is compared."""
    chapter, runs = study.synthesis, learned(study)
    models = {"dense": chapter.equal_active, "mixture": chapter.mixture, "wide": chapter.equal_total}
    found = gained(runs, generator(study.seed, dataset_of(study), "entries"))
    rows = [
        {"arm": arm, "model": models.get(arm, DIFFERENCE), **estimate._asdict()}
        for arm, estimate in found.items()
    ]
    table = pd.DataFrame(rows).assign(
        entries=runs.dense.shape[1], seeds_a=len(runs.difficulty), seeds_b=len(runs.dense)
    )
    by_difficulty = recall_by_difficulty(runs)
    by_difficulty.insert(1, "model", by_difficulty["arm"].map(models))
    write_csv(paths.table(CHAPTER, "gained"), table)
    write_csv(paths.table(CHAPTER, "recall_by_difficulty"), by_difficulty)
    write_csv(paths.table(CHAPTER, "recall"), _of_runs(runs, models, chapter.halves[1].start))


def _of_runs(runs: Learned, models: dict[str, str], first: int) -> pd.DataFrame:
    """`arm, model, seed, recall`; the seeds of half B begin with the `first`."""
    rows = [
        {"arm": arm, "model": model, "seed": seed, "recall": share}
        for arm, model in models.items()
        for seed, share in enumerate(getattr(runs, arm).mean(axis=1), start=first if arm == "dense" else 0)
    ]
    return pd.DataFrame(rows)
