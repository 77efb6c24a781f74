"""Step `extremes`: the utterances of the pool that each score finds most and least worth adding."""

import pandas as pd

from study import paths
from study.chapters.selection.reading import CHAPTER, kept, pools
from study.config import StudySettings
from study.files import write_csv
from study.selection.uncertainty import turned

_SHOWN = 10
_TOLD = ["domain", "weak_domain", "intent", "weak_intent", "slots", "weak_slots", "confidence", "frequency"]


def run(study: StudySettings, dataset: str) -> None:
    """Write extremes.csv: of the first repeat's pool, the ten most and least worth adding by each score."""
    rows = kept(next(pools(study, dataset)))
    parts = []
    for score in study.selection.scores:
        order = (-turned(score) * rows[score]).argsort(kind="stable").to_numpy()
        for end, places in (("most", order[:_SHOWN]), ("least", order[::-1][:_SHOWN])):
            some = rows.iloc[places]
            about = {"score": score, "end": end, "place": range(1, len(some) + 1), "value": some[score]}
            told = some[["example_id", "text", *(name for name in _TOLD if name in some)]]
            parts.append(pd.DataFrame(about).join(told))
    write_csv(paths.analysis(CHAPTER, dataset, "extremes.csv"), pd.concat(parts, ignore_index=True))
