"""Memory of the chapter influence at the size of SNLI: a run, and every step that reads all scores.

Run: python benchmarks/text_memory.py            (about ten minutes on one thread; 4 GB of disk)

549,367 pairs of texts of random words, as long as those of SNLI. The run trains a tiny encoder for one epoch
and looks back at two checkpoints: what it keeps of each example does not depend on the encoder or on the
number of checkpoints, and its estimate is that by which jobs are refused. The steps read ten runs, and the
runs on empty texts, without a fold and watched often, whose columns are drawn at random.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import timing  # noqa: F401 (puts the package on the path)

from study import paths
from study.config import parse_study
from study.data.dataset import Dataset, data_digest, save, split
from study.data.dataset import open as open_dataset
from study.data.text.packed import pack, text_hashes
from study.files import write_csv, write_parquet
from study.kinds import TEXT
from study.processes import peak_memory_mb
from study.scores.registry import columns_of

PAIRS, TEST, SEEDS = 549_367, 9_824, 10
BUDGET = 12  # GiB
STEPS = ("encoder", "run", "aggregate", "rankings", "consistency", "correlation", "extremes")
ENCODER = {
    "architecture": "encoder",
    "layers": 1,
    "dim": 16,
    "vocabulary": 400,
    "positions": 160,
    "truncate": True,
}


def study():
    """SNLI's place is taken by pairs of random words."""
    tiny = {"epochs": 1, "batch_size": 128, "optimizer": "adamw"}
    return parse_study(
        {
            "name": "text-memory",
            "datasets": {"pairs": {"source": "generated", "family": "nli"}},
            "models": {"tiny": ENCODER},
            "influence": {
                "datasets": ["pairs"],
                "models": ["tiny"],
                "seeds": SEEDS,
                "training": tiny,
                "learning_rates": [0.001],
                "pretraining": {"training": {**tiny, "epochs": 1}},
                "recording": {
                    "early_epoch": 1,
                    "vog_checkpoints": 2,
                    "tracin_checkpoints": 2,
                    "trajectory_seeds": 0,
                },
            },
            "runtime": {"device": "cpu", "memory_mb": BUDGET * 1024},
        }
    )


def make(root: Path, pairs: int) -> None:
    """The data, and the learning rate that runs are to take."""
    rng = np.random.default_rng(0)
    words = np.array([f"word{k}" for k in range(2000)])

    def column(size: int, mean: float) -> list[str]:
        lengths = np.clip(np.round(rng.lognormal(np.log(mean), 0.4, size)), 2, 60).astype(int)
        drawn = words[rng.integers(len(words), size=lengths.sum())]
        return [" ".join(part) for part in np.split(drawn, np.cumsum(lengths)[:-1])]

    def part(name: str, size: int):
        texts = pack([column(size, 13), column(size, 7)])
        return split("pairs", name, np.arange(size), texts, np.arange(size) % 3, hashes=text_hashes)

    train, test = part("train", pairs), part("test", TEST)
    data = Dataset("pairs", train, test, ("a", "b", "c"), "none", data_digest(train, test, 3))
    save(data, root / paths.data_folder("pairs"))
    write_csv(
        root / paths.tuning("influence", "pairs", "tiny"),
        pd.DataFrame({"learning_rate": [0.001], "chosen": [True]}),
    )


def make_runs(root: Path, pairs: int) -> None:
    """The tables of all runs that the steps read, of columns drawn at random."""
    rng = np.random.default_rng(1)
    train = open_dataset(root / paths.data_folder("pairs")).train
    known = {"example_id": train.ids, "content": train.contents, "label": train.labels}
    settings = study().influence
    wanted: dict[tuple[str | None, int], list[str]] = {
        (None, seed): list(columns_of(TEXT)) for seed in range(SEEDS)
    }
    wanted |= {("null", seed): ["loss"] for seed in range(SEEDS)}
    wanted |= {
        (f"fold-{fold}", seed): ["loss", "inside"]
        for fold in range(settings.folds)
        for seed in range(settings.fold_seeds)
    }
    counts = ["forgetting_often", "forgetting_rarely"]
    wanted |= {("cadence", seed): counts for seed in range(settings.cadence.seeds)}
    for (variant, seed), columns in wanted.items():
        values = {name: rng.standard_normal(pairs) for name in columns}
        if "inside" in values:
            values["inside"] = np.arange(pairs) % settings.folds != int(variant.removeprefix("fold-"))
        folder = root / paths.run_folder("influence", "pairs", "tiny", seed, variant)
        write_parquet(folder / "examples.parquet", pd.DataFrame(known | values))


def measure(step: str, root: Path) -> str:
    """Estimate (of a run), peak of this process and CPU seconds, as the cells of a row."""
    os.chdir(root)
    start, estimate, place = time.process_time(), "", ("pairs", "tiny")
    if step == "encoder":
        from study.training.pretraining import prepare_encoder

        prepare_encoder(study(), "influence", *place, root)
    elif step == "run":
        from study.training.run import train_runs
        from study.training.text_runs import estimate_mb, settled

        train_runs(study(), "influence", *place, [0], root)
        import torch

        run = settled(study().run("influence", *place, 0), study(), root)
        data = open_dataset(root / paths.data_folder("pairs"))
        estimate = f"{estimate_mb(run, data, torch.device('cpu'), root) / 1024:.2f}"
    else:
        module = import_module(f"study.chapters.influence.{step}")
        module.run(study(), *(place if step in ("aggregate", "rankings") else place[:1]))
    return f"{estimate} | {peak_memory_mb() / 1024:.2f} | {time.process_time() - start:,.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--inside", nargs=2, metavar=("step", "folder"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    inside, pairs = options.inside, options.pairs
    makers = {"data": make, "runs": make_runs}
    if inside:
        step, root = inside[0], Path(inside[1])
        if step in makers:
            makers[step](root, pairs)
        else:
            print(measure(step, root))
        return
    print(f"{pairs:,} pairs, {SEEDS} runs. Budget: {BUDGET} GiB for each job.\n")
    print("| job | estimate, GiB | peak, GiB | CPU s |\n|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as root:
        for step in ("data", "encoder", "run", "runs", *STEPS[2:]):
            command = [sys.executable, __file__, "--pairs", str(pairs), "--inside", step, root]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(f"{step}: {done.stderr}")
            if step not in makers:
                print(f"| {step} | {done.stdout.strip().splitlines()[-1]} |", flush=True)


if __name__ == "__main__":
    main()
