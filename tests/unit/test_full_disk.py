"""A disk without space: one message that names the file, and nothing that was there before is lost."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from tests.tiny_study import tiny_study
from tests.unit.data.pictures import FOUR, grey, parquet, pngs

ROOT = Path(__file__).parents[2]
KIB = 1024


@pytest.fixture
def small_disk(tmp_path):
    """A function that gives a file system of some KiB; skips the test where this user may not mount one."""
    place = tmp_path / "disk"
    place.mkdir()

    def mount(kib: int) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(place)]
        try:
            mounted = subprocess.run(command, capture_output=True).returncode == 0
        except OSError:
            mounted = False
        if not mounted:
            pytest.skip("this user may not mount a file system")
        return place

    yield mount
    if os.path.ismount(place):
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def run(arguments: list[str], folder: Path, largest_file: int | None = None) -> subprocess.CompletedProcess:
    """Run Python in a folder; if asked for, without permission to write larger files than so many bytes."""

    def limit() -> None:
        if largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    environment = {**os.environ, "PYTHONPATH": str(ROOT / "workflow"), "HF_HOME": str(folder / "hub")}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        preexec_fn=limit,
    )


def study(folder: Path, **dataset) -> str:
    """Write a configuration into a folder; returns its path."""
    raw = tiny_study().model_dump(mode="json")
    raw["datasets"]["tiny"] = dataset or {"source": "generated", "family": "blends", "train_size": 3000}
    path = folder / "config.json"
    path.write_text(json.dumps(raw))
    return str(path)


def refused(ran: subprocess.CompletedProcess, *told: str) -> None:
    assert ran.returncode == 1 and "Traceback" not in ran.stderr, (ran.returncode, ran.stderr)
    assert ran.stderr.count("error: ") == 1 and "do:" in ran.stderr
    for word in told:
        assert word in ran.stderr, ran.stderr


def test_a_prepared_data_set(small_disk, tmp_path):
    disk = small_disk(200)
    (disk / "results").mkdir()
    (disk / "results/kept.csv").write_text("a\n1\n")
    ran = run(["-m", "study", "prepare", "--dataset", "tiny", "--config", study(tmp_path)], disk)
    refused(ran, "no space is left on the disk", "where:    results/data/tiny/", "free some space")
    assert (disk / "results/kept.csv").read_text() == "a\n1\n"
    assert [path.name for path in disk.rglob("*") if path.is_file() and path.suffix == ".tmp"] == []


WRITERS = {
    "csv": "files.write_csv('results/old.csv', numbers)",
    "json": "files.write_json('results/old.json', list(range(99999)))",
    "parquet": "files.write_parquet('results/old.parquet', numbers)",
    "rst": "files.write_text('results/old.rst', 'x' * 999999)",
    "png": "save(drawing, outputs)",
}
CODE = """
import numpy as np, pandas as pd
from types import SimpleNamespace
from matplotlib.figure import Figure
from study import files
from study.errors import StudyError
from study.plotting.save import save
from study.plotting.style import Drawing
from study.telling import tell
numbers = pd.DataFrame({'x': np.random.default_rng(0).random(99999)})
figure = Figure(figsize=(20, 20))
figure.subplots().imshow(np.random.default_rng(0).random((999, 999)))
drawing = Drawing(figure, pd.DataFrame({'x': [1]}), 'A caption.')
outputs = SimpleNamespace(**{ending: f'results/old.{ending}' for ending in ('pdf', 'png', 'csv', 'rst')})
try:
    %s
except StudyError as error:
    tell(error)
    raise SystemExit(1)
"""


@pytest.mark.parametrize("kind", WRITERS)
def test_every_kind_of_result_file_on_a_full_disk(small_disk, kind):
    disk = small_disk(100)
    (disk / "results").mkdir()
    old = disk / f"results/old.{kind}"
    old.write_text("old\n")
    ran = run(["-c", CODE % WRITERS[kind]], disk)
    refused(ran, "no space is left on the disk", "where:    results/old.", "whatever was finished is kept")
    assert old.read_text() == "old\n"
    assert [path.name for path in (disk / "results").iterdir()] == [old.name]


@pytest.mark.parametrize("kind", WRITERS)
def test_a_file_that_may_not_grow(tmp_path, kind):
    """The same without a mount: the system refuses to write more than some bytes."""
    (tmp_path / "results").mkdir()
    (tmp_path / f"results/old.{kind}").write_text("old\n")
    ran = run(["-c", CODE % WRITERS[kind]], tmp_path, largest_file=20 * KIB)
    refused(ran, "cannot be written: ", "File too large", "where:    results/old.")
    assert (tmp_path / f"results/old.{kind}").read_text() == "old\n"


def test_rows_that_are_read_are_kept_where_there_is_no_space(small_disk, tmp_path):
    """Readers keep a copy of the rows below work/: this disk is full, and the data are not to blame."""
    disk = small_disk(64)
    source = parquet(tmp_path / "train.parquet", pngs(grey(400, size=40)), FOUR * 100)
    config = study(tmp_path, source="files", format="parquet", train=[source])
    ran = run(["-m", "study", "prepare", "--dataset", "tiny", "--config", config], disk)
    refused(ran, "no space is left on the disk", "train.parquet", "/work/", "free some space")
    assert "cannot be read" not in ran.stderr


def test_a_place_for_work_that_is_no_folder(tmp_path):
    (tmp_path / "work").write_text("a file")
    source = parquet(tmp_path / "train.parquet", pngs(grey(4)), FOUR)
    config = study(tmp_path, source="files", format="parquet", train=[source])
    ran = run(["-m", "study", "prepare", "--dataset", "tiny", "--config", config], tmp_path)
    refused(ran, "cannot be written", "where:    work", "a folder that this user may write to")
