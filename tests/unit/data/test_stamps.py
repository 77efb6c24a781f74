"""A data set's stamp changes when, and only when, a file changes that it is read from."""

import json
import os
import shutil
import time
from pathlib import Path

import pytest
from tests.unit.data.pictures import FOUR, grey, parquet, png, pngs

from study.data.stamps import source_stamp


@pytest.fixture
def stamped(settings, tmp_path):
    """The stamp of local files."""

    def stamp(*train: str, format: str, **keys) -> str:
        return source_stamp(settings(source="files", format=format, train=list(train), **keys))

    return stamp


def touch(path: Path) -> None:
    """A second later: the same size, another time."""
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))


@pytest.fixture
def folder(tmp_path):
    """Pictures in two classes."""
    for name in "ab":
        (tmp_path / "pictures" / name).mkdir(parents=True)
        (tmp_path / "pictures" / name / "0.png").write_bytes(png(grey(1)[0]))
    return tmp_path / "pictures"


def test_a_picture_of_a_folder(folder, stamped):
    before = stamped(str(folder), format="imagefolder")
    assert stamped(str(folder), format="imagefolder") == before
    (folder / "notes.txt").write_text("no picture")
    assert stamped(str(folder), format="imagefolder") == before
    touch(folder / "b/0.png")
    changed = stamped(str(folder), format="imagefolder")
    assert changed != before
    shutil.copy(folder / "a/0.png", folder / "a/1.png")
    assert stamped(str(folder), format="imagefolder") not in (before, changed)


@pytest.mark.parametrize("pattern", ["w[1].csv", "w*.csv", "**/*.csv"])
def test_brackets_and_patterns(tmp_path, stamped, monkeypatch, pattern):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep/er").mkdir(parents=True)
    path = tmp_path / ("deep/er/w[1].csv" if pattern.startswith("**") else "w[1].csv")
    path.write_text("image,label\na.png,0\n")
    before = stamped(pattern, format="csv")
    touch(path)
    assert stamped(pattern, format="csv") != before
    path.unlink()
    gone = stamped(pattern, format="csv")
    assert gone != before and len(gone) == 16


@pytest.mark.parametrize("part", ["train", "test"])
@pytest.mark.parametrize("format", ["csv", "jsonl", "jsonl structs", "parquet", "parquet structs"])
def test_pictures_that_rows_name(tmp_path, stamped, format, part):
    names = ["0.png", "sub/1.png"]
    (tmp_path / "sub").mkdir()
    for name in names:
        (tmp_path / name).write_bytes(png(grey(1)[0]))
    ending, cells = format.split()[0], names
    if "structs" in format:
        cells = [{"path": name, "bytes": None} for name in names]
    table = tmp_path / f"own.{ending}"
    if ending == "csv":
        table.write_text("pic,label\n" + "".join(f"{name},{k}\n" for k, name in enumerate(names)))
    elif ending == "jsonl":
        table.write_text("".join(json.dumps({"pic": cell, "label": 0}) + "\n" for cell in cells))
    else:
        parquet(table, names, [0, 1], pic=cells)

    def stamp() -> str:
        train = str(table) if part == "train" else "none"
        return stamped(train, test=[str(table)], format=ending, image_column="pic")

    before = stamp()
    touch(tmp_path / "sub/1.png")
    changed = stamp()
    assert changed != before
    (tmp_path / "0.png").unlink()
    assert stamp() not in (before, changed)


def test_tables_that_hold_their_pictures_or_cannot_be_read(tmp_path, stamped):
    held = parquet(tmp_path / "held.parquet", pngs(grey(4)), FOUR)
    structs = parquet(tmp_path / "structs.parquet", [{"path": "x.png", "bytes": b""}] * 2, [0, 1])
    cut = tmp_path / "cut.parquet"
    cut.write_bytes((tmp_path / "held.parquet").read_bytes()[:-9])
    for path in (held, structs, str(cut)):
        before = stamped(path, format="parquet")
        touch(Path(path))
        assert stamped(path, format="parquet") != before
    (tmp_path / "pixels.jsonl").write_text('{"image": [[1, 2], [3, 4]], "label": 0}\n{"image": [[1')
    (tmp_path / "bad.csv").write_bytes(b"image,label\n\xff\xfe\x00,1\n" + b"x" * 5000 + b",1\n")
    assert len(stamped(str(tmp_path / "pixels.jsonl"), format="jsonl")) == 16
    assert len(stamped(str(tmp_path / "bad.csv"), format="csv")) == 16


def test_a_local_folder_in_the_hubs_layout(tmp_path, settings):
    (tmp_path / "data").mkdir()
    path = Path(parquet(tmp_path / "data/train.parquet", pngs(grey(4)), FOUR))
    before = source_stamp(settings(source="hub", id=str(tmp_path)))
    touch(path)
    assert source_stamp(settings(source="hub", id=str(tmp_path))) != before


def test_data_that_are_not_local_have_none(settings):
    assert source_stamp(settings(source="hub", id="someone/pictures")) == ""
    assert source_stamp(settings(source="sklearn", name="digits")) == ""


def test_many_pictures_are_quick(tmp_path, stamped):
    """4,000 pictures in some hundredths of a second, with room for a busy machine."""
    (tmp_path / "a").mkdir()
    for k in range(4_000):
        (tmp_path / "a" / f"{k}.png").touch()
    start = time.process_time()
    stamped(str(tmp_path), format="imagefolder")
    assert time.process_time() - start < 1


@pytest.mark.parametrize("text", ["[1]\n", "5\n", "[" * 100_000], ids=["lists", "numbers", "nested"])
def test_lines_that_hold_no_rows_are_left_to_whoever_reads_them(tmp_path, stamped, text):
    (tmp_path / "own.jsonl").write_text(text)
    assert stamped(str(tmp_path / "own.jsonl"), format="jsonl")
