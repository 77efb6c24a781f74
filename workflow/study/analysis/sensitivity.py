"""Which examples tell models apart, which do not, and how much of that is chance.

Every example is tested between every pair of models over their runs: first on within-run normal scores, so
that a model whose runs are merely better or worse all over does not make every example sensitive, then on
raw values, where it does; equivalence is on within-run ranks, as a share of the number of examples. What one
model shows against itself, halves of its own runs, is the null; it is set against pairs of models with as few
runs on either side.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from study.analysis.comparison import (
    LEVEL,
    MARGIN,
    Groups,
    Key,
    Pairs,
    compared,
    shares_at_equal_n,
    shares_with_all_runs,
)
from study.analysis.intervals import Estimate
from study.analysis.ranks import average_ranks, normal_scores
from study.analysis.shares import Share
from study.analysis.welch import equivalence_test, hedges_g, moments, welch_test
from study.errors import StudyError

QQ_POINTS = 400
NORMAL, RAW = "normal", "raw"


@dataclass(frozen=True)
class Sensitivity:
    """Results of `sensitivity`; P pairs of models, N examples, M models.

    Tables of shares have a row per unit, scale and statistic, with estimate, low, high (95 %, over runs and
    examples), n (runs a model), detectable; level (of the false discovery rate), margin (of equivalence, as a
    share of N), examples, n_equal (runs a side in comparisons at equal n), draws. Scales: "normal" and "raw"
    of differences, "rank" of equivalence.

    Attributes:
        tests: P·N rows, pair by pair: model_a, model_b (categorical), example (position), t, p,
            minus_log10_p (inf where p = 0), q (Benjamini–Hochberg over examples × pairs), effect (Hedges' g
            of a − b, ±inf between different constants): all on within-run normal scores; p_raw and q_raw on
            raw values; rank_difference (mean rank of a − b as a share of N), p_equivalence, q_equivalence;
            sensitive, sensitive_raw, equivalent (q at most `level`). A small but steady difference is both.
        pairs: by model_a, model_b; statistics of differences: share_sensitive (all runs), and, as means over
            draws of n_equal runs a side, share_sensitive_equal_n, null_share (mean of the two models against
            themselves), excess (share_sensitive_equal_n − null_share); of equivalence: share_equivalent,
            share_equivalent_singly (each test by itself at `level`), share_equivalent_equal_n.
        overall: the means of `pairs` over pairs; `pairs` says how many.
        null: by model, halves of its runs against each other: share_sensitive, share_below_level (p ≤ level
            by itself: about `level` if the test is calibrated), share_equivalent.
        qq: scale, series ("between", "between_equal_n", "within": one model; the last two from one draw),
            expected, observed (−log10 p; inf where p = 0), m (tests in the series); thinned evenly along
            `expected`.
        examples: N rows, on normal scores: example, p_min, model_a, model_b (the pair of p_min), p_median,
            share_sensitive, share_equivalent (over pairs), p_equivalence_max, equivalent_everywhere (in every
            pair).
    """

    tests: pd.DataFrame
    pairs: pd.DataFrame
    null: pd.DataFrame
    overall: pd.DataFrame
    qq: pd.DataFrame
    examples: pd.DataFrame


def sensitivity(
    scores: Mapping[str, np.ndarray], *, rng: np.random.Generator, draws: int = 20
) -> Sensitivity:
    """Tests every example between every pair of models.

    Args:
        scores: one score of each model, (R, N) finite values, runs × examples; R ≥ 4 may differ by model.
        rng: draws the halves.
        draws: random halvings of each model's runs for the comparison at equal n.

    Raises:
        StudyError: fewer than two models, fewer than four runs, differing examples, or values that are not
            finite.
    """
    _check(scores)
    names, raw = list(scores), list(scores.values())
    scales = {NORMAL: [normal_scores(matrix) for matrix in raw], RAW: raw}
    ranks = [average_ranks(matrix) / matrix.shape[1] for matrix in raw]
    first, second = pairs = np.array(list(combinations(range(len(names)), 2))).T
    tests = _tests(scales, ranks, pairs)
    of_pairs = shares_with_all_runs(scales, ranks, pairs)
    at_equal_n, null, p = shares_at_equal_n(scales, ranks, pairs, rng, draws)
    runs, labels = np.array([len(matrix) for matrix in raw]), np.array(names, dtype=object)
    common = {
        "level": LEVEL,
        "margin": MARGIN,
        "examples": raw[0].shape[1],
        "n_equal": runs.min() // 2,
        "draws": draws,
    }
    p |= {(NORMAL, "between"): tests["p"], (RAW, "between"): tests["p_raw"]}
    units = {"model_a": labels[first], "model_b": labels[second]}
    fewest = np.minimum(runs[first], runs[second])
    return Sensitivity(
        tests=_tests_frame(names, pairs, tests),
        pairs=_units_frame(of_pairs | at_equal_n, units, fewest).assign(**common),
        null=_units_frame(null, {"model": labels}, runs).assign(**common),
        overall=_overall_frame(of_pairs | at_equal_n, int(runs.min())).assign(pairs=len(first), **common),
        qq=pd.concat([_qq_frame(*key, p[key]) for key in sorted(p)], ignore_index=True),
        examples=_examples_frame(labels, pairs, tests),
    )


def extremes(examples: pd.DataFrame, count: int) -> pd.DataFrame:
    """The most and the least sensitive examples: rows of `Sensitivity.examples` with kind and place.

    "most" has the smallest p over pairs, ties broken by the median over pairs; "least" the smallest of the
    largest equivalence p-values over pairs: shown to be equivalent everywhere, or nearest to it. `place`
    counts from 1; `count` of each or N.
    """
    most = examples.sort_values(["p_min", "p_median", "example"])
    least = examples.sort_values(["p_equivalence_max", "example"])
    parts = []
    for kind, ordered in (("most", most), ("least", least)):
        part = ordered.head(count).reset_index(drop=True)
        part.insert(0, "kind", kind)
        part.insert(1, "place", np.arange(1, len(part) + 1))
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _check(scores: Mapping[str, np.ndarray]) -> None:
    where = f"models {', '.join(scores)}"
    if len(scores) < 2:
        raise StudyError("Sensitivity compares models", where=where, expected="two models or more")
    if len({matrix.shape[1] for matrix in scores.values()}) > 1:
        raise StudyError("The models scored different numbers of examples", where=where)
    for name, matrix in scores.items():
        if len(matrix) < 4:
            raise StudyError(
                f"{len(matrix)} runs are too few to compare a model with itself",
                where=f"model {name}",
                expected="four runs or more, for two halves of two",
                do="train more runs, or leave the model out",
            )
        if not np.isfinite(matrix).all():
            raise StudyError("Scores must be finite", where=f"model {name}", do="leave the score out")


def _tests(scales: Mapping[str, Groups], ranks: Groups, pairs: Pairs) -> dict[str, np.ndarray]:
    """Columns of the table of tests, each (P, N)."""
    normal, raw, by_rank = (moments(matrices) for matrices in (scales[NORMAL], scales[RAW], ranks))
    t, p = welch_test(compared(normal, pairs))
    _, p_raw = welch_test(compared(raw, pairs))
    apart = compared(by_rank, pairs)
    p_equivalence = equivalence_test(apart, MARGIN)
    q, q_raw, q_equivalence = (
        false_discovery_control(values, axis=None).reshape(p.shape) for values in (p, p_raw, p_equivalence)
    )
    with np.errstate(divide="ignore"):
        minus_log10_p = -np.log10(p)
    return {
        "t": t,
        "p": p,
        "minus_log10_p": minus_log10_p,
        "q": q,
        "effect": hedges_g(normal.take(pairs[0]), normal.take(pairs[1])),
        "p_raw": p_raw,
        "q_raw": q_raw,
        "rank_difference": apart.mean,
        "p_equivalence": p_equivalence,
        "q_equivalence": q_equivalence,
        "sensitive": q <= LEVEL,
        "sensitive_raw": q_raw <= LEVEL,
        "equivalent": q_equivalence <= LEVEL,
    }


def _tests_frame(names: list[str], pairs: Pairs, tests: dict[str, np.ndarray]) -> pd.DataFrame:
    first, second = pairs
    examples = tests["p"].shape[1]
    return pd.DataFrame(
        {
            "model_a": pd.Categorical.from_codes(np.repeat(first, examples), categories=names),
            "model_b": pd.Categorical.from_codes(np.repeat(second, examples), categories=names),
            "example": np.tile(np.arange(examples), len(first)),
            **{name: values.ravel() for name, values in tests.items()},
        }
    )


def _units_frame(shares: Mapping[Key, Share], units: dict[str, np.ndarray], runs: np.ndarray) -> pd.DataFrame:
    """A row per unit, scale and statistic; `units` names the units, `runs` (U,) counts their runs."""
    parts = []
    for (scale, statistic), share in shares.items():
        found = pd.DataFrame(share.each(runs), columns=Estimate._fields)
        parts.append(pd.DataFrame({**units, "scale": scale, "statistic": statistic}).join(found))
    return pd.concat(parts, ignore_index=True)


def _overall_frame(shares: Mapping[Key, Share], runs: int) -> pd.DataFrame:
    rows = [(*key, *share.mean(runs)) for key, share in shares.items()]
    return pd.DataFrame(rows, columns=["scale", "statistic", *Estimate._fields])


def _qq_frame(scale: str, series: str, p: np.ndarray) -> pd.DataFrame:
    """Sorted p-values against the quantiles (i − 1/2)/m of a uniform, on a −log10 scale."""
    ordered = np.sort(p, axis=None)
    places = np.unique(np.geomspace(1, ordered.size, QQ_POINTS).round().astype(int))
    with np.errstate(divide="ignore"):
        observed = -np.log10(ordered[places - 1])
    expected = -np.log10((places - 0.5) / ordered.size)
    points = {"scale": scale, "series": series, "expected": expected, "observed": observed}
    return pd.DataFrame({**points, "m": ordered.size})


def _examples_frame(labels: np.ndarray, pairs: Pairs, tests: dict[str, np.ndarray]) -> pd.DataFrame:
    p = tests["p"]
    strongest = p.argmin(axis=0)
    return pd.DataFrame(
        {
            "example": np.arange(p.shape[1]),
            "p_min": p.min(axis=0),
            "model_a": labels[pairs[0][strongest]],
            "model_b": labels[pairs[1][strongest]],
            "p_median": np.median(p, axis=0),
            "share_sensitive": tests["sensitive"].mean(axis=0),
            "share_equivalent": tests["equivalent"].mean(axis=0),
            "p_equivalence_max": tests["p_equivalence"].max(axis=0),
            "equivalent_everywhere": tests["equivalent"].all(axis=0),
        }
    )
