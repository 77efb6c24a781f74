"""The paper's study: planned with the right jobs, and each of its models goes through on a few images."""

import re

import yaml

from study import paths
from study.files import read_csv

PAPER = "config/paper.yaml"


def test_the_jobs_of_a_thousand_runs(project, tmp_path):
    ran = project.snakemake("--dry-run", config=(PAPER,), folder=tmp_path)
    assert ran.code == 0, ran.text
    jobs = {name: int(count) for name, count in re.findall(r"^(\w+) +(\d+)$", ran.text, flags=re.MULTILINE)}
    training = [count for name, count in jobs.items() if name.startswith("difficulty_train_seeds")]
    # Six models on CIFAR-10, three on CIFAR-100, one on CINIC-10; 100 seeds of each in jobs of five.
    assert len(training) == 20 and set(training) == {6 + 3 + 1}
    assert jobs["difficulty_aggregate"] == 10 and jobs["prepare_data"] == 3
    assert jobs["difficulty_sensitivity"] == jobs["difficulty_fingerprint"] == 2  # CINIC-10 has one model
    assert jobs["total"] < 5000


def test_every_model_trains_and_records(project, tmp_path):
    """A run of each model, two epochs on 60 images of the papers' size."""
    study = yaml.safe_load((project.root / PAPER).read_text())
    sizes = {"image_size": 32, "channels": 3, "train_size": 60, "test_size": 20}
    study["datasets"] = {"few": {"source": "generated", "family": "blends", **sizes}}
    study["training"] |= {"epochs": 2, "batch_size": 30}
    few_runs = {"seeds": 4, "seeds_per_job": 1, "recording": {"vog_checkpoints": 2, "tracin_checkpoints": 2}}
    study["difficulty"] |= {"datasets": ["few"], "models_of": {}, **few_runs}
    study["runtime"]["device"] = "cpu"
    (project.root / "config/few.yaml").write_text(yaml.safe_dump(study))
    wanted = [f"{paths.run_folder('difficulty', 'few', model, 0)}/metrics.json" for model in study["models"]]
    ran = project.snakemake("--", *wanted, config=("config/few.yaml",), folder=tmp_path)
    assert ran.code == 0, ran.text
    for path in wanted:
        history = read_csv((tmp_path / path).with_name("history.csv"))
        assert history["epoch"].tolist() == [1, 2] and history.notna().all(axis=None)
