"""The caption of figure `runs_needed`: numbers with intervals, and what follows from them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from study.analysis.pooling import mean_over_models
from study.analysis.runs_needed import TARGETS
from study.plotting import words


def runs_needed_caption(
    exponents: pd.DataFrame, infinite: pd.DataFrame, order: Sequence[str], shown: Sequence[str], dataset: str
) -> str:
    """What this study's numbers say of runs needed, for the scores that are not coarse.

    Args:
        exponents, infinite: tables of the scores shown; of `infinite` the rows of that kind.
        order, shown: scores and models in the figure.
        dataset: its name.
    """
    runs = words.span(infinite["n"], " runs")
    head = f"{dataset}: {words.count_of(len(shown), 'model')}, {runs} each. "
    sure = words.headline(order)
    exponents, infinite = (table[table["score"].isin(sure)] for table in (exponents, infinite))
    if infinite.empty:
        return head.rstrip()
    lines = [_runs_sentence(infinite, target) for target in TARGETS]
    beyond = infinite["extrapolated"].astype(bool)
    return (
        f"{head}{''.join(lines)}{int(beyond.sum())} of {len(beyond)} numbers lie beyond the largest "
        f"means that could be compared, and are extrapolated. "
        f"{_agreement(infinite)}{_exponent_sentence(exponents)}"
    )


def _agreement(infinite: pd.DataFrame) -> str:
    """How often single runs promise another number of runs than means show."""
    known = infinite[infinite["agrees"].notna()]
    if known.empty:
        return ""
    differ = known[~known["agrees"].astype(bool)]
    text = (
        f"What single runs promise by Spearman–Brown lies outside the interval measured with means for "
        f"{len(differ)} of {len(known)}"
    )
    if differ.empty:
        return f"{text}. "
    more = int((differ["estimate"] > differ["from_one_run"]).sum())
    return f"{text}, with more runs needed than promised in {more} of them. "


def _exponent_sentence(exponents: pd.DataFrame) -> str:
    """The fitted exponents, against -1/2 and against what noise of that size gives."""
    disjoint = exponents[(exponents["form"] == "disjoint") & exponents["estimate"].notna()]
    if disjoint.empty:
        return "With one size of average no exponent can be fitted."
    slopes = mean_over_models(disjoint, ["score"])
    against = {"difference": "estimate", "difference_low": "low", "difference_high": "high"}
    excess = disjoint.drop(columns=[*against.values(), "detectable"]).rename(columns=against)
    excess = mean_over_models(excess, ["score"])
    steepest, flattest = slopes.loc[slopes["estimate"].idxmin()], slopes.loc[slopes["estimate"].idxmax()]
    usual, expected = _including(slopes, -0.5), _including(excess, 0)
    return (
        f"The fitted exponent, mean over models, runs from {words.interval(steepest)} "
        f"({words.score_label(steepest['score'])}) to {words.interval(flattest)} "
        f"({words.score_label(flattest['score'])}). Its interval includes −0.5, the limit of small "
        f"independent noise, for {usual} of {words.count_of(len(slopes), 'score')}, and what independent "
        f"noise of the observed size gives for {expected} of {len(excess)}"
        + ("." if expected == len(excess) else "; the others' errors are skewed or not independent.")
    )


def _including(table: pd.DataFrame, value: float) -> int:
    return int(((table["low"] <= value) & (table["high"] >= value)).sum())


def _runs_sentence(infinite: pd.DataFrame, target: float) -> str:
    """For how many scores a run is enough, and which need fewest and most."""
    of_target = infinite[infinite["target"] == target].reset_index(drop=True)
    worst = of_target.loc[of_target.groupby("score", sort=False)["estimate"].idxmax()]
    whole = worst["runs"]
    least, most = worst.loc[whole.idxmin()], worst.loc[whole.idxmax()]
    needs = f"{words.score_label(least['score'])} needs {_runs_with_interval(least)}"
    if least["score"] != most["score"]:
        needs += f" (fewest) and {words.score_label(most['score'])} {_runs_with_interval(most)} (most)"
    return (
        f"For a correlation of {target} with the mean of infinitely many runs, one run is enough with every "
        f"model for {int((whole <= 1).sum())} of {words.count_of(len(whole), 'score')}; with its noisiest "
        f"model {needs}. "
    )


def _runs_with_interval(row: pd.Series) -> str:
    """Whole runs: `4 [3, 6]`."""
    ends = row[["low", "high"]].astype(float).clip(lower=1)
    whole = pd.Series({"estimate": row["runs"], **np.ceil(ends - 1e-9).to_dict(), "n": row["n"]})
    return words.interval(whole)
