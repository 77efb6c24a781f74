"""Pre-training at paper scale: operations and GPU-hours, by arithmetic.

Run: python benchmarks/pretraining_hours.py [config/paper.yaml]      (a second)

Operations are 6 a token and parameter at work (Kaplan et al. 2020, section 2.1), without attention scores;
hours are those at a share of an H100's peak in bfloat16 that is usual for dense models, and half of it for
mixtures, whose products are small. Nothing is timed here.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "workflow"))

from study.config.files import read
from study.models.counting import size_of, training_operations

TOKENS, VOCABULARY = 65e9, 50_304  # of a corpus (arXiv 2410.19034, section 5); of its tokenizer
PEAK, DENSE, MIXED = 989e12, 0.4, 0.2  # operations a second of an H100, and the shares of it


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("study", type=Path, nargs="?", default=Path("config/paper.yaml"))
    study = read([parser.parse_args().study])
    pretraining = study.experts.pretraining
    corpora, runs = len(pretraining.corpora), pretraining.seeds or study.experts.seeds
    what = f"{TOKENS / 1e9:.0f} billion tokens of each of {corpora} corpora"
    print(f"{what}, {runs} run a model, vocabulary {VOCABULARY:,}.\n")
    print("| model | parameters | at work | operations | GPU-hours a run |\n|---|---:|---:|---:|---:|")
    hours = 0.0
    for name in pretraining.models:
        settings = study.models[name]
        size = size_of(settings, VOCABULARY)
        operations = training_operations(size, TOKENS)
        of_run = operations / (PEAK * (DENSE if settings.experts == 1 else MIXED)) / 3600
        hours += of_run * corpora * runs
        sizes = f"{size.total / 1e6:,.0f} M | {size.active / 1e6:,.0f} M"
        print(f"| {name} | {sizes} | {operations:.1e} | {of_run:,.0f} |")
    print(
        f"\n{hours:,.0f} GPU-hours in all, at {DENSE:.0%} and {MIXED:.0%} of {PEAK:.2e} operations a second."
    )


if __name__ == "__main__":
    main()
