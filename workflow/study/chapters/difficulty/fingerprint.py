"""Step `fingerprint`: which model made a run, told from a few examples."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from study import paths
from study.analysis.clumping import SUFFIX, clump_table, selectors_named
from study.analysis.fingerprint import headline, run_features
from study.analysis.fingerprint_leaks import leak_checks
from study.analysis.fingerprint_tables import BETTER_OF, accuracy_table, difference_table
from study.analysis.fingerprint_trials import fingerprint, possible_ks
from study.analysis.selector_overlap import overlap_table
from study.chapters.difficulty.reading import CHAPTER, example_frame, hard_by_model, test_accuracies
from study.config import StudySettings
from study.config.fingerprint import FingerprintSettings
from study.files import write_csv
from study.seeds import generator


def run(study: StudySettings, dataset: str) -> None:
    """Write accuracies, differences and overlaps over splits, tests for leaks, and the clumps of examples."""
    settings = study.difficulty.analysis.fingerprint
    tables = fingerprint_tables(
        hard_by_model(study, dataset, settings.score),
        test_accuracies(study, dataset),
        example_frame(dataset, study.difficulty.models_on(dataset)[0]),
        settings,
        lambda purpose: generator(study.seed, dataset, purpose),
        held_out_repeats=settings.held_out_repeats,
    )
    for name, table in tables.items():
        write_csv(paths.analysis(CHAPTER, dataset, f"{name}.csv"), table)


def fingerprint_tables(
    scores: Mapping[str, np.ndarray],
    accuracies: Mapping[str, np.ndarray],
    examples: pd.DataFrame,
    settings: FingerprintSettings,
    stream: Callable[[str], np.random.Generator],
    held_out_repeats: int = 0,
    better_of: Mapping[str, tuple[str, str]] = BETTER_OF,
) -> dict[str, pd.DataFrame]:
    """All tables on the fingerprint of some models, by file name, each with the column `score`.

    Args:
        scores: the score of each model, (R, N), high = hard.
        accuracies: the accuracy that is a baseline of each model's runs, (R,).
        examples: `example_id, label` of the N examples.
        settings: how examples are chosen, and how often.
        stream: the generator for a purpose.
        held_out_repeats, better_of: as for `fingerprint` and `difference_table`.
    """
    selectors = selectors_named(settings.selectors, settings.clump_r2)
    trials = fingerprint(
        scores,
        accuracies,
        rng=stream("fingerprint"),
        ks=settings.k,
        selectors=selectors,
        repeats=settings.repeats,
        curve_repeats=settings.curve_repeats,
        held_out_repeats=held_out_repeats,
    )
    features, labels = run_features(scores)
    ks = possible_ks(settings.k, features.shape[1])
    leaks = leak_checks(
        scores,
        accuracies,
        rng=stream("leak tests"),
        k=headline(ks),
        selectors=selectors,
        repeats=settings.leak_repeats,
    )
    plain = [name for name in settings.selectors if not name.endswith(SUFFIX)]
    clumps = clump_table(features, labels, plain, max(ks), stream("clumps"), settings.clump_r2)
    tables = {
        "fingerprint": accuracy_table(trials),
        "fingerprint_differences": difference_table(trials, better_of),
        "leak_tests": leaks,
        "selector_overlap": overlap_table(trials.chosen, features.shape[1], ks),
        "clumps": _named(clumps, examples),
    }
    return {name: table.assign(score=settings.score) for name, table in tables.items()}


def _named(clumps: pd.DataFrame, examples: pd.DataFrame) -> pd.DataFrame:
    """With each example's id and label, and the id of its clump's lead."""
    ids, labels = examples["example_id"].to_numpy(), examples["label"].to_numpy()
    example, lead = (clumps[name].to_numpy(dtype=np.int64) for name in ("example", "lead"))
    return clumps.assign(example_id=ids[example], label=labels[example], lead_id=ids[lead])
