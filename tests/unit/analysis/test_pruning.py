"""Tables of windows where there is little to compare."""

import numpy as np
import pandas as pd

from study.analysis.pruning import COLUMNS, pruning_table


def runs_of(**accuracies: list[float]) -> pd.DataFrame:
    rows = []
    for name, values in accuracies.items():
        arm, source, *offset = name.split("_")
        for seed, accuracy in enumerate(values):
            rows.append((arm, source, float(offset[0]) / 10 if offset else np.nan, seed, accuracy))
    return pd.DataFrame(rows, columns=["arm", "source", "offset", "seed", "accuracy"])


def test_equal_differences_are_certain_and_no_difference_is_none():
    table = pruning_table(
        runs_of(window_run_0=[0.5, 0.75], window_run_5=[0.25, 0.5], window_random=[0.25, 0.5])
    )
    differences = table[table["statistic"] == "difference"]
    assert differences["against"].tolist() == ["random"] * 3
    assert differences["estimate"].tolist() == [0.25, 0, 0.125]
    assert differences["p"].tolist() == [0, 1, 0] and differences["p_holm"].tolist() == [0, 1, 0]


def test_one_seed_has_no_interval_and_says_so():
    table = pruning_table(runs_of(window_average_0=[0.5], window_random=[0.25]))
    assert table.columns.tolist() == COLUMNS
    assert table["low"].isna().all() and table["p"].isna().all()
    assert set(table["reason"]) == {"an interval needs two seeds"}


def test_all_examples_are_shown_and_compared_with_nothing():
    table = pruning_table(runs_of(window_run_0=[0.5, 0.6], window_random=[0.5, 0.5], all_all=[0.9, 0.8, 1.0]))
    whole = table[table["arm"] == "all"]
    assert whole["estimate"].tolist() == [0.9] and whole["n"].tolist() == [3]
    assert whole["against"].tolist() == [""] and (table["reason"] == "").all()
