"""What larger models newly remember, in numbers: how it goes with difficulty, by experts and by width."""

from study.plotting import words
from study.report.reading import Facts, Results, Table

CHAPTER = "synthesis"


def facts(results: Results) -> Facts:
    """The correlation of difficulty with what is newly recalled, of each larger model."""
    gained, recall = results.table(CHAPTER, "gained"), results.table(CHAPTER, "recall")
    if gained.empty:
        return Facts()
    shares = recall.groupby("model")["recall"].mean()
    rows = [
        (
            row["model"],
            words.interval(row),
            words.percent(shares[row["model"]]) if row["model"] in shares else "",
        )
        for _, row in gained.iterrows()
    ]
    columns = ("model", "correlation of what is newly recalled with difficulty", "recall of the book")
    return Facts(tables=(Table("What larger models newly remember", columns, rows),))
