"""A score, a model and a data set of one's own, added as the pages say, arrive in the tables."""

import re
import shutil

import pandas as pd
import pytest
import yaml

from study import paths
from study.files import read_csv, read_parquet
from tests.project import ROOT

SMOKE = "config/smoke.yaml"


def overlay(project, **content) -> tuple[str, str]:
    (project.root / "config/overlay.yaml").write_text(yaml.safe_dump(content))
    return (SMOKE, "config/overlay.yaml")


def block_of(page: str, language: str, holds: str) -> str:
    """The first code block of a page of docs/ in a language that holds some text."""
    fenced = re.compile(r"^```(\w*)\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)
    blocks = fenced.findall((ROOT / "docs" / page).read_text())
    return next(block for written_in, block in blocks if written_in == language and holds in block)


def test_a_score_file_of_ones_own_counts_as_one_more_score(project, tmp_path):
    """Nothing is trained again; the score stands beside the others, turned so that high means hard."""
    folder = tmp_path / "study"
    shutil.copytree(project.folder, folder)
    scores = read_parquet(folder / paths.scores("difficulty", "digits", "mlp"))
    given = scores[["example_id", "confidence_mean_mean"]].set_axis(["example_id", "value"], axis=1)
    given.to_csv(folder / "mine.csv", index=False)
    block = yaml.safe_load(block_of("extending.md", "yaml", "user_scores"))
    block["difficulty"]["user_scores"]["mine"]["file"] = "mine.csv"
    config = overlay(project, **block)
    planned = project.planned(config=config, folder=folder)
    assert not any("train" in rule for rule in planned) and "difficulty_over_runs" in planned
    ran = project.snakemake("--", *tables(), config=config, folder=folder)
    assert ran.code == 0, ran.text
    correlation = read_csv(folder / paths.analysis("difficulty", "digits", "score_correlation.csv"))
    mine = correlation[(correlation["score_a"] == "mine") & (correlation["kind"] == "mean_mean")]
    itself = mine[(mine["score_b"] == "confidence_mean") & (mine["model"] == "mlp")]
    assert abs(itself["estimate"].item()) > 0.99
    loadings = read_csv(folder / paths.analysis("difficulty", "digits", "loadings.csv"))
    assert "mine" in set(loadings["score"])
    everything = pd.read_parquet(folder / paths.scores_all("difficulty", "digits"))
    assert everything["mlp.mine.mean"].tolist() == pytest.approx(given["value"].tolist())
    listed = read_csv(folder / paths.table("difficulty", "scores")).set_index("column")
    assert listed.loc["mine", "hard"] == "low" and listed.loc["mine", "family"] == "user"


def tables():
    return [
        paths.table("difficulty", "scores"),
        paths.scores_all("difficulty", "digits"),
        paths.analysis("difficulty", "digits", "score_correlation.csv"),
        paths.analysis("difficulty", "digits", "loadings.csv"),
        paths.figure("difficulty", "digits", "score_correlation", "png"),
    ]


def test_a_missing_score_file_starts_no_job(project):
    config = overlay(project, difficulty={"user_scores": {"mine": {"file": "min.csv"}}})
    ran = project.snakemake(config=config)
    assert ran.code != 0 and "Traceback" not in ran.text
    assert "difficulty.user_scores.mine.file" in ran.text and "do:" in ran.text


def test_a_score_function_of_ones_own(project, edited, tmp_path):
    """The two snippets of docs/extending.md, pasted where it says."""
    function = block_of("extending.md", "python", "@pointwise_score")
    line = block_of("extending.md", "", "_pointwise(")
    edited("workflow/study/scores/pointwise.py", "def _check(", f"{function}\n\ndef _check(")
    edited("workflow/study/scores/registry.py", "_POINTWISE = [", f"_POINTWISE = [\n    {line.strip()}")
    config = overlay(project, difficulty={"models": ["mlp", "vit-tiny"], "seeds": 4, "seeds_per_job": 4})
    ran = project.snakemake("--", paths.table("difficulty", "consistency"), config=config, folder=tmp_path)
    assert ran.code == 0, ran.text
    consistency = read_csv(tmp_path / paths.table("difficulty", "consistency"))
    assert {"brier_mean", "brier_early", "brier_last"} <= set(consistency["score"])


def test_a_model_and_a_data_set_of_ones_own(project, tmp_path):
    """The model line of docs/extending.md, and the overlay of docs/own-data.md with pictures in files."""
    from PIL import Image

    data = pd.read_parquet(project.folder / paths.data_folder("digits") / "examples.parquet").head(60)
    for row, label in enumerate(data["label"]):
        Image.new("L", (8, 8), 20 * int(label) + row % 7).save(tmp_path / f"{row}.png")
    table = pd.DataFrame({"path": [f"{tmp_path}/{row}.png" for row in range(60)], "class": data["label"] % 3})
    table.to_csv(tmp_path / "train.csv", index=False)
    recipe = yaml.safe_load(block_of("own-data.md", "yaml", "format: csv"))
    recipe["datasets"]["mine"]["train"] = [str(tmp_path / "train.csv")]
    model = yaml.safe_load(block_of("extending.md", "yaml", "resnet8-group"))
    recipe |= model
    recipe["difficulty"] |= {"models": ["mlp", "resnet8-group"], "seeds": 4, "seeds_per_job": 4}
    ran = project.snakemake("--", paths.INDEX, config=overlay(project, **recipe), folder=tmp_path)
    assert ran.code == 0, ran.text
    index = read_csv(tmp_path / paths.INDEX)
    assert set(index["model"]) == {"mlp", "resnet8-group"} and set(index["dataset"]) == {"mine"}
