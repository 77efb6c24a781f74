"""Memorization and C-score from trainings on parts of the training set, and how far they repeat.

Source of both: Feldman & Zhang 2020 (arXiv 2008.03703), eq. 1; Jiang et al. 2021 (arXiv 2002.03206), eq. 1 at
one size of the part.
"""

import numpy as np
import pandas as pd

from study.analysis.intervals import Estimate, jackknife, ratio
from study.analysis.ranks import spearman_rows
from study.errors import StudyError

SCORES = ("memorization", "c_score")
COLUMNS = ["score", "statistic", *Estimate._fields, "runs_out", "examples", "reason"]
_NO_RANKING = "the scores of the halves rank no examples: none is in and out in both, or all are equal"


def memorization(inside: np.ndarray, correct: np.ndarray) -> dict[str, np.ndarray]:
    """Scores of every example, with standard errors.

    memorization = P(right | trained on it) - P(right | not trained on it), c_score = the latter, each
    probability the share of runs. Standard errors are those of (differences of) means of independent runs:
    √(Σ p(1 - p)/(n - 1)), with n the runs in or out. Where all runs agree that is 0, and says only that
    disagreement is rare.

    Args:
        inside: (S, N) bool, whether run s trained on example i.
        correct: (S, N) bool, whether it predicts the label.

    Returns:
        (N,) arrays `memorization`, `memorization_se`, `memorization_n` (runs), `c_score`, `c_score_se`,
        `c_score_n` (runs that did not train on the example).

    Raises:
        StudyError: an example is in or out in fewer than two runs.
    """
    n_in, n_out = inside.sum(0), (~inside).sum(0)
    scarce = np.flatnonzero(np.minimum(n_in, n_out) < 2)
    if len(scarce):
        first = scarce[0]
        raise StudyError(
            f"{len(scarce)} examples have no memorization score",
            where=f"the first is example {first}: {n_in[first]} runs trained on it, {n_out[first]} did not",
            expected="at least two runs of either kind for every example",
            do="raise difficulty.subsets.runs",
        )
    p_in, p_out = (inside & correct).sum(0) / n_in, (~inside & correct).sum(0) / n_out
    variance_in, variance_out = p_in * (1 - p_in) / (n_in - 1), p_out * (1 - p_out) / (n_out - 1)
    return {
        "memorization": p_in - p_out,
        "memorization_se": np.sqrt(variance_in + variance_out),
        "memorization_n": np.full(inside.shape[1], len(inside), dtype=np.int32),
        "c_score": p_out,
        "c_score_se": np.sqrt(variance_out),
        "c_score_n": n_out.astype(np.int32),
    }


def memorization_table(
    inside: np.ndarray, correct: np.ndarray, generator: np.random.Generator, draws: int = 30
) -> pd.DataFrame:
    """How sure the two scores are, with delete-one jackknives over runs.

    - `mean` over examples.
    - `standard_error`: root mean square over examples.
    - `split_half`: Spearman correlation between the scores from two random halves of the runs, mean over
      draws. Examples that are never in or never out in a half are left out of it.
    - `reliability`: of the scores from all runs, 2r / (1 + r) of the split half (Spearman 1910, Brown 1910).

    Args:
        inside, correct: (S, N) bool, as in `memorization`.
        generator: source of the halvings.
        draws: number of halvings.

    Returns:
        A row per score and statistic: `score, statistic, estimate, low, high, n` (runs) `, detectable,
        runs_out` (fewest runs that an example is out of) `, examples` (behind a split half, in the mean)
        `, reason` (why there is no estimate).
    """
    runs = len(inside)
    kept = np.vstack([np.ones(runs), 1 - np.eye(runs)])  # all runs, and all but each
    found = _statistics(inside, correct, kept, _halves(runs, draws, generator))
    rows = []
    for (score, statistic), (values, examples) in found.items():
        correlation = statistic in ("split_half", "reliability")
        interval = jackknife(values[0], values[1:], correlation=correlation)
        reason = _NO_RANKING if np.isnan(values[0]) else ""
        fewest = int((~inside).sum(0).min())
        rows.append([score, statistic, *interval, fewest, examples, reason])
    return pd.DataFrame(rows, columns=COLUMNS)


def _statistics(
    inside: np.ndarray, correct: np.ndarray, kept: np.ndarray, halves: np.ndarray
) -> dict[tuple[str, str], tuple[np.ndarray, float]]:
    """{(score, statistic): (values under each of the K sets of kept runs, number of examples)}."""
    found: dict[tuple[str, str], tuple[np.ndarray, float]] = {}
    scores, variances = _scores(inside, correct, kept)
    for place, score in enumerate(SCORES):
        found[score, "mean"] = np.nanmean(scores[place], axis=1), inside.shape[1]
        found[score, "standard_error"] = np.sqrt(np.nanmean(variances[place], axis=1)), inside.shape[1]
    agreement, examples = np.full((2, 2, len(kept)), np.nan)
    for number, runs in enumerate(kept):
        first, second = (_scores(inside, correct, half * runs)[0] for half in (halves, 1 - halves))
        agreement[:, number], examples[:, number] = _agreement(first, second)
    for place, score in enumerate(SCORES):
        r = agreement[place]
        found[score, "split_half"] = r, examples[place, 0]
        found[score, "reliability"] = ratio(2 * r, 1 + r), examples[place, 0]
    return found


def _halves(runs: int, draws: int, generator: np.random.Generator) -> np.ndarray:
    """(draws, S) 1 for the runs of a random half, 0 for the others."""
    half = (np.arange(runs) < runs // 2).astype(float)
    return np.array([generator.permutation(half) for _ in range(draws)])


def _scores(inside: np.ndarray, correct: np.ndarray, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both scores (2, K, N) from each of K sets of runs, and their error variances; NaN where undefined.

    Args:
        kept: (K, S) 1 for runs that count, 0 for others.
    """
    n_in, n_out = kept @ inside, kept @ ~inside
    p_in, p_out = ratio(kept @ (inside & correct), n_in), ratio(kept @ (~inside & correct), n_out)
    variance_in, variance_out = ratio(p_in * (1 - p_in), n_in - 1), ratio(p_out * (1 - p_out), n_out - 1)
    return np.array([p_in - p_out, p_out]), np.array([variance_in + variance_out, variance_out])


def _agreement(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Spearman of two halves' scores (2, draws, N), mean over draws that rank; and the examples behind it."""
    values, counts = np.full((2, *first.shape[:2]), np.nan)
    for place in np.ndindex(first.shape[:2]):
        one, other = first[place], second[place]
        both = np.isfinite(one) & np.isfinite(other)
        counts[place] = both.sum()
        values[place] = spearman_rows(one[both], other[both])[0] if both.any() else np.nan
    defined = np.isfinite(values)
    return ratio(np.where(defined, values, 0).sum(1), defined.sum(1)), counts.mean(1)
