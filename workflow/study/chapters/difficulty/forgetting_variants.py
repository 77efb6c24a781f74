"""Step `forgetting_variants`: what the variants of forgetting can tell apart."""

from study.analysis.forgetting_variants import VARIANTS, variant_tables
from study.chapters.difficulty.reading import CHAPTER, matrices, write_tables
from study.config import StudySettings


def run(study: StudySettings, dataset: str, model: str) -> None:
    """Write forgetting_variants.csv and forgetting_distribution.csv of one model."""
    epochs = study.run(CHAPTER, dataset, model, 0).training.epochs
    shares, distribution = variant_tables(matrices(study, dataset, model, VARIANTS), epochs)
    write_tables({"forgetting_variants": shares, "forgetting_distribution": distribution}, dataset, model)
