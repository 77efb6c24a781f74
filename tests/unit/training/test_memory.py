"""The estimate of a run's memory, beside what a run takes."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
import torch
from tests.tiny_study import prepare, tiny_data, tiny_study

from study.errors import StudyError
from study.training.memory import check_memory, estimate_mb

PROJECT = Path(__file__).resolve().parents[3]
CPU = torch.device("cpu")


def run_settings(model="mlp", training=None, **recording):
    return tiny_study(training, recording).run("difficulty", "tiny", model, 0)


def test_it_is_right_within_a_factor_of_two(tmp_path):
    rng = np.random.default_rng(0)
    data = tiny_data(n=6000, shape=(3, 32, 32))
    data.train.inputs[:] = rng.integers(0, 256, data.train.inputs.shape, dtype=np.uint8)
    prepare(tmp_path, data)
    study = tiny_study({"epochs": 2, "batch_size": 128})
    code = (
        "import sys; from study.config.study import StudySettings; from study.training.run import train_runs;"
        "from study.processes import peak_memory_mb;"
        "study = StudySettings.model_validate_json(sys.argv[1]);"
        "train_runs(study, 'difficulty', 'tiny', 'mlp', [0], sys.argv[2]); print(peak_memory_mb())"
    )
    command = [sys.executable, "-c", code, study.model_dump_json(), str(tmp_path)]
    env = {"PYTHONPATH": str(PROJECT / "workflow"), "OMP_NUM_THREADS": "1"}
    peak = float(subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout)
    estimate = estimate_mb(study.run("difficulty", "tiny", "mlp", 0), data, CPU)
    assert estimate > 700  # so that it is not all the process itself
    assert 0.5 < estimate / peak < 2


def test_it_grows_with_what_is_recorded_and_trained():
    data = tiny_data(n=300)

    def mb(**changes):
        return estimate_mb(run_settings(**changes), data, CPU)

    assert mb() > mb(vog_checkpoints=None)
    assert mb() > mb(trajectory_seeds=0)
    probe = mb(model="resnet") - mb(model="resnet", prediction_depth=False)
    assert probe == pytest.approx(300 * (16 * 8 * 8 + 300) * 4 / 2**20)  # outputs of a block, and distances
    assert mb(model="resnet") > mb()
    assert mb(model="resnet", training={"batch_size": 4}) == mb(model="resnet", training={"batch_size": 256})
    assert estimate_mb(run_settings("resnet"), data, torch.device("cuda")) < mb(model="resnet")


def test_a_training_that_may_take_too_little_names_both_numbers_and_the_key():
    with pytest.raises(StudyError, match=r"needs about 4\d\d MB .*a training may take 321 MB") as error:
        check_memory(run_settings(), estimate_mb(run_settings(), tiny_data(), CPU), 321)
    assert "runtime.memory_mb" in str(error.value)
    check_memory(run_settings(), estimate_mb(run_settings(), tiny_data(), CPU), 3000)


def test_a_machine_that_has_too_little_is_named(monkeypatch):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=300 * 2**20))
    with pytest.raises(StudyError, match="this machine has 300 MB"):
        check_memory(run_settings(), estimate_mb(run_settings(), tiny_data(), CPU), 3000)
