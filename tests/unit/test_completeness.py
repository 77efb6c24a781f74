"""A look at a file's end finds every file that was cut."""

import matplotlib.figure
import numpy as np
import pandas as pd
import pytest
import safetensors.numpy

from study import files
from study.completeness import has_end, is_complete

FRAME = pd.DataFrame({"model": ["a", "b"], "estimate": [0.123456, 0.2]})


def drawing(path):
    figure = matplotlib.figure.Figure(figsize=(1, 1))
    figure.savefig(path)


WRITERS = {
    "csv": lambda path: files.write_csv(path, FRAME),
    "html": lambda path: path.write_text("<!doctype html>\n<html>\n</html>"),
    "json": lambda path: files.write_json(path, {"a": {"b": [1, 2]}}),
    "parquet": lambda path: files.write_parquet(path, FRAME),
    "pdf": drawing,
    "png": drawing,
    "rst": lambda path: files.write_text(path, "A caption.\n"),
    "safetensors": lambda path: safetensors.numpy.save_file({"a": np.arange(6), "b": np.ones(3)}, path),
    "yaml": lambda path: files.write_text(path, "name: mine\n"),
}


@pytest.mark.parametrize("ending", WRITERS)
def test_whole_files_are_complete_and_cut_ones_are_not(tmp_path, ending):
    path = tmp_path / f"x.{ending}"
    WRITERS[ending](path)
    whole = path.read_bytes()
    assert has_end(path) and is_complete(path)
    cuts = {0, 1, 7, 9, len(whole) // 3, len(whole) // 2, len(whole.rstrip()) - 1}
    for size in sorted(cuts):
        path.write_bytes(whole[:size])
        assert not is_complete(path), size


def test_pages_may_end_with_a_newline(tmp_path):
    (tmp_path / "x.html").write_text("<html></html>\n")
    assert is_complete(tmp_path / "x.html")


def test_arrays_with_too_much_or_with_another_header_are_not_complete(tmp_path):
    path = tmp_path / "x.safetensors"
    WRITERS["safetensors"](path)
    whole = path.read_bytes()
    for content in (whole + b"x", whole[:8] + b"x" * (len(whole) - 8), b"\xff" * 64):
        path.write_bytes(content)
        assert not is_complete(path)


def test_files_of_other_kinds_have_no_end():
    from pathlib import Path

    assert not any(has_end(Path(name)) for name in ("README.md", "x.json.damaged", "x"))
