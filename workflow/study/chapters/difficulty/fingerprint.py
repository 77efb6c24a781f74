"""Step `fingerprint`: which model made a run, told from a few examples."""

import numpy as np
import pandas as pd

from study import paths
from study.analysis.clumping import SUFFIX, clump_table, selectors_named
from study.analysis.fingerprint import headline, run_features
from study.analysis.fingerprint_leaks import leak_checks
from study.analysis.fingerprint_tables import accuracy_table, difference_table
from study.analysis.fingerprint_trials import fingerprint, possible_ks
from study.analysis.selector_overlap import overlap_table
from study.chapters.difficulty.reading import CHAPTER, example_frame, hard_by_model, test_accuracies
from study.config import StudySettings
from study.files import write_csv
from study.seeds import generator


def run(study: StudySettings, dataset: str) -> None:
    """Write accuracies, differences and overlaps over splits, tests for leaks, and the clumps of examples."""
    settings = study.difficulty.analysis.fingerprint
    scores, accuracies = hard_by_model(study, dataset, settings.score), test_accuracies(study, dataset)
    selectors = selectors_named(settings.selectors, settings.clump_r2)
    trials = fingerprint(
        scores,
        accuracies,
        rng=generator(study.seed, dataset, "fingerprint"),
        ks=settings.k,
        selectors=selectors,
        repeats=settings.repeats,
        curve_repeats=settings.curve_repeats,
        held_out_repeats=settings.held_out_repeats,
    )
    features, labels = run_features(scores)
    ks = possible_ks(settings.k, features.shape[1])
    leaks = leak_checks(
        scores,
        accuracies,
        rng=generator(study.seed, dataset, "leak tests"),
        k=headline(ks),
        selectors=selectors,
        repeats=settings.leak_repeats,
    )
    plain = [name for name in settings.selectors if not name.endswith(SUFFIX)]
    clumps = clump_table(
        features,
        labels,
        plain,
        max(ks),
        generator(study.seed, dataset, "clumps"),
        settings.clump_r2,
    )
    tables = {
        "fingerprint": accuracy_table(trials),
        "fingerprint_differences": difference_table(trials),
        "leak_tests": leaks,
        "selector_overlap": overlap_table(trials.chosen, features.shape[1], ks),
        "clumps": _named(clumps, example_frame(dataset, study.difficulty.models_on(dataset)[0])),
    }
    for name, table in tables.items():
        write_csv(paths.analysis(CHAPTER, dataset, f"{name}.csv"), table.assign(score=settings.score))


def _named(clumps: pd.DataFrame, examples: pd.DataFrame) -> pd.DataFrame:
    """With each example's id and label, and the id of its clump's lead."""
    ids, labels = examples["example_id"].to_numpy(), examples["label"].to_numpy()
    example, lead = (clumps[name].to_numpy(dtype=np.int64) for name in ("example", "lead"))
    return clumps.assign(example_id=ids[example], label=labels[example], lead_id=ids[lead])
