"""Pre-training at paper scale: GPU-hours, from timed steps of some of its models.

Run: python benchmarks/pretraining_hours.py [config/paper.yaml]      (a second)

Tokens a second are those that pretraining_on_gpu.py measured. Of dense models that were not timed, seconds a
token follow from parameters at work, along straight lines; a mixture takes so many times as long as the dense
model of its width as those 256 wide do, by the logarithm of its experts.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "workflow"))

import numpy as np

from study.config.files import read
from study.models.counting import size_of, training_operations

TOKENS, VOCABULARY = 65e9, 50_304  # of a corpus (arXiv 2410.19034, section 5); of its tokenizer
CARD = "NVIDIA H200"
DENSE = {"lm-256": 88_181, "lm-1024": 55_220, "lm-2048": 32_523}  # tokens a second
MIXED = {1: DENSE["lm-256"], 8: 46_300, 64: 28_333}  # the same of lm-256, by experts


def seconds_of_dense(sizes: dict[str, int], size: int) -> float:
    """Seconds a token of a dense model, from parameters at work of the timed ones and its own."""
    known = [sizes[name] for name in DENSE]
    seconds = [1 / rate for rate in DENSE.values()]
    if size <= known[-1]:
        return float(np.interp(size, known, seconds))
    slope = (seconds[-1] - seconds[-2]) / (known[-1] - known[-2])
    return seconds[-1] + slope * (size - known[-1])


def times_as_long(experts: int) -> float:
    """How many times as long as a dense model a mixture takes."""
    ratios = [MIXED[1] / rate for rate in MIXED.values()]
    return float(np.interp(np.log2(experts), np.log2(list(MIXED)), ratios))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("study", type=Path, nargs="?", default=Path("config/paper.yaml"))
    study = read([parser.parse_args().study])
    pretraining = study.experts.pretraining
    corpora, runs = len(pretraining.corpora), pretraining.seeds or study.experts.seeds
    what = f"{TOKENS / 1e9:.0f} billion tokens of each of {corpora} corpora"
    print(f"{what}, {runs} run a model, vocabulary {VOCABULARY:,}, by tokens a second on one {CARD}.\n")
    print("| model | parameters | at work | operations | GPU-hours a run |\n|---|---:|---:|---:|---:|")
    sizes = {name: size_of(study.models[name], VOCABULARY) for name in pretraining.models}
    at_work = {name: size.active for name, size in sizes.items()}
    hours = 0.0
    for name, size in sizes.items():
        seconds = seconds_of_dense(at_work, size.active) * times_as_long(study.models[name].experts)
        of_run = TOKENS * seconds / 3600
        hours += of_run * corpora * runs
        operations = training_operations(size, TOKENS)
        millions = f"{size.total / 1e6:,.0f} M | {size.active / 1e6:,.0f} M"
        print(f"| {name} | {millions} | {operations:.1e} | {of_run:,.0f} |")
    print(f"\n{hours:,.0f} GPU-hours in all.")


if __name__ == "__main__":
    main()
