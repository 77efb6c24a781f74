"""Steps of the chapter `influence`, on runs that are trained here: their tables against the runs' files."""

import math
import os
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score
from tests.tiny_texts import CLASSES, prepare_all, text_study, tiny_texts

from study import paths
from study.chapters.influence import (
    aggregate,
    causes,
    consistency,
    correlation,
    encoders,
    extremes,
    guidance,
    noise,
    pruning,
    rankings,
    reading,
)
from study.data.dataset import data_digest
from study.data.noise import redraw_labels
from study.data.text.packed import unpack
from study.files import read_csv, read_json, read_parquet
from study.scores.registry import SCORES
from study.training.run import train_runs
from study.training.variants import train_variants

MODELS = ("bert", "scratch")
SHOWN = ["el2n_early", "pvi", "pvi_cross", "forgetting_often", "vog_embedding"]
PLAN = {
    "datasets": ["tiny"],
    "models": ["bert"],
    "rankings": [{"score": "pvi", "arms": ["easy"]}, {"score": "el2n_early", "of": "run", "draw": "gumbel"}],
    "fractions": [0.5],
    "seeds": 3,
}
INFLUENCE = {
    "seeds": 3,
    "folds": 2,
    "fold_seeds": 2,
    "cadence": {"seeds": 2, "evaluations": 3, "every": 2, "epochs": 2},
    "pruning": {"p": PLAN},
    "analysis": {"scores": SHOWN, "hardest": [0.1, 0.25]},
}


def noisy_texts():
    """40 texts, of which a third has a label that was drawn anew."""
    data = tiny_texts(40)
    labels = redraw_labels(data.train.true_labels, 1 / 3, 3, np.random.default_rng(2))
    train = replace(data.train, labels=labels)
    return replace(data, train=train, digest=data_digest(train, data.test, 3))


@pytest.fixture(scope="module")
def study():
    made = text_study({"epochs": 2}, INFLUENCE)
    noisy = made.datasets["tiny"].model_copy(update={"redrawn_labels": 1 / 3})
    return made.model_copy(update={"datasets": {"tiny": noisy}})


@pytest.fixture(scope="module")
def finished(study, tmp_path_factory):
    """The folder of the study after all its steps, which is left as the current one."""
    root, before = tmp_path_factory.mktemp("study"), os.getcwd()
    os.chdir(root)
    for model in MODELS:
        prepare_all(root, study, model, noisy_texts())
        train_runs(study, "influence", "tiny", model, range(3), root)
        names = [name for name in study.variant_runs() if name.model == model]
        train_variants(study, [name for name in names if not name.variant.startswith("p-")], root)
        for step in (aggregate, rankings):
            step.run(study, "tiny", model)
        if model == "bert":
            train_variants(study, [name for name in names if name.variant.startswith("p-")], root)
    for step in (consistency, correlation, extremes, noise, causes, pruning, encoders):
        step.run(study, "tiny")
    yield root
    os.chdir(before)


def run_values(
    root, column: str, variant: str | None = None, seeds: int = 3, model: str = "bert"
) -> np.ndarray:
    folders = [paths.run_folder("influence", "tiny", model, seed, variant) for seed in range(seeds)]
    return np.array([read_parquet(root / f / "examples.parquet")[column].to_numpy(float) for f in folders])


def table(root, name: str, model: str = "bert") -> pd.DataFrame:
    found = read_csv(root / paths.analysis("influence", "tiny", f"{name}.csv"))
    assert set(found["model"]) == set(MODELS)
    return found[found["model"] == model].reset_index(drop=True)


def hardness(root, score: str) -> np.ndarray:
    values = read_parquet(root / paths.rankings("influence", "tiny", "bert"))[score].to_numpy()
    return values if SCORES[score].hard == "high" else -values


def test_scores_of_runs_and_of_variants(finished, study):
    found = reading.all_scores(study, "tiny", "bert")
    assert {len(found[name]) for name in ("el2n_early", "pvi")} == {3}
    assert {len(found[name]) for name in ("pvi_cross", "forgetting_often", "forgetting_rarely")} == {2}
    pvi = (run_values(finished, "loss", "null") - run_values(finished, "loss_early")) / math.log(2)
    np.testing.assert_allclose(found["pvi"], pvi)
    assert all(np.isfinite(values).all() and values.shape[1] == 40 for values in found.values())


def test_rankings_and_averages_are_means_over_runs(finished, study):
    found = read_parquet(finished / paths.rankings("influence", "tiny", "bert"))
    for name in ("el2n_early", "vog_embedding", "forgetting_often"):
        variant, seeds = ("cadence", 2) if name.startswith("forgetting") else (None, 3)
        np.testing.assert_allclose(found[name], run_values(finished, name, variant, seeds).mean(axis=0))
    assert set(reading.all_scores(study, "tiny", "bert")) == set(found.columns) - {
        "example_id",
        "content",
        "label",
    }
    averages = read_parquet(finished / paths.scores("influence", "tiny", "bert"))
    el2n = run_values(finished, "el2n_early")
    np.testing.assert_allclose(averages["el2n_early_std"], el2n.std(axis=0, ddof=1))
    assert (averages["el2n_early_n"] == 3).all() and "pvi_mean" not in averages


def test_agreement_and_overlap_of_scores(finished, study):
    scores = set(reading.all_scores(study, "tiny", "bert"))
    assert set(table(finished, "consistency")["score"]) == scores
    assert set(table(finished, "run_agreement")["score"]) == scores
    overlap = table(finished, "hard_overlap")
    assert len(overlap) == 2 * 10 and set(overlap["score_a"]) | set(overlap["score_b"]) == set(SHOWN)
    row = overlap[(overlap["score_a"] == "el2n_early") & (overlap["score_b"] == "pvi")].iloc[-1]
    a, b = (
        set(np.argsort(-hardness(finished, s), kind="stable")[:10].tolist()) for s in ("el2n_early", "pvi")
    )
    assert row["share"] == 0.25 and row["jaccard"] == pytest.approx(len(a & b) / len(a | b))


def test_wrong_labels_are_told_from_those_that_came_out_right(finished, study):
    data = noisy_texts()
    wrong = data.train.labels != data.train.true_labels
    assert 0 < wrong.sum() < 13  # some of those that were drawn anew stayed right
    noise_table, found = table(finished, "noise"), table(finished, "noise_found")
    for score in ("el2n_early", "pvi_cross"):
        row = noise_table[
            (noise_table["score"] == score) & (noise_table["runs"] == noise_table["runs"].max())
        ].iloc[0]
        values = reading.all_scores(study, "tiny", "bert")[score].mean(axis=0)
        sign = 1 if SCORES[score].hard == "high" else -1
        assert row["estimate"] == pytest.approx(roc_auc_score(wrong, sign * values))
    assert noise_table["redrawn"].unique() == pytest.approx([1 / 3])
    assert (noise_table["flipped"] == 0).all() and noise_table["wrong"].unique() == pytest.approx(
        [wrong.mean()]
    )
    row = found[(found["score"] == "el2n_early") & (found["share"] == 0.25)].iloc[0]
    top = np.argsort(-hardness(finished, "el2n_early"), kind="stable")[:10]
    assert row["precision"] == pytest.approx(wrong[top].mean())
    assert row["recall"] == pytest.approx(wrong[top].sum() / wrong.sum())


def test_the_hardest_and_easiest_texts(finished):
    shown, data = table(finished, "extremes"), noisy_texts()
    assert shown.groupby(["score", "end"]).size().unique().tolist() == [10] and set(shown["score"]) == set(
        SHOWN
    )
    texts = unpack(data.train.inputs)
    for row in shown.itertuples():
        place = int(row.example_id.split(":")[-1])
        assert row.text == texts[place][0] and pd.isna(row.second_text)
        assert CLASSES.index(row.label) == data.train.labels[place]
        assert CLASSES.index(row.true_label) == data.train.true_labels[place]
    one = shown[(shown["score"] == "pvi") & (shown["end"] == "hardest")]
    assert one["value"].is_monotonic_increasing and one["place"].tolist() == list(range(1, 11))
    assert one["value"].iloc[0] == pytest.approx(-hardness(finished, "pvi").max())


def test_known_causes(finished, study):
    found = table(finished, "causes")
    assert set(found["cause"]) == {"slip", "intent", "wrong label"} and set(found["score"]) == set(SHOWN)
    row = found[
        (found["score"] == "el2n_early") & (found["cause"] == "wrong label") & (found["value"] == "no")
    ].iloc[0]
    data = noisy_texts()
    right = data.train.labels == data.train.true_labels
    ranks = pd.DataFrame(run_values(finished, "el2n_early")).rank(axis=1).to_numpy()
    assert row["examples"] == right.sum() and row["n"] == 3
    assert row["estimate"] == pytest.approx(((ranks[:, right] - 0.5) / 40).mean())
    slips = found[(found["cause"] == "slip") & (found["score"] == "pvi")]
    assert slips["examples"].sum() == 40 and slips["estimate"].mean() == pytest.approx(0.5)


def test_what_pruning_leaves(finished):
    runs = read_csv(finished / paths.analysis("influence", "tiny", "pruning_runs.csv"))
    told = read_csv(finished / paths.analysis("influence", "tiny", "pruning.csv"))
    assert len(runs) == 3 * (1 + 1 + 1 + 2) and set(runs["model"]) == {"bert"} == set(told["model"])
    assert set(runs["ranking"].dropna()) == {"pvi", "el2n_early-gumbel"}
    assert runs.groupby("arm")["examples"].unique().to_dict().keys() == {"full", "random", "easy", "hard"}
    assert (runs.loc[runs["arm"] != "full", "examples"] == 20).all()
    of_arm = {
        arm: runs[(runs["arm"] == arm) & runs["ranking"].isin([ranking])].sort_values("seed")["accuracy"]
        for arm, ranking in (("easy", "pvi"), ("random", np.nan))
    }
    difference = of_arm["easy"].to_numpy() - of_arm["random"].to_numpy()
    row = told[(told["ranking"] == "pvi") & (told["arm"] == "easy") & (told["against"] == "random")].iloc[0]
    assert row["estimate"] == pytest.approx(difference.mean()) and row["n"] == 3
    folder = finished / paths.run_folder("influence", "tiny", "bert", 2, "p-pvi-easy-50")
    kept = np.flatnonzero(read_parquet(folder / "examples.parquet")["inside"])
    assert kept.tolist() == sorted(np.argsort(-hardness(finished, "pvi"), kind="stable")[:20].tolist())


def test_guidance_says_what_can_go_and_what_it_costs(finished, study):
    costs = pd.DataFrame({"score": ["pvi", "el2n_early"], "model": "bert", "training_epochs": [8.0, 3.0]})
    costs.to_csv(finished / paths.analysis("influence", "tiny", "cost.csv"), index=False)
    guidance.run(study)
    found = read_csv(finished / paths.table("influence", "guidance")).set_index("arm")
    told = read_csv(finished / paths.analysis("influence", "tiny", "pruning.csv"))
    told = told[told["against"] == "full"].set_index("arm")
    assert set(found.index) == {"easy", "hard", "random"} and len(found) == len(told) == 4
    for arm, cost in (("random", 0.0), ("hard", 3.0)):
        share = 0.5 if told.loc[arm, "low"] >= -0.01 else 0.0
        row = found.loc[arm]
        assert row["share"] == share and row["estimate"] == told.loc[arm, "estimate"]
        assert row["training_epochs"] == cost
        assert row["repaid_after"] == (pytest.approx(cost / (2 * 0.5)) if share else math.inf)


def test_encoders_beside_each_other(finished, study):
    found = read_csv(finished / paths.analysis("influence", "tiny", "encoders.csv")).set_index("model")
    assert found["start"].to_dict() == {"bert": "pretrain", "scratch": "scratch"}
    assert found["pretraining_epochs"].to_dict() == {"bert": 2, "scratch": 0}
    assert found["masked_loss"].notna().to_dict() == {"bert": True, "scratch": False}
    for model in MODELS:
        folders = [paths.run_folder("influence", "tiny", model, seed) for seed in range(3)]
        numbers = [read_json(finished / folder / "metrics.json") for folder in folders]
        assert found.loc[model, "estimate"] == pytest.approx(np.mean([n["test_accuracy"] for n in numbers]))
        assert found.loc[model, "parameters"] == numbers[0]["parameters"]
    assert found["scratch"].isna().all() and found["gain"].isna().all()  # they differ in more than the start
    models = study.models | {"twin": study.models["bert"].model_copy(update={"start": "scratch"})}
    twins = study.model_copy(
        update={
            "models": models,
            "influence": study.influence.model_copy(update={"models": ["bert", "twin"]}),
        }
    )
    runs = finished / "results/influence/tiny"
    shutil.copytree(runs / "scratch", runs / "twin")
    encoders.run(twins, "tiny")
    told = read_csv(finished / paths.analysis("influence", "tiny", "encoders.csv")).set_index("model")
    accuracies = [
        [read_json(runs / f"{model}/seed={seed}/metrics.json")["test_accuracy"] for seed in range(3)]
        for model in ("bert", "scratch")
    ]
    differences = np.subtract(*accuracies)
    half = differences.std(ddof=1) / np.sqrt(3) * stats.t.ppf(0.975, 2)
    assert told.loc["bert", "scratch"] == "twin" and pd.isna(told.loc["twin", "scratch"])
    assert told.loc["bert", "gain"] == pytest.approx(differences.mean())
    assert told.loc["bert", "gain_low"] == pytest.approx(differences.mean() - half)
    assert told.loc["bert", "gain_high"] == pytest.approx(differences.mean() + half)
