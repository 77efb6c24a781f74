"""What benchmarks share. Import it before the package: it puts workflow/ on the path.

Machines are shared and drift: ways to compare take turns, and CPU seconds are counted, which leave out
waiting for a processor that others use. Of one thread they are what a clock would show on an idle machine.
"""

import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow"))


def of_children() -> float:
    """CPU seconds of all processes that this one has started and waited for."""
    times = os.times()
    return times.children_user + times.children_system


def interleaved(
    ways: Mapping[str, Callable[[], object]],
    repeats: int,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, float]:
    """Median CPU seconds of each way, by default in this process; the first round warms up."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats + 1):
        for name, way in ways.items():
            start = clock()
            way()
            seconds[name].append(clock() - start)
    return {name: median(values[1:]) for name, values in seconds.items()}
