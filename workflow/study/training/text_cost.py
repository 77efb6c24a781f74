"""What passes over a set of texts cost, measured one after the other in this process."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch

from study.config.runs import RunSettings
from study.data.dataset import Dataset
from study.models.encoder import Encoder
from study.models.tokenizer import Pieces
from study.scores.embedding_vog import embedding_gradients
from study.scores.gradient import per_example_gradient_norms
from study.training.contracts import key_of
from study.training.evaluation import evaluate
from study.training.loop import train
from study.training.text_inputs import text_inputs
from study.training.text_runs import prepare_model
from study.training.text_scores import LOOKED_AT
from study.training.texts import Texts, TrainingTexts

_REPEATS = 3


def seconds_of_passes(run: RunSettings, data: Dataset, device: torch.device, root: Path) -> dict[str, float]:
    """Median seconds of one pass over the training set, of each kind.

    Returns:
        `epoch` (of training), `null_epoch` (the same on empty texts), `evaluation` (forward alone), `vog`
        (gradients at the embeddings, at one checkpoint), `tracin` (norms of the last layers' gradients).
    """
    inputs = text_inputs(run, data, root)
    model = prepare_model(run, data, device, root)
    texts = inputs.whole(data.train, inputs.train, device)
    once = run.training.model_copy(update={"epochs": 1})
    key, classes = key_of(run), len(data.classes)

    def epoch_on(pieces: Pieces) -> Callable[[], object]:
        of_texts = (pieces, data.train.labels, inputs.padding, device)
        task = TrainingTexts(*of_texts, None, classes, once, key)
        return lambda: train(model, task, once, key)

    ways: dict[str, Callable[[], object]] = {
        "epoch": epoch_on(inputs.train),
        "null_epoch": epoch_on(inputs.empty),
        "evaluation": lambda: evaluate(model, texts),
        "vog": lambda: _vog(model, texts),
        "tracin": lambda: _norms(model, texts),
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(_REPEATS):
        for name, work in ways.items():
            found[name].append(_seconds(work, device))
    return {name: statistics.median(values) for name, values in found.items()}


def _vog(model: Encoder, texts: Texts) -> None:
    for _, tokens, labels in texts.evaluation_batches(LOOKED_AT):
        embedding_gradients(model, model.embeddings, tokens, labels)


def _norms(model: Encoder, texts: Texts) -> None:
    for _, tokens, labels in texts.evaluation_batches(LOOKED_AT):
        per_example_gradient_norms(model, tokens, labels, model.last_layers)


def _seconds(work: Callable[[], object], device: torch.device) -> float:
    start = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start
