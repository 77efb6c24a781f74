"""The golden values: what models and a tiny study gave when they were last looked at.

They find a change that nobody meant. After one that was meant, write them anew and read the difference:

    PYTHONPATH=workflow python -m tests.golden.make && git diff tests/golden
"""

import json
import tempfile
from pathlib import Path

import pandas as pd
import torch
from tests.tiny_study import prepare, tiny_study

from study import paths
from study.config.architectures import (
    DecoderSettings,
    MlpSettings,
    ResNetSettings,
    VggSettings,
    VitSettings,
)
from study.config.questions import PhoneBookData
from study.config.training import TrainingSettings
from study.data.questions.load import load
from study.models.decoder import Sequences
from study.models.depth_one import DepthOne
from study.models.registry import build
from study.training.contracts import RunKey
from study.training.loop import train
from study.training.question_evaluation import answer_scores
from study.training.questions import Questions, TrainingQuestions
from study.training.run import train_runs

FOLDER = Path(__file__).parent
NORMS = ("batch", "group", "none")
MODELS = {
    "mlp": MlpSettings(architecture="mlp", hidden=[12, 7]),
    **{f"resnet {n}": ResNetSettings(architecture="resnet", depth=8, width=6, norm=n) for n in NORMS},
    **{f"vgg {n}": VggSettings(architecture="vgg", stages=[(6, 2), (12, 1)], norm=n) for n in NORMS},
    "vit": VitSettings(architecture="vit", patch=2, dim=12, depth=2, heads=3),
}
DECODER = {"architecture": "decoder", "dim": 8, "layers": 2, "experts_implementation": "eager"}
DECODERS = {
    "dense": DECODER,
    **{f"mixture {r}": DECODER | {"experts": 4, "router": r} for r in ("learned", "frozen", "hash")},
    "mixture top 1": DECODER | {"experts": 4, "top_k": 1, "ffn": 12},
}
BOOK = PhoneBookData(entries=12, strangers=4, letters=2, digits=2)
RUNS = ("mlp", "resnet", "vit")
METRICS = ("test_accuracy", "test_loss", "train_accuracy", "train_loss", "parameters", "steps")
SCORES = (
    "loss_mean",
    "el2n_early",
    "aum_mean",
    "margin_last",
    "variability",
    "grand_early",
    "grand_last_layer_last",
    "vog",
    "vog_loss",
    "forgetting",
    "first_learned",
)
EXAMPLES = 5


def logits() -> dict[str, dict[str, list]]:
    """Logits of two pictures without chance, in double precision, by model and mode."""
    shape = (2, 3, 8, 8)
    pictures = torch.sin(torch.arange(2 * 3 * 8 * 8, dtype=torch.float64) * 0.37).reshape(shape)
    found = {}
    for name, settings in MODELS.items():
        torch.manual_seed(2026)
        model = build(settings, shape[1:], 4).double()
        with torch.no_grad():
            found[name] = {
                mode: model.train(mode == "training")(pictures).tolist()
                for mode in ("evaluation", "training")
            }
    return found


def decoders() -> dict[str, dict[str, list]]:
    """By decoder: logits of two rows of tokens, in double precision, and what four updates on a book make.

    And a model of depth 1 for length-2 paths: logits of two questions.
    """
    found = {}
    tokens = torch.arange(12).reshape(2, 6) * 5 % 11
    for name, settings in DECODERS.items():
        torch.manual_seed(2026)
        model = build(DecoderSettings(**settings), (6,), 11).double()
        logits = model(Sequences(tokens)).logits.tolist()
        found[name] = {"logits": logits, "learnt": _learnt(settings)}
    torch.manual_seed(2026)
    model = DepthOne(8, 3, 4, 5).double()
    found["depth one"] = {"logits": model(tokens[:, :4] % 8).logits.tolist()}
    return found


def _learnt(settings: dict) -> list[float]:
    """Loss and token accuracy of each entry of a small book after four epochs."""
    data, cpu = load("book", BOOK, 0), torch.device("cpu")
    training = TrainingSettings(
        epochs=4, batch_size=12, optimizer="adamw", lr=0.01, schedule="linear", shift=0
    )
    torch.manual_seed(2026)
    decoder = DecoderSettings(**settings)
    model = build(decoder, data.train.inputs.shape[1:], len(data.classes))
    key = RunKey(0, 0, "golden")
    task = TrainingQuestions(data.train, len(data.classes), training, decoder.top_k, (0.01, 0.001), key, cpu)
    train(model, task, training, key)
    scores = answer_scores(model, Questions(data.train, cpu))
    return [*scores["loss"].tolist(), *scores["token_accuracy"].tolist()]


def runs() -> dict[str, dict]:
    """Final metrics, and some scores of the first examples, of a run of each model of the tiny study."""
    found = {}
    with tempfile.TemporaryDirectory() as root:
        prepare(Path(root))
        for model in RUNS:
            train_runs(tiny_study(), "difficulty", "tiny", model, [0], root)
            folder = Path(root) / paths.run_folder("difficulty", "tiny", model, 0)
            metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
            examples = pd.read_parquet(folder / "examples.parquet").head(EXAMPLES)
            found[model] = {
                "metrics": {name: metrics[name] for name in METRICS},
                "scores": {name: examples[name].tolist() for name in SCORES},
            }
    return found


if __name__ == "__main__":
    for name, values in (("logits", logits()), ("decoders", decoders()), ("runs", runs())):
        path = FOLDER / f"{name}.json"
        path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
