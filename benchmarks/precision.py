"""What training in bfloat16 does to scores of images, beside what other seeds do to them.

Run: python benchmarks/precision.py      (five minutes on two cores)

Models of the default study train with 24 seeds in float32, and with the first twelve of them in bfloat16; all
that is recorded is computed in float32. Of each score that examples.parquet holds: Spearman's correlation
over examples of means over twelve seeds, between the two dozens in float32, and between the second dozen and
bfloat16, which share no seed. A shift is the difference of a score's mean over examples between bfloat16 and
all of float32, in standard errors by the spread of 24 runs; one in twenty is above 2 by chance.
"""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from scipy.stats import spearmanr
from timing import run

from study import paths
from study.files import read_json

CHAPTER, HALF = "difficulty", 12
MODELS = {"digits": ["mlp", "resnet8"], "digits-noisy": ["mlp", "resnet8"]}


def train(folder: Path, precision: str, seeds: int) -> None:
    """Train the models in a study of their own."""
    models = sorted({model for of_data in MODELS.values() for model in of_data})
    chapter = {"seeds": seeds, "models": models, "models_of": MODELS}
    overlay = folder.with_suffix(".yaml")
    overlay.write_text(yaml.safe_dump({"training": {"precision": precision}, CHAPTER: chapter}))
    wanted = [
        paths.scores(CHAPTER, dataset, model) for dataset, of_data in MODELS.items() for model in of_data
    ]
    configs = ("config/config.yaml", str(overlay))
    run("snakemake.cli", "--cores", "2", "--configfile", *configs, "--directory", str(folder), "--", *wanted)


def runs(folder: Path, dataset: str, model: str, seeds: range) -> tuple[list[pd.DataFrame], list[float]]:
    """Scores of the examples and test accuracies of some runs."""
    of_runs = [folder / paths.run_folder(CHAPTER, dataset, model, seed) for seed in seeds]
    tables = [pd.read_parquet(path / "examples.parquet").select_dtypes("floating") for path in of_runs]
    return tables, [read_json(path / "metrics.json")["test_accuracy"] for path in of_runs]


def compared(folders: dict[str, Path], dataset: str, model: str) -> str:
    """A row of the table."""
    exact, right = runs(folders["float32"], dataset, model, range(2 * HALF))
    halved, halved_right = runs(folders["bfloat16"], dataset, model, range(HALF))
    first, second, other = (sum(part) / HALF for part in (exact[:HALF], exact[HALF:], halved))
    among, across, shifts = [], [], []
    for name in first:
        among.append(spearmanr(first[name], second[name]).statistic)
        across.append(spearmanr(other[name], second[name]).statistic)
        means = np.array([table[name].mean() for table in exact])
        error = means.std(ddof=1) * np.sqrt(1 / HALF + 1 / (2 * HALF))
        shifts.append(abs(other[name].mean() - means.mean()) / error)
    accuracies = [
        f"{np.mean(of):.4f} ± {np.std(of, ddof=1) / len(of) ** 0.5:.4f}" for of in (right, halved_right)
    ]
    return (
        f"| {model} | {dataset} | {' | '.join(accuracies)} | {len(shifts)} | {np.median(among):.3f} | "
        f"{np.median(across):.3f} | {max(shifts):.1f} | {sum(shift > 2 for shift in shifts)} |"
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folders = {name: Path(temporary) / name for name in ("float32", "bfloat16")}
        train(folders["float32"], "float32", 2 * HALF)
        train(folders["bfloat16"], "bfloat16", HALF)
        print(
            "| model | data | accuracy, float32 | bfloat16 | scores | median correlation of float32 | "
            "with bfloat16 | largest shift | above 2 |"
        )
        print("|---|---|---:|---:|---:|---:|---:|---:|---:|")
        for dataset, models in MODELS.items():
            for model in models:
                print(compared(folders, dataset, model), flush=True)


if __name__ == "__main__":
    main()
