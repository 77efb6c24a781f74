"""What a process takes of its machine."""

import resource
import sys
from pathlib import Path


def peak_memory_mb() -> float:
    """The largest resident size that this process has had, in MB (2^20 bytes).

    Linux hands the largest size of a parent down to the processes that it starts (``getrusage(2)``), so that
    a small job of a large scheduler would report the scheduler's: there the program's own mark is read.
    """
    status = Path("/proc/self/status")
    if status.exists():
        mark = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(mark.split()[1]) / 2**10
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20
