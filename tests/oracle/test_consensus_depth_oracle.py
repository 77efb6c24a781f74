"""Prediction depth towards the consensus of runs: the step's file beside scikit-learn and plain loops."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file
from tests.oracle.test_neighbours_oracle import loop_depth, sklearn_votes
from tests.tiny_study import prepare, tiny_data, tiny_study

from study import paths
from study.chapters.difficulty import consensus_depth, over_runs
from study.files import DamagedFile
from study.models.registry import build
from study.training.run import train_runs

NAME, MODEL, N, RUNS = "prediction_depth_consensus", "resnet", 60, 3


def settings():
    study = tiny_study(recording={"vog_checkpoints": None, "tracin_checkpoints": None})
    chapter = study.difficulty.model_copy(update={"seeds": RUNS})
    return study.model_copy(update={"difficulty": chapter})


def mislabelled():
    """A third of the labels is wrong, so that neighbours disagree with each other and with predictions."""
    data = tiny_data(n=N)
    labels = np.where(np.arange(N) // 3 % 3 == 0, (data.train.labels + 1) % 3, data.train.labels)
    return replace(data, train=replace(data.train, labels=labels))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    root = tmp_path_factory.mktemp("kept")
    prepare(root, mislabelled())
    train_runs(settings(), "difficulty", "tiny", MODEL, range(RUNS), root)
    return root


def slow(root):
    """(R, N) depths, image by image."""
    data, study = mislabelled(), settings()
    raw = data.train.inputs.astype(np.float64)
    x = torch.tensor((raw - raw.mean((0, 2, 3), keepdims=True)) / raw.std((0, 2, 3), keepdims=True)).float()
    votes, predicted = [], []
    for seed in range(RUNS):
        run = study.run("difficulty", "tiny", MODEL, seed)
        model = build(run.model, data.train.inputs.shape[1:], len(data.classes)).eval()
        folder = root / paths.run_folder("difficulty", "tiny", MODEL, seed)
        model.load_state_dict(load_file(folder / paths.CHECKPOINT))
        with torch.no_grad():
            logits = [model(image[None])[0].double() for image in x]
            layers = zip(
                *([probe.flatten().tolist() for probe in model.probes(image[None])] for image in x),
                strict=True,
            )
        probes = [*layers, [z.softmax(0).tolist() for z in logits]]
        votes.append([sklearn_votes(outputs, data.train.labels, 30, True) for outputs in probes])
        predicted.append([int(z.argmax()) for z in logits])
    counts = [Counter(column) for column in zip(*predicted, strict=True)]
    target = [min(count, key=lambda k, count=count: (-count[k], k)) for count in counts]
    return np.array([loop_depth(of_run, target) for of_run in votes])


def test_the_step_gives_what_single_images_give(trained, monkeypatch):
    monkeypatch.chdir(trained)
    consensus_depth.run(settings(), "tiny", MODEL)
    found = pd.read_parquet(paths.consensus_depth("difficulty", "tiny", MODEL))
    depths = slow(trained)
    assert len(np.unique(depths)) > 2, "so that the comparison means something"
    np.testing.assert_allclose(found[NAME], depths.mean(0), atol=1e-12)
    np.testing.assert_allclose(found[f"{NAME}_se"], depths.std(0, ddof=1) / RUNS**0.5, atol=1e-12)
    assert (found[f"{NAME}_n"] == RUNS).all()


def test_it_arrives_among_the_scores_over_runs(trained, monkeypatch):
    monkeypatch.chdir(trained)
    consensus_depth.run(settings(), "tiny", MODEL)
    over_runs.run(settings(), "tiny", MODEL)
    frame = pd.read_parquet(paths.over_runs("difficulty", "tiny", MODEL))
    assert {NAME, f"{NAME}_se", f"{NAME}_n", "agreement"} <= set(frame.columns)
    assert frame[NAME].equals(pd.read_parquet(paths.consensus_depth("difficulty", "tiny", MODEL))[NAME])


def test_weights_that_are_damaged_are_named(trained, monkeypatch):
    monkeypatch.chdir(trained)
    weights = trained / paths.run_folder("difficulty", "tiny", MODEL, 1) / paths.CHECKPOINT
    whole = weights.read_bytes()
    weights.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DamagedFile, match=r"seed=1/model\.safetensors"):
        consensus_depth.run(settings(), "tiny", MODEL)
    weights.write_bytes(whole)
