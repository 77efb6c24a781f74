"""The chapter `experts`, tiny, from end to end."""

import numpy as np
import pandas as pd
import pytest

from study import paths
from study.files import read_csv
from tests.workflow.tiny_chapters import check_figures, check_second_run, judged_claims

CONFIG = "config/examples/experts-tiny.yaml"


def test_a_second_run_does_nothing(warm, folder):
    check_second_run(warm, CONFIG, folder)


def test_every_figure_is_there_and_has_its_numbers(checkout, folder):
    check_figures(checkout, "experts", folder, "capacity", "shortest_path")


def test_every_claim_of_the_chapter_is_judged(folder):
    mine = judged_claims(folder, "E1", "E2", "E3", "E3b", "E4", "E5")
    theory = mine[mine["id"] == "E3"].iloc[0]
    assert theory["verdict"] == "verified" and "of 4,170 graphs" in theory["note"]  # 64 + 4096 + 10


def test_tables_agree_with_the_runs(folder):
    tables = {
        name: read_csv(folder / paths.table("experts", name)) for name in ("phonebook", "shortest_path")
    }
    for row in tables["phonebook"].itertuples():
        run = paths.run_folder("experts", row.dataset, row.model, row.seed)
        answers = pd.read_parquet(folder / run / paths.ANSWERS)
        book = answers[answers["split"] == "train"]
        assert row.recall == pytest.approx(book["exact"].mean(), rel=1e-5)
        assert len(book) == min(row.entries, 20)  # so many are recorded
        known = (2 * np.log2(10) - book["bits"]).clip(lower=0)
        assert row.bits_recalled == pytest.approx(known.mean() * row.entries, rel=1e-4, abs=1e-6)
        assert row.digits_right == pytest.approx(book["token_accuracy"].mean(), rel=1e-5)
        tuned = read_csv(folder / paths.tuning("experts", "phone-book", row.model))
        assert row.lr == tuned.loc[tuned["chosen"], "learning_rate"].iloc[0]
    paths_ = tables["shortest_path"].set_index(["model", "kind", "hops", "measure"])
    shares = []
    for seed in range(3):
        run = paths.run_folder("experts", "shortest-path", "tiny-wide", seed)
        answers = pd.read_parquet(folder / run / paths.ANSWERS)
        shares.append(answers.loc[(answers["kind"] == "larger"), "optimal"].mean())
    whole = paths_.loc[("tiny-wide", "larger", 0, "optimal")]
    assert whole["estimate"] == pytest.approx(sum(shares) / 3, rel=1e-5) and whole["questions"] == 30


def test_benchmarks_agree_with_the_runs(folder):
    table = read_csv(folder / paths.table("experts", "benchmark_runs"))
    assert set(table["task"]) == {"facts", "sums"} and table.groupby("model")["seed"].nunique().eq(3).all()
    for row in table.itertuples():
        run = paths.run_folder("experts", row.dataset, row.model, row.seed)
        answers = pd.read_parquet(folder / run / paths.ANSWERS)
        mine = answers[(answers["task"] == row.task) & (answers["trained"] == row.trained)]
        assert row.questions == len(mine) and row.value == pytest.approx(mine["value"].mean(), abs=1e-6)
    equal = read_csv(folder / paths.table("experts", "equal_perplexity"))
    assert set(equal["model"]) == {"tiny-moe"} and set(equal["dense"]) == {"tiny"}
    assert equal.groupby("category").size().to_dict() == {"knowledge": 3, "reasoning": 3}


def test_the_chosen_rate_is_that_of_the_lowest_loss(folder):
    tried = read_csv(folder / paths.table("experts", "tuning"))
    untried = tried[tried["task"] == "tiny-corpus"]  # of one rate
    assert untried["chosen"].all() and untried["loss"].isna().all() and untried["model"].nunique() == 3
    tried = tried[tried["task"] != "tiny-corpus"]
    assert tried.groupby(["task", "model"]).size().nunique() == 1  # an equal budget for all
    for _, part in tried.groupby(["task", "model"]):
        best = part.loc[part["loss"].idxmin()]
        assert best["chosen"] and part["chosen"].sum() == 1
        assert best["at_end"] and not part.loc[~part["chosen"], "at_end"].any()  # of two rates both are ends


def test_a_formula_of_questions_retrains_decoders(warm, edited, folder):
    edited(
        "workflow/study/training/questions.py", "import numpy as np\n", "import numpy as np\n\nCHANGED = 1\n"
    )
    planned = warm.planned(config=(CONFIG,), folder=folder)
    assert {"tune_on_questions", "experts_train_seeds_0_to_2", "experts_claims"} <= planned
    assert not {"experts_theory", "experts_walls"} & planned
