"""Choosing from a large pool: utterances a second, and memory by the size of the pool.

Run: python benchmarks/pool_stream.py            (about 25 minutes of one thread; 150 MB of disk)

`rank-pool` on files of generated utterances, each with a number behind it, so that no two are the same. 300
gold ones; the encoder is the default, made before anything is timed. A teacher labels the pool, and five
scorers score it, each early and at its end: eleven passes over every utterance. Each size is a process of its
own; its scoring alone is timed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import timing  # noqa: F401 (puts the package on the path)

from study.config import parse_study
from study.data.text.generated import load
from study.data.text.packed import unpack
from study.processes import peak_memory_mb
from study.training import pool_ranking
from study.training.pool_ranking import Request, rank_pool
from study.training.pretraining import make_encoder

GOLD, SIZES, LARGER = 300, (10_000, 50_000, 200_000), 1_000_000
MODEL = {"architecture": "encoder"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="utterances in the pool")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)  # the folder of a process of its own
    options = parser.parse_args()
    if options.one:
        print(*measure(options.one))
        return
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_gold(root)
        rows = [(size, *measured(root, size)) for size in options.sizes]
    print(f"One thread; {GOLD} gold utterances, a teacher and five scorers of the default encoder.\n")
    print("| utterances | seconds of scoring | a second | peak memory, MB |\n|---:|---:|---:|---:|")
    for size, seconds, peak in rows:
        print(f"| {size:,} | {seconds:,.1f} | {size / seconds:,.0f} | {peak:,.0f} |")
    (few, before, low), (many, after, high) = rows[0], rows[-1]
    rate, growth = (after - before) / (many - few), (high - low) / (many - few)
    seconds, peak = after + rate * (LARGER - many), high + growth * (LARGER - many)
    print(f"| {LARGER:,} (extrapolated) | {seconds:,.0f} | {LARGER / seconds:,.0f} | {peak:,.0f} |")
    print(
        f"\nMemory grows by {growth * 2**20:,.0f} bytes an utterance from {few:,} to {many:,}: the score, "
        "the domain, the frequency and the row of each candidate, and a hash of its text."
    )


def write_gold(root: Path) -> None:
    """Gold utterances, texts for pools, and the encoder that all processes start from."""
    settings = parse_study(
        {
            "name": "pool-stream",
            "datasets": {"nlu": {"source": "generated", "family": "nlu", "train_size": 4000}},
            "models": {"encoder": MODEL},
            "training": {"epochs": 20, "batch_size": 32, "optimizer": "adamw", "lr": 0.002},
            "selection": {"datasets": ["nlu"], "model": "encoder"},
        }
    )
    made = load("nlu", settings.datasets["nlu"], 0)
    texts = [text for (text,) in unpack(made.train.inputs)]
    facts = {name: made.train.facts[name] for name in ("intent", "slots")}
    labels = np.array(made.classes)[made.train.labels]
    table = pd.DataFrame({"text": texts, "domain": labels} | facts)
    table[:GOLD].to_csv(root / "gold.csv", index=False)
    table[GOLD:][["text"]].to_csv(root / "texts.csv", index=False)
    examples = [(text,) for text in texts]
    make_encoder(settings, "selection", "encoder", examples, "bench", root / "encoder", root / "making")


def measured(root: Path, size: int) -> tuple[float, float]:
    """Seconds of scoring, and MB at the peak, of a process of its own."""
    texts = pd.read_csv(root / "texts.csv")["text"]
    pool = root / "pool.csv"
    with pool.open("w") as file:
        file.write("text\n")
        file.writelines(f"{texts[row % len(texts)]} {row}\n" for row in range(size))
    command = [sys.executable, __file__, "--one", str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    seconds, peak = done.stdout.split()[-2:]
    return float(seconds), float(peak)


def measure(root: Path) -> tuple[float, float]:
    """Choose from the pool in a folder, timing what is done to the pool."""
    spent, score = [], pool_ranking._Ranker.score

    def timed(self, target):
        start = time.perf_counter()
        kept = score(self, target)
        spent.append(time.perf_counter() - start)
        return kept

    pool_ranking._Ranker.score = timed
    how = pool_ranking.StrategySettings(strategy="top", score="entropy_joint")
    rank_pool(
        Request(
            *(root / name for name in ("gold.csv", "pool.csv", "selection.csv")),
            size=1000,
            how=how,
            threshold=0.0,
            text="text",
            domain="domain",
            intent="intent",
            slots="slots",
            frequency="frequency",
            start=str(root / "encoder"),
            positions=64,
            epochs=20,
            scorers=5,
            early_epoch=2,
            seed=0,
        )
    )
    return spent[0], peak_memory_mb()


if __name__ == "__main__":
    main()
