"""Step `routing`: how evenly routers spread tokens, and what each run was tuned to."""

import numpy as np
import pandas as pd

from study import paths
from study.chapters.experts.reading import CHAPTER, runs_of
from study.config import StudySettings
from study.files import read_json, write_csv
from study.models.routing import collapsed


def run(study: StudySettings) -> None:
    """Write routing.csv, a row per run and layer of every mixture."""
    rows = []
    for name, task in study.experts.tasks.items():
        for dataset, model, seed in runs_of(study, task):
            settings = study.models[model]
            # Of a dense model it names no layer: it has no routers.
            metrics = read_json(f"{paths.run_folder(CHAPTER, dataset, model, seed)}/metrics.json")
            for layer, (counts, entropy) in enumerate(zip(metrics["loads"], metrics["balance"], strict=True)):
                counts = np.array(counts)
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
                        "largest_load": counts.max() / counts.sum(),
                        "fair_load": 1 / settings.experts,
                        "idle_experts": int((counts == 0).sum()),
                        "dropped_tokens": metrics["dropped_tokens"],
                        "collapsed": collapsed(counts, settings.top_k),
                    }
                )
    columns = [
        *("task", "dataset", "model", "seed", "layer", "experts", "router", "balance"),
        *("largest_load", "fair_load", "idle_experts", "dropped_tokens", "collapsed"),
    ]
    write_csv(paths.table(CHAPTER, "routing"), pd.DataFrame(rows, columns=columns))
