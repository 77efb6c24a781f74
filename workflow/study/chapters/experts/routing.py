"""Step `routing`: how evenly routers spread tokens, and what each run was tuned to."""

import pandas as pd

from study import paths
from study.chapters.experts.reading import CHAPTER, metrics_of
from study.config import StudySettings
from study.files import read_json, write_csv

_COLLAPSED = 0.05  # of the largest entropy: nearly all tokens go to as many experts as work for one


def run(study: StudySettings) -> None:
    """Write routing.csv, a row per run and layer of every mixture."""
    rows = []
    for name, task in study.experts.tasks.items():
        runs = metrics_of(study, task)
        for run_ in runs[runs["experts"] > 1].itertuples():
            folder = paths.run_folder(CHAPTER, run_.dataset, run_.model, run_.seed)
            metrics = read_json(f"{folder}/metrics.json")
            layers = zip(metrics["balance"], metrics["idle_experts"], strict=True)
            for layer, (entropy, idle) in enumerate(layers):
                rows.append(
                    {
                        "task": name,
                        "dataset": run_.dataset,
                        "model": run_.model,
                        "seed": run_.seed,
                        "layer": layer,
                        "experts": run_.experts,
                        "router": run_.router,
                        "balance": entropy,
                        "idle_experts": idle,
                        "dropped_tokens": metrics["dropped_tokens"],
                        "collapsed": entropy < _COLLAPSED,
                    }
                )
    columns = [
        *("task", "dataset", "model", "seed", "layer", "experts", "router", "balance", "idle_experts"),
        *("dropped_tokens", "collapsed"),
    ]
    write_csv(paths.table(CHAPTER, "routing"), pd.DataFrame(rows, columns=columns))
