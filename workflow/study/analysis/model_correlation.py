"""Whether models agree on what is hard: correlation of run-averaged scores between models."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from study.analysis.intervals import Estimate, jackknife, pair_means
from study.analysis.ranks import spearman_matrix
from study.analysis.reliability import spearman_brown
from study.analysis.run_means import all_but, correlate_ranks, mean_ranks, ranked_runs

_MOST = 1 - 1e-12  # keeps Fisher's z finite for means that agree exactly
NO_ORDER = "the score is the same for all examples in every run of a model"
NO_RELIABILITY = "the runs of a model do not agree, or there are fewer than two: its reliability is unknown"


class ModelCorrelation(NamedTuple):
    """The two tables of `model_correlation_tables`."""

    pairs: pd.DataFrame
    summary: pd.DataFrame


class _Model(NamedTuple):
    """A model's ranking by its mean score and the reliability of that mean; then without each run."""

    runs: int
    ranks: np.ndarray  # (N,); the middle rank everywhere where no run ranks the examples
    reliability: float
    ranks_without: np.ndarray  # (R, N); none below two runs
    reliability_without: np.ndarray  # (R,)


class _Numbers(NamedTuple):
    """Numbers (P,) of pairs of models, or of models, and the same without each run of each model."""

    value: np.ndarray
    without: list[np.ndarray]  # of each model (R, P)


def model_correlation_tables(scores: Mapping[str, Mapping[str, np.ndarray]]) -> ModelCorrelation:
    """Spearman correlation between models of the mean over runs of every score.

    `mean_mean` is the correlation of the two means. Each mean still holds its runs' noise; `disattenuated`
    divides by √(ρ_A ρ_B), where ρ is the reliability of a model's mean, R·r / (1 + (R-1)·r) from its
    run-to-run correlation r (Spearman 1904; Spearman 1910 and Brown 1910): what the means over infinitely
    many runs would show. It is not clipped: sampling can carry it above 1.

    Runs of different models are independent, so the interval adds delete-one jackknives over the runs of each
    model in squares, each with its own t quantile; on Fisher's z scale but for `disattenuated`.

    Args:
        scores: {score: {model: (R, N)}}, the same examples for all models; (1, N) where a score is taken over
            all runs: it has `mean_mean` alone, without an interval.

    Returns:
        `pairs`, a row per score, kind and pair of models: `score, kind, model_a, model_b, estimate, low,
            high, n` (runs of the model with fewer) `, detectable, above_one, reason`. The kind `reliability`
            is of one model: model_a = model_b.
        `summary`, a row per score and kind: `score, kind, estimate` (mean over pairs of models; for
            `reliability` over models) `, low, high, n, detectable, pairs, reason`.

    Raises:
        StudyError: a value is NaN or infinite.
    """
    pairs, summary = [], []
    for score, matrices in scores.items():
        of_score = _one_score(list(matrices), [_model(score, matrix) for matrix in matrices.values()])
        for frames, frame in zip((pairs, summary), of_score, strict=True):
            frame.insert(0, "score", score)
            frames.append(frame)
    return ModelCorrelation(pd.concat(pairs, ignore_index=True), pd.concat(summary, ignore_index=True))


def _model(score: str, matrix: np.ndarray) -> _Model:
    values = ranked_runs(score, matrix)
    runs, examples = values.shape
    none = np.empty((0, examples))
    if not runs:
        return _Model(0, np.full(examples, (examples + 1) / 2), np.nan, none, np.empty(0))
    ranks = mean_ranks(values, np.ones((1, runs), dtype=bool))[0]
    if runs < 2:
        return _Model(runs, ranks, np.nan, none, np.empty(0))
    of_two, of_two_without, _ = pair_means(spearman_matrix(values))
    reliability, without = (
        spearman_brown(np.where(pair > 0, pair, np.nan), count)
        for pair, count in ((of_two, runs), (of_two_without, runs - 1))
    )
    return _Model(
        runs, ranks, float(reliability), mean_ranks(values, all_but(runs, np.arange(runs))), without
    )


def _one_score(names: list[str], models: list[_Model]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of the pairs of models, and of their means."""
    first, second = np.triu_indices(len(models), 1)
    each = np.arange(len(models))
    means, reliability = _means(models, first, second), _reliabilities(models)
    kinds = {
        "mean_mean": (means, first, second),
        "disattenuated": (_divided(means, reliability, first, second), first, second),
        "reliability": (reliability, each, each),
    }
    frames, summary = [], []
    for kind, (numbers, a, b) in kinds.items():
        runs = np.array([model.runs for model in models])
        on_z = kind != "disattenuated"
        involved = [(a == m) | (b == m) for m in each]
        found = _interval(numbers, involved, np.minimum(runs[a], runs[b]), on_z)
        frame = pd.DataFrame({"kind": kind, "model_a": np.take(names, a), "model_b": np.take(names, b)})
        frame = frame.assign(**found._asdict())
        frame["above_one"] = (frame["estimate"] > 1) & (kind == "disattenuated")
        reason = np.where((runs[a] > 0) & (runs[b] > 0), NO_RELIABILITY, NO_ORDER)
        frame["reason"] = np.where(frame["estimate"].isna(), reason, "")
        frames.append(frame)
        summary.append(_summary(kind, numbers, frame, runs.min(), on_z))
    return pd.concat(frames, ignore_index=True), pd.DataFrame(summary)


def _means(models: list[_Model], first: np.ndarray, second: np.ndarray) -> _Numbers:
    """Correlation of the mean rankings of each pair of models."""
    ranks = np.array([model.ranks for model in models])
    whole = correlate_ranks(ranks, ranks)
    without = []
    for place, model in enumerate(models):
        squares = np.tile(whole, (len(model.ranks_without), 1, 1))
        squares[:, place] = squares[:, :, place] = correlate_ranks(model.ranks_without, ranks)
        without.append(squares[:, first, second])
    return _Numbers(whole[first, second], without)


def _reliabilities(models: list[_Model]) -> _Numbers:
    """Reliability of each model's mean."""
    value = np.array([model.reliability for model in models])
    without = []
    for place, model in enumerate(models):
        rows = np.tile(value, (len(model.reliability_without), 1))
        rows[:, place] = model.reliability_without
        without.append(rows)
    return _Numbers(value, without)


def _divided(means: _Numbers, reliability: _Numbers, first: np.ndarray, second: np.ndarray) -> _Numbers:
    """Correlations by the root of the product of the two models' reliabilities."""

    def divide(correlation: np.ndarray, trust: np.ndarray) -> np.ndarray:
        return correlation / np.sqrt(trust[..., first] * trust[..., second])

    without = [divide(c, trust) for c, trust in zip(means.without, reliability.without, strict=True)]
    return _Numbers(divide(means.value, reliability.value), without)


def _interval(numbers: _Numbers, involved: list[np.ndarray], n: np.ndarray, on_z: bool) -> Estimate:
    """Jackknives over the runs of each model that a number involves, added in squares.

    Args:
        involved: of each model (P,), whether a number depends on it: the others have no part, also where they
            have too few runs for a jackknife.
        n: (P,) what the table states.
        on_z: whether the interval is built on Fisher's z scale.
    """
    to_z = (lambda x: np.arctanh(np.clip(x, -_MOST, _MOST))) if on_z else (lambda x: x)
    squares, effects = np.zeros(numbers.value.shape), np.zeros(numbers.value.shape)
    for without, mask in zip(numbers.without, involved, strict=True):
        if not len(without):
            nothing = np.where(mask, np.nan, 0.0)
            squares, effects = squares + nothing, effects + nothing
            continue
        on_scale, plain = jackknife(to_z(numbers.value), to_z(without)), jackknife(numbers.value, without)
        squares = squares + np.where(mask, (on_scale.high - on_scale.estimate) ** 2, 0.0)
        effects = effects + np.where(mask, plain.detectable**2, 0.0)
    half, centre = np.sqrt(squares), to_z(numbers.value)
    back = np.tanh if on_z else (lambda x: x)
    return Estimate(numbers.value, back(centre - half), back(centre + half), n, np.sqrt(effects))


def _summary(kind: str, numbers: _Numbers, frame: pd.DataFrame, n: int, on_z: bool) -> dict:
    """The mean of what is defined."""
    known = np.isfinite(numbers.value)
    if not known.any():
        nothing = Estimate(np.nan, np.nan, np.nan, n)._asdict()
        return {"kind": kind, **nothing, "pairs": 0, "reason": next(iter(frame["reason"]), "one model alone")}
    mean = _Numbers(
        numbers.value[known].mean(keepdims=True),
        [part[:, known].mean(1, keepdims=True) for part in numbers.without],
    )
    found = _interval(mean, [np.array([True])] * len(mean.without), np.array([n]), on_z)
    fields = {field: value[0] for field, value in found._asdict().items()}
    return {"kind": kind, **fields, "pairs": int(known.sum()), "reason": ""}
