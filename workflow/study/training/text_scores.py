"""Scores of texts that look back on a run: gradients at the weights that it kept on its way."""

import copy

import numpy as np
from torch import nn

from study.config.influence import TextRecording
from study.config.training import TrainingSettings
from study.models.encoder import Encoder
from study.scores.embedding_vog import embedding_gradients, variance_of_gradients
from study.scores.gradient import per_example_gradient_norms
from study.scores.tracin import SelfInfluence
from study.scores.vog import within_classes
from study.training.snapshots import Snapshots
from study.training.texts import Texts

LOOKED_AT = 2**12  # pieces of a batch, padding included: gradients are as large as the embeddings


class LookBack:
    """Keeps weights while a run trains, and scores its examples at them when it is finished.

    Args:
        folder: where weights are kept until then.
        steps: updates of the whole training.
        recording: which scores, at how many steps each.
        training: of the run.
    """

    def __init__(self, folder, steps: int, recording: TextRecording, training: TrainingSettings) -> None:
        counts = {"vog": recording.vog_checkpoints, "tracin": recording.tracin_checkpoints}
        # Scores that look at equally many steps look at the same ones: these are written once.
        self._by_count = {
            count: Snapshots(folder / f"{count}", steps, count, training)
            for count in counts.values()
            if count
        }
        self._kept = {name: self._by_count[count] for name, count in counts.items() if count}

    @property
    def observers(self) -> list[Snapshots]:
        """Who watches the training."""
        return list(self._by_count.values())

    def columns(self, model: Encoder, texts: Texts) -> dict[str, np.ndarray]:
        """`vog_embedding`, the same within classes, and `tracin_last_layers`, (N,) float64 each.

        The model is left as it is.
        """
        model, found = copy.deepcopy(model), {}
        if "vog" in self._kept:
            vog = _vog(model, self._kept["vog"], texts)
            found = {"vog_embedding": vog, "vog_embedding_class": within_classes(vog, texts.labels)}
        if "tracin" in self._kept:
            found["tracin_last_layers"] = _self_influence(model, self._kept["tracin"], texts)
        return found

    def remove(self) -> None:
        """The run is finished."""
        for kept in self._by_count.values():
            kept.remove()


def _vog(model: Encoder, kept: Snapshots, texts: Texts) -> np.ndarray:
    """VoG of all texts, batch by batch: gradients of a batch at all weights are all that is in memory."""
    models = [copy.deepcopy(each) for _, each in kept.each(model, texts.device)]
    found = np.zeros(len(texts))
    for rows, tokens, labels in texts.evaluation_batches(LOOKED_AT):
        gradients = (embedding_gradients(each, each.embeddings, tokens, labels) for each in models)
        found[rows] = variance_of_gradients(gradients, tokens.mask).cpu().numpy()
    return found


def _self_influence(model: Encoder, kept: Snapshots, texts: Texts) -> np.ndarray:
    total = SelfInfluence(len(texts))
    for rate, each in kept.each(model, texts.device):
        total.update(rate, _norms(each, each.last_layers, texts))
    return total.columns()["tracin_self"]


def _norms(model: Encoder, within: list[nn.Module], texts: Texts) -> np.ndarray:
    norms = np.zeros(len(texts))
    for rows, tokens, labels in texts.evaluation_batches(LOOKED_AT):
        norms[rows] = per_example_gradient_norms(model, tokens, labels, within)[0].cpu().numpy()
    return norms
