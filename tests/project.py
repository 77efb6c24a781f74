"""A copy of the project in a temporary folder, and how it is run."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from study.manifest import is_timed

ROOT = Path(__file__).parents[1]
COPIED = ("Snakefile", "workflow", "config", "profiles", "results/README.md")


class Ran(NamedTuple):
    """What a command left behind."""

    code: int
    text: str


class Finished(NamedTuple):
    """The folder of a study that ran whole, and its results at that time."""

    folder: Path
    results: dict[str, bytes]


class Project:
    """A copy of the project that tests may edit, and the Python that runs it."""

    def __init__(self, root: Path, python: str = sys.executable) -> None:
        self.root, self.python = root, python
        self.folder = root / "studies/smoke"

    def copy(self) -> None:
        """Fill its folder."""
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, self.root / name, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, self.root / name)

    def command(
        self, *arguments: str, config: tuple[str, ...] = ("config/smoke.yaml",), folder: Path | None = None
    ):
        """The snakemake command line of the smoke study (or of another configuration) in its folder."""
        files = [str(self.root / name) for name in config]
        where = folder or self.folder
        start = [self.python, "-m", "snakemake", "--snakefile", str(self.root / "Snakefile")]
        return [*start, "--cores", "2", "--configfile", *files, "--directory", str(where), *arguments]

    def snakemake(self, *arguments: str, **keywords) -> Ran:
        """Run snakemake to its end."""
        return run(self.command(*arguments, **keywords), self.root, self.environment())

    def study(self, *arguments: str, folder: Path | None = None) -> Ran:
        """Run `python -m study ...` in the study's folder."""
        where = str(self.root / "workflow")
        command = [self.python, "-m", "study", *arguments]
        return run(command, folder or self.folder, self.environment(PYTHONPATH=where))

    def environment(self, **more: str) -> dict[str, str]:
        """An environment in which jobs find this Python, and what stands beside that of the tests."""
        places = (Path(self.python).parent, Path(sys.executable).parent, os.environ["PATH"])
        return {**os.environ, "PATH": ":".join(map(str, places)), **more}

    def planned(self, *arguments: str, **keywords) -> set[str]:
        """The rules that a dry run would run."""
        ran = self.snakemake("--dry-run", *arguments, **keywords)
        assert ran.code == 0, ran.text
        table = re.findall(r"^(\w+)\s+\d+$", ran.text, flags=re.MULTILINE)
        return set(table) - {"all", "total"}


def snapshot(folder: Path) -> dict[str, bytes]:
    """The results of a study, but for those that no second run repeats."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted((folder / "results").rglob("*"))
        if path.is_file() and not is_timed(path) and path.name not in ("study.json", "manifest.csv")
    }


def run(command: list[str], folder: Path, environment: dict[str, str]) -> Ran:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=900)
    return Ran(done.returncode, done.stdout + done.stderr)
