"""Models of depth 1 trained on length-2 paths: killed and resumed, the same twice, and what they learn."""

import pandas as pd
import pytest

from study import paths
from study.config import parse_study
from study.errors import StudyError
from study.training import walls


def study(**changes):
    wall = {
        "vertices": [8, 12], "widths": [3, 12], "experts": [1, 4], "one_hot": [8, 12], "hidden": 64,
        "steps": 300, "seeds": 3, "training": {"batch_size": 128},
    }  # fmt: skip
    return parse_study(
        {
            "name": "tiny",
            "datasets": {},
            "models": {"dense": {"architecture": "decoder", "dim": 8}},
            "training": {"optimizer": "adamw", "schedule": "linear", "weight_decay": 0.0},
            "experts": {"width_wall": wall | changes, "atlas": {"models": ["dense"]}},
        }
    )


def table(folder, vertices, experts):
    return pd.read_csv(folder / paths.wall(vertices, experts))


def test_a_killed_job_repeats_no_finished_run(tmp_path, monkeypatch):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    walls.train_walls(study(steps=50), 8, 4, whole)
    train, calls = walls.train, []

    def counted(*args):
        calls.append(args)
        if len(calls) == 4:
            raise KeyboardInterrupt
        train(*args)

    monkeypatch.setattr(walls, "train", counted)
    with pytest.raises(KeyboardInterrupt):
        walls.train_walls(study(steps=50), 8, 4, killed)
    walls.train_walls(study(steps=50), 8, 4, killed)
    arms, runs = 2, 2 + 3  # widths; two rates, and three seeds of the better one
    assert len(calls) == arms * runs + 1
    pd.testing.assert_frame_equal(table(killed, 8, 4), table(whole, 8, 4), check_exact=True)
    assert not list((killed / paths.WORK).rglob("*.json"))


def test_wide_models_learn_what_narrow_ones_do_not(tmp_path):
    walls.train_walls(study(vertices=[12, 16]), 12, 1, tmp_path)
    found = table(tmp_path, 12, 1)
    means = found.groupby(["initial", "width"])["test_accuracy"].mean()
    assert means["learned", 3] < 0.9 and means["learned", 12] > 0.95 and means["one_hot", 12] > 0.95
    assert set(found["train_questions"]) == {6720} and set(found["test_questions"]) == {1680}


def test_divergence_at_every_rate_is_said(tmp_path):
    with pytest.raises(StudyError, match="diverged at every learning rate"):
        walls.train_walls(study(learning_rates=[1e20, 1e25]), 8, 1, tmp_path)


def test_jobs_and_arms():
    wall = study(one_hot=[12, 16]).experts.width_wall
    assert wall.jobs() == [(8, 1), (8, 4), (12, 1), (12, 4), (16, 1)]
    assert wall.arms(8, 1) == [(3, "learned"), (12, "learned")]
    assert wall.arms(12, 1) == [(3, "learned"), (12, "learned"), (12, "one_hot")]
    assert wall.arms(12, 4) == [(3, "learned"), (12, "learned")]
    assert study(one_hot=[8]).experts.width_wall.arms(8, 1)[1:] == [
        (8, "learned"),
        (12, "learned"),
        (8, "one_hot"),
    ]
    assert wall.arms(16, 1) == [(16, "learned"), (16, "one_hot")]
