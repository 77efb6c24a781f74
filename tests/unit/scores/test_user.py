"""A user's own score is read in the data set's order, and every mistake in the file is named."""

import numpy as np
import pandas as pd
import pytest

from study.errors import StudyError
from study.scores.user import read_user_score

IDS = np.array([f"toy:train:{row}" for row in (4, 0, 7, 2)])
ELSEWHERE = ["other:train:0", "other:train:1"]


def frame(ids=IDS, values=(0.5, -1.0, 2.0, 0.25)):
    return pd.DataFrame({"example_id": list(ids), "value": list(values)})


def write(folder, table, ending="csv"):
    path = folder / f"mine.{ending}"
    writer = {
        "csv": lambda: table.to_csv(path, index=False),
        "parquet": lambda: table.to_parquet(path),
        "jsonl": lambda: table.to_json(path, orient="records", lines=True),
    }
    writer[ending]()
    return path


def read(path):
    return read_user_score("mine", path, IDS, ("toy", "other"))


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_values_come_in_the_data_sets_order(tmp_path, ending):
    shuffled = frame().sample(frac=1, random_state=3)
    assert read(write(tmp_path, shuffled, ending)).tolist() == [0.5, -1.0, 2.0, 0.25]


def test_a_file_may_hold_several_data_sets_or_none_of_this_one(tmp_path):
    others = frame(ELSEWHERE, (1, 2))
    assert read(write(tmp_path, pd.concat([others, frame()]))).tolist() == [0.5, -1.0, 2.0, 0.25]
    assert read(write(tmp_path, others)) is None


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (frame([*IDS[:3], IDS[0]]), "1 ids occur twice, first 'toy:train:4'"),
        (frame(IDS[:3], (1, 2, 3)), "1 training examples are missing, first 'toy:train:2'"),
        (frame([*IDS, "toy:test:1"], (1, 2, 3, 4, 5)), "1 ids are no training example"),
        (frame([*IDS, "tyo:train:1"], (1, 2, 3, 4, 5)), "1 ids are of no data set of this study"),
        (frame(values=(1, np.nan, 3, 4)), "1 values are no finite numbers, first 'toy:train:0'"),
        (frame(values=(1, np.inf, 3, 4)), "1 values are no finite numbers"),
        (frame(values=("a", "b", "c", "d")), "4 values are no finite numbers"),
        (frame(values=(2, 2, 2, 2)), "every example has the value 2"),
        (frame().rename(columns={"value": "score"}), "it lacks the column value"),
    ],
)
def test_mistakes_are_named(tmp_path, table, told):
    path = write(tmp_path, table)
    with pytest.raises(StudyError) as caught:
        read(path)
    error = caught.value
    assert told in error.what and "'mine'" in error.what and error.where == str(path)
    assert error.expected and "difficulty.user_scores.mine" in error.do


def test_files_that_are_no_tables(tmp_path):
    broken = tmp_path / "mine.parquet"
    broken.write_bytes(b"PAR1 and nothing else")
    for path, told in (
        (broken, "cannot be read"),
        (tmp_path / "none.csv", "missing"),
        (tmp_path / "mine.xlsx", "ends in .xlsx"),
    ):
        with pytest.raises(StudyError, match=told):
            read(path)
