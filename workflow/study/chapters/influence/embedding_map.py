"""Step `embedding_map`: where an encoder puts texts, before and after the hardest are pruned."""

from pathlib import Path

from study import paths
from study.analysis.hard_sets import hardest
from study.chapters.influence.reading import CHAPTER
from study.config import StudySettings
from study.data.dataset import open as open_dataset
from study.files import read_parquet, write_parquet
from study.scores.registry import orient
from study.training.device import prepare_device
from study.training.text_map import embedding_maps
from study.training.text_runs import settled

SHARE = 0.05  # of the training examples that are the hardest


def run(study: StudySettings, dataset: str, model: str) -> None:
    """Write embedding_map.parquet of one encoder; the hardest are those of the first score that is shown."""
    root, score = Path("."), study.influence.analysis.scores[0]
    settings = settled(study.run(CHAPTER, dataset, model, 0), study, root)
    device = prepare_device(settings.device, settings.threads)
    values = read_parquet(paths.rankings(CHAPTER, dataset, model), [score])[score].to_numpy(dtype=float)
    data = open_dataset(paths.data_folder(dataset))
    maps = embedding_maps(settings, data, hardest(orient(score, values), SHARE), device, root)
    write_parquet(paths.model_analysis(CHAPTER, dataset, model, "embedding_map.parquet"), maps)
