"""The caption's numbers of figure `gain_by_size`."""

import numpy as np
import pandas as pd

from study.plotting import words
from study.plotting.selection.arms import label
from study.plotting.selection.told import counted, gold, metric_label, metric_place, not_shown, repeats
from study.selection.arms import EVERYTHING, NOTHING, TRUTH
from study.selection.strategies import RANDOM

_TOLD = {NOTHING: "gold alone", RANDOM: "random", TRUTH: "true labels", EVERYTHING: "all of the pool"}


def caption(table: pd.DataFrame, rows: pd.DataFrame, points: pd.DataFrame, size: float) -> str:
    """The rates of references and the ends of strategies' at one size, and how often tests tell any apart.

    Args:
        table: as selection.csv of the chapter.
        rows: of `study.plotting.selection.sizes.rates`.
        points: those of them that have a value.
        size: the one of which rates are told.
    """
    parts = [f"Error rates in % by what is added, means over {repeats(points)}."]
    for dataset, here in points.groupby("dataset", sort=False):
        said = [_of_metric(of_metric, size) for _, of_metric in here.groupby("metric", sort=False)]
        about = f"{gold(table, dataset):,} gold{_pool(here)}"
        parts.append(f"{dataset} ({about}): {'; '.join(said)}.")
    parts.append(_verdicts(points))
    parts.append(not_shown(rows.drop_duplicates(["dataset", "metric", "strategy"]), metric_place))
    return " ".join(filter(None, parts))


def _of_metric(rows: pd.DataFrame, size: float) -> str:
    """The rates of references, and the ends of strategies' rates at one size."""
    here = rows[rows["size"].isna() | np.isclose(rows["size"].astype(float), size)].set_index("strategy")
    rate = here["estimate"].map(words.number)
    said = [f"{name} {rate[arm]}" for arm, name in _TOLD.items() if arm in rate]
    own = here[~here.index.isin(list(_TOLD))].sort_values("estimate", kind="stable")
    if len(own):
        ends = dict.fromkeys([own.index[0], own.index[-1]])
        said.append("strategies " + " to ".join(f"{rate[arm]} ({label(arm)})" for arm in ends))
    return f"{metric_label(rows['metric'].iloc[0])} at {words.percent(size, 0)}: {', '.join(said)}"


def _pool(points: pd.DataFrame) -> str:
    added = points.loc[points["strategy"] == EVERYTHING, "added"].dropna()
    return f", {round(added.mean()):,} in the pool" if len(added) else ""


def _verdicts(points: pd.DataFrame) -> str:
    """How often strategies differ from random, by size."""
    tested = points[points["p_holm"].notna()].merge(_base(points), on=["dataset", "metric", "size"])
    if tested.empty:
        return ""
    said = []
    for size, rows in tested.groupby("size"):
        sure = rows[rows["differs"]]
        below = int((sure["estimate"] < sure["base"]).sum())
        above = int((sure["estimate"] > sure["base"]).sum())
        said.append(f"{below} lower and {above} higher of {len(rows)} at {words.percent(size, 0)}")
    names = counted(tested.loc[tested["differs"], "strategy"])
    listed = f" ({', '.join(names)})" if names else ""
    return f"After Holm, rates that differ from random of equal size: {'; '.join(said)}{listed}."


def _base(points: pd.DataFrame) -> pd.DataFrame:
    rows = points.loc[points["strategy"] == RANDOM, ["dataset", "metric", "size", "estimate"]]
    return rows.rename(columns={"estimate": "base"})
