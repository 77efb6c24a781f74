"""The verdict on a claim: one rule for all, fixed before any number is seen.

*supported* if the whole 95 % interval is past the threshold, *contradicted* if it is wholly short of it,
else *inconclusive*; where a claim is tested on several scores or strategies, their p-values also have to
hold together (Holm). *inconclusive* as well if all arms that are compared lie within 2 points of floor or
ceiling. What a chapter did not compute is *not run*; theorems checked by code are *verified* or
*contradicted*, and the number of cases is said.
"""

import re
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from study.analysis.multiple import holm

SUPPORTED, CONTRADICTED, INCONCLUSIVE = "supported", "contradicted", "inconclusive"
VERIFIED, NOT_RUN = "verified", "not run"
VERDICTS = (SUPPORTED, VERIFIED, CONTRADICTED, INCONCLUSIVE, NOT_RUN)
COLUMNS = (
    *("id", "paper", "claim", "statistic", "estimate", "ci_low", "ci_high", "n", "threshold", "detectable"),
    *("verdict", "paper_value", "comparable", "scale", "evidence"),
    *("dataset", "score", "p_holm", "reference", "note"),
)
LEVEL = 0.05  # of all tests of a claim together
NEAR_LIMIT = 0.02  # arms that all lie this near to floor or ceiling leave no room for a difference
_TAIL = 0.975
_NUMBER = r"([-+]?[0-9.]+)"


class Threshold(NamedTuple):
    """The values that a claim asserts: those between `low` and `high`; one of them may be infinite."""

    low: float
    high: float

    @classmethod
    def parse(cls, text: str) -> "Threshold":
        """From `> 0.02`, `< 0.5`, or `-0.6 to -0.4` (also for equivalence: `-0.1 to 0.1`).

        Raises:
            ValueError: it is none of these.
        """
        if found := re.fullmatch(rf"> {_NUMBER}", text):
            return cls(float(found[1]), np.inf)
        if found := re.fullmatch(rf"< {_NUMBER}", text):
            return cls(-np.inf, float(found[1]))
        if found := re.fullmatch(rf"{_NUMBER} to {_NUMBER}", text):
            return cls(float(found[1]), float(found[2]))
        raise ValueError(f"not a threshold: {text!r}")

    @property
    def ends(self) -> list[float]:
        """The finite ends."""
        return [end for end in self if np.isfinite(end)]


def no_estimate(note: str) -> dict:
    """The `estimate, low, high, n, detectable, note` of a claim of which nothing can be estimated."""
    return {**dict.fromkeys(("estimate", "low", "high"), np.nan), "n": 0, "detectable": np.nan, "note": note}


def at_limit(arms: np.ndarray, floor: float, ceiling: float) -> bool:
    """Whether all arms (accuracies, say) lie within 2 points of floor or of ceiling."""
    arms = np.asarray(arms, dtype=float)
    return bool(((arms <= floor + NEAR_LIMIT) | (arms >= ceiling - NEAR_LIMIT)).all())


def p_value(estimate: float, low: float, high: float, n: int, threshold: Threshold) -> float:
    """Two-sided p-value that the truth is on the other side of the threshold from the estimate.

    From the interval, read as a t-interval of n - 1 degrees of freedom whose halves may differ: p ≤ 0.05 if
    and only if it ends before the threshold. An estimate within [a, b] has to be told from both ends, one
    outside from the end that it passed. NaN without an interval.
    """
    if not np.isfinite([estimate, low, high]).all() or n < 2:
        return np.nan
    inside = threshold.low < estimate < threshold.high
    ends = threshold.ends if inside else [min(threshold.ends, key=lambda end: abs(end - estimate))]
    freedom, p = n - 1, []
    for end in ends:
        half = estimate - low if end <= estimate else high - estimate
        distance = abs(estimate - end)
        if half > 0:
            p.append(2 * stdtr(freedom, -distance / half * stdtrit(freedom, _TAIL)))
        else:
            p.append(1.0 if distance == 0 else 0.0)
    return float(max(p))


def judge(rows: pd.DataFrame, threshold: Threshold) -> pd.DataFrame:
    """The rows of one claim, tested on several scores or strategies or on one, with their verdicts.

    Args:
        rows: `estimate, ci_low, ci_high, n`, and `at_limit` (whether all arms are at floor or ceiling).

    Returns:
        The rows with `p_holm` (adjusted over the rows) and `verdict`. Rows without an interval are
        inconclusive and count as no test.
    """
    p = [p_value(r.estimate, r.ci_low, r.ci_high, r.n, threshold) for r in rows.itertuples()]
    past = (rows["ci_low"] > threshold.low) & (rows["ci_high"] < threshold.high)
    short = (rows["ci_high"] < threshold.low) | (rows["ci_low"] > threshold.high)
    adjusted = holm(np.array(p, dtype=float))
    decided = (adjusted <= LEVEL) & ~rows["at_limit"].to_numpy(dtype=bool)
    verdict = np.select([decided & past, decided & short], [SUPPORTED, CONTRADICTED], INCONCLUSIVE)
    return rows.assign(p_holm=adjusted, verdict=verdict)


def median_of(rows: pd.DataFrame) -> pd.Series:
    """The median over scores of `estimate`, with the medians of the ends as its interval; `n` is the fewest.

    For it to miss the median of the truths, half of the intervals must miss theirs on the same side. However
    the scores depend on each other, that happens in 5 % of studies on either side at the very most; where
    scores err one by one, hardly ever; where they all err together, as often as one of them, in 2.5 %.
    """
    middle = rows[["estimate", "low", "high", "detectable"]].median(skipna=False)
    return pd.concat([middle, pd.Series({"n": rows["n"].min()})])
