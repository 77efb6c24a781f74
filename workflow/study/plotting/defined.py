"""What of a table can be drawn, and one sentence on what cannot and why."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from study.plotting import words
from study.plotting.style import GREY, PAGE, Drawing, present
from study.scores.registry import SCORES


class Defined(NamedTuple):
    """The drawable part of a table."""

    table: pd.DataFrame
    """Rows of the asked scores and models whose value is defined."""
    scores: list[str]
    """Asked scores with at least one such row, in the order asked."""
    models: list[str]
    """Models with at least one such row, in the study's order."""
    missing: str
    """A sentence, with a space in front, on the scores and models that are asked and not there; or empty."""


def split_defined(
    table: pd.DataFrame, scores: Sequence[str], models: Sequence[str], value: str = "estimate"
) -> Defined:
    """Split a long table (`model, score, …, reason`) into what is drawn and what is said instead.

    Args:
        table: rows of one statistic; a pair of score and model is drawn if any of its rows has a value.
        scores, models: asked for; models that the table does not hold at all are not of this data set.
        value: the column that must be defined.
    """
    asked = table[table["score"].isin(scores) & table["model"].isin(models)]
    drawn = asked[np.isfinite(asked[value].astype(float)) | np.isinf(asked[value].astype(float))]
    shown = present(drawn, models)
    missing = {}
    for score in scores:
        of_score = asked[asked["score"] == score]
        without = [
            model
            for model in present(table, models)
            if model not in set(drawn.loc[drawn["score"] == score, "model"])
        ]
        for model in without:
            missing.setdefault((score, _reason(of_score[of_score["model"] == model], score)), []).append(
                model
            )
    everywhere = len(present(table, models))
    parts = [
        f"{words.score_label(score)}{_with(lacking, everywhere)} ({reason})"
        for (score, reason), lacking in missing.items()
    ]
    known = set(drawn["score"])
    sentence = f" Not shown: {'; '.join(parts)}." if parts else ""
    return Defined(drawn, [score for score in scores if score in known], shown, sentence)


def _with(lacking: Sequence[str], everywhere: int) -> str:
    return "" if len(lacking) == everywhere else f" with {', '.join(lacking)}"


def _reason(rows: pd.DataFrame, score: str) -> str:
    """Why a score of a model has no row with a value."""
    said = rows["reason"].dropna() if "reason" in rows else rows
    if len(said) and said.iloc[0]:
        return str(said.iloc[0]).removeprefix(f"{score} ")
    if score in SCORES and not SCORES[score].per_run:
        return "one value over all runs"
    return "undefined" if len(rows) else "not recorded"


def nothing_to_draw(dataset: str, missing: str) -> Drawing:
    """A figure that says in words why it is empty."""
    figure = Figure(figsize=(PAGE, 1.0))
    figure.text(0.5, 0.5, "Nothing to draw: none of the chosen scores is defined.", ha="center", color=GREY)
    points = pd.DataFrame({"not shown": [missing.strip() or "no score was chosen"]})
    return Drawing(figure, points, f"{dataset}: none of the chosen scores can be drawn.{missing}")
