"""What scores of difficulty need, and are good for, in numbers: trainings, and wrong labels found."""

import numpy as np
import pandas as pd

from study.plotting import words
from study.report.reading import Facts, Results, Table

CHAPTER = "difficulty"
_TARGETS = (0.9, 0.95)  # correlations with the mean of infinitely many runs


def facts(results: Results) -> Facts:
    """The runs that each score needs, and how much must be looked at to find wrong labels."""
    recorded = int(results.table(CHAPTER, "scores")["per_run"].sum())
    needed, numbers = _needed(results), {"recorded": recorded, "inspected": _inspected(results)}
    if needed.empty:
        return Facts(numbers | {"least": None})
    median = needed["median", _TARGETS[-1]]
    ends = {
        name: (words.score_label(median.index[end]), _runs(median.iloc[end]))
        for name, end in (("least", 0), ("most", -1))
    }
    return Facts(numbers | ends | {"target": _TARGETS[-1]}, (_needed_table(needed),))


def _needed(results: Results) -> pd.DataFrame:
    """Median, fewest and most runs over models and data sets: a row per score, the least demanding first."""
    table = results.table(CHAPTER, "runs_needed")
    if table.empty:
        return table
    settings = results.study.difficulty
    shown = [*settings.analysis.scores, *settings.user_scores]
    rows = table[(table["kind"] == "infinite") & table["score"].isin(shown)].dropna(subset=["runs"])
    found = rows.pivot_table(index="score", columns="target", values="runs", aggfunc=["median", "min", "max"])
    return found.sort_values(("median", _TARGETS[-1]), kind="stable")


def _needed_table(needed: pd.DataFrame) -> Table:
    def cell(row: pd.Series, target: float) -> str:
        fewest, median, most = (_runs(row[name, target]) for name in ("min", "median", "max"))
        return f"{median} ({fewest} to {most})"

    return Table(
        "Trainings to average: median over models and data sets; fewest and most in brackets",
        ("score", *(f"correlation {target:g}" for target in _TARGETS)),
        [
            (words.score_label(score), *(cell(row, target) for target in _TARGETS))
            for score, row in needed.iterrows()
        ],
    )


def _runs(number: float) -> str:
    return "∞" if np.isinf(number) else words.number(number)


def _inspected(results: Results) -> tuple[str, str] | None:
    """Shares of the examples to inspect until half of the flips are found: hardest first, and by chance."""
    table = results.table(CHAPTER, "defects")
    if table.empty:
        return None
    keys = ["dataset", "model", "score"]
    rows = table[table["statistic"] == "inspected_share"]
    rows = rows[rows["runs"] == rows.groupby(keys)["runs"].transform("max")].dropna(subset=["estimate"])
    if rows.empty:
        return None
    each = rows.groupby(keys)[["estimate", "by_chance"]].first().median()
    return words.percent(each["estimate"]), words.percent(each["by_chance"])
