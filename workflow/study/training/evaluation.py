"""What a run's recorders ask of its model after an epoch: each answer is computed once, for all who ask."""

from collections.abc import Sequence
from functools import cached_property
from itertools import islice
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from study.scores.gradient import per_example_gradient_norms
from study.scores.neighbours import neighbour_votes
from study.scores.pointwise import accuracy, loss, pointwise_scores, predictions
from study.scores.vog import input_gradients
from study.training.contracts import Epoch, RunKey
from study.training.faults import DivergedError, diverged
from study.training.images import Images


class TakesInputGradients(Protocol):
    """Who wants input gradients: they are passed on batch by batch, since all of them would fill memory."""

    def on_input_gradients(
        self, window: slice, logits: Tensor, labels: Tensor, of_logit: Tensor, of_loss: Tensor
    ) -> None:
        """Positions of the batch's examples, their labels, and what `scores.vog.input_gradients` gave."""


def evaluate(model: nn.Module, images: Images) -> np.ndarray:
    """Logits (N, C) float32 in evaluation mode, without augmentation."""
    return _outputs(model, model, images).cpu().numpy()


class Evaluation:
    """The model after an epoch, on N training examples without augmentation.

    One forward pass gives the logits and, where someone takes them, the input gradients too.

    Args:
        epoch: the epoch that has just ended.
        model: left in evaluation mode.
        train, test: the splits.
        run: named in error messages.
        takers: who wants input gradients now.

    All that is asked of it may raise a DivergedError: what came out is not finite.
    """

    def __init__(
        self,
        epoch: Epoch,
        model: nn.Module,
        train: Images,
        test: Images,
        run: RunKey,
        takers: Sequence[TakesInputGradients] = (),
    ) -> None:
        self.epoch, self.train, self.test = epoch, train, test
        self._model, self._run, self._takers = model, run, takers

    @cached_property
    def logits(self) -> np.ndarray:
        """(N, C) float32."""
        logits = self._pass_on_gradients() if self._takers else evaluate(self._model, self.train)
        return self._finite("the model's outputs", logits)

    @cached_property
    def test_logits(self) -> np.ndarray:
        """Of the test set, (M, C) float32."""
        return self._finite("the model's outputs", evaluate(self._model, self.test))

    @cached_property
    def test_scores(self) -> dict[str, np.ndarray]:
        """Loss and accuracy of the test set, (M,) each."""
        outputs = self.test_logits, self.test.labels
        return {"loss": loss(*outputs), "accuracy": accuracy(*outputs)}

    @cached_property
    def scores(self) -> dict[str, np.ndarray]:
        """All pointwise scores, (N,) each."""
        return pointwise_scores(self.logits, self.train.labels)

    @cached_property
    def gradient_norms(self) -> tuple[np.ndarray, np.ndarray]:
        """Norms of each example's loss gradient, over all parameters and over the head, (N,) float64 each."""
        norms = np.zeros((2, len(self.train)))
        for window, inputs, labels in self.train.evaluation_batches():
            pair = torch.stack(per_example_gradient_norms(self._model, inputs, labels))
            norms[:, window] = pair.cpu().numpy()
        total, head = self._finite("gradients of the loss", norms)
        return total, head

    @property
    def classes(self) -> int:
        """Number of classes."""
        return self.logits.shape[1]

    @cached_property
    def features(self) -> np.ndarray:
        """What the head sees, (N, D) float32."""
        return _outputs(self._model, self._model.features, self.train).cpu().numpy()

    @cached_property
    def predicted(self) -> np.ndarray:
        """(N,) the predicted classes."""
        return predictions(self.logits, self.train.labels).predicted

    @cached_property
    def probes(self) -> int:
        """How many probes there are: those of the model, and the softmax."""
        _, inputs, _ = next(self.train.evaluation_batches())
        with torch.inference_mode():
            return sum(1 for _ in self._model.eval().probes(inputs[:1])) + 1

    def probe(self, k: int) -> Tensor:
        """What the k-th probe, from 0, puts out, on the device: (N, D) float32, or of the softmax float64.

        One forward pass, up to there. It is not kept: outputs of convolutions are the largest arrays of a
        run, and no two of them need be in memory.
        """
        if k == self.probes - 1:
            p = predictions(self.logits, self.train.labels).p
            return torch.from_numpy(p).to(self.train.targets.device)
        outputs = _outputs(self._model, lambda x: next(islice(self._model.probes(x), k, None)), self.train)
        if not torch.linalg.vector_norm(outputs, dim=1).square().isfinite().all():
            raise self.diverged(f"outputs of probe {k + 1} are not finite")
        return outputs

    def votes(self, include_self: bool = False) -> np.ndarray:
        """(P, N) what the nearest examples at each probe say of each one's class; see `neighbour_votes`."""
        labels = self.train.targets
        return np.stack(
            [
                neighbour_votes(self.probe(k), labels, include_self=include_self).cpu().numpy()
                for k in range(self.probes)
            ]
        )

    def diverged(self, what: str) -> DivergedError:
        """The error for a model that is no good any more."""
        return diverged(what, self._run, self.epoch.number, self.epoch.lr)

    def _pass_on_gradients(self) -> np.ndarray:
        logits = []
        for window, inputs, labels in self.train.evaluation_batches():
            outputs, of_logit, of_loss = input_gradients(self._model, inputs, labels)
            if not (of_logit.isfinite().all() and of_loss.isfinite().all()):
                raise self.diverged("gradients with respect to the inputs are not finite")
            for taker in self._takers:
                taker.on_input_gradients(window, outputs, labels, of_logit, of_loss)
            logits.append(outputs)
        return torch.cat(logits).cpu().numpy()

    def _finite(self, what: str, values: np.ndarray) -> np.ndarray:
        if not np.isfinite(values).all():
            raise self.diverged(f"{what} are not finite")
        return values


def _outputs(model: nn.Module, function, images: Images) -> Tensor:
    """(N, D): what a part of the model puts out for each image, flattened."""
    model.eval()
    result = None
    with torch.inference_mode():
        for window, inputs, _ in images.evaluation_batches():
            outputs = function(inputs).flatten(1)
            if result is None:
                result = outputs.new_empty(len(images), outputs.shape[1])
            result[window] = outputs
    return result
