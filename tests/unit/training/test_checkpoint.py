"""Checkpoints: what is put back, and what is refused."""

import logging

import numpy as np
import pytest
import torch
from torch import nn

from study.config.training import TrainingSettings
from study.training.checkpoint import Checkpoint
from study.training.contracts import Observer
from study.training.optim import build_optimizer


class Notes(Observer):
    def __init__(self, values: np.ndarray) -> None:
        self.values = values

    def state(self):
        return {"values": self.values, "flag": np.array([True, False])}

    def load_state(self, state):
        self.values = np.array(state["values"])


def model() -> nn.Module:
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.Flatten(), nn.Linear(27, 2))
    return layers.to(memory_format=torch.channels_last)


def steps(net: nn.Module, optimizer: torch.optim.Optimizer, n: int) -> None:
    for step in range(n):
        torch.manual_seed(step)
        optimizer.zero_grad()
        net(torch.randn(4, 2, 5, 5)).square().sum().backward()
        optimizer.step()


def saved(path, optimizer: str):
    net = model()
    algorithm = build_optimizer(net, TrainingSettings(optimizer=optimizer, lr=0.01))
    steps(net, algorithm, 3)
    Checkpoint(path, 0).save_if_due(5, net, algorithm, [Notes(np.arange(3.0)), Notes(np.zeros(0))])
    return net, algorithm


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw"])
def test_training_goes_on_as_if_nothing_had_happened(tmp_path, optimizer):
    net, algorithm = saved(tmp_path / "c", optimizer)
    again = model()
    resumed = build_optimizer(again, TrainingSettings(optimizer=optimizer, lr=0.01))
    first, second = Notes(np.zeros(3)), Notes(np.ones(1))
    assert Checkpoint(tmp_path / "c", 0).resume(again, resumed, [first, second]) == 5
    assert first.values.tolist() == [0, 1, 2]
    assert second.values.size == 0
    for value in (v for state in resumed.state.values() for v in state.values() if v.ndim == 4):
        assert value.is_contiguous(memory_format=torch.channels_last)  # as the weights that it goes with
    steps(net, algorithm, 2)
    steps(again, resumed, 2)
    for a, b in zip(net.state_dict().values(), again.state_dict().values(), strict=True):
        assert torch.equal(a, b)


def test_nothing_to_resume(tmp_path):
    net = model()
    assert Checkpoint(tmp_path / "none", 0).resume(net, build_optimizer(net, TrainingSettings()), []) == 0


@pytest.mark.parametrize("harm", ["cut", "empty", "flipped bit", "other file"])
def test_a_damaged_checkpoint_is_discarded_with_a_warning(tmp_path, harm, caplog):
    path = tmp_path / "c"
    saved(path, "sgd")
    content = bytearray(path.read_bytes())
    if harm == "flipped bit":
        content[-9] ^= 1
    path.write_bytes(
        {"cut": content[:-7], "empty": b"", "flipped bit": content, "other file": b"{}" * 99}[harm]
    )
    net = model()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    with caplog.at_level(logging.WARNING):
        done = Checkpoint(path, 0).resume(net, build_optimizer(net, TrainingSettings()), [Notes(np.zeros(3))])
    assert done == 0
    assert f"{path} is damaged" in caplog.text
    assert not path.exists()
    assert all(torch.equal(before[name], value) for name, value in net.state_dict().items())


def test_it_is_written_only_when_due(tmp_path):
    net = model()
    optimizer = build_optimizer(net, TrainingSettings())
    Checkpoint(tmp_path / "c", 3600).save_if_due(1, net, optimizer, [])
    assert not (tmp_path / "c").exists()


def test_nothing_in_it_is_pickled(tmp_path):
    saved(tmp_path / "c", "adam")
    content = (tmp_path / "c").read_bytes()
    assert content[8:9] == b"{"  # safetensors: a length, then JSON
