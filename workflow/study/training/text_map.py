"""What the classifier sees of texts, before and after the hardest examples are pruned."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch

from study.config.runs import RunSettings
from study.data.dataset import Dataset
from study.models.encoder import Encoder
from study.training.contracts import key_of
from study.training.loop import train
from study.training.text_inputs import text_inputs
from study.training.text_runs import prepare_model
from study.training.texts import Texts


def embedding_maps(
    run: RunSettings, data: Dataset, hard: np.ndarray, device: torch.device, root: Path
) -> pd.DataFrame:
    """Two principal axes of what the head sees, of a model trained on all, and of one without the hardest.

    Both start from the same weights. Axes are those of the training examples that a model was trained on.

    Args:
        run: whose training is repeated.
        hard: (N,) bool, the training examples that the second model goes without.

    Returns:
        A row per model, split and example: `trained_on` (all, without hardest) `, split, label, hard` (false
        of test examples) `, right, x, y`.
    """
    inputs = text_inputs(run, data, root)
    splits = {
        "train": inputs.whole(data.train, inputs.train, device),
        "test": inputs.whole(data.test, inputs.test, device),
    }
    parts = []
    for name, rows in (("all", np.arange(len(hard))), ("without hardest", np.flatnonzero(~hard))):
        model = prepare_model(run, data, device, root)
        train(model, inputs.task(run, data, device, rows), run.training, key_of(run))
        found = {split: _seen(model, texts) for split, texts in splits.items()}
        centre, axes = _axes(found["train"][0][rows])
        for split, (features, predicted) in found.items():
            labels = splits[split].labels
            places = (features - centre) @ axes
            told = {
                "trained_on": name,
                "split": split,
                "label": labels,
                "hard": hard if split == "train" else False,
                "right": predicted == labels,
                "x": places[:, 0],
                "y": places[:, 1],
            }
            parts.append(pd.DataFrame(told))
    return pd.concat(parts, ignore_index=True)


def _seen(model: Encoder, texts: Texts) -> tuple[np.ndarray, np.ndarray]:
    """(N, D) float64 features and (N,) predicted classes."""
    model.eval()
    features, predicted = None, np.zeros(len(texts), np.int64)
    with torch.inference_mode():
        for rows, tokens, _ in texts.evaluation_batches():
            seen = model.features(tokens)
            predicted[rows] = model.head(seen).argmax(1).cpu().numpy()
            if features is None:
                features = np.zeros((len(texts), seen.shape[1]))
            features[rows] = seen.cpu().numpy()
    return features, predicted


def _axes(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The centre (D,) and the two principal axes (D, 2), each with its largest entry positive."""
    centre = features.mean(axis=0)
    _, _, rows = np.linalg.svd(features - centre, full_matrices=False)
    axes = rows[:2].T
    return centre, axes * np.sign(axes[np.abs(axes).argmax(axis=0), range(2)])
