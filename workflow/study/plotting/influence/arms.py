"""The arms of pruning in every figure of the chapter, names of rankings, and what of pruning.csv is drawn."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from study.analysis.pruned import EASY, FULL, HARD, RANDOM
from study.plotting import words
from study.plotting.style import GREY, INK
from study.scores.registry import SCORES

ARM_COLOURS = {EASY: "#0072B2", RANDOM: GREY, HARD: "#D55E00", FULL: INK}
ARM_MARKERS = {EASY: "o", RANDOM: "s", HARD: "D"}
ARM_NAMES = {EASY: "easiest pruned", RANDOM: "random pruned", HARD: "hardest pruned", FULL: "nothing pruned"}
LEVEL = 0.05  # of tests that markers show
FILLED = f"filled: differs from random of equal size (Holm, {LEVEL:g})"

_GUMBEL = "-gumbel"
_RAW_VOG = "vog_embedding"
_KEYS = ("dataset", "model", "plan", "ranking", "arm", "fraction")
_ENDS = ["estimate", "low", "high"]


def ranking_label(ranking: str) -> str:
    """A ranking for a title: the score's name, and whether examples are drawn by it instead of cut off."""
    name = words.score_label(ranking.removesuffix(_GUMBEL))
    return f"{name}, drawn" if ranking.endswith(_GUMBEL) else name


def in_order(rankings: Iterable[str], first: Sequence[str] = ()) -> list[str]:
    """Each ranking once, cut off before drawn; in the order of the scores `first`, then in the registry's."""
    places = {score: place for place, score in enumerate(dict.fromkeys([*first, *SCORES]))}

    def place(ranking: str) -> tuple[int, bool]:
        score = ranking.removesuffix(_GUMBEL)
        return places.get(score, len(places)), score != ranking

    return sorted(dict.fromkeys(rankings), key=place)


def rankings_note(rankings: Iterable[str]) -> str:
    """A caption's last sentences on how to read the rankings shown; empty where they need none."""
    rankings, said = list(rankings), ""
    if _RAW_VOG in rankings:
        said += (
            f" A cut by {ranking_label(_RAW_VOG)} is one curve for raw and for data-set-normalised VoG, "
            "which rank alike."
        )
    if any(ranking.endswith(_GUMBEL) for ranking in rankings):
        said += " Drawn: pruned at random, with chances that rise as e to the score's z over the data set."
    return said


def with_texts(table: pd.DataFrame) -> pd.DataFrame:
    """pruning.csv with its empty fields as empty texts, and without rows that have no estimate."""
    texts = {
        name: table[name].astype(object).where(table[name].notna(), "") for name in ("ranking", "against")
    }
    return table.assign(**texts)[np.isfinite(table["estimate"])]


def accuracies(table: pd.DataFrame) -> pd.DataFrame:
    """Accuracies of `with_texts`, in percent, each with `differs`: whether the arm differs from random."""
    keys = [key for key in _KEYS if key in table]
    tests = table[(table["statistic"] == "difference") & (table["against"] == RANDOM)]
    own = table[table["statistic"] == "accuracy"].drop(columns="p_holm")
    found = own.merge(tests[[*keys, "p_holm"]], on=keys, how="left")
    return _hundredfold(found).assign(differs=found["p_holm"] <= LEVEL)


def differences(table: pd.DataFrame, arm: str, against: str) -> pd.DataFrame:
    """Paired differences of `with_texts` in points of accuracy, with `differs`: the test's verdict."""
    rows = table["statistic"].eq("difference") & table["arm"].eq(arm) & table["against"].eq(against)
    found = _hundredfold(table[rows])
    return found.assign(differs=found["p_holm"] <= LEVEL)


def verdict(tested: pd.DataFrame, arm: str) -> str:
    """How often an arm is better and worse than random, of the rows of `differences` that are its own."""
    better, worse = (int((tested["differs"] & (sign * tested["estimate"] > 0)).sum()) for sign in (1, -1))
    compared = words.count_of(len(tested), "comparison")
    return f"{ARM_NAMES[arm]} is better than random in {better} and worse in {worse} of {compared}"


def _hundredfold(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(**rows[_ENDS] * 100, x=100 * rows["fraction"])
