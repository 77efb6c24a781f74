"""The loop: what observers see, and that they change nothing."""

import numpy as np
import torch
from torch import nn

from study.config.training import TrainingSettings
from study.training.contracts import Batch, Observer, RunKey
from study.training.loop import train

RUN = RunKey(0, 0, "net")


class Points:
    """A task that is no image task: regression of a sign."""

    steps, chance_loss = 3, 1.0

    def batches(self, epoch):
        rng = np.random.default_rng(epoch)
        for step in range(self.steps):
            x = torch.from_numpy(rng.normal(size=(4, 2))).float()
            yield Batch(np.arange(4) + 4 * step, x, (x[:, 0] > 0).long())

    def loss(self, output, batch):
        return nn.functional.cross_entropy(output, batch.labels)

    def right(self, output, batch):
        return output.argmax(1) == batch.labels


class Log(Observer):
    def __init__(self):
        self.events = []

    def on_batch(self, indices, right):
        assert right.dtype == torch.bool
        self.events.append(("batch", indices.tolist()))

    def on_epoch(self, epoch, model):
        model.eval()
        self.events.append(("epoch", epoch.number, epoch.lr))
        self.loss = epoch.loss


def network() -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 2))


def trained(observers=(), run=RUN) -> dict[str, torch.Tensor]:
    net = network()
    torch.manual_seed(99)  # the state that the process happens to be in plays no part
    train(net, Points(), TrainingSettings(epochs=2, lr=0.1, schedule="constant"), run, observers)
    return net.state_dict()


def test_observers_see_every_batch_and_epoch_in_order():
    log = Log()
    trained([log])
    epoch = [("batch", [0, 1, 2, 3]), ("batch", [4, 5, 6, 7]), ("batch", [8, 9, 10, 11])]
    assert log.events == [*epoch, ("epoch", 1, 0.1), *epoch, ("epoch", 2, 0.1)]
    assert 0 < log.loss < 2


def test_observing_changes_nothing_even_if_it_draws_and_evaluates():
    class Meddler(Log):
        def on_epoch(self, epoch, model):
            torch.rand(3)
            model.eval()
            model(torch.randn(2, 2)).sum().backward()

    plain, watched = trained(), trained([Log(), Meddler()])
    assert all(torch.equal(plain[name], watched[name]) for name in plain)


def test_dropout_follows_from_the_run():
    one, two = trained(), trained(run=RunKey(0, 1, "net"))
    assert not torch.equal(one["0.weight"], two["0.weight"])
