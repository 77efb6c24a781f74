"""Step `agreement`: whether the two scores say the same, and whether they find wrong weak labels."""

import pandas as pd
from scipy.stats import spearmanr

from study import paths
from study.analysis.detection import auroc
from study.chapters.selection.reading import CHAPTER, kept, mean_rows, pools
from study.config import StudySettings
from study.files import write_csv
from study.selection.uncertainty import OF_ONE, OF_TEACHER, turned


def run(study: StudySettings, dataset: str) -> None:
    """Write score_agreement.csv: `metric, score, estimate, low, high, n, detectable`, over repeats.

    Spearman's correlation of the two scores in the pool: `spearman_teacher`, `spearman_scorer` (of one
    scorer, a single model as the teacher is), their `spearman_difference` (teacher minus scorer), and
    `spearman_scorers` (of means over all scorers, which hold less noise and so correlate more). `auroc` says
    how well a score finds wrong weak labels in the pool. Scores of which a low value counts are turned round.
    """
    one, other = study.selection.scores
    agreed, found = [], []
    for pool in pools(study, dataset):
        rows = kept(pool)
        same = turned(one) * turned(other)
        rank = {
            who: same * float(spearmanr(rows[f"{prefix}{one}"], rows[f"{prefix}{other}"]).statistic)
            for who, prefix in (("scorer", OF_ONE), ("scorers", ""), ("teacher", OF_TEACHER))
        }
        agreed.append(rank | {"difference": rank["teacher"] - rank["scorer"]})
        for score in (one, other):
            wrong = ~rows["right_all"].to_numpy(dtype=bool)
            found.append({"score": score, "auroc": auroc(turned(score) * rows[score].to_numpy(), wrong)})
    agreement = pd.DataFrame(agreed).add_prefix("spearman_").assign(score="")
    tables = [
        mean_rows(agreement, ["score"], list(agreement.columns.drop("score"))),
        mean_rows(pd.DataFrame(found), ["score"], ["auroc"]),
    ]
    write_csv(paths.analysis(CHAPTER, dataset, "score_agreement.csv"), pd.concat(tables, ignore_index=True))
