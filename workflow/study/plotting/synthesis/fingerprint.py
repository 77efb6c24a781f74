"""Figure `fingerprint_of_experts`: is a run that of the mixture, told from the scores of a few entries?"""

import numpy as np
import pandas as pd

from study.analysis.fingerprint import headline
from study.analysis.fingerprint_tables import AGGREGATE, SUBJECT
from study.plotting import words
from study.plotting.fingerprint_accuracy import BASELINES, Column, draw_grid, leak_sentence
from study.plotting.style import Drawing, styled

EQUAL = {"equal_active": "equal active size", "equal_total": "equal total size"}


@styled
def draw_fingerprint_of_experts(
    table: pd.DataFrame, differences: pd.DataFrame, leaks: pd.DataFrame, mixture: str
) -> Drawing:
    """Accuracy against the number of entries, a column of panels for each dense model.

    Args:
        table: `comparison, model` (the dense one) and the columns of the chapter `difficulty`'s table.
        differences, leaks: the same.
        mixture: its name.
    """
    table = table[table["setting"] == "in_distribution"]
    comparisons = {equal: part for equal, part in table.groupby("comparison", sort=False)}
    columns = []
    for equal, part in comparisons.items():
        level, dense = part["features"].isin(list(BASELINES)), part["model"].iloc[0]
        columns.append(Column(f"{mixture} or\n{dense}, {EQUAL[equal]}", part[~level], part[level]))
    figure, points = draw_grid(columns)
    kept = ["comparison", "model", "features", "classifier", "k", "x", "estimate", "low", "high", "n"]
    caption = " ".join(
        _sentences(*(rows[rows["comparison"] == equal] for rows in (table, differences, leaks)), mixture)
        for equal in comparisons
    )
    return Drawing(figure, points[[*kept, "monte_carlo", "chance"]], caption)


def _sentences(table: pd.DataFrame, differences: pd.DataFrame, leaks: pd.DataFrame, mixture: str) -> str:
    """What is found of one comparison."""
    first = table.iloc[0]
    k = int(headline(table.loc[table["features"] == SUBJECT, "k"].unique()))
    at_k = table[(table["k"] == k) | table["features"].isin(list(BASELINES))]
    found = at_k[at_k["classifier"] == "logistic"].set_index("features")
    arms = ", ".join(
        f"{name} {words.interval(found.loc[features])}"
        for features, name in (
            ("random", "random ones"),
            ("mean_score", "the mean score alone"),
            ("accuracy", "recall alone"),
        )
    )
    return (
        f"{mixture} or {first['model']} ({EQUAL[first['comparison']]}), {int(first['n_train'])} training and "
        f"{int(first['n_test'])} test runs, {int(found.loc[SUBJECT, 'n'])} splits, chance "
        f"{first['chance']:.3g}: {k} chosen {'entry' if k == 1 else 'entries'} tell the "
        f"two apart with accuracy {words.interval(found.loc[SUBJECT])}, {arms}. "
        f"{_verdict(differences, k)} {leak_sentence(leaks)}"
    )


def _verdict(differences: pd.DataFrame, k: int) -> str:
    """What the paired difference from the better of the two aggregate baselines says."""
    mine = (differences["features"] == SUBJECT) & (differences["baseline"] == AGGREGATE)
    gain = differences[mine & (differences["k"] == k)].iloc[0]
    if not np.isfinite(gain["low"]):
        follows = "whether single entries say more cannot be told"
    elif gain["low"] > 0:
        follows = "which entries are hard says more than how hard the book is as a whole"
    elif gain["high"] < 0:
        follows = "which entries are hard says less than how hard the book is as a whole"
    else:
        follows = "it is not shown that single entries say more than the whole book"
        if gain["detectable"] > 0:
            follows += f"; a gain of {words.number(gain['detectable'])} would have been (80 % power)"
    return (
        f"Paired by split, chosen entries minus the better of mean score and recall: "
        f"{words.interval(gain)}: {follows}."
    )
