"""Time and memory of prediction depth: votes of 30 neighbours at the 11 probes of ResNet-20, 32 × 32 images.

Run: python benchmarks/knn.py [examples]      (5,000 by default; some minutes)

One thread. Random outputs of the probes' sizes: their values do not matter to the time. Each probe is a
process of its own, so that its peak memory is its own. Time grows with the square of the number of examples
(a fifth of them is measured too, beside the expectation), memory in proportion: outputs of one probe, and a
block of distances of a fixed size. The floor is the product of the outputs with their transpose. Time is the
processor's.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"

import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow"))

FULL = 50_000
PROBES = {  # numbers an example: how many probes of this size ResNet-20 has, precision
    "stem and stage 1: 16 × 32 × 32": (16 * 32 * 32, 4, "float32"),
    "stage 2: 32 × 16 × 16": (32 * 16 * 16, 3, "float32"),
    "stage 3: 64 × 8 × 8": (64 * 8 * 8, 3, "float32"),
    "softmax: 10": (10, 1, "float64"),
}


def measure(width: int, precision: str, n: int) -> None:
    """Print seconds of the votes and of the floor, peak MB above what was there before, and MB of outputs."""
    import torch

    from study.processes import peak_memory_mb
    from study.scores.neighbours import neighbour_votes

    torch.set_num_threads(1)
    torch.manual_seed(0)
    neighbour_votes(torch.randn(100, width), torch.arange(100) % 10)  # loads what is loaded once
    before = peak_memory_mb()
    outputs, labels = torch.randn(n, width, dtype=getattr(torch, precision)), torch.arange(n) % 10
    start = time.process_time()
    neighbour_votes(outputs, labels)
    seconds = time.process_time() - start
    peak = peak_memory_mb() - before
    rows = min(n, 500)
    start = time.process_time()
    torch.mm(outputs[:rows], outputs.T)
    floor = (time.process_time() - start) * n / rows
    print(seconds, floor, peak, outputs.numel() * outputs.element_size() / 2**20)


def in_a_process(width: int, precision: str, n: int) -> list[float]:
    command = [sys.executable, __file__, "--measure", str(width), precision, str(n)]
    return [
        float(x) for x in subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    ]


def main(n: int) -> None:
    print(f"\n{n:,} examples, 30 neighbours, 1 thread; {FULL:,} extrapolated from them\n")
    print(
        f"| probe | probes | seconds each | of a product | × of {n // 5:,} examples (25 expected) | peak MB |"
        f" {FULL:,}: minutes | {FULL:,}: GiB |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    scale = FULL / n
    total = largest = minutes = gib = 0.0
    for name, (width, probes, precision) in PROBES.items():
        seconds, floor, peak, own = in_a_process(width, precision, n)
        fewer = in_a_process(width, precision, n // 5)[0]
        needed = (own * scale + max(0.0, peak - own)) / 1024
        print(
            f"| {name} | {probes} | {seconds:.2f} | {seconds / floor:.2f} | {seconds / fewer:.0f} |"
            f" {peak:,.0f} | {seconds * scale**2 / 60:.1f} | {needed:.2f} |",
            flush=True,
        )
        total, minutes = total + probes * seconds, minutes + probes * seconds * scale**2 / 60
        largest, gib = max(largest, peak), max(gib, needed)
    print(f"| all | 11 | {total:.1f} in all | | | {largest:,.0f} | {minutes:.0f} | {gib:.2f} |")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
