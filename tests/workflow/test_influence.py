"""The chapter `influence`, tiny, from end to end; and a table of one's own, as the README says it."""

import shutil

import numpy as np
import pandas as pd
import pytest

from study import paths
from study.files import read_csv, read_json

CONFIG = "config/examples/influence-tiny.yaml"
OWN = "config/examples/own-text.yaml"


@pytest.fixture(scope="module")
def folder(checkout, tmp_path_factory):
    where = tmp_path_factory.mktemp("influence")
    ran = checkout.snakemake(config=(CONFIG,), folder=where)
    assert ran.code == 0, ran.text
    return where


def test_a_second_run_does_nothing(checkout, folder):
    ran = checkout.snakemake(config=(CONFIG,), folder=folder)
    assert ran.code == 0 and "Nothing to be done" in ran.text


def test_every_figure_is_there_and_has_its_numbers(checkout, folder):
    scripts = (checkout.root / "workflow/scripts").glob("fig_*.py")
    drawn = {path.stem.removeprefix("fig_") for path in scripts if "plotting.influence" in path.read_text()}
    figures = folder / "results/influence/figures"
    assert {png.stem for png in figures.rglob("*.png")} == drawn
    for png in figures.rglob("*.png"):
        assert png.stat().st_size > 10_000 and len(pd.read_csv(png.with_suffix(".csv"))) > 0, png
        assert any(character.isdigit() for character in png.with_suffix(".rst").read_text()), png
    report = (folder / paths.REPORT).read_text()
    assert "pruning_curves.png" in report and "nlu.csv" in report


def test_every_claim_of_the_chapter_is_judged(folder):
    claims = read_csv(folder / paths.CLAIMS)
    mine = claims[claims["id"].isin(["I1", "I2", "I3", "I4", "I5"])]
    assert set(mine["id"]) == {"I1", "I2", "I3", "I4", "I5"} and (mine["verdict"] != "not run").all()


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


def test_a_table_of_ones_own(checkout):
    """The commands of the README; what they lead to is asked for by name, to leave the other figures out."""
    where = checkout.root / "studies/own-text"
    where.mkdir(parents=True)
    rng = np.random.default_rng(0)
    words = {"order": ("parcel", "delivery"), "bill": ("invoice", "refund"), "other": ("hours", "address")}
    labels = [name for name in words for _ in range(24)]
    texts = [f"please tell me about the {rng.choice(words[name])} of {rng.integers(99)}" for name in labels]
    pd.DataFrame({"text": texts, "label": labels}).to_csv(where / "mine.csv", index=False)
    results = "results/influence"
    wanted = f"{results}/mine/bert/ranked.csv"
    ran = checkout.snakemake("--", wanted, config=(OWN,), folder=where)
    assert ran.code == 0, ran.text
    ranked = pd.read_csv(where / wanted)
    assert sorted(ranked["text"]) == sorted(set(texts)) or set(ranked["text"]) <= set(texts)
    assert set(ranked["label"]) == set(words) and ranked["hardness"].is_monotonic_decreasing
    assert {"el2n_early", "vog_embedding", "pvi"} <= set(ranked.columns)
    asked = f"{results}/figures/mine/pruning_curves.png"
    assert (
        "influence_train_pruned-mine_0"
        in checkout.snakemake("-n", "--", asked, config=(OWN,), folder=where).text
    )
    shutil.rmtree(where)
