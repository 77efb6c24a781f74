"""Which examples tell models apart, which do not, and how much of that is chance.

Every example is tested between every pair of models over their runs. The headline is on within-run normal
scores, so that a model whose runs are merely better or worse all over does not make every example sensitive;
equivalence is on within-run ranks, as a share of the number of examples. What one model shows against itself,
halves of its own runs, is the null; it is set against pairs of models with as few runs on either side.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from study.analysis.comparison import Comparison, EqualN, compare
from study.analysis.intervals import detectable
from study.analysis.ranks import average_ranks, normal_scores
from study.analysis.welch import Moments, difference, hedges_g, moments, welch_test
from study.errors import StudyError

QQ_POINTS = 400


@dataclass(frozen=True)
class Sensitivity:
    """Results of `sensitivity`; P pairs of models, N examples, M models.

    Attributes:
        tests: P·N rows, pair by pair: model_a, model_b (categorical), example (position), t, p,
            minus_log10_p (inf where p = 0), q (Benjamini–Hochberg over examples × pairs), effect (Hedges' g
            of a − b, ±inf between different constants): all on within-run normal scores; p_raw on raw values;
            rank_difference (mean rank of a − b as a share of N), p_equivalence; sensitive (q ≤ 0.05),
            equivalent (p_equivalence ≤ 0.05, each test by itself). A small but steady difference is both.
        pairs: P rows: model_a, model_b, n_a, n_b (runs), examples, share_sensitive, share_equivalent; and, as
            means over draws of n_equal runs a side, n_equal, share_sensitive_equal_n,
            share_equivalent_equal_n, null_share (mean of the two models against themselves), excess
            (share_sensitive_equal_n − null_share).
        null: M rows, one model's halves against each other: model, n_equal, draws, share_sensitive,
            share_below_level (p ≤ 0.05 uncorrected: about 0.05 if the test is calibrated), share_equivalent.
        overall: statistic, estimate, low, high (95 %), n (runs a model), detectable, pairs, examples, draws;
            statistics share_sensitive, share_equivalent, share_sensitive_equal_n, null_share, excess.
        qq: series ("between", "between_equal_n", "within": one model; the last two from one draw), expected,
            observed (−log10 p; inf where p = 0), m (tests in the series); thinned evenly along `expected`.
        examples: N rows: example, p_min, model_a, model_b (the pair of p_min), p_median, share_sensitive,
            share_equivalent (over pairs), p_equivalence_max, equivalent_everywhere (in every pair; as all
            must pass, this is again a test at level 0.05).
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
    names = list(scores)
    normal = [normal_scores(matrix) for matrix in scores.values()]
    ranks = [average_ranks(matrix) / matrix.shape[1] for matrix in scores.values()]
    first, second = np.array(list(combinations(range(len(names)), 2))).T
    between = compare(moments(normal), moments(ranks), first, second)
    equal = EqualN.drawn(normal, ranks, (first, second), rng, draws)
    tests = _tests_frame(names, (first, second), between, moments(list(scores.values())), moments(normal))
    runs = np.array([len(matrix) for matrix in scores.values()])
    return Sensitivity(
        tests=tests,
        pairs=_pairs_frame(names, (first, second), runs, between, equal),
        null=_null_frame(names, equal),
        overall=_overall_frame(runs.min(), between, equal),
        qq=pd.concat(
            [
                _qq_frame("between", between.p),
                _qq_frame("between_equal_n", equal.first_between.p),
                _qq_frame("within", equal.first_null.p),
            ],
            ignore_index=True,
        ),
        examples=_examples_frame(names, (first, second), between),
    )


def extremes(examples: pd.DataFrame, count: int) -> pd.DataFrame:
    """The most and the least sensitive examples: rows of `Sensitivity.examples` with kind and place.

    "most" has the smallest p over pairs, ties broken by the median over pairs; "least" is equivalent in the
    most pairs, ties broken by the largest equivalence p-value. `place` counts from 1; `count` of each or N.
    """
    most = examples.sort_values(["p_min", "p_median", "example"])
    least = examples.sort_values(
        ["share_equivalent", "p_equivalence_max", "example"], ascending=[False, True, True]
    )
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


def _tests_frame(
    names: list[str], pairs: tuple, between: Comparison, raw: Moments, normal: Moments
) -> pd.DataFrame:
    first, second = pairs
    examples = between.p.shape[1]
    _, p_raw = welch_test(difference(raw.take(first), raw.take(second)))
    with np.errstate(divide="ignore"):
        minus_log10 = -np.log10(between.p)
    columns = {
        "t": between.t,
        "p": between.p,
        "minus_log10_p": minus_log10,
        "q": between.q,
        "effect": hedges_g(normal.take(first), normal.take(second)),
        "p_raw": p_raw,
        "rank_difference": between.rank_difference,
        "p_equivalence": between.p_equivalence,
        "sensitive": between.sensitive,
        "equivalent": between.equivalent,
    }
    return pd.DataFrame(
        {
            "model_a": pd.Categorical.from_codes(np.repeat(first, examples), categories=names),
            "model_b": pd.Categorical.from_codes(np.repeat(second, examples), categories=names),
            "example": np.tile(np.arange(examples), len(first)),
            **{name: values.ravel() for name, values in columns.items()},
        }
    )


def _pairs_frame(
    names: list[str], pairs: tuple, runs: np.ndarray, between: Comparison, equal: EqualN
) -> pd.DataFrame:
    first, second = pairs
    own = equal.null_sensitive.mean(axis=0)
    null_share, at_equal_n = (own[first] + own[second]) / 2, equal.sensitive.mean(axis=0)
    return pd.DataFrame(
        {
            "model_a": np.array(names, dtype=object)[first],
            "model_b": np.array(names, dtype=object)[second],
            "n_a": runs[first],
            "n_b": runs[second],
            "examples": between.p.shape[1],
            "share_sensitive": between.sensitive.mean(axis=1),
            "share_equivalent": between.equivalent.mean(axis=1),
            "n_equal": equal.n,
            "share_sensitive_equal_n": at_equal_n,
            "share_equivalent_equal_n": equal.equivalent.mean(axis=0),
            "null_share": null_share,
            "excess": at_equal_n - null_share,
        }
    )


def _null_frame(names: list[str], equal: EqualN) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "model": names,
            "n_equal": equal.n,
            "draws": len(equal.null_sensitive),
            "share_sensitive": equal.null_sensitive.mean(axis=0),
            "share_below_level": equal.null_below.mean(axis=0),
            "share_equivalent": equal.null_equivalent.mean(axis=0),
        }
    )


def _overall_frame(runs: int, between: Comparison, equal: EqualN) -> pd.DataFrame:
    """Shares over all pairs with 95 % intervals over runs and over examples together.

    Runs: the spread over draws is a delete-half jackknife (Shao & Wu 1989, *A general theory for jackknife
    variance estimation*, eq. 2.3), which also serves statistics as rough as shares. Examples: as a sample.
    """
    gap, equal_pairs = equal.by_example[0] - equal.by_example[1], equal.sensitive.mean(axis=1)
    null = equal.null_sensitive.mean(axis=1)
    # statistic: its estimate, its values by draw, its values by example
    rows = {
        "share_sensitive": (between.sensitive.mean(), equal_pairs, between.sensitive.mean(axis=0)),
        "share_equivalent": (
            between.equivalent.mean(),
            equal.equivalent.mean(axis=1),
            between.equivalent.mean(axis=0),
        ),
        "share_sensitive_equal_n": (equal_pairs.mean(), equal_pairs, equal.by_example[0]),
        "null_share": (null.mean(), null, equal.by_example[1]),
        "excess": ((equal_pairs - null).mean(), equal_pairs - null, gap),
    }
    table = []
    for statistic, (estimate, by_draw, by_example) in rows.items():
        over_runs = equal.n / (equal.runs - equal.n) * by_draw.var(ddof=1)
        over_examples = by_example.var(ddof=1) / len(by_example)
        error = np.sqrt(over_runs + over_examples)
        half, least = stdtrit(runs - 1, 0.975) * error, -1 if statistic == "excess" else 0
        low, high = max(least, estimate - half), min(1, estimate + half)
        table.append((statistic, estimate, low, high, runs, detectable(error, runs - 1)))
    frame = pd.DataFrame(table, columns=["statistic", "estimate", "low", "high", "n", "detectable"])
    pairs, examples = between.p.shape
    return frame.assign(pairs=pairs, examples=examples, draws=len(null))


def _qq_frame(series: str, p: np.ndarray) -> pd.DataFrame:
    """Sorted p-values against the quantiles (i − 1/2)/m of a uniform, on a −log10 scale."""
    ordered = np.sort(p, axis=None)
    places = np.unique(np.geomspace(1, ordered.size, QQ_POINTS).round().astype(int))
    with np.errstate(divide="ignore"):
        observed = -np.log10(ordered[places - 1])
    expected = -np.log10((places - 0.5) / ordered.size)
    return pd.DataFrame({"series": series, "expected": expected, "observed": observed, "m": ordered.size})


def _examples_frame(names: list[str], pairs: tuple, between: Comparison) -> pd.DataFrame:
    first, second = pairs
    labels, strongest = np.array(names, dtype=object), between.p.argmin(axis=0)
    return pd.DataFrame(
        {
            "example": np.arange(between.p.shape[1]),
            "p_min": between.p.min(axis=0),
            "model_a": labels[first[strongest]],
            "model_b": labels[second[strongest]],
            "p_median": np.median(between.p, axis=0),
            "share_sensitive": between.sensitive.mean(axis=0),
            "share_equivalent": between.equivalent.mean(axis=0),
            "p_equivalence_max": between.p_equivalence.max(axis=0),
            "equivalent_everywhere": between.equivalent.all(axis=0),
        }
    )
