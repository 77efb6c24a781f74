"""The peak of a process's memory."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from study.processes import peak_memory_mb

PROJECT = Path(__file__).resolve().parents[2]


def test_it_is_of_the_largest_moment():
    before = peak_memory_mb()
    held = np.ones(2**25)  # 256 MB
    assert held.sum() == 2**25
    del held
    assert peak_memory_mb() >= max(before, 256)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands a parent's peak down")
def test_a_small_child_of_a_large_process_does_not_report_its_parents_peak():
    held = np.ones(2**26)  # 512 MB
    code = "from study.processes import peak_memory_mb; print(peak_memory_mb())"
    env = os.environ | {"PYTHONPATH": str(PROJECT / "workflow")}
    child = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert held.nbytes / 2**20 == 512
    assert float(child.stdout) < 100
