"""The chapter `influence`, tiny, from end to end; and a csv of one's own."""

import numpy as np
import pandas as pd
import pytest
import yaml

from study import paths
from study.files import read_csv, read_json, read_parquet

CONFIG = "config/examples/influence-tiny.yaml"


@pytest.fixture(scope="module")
def folder(project, tmp_path_factory):
    where = tmp_path_factory.mktemp("influence")
    ran = project.snakemake(config=(CONFIG,), folder=where)
    assert ran.code == 0, ran.text
    return where


def test_a_second_run_does_nothing(project, folder):
    ran = project.snakemake(config=(CONFIG,), folder=folder)
    assert ran.code == 0 and "Nothing to be done" in ran.text


def test_every_figure_is_there_and_has_its_numbers(project, folder):
    scripts = (project.root / "workflow/scripts").glob("fig_*.py")
    drawn = {path.stem.removeprefix("fig_") for path in scripts if "plotting.influence" in path.read_text()}
    figures = list((folder / "results/influence/figures").rglob("*.png"))
    assert {png.stem for png in figures} == drawn
    for png in figures:
        assert png.stat().st_size > 8_000 and len(pd.read_csv(png.with_suffix(".csv"))) > 0
        assert any(character.isdigit() for character in png.with_suffix(".rst").read_text()), png


def test_every_claim_of_the_chapter_is_judged(folder):
    claims = read_csv(folder / paths.CLAIMS)
    mine = claims[claims["id"].str.startswith("I")]
    judged = set(mine.loc[mine["verdict"] != "not run", "id"])
    assert judged == {"I1", "I2", "I3", "I4", "I5"}
    # Of two rankings one is VoG: I1 has a row, I2 one for each ranking, on both sizes of the set.
    assert mine["id"].value_counts()["I1"] == 2 * 1 + 1  # two encoders on nli, one on its half


def test_rankings_and_pruned_runs_agree(folder):
    place = ("influence", "nli", "tiny")
    ranking = read_parquet(folder / paths.rankings(*place))
    runs = [read_parquet(folder / f"{paths.run_folder(*place, seed)}/examples.parquet") for seed in range(3)]
    mean = np.mean([run["el2n_early"] for run in runs], axis=0)
    np.testing.assert_allclose(ranking["el2n_early"], mean)
    for seed, run in enumerate(runs):
        variant = f"{paths.run_folder(*place, seed, 'clean-vog_embedding_class-easy-50')}/examples.parquet"
        inside = read_parquet(folder / variant)["inside"].to_numpy()
        kept = np.sort(run["vog_embedding_class"].to_numpy()[inside])
        pruned = run["vog_embedding_class"].to_numpy()[~inside]
        assert inside.sum() == 90 and kept[0] >= pruned.max()
    null = read_parquet(folder / f"{paths.run_folder(*place, 0, 'null')}/examples.parquet")
    pvi = (null["loss"] - runs[0]["loss_early"]) / np.log(2)
    others = [
        (
            read_parquet(folder / f"{paths.run_folder(*place, k, 'null')}/examples.parquet")["loss"]
            - runs[k]["loss_early"]
        )
        / np.log(2)
        for k in (1, 2)
    ]
    np.testing.assert_allclose(ranking["pvi"], np.mean([pvi, *others], axis=0), rtol=1e-9)


def test_a_noisy_variant_starts_from_the_encoder_of_its_base(folder):
    settings = read_json(folder / f"{paths.run_folder('influence', 'nli-noisy', 'tiny', 0)}/config.json")
    assert settings["encoder"] == paths.encoder("influence", "nli", "tiny")
    assert not (folder / paths.encoder("influence", "nli-noisy", "tiny")).exists()


def test_error_rates_without_pruning_come_from_the_predictions(folder):
    found = read_parquet(folder / paths.understanding("influence", "nlu", "full"))
    data = read_parquet(folder / f"{paths.data_folder('nlu')}/examples.parquet").set_index("example_id")
    wrong = [
        (rows["domain"].to_numpy() != data.loc[rows["example_id"], "label"].to_numpy()).mean()
        for _, rows in found.groupby("seed")
    ]
    table = read_csv(folder / paths.table("influence", "nlu"))
    row = table[(table["statistic"] == "rate") & (table["view"] == "overall") & (table["metric"] == "dcer")]
    assert row["estimate"].iloc[0] == pytest.approx(np.mean(wrong), rel=1e-5)


def test_a_csv_of_ones_own(project, tmp_path):
    """As the README has it, but for fewer and shorter runs."""
    rng = np.random.default_rng(0)
    rows = [
        {"text": " ".join(rng.permutation([word, "the", "is", f"w{k % 7}"])), "label": label}
        for k in range(60)
        for label, word in (("good", "fine"), ("bad", "awful"))
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "mine.csv", index=False)
    study = yaml.safe_load((project.root / "config/examples/own-text.yaml").read_text())
    study["influence"] |= {"seeds": 3, "learning_rates": [0.005], "fold_seeds": 1}
    study["influence"]["training"]["epochs"] = 2
    study["influence"]["pretraining"] = {"training": {"epochs": 1, "optimizer": "adamw", "lr": 0.002}}
    study["influence"]["pruning"]["mine"] |= {"seeds": 3, "fractions": [0.5]}
    (project.root / "config/own.yaml").write_text(yaml.safe_dump(study))
    wanted = [
        paths.ranked("influence", "mine", "bert"),
        paths.figure("influence", "mine", "pruning_curves", "png"),
    ]
    ran = project.snakemake("--", *wanted, config=("config/own.yaml",), folder=tmp_path)
    assert ran.code == 0, ran.text
    ranked = read_csv(tmp_path / wanted[0])
    assert set(ranked["label"]) == {"good", "bad"} and ranked["hardness"].is_monotonic_decreasing
    assert set(ranked["text"]) <= {row["text"] for row in rows} and len(ranked) == 96
