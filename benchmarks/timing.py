"""What benchmarks share. Import it before the package: it puts workflow/ on the path.

Machines are shared and drift: ways to compare take turns, and CPU seconds are counted, which leave out
waiting for a processor that others use. Of one thread they are what a clock would show on an idle machine.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow"))
TOLD = """
import sys
sys.path.insert(0, {package!r})
from study.processes import peak_memory_mb
from {module} import main
try:
    sys.exit(main(sys.argv[1:]))
finally:
    print(f"\\npeak {{peak_memory_mb():.0f}} MB", file=sys.stderr)
"""


def run(module: str, *arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess:
    """A command, as `main` of a module: it tells its own peak memory as the last line of stderr."""
    code = TOLD.format(package=str(ROOT / "workflow"), module=module)
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{module} {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done


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
