"""What experts buy in memory, and what in search, in numbers."""

import pandas as pd

from study.chapters.experts.shortest_path import ALL
from study.data.questions.load import HELD_OUT
from study.plotting import words
from study.report.reading import Facts, Results, Table

CHAPTER = "experts"


def facts(results: Results) -> Facts:
    """The largest books, and the shares of shortest paths."""
    tables = (_books(results), _paths(results))
    return Facts(tables=tuple(table for table in tables if table))


def _books(results: Results) -> Table | None:
    task, found = results.study.experts.phone_book, results.table(CHAPTER, "capacity")
    if task is None or found.empty:
        return None
    sizes = _sizes(results, task.tuning_name)
    rows = [(row["model"], _entries(row), *sizes[row["model"]]) for _, row in found.iterrows()]
    columns = ("model", "entries at 90 % recall", "parameters", "parameters at work")
    return Table("The largest phone book that each model holds", columns, rows)


def _entries(row: pd.Series) -> str:
    if pd.isna(row["bound"]):
        return words.interval(row)
    return f"{words.number(row['estimate'])}, {row['bound']} the sizes that were tried"


def _paths(results: Results) -> Table | None:
    task, found = results.study.experts.shortest_path, results.table(CHAPTER, "shortest_path")
    if task is None or found.empty:
        return None
    chosen = (found["kind"] == HELD_OUT) & (found["hops"] == ALL) & (found["measure"] == "optimal")
    sizes = _sizes(results, task.tuning_name)
    rows = [
        (row["model"], words.percent_interval(row), *sizes[row["model"]])
        for _, row in found[chosen].iterrows()
    ]
    columns = ("model", "shortest paths found", "parameters", "parameters at work")
    return Table("Shortest paths in graphs that no model trained on", columns, rows)


def _sizes(results: Results, task: str) -> dict[str, tuple[str, ...]]:
    """Parameters of each model, all and those at work for a token."""
    table = results.table(CHAPTER, "parameters")
    rows = table[table["task"] == task].set_index("model")[["total", "active"]]
    return {model: tuple(map(words.number, counts)) for model, counts in rows.iterrows()}
