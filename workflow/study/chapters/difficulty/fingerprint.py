"""Step `fingerprint`: which model made a run, told from a few examples."""

from study import paths
from study.analysis.fingerprint import fingerprint
from study.analysis.fingerprint_leaks import leak_checks
from study.analysis.fingerprint_tables import accuracy_table, difference_table
from study.chapters.difficulty.reading import CHAPTER, by_model, test_accuracies
from study.config import StudySettings
from study.files import write_csv
from study.seeds import generator


def run(study: StudySettings, dataset: str) -> None:
    """Write fingerprint.csv, fingerprint_differences.csv and leak_tests.csv."""
    settings = study.difficulty.analysis.fingerprint
    scores = by_model(study, dataset, settings.score)
    results = fingerprint(
        scores,
        test_accuracies(study, dataset),
        rng=generator(study.seed, dataset, "fingerprint"),
        ks=settings.k,
        repeats=settings.repeats,
    )
    tables = {
        "fingerprint": accuracy_table(results),
        "fingerprint_differences": difference_table(results),
        "leak_tests": leak_checks(scores, rng=generator(study.seed, dataset, "leak tests")),
    }
    for name, table in tables.items():
        write_csv(paths.analysis(CHAPTER, dataset, f"{name}.csv"), table.assign(score=settings.score))
