"""Runs: their files, how they survive being killed, and what happens when one fails."""

import errno
import json
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors import safe_open
from tests.tiny_study import files, prepare, tiny_data, tiny_study
from tests.unit.training.killing import Killed, kill_at

from study import files as study_files
from study import paths
from study.config.runs import RunSettings
from study.errors import StudyError
from study.kinds import IMAGE
from study.scores.pointwise import pointwise_scores
from study.scores.registry import FLAGS, SCORES, columns_of
from study.scores.trajectory import TrajectoryScores
from study.training import evaluation, image_runs, recorders
from study.training.records import examples
from study.training.run import train_runs

PROJECT = Path(__file__).resolve().parents[3]
PER_RUN = list(columns_of(IMAGE))


def run(root, model="mlp", seeds=(0,), study=None):
    train_runs(study or tiny_study(), "difficulty", "tiny", model, list(seeds), root)


def folder(root, model="mlp", seed=0) -> Path:
    return Path(root) / paths.run_folder("difficulty", "tiny", model, seed)


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("finished")
    prepare(root)
    run(root, seeds=(0, 1))
    return root


def test_the_files_of_a_run(finished):
    study = tiny_study()
    expected = [
        f"{folder(finished)}/{name}" for name in (*paths.RUN_FILES, paths.TRAJECTORY, paths.CHECKPOINT)
    ]
    assert sorted(map(str, folder(finished).iterdir())) == sorted(expected)
    assert not list(finished.glob("work/**/*.*"))
    settings = RunSettings.model_validate_json((folder(finished) / "config.json").read_text())
    assert settings == study.run("difficulty", "tiny", "mlp", 0)
    resources = json.loads((folder(finished) / "resources.json").read_text())
    assert set(resources) == {"seconds", "images_per_second", "peak_memory_mb", "host"}


def test_nothing_is_trained_on_a_data_set_with_a_flipped_bit(tmp_path):
    prepare(tmp_path)
    arrays = tmp_path / paths.data_folder("tiny") / "arrays.safetensors"
    content = bytearray(arrays.read_bytes())
    content[-1] ^= 4  # an input of the last test example
    arrays.write_bytes(content)
    with pytest.raises(study_files.DamagedFile, match="digest"):
        run(tmp_path)
    assert not folder(tmp_path).exists()


def test_examples_hold_exactly_the_columns_of_the_registry(finished):
    frame = pd.read_parquet(folder(finished) / "examples.parquet")
    assert set(frame.columns) == {"example_id", "content", "label", *FLAGS, *PER_RUN}
    assert frame["example_id"].tolist() == [f"tiny:train:{i}" for i in range(21)]
    assert frame["never_learned"].dtype == bool
    assert frame["forgetting"].dtype == frame["first_learned"].dtype == np.int32
    assert (frame[[name for name in PER_RUN if not SCORES[name].coarse]].dtypes == np.float64).all()
    assert np.isfinite(frame[PER_RUN]).all(axis=None)


@pytest.mark.parametrize(
    ("recording", "families"),
    [
        ({"gradient_norms": False}, {"gradient"}),
        ({"vog_checkpoints": None}, {"vog"}),
        ({"tracin_checkpoints": None}, {"tracin"}),
        ({"prediction_depth": False, "prototypes": False}, {"depth", "prototype"}),
    ],
)
def test_families_that_are_not_recorded_have_no_columns(tmp_path, recording, families):
    prepare(tmp_path)
    run(tmp_path, study=tiny_study(recording=recording | {"trajectory_seeds": 0, "keep_model": False}))
    frame = pd.read_parquet(folder(tmp_path) / "examples.parquet")
    wanted = {name for name in PER_RUN if SCORES[name].family not in families}
    assert set(frame.columns) == {"example_id", "content", "label", *FLAGS, *wanted}
    assert sorted(path.name for path in folder(tmp_path).iterdir()) == sorted(paths.RUN_FILES)


def test_metrics_history_and_trajectory_agree(finished):
    metrics = json.loads((folder(finished) / "metrics.json").read_text())
    history = pd.read_csv(folder(finished) / "history.csv")
    trajectory = pd.read_parquet(folder(finished) / "trajectory.parquet")
    examples = pd.read_parquet(folder(finished) / "examples.parquet")
    assert history["epoch"].tolist() == [1, 2, 3, 4]
    assert metrics["steps"] == 12
    assert metrics["parameters"] == 2 * 64 * 7 + 7 + 7 * 3 + 3
    assert set(metrics["provenance"]) == {"code", "data", "device", "threads", "packages"}
    last = trajectory[trajectory["epoch"] == 4]
    assert last["example"].tolist() == list(range(21))
    assert np.array_equal(last["loss"], examples["loss_last"].astype(np.float32))
    assert metrics["train_accuracy"] == pytest.approx(last["correct"].mean())
    assert history["test_loss"].iloc[-1] == pytest.approx(metrics["test_loss"], rel=1e-5)


def test_seeds_differ_and_repeat(finished, tmp_path):
    prepare(tmp_path)
    run(tmp_path, seeds=(1,))
    assert files(tmp_path, seeds=(1,)) == files(finished, seeds=(1,))
    frames = [pd.read_parquet(folder(finished, seed=seed) / "examples.parquet") for seed in (0, 1)]
    assert (frames[0]["loss_mean"] != frames[1]["loss_mean"]).all()


def test_a_job_killed_at_any_moment_goes_on_to_the_same_bytes(tmp_path, monkeypatch):
    study = tiny_study({"epochs": 2})
    prepare(tmp_path / "whole")
    run(tmp_path / "whole", seeds=(0, 1), study=study)
    expected = files(tmp_path / "whole", seeds=(0, 1))
    moment, killed = 0, True
    while killed:
        moment += 1
        root = tmp_path / str(moment)
        prepare(root)
        with monkeypatch.context() as patch:
            kill_at(patch, moment, recorders.Recorder)
            try:
                run(root, seeds=(0, 1), study=study)
                killed = False
            except Killed:
                pass
        if killed:
            run(root, seeds=(0, 1), study=study)
        assert files(root, seeds=(0, 1)) == expected, f"killed at moment {moment}"
        assert not list(root.glob("work/**/*.*"))
    assert moment > 2 * (6 + 2 + 2 + 7 + 7)


@pytest.mark.parametrize("model", ["resnet", "resnet-adam", "vit"])
def test_every_optimiser_and_layout_resumes_to_the_same_bytes(tmp_path, monkeypatch, model):
    for name in ("whole", "killed"):
        prepare(tmp_path / name)
    run(tmp_path / "whole", model)
    with monkeypatch.context() as patch:
        kill_at(patch, 9, recorders.Recorder)  # in the second epoch, one checkpoint behind it
        with pytest.raises(Killed):
            run(tmp_path / "killed", model)
    run(tmp_path / "killed", model)
    assert files(tmp_path / "killed", model) == files(tmp_path / "whole", model)


@contextmanager
def training_of(study, root):
    """A process that trains the first run in a folder; it is killed where it is not over."""
    code = (
        "import sys; from study.config.study import StudySettings; from study.training.run import train_runs;"
        "study = StudySettings.model_validate_json(sys.argv[1]);"
        "train_runs(study, 'difficulty', 'tiny', 'mlp', [0], sys.argv[2])"
    )
    command = [sys.executable, "-c", code, study.model_dump_json(), str(root)]
    env = os.environ | {"PYTHONPATH": str(PROJECT / "workflow"), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for(process, root, pattern):
    while process.poll() is None and not list(root.glob(pattern)):
        time.sleep(0.005)
    assert process.poll() is None, "the run ended before it could be stopped"


def test_a_process_that_is_really_killed_goes_on_to_the_same_bytes(tmp_path):
    study = tiny_study({"epochs": 100}, {"keep_model": False})
    for name in ("whole", "killed"):
        prepare(tmp_path / name)
    with training_of(study, tmp_path / "killed") as process:
        wait_for(process, tmp_path, "killed/work/**/checkpoint.safetensors")
        process.kill()
    assert not folder(tmp_path / "killed").exists()
    run(tmp_path / "whole", study=study)
    run(tmp_path / "killed", study=study)
    assert files(tmp_path / "killed") == files(tmp_path / "whole")


def test_a_process_that_is_asked_to_end_saves_its_state_first(tmp_path):
    """SIGTERM: no checkpoint is due for seconds, but the epoch under way is not lost."""
    training, recording = {"epochs": 3000}, {"keep_model": False, "trajectory_seeds": 0}
    study = tiny_study(training, recording, {"checkpoint_seconds": 2})
    prepare(tmp_path)
    with training_of(study, tmp_path) as process:
        wait_for(process, tmp_path, "work/**/checkpoint.safetensors")
        process.terminate()
        said = process.communicate(timeout=60)[1]
    assert process.returncode != 0
    epoch = int(re.search(r"stopped by SIGTERM after epoch (\d+) of 3000: its state is saved", said).group(1))
    (checkpoint,) = tmp_path.glob("work/**/checkpoint.safetensors")
    with safe_open(checkpoint, framework="np") as saved:
        assert json.loads(saved.metadata()["training"])["epoch"] == epoch


def test_finished_seeds_are_not_trained_again(tmp_path, monkeypatch, finished):
    prepare(tmp_path)
    with monkeypatch.context() as patch:
        kill_at(patch, 40, recorders.Recorder)  # in the second seed
        with pytest.raises(Killed):
            run(tmp_path, seeds=(0, 1))
    seeds = []
    train = image_runs.train
    with monkeypatch.context() as patch:
        patch.setattr(image_runs, "train", lambda *args: (seeds.append(args[3].seed), train(*args)))
        run(tmp_path, seeds=(0, 1))
    assert seeds == [1]
    assert files(tmp_path, seeds=(0, 1)) == files(finished, seeds=(0, 1))


def test_a_diverging_seed_does_not_stop_the_others(tmp_path, monkeypatch, finished):
    prepare(tmp_path)
    healthy = recorders.Recorder.on_epoch

    def sick(self, epoch, model):
        if self._run.seed == 0:
            model.head.bias.data.fill_(float("nan"))
        healthy(self, epoch, model)

    with monkeypatch.context() as patch:
        patch.setattr(recorders.Recorder, "on_epoch", sick)
        with pytest.raises(StudyError) as error:
            run(tmp_path, seeds=(0, 1, 2))
    message = str(error.value)
    assert "1 of 3 runs of mlp on tiny failed" in message
    assert "model mlp, seed 0, epoch 1" in message
    assert "the 2 finished runs are kept in" in message
    assert not folder(tmp_path, seed=1).exists()
    run(tmp_path, seeds=(1,))
    assert files(tmp_path, seeds=(1,)) == files(finished, seeds=(1,))


def spoilt_gradients(of_logit, of_loss, factor):
    of_logit[3], of_loss[3] = of_logit[3] * factor, of_loss[3] * factor
    return of_logit, of_loss


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning", "ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize(
    ("attribute", "spoil", "message", "epoch"),
    [
        (
            "input_gradients",
            lambda z, *gradients: (z, *spoilt_gradients(*gradients, float("inf"))),
            "gradients with respect to the inputs are not finite",
            2,
        ),
        (
            "input_gradients",
            lambda z, *gradients: (z, *spoilt_gradients(*gradients, 1e30)),
            "of 1 of 21 examples is not finite",
            4,
        ),
        (
            "per_example_gradient_norms",
            lambda total, head: (total * float("inf"), head),
            "gradients of the loss are not finite",
            1,
        ),
    ],
    ids=["infinite input gradients", "input gradients without a variance", "infinite gradient norms"],
)
def test_gradients_that_are_not_finite_stop_their_own_seed_alone(
    tmp_path, monkeypatch, finished, attribute, spoil, message, epoch
):
    prepare(tmp_path)
    on_epoch, original, sick = recorders.Recorder.on_epoch, getattr(evaluation, attribute), []

    def watched(self, epoch, model):
        sick[:] = [self._run.seed == 1]
        on_epoch(self, epoch, model)

    def spoilt(*arguments):
        return spoil(*original(*arguments)) if sick == [True] else original(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(recorders.Recorder, "on_epoch", watched)
        patch.setattr(evaluation, attribute, spoilt)
        with pytest.raises(StudyError) as error:
            run(tmp_path, seeds=(0, 1, 2))
    assert "1 of 3 runs of mlp on tiny failed" in str(error.value) and message in str(error.value)
    assert f"model mlp, seed 1, epoch {epoch}" in str(error.value)
    assert "the 2 finished runs are kept in" in str(error.value)
    run(tmp_path, seeds=(0,))
    assert files(tmp_path, seeds=(0,)) == files(finished, seeds=(0,))


def test_confident_examples_tie_no_more_in_their_confidence_than_in_their_loss():
    rng = np.random.default_rng(0)
    logits = np.concatenate([rng.uniform(15, 30, (1000, 1)), rng.normal(size=(1000, 2))], axis=1)
    labels = np.zeros(1000, int)
    trajectory = TrajectoryScores(1000, 1, 1)
    trajectory.update(pointwise_scores(logits.astype(np.float32), labels))
    frame = examples(tiny_data(n=1000).train, trajectory.columns())
    assert frame["confidence_last"].astype(np.float32).nunique() < 100  # what single precision would leave
    assert frame["confidence_last"].nunique() == frame["loss_last"].nunique() == 1000


def test_a_rate_that_is_too_high_says_so(tmp_path):
    prepare(tmp_path)
    study = tiny_study({"lr": 1e6, "schedule": "constant", "warmup": 0, "weight_decay": 0})
    with pytest.raises(StudyError) as error:
        run(tmp_path, seeds=(0, 1), study=study)
    message = str(error.value)
    assert "2 of 2 runs" in message
    for part in ("seed 0, epoch", "seed 1, epoch", "learning rate 1e+06", "lower models.mlp.training.lr"):
        assert part in message


@pytest.mark.parametrize("name", ["checkpoint.safetensors", "examples.parquet", "metrics.json"])
def test_a_full_disk_names_the_file_and_keeps_what_is_finished(tmp_path, monkeypatch, finished, name):
    prepare(tmp_path)
    replace = os.replace

    def full(source, target):
        if Path(target).name == name and "seed=1" in str(target):
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(study_files.os, "replace", full)
        with pytest.raises(StudyError, match="no space is left") as error:
            run(tmp_path, seeds=(0, 1))
    assert name in str(error.value)
    assert len(list(tmp_path.glob("work/**/seed=0/examples.parquet"))) == 1
    run(tmp_path, seeds=(0, 1))
    assert files(tmp_path, seeds=(0, 1)) == files(finished, seeds=(0, 1))


def test_outdated_working_state_of_these_seeds_is_removed(tmp_path, monkeypatch):
    prepare(tmp_path)
    with monkeypatch.context() as patch:
        kill_at(patch, 6, recorders.Recorder)
        with pytest.raises(Killed):
            run(tmp_path)
    (old,) = tmp_path.glob("work/difficulty/tiny/mlp/*")
    other = old / "seed=7"
    other.mkdir()
    run(tmp_path, study=tiny_study({"lr": 0.04}))
    assert list(old.iterdir()) == [other]
    assert json.loads((folder(tmp_path) / "config.json").read_text())["training"]["lr"] == 0.04


def test_files_that_are_no_longer_recorded_disappear(tmp_path):
    prepare(tmp_path)
    run(tmp_path)
    run(tmp_path, study=tiny_study(recording={"trajectory_seeds": 0, "keep_model": False}))
    assert sorted(path.name for path in folder(tmp_path).iterdir()) == sorted(paths.RUN_FILES)


def test_a_job_with_too_little_memory_does_not_start(tmp_path):
    prepare(tmp_path)
    with pytest.raises(StudyError, match=r"needs about \d+ MB .* a training may take 100 MB") as error:
        run(tmp_path, study=tiny_study(runtime={"memory_mb": 100}))
    assert "runtime.memory_mb" in str(error.value)
    assert not (tmp_path / "work").exists()
