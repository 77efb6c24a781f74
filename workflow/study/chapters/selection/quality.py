"""Step `quality`: how right the weak labels are of what each strategy takes, and of which domains it is."""

import pandas as pd

from study import paths
from study.chapters.selection.reading import CHAPTER, mean_rows, pools
from study.config import StudySettings
from study.files import read_parquet, write_csv
from study.selection.arms import TRUTH

_ARM = ["strategy", "size"]


def run(study: StudySettings, dataset: str) -> None:
    """Write quality.csv: `strategy, size, metric, domain, estimate, low, high, n, detectable`, over repeats.

    Metrics: `right_domain, right_intent, right_slots, right_all` (shares of weak labels), `frequency` (mean),
    and `share` of each domain, by true labels, in what is taken.
    """
    parts = []
    for repeat, pool in enumerate(pools(study, dataset)):
        chosen = read_parquet(paths.added(dataset, repeat, paths.CHOSEN))
        chosen = chosen[chosen["strategy"] != TRUTH]  # random ones, whose weak labels nobody learns
        chosen = chosen.merge(pool, on="example_id", how="left", validate="many_to_one")
        measured = [name for name in pool if name.startswith("right_")]
        means = chosen.groupby(_ARM, sort=False, dropna=False)[[*measured, "frequency"]].mean()
        mix = pd.get_dummies(chosen["domain"]).groupby([chosen[key] for key in _ARM], dropna=False).mean()
        parts.append((means.reset_index(), mix.reset_index()))
    means = pd.concat([part[0] for part in parts], ignore_index=True)
    mix = pd.concat([part[1] for part in parts], ignore_index=True).fillna(
        {name: 0.0 for part in parts for name in part[1].columns.drop(_ARM)}
    )
    of_domains = mean_rows(mix, _ARM, list(mix.columns.drop(_ARM))).rename(columns={"metric": "domain"})
    tables = [
        mean_rows(means, _ARM, list(means.columns.drop(_ARM))).assign(domain=""),
        of_domains.assign(metric="share"),
    ]
    table = pd.concat(tables, ignore_index=True)
    first = [*_ARM, "metric", "domain"]
    write_csv(
        paths.analysis(CHAPTER, dataset, "quality.csv"),
        table[[*first, *table.columns.difference(first, sort=False)]],
    )
