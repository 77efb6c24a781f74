"""Scores of many runs as matrices."""

import numpy as np
import pandas as pd
import pytest

from study import paths
from study.errors import StudyError
from study.files import write_parquet
from study.tables import score_matrices


def write_run(root, seed, ids, values):
    path = root / paths.run_folder("difficulty", "toy", "mlp", seed) / "examples.parquet"
    path.parent.mkdir(parents=True)
    write_parquet(path, pd.DataFrame({"example_id": ids, "loss_mean": values, "forgetting": [1, 2, 3]}))


def read(root, seeds):
    return score_matrices("difficulty", "toy", "mlp", seeds, ["forgetting", "loss_mean"], root)


def test_runs_are_rows_in_the_order_of_the_seeds(tmp_path):
    for seed in (0, 1):
        write_run(tmp_path, seed, ["a", "b", "c"], [seed, 0.1, 1 + 2**-50])
    found = read(tmp_path, [1, 0])
    assert list(found) == ["forgetting", "loss_mean"]
    assert found["loss_mean"].tolist() == [[1, 0.1, 1 + 2**-50], [0, 0.1, 1 + 2**-50]]  # in full precision
    assert found["forgetting"].dtype == np.float64 and found["forgetting"].shape == (2, 3)


def test_runs_of_different_examples_are_refused(tmp_path):
    write_run(tmp_path, 0, ["a", "b", "c"], [0.0, 1.0, 2.0])
    write_run(tmp_path, 1, ["a", "c", "b"], [0.0, 1.0, 2.0])
    with pytest.raises(StudyError, match="different examples"):
        read(tmp_path, [0, 1])
