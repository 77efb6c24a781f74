"""The parts of a recorder: each takes what it needs at the epochs that are its own, and fills its columns.

To add a score, write its part and name it in `score_parts`.
"""

import math
from collections.abc import Mapping

import numpy as np
from torch import Tensor

from study.config.difficulty import RecordingSettings
from study.scores.accumulator import Accumulator, Readings
from study.scores.forgetting import EpochForgetting, PresentationForgetting
from study.scores.neighbours import prediction_depth
from study.scores.prototypes import prototype, self_prototype
from study.scores.tracin import SelfInfluence
from study.scores.trajectory import TrajectoryScores
from study.scores.vog import VogAccumulator
from study.seeds import generator
from study.training.contracts import RunKey
from study.training.evaluation import Evaluation
from study.training.images import Images


class Part:
    """Watches a training for some of its records; all moments but those that it overrides pass it by."""

    def on_presentations(self, indices: np.ndarray, correct: np.ndarray) -> None:
        """An epoch's examples, in the order of their minibatches, and whether each was right in its own."""

    def wants_input_gradients(self, epoch: int) -> bool:
        """Whether `on_input_gradients` is to be called for this epoch; if so, before `on_evaluation`."""
        return False

    def on_input_gradients(
        self, window: slice, logits: Tensor, labels: Tensor, of_logit: Tensor, of_loss: Tensor
    ) -> None:
        """A batch of the evaluation, see `TakesInputGradients`."""

    def on_evaluation(self, evaluation: Evaluation) -> None:
        """After each epoch."""

    def columns(self) -> dict[str, np.ndarray]:
        """Its columns of examples.parquet, (N,) each, once training is complete."""
        return {}

    def state(self) -> dict[str, np.ndarray]:
        """Everything that it needs to go on later."""
        raise NotImplementedError

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on from a `state()`."""
        raise NotImplementedError


class ScorePart(Part):
    """A part whose columns and state are those of one accumulator."""

    def __init__(self, kept: Accumulator) -> None:
        self._kept = kept

    def columns(self) -> dict[str, np.ndarray]:
        return self._kept.columns()

    def state(self) -> dict[str, np.ndarray]:
        return self._kept.state()

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        self._kept.load_state(state)


class Pointwise(ScorePart):
    """Mean, early and last reading of all pointwise scores."""

    def __init__(self, n_examples: int, epochs: int, early: int) -> None:
        super().__init__(TrajectoryScores(n_examples, epochs, early))

    def on_evaluation(self, evaluation: Evaluation) -> None:
        self._kept.update(evaluation.scores)


class Presentations(ScorePart):
    """Forgetting at the examples' own presentations, of the first `n_examples`."""

    def __init__(self, n_examples: int, epochs: int) -> None:
        super().__init__(PresentationForgetting(n_examples, epochs))
        self._n = n_examples

    def on_presentations(self, indices: np.ndarray, correct: np.ndarray) -> None:
        recorded = indices < self._n
        self._kept.update(indices[recorded], correct[recorded])


class Learning(ScorePart):
    """Forgetting and learning, as evaluations see them."""

    def __init__(self, n_examples: int, epochs: int) -> None:
        super().__init__(EpochForgetting(n_examples, epochs))

    def on_evaluation(self, evaluation: Evaluation) -> None:
        self._kept.update(evaluation.scores["accuracy"])


class GradientNorms(ScorePart):
    """GraNd (Paul et al. 2021, arXiv 2107.07075, Sec. 2) and its last-layer form at named epochs.

    Args:
        n_examples: N.
        when: the epoch of each reading, such as {"early": 3, "last": 24}.
    """

    def __init__(self, n_examples: int, when: Mapping[str, int]) -> None:
        self._when = dict(when)
        scores = ("grand", "grand_last_layer")
        super().__init__(Readings(n_examples, [f"{score}_{reading}" for score in scores for reading in when]))

    def on_evaluation(self, evaluation: Evaluation) -> None:
        for reading, epoch in self._when.items():
            if epoch == evaluation.epoch.number:
                total, head = evaluation.gradient_norms
                self._kept.take(f"grand_{reading}", total)
                self._kept.take(f"grand_last_layer_{reading}", head)


class Vog(ScorePart):
    """Variance of input gradients over checkpoints.

    Args:
        images: the training images.
        epochs: when gradients are taken.
    """

    def __init__(self, images: Images, epochs: tuple[int, ...]) -> None:
        self._epochs = epochs
        super().__init__(VogAccumulator(len(images), images.shape[1:], images.labels))

    def wants_input_gradients(self, epoch: int) -> bool:
        return epoch in self._epochs

    def on_input_gradients(
        self, window: slice, logits: Tensor, labels: Tensor, of_logit: Tensor, of_loss: Tensor
    ) -> None:
        if window.start == 0:
            self._kept.begin_checkpoint()
        self._kept.update(window, logits, labels, of_logit, of_loss)


class TracIn(ScorePart):
    """Self-influence, summed over checkpoints.

    Args:
        n_examples: N.
        epochs: the checkpoints.
    """

    def __init__(self, n_examples: int, epochs: tuple[int, ...]) -> None:
        self._epochs = epochs
        super().__init__(SelfInfluence(n_examples))

    def on_evaluation(self, evaluation: Evaluation) -> None:
        if evaluation.epoch.number in self._epochs:
            self._kept.update(evaluation.epoch.lr, evaluation.gradient_norms[0])


class PredictionDepth(ScorePart):
    """Prediction depth after the last epoch, towards the run's own final predictions."""

    def __init__(self, n_examples: int, epochs: int) -> None:
        self._epochs = epochs
        super().__init__(Readings(n_examples, ["prediction_depth"], np.int64))

    def on_evaluation(self, evaluation: Evaluation) -> None:
        if evaluation.epoch.number == self._epochs:
            depths = prediction_depth(evaluation.votes(), evaluation.predicted)
            self._kept.take("prediction_depth", depths)


class Prototypes(ScorePart):
    """Distances to the means of classes and of clusters after the last epoch.

    Args:
        n_examples: N.
        epochs: T.
        clusters: how many; None: as many as classes.
        seed: of their random start.
    """

    def __init__(self, n_examples: int, epochs: int, clusters: int | None, seed: int) -> None:
        self._epochs, self._clusters, self._seed = epochs, clusters, seed
        super().__init__(Readings(n_examples, ["prototype", "self_prototype"]))

    def on_evaluation(self, evaluation: Evaluation) -> None:
        if evaluation.epoch.number == self._epochs:
            features, clusters = evaluation.features, self._clusters or evaluation.classes
            self._kept.take("prototype", prototype(features, evaluation.train.labels))
            self._kept.take("self_prototype", self_prototype(features, clusters, self._seed))


def early_epoch(epochs: int, fraction: float) -> int:
    """The early checkpoint: a fraction of training, rounded up to an epoch."""
    return math.ceil(round(epochs * fraction, 9))  # 0.07 * 100 is 7.000000000000001


def checkpoint_epochs(epochs: int, checkpoints: int) -> tuple[int, ...]:
    """So many evenly spaced epochs, the last one among them; each once, so fewer in a shorter training."""
    return tuple(sorted({-(-epochs * k // checkpoints) for k in range(1, checkpoints + 1)}))


def score_parts(images: Images, run: RunKey, epochs: int, recording: RecordingSettings) -> list[Part]:
    """The parts that fill examples.parquet, in the order of its columns.

    Args:
        images: the training images.
        run: what random streams are derived from.
        epochs: T.
        recording: what to record, and when.
    """
    n, early = len(images), early_epoch(epochs, recording.early)
    parts: list[Part] = [Pointwise(n, epochs, early), Presentations(n, epochs), Learning(n, epochs)]
    if recording.gradient_norms:
        parts.append(GradientNorms(n, {"early": early, "last": epochs}))
    if recording.vog_checkpoints:
        parts.append(Vog(images, checkpoint_epochs(epochs, recording.vog_checkpoints)))
    if recording.tracin_checkpoints:
        parts.append(TracIn(n, checkpoint_epochs(epochs, recording.tracin_checkpoints)))
    if recording.prediction_depth:
        parts.append(PredictionDepth(n, epochs))
    if recording.prototypes:
        seed = int(generator(*run, "clusters").integers(2**32))
        parts.append(Prototypes(n, epochs, recording.prototype_clusters, seed))
    return parts
