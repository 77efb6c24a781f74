"""Result files are whole or absent; damage is found and named."""

import errno
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from study import files
from study.errors import StudyError

FRAME = pd.DataFrame({"example_id": ["a", "b"], "loss": np.float32([0.1, 0.2]), "n": np.int32([1, 2])})


def test_round_trips(tmp_path):
    files.write_parquet(tmp_path / "x.parquet", FRAME)
    back = files.read_parquet(tmp_path / "x.parquet")
    pd.testing.assert_frame_equal(back, FRAME, check_dtype=False)
    assert back["loss"].dtype == np.float32
    assert list(files.read_parquet(tmp_path / "x.parquet", ["n"]).columns) == ["n"]
    files.write_json(tmp_path / "deep/er/x.json", {"a": [1, None]})
    assert files.read_json(tmp_path / "deep/er/x.json") == {"a": [1, None]}
    files.write_csv(tmp_path / "x.csv", FRAME)
    assert list(files.read_csv(tmp_path / "x.csv")["n"]) == [1, 2]


def test_the_same_frame_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        files.write_parquet(tmp_path / f"{name}.parquet", FRAME.copy())
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_a_failed_write_leaves_the_old_file_and_no_temporary(tmp_path):
    path = tmp_path / "x.txt"
    files.write_text(path, "old\n")
    with pytest.raises(RuntimeError), files.replacing(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old\n"
    assert os.listdir(tmp_path) == ["x.txt"]


def test_a_full_disk_names_the_file(tmp_path):
    with pytest.raises(StudyError) as caught, files.replacing(tmp_path / "x.parquet"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert "no space is left" in str(caught.value) and "x.parquet" in str(caught.value)
    assert "free some space" in caught.value.do


@pytest.mark.parametrize(
    ("name", "write", "read"),
    [
        ("x.parquet", lambda path: files.write_parquet(path, FRAME), files.read_parquet),
        ("x.json", lambda path: files.write_json(path, {"a": {"b": 1}}), files.read_json),
        ("x.csv", lambda path: files.write_csv(path, FRAME), files.read_csv),
    ],
)
def test_a_cut_file_is_found_by_reading(tmp_path, name, write, read):
    path = tmp_path / name
    write(path)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(files.DamagedFile, match=name):
        read(path)


def test_damage_inside_a_parquet_file_is_found_by_reading(tmp_path):
    path = tmp_path / "x.parquet"
    files.write_parquet(path, pd.DataFrame({"x": np.random.default_rng(0).normal(size=1000)}))
    content = bytearray(path.read_bytes())
    content[40:4000] = bytes(len(content[40:4000]))
    path.write_bytes(content)
    with pytest.raises(files.DamagedFile):
        files.read_parquet(path)


def test_one_flipped_bit_in_a_parquet_file_never_gives_other_values(tmp_path):
    path = tmp_path / "x.parquet"
    files.write_parquet(path, FRAME)
    content, original, found = path.read_bytes(), files.read_parquet(path), 0
    for position in range(0, 8 * len(content), 5):
        harmed = bytearray(content)
        harmed[position // 8] ^= 1 << position % 8
        path.write_bytes(harmed)
        try:
            # Some bits say nothing, such as those of statistics that no reader asks for.
            pd.testing.assert_frame_equal(files.read_parquet(path), original)
        except files.DamagedFile:
            found += 1
    assert found > 500


@pytest.mark.parametrize("guard", ["write_page_checksum", "page_checksum_verification", "_COLUMNS"])
def test_each_guard_against_flipped_bits_is_needed(tmp_path, monkeypatch, guard):
    with pytest.raises((AssertionError, pa.ArrowException)), monkeypatch.context() as patch:
        if guard == "_COLUMNS":
            patch.setattr(files, "_digest_of_columns", lambda schema: b"the same")
        for name in ("write_table", "ParquetFile"):
            patch.setattr(pq, name, without(guard, getattr(pq, name)))
        test_one_flipped_bit_in_a_parquet_file_never_gives_other_values(tmp_path)


def without(option, function):
    return lambda *a, **options: function(*a, **{k: v for k, v in options.items() if k != option})


def test_files_of_others_have_no_digest_of_their_columns(tmp_path):
    FRAME.to_parquet(tmp_path / "x.parquet")
    assert list(files.read_parquet(tmp_path / "x.parquet")["n"]) == [1, 2]


def test_an_empty_csv_is_damaged_and_a_missing_file_says_how_to_make_it(tmp_path):
    (tmp_path / "x.csv").write_text("")
    with pytest.raises(files.DamagedFile):
        files.read_csv(tmp_path / "x.csv")
    with pytest.raises(StudyError, match="make it with: snakemake"):
        files.read_csv(tmp_path / "none.csv")


def test_a_missing_column_is_damage(tmp_path):
    files.write_parquet(tmp_path / "x.parquet", FRAME)
    with pytest.raises(files.DamagedFile, match="el2n"):
        files.read_parquet(tmp_path / "x.parquet", ["el2n"])


def test_set_aside_keeps_the_file_under_another_name(tmp_path):
    path = tmp_path / "x.json"
    path.write_text("{")
    aside = files.set_aside(path)
    assert not path.exists() and Path(aside).read_text() == "{"


def test_names_like_null_are_names(tmp_path):
    files.write_csv(tmp_path / "x.csv", pd.DataFrame({"model": ["null", "nan"], "estimate": [1.0, None]}))
    back = files.read_csv(tmp_path / "x.csv")
    assert list(back["model"]) == ["null", "nan"] and back["estimate"].isna().tolist() == [False, True]


def test_categories_are_read_as_they_were_written(tmp_path):
    frame = pd.DataFrame({"model": pd.Categorical.from_codes([0, 1, 0], categories=["mlp", "vit"])})
    files.write_parquet(tmp_path / "a.parquet", frame)
    assert files.read_parquet(tmp_path / "a.parquet")["model"].tolist() == ["mlp", "vit", "mlp"]
