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
from study.config.architectures import MlpSettings, ResNetSettings, VggSettings, VitSettings
from study.models.registry import build
from study.training.run import train_runs

FOLDER = Path(__file__).parent
NORMS = ("batch", "group", "none")
MODELS = {
    "mlp": MlpSettings(architecture="mlp", hidden=[12, 7]),
    **{f"resnet {n}": ResNetSettings(architecture="resnet", depth=8, width=6, norm=n) for n in NORMS},
    **{f"vgg {n}": VggSettings(architecture="vgg", stages=[(6, 2), (12, 1)], norm=n) for n in NORMS},
    "vit": VitSettings(architecture="vit", patch=2, dim=12, depth=2, heads=3),
}
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
    for name, values in (("logits", logits()), ("runs", runs())):
        path = FOLDER / f"{name}.json"
        path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
