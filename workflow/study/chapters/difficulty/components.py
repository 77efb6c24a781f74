"""Step `components`: what run-averaged scores have in common."""

from study import paths
from study.analysis.components import loading_table, variance_table
from study.chapters.difficulty.reading import CHAPTER, each_model, with_model
from study.config import StudySettings
from study.files import write_csv
from study.scores.registry import SCORES
from study.seeds import generator


def run(study: StudySettings, dataset: str) -> None:
    """Write components.csv and loadings.csv."""
    permutations = study.difficulty.analysis.permutations
    signs = {column: 1 if score.hard == "high" else -1 for column, score in SCORES.items()}
    variances, loadings = {}, {}
    for model, scores in each_model(study, dataset):
        stream = generator(study.seed, dataset, model, "components")
        variances[model] = variance_table(scores, signs, stream, permutations)
        loadings[model] = loading_table(scores, signs)
    write_csv(paths.analysis(CHAPTER, dataset, "components.csv"), with_model(variances))
    write_csv(paths.analysis(CHAPTER, dataset, "loadings.csv"), with_model(loadings))
