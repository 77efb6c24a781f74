"""Seconds of steps on a device, for the benchmarks that time some."""

import statistics
import time
from collections.abc import Callable

import torch


def now(device: torch.device) -> float:
    """Seconds, when the device has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def seconds_of(step: Callable[[], object], device: torch.device, repeats: int, warm: int) -> float:
    """Median seconds of a step, after some that warm up."""
    found = []
    for repeat in range(warm + repeats):
        start = now(device)
        step()
        if repeat >= warm:
            found.append(now(device) - start)
    return statistics.median(found)
