"""Step `shortest_path`: how often answers are paths, and shortest ones, by distance and kind of graph."""

import pandas as pd

from study import paths
from study.analysis.intervals import paired_interval
from study.chapters.experts.reading import CHAPTER, answers_of
from study.config import StudySettings
from study.files import write_csv

MEASURES = ("optimal", "valid", "exact", "length_right")
ALL = 0  # hops of the rows over all distances


def run(study: StudySettings) -> None:
    """Write shortest_path.csv, a row per model, kind of graph, distance and measure, and that of each run."""
    answers = answers_of(study, study.experts.shortest_path)
    answers = answers[answers["split"] == "test"]
    runs = by_run(answers, ["kind"], MEASURES)
    write_csv(paths.table(CHAPTER, "shortest_path_runs"), runs)
    write_csv(paths.table(CHAPTER, "shortest_path"), over_seeds(runs, ["kind"]))


def by_run(answers: pd.DataFrame, kinds: list[str], measures: tuple[str, ...]) -> pd.DataFrame:
    """Shares of each run: `model, seed, <kinds>, hops (0: all), measure, share, questions`."""
    whole = answers.assign(hops=ALL)
    both = pd.concat([whole, answers], ignore_index=True)
    keys = ["model", *kinds, "hops", "seed"]
    shares = both.groupby(keys, sort=False)[list(measures)].mean().stack().rename("share")
    table = shares.rename_axis([*keys, "measure"]).reset_index()
    counts = both.groupby(keys, sort=False).size().rename("questions").reset_index()
    return table.merge(counts, on=keys)


def over_seeds(runs: pd.DataFrame, kinds: list[str]) -> pd.DataFrame:
    """The mean over seeds with its t-interval, of each model, kind, distance and measure."""
    keys = ["model", *kinds, "hops", "measure"]
    rows = []
    for values, part in runs.groupby(keys, sort=False):
        found = paired_interval(part["share"].to_numpy())
        rows.append(
            dict(zip(keys, values, strict=True))
            | {"questions": int(part["questions"].iloc[0])}
            | {name: getattr(found, name) for name in ("estimate", "low", "high", "n", "detectable")}
        )
    return pd.DataFrame(rows)
