"""The table of partitions, read and applied by the plugin itself: no cluster is needed."""

import importlib
import logging
import sys
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.project import ROOT

PLUGIN = ROOT / ".slurm-plugin"
PROFILE = ROOT / "profiles/slurm"
DAYS = 24 * 60


def of_plugin(name: str):
    """A module of the plugin, which does not lie beside the packages of the study."""
    if not PLUGIN.is_dir():
        pytest.skip(f"no plugin in {PLUGIN} (make slurm)")
    sys.path.append(str(PLUGIN))
    try:
        return importlib.import_module(f"snakemake_executor_plugin_slurm.{name}")
    finally:
        sys.path.remove(str(PLUGIN))


@pytest.fixture(scope="module")
def sent():
    """A function that names the partition of a job: sent(threads, resources)."""
    plugin = of_plugin("partitions")
    partitions = plugin.read_partition_file(PROFILE / "partitions.yaml")

    def sent(threads: int = 1, **resources: int) -> str | None:
        job = SimpleNamespace(name="job", threads=threads, resources=resources)
        return plugin.get_best_partition(partitions, job, logging.getLogger(__name__))

    return sent


def test_trainings_go_to_gpus_and_analyses_do_not(sent):
    assert sent(gpu=1, nodes=1, mem_mb=16_000, runtime=2 * DAYS) == "gpu"
    assert sent(8, gpu=8, nodes=1, mem_mb=16_000, runtime=2 * DAYS) == "gpu"
    assert sent(mem_mb=16_000, runtime=2 * DAYS) == "cpu"
    assert sent(gpu=1, nodes=1, mem_mb=16_000, runtime=4 * DAYS) is None


@given(st.integers(1, 64), st.integers(1, 250_000), st.integers(1, 7 * DAYS))
def test_no_job_without_a_gpu_takes_one(sent, threads, memory, minutes):
    assert sent(threads, mem_mb=memory, runtime=minutes) == "cpu"


def test_a_training_is_submitted_to_one_node():
    job = SimpleNamespace(threads=8, resources=Resources(gpu=8, nodes=1, mem_mb=16_000, runtime=2880))
    names = ("run_uuid", "slurm_logfile", "comment_str", "account", "partition", "workdir")
    command = of_plugin("submit_string").get_submit_command(job, dict.fromkeys(names, "text"))
    assert " --nodes=1 " in command and " --cpus-per-task=8 " in command and " -t 2880 " in command


class Resources(dict):
    """Resources of a job as the plugin reads them: as keys and as attributes."""

    __getattr__ = dict.__getitem__
