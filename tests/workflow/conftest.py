"""A copy of the project in a temporary folder, and the smoke study run in it once for all that look at it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
COPIED = ("Snakefile", "workflow", "config", "profiles", "results/README.md")


class Ran(NamedTuple):
    """What a command left behind."""

    code: int
    text: str


class Project:
    """A copy of the project that tests may edit."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, root / name)
        self.folder = root / "studies/smoke"

    def command(
        self, *arguments: str, config: tuple[str, ...] = ("config/smoke.yaml",), folder: Path | None = None
    ):
        """The snakemake command line of the smoke study (or of another configuration) in its folder."""
        files = [str(self.root / name) for name in config]
        where = folder or self.folder
        start = [sys.executable, "-m", "snakemake", "--snakefile", str(self.root / "Snakefile")]
        return [*start, "--cores", "2", "--configfile", *files, "--directory", str(where), *arguments]

    def snakemake(self, *arguments: str, **keywords) -> Ran:
        """Run snakemake to its end."""
        return run(self.command(*arguments, **keywords), self.root)

    def study(self, *arguments: str, folder: Path | None = None) -> Ran:
        """Run `python -m study ...` in the study's folder."""
        return run([sys.executable, "-m", "study", *arguments], folder or self.folder, self.environment())

    def environment(self) -> dict[str, str]:
        """An environment in which the copy's package is the one that is imported."""
        return {**os.environ, "PYTHONPATH": str(self.root / "workflow")}

    def planned(self, *arguments: str, **keywords) -> set[str]:
        """The rules that a dry run would run."""
        ran = self.snakemake("--dry-run", *arguments, **keywords)
        assert ran.code == 0, ran.text
        table = re.findall(r"^(\w+)\s+\d+$", ran.text, flags=re.MULTILINE)
        return set(table) - {"all", "total"}


def run(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> Ran:
    environment = dict(environment or os.environ)
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=900)
    return Ran(done.returncode, done.stdout + done.stderr)


@pytest.fixture(scope="session")
def checkout(tmp_path_factory) -> Project:
    """The project before anything was run."""
    return Project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def project(checkout) -> Project:
    """The project with its smoke study done."""
    ran = checkout.snakemake()
    assert ran.code == 0, ran.text
    return checkout


@pytest.fixture
def edited(project):
    """A function that edits a file of the copy for the length of a test: edited(path, old, new)."""
    originals: dict[Path, tuple[str, os.stat_result]] = {}

    def edit(name: str, old: str, new: str) -> None:
        path = project.root / name
        text = path.read_text()
        assert old in text, f"{name} no longer holds {old!r}"
        originals.setdefault(path, (text, path.stat()))
        path.write_text(text.replace(old, new, 1))

    yield edit
    for path, (text, status) in originals.items():
        path.write_text(text)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
