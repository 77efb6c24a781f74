"""Which ways of choosing from a pool of machine-labelled utterances beat chance, in numbers."""

import numpy as np
import pandas as pd

from study.analysis.claims import LEVEL
from study.plotting import words
from study.report.reading import Facts, Results, Table

CHAPTER = "selection"
_ERRORS = {"dcer": "wrong topics", "semer": "wrong intents and slots"}


def facts(results: Results) -> Facts:
    """What each strategy gains over random utterances, and what of that holds for all together."""
    table = results.table(CHAPTER, "selection")
    if table.empty:
        return Facts({"gains": []})
    settings = results.study.selection
    chosen = (table["statistic"] == "change") & (table["view"] == "overall") & table["metric"].isin(_ERRORS)
    changes = table[chosen & np.isclose(table["size"], settings.size)]
    gains = [
        {
            "errors": meaning,
            "fewer": _named(changes[_shown_to_differ(changes, metric) & (changes["estimate"] < 0)]),
            "more": _named(changes[_shown_to_differ(changes, metric) & (changes["estimate"] > 0)]),
        }
        for metric, meaning in _ERRORS.items()
    ]
    numbers = {"gains": gains, "size": words.percent(settings.size, 0)}
    return Facts(numbers, (_gain_table(changes, settings.datasets),))


def _shown_to_differ(changes: pd.DataFrame, metric: str) -> pd.Series:
    return (changes["metric"] == metric) & (changes["p_holm"] <= LEVEL)


def _named(rows: pd.DataFrame) -> list[str]:
    """Strategies with the data sets on which they stand in the rows."""
    groups = rows.groupby("strategy", sort=False)["dataset"]
    return [f"{_strategy(name)} ({', '.join(where)})" for name, where in groups]


def _gain_table(changes: pd.DataFrame, datasets: list[str]) -> Table:
    rows = []
    for (strategy, metric), part in changes.groupby(["strategy", "metric"], sort=False):
        found = part.set_index("dataset")
        cells = (f"{words.interval(found.loc[name])} %" if name in found.index else "" for name in datasets)
        rows.append((_strategy(strategy), _ERRORS[metric], *cells))
    title = "Change of errors against as many random utterances"
    return Table(title, ("what is added", "errors", *datasets), rows, worded=2)


def _strategy(name: str) -> str:
    how, _, score = name.partition("-")
    return how.replace("_", " ") + (f" by {words.score_label(score)}" if score else "")
