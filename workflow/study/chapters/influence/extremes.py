"""Step `extremes`: the texts that each score finds hardest and easiest."""

import pandas as pd

from study import paths
from study.chapters.influence.reading import CHAPTER, all_scores, write_of_models
from study.chapters.runs import example_frame
from study.config import StudySettings
from study.data.dataset import open as open_dataset
from study.data.text.packed import unpack
from study.scores.registry import orient

_SHOWN = 10


def run(study: StudySettings, dataset: str) -> None:
    """Write extremes.csv of a data set: by each encoder's scores the ten hardest and easiest examples."""
    write_of_models(study, dataset, _tables)


def _tables(study: StudySettings, dataset: str, model: str) -> dict[str, pd.DataFrame]:
    data = open_dataset(paths.data_folder(dataset))
    texts, train = unpack(data.train.inputs), data.train
    ids = example_frame(CHAPTER, dataset, model)["example_id"].to_numpy()
    if not (ids == train.ids).all():
        raise AssertionError(f"{dataset}: runs hold other examples than the data set")
    rows = []
    for score, values in all_scores(study, dataset, model).items():
        if score not in study.influence.analysis.scores:
            continue
        mean = values.mean(axis=0)
        order = orient(score, mean).argsort(kind="stable")
        for end, places in (("hardest", order[::-1][:_SHOWN]), ("easiest", order[:_SHOWN])):
            for place, row in enumerate(places, start=1):
                rows.append(
                    {
                        "score": score,
                        "end": end,
                        "place": place,
                        "example_id": ids[row],
                        "value": mean[row],
                        "label": data.classes[train.labels[row]],
                        "true_label": data.classes[train.true_labels[row]],
                        "text": texts[row][0],
                        "second_text": texts[row][1] if len(texts[row]) > 1 else "",
                    }
                )
    return {"extremes": pd.DataFrame(rows)}
