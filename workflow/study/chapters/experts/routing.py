"""Step `routing`: how evenly routers spread tokens, and what each run was tuned to."""

import pandas as pd

from study import paths
from study.chapters.experts.reading import CHAPTER, runs_of
from study.config import StudySettings
from study.files import read_json, write_csv

_COLLAPSED = 0.05  # of the largest entropy: nearly all tokens go to as many experts as work for one


def run(study: StudySettings) -> None:
    """Write routing.csv, a row per run and layer of every mixture."""
    rows = []
    for name, task in study.experts.tasks.items():
        for dataset, model, seed in runs_of(study, task):
            settings = study.models[model]
            # Of a dense model it names no layer: it has no routers.
            metrics = read_json(f"{paths.run_folder(CHAPTER, dataset, model, seed)}/metrics.json")
            layers = zip(metrics["balance"], metrics["idle_experts"], strict=True)
            for layer, (entropy, idle) in enumerate(layers):
                rows.append(
                    {
                        "task": name,
                        "dataset": dataset,
                        "model": model,
                        "seed": seed,
                        "layer": layer,
                        "experts": settings.experts,
                        "router": settings.router,
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
