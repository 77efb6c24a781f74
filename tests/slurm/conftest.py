"""A cluster for the tests that need one, and the study as it runs there."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.faults.disturbed import NAME, Undisturbed
from tests.project import ROOT, Project, Ran, run
from tests.slurm.cluster import cluster, why_not

PLUGIN = ROOT / ".slurm-plugin"


class OnSlurm:
    """The project where its jobs run on a cluster, which has no accounting database."""

    def __init__(self, project: Project, environment: Mapping[str, str]) -> None:
        self.project, self.environment = project, environment

    def command(self, config: tuple[str, ...], folder: Path, *arguments: str) -> list[str]:
        """What a user types on the login node; status is asked for sooner than there: jobs are short."""
        return [
            *(sys.executable, "-m", "snakemake", "--snakefile", str(self.project.root / "Snakefile")),
            *("--profile", str(self.project.root / "profiles/slurm")),
            *("--configfile", *(str(self.project.root / name) for name in config)),
            *("--directory", str(folder), "--slurm-init-seconds-before-status-checks", "3"),
            *("--seconds-between-status-checks", "3", "--slurm-status-command", "squeue", *arguments),
        ]

    def run(self, config: tuple[str, ...], folder: Path, *arguments: str) -> Ran:
        """Run snakemake to its end."""
        return run(self.command(config, folder, *arguments), self.project.root, self.environment)

    def asked(self, *options: str) -> list[list[str]]:
        """What squeue says of all jobs that it remembers: one list of words a job."""
        said = subprocess.run(
            ["squeue", "--noheader", "--states=all", *options],
            env=self.environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return [line.split() for line in said.stdout.splitlines()]

    def jobs_of(self, said: str) -> list[str]:
        """The jobs of a run of Snakemake that are still remembered, by what it said."""
        run = re.search(r"SLURM run ID: (\S+)", said)[1]
        return [job for (job,) in self.asked("--array", "--format=%i", "--name", run)]

    def job_of(self, process: int) -> str:
        """The job that a process belongs to: of an array a task, since scancel passes over their numbers."""
        lines = Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
        (number,) = [line.decode().partition("=")[2] for line in lines if line.startswith(b"SLURM_JOB_ID=")]
        return dict(self.asked("--array", "--format=%A %i"))[number]


@pytest.fixture(scope="session")
def slurm(checkout) -> Iterator[OnSlurm]:
    """A cluster of this machine."""
    missing = why_not() or ("" if PLUGIN.is_dir() else f"no plugin in {PLUGIN} (make slurm)")
    if missing:
        (pytest.fail if "SLURM_REQUIRED" in os.environ else pytest.skip)(missing)
    folder = Path(tempfile.mkdtemp(prefix="slurm"))  # short: sockets lie in it
    try:
        with cluster(folder, cpus=os.cpu_count()) as environment:
            found = {"PYTHONPATH": str(PLUGIN), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
            yield OnSlurm(checkout, environment | found)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def peace_on_slurm(peace, slurm, tmp_path_factory) -> Undisturbed:
    """The small study where nothing happens to its jobs."""
    folder = tmp_path_factory.mktemp("peace")
    start = time.monotonic()
    ran = slurm.run((NAME,), folder, "--", *peace.results)
    assert ran.code == 0 and slurm.jobs_of(ran.text), ran.text[-5000:]
    return peace._replace(folder=folder, seconds=time.monotonic() - start)
