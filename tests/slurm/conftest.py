"""A cluster for the tests that need one, and the study as it runs there."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.project import ROOT, Project, Ran, run
from tests.slurm.cluster import cluster, why_not

PLUGIN = ROOT / ".slurm-plugin"


class OnSlurm:
    """The project where its jobs run on a cluster."""

    def __init__(self, project: Project, environment: Mapping[str, str]) -> None:
        self.project, self.environment = project, environment

    def command(self, config: tuple[str, ...], folder: Path, *arguments: str) -> list[str]:
        """What a user types on the login node; status is asked for sooner than there: jobs are short."""
        return [
            *(sys.executable, "-m", "snakemake", "--snakefile", str(self.project.root / "Snakefile")),
            *("--profile", str(self.project.root / "profiles/slurm")),
            *("--configfile", *(str(self.project.root / name) for name in config)),
            *("--directory", str(folder), "--slurm-init-seconds-before-status-checks", "3"),
            *("--seconds-between-status-checks", "3", *arguments),
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


@pytest.fixture(scope="session")
def slurm(checkout) -> Iterator[OnSlurm]:
    """A cluster of this machine."""
    missing = why_not() or ("" if PLUGIN.is_dir() else f"no plugin in {PLUGIN} (make {PLUGIN.name}/.ready)")
    if missing:
        pytest.skip(missing)
    folder = Path(tempfile.mkdtemp(prefix="slurm"))  # short: sockets lie in it
    try:
        with cluster(folder, cpus=os.cpu_count()) as environment:
            found = {"PYTHONPATH": str(PLUGIN), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
            yield OnSlurm(checkout, environment | found)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
