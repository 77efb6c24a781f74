"""VoG under two normalisations, and what pruning easy examples by either leaves of each class.

VoG as recorded, and its z-score over the data set, rank alike: a cut by one is a cut by the other. The
z-score within each class ranks otherwise. Both are means over runs.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.stats import hypergeom

from study.plotting import words

OVERALL, WITHIN = "vog_embedding", "vog_embedding_class"
COLUMNS = (OVERALL, WITHIN)
_ENDS = (0.025, 0.975)


def known_vog(rankings: pd.DataFrame, models: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The examples of each model that have a VoG, in the order of `models`; none where all have the same.

    Args:
        rankings: `model, label` and `COLUMNS`, a row per model and example.
        models: the study's, in order.
    """
    known = rankings.dropna(subset=list(COLUMNS))
    by_model = dict(list(known.groupby("model", sort=False)))
    return {m: by_model[m] for m in models if m in by_model and by_model[m][OVERALL].nunique() > 1}


def z_scores(rows: pd.DataFrame, column: str) -> np.ndarray:
    """(N,) z-scores of one model: of VoG over these examples (ddof 0), or within classes, as recorded."""
    values = rows[column].to_numpy(dtype=float)
    return (values - values.mean()) / values.std() if column == OVERALL else values


def named_classes(rows: pd.DataFrame, names: Mapping[int, str], by_size: bool = False) -> pd.DataFrame:
    """The classes of one model's examples: `label, class_name, examples`, by label, or the largest first."""
    counts = rows["label"].value_counts().sort_index()
    if by_size:
        counts = counts.sort_values(ascending=False, kind="stable")
    labels = counts.index.tolist()
    named = [names.get(label, str(label)) for label in labels]
    return pd.DataFrame({"label": labels, "class_name": named, "examples": counts.to_numpy()})


def kept_of_classes(rows: pd.DataFrame, classes: pd.DataFrame, sizes: np.ndarray) -> pd.DataFrame:
    """Shares of the classes among the hardest examples of one model.

    Args:
        rows: its N examples.
        classes: `label, class_name, examples`.
        sizes: (S,) how many examples are left when the easiest are pruned, of 0…N.

    Returns:
        A row per normalisation, class and size: `normalised` (the column), `class_name, examples,
        kept_of_all, kept` (share of the class) and `random_low, random_high`, between which the class's
        share lies in 95 of 100 draws of as many random examples (hypergeometric).
    """
    labels, n, frames = rows["label"].to_numpy(), len(rows), []
    orders = {
        column: labels[np.argsort(-rows[column].to_numpy(dtype=float), kind="stable")] for column in COLUMNS
    }
    for entry in classes.itertuples():
        by_chance = hypergeom(n, entry.examples, sizes)
        low, high = (by_chance.ppf(end).clip(0) / entry.examples for end in _ENDS)
        for column, order in orders.items():
            so_far = np.concatenate([[0], np.cumsum(order == entry.label)])
            frames.append(
                pd.DataFrame(
                    {
                        "normalised": column,
                        "class_name": entry.class_name,
                        "examples": entry.examples,
                        "kept_of_all": sizes / n,
                        "kept": so_far[sizes] / entry.examples,
                        "random_low": low,
                        "random_high": high,
                    }
                )
            )
    return pd.concat(frames, ignore_index=True)


def left_of(n: int, pruned: float) -> int:
    """How many of n examples pruning leaves, rounded as the trainings on them are."""
    return n - round(pruned * n)


def said_normalised(kept: pd.DataFrame, kind: str) -> str:
    """From least to most kept of a class by either normalisation, and for how many that is no chance.

    Args:
        kept: rows of one model and size, as `kept_of_classes` gives.
        kind: what a class is.
    """
    told = []
    for column, name in ((OVERALL, "normalised over all examples"), (WITHIN, f"within each {kind}")):
        rows = kept[kept["normalised"] == column]
        least, most = rows.loc[rows["kept"].idxmin()], rows.loc[rows["kept"].idxmax()]
        ends = " to ".join(f"{words.percent(row['kept'], 0)} ({row['class_name']})" for row in (least, most))
        beyond = int(((rows["kept"] < rows["random_low"]) | (rows["kept"] > rows["random_high"])).sum())
        told.append(f"{name}, {ends} of a {kind}, for {beyond} of {len(rows)} beyond what chance would leave")
    return "; ".join(told)
