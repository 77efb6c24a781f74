"""Changes against random utterances in words: keys, and the sentences of captions."""

from collections.abc import Callable, Collection

import numpy as np
import pandas as pd

from study.plotting import words
from study.plotting.selection.arms import label
from study.selection.strategies import RANDOM


def remark(points: pd.DataFrame, size: float, cut: bool) -> str:
    """The line above a key: how much is added, what bars are, and what of them is not drawn."""
    parts = [f"{words.percent(size, 0)} of gold added; bars: 95 % intervals over {repeats(points)}"]
    if cut:
        parts.append("arrows: they go on")
    if points["low"].isna().any():
        parts.append("no bar: no interval")
    return "; ".join(parts)


def short(rows: pd.DataFrame) -> str:
    """Why a panel is empty, in a few words: `n/a: no slots`."""
    reasons = rows["reason"].dropna()
    return f"n/a: {str(reasons.iloc[0]).removeprefix('the corpus has ') if len(reasons) else 'not known'}"


def without(rows: pd.DataFrame, metrics: Collection[str]) -> list[str]:
    """What a key says of error rates that no language has: `SEMER n/a: no slots`."""
    absent = rows[~rows["metric"].isin(metrics)].groupby("metric", sort=False)
    return [f"{metric_label(str(metric))} {short(here)}" for metric, here in absent]


def metric_place(row: pd.Series) -> str:
    """The panel of an error rate: `SEMER in english`."""
    return f"{metric_label(row['metric'])} in {row['dataset']}"


def counted(strategies: pd.Series) -> list[str]:
    """How often each occurs: `top entropy in 3`."""
    return [f"{label(name)} in {count}" for name, count in strategies.value_counts(sort=False).items()]


def base_rate(table: pd.DataFrame, dataset: str, size: float, metric: str, view: str = "overall") -> float:
    """The error rate with random utterances of that number; NaN where it is not known."""
    where = table["dataset"].eq(dataset) & table["strategy"].eq(RANDOM) & table["statistic"].eq("rate")
    where &= table["metric"].eq(metric) & table["view"].eq(view) & np.isclose(table["size"], size)
    return float(table.loc[where, "estimate"].iloc[0]) if where.any() else np.nan


def gold(table: pd.DataFrame, dataset: str) -> int:
    """How many gold utterances a data set has: what is added over its size."""
    sized = table[table["dataset"].eq(dataset) & table["size"].gt(0) & table["added"].notna()]
    return round((sized["added"] / sized["size"]).mean())


def repeats(points: pd.DataFrame) -> str:
    """`5 repeats`."""
    return words.span(points["n"], " repeats")


def metric_label(metric: str) -> str:
    """An error rate as it is known: `DCER`."""
    return metric.upper().replace("_", "-")


def signed(value: float) -> str:
    """A change with its sign."""
    return f"+{words.number(value)}" if value > 0 else words.number(value)


def told(row: pd.Series) -> str:
    """`+4.67 [−1.75, 10.9]`, the change in percent with its interval."""
    if not np.isfinite(row["low"]):
        return f"{signed(row['estimate'])} (no interval)"
    return f"{signed(row['estimate'])} [{words.number(row['low'])}, {words.number(row['high'])}]"


def extent(rows: pd.DataFrame) -> str:
    """The lowest and the highest change with the arms that they are of; one alone if there is no other."""
    ordered = rows.sort_values("estimate", kind="stable")
    ends = ordered if len(ordered) == 1 else ordered.iloc[[0, -1]]
    return " to ".join(f"{told(row)} ({label(row['strategy'])})" for _, row in ends.iterrows())


def verdict(points: pd.DataFrame, place: Callable[[pd.Series], str], most: int = 5) -> str:
    """How many strategies differ from random, and which.

    Args:
        points: some of `changes`.
        place: of a row, the panel that it is in.
        most: places are named where there are so many; else they are counted.
    """
    tested = points[points["tested"]]
    if tested.empty:
        return ""
    compared = words.count_of(len(tested), "comparison")
    sure = tested[tested["differs"]]
    if sure.empty:
        return f"After Holm over strategies, none of {compared} with random differs from 0."
    said = []
    for rows, way in ((sure[sure["estimate"] < 0], "below"), (sure[sure["estimate"] > 0], "above")):
        if len(rows) <= most:
            names = [f"{label(row['strategy'])}, {place(row)}" for _, row in rows.iterrows()]
        else:
            names = counted(rows["strategy"])
        listed = f" ({'; '.join(names)})" if names else ""
        said.append(f"{way} 0 in {len(rows)}{listed}")
    return f"After Holm over strategies, changes are {' and '.join(said)} of {compared} with random."


def power(points: pd.DataFrame) -> str:
    """What change a test of these repeats would have found."""
    tested = points[points["tested"] & points["detectable"].notna()]
    sizes = tested.groupby("metric", sort=False)["detectable"].median()
    if sizes.empty:
        return ""
    said = " and ".join(
        f"of {metric_label(metric)} by {words.number(size)} %" for metric, size in sizes.items()
    )
    return f"Before correction, a test would find changes {said} with 80 % power (medians over comparisons)."


def not_shown(rows: pd.DataFrame, place: Callable[[pd.Series], str]) -> str:
    """What has no estimate, and why; empty where all have one.

    Args:
        rows: of `changes`.
        place: of a row, the panel that it would be in.
    """
    missing: dict[str, list[str]] = {}
    for name, here in rows.groupby(rows.apply(place, axis=1), sort=False):
        absent = here[~np.isfinite(here["estimate"].astype(float))]
        for reason, arms in absent.groupby(absent["reason"].fillna("not known"), sort=False):
            names = ", ".join(map(label, arms["strategy"]))
            missing.setdefault(str(reason), []).append(name if len(arms) == len(here) else f"{names}, {name}")
    said = [f"{'; '.join(names)} ({reason})" for reason, names in missing.items()]
    return f"Not shown: {'; '.join(said)}." if said else ""


def left_out(rows: pd.DataFrame, strategies: Collection[str]) -> str:
    """Which strategies have no runs of that size in some language; empty where all have."""
    held = rows.groupby("dataset", sort=False)["strategy"].agg(set)
    said = [
        f"{label(name)} in {dataset}"
        for dataset, here in held.items()
        for name in strategies
        if name not in here
    ]
    return f"Without runs of that size: {', '.join(said)}." if said else ""
