"""The chapter `influence`, tiny, from end to end; and a table of one's own, as docs/own-data.md says it."""

import shutil

import numpy as np
import pandas as pd
import pytest

from study import paths
from study.files import read_csv, read_json
from tests.workflow.tiny_chapters import check_figures, check_second_run, judged_claims

CONFIG = "config/examples/influence-tiny.yaml"
OWN = "config/examples/own-text.yaml"


def test_a_second_run_does_nothing(warm, folder):
    check_second_run(warm, CONFIG, folder)


def test_every_figure_is_there_and_has_its_numbers(checkout, folder):
    check_figures(checkout, "influence", folder, "pruning", "nlu")


def test_short_runs_that_wait_for_nothing_share_a_job(folder):
    """Each family has its files (every run's are asked for), and there is one log."""
    logs = {path.name for path in (folder / "logs/influence/nli/tiny").glob("*=*.log")}
    assert logs == {"seeds=0-2.log", "for_scores=0.log", "pruned-clean=0.log"}


def test_every_claim_of_the_chapter_is_judged(folder):
    judged_claims(folder, "I1", "I2", "I3", "I4", "I5")


def test_differences_are_those_of_the_runs(folder):
    told = read_csv(folder / paths.table("influence", "pruning"))
    row = told[
        (told["dataset"] == "nli-noisy")
        & (told["ranking"] == "pvi")
        & (told["fraction"] == 0.1)
        & (told["against"] == "random")
    ]
    reached = {
        arm: [
            read_json(
                folder
                / paths.run_folder("influence", "nli-noisy", "tiny", seed, f"noisy-{arm}-10")
                / "metrics.json"
            )["test_accuracy"]
            for seed in range(3)
        ]
        for arm in ("pvi-hard", "random")
    }
    difference = np.subtract(reached["pvi-hard"], reached["random"]).mean()
    assert len(row) == 1 and row["estimate"].iloc[0] == pytest.approx(difference)


def test_a_table_of_ones_own(warm):
    """The commands of docs/own-data.md; what they lead to is asked for by name, to leave figures out."""
    where = warm.root / "studies/own-text"
    where.mkdir(parents=True)
    rng = np.random.default_rng(0)
    words = {"order": ("parcel", "delivery"), "bill": ("invoice", "refund"), "other": ("hours", "address")}
    labels = [name for name in words for _ in range(24)]
    texts = [f"please tell me about the {rng.choice(words[name])} of {rng.integers(99)}" for name in labels]
    pd.DataFrame({"text": texts, "label": labels}).to_csv(where / "mine.csv", index=False)
    results = "results/influence"
    wanted = f"{results}/mine/bert/ranked.csv"
    ran = warm.snakemake("--", wanted, config=(OWN,), folder=where)
    assert ran.code == 0, ran.text
    ranked = pd.read_csv(where / wanted)
    assert sorted(ranked["text"]) == sorted(set(texts)) or set(ranked["text"]) <= set(texts)
    assert set(ranked["label"]) == set(words) and ranked["hardness"].is_monotonic_decreasing
    assert {"el2n_early", "vog_embedding", "pvi"} <= set(ranked.columns)
    asked = f"{results}/figures/mine/pruning_curves.png"
    assert (
        "influence_train_pruned-mine_0" in warm.snakemake("-n", "--", asked, config=(OWN,), folder=where).text
    )
    shutil.rmtree(where)
