"""The chapter `synthesis`, tiny, from end to end."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from study import paths
from study.files import read_csv
from tests.workflow.tiny_chapters import check_figures, check_second_run, judged_claims

CONFIG = "config/examples/synthesis-tiny.yaml"


def test_a_second_run_does_nothing(warm, folder):
    check_second_run(warm, CONFIG, folder)


def test_every_figure_is_there_and_has_its_numbers(checkout, folder):
    check_figures(checkout, "synthesis", folder, "fingerprint", "gained")


def test_every_claim_of_the_chapter_is_judged(folder):
    mine = judged_claims(folder, "X1", "X2")
    assert mine.groupby("id").size().to_dict() == {"X1": 2, "X2": 1}


def test_gains_are_those_of_the_runs(folder):
    """Seeds 0 to 2 of the small dense model say what is hard, gains are counted from its seeds 3 to 5."""
    scores = {
        (model, seed): pd.read_parquet(
            folder / paths.run_folder("synthesis", "shared-book-30", model, seed) / "examples.parquet"
        )
        for model in ("tiny", "tiny-moe", "tiny-total")
        for seed in range(6)
    }
    hard = np.mean([-scores["tiny", seed]["confidence_mean"] for seed in range(3)], axis=0)
    recall = {key: table["accuracy_last"].to_numpy() for key, table in scores.items()}
    held = np.mean([recall["tiny", seed] for seed in range(3, 6)], axis=0)
    table = read_csv(folder / paths.table("synthesis", "gained")).set_index("arm")["estimate"]
    for arm, model in {"mixture": "tiny-moe", "wide": "tiny-total"}.items():
        more = np.mean([recall[model, seed] for seed in range(6)], axis=0) - held
        expected = spearmanr(hard, more).statistic if np.ptp(more) else np.nan
        assert table[arm] == pytest.approx(expected, rel=1e-4, nan_ok=True)
    for row in read_csv(folder / paths.table("synthesis", "recall")).itertuples():
        assert row.recall == pytest.approx(recall[row.model, row.seed].mean(), rel=1e-4)
