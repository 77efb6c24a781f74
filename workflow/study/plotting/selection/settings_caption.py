"""The caption of figure `threshold_defect_grid`."""

from collections.abc import Callable, Sequence

import pandas as pd

from study.plotting import words
from study.plotting.selection.arms import label
from study.plotting.selection.told import metric_label, repeats
from study.plotting.selection.told import told as told_of
from study.selection.pool import DEFECT, UNSURE

_POOL = {"right_all": "Right weak labels in the pool, in %", "utterances": "Utterances in the pool"}


def caption(
    points: pd.DataFrame,
    changes: pd.DataFrame,
    pools: pd.DataFrame,
    own: Sequence[float],
    size: float,
    dataset: str,
) -> str:
    """Sentences with the figure's numbers.

    Args:
        points: what is drawn: `metric, strategy, threshold, recall, own, estimate, low, high, n, differs,
            reason`.
        changes: against random of grid.csv, those that are not drawn among them.
        pools: of grid_pools.csv.
        own: share of gold, threshold, recall.
        size: utterances that are added for each gold one.
        dataset: its name.
    """
    added = f" ({words.span(changes['added'], ' utterances')})" if len(changes) else ""
    parts = [
        f"{dataset}: {100 * own[0]:g} % of the training utterances are gold, and for each gold one "
        f"{size:g} weakly labelled ones are added{added}; {repeats(points.dropna(subset='n'))}, paired."
    ]
    of_changes, of_pools = points[points["strategy"] != ""], points[points["strategy"] == ""]
    parts += _of_own(of_changes[of_changes["own"]], own)
    parts += [_of_metric(rows, metric) for metric, rows in of_changes.groupby("metric", sort=False)]
    parts += [_of_pools(of_pools), _detector(pools), _without(points), _not_shown(changes, of_changes)]
    return " ".join(part for part in parts if part)


def _of_own(rows: pd.DataFrame, own: Sequence[float]) -> list[str]:
    told = []
    for metric, of_metric in rows[rows["estimate"].notna()].groupby("metric", sort=False):
        named = [f"{label(row['strategy'])} {told_of(row)}" for _, row in of_metric.iterrows()]
        told.append(f"{metric_label(metric)} {', '.join(named)}")
    setting = f"the study's own threshold ({own[1]:g}) and recall ({own[2]:g})"
    return [f"Change against random in %, at {setting}: {'; '.join(told)}."] if told else []


def _of_metric(rows: pd.DataFrame, metric: str) -> str:
    """The lowest and the highest change of an error rate, and how many are told from none."""
    known = rows[rows["estimate"].notna()]
    worse, better = int((known["low"] > 0).sum()), int((known["high"] < 0).sum())
    ends = _ends(known, told_of, lambda row: f"{label(row['strategy'])}, {_setting(row)}")
    return (
        f"{metric_label(metric)} over all settings: {ends}; the interval is above 0 for {worse} of "
        f"{words.count_of(len(known), 'change')} and below for {better}."
    )


def _of_pools(rows: pd.DataFrame) -> str:
    """The pools of which fewest and most labels are right, and the smallest and the largest."""
    told = []
    for metric, of_metric in rows[rows["estimate"].notna()].groupby("metric", sort=False):
        ends = _ends(of_metric, words.interval, _setting)
        told.append(f"{_POOL[metric]}: {ends}.")
    return " ".join(told)


def _detector(pools: pd.DataFrame) -> str:
    """For how many hypotheses the simulated detector signals a defect, by its recall."""
    before, after = (
        pools[pools["step"] == step].pivot(index=["threshold", "recall"], columns="metric", values="estimate")
        for step in (UNSURE, DEFECT)
    )
    known = before["right_all"].notna() & after["right_all"].notna()
    if not known.any():
        return ""
    right, wrong = (
        1
        - _counted(after[known], sign).groupby("recall").sum()
        / _counted(before[known], sign).groupby("recall").sum()
        for sign in (True, False)
    )
    found = [f"{max(0, round(100 * share))} % (r {recall:g})" for recall, share in wrong.items()]
    return (
        f"The simulated detector signals a defect for about {', '.join(found)} of the wrong hypotheses and "
        f"{words.span((100 * right).round(), ' %')} of the right ones."
    )


def _counted(steps: pd.DataFrame, right: bool) -> pd.Series:
    """How many right or wrong hypotheses there are, by setting."""
    return steps["utterances"] * (steps["right_all"] if right else 1 - steps["right_all"])


def _without(points: pd.DataFrame) -> str:
    """The settings that have no estimate, by reason."""
    told = []
    for reason, rows in points[points["estimate"].isna()].groupby("reason", sort=False):
        settings = dict.fromkeys(_setting(row) for _, row in rows.iterrows())
        told.append(f"{'; '.join(settings)} ({reason})")
    return f"Hatched: {', '.join(told)}." if told else ""


def _not_shown(changes: pd.DataFrame, shown: pd.DataFrame) -> str:
    """The error rates that have no panel, and why."""
    missing = changes[~changes["metric"].isin(shown["metric"])].drop_duplicates("metric")
    told = [f"{metric_label(row['metric'])} ({row['reason']})" for _, row in missing.iterrows()]
    return f"Not shown: {'; '.join(told)}." if told else ""


def _ends(rows: pd.DataFrame, number: Callable[[pd.Series], str], name: Callable[[pd.Series], str]) -> str:
    """The lowest and the highest estimate, each with its name."""
    low, high = rows.loc[rows["estimate"].idxmin()], rows.loc[rows["estimate"].idxmax()]
    ends = [high] if len(rows) == 1 else [low, high]
    return " to ".join(f"{number(row)} ({name(row)})" for row in ends)


def _setting(row: pd.Series) -> str:
    return f"τ {row['threshold']:g}, r {row['recall']:g}"
